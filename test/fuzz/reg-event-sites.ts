/** A follower and a presence server on networks in memory, asked thousands of times each. */
import { declareModule, implementModule } from "../../src/runtime/module.ts";
import { ReginfoReader } from "../../src/runtime/reginfo/read.ts";
import { type Contact, type UsrlocApi, usrloc } from "../../src/modules/usrloc/spec.ts";
import { parseMessage } from "../../src/sip/message.ts";
import { startCost } from "../support/cost.ts";
import { type TestEngine, testEngine } from "../support/engine.ts";

const ENGINE = "10.0.0.100";
const SERVER = "10.0.0.5";
const PHONE = "10.0.0.1";
const PORT = 5060;
const DOMAIN = "example.test";
/** The user that is followed and watched. */
const ALICE = `sip:alice@${DOMAIN}`;
/** Stands for all users of the domain. */
const EVERYBODY = `sip:all@${DOMAIN}`;
/** Contacts for one user, and in one document; what the engines are set up with. */
export const MOST_CONTACTS = 100;

/** What one case has brought. */
export interface Outcome {
  /** Status of the reply; 0 without one. */
  readonly status: number;
  /** Milliseconds from the packet to the end of everything that it set off. */
  readonly milliseconds: number;
}

/** The parts of a message that cases vary. */
export interface Envelope {
  readonly body: string;
  /** Value of Content-Length; null: no such header. */
  readonly length: string | null;
  readonly type: string | null;
}

/** An engine whose packets are looked at and forgotten. */
class Site {
  readonly net: TestEngine;
  #serial = 0;

  constructor(net: TestEngine) {
    this.net = net;
  }

  get serial(): number {
    return ++this.#serial;
  }

  /** Sends a packet and lets the engine do all that it does at once; what it sent, and how long it took. */
  async deliver(text: string, fromAddress: string): Promise<{ ms: number; sent: string[] }> {
    const { network, clock } = this.net;
    network.packets.length = 0;
    network.lost.length = 0;
    const cost = startCost();
    network.send({ text, fromAddress, fromPort: PORT, toAddress: ENGINE, toPort: PORT });
    await clock.settle();
    const ms = cost();
    return { ms, sent: this.sent() };
  }

  sent(): string[] {
    const own = this.net.network.packets.filter((one) => one.fromAddress === ENGINE);
    return own.map((one) => one.text);
  }

  /** Whatever of the log says that something went wrong on our side. */
  get faults(): string[] {
    return this.net.log.lines.filter((line) => line.level <= -1).map((line) => line.text);
  }
}

function statusOf(sent: readonly string[]): number {
  const reply = sent.find((text) => text.startsWith("SIP/2.0 "));
  return reply === undefined ? 0 : Number(reply.slice(8, 11));
}

/** A 200 to a request of the engine. */
function accept(request: string, extra: string): string {
  const parsed = parseMessage(request);
  if (!parsed.ok) throw new Error(`the engine sent what cannot be read: ${request}`);
  const { message } = parsed;
  const line = (name: string): string => `${name}: ${message.valueOf(name) ?? ""}`;
  const tag = message.toTag === "" ? ";tag=server" : "";
  return `SIP/2.0 200 OK\r\n${line("Via")}\r\n${line("From")}\r\n${line("To")}${tag}\r\n${line("Call-ID")}\r\n${line("CSeq")}\r\n${extra}Content-Length: 0\r\n\r\n`;
}

function bodyHeaders({ body, length, type }: Envelope): string {
  const lengthLine = length === null ? "" : `Content-Length: ${length}\r\n`;
  return `${type === null ? "" : `Content-Type: ${type}\r\n`}${lengthLine}\r\n${body}`;
}

const followerConfig = `
listen=udp:${ENGINE}:${PORT}
alias="${DOMAIN}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "pua.so"
loadmodule "pua_reginfo.so"
loadmodule "window.so"
modparam("usrloc", "use_domain", 1)
modparam("usrloc", "timer_interval", 1)
modparam("pua_reginfo", "publish_reginfo", 0)
modparam("pua_reginfo", "server_address", "sip:reginfo@${ENGINE}:${PORT}")
modparam("pua_reginfo", "outbound_proxy", "sip:${SERVER}:${PORT}")
modparam("pua_reginfo", "max_user_contacts", ${MOST_CONTACTS})
request_route {
  if (method == "REGISTER") { save("location"); exit; }
  if (method == "INFO") { reginfo_subscribe("$ru"); sl_send_reply("200", "OK"); exit; }
  if (method == "NOTIFY") {
    reginfo_handle_notify("location");
    sl_send_reply("$reginfo(status)", "$reginfo(reason)");
    exit;
  }
  if (lookup("location")) t_relay();
}
`;

