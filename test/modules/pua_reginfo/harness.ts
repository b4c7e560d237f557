/** An engine with pua_reginfo on a network in memory, and a presence server that a test plays. */
import { VirtualClock } from "../../../src/runtime/clock.ts";
import type { SipMessage } from "../../../src/sip/message.ts";
import { seededRandom, type Sent, type TestEngine, testEngine } from "../../support/engine.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { params, probe } from "../registrar/harness.ts";

/** Where the presence server is. */
export const SERVER = "10.0.0.5:5060";
export const ALICE = "sip:alice@example.test";

type Settings = Record<string, string | number>;

/** What engines that follow one another on one machine share. */
export interface Machine {
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
}

export function machine(): Machine {
  const clock = new VirtualClock();
  return { clock, store: new MemoryStore() };
}

/** Ends an engine as kill -9 does: what it has not written by now is not written. */
export function kill(on: Machine): void {
  on.store.disconnect();
}

/** Kills the engine on a machine, and starts another one there after so many milliseconds. */
export async function startAgain(
  on: Machine,
  settings: Settings = {},
  downMs = 0,
): Promise<ReginfoEngine> {
  kill(on);
  await on.clock.advance(downMs);
  return ReginfoEngine.startOn(on, settings);
}

export function reginfoConfig(settings: Settings = {}, modules: readonly string[] = []): string {
  return `
listen=udp:10.0.0.100:5060
alias="example.test"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "probe.so"
${modules.map((name) => `loadmodule "${name}.so"`).join("\n")}
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "pua.so"
loadmodule "pua_reginfo.so"
modparam("registrar", "use_path", 1)
modparam("registrar", "path_mode", 0)
modparam("registrar", "min_expires", 1)
modparam("registrar", "received_avp", "$avp(rcv)")
${params({
  "pua_reginfo.default_domain": "example.test",
  "pua_reginfo.server_address": "sip:reginfo@10.0.0.100:5060",
  "pua_reginfo.outbound_proxy": `sip:${SERVER}`,
  ...settings,
})}
request_route {
  if (method == "REGISTER") {
    if (is_present_hf("X-Silent")) reginfo_disable_publish();
    if (is_present_hf("X-Rcv")) $avp(rcv) = $hdr(X-Rcv);
    save("location");
    exit;
  }
  if (method == "MESSAGE") {
    if (is_present_hf("X-Exp")) $var(rc) = reginfo_subscribe("$hdr(X-Sub)", "$hdr(X-Exp)");
    else $var(rc) = reginfo_subscribe("$hdr(X-Sub)");
    note("sub $var(rc)");
    sl_send_reply("200", "OK");
    exit;
  }
  if (method == "NOTIFY") {
    $var(rc) = reginfo_handle_notify("location");
    note("notify $var(rc) $reginfo(status) $reginfo(problem)|$reginfo(resource)");
    sl_send_reply("$reginfo(status)", "$reginfo(reason)");
    exit;
  }
  if (method == "OPTIONS") {
    $var(rc) = lookup("location");
    note("lookup $var(rc)");
    if ($var(rc) > 0) targets();
    exit;
  }
}
`;
}

/** The engine, and short ways to act as its surroundings. */
export class ReginfoEngine {
  readonly net: TestEngine;
  readonly notes: string[];
  #serial = 0;

  private constructor(net: TestEngine, notes: string[]) {
    this.net = net;
    this.notes = notes;
  }

  static async start(settings: Settings = {}): Promise<ReginfoEngine> {
    const notes: string[] = [];
    const net = await testEngine(reginfoConfig(settings), { modules: [probe(notes)] });
    return new ReginfoEngine(net, notes);
  }

  /** Starts an engine whose pua has a database on this machine. */
  static async startOn(machine: Machine, settings: Settings = {}): Promise<ReginfoEngine> {
    const notes: string[] = [];
    const config = reginfoConfig({ "pua.db_url": "memory:", ...settings }, ["db_memory"]);
    const net = await testEngine(config, {
      modules: [probe(notes), machine.store.module()],
      clock: machine.clock,
      // Not the same identifiers as the engine before.
      random: seededRandom(machine.clock.now() + 1),
    });
    return new ReginfoEngine(net, notes);
  }

