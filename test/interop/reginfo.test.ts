/** Reg-event with Debian's Kamailio as the presence server: publishing to it, and following it. */
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { eventually, run } from "./support/commands.ts";
import { header, Peer } from "./support/peer.ts";
import { freePort, type Server, startKamailio, startOlelo } from "./support/servers.ts";

const common = `debug=2
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
alias="example.test"
dns=no
rev_dns=no
listen=udp:127.0.0.1:PORT
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "ctl.so"
modparam("ctl", "binrpc", "unix:RUN/ctl")
`;

/** A presence server for reg-event, all in memory. */
const presence = `#!KAMAILIO
${common}
loadmodule "presence.so"
loadmodule "presence_reginfo.so"
modparam("presence", "publ_cache", 2)
modparam("presence", "subs_db_mode", 0)
modparam("presence", "server_address", "sip:presence@127.0.0.1:PORT")
request_route {
  if (!is_method("PUBLISH|SUBSCRIBE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!t_newtran()) { sl_reply_error(); exit; }
  if (is_method("PUBLISH")) handle_publish(); else handle_subscribe();
  t_release();
}
`;

/** A registrar that publishes to PEER and follows what MESSAGEs with X-Sub name. */
const registrar = `#!KAMAILIO
${common}
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "pua.so"
loadmodule "pua_reginfo.so"
modparam("registrar", "min_expires", 1)
modparam("pua_reginfo", "default_domain", "example.test")
modparam("pua_reginfo", "publish_reginfo", PUBLISHES)
modparam("pua_reginfo", "outbound_proxy", "sip:127.0.0.1:PEER")
modparam("pua_reginfo", "server_address", "sip:reginfo@127.0.0.1:PORT")
request_route {
  if (is_method("REGISTER")) { save("location"); exit; }
  if (is_method("NOTIFY")) {
    $var(rc) = reginfo_handle_notify("location");
    xlog("L_NOTICE", "handled: $var(rc)\\n");
    sl_send_reply("200", "OK");
    exit;
  }
  if (is_method("MESSAGE")) { reginfo_subscribe("$hdr(X-Sub)", "600"); sl_send_reply("200", "Subscribed"); exit; }
  if (lookup("location")) sl_send_reply("200", "Found $ru"); else sl_send_reply("404", "None");
}
`;

/** Kamailio as registrar, publisher and presence server in one. */
const allInOne = `${presence.replace(/request_route[\s\S]*/, "")}
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "db_text.so"
loadmodule "pua.so"
loadmodule "pua_reginfo.so"
modparam("registrar", "min_expires", 1)
modparam("usrloc", "timer_interval", 1)
modparam("pua", "db_url", "text://DBTEXT")
modparam("pua_reginfo", "default_domain", "example.test")
modparam("pua_reginfo", "outbound_proxy", "sip:127.0.0.1:PORT")
modparam("pua_reginfo", "server_address", "sip:reginfo@127.0.0.1:PORT")
request_route {
  if (is_method("REGISTER")) { save("location"); exit; }
  if (!is_method("PUBLISH|SUBSCRIBE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!t_newtran()) { sl_reply_error(); exit; }
  if (is_method("PUBLISH")) handle_publish(); else handle_subscribe();
  t_release();
}
`;

const running: Server[] = [];
const peers: Peer[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  for (const server of running.splice(0).reverse()) await server.stop();
});

async function started(server: Promise<Server>): Promise<Server> {
  running.push(await server);
  return await server;
}

async function opened(name: string): Promise<Peer> {
  const peer = await Peer.open(name);
  peers.push(peer);
  return peer;
}

let counter = 0;