const windowSpec = declareModule()({
  name: "window",
  doc: "Lets tests look into the location table.",
  needs: { usrloc },
});

/** An engine that follows alice, or her whole domain, and has a registration of hers of its own. */
export class FollowerSite extends Site {
  readonly #location: UsrlocApi;
  /** How often something has happened to a contact. */
  readonly changes: { count: number };
  readonly #followed: string;
  #to = "";
  #callId = "";

  private constructor(
    net: TestEngine,
    location: UsrlocApi,
    changes: { count: number },
    followed: string,
  ) {
    super(net);
    this.#followed = followed;
    this.#location = location;
    this.changes = changes;
  }

  static async start(follows: "alice" | "everybody"): Promise<FollowerSite> {
    const changes = { count: 0 };
    let location: UsrlocApi | undefined;
    const window = implementModule(windowSpec, ({ use }) => {
      location = use.usrloc;
      use.usrloc.listen({ changed: () => changes.count++ });
      return {};
    });
    const net = await testEngine(followerConfig, { modules: [window] });
    if (location === undefined) throw new Error("there is no location table");
    const site = new FollowerSite(net, location, changes, follows === "alice" ? ALICE : EVERYBODY);
    const registered = await site.#ask(
      "REGISTER",
      ALICE,
      `Contact: <sip:home@${PHONE}>;expires=90000\r\n`,
    );
    if (statusOf(registered) !== 200) throw new Error("there is no registration");
    const subscribe = (await site.#ask("INFO", site.#followed, "")).find((text) =>
      text.startsWith("SUBSCRIBE"),
    );
    if (subscribe === undefined) throw new Error("there is no subscription");
    const parsed = parseMessage(subscribe);
    if (!parsed.ok) throw new Error(subscribe);
    site.#to = parsed.message.valueOf("From") ?? "";
    site.#callId = parsed.message.callId;
    await site.#grant([subscribe]);
    return site;
  }

  async #ask(method: string, uri: string, headers: string): Promise<string[]> {
    const id = this.serial;
    const { sent } = await this.deliver(
      `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP ${PHONE}:${PORT};branch=z9hG4bKa${id}\r\n` +
        `Max-Forwards: 70\r\nFrom: <${ALICE}>;tag=f${id}\r\nTo: <${ALICE}>\r\n` +
        `Call-ID: a${id}\r\nCSeq: ${id} ${method}\r\n${headers}Content-Length: 0\r\n\r\n`,
      PHONE,
    );
    return sent;
  }

  /** Grants what subscriptions ask for. */
  async #grant(sent: readonly string[]): Promise<void> {
    const grant = `Expires: 90000\r\nContact: <sip:${SERVER}:${PORT}>\r\n`;
    for (const text of sent) {
      if (text.startsWith("SUBSCRIBE ")) await this.deliver(accept(text, grant), SERVER);
    }
  }

  /** A NOTIFY in the dialog of the subscription. */
  async notify(envelope: Envelope, state: string): Promise<Outcome> {
    const id = this.serial;
    const { ms, sent } = await this.deliver(
      `NOTIFY sip:reginfo@${ENGINE}:${PORT} SIP/2.0\r\nVia: SIP/2.0/UDP ${SERVER}:${PORT};branch=z9hG4bKn${id}\r\n` +
        `From: <${this.#followed}>;tag=server\r\nTo: ${this.#to}\r\nCall-ID: ${this.#callId}\r\n` +
        `CSeq: ${id} NOTIFY\r\nEvent: reg\r\nSubscription-State: ${state}\r\n` +
        `Contact: <sip:${SERVER}:${PORT}>\r\n${bodyHeaders(envelope)}`,
      SERVER,
    );
    await this.#grant(sent);
    return { status: statusOf(sent), milliseconds: ms };
  }

  /** A request to the user that is followed; what leaves for its contacts. */
  call(): Promise<string[]> {
    return this.#ask("MESSAGE", ALICE, "");
  }

  async pass(ms: number): Promise<void> {
    this.net.network.packets.length = 0;
    await this.net.clock.advance(ms);
    await this.#grant(this.sent());
  }

  contacts(): Contact[] {
    const list: Contact[] = [];
    for (const [, first] of this.#location.table("location").records()) {
      for (let one: Contact | null = first; one !== null; one = one.next) list.push(one);
    }
    return list;
  }

  /** Whether the subscription may bring contacts of an address of record. */
  mayHold(aor: string): boolean {
    return this.#followed === ALICE
      ? aor === `alice@${DOMAIN}`
      : aor === DOMAIN || aor.endsWith(`@${DOMAIN}`);
  }

  /** The whole table as a text. */
  dump(): string {
    return this.contacts()
      .map((one) => {
        const { ruid, aor, uri, expires, q, callId, cseq, userAgent, path, received } = one;
        const first = [ruid, aor, uri, expires, q, callId, cseq, userAgent, path, received];
        const { instance, regId, methods, displayName, features, modified, owner } = one;
        const more = [instance, regId, methods, displayName, features, modified, owner?.label];
        return `${first.join("|")}|${more.join("|")}`;
      })
      .sort()
      .join("\n");
  }
}

