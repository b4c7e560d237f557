/** A presence server on a network in memory, and those who publish. */
import type { AnyModule } from "../../../src/runtime/module.ts";
import type { VirtualClock } from "../../../src/runtime/clock.ts";
import { type Sent, seededRandom, type TestEngine, testEngine } from "../../support/engine.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { Watcher } from "../../support/watcher.ts";
import { params } from "../registrar/harness.ts";

export const ALICE = "sip:alice@example.test";

export type Settings = Record<string, string | number>;

export interface ServerOptions {
  readonly settings?: Settings;
  /** Further routes. */
  readonly routes?: string;
  /** Further modules, loaded behind the others. */
  readonly modules?: readonly { readonly name: string; readonly module: AnyModule }[];
  /** Statement that handles a PUBLISH. */
  readonly publish?: string;
  /** Database that the server may use as `memory:`. */
  readonly store?: MemoryStore;
}

export function serverConfig(options: ServerOptions = {}): string {
  const { settings = {}, routes = "", modules = [] } = options;
  const { publish = "handle_publish();" } = options;
  return `
listen=udp:10.0.0.100:5060
alias="example.test"
${options.store === undefined ? "" : 'loadmodule "db_memory.so"'}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "presence.so"
loadmodule "presence_reginfo.so"
${modules.map(({ name }) => `loadmodule "${name}.so"\n`).join("")}
${params(settings)}
request_route {
  t_newtran();
  if (method == "PUBLISH") { ${publish} xlog("publish $rc\\n"); }
  if (method == "SUBSCRIBE") {
    handle_subscribe();
    xlog("subscribe $rc uri=$subs(uri) id=$subs(event_id) status=$subs(status) expires=$subs(expires)\\n");
  }
  exit;
}
${routes}
`;
}

export interface PublishFields {
  readonly resource?: string;
  readonly event?: string;
  readonly expires?: number | null;
  readonly tag?: string;
  readonly type?: string;
  readonly extra?: string;
}

/** The server with short ways to ask it. */
export class PresenceServer {
  net: TestEngine;
  readonly #options: ServerOptions;
  #serial = 0;
  #starts = 1;

  private constructor(net: TestEngine, options: ServerOptions) {
    this.net = net;
    this.#options = options;
  }

  static async start(options: ServerOptions = {}): Promise<PresenceServer> {
    return new PresenceServer(await startEngine(options, 1), options);
  }

  /** Ends the engine without a word, or cleanly, and starts another one with the same database after some time. */
  async restart(how: "crash" | "stop", downMs: number, ...watchers: Watcher[]): Promise<void> {
    const { clock } = this.net;
    if (how === "stop") {
      const stopped = this.net.stop();
      for (const watcher of watchers) await watcher.take(await this.net.advance(0));
      await stopped;
    }
    this.#options.store?.disconnect();
    await clock.advance(downMs);
    this.net = await startEngine(this.#options, ++this.#starts, clock);
    for (const watcher of watchers) watcher.net = this.net;
  }

  /** Sends a PUBLISH; everything that the engine sends. */
  async send(body: string, fields: PublishFields = {}): Promise<Sent[]> {
    const { resource = ALICE, event = "reg", expires = 600, tag, extra = "" } = fields;
    const { type = "application/reginfo+xml" } = fields;
    const id = ++this.#serial;
    return this.net.send(
      `PUBLISH ${resource} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKp${id}\r\n` +
        `From: <${ALICE}>;tag=p\r\nTo: <${ALICE}>\r\nCall-ID: p${id}\r\nCSeq: 1 PUBLISH\r\n` +
        `Event: ${event}\r\n${expires === null ? "" : `Expires: ${expires}\r\n`}` +
        `${tag === undefined ? "" : `SIP-If-Match: ${tag}\r\n`}` +
        `${body === "" ? "" : `Content-Type: ${type}\r\n`}${extra}` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
  }

  /** Publishes, and answers the NOTIFYs of some watchers: the reply and the NOTIFYs of the first of them. */
  async publish(
    body: string,
    fields: PublishFields = {},
    ...watchers: Watcher[]
  ): Promise<{ reply: Sent | undefined; tag: string; notifies: Sent[] }> {
    const sent = await this.send(body, fields);
    const reply = sent.find((one) => one.line.startsWith("SIP/2.0"));
    const notifies: Sent[][] = [];
    for (const watcher of watchers) notifies.push(await watcher.take(sent));
    return { reply, tag: reply?.header("SIP-ETag") ?? "", notifies: notifies[0] ?? [] };
  }

  watcher(resource = ALICE, from = "sip:w@example.test"): Watcher {
    return new Watcher(this.net, resource, from);
  }
}

function startEngine(
  options: ServerOptions,
  seed: number,
  clock?: VirtualClock,
): Promise<TestEngine> {
  const modules = (options.modules ?? []).map(({ module }) => module);
  if (options.store !== undefined) modules.push(options.store.module());
  const random = seededRandom(seed);
  return testEngine(
    serverConfig(options),
    clock ? { modules, random, clock } : { modules, random },
  );
}

const REGINFO = "urn:ietf:params:xml:ns:reginfo";

/** A published document; contacts as `id uri event expires`. */
export function published(
  contacts: readonly string[],
  fields: { aor?: string; state?: string; kind?: string } = {},
): string {
  const { aor = ALICE, state = "active", kind = "full" } = fields;
  const elements = contacts.map((text) => {
    const [id, uri, event = "registered", expires] = text.split(" ");
    const ended = ["expired", "unregistered", "rejected", "deactivated"].includes(event);
    return (
      `<contact id="${id}" state="${ended ? "terminated" : "active"}" event="${event}"` +
      `${expires === undefined ? "" : ` expires="${expires}"`}><uri>${uri}</uri></contact>`
    );
  });
  return (
    `<?xml version="1.0"?><reginfo xmlns="${REGINFO}" version="0" state="${kind}">` +
    `<registration aor="${aor}" id="r1" state="${state}">${elements.join("")}</registration></reginfo>`
  );
}

/** A server with a database, which write-through keeps up to date. */
export async function startStored(
  settings: Settings = {},
  store = new MemoryStore(),
): Promise<{ store: MemoryStore; server: PresenceServer }> {
  const all = { "presence.db_url": "memory:", "presence.subs_db_mode": 1, ...settings };
  return { store, server: await PresenceServer.start({ settings: all, store }) };
}