/** Sends a request to a server and waits for the final reply. */
async function ask(
  peer: Peer,
  port: number,
  [method, user]: readonly [string, string],
  extra = "",
): Promise<string> {
  const id = String(++counter);
  const uri = method === "REGISTER" ? "sip:example.test" : `sip:${user}@example.test`;
  peer.send(
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${String(peer.port)};branch=z9hG4bK-${id}\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${user}@example.test>;tag=f${id}\r\nTo: <sip:${user}@example.test>\r\n` +
      `Call-ID: ${user}-${method === "REGISTER" ? "reg" : id}@test\r\nCSeq: ${id} ${method}\r\n${extra}Content-Length: 0\r\n\r\n`,
    port,
  );
  const own = (text: string): boolean =>
    header(text, "CSeq") === `${id} ${method}` && text.startsWith("SIP/2.0");
  return (await peer.take(own)).text;
}

const contact = (peer: Peer, user: string, expires: number): string =>
  `Contact: <sip:${user}@127.0.0.1:${String(peer.port)}>;expires=${String(expires)}\r\n`;

const dump = (server: Server) => async (): Promise<string> =>
  (await run("kamcmd", ["-s", `unix:${server.directory}/ctl`, "ul.dump"])).output;

describe("Kamailio as the presence server", () => {
  it("takes our PUBLISH and tells a SIPp watcher", async () => {
    const server = await started(startKamailio(presence));
    const config = registrar.replaceAll("PEER", String(server.port)).replaceAll("PUBLISHES", "1");
    const olelo = await started(startOlelo(config));
    const watcherPort = await freePort();
    const watcher = run("sipp", [
      "-sf",
      join(import.meta.dirname, "support/watcher.xml"),
      "-s",
      "alice",
      "-key",
      "dom",
      "example.test",
      "-i",
      "127.0.0.1",
      "-p",
      String(watcherPort),
      "-m",
      "1",
      "-nostdin",
      `127.0.0.1:${String(server.port)}`,
    ]);
    await eventually(
      async () =>
        (await run("kamcmd", ["-s", `unix:${server.directory}/ctl`, "stats.fetch", "presence."]))
          .output +
        (await run("kamcmd", ["-s", `unix:${server.directory}/ctl`, "tm.stats"])).output,
      (text) => /2xx: [1-9]/.test(text),
    );
    const phone = await opened("phone");
    expect(
      await ask(phone, olelo.port, ["REGISTER", "alice"], contact(phone, "alice", 300)),
    ).toMatch(/^SIP\/2.0 200/);
    const result = await watcher;
    expect(result.status, result.output).toBe(0);
  });

  it("gets the whole chain of publications, and nothing is left after the last contact has gone", async () => {
    const server = await started(startKamailio(presence));
    const config = registrar.replaceAll("PEER", String(server.port)).replaceAll("PUBLISHES", "1");
    const olelo = await started(startOlelo(config));
    const phone = await opened("phone");
    const list = async (): Promise<string> =>
      (
        await run("kamcmd", [
          "-s",
          `unix:${server.directory}/ctl`,
          "presence.presentity_list",
          "full",
        ])
      ).output;
    await ask(phone, olelo.port, ["REGISTER", "bob"], contact(phone, "bob", 300));
    await eventually(list, (text) => text.includes("sip:bob@127.0.0.1") && text.includes("active"));
    await ask(phone, olelo.port, ["REGISTER", "bob"], contact(phone, "bob2", 300));
    const both = await eventually(list, (text) => text.includes("sip:bob2@127.0.0.1"));
    expect(both).toContain("sip:bob@127.0.0.1");
    expect(both.match(/etag/gi)?.length).toBe(1);
    await ask(phone, olelo.port, ["REGISTER", "bob"], contact(phone, "bob", 0));
    await eventually(list, (text) => text.includes("unregistered"));
    await ask(phone, olelo.port, ["REGISTER", "bob"], "Contact: *\r\nExpires: 0\r\n");
    await eventually(
      list,
      (text) => !text.includes("sip:bob2@127.0.0.1") || text.includes('state="terminated"'),
    );
  });
});

describe("Kamailio as the server that we follow", () => {
  it("its contacts come into our table, and go", async () => {
    const dbtext = mkdtempSync(join(tmpdir(), "dbtext-"));
    for (const name of ["version", "pua"])
      copyFileSync(`/usr/share/kamailio/dbtext/kamailio/${name}`, join(dbtext, name));
    const server = await started(startKamailio(allInOne.replaceAll("DBTEXT", dbtext)));
    const config = registrar.replaceAll("PEER", String(server.port)).replaceAll("PUBLISHES", "0");
    const olelo = await started(startOlelo(config));
    const phone = await opened("phone");
    const table = dump(olelo);
    await ask(phone, server.port, ["REGISTER", "carol"], contact(phone, "carol", 300));
    await ask(phone, olelo.port, ["MESSAGE", "carol"], "X-Sub: sip:carol@example.test\r\n");
    await eventually(table, (text) => text.includes("sip:carol@127.0.0.1"));
    expect(await ask(phone, olelo.port, ["OPTIONS", "carol"])).toContain(
      "200 Found sip:carol@127.0.0.1",
    );
    await ask(phone, server.port, ["REGISTER", "carol"], contact(phone, "second", 300));
    await eventually(table, (text) => text.includes("sip:second@127.0.0.1"));
    await ask(phone, server.port, ["REGISTER", "carol"], contact(phone, "carol", 0));
    const left = await eventually(table, (text) => !text.includes("sip:carol@127.0.0.1"));
    expect(left).toContain("sip:second@127.0.0.1");
    await ask(phone, server.port, ["REGISTER", "carol"], "Contact: *\r\nExpires: 0\r\n");
    await eventually(table, (text) => !text.includes("sip:second@127.0.0.1"));
    expect(await ask(phone, olelo.port, ["OPTIONS", "carol"])).toContain("404 None");
  });
});
