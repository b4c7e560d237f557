/** A registrar that tells watchers itself, on a network in memory. */
import type { VirtualClock } from "../../../src/runtime/clock.ts";
import { type Sent, seededRandom, type TestEngine, testEngine } from "../../support/engine.ts";
import type { MemoryStore } from "../../support/memory-database.ts";
import { Watcher } from "../../support/watcher.ts";
import { params } from "../registrar/harness.ts";

export const ALICE = "sip:alice@example.test";

export type Settings = Record<string, string | number>;

/** A configuration; changes are told at once unless a test says otherwise. */
export function notifierConfig(settings: Settings = {}, hasStore = false): string {
  const all = { "reginfo.notify_interval": 0, "usrloc.timer_interval": 1, ...settings };
  return `
listen=udp:10.0.0.100:5060
alias="example.test"
alias="other.test"
${hasStore ? 'loadmodule "db_memory.so"' : ""}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "reginfo.so"
${params(all)}
request_route {
  if (method == "REGISTER") { save("location"); exit; }
  if (method == "SUBSCRIBE") {
    if (!is_present_hf("X-No-Transaction")) t_newtran();
    if (is_present_hf("X-Trusted")) reginfo_allow_watcher();
    if (is_present_hf("X-Identity")) reginfo_handle_subscribe("location", "$hdr(X-Identity)");
    else reginfo_handle_subscribe("location");
    exit;
  }
  if (method == "OPTIONS") {
    if (reginfo_has_watchers("location", "$ru")) sl_send_reply("200", "Watched");
    else sl_send_reply("404", "Nobody");
  }
}
`;
}

function startEngine(
  settings: Settings,
  store: MemoryStore | undefined,
  seed: number,
  clock?: VirtualClock,
): Promise<TestEngine> {
  const modules = store === undefined ? [] : [store.module()];
  const options = { modules, random: seededRandom(seed) };
  const config = notifierConfig(settings, store !== undefined);
  return testEngine(config, clock === undefined ? options : { ...options, clock });
}

export interface RegisterFields {
  readonly aor?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly expires?: number;
  readonly extra?: string;
}

/** The engine with short ways to ask it. */
export class NotifierEngine {
  net: TestEngine;
  readonly #settings: Settings;
  readonly #store: MemoryStore | undefined;
  #cseq = 0;
  #starts = 1;

  private constructor(net: TestEngine, settings: Settings, store: MemoryStore | undefined) {
    this.net = net;
    this.#settings = settings;
    this.#store = store;
  }

  /** Starts an engine; `store` is its database `memory:`. */
  static async start(settings: Settings = {}, store?: MemoryStore): Promise<NotifierEngine> {
    return new NotifierEngine(await startEngine(settings, store, 1), settings, store);
  }

  /** Ends the engine without a word, or cleanly, and starts another one with the same database after some time. */
  async restart(how: "crash" | "stop", downMs: number, ...watchers: Watcher[]): Promise<void> {
    const { clock } = this.net;
    if (how === "stop") {
      const stopped = this.net.stop();
      for (const watcher of watchers) await watcher.take(await this.net.advance(0));
      await stopped;
    }
    this.#store?.disconnect();
    await clock.advance(downMs);
    this.net = await startEngine(this.#settings, this.#store, ++this.#starts, clock);
    for (const watcher of watchers) watcher.net = this.net;
  }

  /** Sends a REGISTER; everything that the engine sends. Without contacts it asks only. */
  register(contacts: string, fields: RegisterFields = {}): Promise<Sent[]> {
    const { aor = ALICE, callId = "reg1", cseq = ++this.#cseq, expires = 600, extra = "" } = fields;
    return this.net.send(
      `REGISTER sip:example.test SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK${callId}${cseq}\r\n` +
        `From: <${aor}>;tag=f\r\nTo: <${aor}>\r\nCall-ID: ${callId}\r\nCSeq: ${cseq} REGISTER\r\n` +
        `${contacts === "" ? "" : `Contact: ${contacts}\r\n`}Expires: ${expires}\r\n` +
        `${extra}Content-Length: 0\r\n\r\n`,
    );
  }

  watcher(resource = ALICE, from = resource): Watcher {
    return new Watcher(this.net, resource, from);
  }

  /** Registers, and gives back what a watcher is told of it. */
  async told(watcher: Watcher, contacts: string, fields: RegisterFields = {}): Promise<Sent[]> {
    return watcher.take(await this.register(contacts, fields));
  }
}
