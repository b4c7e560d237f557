/** An engine with msilo on a network in memory, its database, and the phones that a test plays. */
import type { Row } from "../../../src/runtime/storage/storage.ts";
import { type Sent, type TestEngine, testEngine } from "../../support/engine.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { params, probe } from "../registrar/harness.ts";

/** Where stored messages are sent, and everybody's phone. */
export const PHONE = "10.0.0.1:5060";
export const BOB = "sip:bob@example.com";

type Settings = Record<string, string | number>;

export function siloConfig(settings: Settings = {}): string {
  return `
listen=udp:10.0.0.100:5060
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "probe.so"
loadmodule "db_memory.so"
loadmodule "msilo.so"
${params({ "msilo.db_url": "memory:", "msilo.outbound_proxy": `sip:${PHONE}`, ...settings })}
request_route {
  if (is_present_hf("X-Stored")) $avp(headers) = "X-Kept: " + $hdr(X-Stored) + "\\r\\n";
  if (is_present_hf("X-When")) $avp(when) = $hdr(X-When);
  if (is_present_hf("X-Quiet")) setflag(18);
  if (method == "MESSAGE") {
    if (is_present_hf("X-Owner")) $var(rc) = m_store("$hdr(X-Owner)");
    else $var(rc) = m_store();
    note("store $var(rc)");
    sl_send_reply("202", "Accepted");
    exit;
  }
  if (is_present_hf("X-Owner")) $var(rc) = m_dump("$hdr(X-Owner)");
  else $var(rc) = m_dump();
  note("dump $var(rc)");
  sl_send_reply("200", "OK");
}
`;
}

export interface MessageFields {
  readonly to?: string;
  readonly uri?: string;
  readonly from?: string;
  readonly type?: string;
  readonly body?: string;
  /** Whole header lines with CRLF. */
  readonly headers?: string;
}

/** The engine, and short ways to act as its surroundings. */
export class SiloEngine {
  readonly net: TestEngine;
  readonly store: MemoryStore;
  readonly notes: string[];
  #serial = 0;

  private constructor(net: TestEngine, store: MemoryStore, notes: string[]) {
    this.net = net;
    this.store = store;
    this.notes = notes;
  }

  static async start(settings: Settings = {}, store = new MemoryStore()): Promise<SiloEngine> {
    const notes: string[] = [];
    const net = await testEngine(siloConfig(settings), { modules: [probe(notes), store.module()] });
    return new SiloEngine(net, store, notes);
  }

  /** A MESSAGE that comes in; what the engine sends beside the reply. */
  async message(fields: MessageFields = {}): Promise<Sent[]> {
    const {
      to = BOB,
      from = "sip:alice@example.com",
      type = "text/plain",
      body = "hello",
    } = fields;
    const contentType = type === "" ? "" : `Content-Type: ${type}\r\n`;
    return this.#request("MESSAGE", fields.uri ?? to, {
      from: `"Al" <${from}>`,
      to: `<${to}>`,
      rest: `${contentType}${fields.headers ?? ""}Content-Length: ${body.length}\r\n\r\n${body}`,
    });
  }

  /** Code of the last call of a function. */
  get code(): string {
    return this.notes.at(-1) ?? "";
  }

  /** A REGISTER that comes in, whereupon stored messages are sent; the MESSAGEs that leave. */
  async register(headers = "Contact: <sip:bob@10.0.0.1>\r\n", user = BOB): Promise<Sent[]> {
    return this.#request("REGISTER", "sip:example.com", {
      from: `<${user}>`,
      to: `<${user}>`,
      rest: `${headers}Content-Length: 0\r\n\r\n`,
    });
  }

  /** The phone answers; what the engine sends then. */
  async answer(request: Sent | undefined, status: number): Promise<Sent[]> {
    if (request === undefined) throw new Error("there is no request to answer");
    const sent = await this.net.send(
      `SIP/2.0 ${status} X\r\nVia: ${request.header("Via")}\r\nFrom: ${request.header("From")}\r\n` +
        `To: ${request.header("To")};tag=phone\r\nCall-ID: ${request.header("Call-ID")}\r\n` +
        `CSeq: ${request.header("CSeq")}\r\nContent-Length: 0\r\n\r\n`,
      PHONE,
    );
    return messagesIn(sent);
  }

  /** Registers, and answers each MESSAGE in the same way, until none comes; their bodies. */
  async deliver(status = 200): Promise<string[]> {
    const bodies: string[] = [];
    let sent = await this.register();
    while (sent.length > 0) {
      bodies.push(...sent.map((one) => one.body));
      const next: Sent[] = [];
      for (const one of sent) next.push(...(await this.answer(one, status)));
      sent = next;
    }
    return bodies;
  }

  rows(): Row[] {
    return this.store.rows("silo");
  }

  statistic(name: string): number | undefined {
    return this.net.engine.services.statistics.read("msilo", name);
  }

  async #request(
    method: string,
    uri: string,
    parts: { readonly from: string; readonly to: string; readonly rest: string },
  ): Promise<Sent[]> {
    const serial = ++this.#serial;
    const sent = await this.net.send(
      `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP ${PHONE};branch=z9hG4bKm${serial}\r\n` +
        `Max-Forwards: 70\r\nFrom: ${parts.from};tag=f\r\nTo: ${parts.to}\r\n` +
        `Call-ID: m${serial}\r\nCSeq: ${serial} ${method}\r\n${parts.rest}`,
      PHONE,
    );
    return messagesIn(sent);
  }
}

/** Requests, each once. */
export function messagesIn(sent: readonly Sent[]): Sent[] {
  return sent.filter((one) => one.line.startsWith("MESSAGE "));
}
