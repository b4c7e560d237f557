/** Sending without a transaction: where things go, from which socket, and with which Via. */
import {
  buildForwardedReply,
  buildReply,
  buildRequest,
  needsReceived,
  type ViaStamp,
} from "../sip/build.ts";
import { quote } from "../sip/chars.ts";
import { Header } from "../sip/headers.ts";
import type { SipMessage } from "../sip/message.ts";
import type { Via } from "../sip/via.ts";
import type { ScriptContext, SendContext } from "./context.ts";
import type { CoreCounters } from "./core-counters.ts";
import type { HookLists } from "./hooks.ts";
import { targetOf } from "./next-hop.ts";
import type { ResolvedTargets, Sender, Services } from "./services.ts";
import type { SocketChoice } from "./socket-choice.ts";
import { statelessBranch } from "./stateless-branch.ts";
import type { Destination, ListenSocket, Proto } from "./transport.ts";

/** Codes that `forward()` gives back, as Kamailio's. */
const Failed = { noSocket: -7, dropped: -1, notResolved: -478 } as const;

/** Where a script wants a request to go. */
interface ForwardTarget {
  readonly host: string;
  readonly port?: number | undefined;
  readonly proto?: Proto | undefined;
}

/** The engine's sender. */
export class StatelessSender implements Sender {
  readonly #services: Services;
  readonly #sockets: SocketChoice;
  readonly #hooks: HookLists;
  readonly #counters: CoreCounters;
  /** `SIP/2.0/UDP host:port;branch=` by socket. */
  readonly #viaStarts: string[] = [];
  #repliesToVia = false;
  #warns = false;

