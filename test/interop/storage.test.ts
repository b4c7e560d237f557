/** Contacts in a SQLite file that olelo and Debian's Kamailio use in turn, and through kill -9. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { control, run } from "./support/commands.ts";
import { header, headers, Peer } from "./support/peer.ts";
import { type Server, startKamailio, startOlelo } from "./support/servers.ts";
import { makeKamailioTables, schemaOf } from "./support/sqlite-file.ts";

let folder: string;
let file: string;
let phone: Peer;
let server: Server | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "storage-"));
  file = join(folder, "contacts.db");
  phone = await Peer.open("phone");
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  phone.close();
  rmSync(folder, { recursive: true });
});

function config(mode = 1): string {
  return `
debug=2
log_stderror=yes
listen=udp:127.0.0.1:PORT
loadmodule "db_sqlite.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "ctl.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("ctl", "binrpc", "unix:RUN/kamailio_ctl")
modparam("usrloc", "db_url", "sqlite:///${file}")
modparam("usrloc", "db_mode", ${mode})
modparam("usrloc", "use_domain", 1)
modparam("usrloc", "xavp_contact", "kept")
request_route {
  if (is_method("REGISTER")) {
    $xavp(kept=>note) = "noted";
    $xavp(kept[0]=>count) = 17;
    save("location");
    exit;
  }
  if (lookup("location")) {
    append_to_reply("Contact: <$ru>\\r\\nX-Destination: $du\\r\\nX-Note: $xavp(kept[0]=>note) $xavp(kept[0]=>count)\\r\\n");
    sl_send_reply("302", "Found");
  } else sl_send_reply("404", "Nobody");
}
`;
}

let serial = 0;

async function ask(method: string, user: string, lines: string): Promise<string> {
  const id = `${method}${++serial}`;
  const to = server?.port ?? 0;
  phone.send(
    `${method} sip:${user}@a.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${phone.port};branch=z9hG4bK${id}\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${user}@a.test>;tag=f\r\nTo: <sip:${user}@a.test>\r\n` +
      `Call-ID: call-${method === "REGISTER" ? user : id}\r\nCSeq: ${serial} ${method}\r\n${lines}Content-Length: 0\r\n\r\n`,
    to,
  );
  return (await phone.take((text) => text.includes(`branch=z9hG4bK${id}`))).text;
}

function register(user: string, contact: string, lines = ""): Promise<string> {
  return ask("REGISTER", user, `User-Agent: Phone\r\nContact: ${contact}\r\n${lines}`);
}

async function lookup(user: string): Promise<string> {
  const reply = await ask("OPTIONS", user, "");
  return `${reply.slice(8, 11)} ${header(reply, "Contact")} ${header(reply, "X-Destination")} ${header(reply, "X-Note")}`;
}

const contact =
  '"J\u00c3\u00b6rg" <sip:j@127.0.0.1:9;transport=udp>;q=0.7;expires=600;+sip.instance="<urn:uuid:1>";reg-id=1';

/** Lines of a dump that must be the same with both servers. */
function essence(dump: string): string[] {
  const passing = /^(?:Expires|Last-Keepalive|KA-Roundtrip|HashID|State|Size|Max-Slots|Socket)\b/;
  return dump
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !passing.test(line));
}