  /** Registers a contact; what the engine sends beside the reply. */
  async register(contact: string, fields: { aor?: string; extra?: string } = {}): Promise<Sent[]> {
    const { aor = ALICE, extra = "" } = fields;
    const sent = await this.#request("REGISTER", "sip:example.test", {
      to: aor,
      headers: `Contact: ${contact}\r\n${extra}`,
    });
    return sent.filter((one) => !one.line.startsWith("SIP/2.0"));
  }

  /** Lets the script subscribe; what it sends. */
  async subscribe(uri: string, expires?: number): Promise<Sent | undefined> {
    const more = expires === undefined ? "" : `X-Exp: ${expires}\r\n`;
    const sent = await this.#request("MESSAGE", ALICE, { headers: `X-Sub: ${uri}\r\n${more}` });
    return sent.find((one) => one.line.startsWith("SUBSCRIBE"));
  }

  /** What lookup finds for a user. */
  async lookup(uri = ALICE): Promise<string[]> {
    const before = this.notes.length;
    await this.#request("OPTIONS", uri, {});
    return this.notes.slice(before);
  }

  /** Answers a request of the engine. */
  async answer(request: Sent, status: number, headers = ""): Promise<Sent[]> {
    const { message } = request;
    const to = message.toTag === "" ? `${request.header("To")};tag=server` : request.header("To");
    return this.net.send(
      `SIP/2.0 ${status} X\r\nVia: ${request.header("Via")}\r\nFrom: ${request.header("From")}\r\n` +
        `To: ${to}\r\nCall-ID: ${message.callId}\r\nCSeq: ${request.header("CSeq")}\r\n` +
        `${headers}Content-Length: 0\r\n\r\n`,
      SERVER,
    );
  }

  /** Lets time pass until the engine sends something by itself. */
  async nextRequest(): Promise<Sent> {
    for (let i = 0; i < 1000; i++) {
      const [first] = await this.net.advance(10_000);
      if (first !== undefined) return first;
    }
    throw new Error("the engine sends nothing");
  }

  /** Answers a SUBSCRIBE as a notifier does. */
  accept(subscribe: Sent, expires = 3600): Promise<Sent[]> {
    return this.answer(subscribe, 200, `Expires: ${expires}\r\nContact: <sip:${SERVER}>\r\n`);
  }

  /** Sends a NOTIFY for a subscription; the status of the answer, and the last note. */
  async notify(
    subscribe: Sent,
    body: string,
    fields: NotifyFields = {},
  ): Promise<[number, string]> {
    const text = notifyText(subscribe.message, body, { cseq: ++this.#serial, ...fields });
    const sent = await this.net.send(text, SERVER);
    const reply = sent.find((one) => one.line.startsWith("SIP/2.0"));
    return [Number(reply?.line.split(" ")[1]), this.notes.at(-1) ?? ""];
  }

  async #request(
    method: string,
    uri: string,
    fields: { to?: string; headers?: string },
  ): Promise<Sent[]> {
    const n = ++this.#serial;
    return this.net.send(
      `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKt${n}\r\n` +
        `From: <${fields.to ?? "sip:t@x"}>;tag=f\r\nTo: <${fields.to ?? uri}>\r\nCall-ID: call-of-phone\r\n` +
        `CSeq: ${n} ${method}\r\n${fields.headers ?? ""}Content-Length: 0\r\n\r\n`,
    );
  }
}

export interface NotifyFields {
  cseq?: number;
  state?: string;
  extra?: string;
  /** Value of Content-Length; null: no such header. */
  length?: number | null;
  type?: string;
  callId?: string;
}

/** A NOTIFY in the dialog of a SUBSCRIBE. */
export function notifyText(subscribe: SipMessage, body: string, fields: NotifyFields): string {
  const {
    cseq = 1,
    state = "active;expires=3600",
    extra = "",
    type = "application/reginfo+xml",
  } = fields;
  const length = fields.length === undefined ? body.length : fields.length;
  return (
    `NOTIFY sip:reginfo@10.0.0.100:5060 SIP/2.0\r\nVia: SIP/2.0/UDP ${SERVER};branch=z9hG4bKn${cseq}\r\n` +
    `From: <${subscribe.to?.uriText ?? ""}>;tag=server\r\nTo: ${subscribe.value(2) ?? ""}\r\n` +
    `Call-ID: ${fields.callId ?? subscribe.callId}\r\nCSeq: ${cseq} NOTIFY\r\nEvent: reg\r\n` +
    `Subscription-State: ${state}\r\nContact: <sip:${SERVER}>\r\n${body === "" ? "" : `Content-Type: ${type}\r\n`}` +
    `${extra}${length === null ? "" : `Content-Length: ${length}\r\n`}\r\n${body}`
  );
}