  constructor(services: Services, sockets: SocketChoice, hooks: HookLists, counters: CoreCounters) {
    this.#services = services;
    this.#sockets = sockets;
    this.#hooks = hooks;
    this.#counters = counters;
    watch(services, "reply_to_via", (on) => (this.#repliesToVia = on));
    watch(services, "sip_warning", (on) => (this.#warns = on));
  }

  /** RFC 3261, 18.2.2 and RFC 3581, 4. As Kamailio: to the address that the request came from, whatever maddr says. */
  replyDestination(context: ScriptContext): Destination {
    const via = context.msg.via as Via;
    const toSource = context.forceRport || via.rport >= 0;
    let address = context.sourceAddress;
    if (this.#repliesToVia && !toSource && isAddress(via.host)) address = bare(via.host);
    return {
      address,
      port: toSource ? context.sourcePort : via.port === 0 ? 5060 : via.port,
      proto: context.socket.proto,
      socket: context.socket,
    };
  }

  stamp(context: ScriptContext): ViaStamp {
    const via = context.msg.via as Via;
    return {
      received: needsReceived(via, context.sourceAddress) ? context.sourceAddress : "",
      rport: context.forceRport || via.rport >= 0 ? context.sourcePort : 0,
    };
  }

  /** RFC 3261, 20.43: what this server made of the request, for those who look for faults. */
  warning(context: ScriptContext): string | undefined {
    if (!this.#warns) return undefined;
    const { socket, sourceAddress, sourcePort, msg } = context;
    const tells =
      `source=${sourceAddress}:${sourcePort} in_uri=${msg.requestUri} out_uri=${context.uri} ` +
      `via_cnt=${msg.vias().length}`;
    return `Warning: 392 ${socket.viaHost}:${socket.viaPort} ${quote(tells)}`;
  }

  replyStateless(context: ScriptContext, status: number, reason: string, toTag: string): void {
    if (!canBeAnswered(context.msg)) {
      this.#counters.failedRequests.value++;
      return;
    }
    const { headers, body } = replyParts(context);
    const text = buildReply(context.msg, {
      status,
      reason,
      toTag,
      stamp: this.stamp(context),
      headers,
      server: this.#services.serverLine,
      body: body ?? undefined,
      warning: this.warning(context),
    });
    const to = this.replyDestination(context);
    to.socket.send(text, to.port, to.address);
    for (const notice of this.#hooks.localReplies) notice(context, status, text);
  }

  forwardStateless(context: ScriptContext, destination?: ForwardTarget): number | Promise<number> {
    const target = destination ?? targetOf(context);
    if (target === undefined) {
      this.#counters.badUris.value++;
      return Failed.notResolved;
    }
    const found = this.#services.resolver.resolve(target.host, target.port, target.proto);
    if (!isPromise(found)) return this.#forwardTo(context, found);
    return found.then((targets) => this.#forwardTo(context, targets));
  }

  /** RFC 3261, 16.11: to where the second Via says (18.2.2). */
  forwardReply(context: ScriptContext): void {
    const via = context.msg.secondVia;
    if (via === undefined || via === null) {
      // It was for a request of ours, or nobody's.
      this.#counters.failedReplies.value++;
      return;
    }
    const host = via.maddr === "" ? (via.received === "" ? via.host : via.received) : via.maddr;
    const port = via.rport > 0 ? via.rport : via.port;
    const proto = via.transport.toLowerCase() as Proto;
    const found = this.#services.resolver.resolve(host, port === 0 ? undefined : port, proto);
    if (isPromise(found)) void found.then((targets) => this.#sendReply(context, targets));
    else this.#sendReply(context, found);
  }

  beforeSend(context: ScriptContext, send: SendContext, text: string): boolean {
    const { routes } = this.#services;
    if (!routes.has("onsend", "0")) return true;
    const scope = context.scope;
    const wasDropped = context.dropped;
    context.scope = "onsend";
    context.sending = { send, text };
    context.dropped = false;
    // Only functions that do not wait are allowed there: there is nothing to wait for.
    void routes.run("onsend", "0", context);
    const isDropped = context.dropped;
    context.scope = scope;
    context.sending = null;
    context.dropped = wasDropped;
    return !isDropped;
  }

  socketFor(
    context: ScriptContext | undefined,
    proto: Proto,
    address: string,
  ): ListenSocket | undefined {
    return this.#sockets.find(context, proto, address);
  }

  via(socket: ListenSocket, branch: string, withRport: boolean, context?: ScriptContext): string {
    let start: string;
    if (context !== undefined && (context.advertisedHost !== null || context.advertisedPort > 0)) {
      const port = context.advertisedPort > 0 ? context.advertisedPort : socket.viaPort;
      start = viaStart(socket.proto, context.advertisedHost ?? socket.viaHost, port);
    } else {
      start = this.#viaStarts[socket.index] ??= viaStart(
        socket.proto,
        socket.viaHost,
        socket.viaPort,
      );
    }
    return withRport ? `${start}${branch};rport` : start + branch;
  }

  #forwardTo(context: ScriptContext, targets: ResolvedTargets): number {
    const target = targets[0];
    if (target === undefined) {
      this.#counters.failedRequests.value++;
      return Failed.notResolved;
    }
    const socket = this.#sockets.find(context, target.proto, target.address);
    if (socket === undefined) {
      this.#counters.failedRequests.value++;
      return Failed.noSocket;
    }
    const send: SendContext = {
      address: target.address,
      port: target.port,
      proto: target.proto,
      socket,
      branch: 0,
    };
    const branch = statelessBranch(context);
    const text = buildRequest(
      context.msg,
      {
        via: `Via: ${this.via(socket, branch, context.addLocalRport, context)}`,
        uri: context.newUri ?? undefined,
        stamp: this.stamp(context),
        edits: context.editsIfAny ?? undefined,
      },
      send,
    );
    if (!this.beforeSend(context, send, text)) return Failed.dropped;
    socket.send(text, target.port, target.address);
    this.#counters.forwardedRequests.value++;
    return 1;
  }

  #sendReply(context: ScriptContext, targets: ResolvedTargets): void {
    const target = targets[0];
    const socket =
      target === undefined ? undefined : this.#sockets.find(context, target.proto, target.address);
    if (target === undefined || socket === undefined) {
      this.#counters.failedReplies.value++;
      return;
    }
    const send: SendContext = {
      address: target.address,
      port: target.port,
      proto: target.proto,
      socket,
      branch: 0,
    };
    const text = buildForwardedReply(context.msg, context.editsIfAny ?? undefined, send);
    socket.send(text, target.port, target.address);
    this.#counters.forwardedReplies.value++;
  }
}

/** As Kamailio: what lacks a header that a reply repeats (RFC 3261, 8.2.6.2), or has an unreadable one, gets none. */
function canBeAnswered(msg: SipMessage): boolean {
  return (
    msg.headerProblem === undefined &&
    msg.find(Header.From) >= 0 &&
    msg.find(Header.CallId) >= 0 &&
    msg.find(Header.CSeq) >= 0 &&
    Boolean(msg.to)
  );
}

/** Header lines and body that the script gave to replies. */
function replyParts(context: ScriptContext): { headers: string; body: string | null } {
  const lines = context.replyHeaders;
  const headers = lines.length === 0 ? "" : lines.length === 1 ? (lines[0] ?? "") : lines.join("");
  return { headers, body: context.replyBody };
}

/** The port is left out where it is the usual one of the protocol. */
function viaStart(proto: Proto, host: string, port: number): string {
  const usual = proto === "tls" || proto === "wss" ? 5061 : 5060;
  const portText = port === usual ? "" : `:${port}`;
  return `SIP/2.0/${proto.toUpperCase()} ${host}${portText};branch=`;
}

/** Keeps up with a switch among the global parameters. */
function watch(services: Services, name: string, change: (isOn: boolean) => void): void {
  services.globals.watch(name, (value) => change(Number(value) !== 0));
}

function isAddress(host: string): boolean {
  return host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

function bare(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return value instanceof Promise;
}
