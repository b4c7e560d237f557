/** Several engines on one network in memory, with one clock: what they send to each other arrives by itself. */
import { createEngine } from "../../src/modules/create-engine.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import { TableDns } from "../../src/runtime/dns-client.ts";
import type { Engine, EngineOptions } from "../../src/runtime/engine-options.ts";
import { MemoryLog } from "../../src/runtime/log.ts";
import {
  type MemoryNode,
  type MemoryPacket,
  MemoryNetwork,
} from "../../src/runtime/memory-network.ts";
import type { Transport } from "../../src/runtime/transport.ts";
import type { Contact, UsrlocApi } from "../../src/modules/usrloc/spec.ts";
import { seededRandom } from "./engine.ts";

/** Rounds without a packet after which nothing is on its way any more. */
const QUIET_ROUNDS = 3;

/** An engine of the site. */
export interface SiteEngine {
  readonly engine: Engine;
  readonly transport: Transport;
  readonly log: MemoryLog;
}

/** What a request of a phone brought: its replies and everything else that was sent meanwhile. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly packets: readonly MemoryPacket[];
}

/** The network with its engines and phones. */
export class Site {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork(this.clock);
  readonly #engines = new Set<SiteEngine>();
  #seed = 1;
  #serial = 0;

  /** Starts an engine; each has random numbers of its own. */
  async start(options: EngineOptions): Promise<SiteEngine> {
    const log = new MemoryLog();
    const transport = this.network.transport();
    const engine = await createEngine({
      transport,
      clock: this.clock,
      log,
      dns: new TableDns(),
      random: seededRandom(this.#seed++),
      ...options,
    });
    const faults = engine.diagnostics.filter((one) => one.severity === "error");
    if (faults.length > 0) throw new Error(faults.map((one) => one.message).join("\n"));
    await engine.start();
    const member = { engine, transport, log };
    this.#engines.add(member);
    await this.settle();
    return member;
  }

  /** A phone, or another peer, that answers nothing by itself. */
  node(address: string, port: number): MemoryNode {
    return this.network.node(address, port);
  }

  /** Lets everything arrive that is on its way. */
  async settle(): Promise<void> {
    for (let quiet = 0, rounds = 0; quiet < QUIET_ROUNDS; rounds++) {
      if (rounds > 10_000) throw new Error("it never ends");
      const before = this.network.packets.length;
      await this.clock.settle();
      quiet = this.network.packets.length === before ? quiet + 1 : 0;
    }
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  /** Ends an engine as a crash does: nothing is said to anybody, and nothing of it arrives or leaves. */
  crash(member: SiteEngine): void {
    this.#engines.delete(member);
    for (const { address, port } of member.engine.sockets) this.network.detach(address, port);
    member.transport.intercept?.(() => undefined);
  }

  /** Stops an engine; what it waits for comes with the clock. */
  async stop(member: SiteEngine): Promise<void> {
    this.#engines.delete(member);
    const stopped = member.engine.stop();
    await this.settle();
    await this.clock.advance(60_000);
    await stopped;
  }

  async stopAll(): Promise<void> {
    for (const member of this.#engines) await this.stop(member);
  }

  /** Sends a request of a phone to `address:port`, and waits until all is quiet. */
  async ask(phone: MemoryNode, to: string, request: RequestFields): Promise<Answered> {
    const start = this.network.packets.length;
    const had = phone.packets.length;
    const [address = "", port = ""] = to.split(":");
    phone.send(requestText(phone, request, ++this.#serial), address, Number(port));
    await this.settle();
    const replies = phone.packets.slice(had).filter(({ text }) => text.startsWith("SIP/2.0"));
    const text = replies.at(-1)?.text ?? "";
    const status = Number(text.split(" ")[1] ?? 0);
    return { status, text, packets: this.network.packets.slice(start) };
  }
}

export interface RequestFields {
  readonly method: string;
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly callId?: string;
  /** Whole header lines with CRLF. */
  readonly headers?: string;
  readonly body?: string;
}

function requestText(phone: MemoryNode, fields: RequestFields, serial: number): string {
  const { method, uri, from, to, headers = "", body = "" } = fields;
  return (
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP ${phone.address}:${phone.port};branch=z9hG4bKs${serial}\r\n` +
    `Max-Forwards: 70\r\nFrom: <${from}>;tag=f\r\nTo: <${to}>\r\n` +
    `Call-ID: ${fields.callId ?? `site${serial}`}\r\nCSeq: ${serial} ${method}\r\n` +
    `${headers}Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

/** Contacts of an engine's table, sorted; those learnt from another server in brackets. */
export function contactsOf(member: SiteEngine, aor: string): string[] {
  const location = member.engine.services.api("usrloc") as UsrlocApi;
  const uris: string[] = [];
  let contact: Contact | null = location.table("location").first(aor) ?? null;
  for (; contact !== null; contact = contact.next) {
    if (!contact.isValid(location.now())) continue;
    uris.push(contact.owner === null ? contact.uri : `(${contact.uri})`);
  }
  return uris.sort();
}

/** First lines of packets with where they went: `127.0.0.1:5060 NOTIFY`, replies as `… 200`. */
export function flow(packets: readonly MemoryPacket[]): string[] {
  return packets.map(({ text, toAddress, toPort }) => {
    const words = text.slice(0, 60).split(" ");
    const what = words[0] === "SIP/2.0" ? words[1] : words[0];
    return `${toAddress}:${toPort} ${what}`;
  });
}
