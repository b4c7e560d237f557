/** A registrar with its contacts in a database that outlives it. */
import { VirtualClock } from "../../../src/runtime/clock.ts";
import type { Contact, UsrlocApi } from "../../../src/modules/usrloc/spec.ts";
import { type Sent, type TestEngine, testEngine } from "../../support/engine.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { params, probe } from "../registrar/harness.ts";

export const epoch = 1_700_000_000_000;
/** Wall clock seconds at the start of each test. */
export const start = epoch / 1000;

/** The row of the contact that tests register, without its keys. */
export const columns = {
  username: "alice",
  domain: null,
  contact: "sip:alice@10.0.0.1:5060;ob",
  received: null,
  path: null,
  expires: new Date((start + 600) * 1000),
  q: 0.5,
  callid: "alice",
  cseq: 1,
  last_modified: new Date(epoch),
  flags: 0,
  cflags: 0,
  user_agent: "Phone 1",
  socket: "udp:10.0.0.100:5060",
  methods: 13,
  instance: "<urn:uuid:1>",
  reg_id: 1,
  server_id: 0,
  connection_id: -1,
  keepalive: 0,
  partition: 0,
};
/** A registrar whose contacts lie in a database that outlives it. */
export class Kept {
  readonly clock = new VirtualClock(epoch);
  readonly store: MemoryStore;
  readonly notes: string[] = [];
  net!: TestEngine;
  #cseq = 0;

  constructor(store = new MemoryStore()) {
    this.store = store;
  }

  async start(settings: Record<string, string | number> = {}, extra = ""): Promise<this> {
    const config = `
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "probe.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "db_memory.so"
modparam("usrloc", "db_url", "memory:")
modparam("usrloc", "nat_bflag", 6)
${params({ "usrloc.db_mode": 1, ...settings })}
request_route {
  if (method == "REGISTER") {
    ${extra}
    if ($hdr(X-Mode) == "memory") save("location", "0x01");
    else save("location");
    exit;
  }
  if (lookup("location")) targets();
  else note("nobody");
}
event_route[usrloc:contact-expired] { note("expired $ulc(exp=>addr)"); }
`;
    this.net = await testEngine(config, {
      clock: this.clock,
      modules: [probe(this.notes), this.store.module()],
    });
    return this;
  }

  /** Ends the engine as kill -9 does. */
  crash(): void {
    this.store.disconnect();
    for (const { address, port } of this.net.engine.sockets) this.net.network.detach(address, port);
  }

  async restart(settings: Record<string, string | number> = {}, extra = ""): Promise<void> {
    this.crash();
    await this.start(settings, extra);
  }

  async register(user: string, contact: string, headers = ""): Promise<Sent | undefined> {
    const cseq = ++this.#cseq;
    const sent = await this.net.send(
      `REGISTER sip:a.test SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK${cseq}\r\n` +
        `From: <sip:${user}@a.test>;tag=f\r\nTo: <sip:${user}@a.test>\r\nCall-ID: ${user}\r\nCSeq: ${cseq} REGISTER\r\n` +
        `${contact === "" ? "" : `Contact: ${contact}\r\n`}${headers}Content-Length: 0\r\n\r\n`,
    );
    return sent.at(-1);
  }

  async lookup(user: string): Promise<string[]> {
    const before = this.notes.length;
    await this.net.send(
      `OPTIONS sip:${user}@a.test SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKo\r\n` +
        `From: <sip:x@a.test>;tag=f\r\nTo: <sip:${user}@a.test>\r\nCall-ID: o${before}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`,
    );
    return this.notes.slice(before);
  }

  users(): unknown[] {
    return this.store.rows("location").map((row) => row["username"]);
  }

  contact(aor: string): Contact | undefined {
    const api = this.net.engine.services.api("usrloc") as UsrlocApi;
    return api.table("location").first(aor);
  }
}