describe("a SQLite file of contacts", () => {
  it("has the tables that Kamailio's scripts make", async () => {
    server = await startOlelo(config());
    await server.stop();
    const own = ["location", "location_attrs", "version"].map((table) => schemaOf(file, table));
    rmSync(file);
    await makeKamailioTables(file, "usrloc");
    const theirs = ["location", "location_attrs", "version"].map((table) => schemaOf(file, table));
    expect(own).toEqual(theirs);
  });

  it("that olelo wrote is read by Kamailio", async () => {
    server = await startOlelo(config());
    await register("j\u00c3\u00b6rg", contact, "Path: <sip:127.0.0.1:7;lr>\r\nSupported: path\r\n");
    await register("bob", "<sip:bob@127.0.0.1:9>");
    const [first, second] = [await lookup("j\u00c3\u00b6rg"), await lookup("bob")];
    const dump = essence(await control(server, "ul.dump"));
    expect(await server.stop()).toBe(0);

    server = await startKamailio(config());
    expect(await lookup("j\u00c3\u00b6rg")).toBe(first);
    expect(await lookup("bob")).toBe(second);
    expect(essence(await control(server, "ul.dump")).sort()).toEqual(dump.sort());
  });

  it("that Kamailio wrote is read by olelo, which goes on with its contacts", async () => {
    await makeKamailioTables(file, "usrloc");
    server = await startKamailio(config());
    await register("j\u00c3\u00b6rg", contact, "Path: <sip:127.0.0.1:7;lr>\r\nSupported: path\r\n");
    await register("bob", "<sip:bob@127.0.0.1:9>");
    const [first, second] = [await lookup("j\u00c3\u00b6rg"), await lookup("bob")];
    const dump = essence(await control(server, "ul.dump"));
    await server.stop();

    server = await startOlelo(config());
    expect(await lookup("j\u00c3\u00b6rg")).toBe(first);
    expect(await lookup("bob")).toBe(second);
    expect(essence(await control(server, "ul.dump")).sort()).toEqual(dump.sort());
    // The same contact again, and another one gone.
    await register("j\u00c3\u00b6rg", contact);
    await register("bob", "<sip:bob@127.0.0.1:9>;expires=0");
    expect(await server.stop()).toBe(0);

    server = await startKamailio(config());
    expect((await lookup("j\u00c3\u00b6rg")).slice(0, 3)).toBe("302");
    expect((await lookup("bob")).slice(0, 3)).toBe("404");
    expect((await control(server, "ul.dump")).match(/Address: /g)?.length).toBe(1);
  });

  it("keeps what was acknowledged through kill -9", async () => {
    server = await startOlelo(config());
    for (let i = 0; i < 50; i++) {
      expect(await register(`user${i}`, `<sip:user${i}@127.0.0.1:9>`)).toContain("SIP/2.0 200");
    }
    await register("user0", "<sip:user0@127.0.0.1:9>;expires=0");
    await server.stop("SIGKILL");

    server = await startOlelo(config());
    expect((await lookup("user0")).slice(0, 3)).toBe("404");
    for (let i = 1; i < 50; i++) {
      expect(await lookup(`user${i}`)).toContain(`302 <sip:user${i}@127.0.0.1:9>`);
    }
    expect(await control(server, "ul.db_users", "location")).toBe("49\n");
    expect(await control(server, "ul.db_contacts", "location")).toBe("49\n");
    expect(await control(server, "ul.db_expired_contacts", "location")).toBe("0\n");
    const [again] = headers(await register("user1", "<sip:user1@127.0.0.1:9>"), "Contact");
    expect(again).toContain("<sip:user1@127.0.0.1:9>;expires=3600");
  });

  it("is written at a clean stop with db_mode 2, and the process ends by itself", async () => {
    server = await startOlelo(config(2));
    await register("alice", "<sip:alice@127.0.0.1:9>");
    expect(await server.stop()).toBe(0);
    server = await startOlelo(config(4));
    expect((await lookup("alice")).slice(0, 3)).toBe("302");
  });

  it("that cannot be opened keeps the server from starting, and says why", async () => {
    file = join(folder, "none", "contacts.db");
    const script = join(folder, "kamailio.cfg");
    writeFileSync(script, config().replace("PORT", "0").replace("RUN", folder));
    const olelo = join(import.meta.dirname, "../../bin/olelo");
    const { status, output } = await run(olelo, ["-DD", "-E", "-f", script, "-Y", folder]);
    expect(output).toContain(`usrloc: there is no directory ${join(folder, "none")}`);
    expect(status).not.toBe(0);
    const checked = await run(olelo, ["-c", "-f", script]);
    expect(checked.status).toBe(0);
  });
});