const presenceConfig = `
listen=udp:${ENGINE}:${PORT}
alias="${DOMAIN}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "presence.so"
loadmodule "presence_reginfo.so"
modparam("presence_reginfo", "max_contacts", ${MOST_CONTACTS})
request_route {
  t_newtran();
  if (method == "PUBLISH") handle_publish();
  if (method == "SUBSCRIBE") handle_subscribe();
  exit;
}
`;

/** A PUBLISH but for its body. */
export interface PublishFields {
  readonly resource: string;
  readonly event: string;
  readonly expires: string;
  readonly tag: string | undefined;
}

/** A presence server, and somebody who watches alice there. */
export class PresenceSite extends Site {
  /** Entity tags of what alice has published, as far as they are known to be in force. */
  readonly tags: string[] = [];
  readonly #reader = new ReginfoReader({
    bytes: 1_000_000,
    depth: 16,
    parts: 10_000,
    attributes: 64,
    nameLength: 256,
    valueLength: 10_000,
    contacts: MOST_CONTACTS,
    uriLength: 10_000,
  });

  static async start(): Promise<PresenceSite> {
    const site = new PresenceSite(await testEngine(presenceConfig));
    const { sent } = await site.deliver(
      `SUBSCRIBE ${ALICE} SIP/2.0\r\nVia: SIP/2.0/UDP ${PHONE}:${PORT};branch=z9hG4bKw\r\n` +
        `From: <sip:w@${DOMAIN}>;tag=w\r\nTo: <${ALICE}>\r\nCall-ID: w\r\nCSeq: 1 SUBSCRIBE\r\n` +
        `Contact: <sip:w@${PHONE}:${PORT}>\r\nEvent: reg\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n`,
      PHONE,
    );
    if (statusOf(sent) !== 200 || (await site.told(sent)) !== 1) {
      throw new Error("there is no watcher");
    }
    return site;
  }

  async publish(envelope: Envelope, fields: PublishFields): Promise<Outcome & { told: number }> {
    const id = this.serial;
    const tag = fields.tag === undefined ? "" : `SIP-If-Match: ${fields.tag}\r\n`;
    const { ms, sent } = await this.deliver(
      `PUBLISH ${fields.resource} SIP/2.0\r\nVia: SIP/2.0/UDP ${PHONE}:${PORT};branch=z9hG4bKp${id}\r\n` +
        `From: <${ALICE}>;tag=p${id}\r\nTo: <${ALICE}>\r\nCall-ID: p${id}\r\n` +
        `CSeq: ${id} PUBLISH\r\nEvent: ${fields.event}\r\nExpires: ${fields.expires}\r\n${tag}${bodyHeaders(envelope)}`,
      PHONE,
    );
    const status = statusOf(sent);
    const fresh = /\r\nSIP-ETag: (\S+)/.exec(sent.find((one) => one.startsWith("SIP/2.0")) ?? "");
    const used = this.tags.indexOf(fields.tag ?? "");
    if (used >= 0) this.tags.splice(used, 1);
    if (fresh?.[1] !== undefined && fields.resource === ALICE) this.tags.push(fresh[1]);
    return { status, milliseconds: ms, told: await this.told(sent) };
  }

  /** Answers NOTIFYs, and reads what they say; how many there were. */
  async told(sent: readonly string[]): Promise<number> {
    let count = 0;
    for (const text of sent) {
      if (!text.startsWith("NOTIFY ")) continue;
      count++;
      const read = this.#reader.read(text.slice(text.indexOf("\r\n\r\n") + 4));
      if (!read.ok) throw new Error(`the watcher cannot read this (${read.problem}): ${text}`);
      const aors = read.document.registrations.map(({ aor }) => aor);
      if (aors.join() !== ALICE) throw new Error(`the watcher hears of ${aors.join()}`);
      const after = await this.deliver(accept(text, ""), PHONE);
      count += await this.told(after.sent);
    }
    return count;
  }

  async pass(ms: number): Promise<void> {
    this.net.network.packets.length = 0;
    await this.net.clock.advance(ms);
    await this.told(this.sent());
  }

  /** All that is published as a text. */
  async dump(): Promise<string> {
    return JSON.stringify(await this.net.rpc("presence.presentity_list", "full"));
  }
}
