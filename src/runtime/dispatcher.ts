/** What happens to a packet that came in: from the socket to the script and, for replies, on to where they go. */
import { Header } from "../sip/headers.ts";
import { isKeepalive, parseMessage, SipMessage } from "../sip/message.ts";
import type { Via } from "../sip/via.ts";
import { ScriptContext } from "./context.ts";
import type { CoreCounters } from "./core-counters.ts";
import { traceOf } from "./errors.ts";
import type { HookLists } from "./hooks.ts";
import { clampLevel } from "./log.ts";
import type { LogLevel, Services } from "./services.ts";
import type { ListenSocket, Packet } from "./transport.ts";

/** Which of the script's routes exist; asked once. */
interface KnownRoutes {
  readonly request: boolean;
  readonly reply: boolean;
  readonly parseError: boolean;
  readonly preRouting: boolean;
}

/** Packets that are kept while the engine starts; as with a full buffer of a socket, later ones are lost. */
const mostHeld = 10_000;

/** Between two lines about packets that cannot be read. */
const pauseBetweenLinesMs = 1000;

/** Hands packets to the script. One for each engine. */
export class Dispatcher {
  readonly #services: Services;
  readonly #hooks: HookLists;
  readonly #counters: CoreCounters;
  /** Longest packet that is looked at, bytes. */
  readonly #maxLength: number;
  #routes: KnownRoutes = {
    request: false,
    reply: false,
    parseError: false,
    preRouting: false,
  };
  /** Global parameters that are asked for each message. */
  #checksVia = false;
  #forcesRport = false;
  #asksRport = false;
  #unreadableLevel: LogLevel = -1;
  /** When a line about an unreadable packet may be written again, and how many were not told of. */
  #nextLineAt = 0;
  #untold = 0;
  /** Reused: contexts copy from it. */
  readonly #packet: Packet;
  /** Packets that came before the engine was ready; null: it is. */
  #held: Packet[] | null = null;

  constructor(services: Services, hooks: HookLists, counters: CoreCounters, maxLength = 65_535) {
    this.#services = services;
    this.#hooks = hooks;
    this.#counters = counters;
    this.#maxLength = maxLength;
    const watch = (name: string, change: (value: number) => void): void =>
      services.globals.watch(name, (value) => change(Number(value)));
    watch("check_via", (value) => (this.#checksVia = value !== 0));
    watch("force_rport", (value) => (this.#forcesRport = value !== 0));
    watch("local_rport", (value) => (this.#asksRport = value !== 0));
    watch("corelog", (value) => (this.#unreadableLevel = clampLevel(value)));
    this.#packet = {
      text: "",
      sourceAddress: "",
      sourcePort: 0,
      socket: undefined as unknown as ListenSocket,
    };
  }

  /** Looks up which routes the script has: after linking, and after it was replaced. */
  refreshRoutes(): void {
    const { routes } = this.#services;
    this.#routes = {
      request: routes.has("request", "0"),
      reply: routes.has("onreply", "0"),
      parseError: routes.has("event", "core:receive-parse-error"),
      preRouting: routes.has("event", "core:pre-routing"),
    };
  }

  /** Keeps packets until `release`: while modules read what they had stored. */
  hold(): void {
    this.#held ??= [];
  }

  /** Hands on what was kept, in order. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const { text, sourcePort, sourceAddress, socket } of held) {
      void this.receive(text, sourcePort, sourceAddress, socket);
    }
  }

  /** Takes one packet; a promise when its script waits for something. Never throws. */
  receive(text: string, port: number, address: string, socket: ListenSocket): void | Promise<void> {
    if (this.#held !== null) {
      const isRoom = this.#held.length < mostHeld;
      if (isRoom) this.#held.push({ text, sourcePort: port, sourceAddress: address, socket });
      return;
    }
    const packet = this.#packet;
    packet.sourceAddress = address;
    packet.sourcePort = port;
    packet.socket = socket;
    try {
      return this.#receive(text);
    } catch (error) {
      this.#fault(error);
    }
  }

  #receive(text: string): void | Promise<void> {
    if (text.length <= 64 && isKeepalive(text)) return;
    if (text.length > this.#maxLength) {
      this.#counters.badMessages.value++;
      return;
    }
    const parsed = parseMessage(text);
    if (!parsed.ok) return this.#unreadable(text, parsed.problem);
    if (!isComplete(parsed.message)) return this.#incomplete();
    return parsed.message.isRequest ? this.#request(parsed.message) : this.#reply(parsed.message);
  }

  #request(message: SipMessage): void | Promise<void> {
    this.#counters.request(message.method);
    const context = new ScriptContext(this.#services, "request", message, this.#packet);
    if (this.#forcesRport) context.forceRport = true;
    if (this.#asksRport) context.addLocalRport = true;
    for (const check of this.#hooks.requestChecks) {
      if (!check(context)) {
        this.#counters.droppedRequests.value++;
        return;
      }
    }
    if (this.#routes.preRouting) {
      const code = this.#services.routes.run("event", "core:pre-routing", context);
      if (typeof code !== "number") return this.#preRoutingLater(code, context);
      if (context.dropped) {
        this.#counters.droppedRequests.value++;
        return;
      }
    }
    return this.#runRequest(context);
  }

  async #preRoutingLater(code: Promise<number>, context: ScriptContext): Promise<void> {
    try {
      await code;
      if (context.dropped) this.#counters.droppedRequests.value++;
      else await this.#runRequest(context);
    } catch (error) {
      this.#fault(error);
    }
  }

  #runRequest(context: ScriptContext): void | Promise<void> {
    if (this.#routes.request) {
      const code = this.#services.routes.run("request", "0", context);
      if (typeof code !== "number") return this.#requestLater(code, context);
      this.#requestEnd(context, code);
      return;
    }
    this.#requestEnd(context, 1);
  }

  async #requestLater(code: Promise<number>, context: ScriptContext): Promise<void> {
    try {
      this.#requestEnd(context, await code);
    } catch (error) {
      this.#fault(error);
    }
  }

  #requestEnd(context: ScriptContext, code: number): void {
    if (code < 0) this.#counters.failedRequests.value++;
    for (const notice of this.#hooks.requestEnds) notice(context);
  }

  #reply(message: SipMessage): void | Promise<void> {
    this.#counters.reply(message.statusCode, message.cseqMethod);
    if (this.#checksVia && !this.#isOwnVia(message)) {
      this.#counters.droppedReplies.value++;
      return;
    }
    const context = new ScriptContext(this.#services, "reply", message, this.#packet);
    for (const check of this.#hooks.replyChecks) {
      if (!check(context)) {
        this.#counters.droppedReplies.value++;
        return;
      }
    }
    if (this.#routes.reply) {
      const code = this.#services.routes.run("onreply", "0", context);
      if (typeof code !== "number") return this.#replyLater(code, context);
      if (context.dropped) {
        this.#counters.droppedReplies.value++;
        return;
      }
    }
    return this.#deliverReply(context, 0);
  }

  async #replyLater(code: Promise<number>, context: ScriptContext): Promise<void> {
    try {
      await code;
      if (context.dropped) this.#counters.droppedReplies.value++;
      else await this.#deliverReply(context, 0);
    } catch (error) {
      this.#fault(error);
    }
  }

  /** Offers the reply to the transaction layer; what belongs to no transaction goes on statelessly (RFC 3261, 16.7). */
  #deliverReply(context: ScriptContext, from: number): void | Promise<void> {
    const handlers = this.#hooks.replyHandlers;
    for (let i = from; i < handlers.length; i++) {
      const handled = handlers[i]?.(context) ?? false;
      if (handled === true) return;
      if (handled !== false) return this.#deliverReplyLater(handled, context, i + 1);
    }
    this.#services.sender.forwardReply(context);
  }

  async #deliverReplyLater(
    handled: Promise<boolean>,
    context: ScriptContext,
    next: number,
  ): Promise<void> {
    try {
      if (!(await handled)) await this.#deliverReply(context, next);
    } catch (error) {
      this.#fault(error);
    }
  }

  /** As Kamailio: what is no SIP message is counted and gets no answer. */
  #unreadable(text: string, problem: string): void | Promise<void> {
    this.#counters.badMessages.value++;
    this.#tellUnreadable(problem);
    if (!this.#routes.parseError || problem === "no-via" || problem === "bad-via") return;
    const context = new ScriptContext(this.#services, "event", new SipMessage(text), this.#packet);
    const code = this.#services.routes.run("event", "core:receive-parse-error", context);
    if (typeof code !== "number") return code.then(ignore, (error: unknown) => this.#fault(error));
  }

  /** As Kamailio: no route sees it and nobody is told. */
  #incomplete(): void {
    this.#counters.badMessages.value++;
    this.#tellUnreadable("incomplete");
  }

  /** One line in a while: a peer must not be able to fill the log. */
  #tellUnreadable(problem: string): void {
    const { log, clock } = this.#services;
    const now = clock.now();
    if (!log.enabled(this.#unreadableLevel)) return;
    if (now < this.#nextLineAt) {
      this.#untold++;
      return;
    }
    const { sourceAddress, sourcePort } = this.#packet;
    const more = this.#untold === 0 ? "" : ` (and ${this.#untold} more since the last line)`;
    const where = `${sourceAddress}:${sourcePort}`;
    log.log(this.#unreadableLevel, `packet from ${where} not understood: ${problem}${more}`);
    this.#untold = 0;
    this.#nextLineAt = now + pauseBetweenLinesMs;
  }

  #isOwnVia(message: SipMessage): boolean {
    const via = message.via as Via;
    return this.#services.isMyself(via.host, via.port === 0 ? 5060 : via.port, undefined);
  }

  #fault(error: unknown): void {
    this.#counters.faults.value++;
    const reason = traceOf(error);
    this.#services.log.log(-4, `a message could not be processed: ${reason}`);
  }
}

/** Whether the headers are there by which a message is told from others (RFC 3261, 8.1.1). */
function isComplete(message: SipMessage): boolean {
  return (
    (Boolean(message.cseq) || hasMethodInCseq(message)) &&
    message.find(Header.From) >= 0 &&
    message.find(Header.To) >= 0 &&
    message.find(Header.CallId) >= 0
  );
}

/** A number that is out of range is for the script to judge (`sanity_check`); a CSeq without a method is none. */
function hasMethodInCseq(message: SipMessage): boolean {
  return /^\d+\s+\S/.test(message.value(Header.CSeq) ?? "");
}

function ignore(): void {}
