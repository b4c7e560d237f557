/** Publications and subscriptions in a SQLite file that olelo and Debian's Kamailio use in turn, and through kill -9. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { header, Peer, type Received } from "./support/peer.ts";
import { freePort, type Server, startKamailio, startOlelo } from "./support/servers.ts";
import { makeKamailioTables, schemaOf } from "./support/sqlite-file.ts";

const ALICE = "sip:alice@example.test";

let folder: string;
let file: string;
let port: number;
let peer: Peer;
let server: Server | undefined;
let serial = 0;
/** CSeqs of the NOTIFYs that came, in order; repeated ones once. */
let notified: number[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "presence-storage-"));
  file = join(folder, "presence.db");
  port = await freePort();
  notified = [];
  peer = await Peer.open("watcher");
  peer.onArrival((packet) => {
    if (!packet.text.startsWith("NOTIFY")) return;
    const cseq = Number.parseInt(header(packet.text, "CSeq"), 10);
    if (notified.at(-1) !== cseq) notified.push(cseq);
    peer.reply(packet, 200, { reason: "OK" });
  });
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  peer.close();
  rmSync(folder, { recursive: true });
});

const config = (): string => `
debug=2
log_stderror=yes
listen=udp:127.0.0.1:PORT
alias="example.test"
loadmodule "db_sqlite.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "presence.so"
loadmodule "presence_reginfo.so"
modparam("presence", "db_url", "sqlite:///${file}")
modparam("presence", "subs_db_mode", 1)
modparam("presence", "server_address", "sip:127.0.0.1:PORT")
request_route {
  if (method == "OPTIONS") { sl_send_reply("200", "OK"); exit; }
  t_newtran();
  if (method == "PUBLISH") handle_publish();
  if (method == "SUBSCRIBE") handle_subscribe();
  t_release();
}
`;

async function ask(method: string, toTag: string, lines: string, body = ""): Promise<Received> {
  const id = `${method}${++serial}`;
  peer.send(
    `${method} ${ALICE} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bK${id}\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:w@example.test>;tag=f\r\n` +
      `To: <${ALICE}>${toTag === "" ? "" : `;tag=${toTag}`}\r\n` +
      `Call-ID: ${method === "SUBSCRIBE" ? "dialog" : id}\r\nCSeq: ${serial} ${method}\r\n` +
      `Contact: <sip:w@127.0.0.1:${peer.port}>\r\nEvent: reg\r\nExpires: 600\r\n${lines}` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
    port,
  );
  return peer.take((text) => text.startsWith("SIP/2.0") && text.includes(`branch=z9hG4bK${id}`));
}

const body = (contact: string): string =>
  '<?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="full">' +
  `<registration aor="${ALICE}" id="r" state="active"><contact id="c" state="active" ` +
  `event="registered" expires="500"><uri>${contact}</uri></contact></registration></reginfo>`;

/** Publishes under the tag of before, which must be known; the new tag. */
async function publish(contact: string, tag = ""): Promise<string> {
  const match = tag === "" ? "" : `SIP-If-Match: ${tag}\r\n`;
  const lines = `${match}Content-Type: application/reginfo+xml\r\n`;
  const reply = await ask("PUBLISH", "", lines, body(contact));
  expect(reply.text.split("\r\n", 1)[0]).toMatch(/ 200 /);
  return header(reply.text, "SIP-ETag");
}

const told = (contact: string): Promise<Received> =>
  peer.take((text) => text.startsWith("NOTIFY") && text.includes(contact));

async function restart(how: NodeJS.Signals, start: typeof startOlelo): Promise<void> {
  await server?.stop(how);
  server = await start(config(), { port });
}

describe("a SQLite file of event state", () => {
  it("has the tables that Kamailio's scripts make", async () => {
    server = await startOlelo(config(), { port });
    await server.stop();
    const tables = ["presentity", "active_watchers", "watchers"];
    const schemas = (): unknown[] => tables.map((table) => schemaOf(file, table, true));
    const own = schemas();
    rmSync(file);
    await makeKamailioTables(file, "presence");
    expect(own).toEqual(schemas());
  });

  it("goes from olelo to Kamailio and back: tags and dialogs go on", async () => {
    server = await startOlelo(config(), { port });
    const first = await ask("SUBSCRIBE", "", "");
    const toTag = /;tag=(.*)/.exec(header(first.text, "To"))?.[1] ?? "";
    let tag = await publish("sip:a@10.0.0.1");
    await told("sip:a@10.0.0.1");

    await restart("SIGKILL", startOlelo);
    await told("sip:a@10.0.0.1");
    tag = await publish("sip:a@10.0.0.2", tag);
    await told("sip:a@10.0.0.2");
    const own = [...notified];
    expect(own).toEqual([...new Set(own)].sort((a, b) => a - b));

    await restart("SIGKILL", startKamailio);
    tag = await publish("sip:a@10.0.0.3", tag);
    await told("sip:a@10.0.0.3");
    expect((await ask("SUBSCRIBE", toTag, "")).text).toMatch(/^SIP\/2.0 200 /);
    // It starts behind what olelo has reserved.
    expect(notified[own.length]).toBeGreaterThan(own.at(-1) ?? 0);

    await restart("SIGTERM", startOlelo);
    await told("sip:a@10.0.0.3");
    tag = await publish("sip:a@10.0.0.4", tag);
    await told("sip:a@10.0.0.4");
    expect((await ask("SUBSCRIBE", toTag, "")).text).toMatch(/^SIP\/2.0 200 /);
    expect(tag).not.toBe("");
  });
});
