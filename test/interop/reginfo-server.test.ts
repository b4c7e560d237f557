/** Reg-event with olelo as the server: a Kamailio that mirrors our registrations, one that publishes here, a SIPp watcher. */
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
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("ctl", "binrpc", "unix:RUN/ctl")
modparam("registrar", "min_expires", 1)
modparam("usrloc", "timer_interval", 1)
`;

/** Registrar, notifier and presence server. */
const server = `${common}
loadmodule "reginfo.so"
loadmodule "presence.so"
loadmodule "presence_reginfo.so"
modparam("reginfo", "notify_interval", 0)
modparam("reginfo", "policy", "any")
modparam("reginfo", "admin_event", "unregistered")
request_route {
  if (is_method("REGISTER")) { save("location"); exit; }
  if (!is_method("PUBLISH|SUBSCRIBE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  t_newtran();
  if (is_method("PUBLISH")) handle_publish();
  else if ($tU =~ "^published") handle_subscribe();
  else reginfo_handle_subscribe("location");
}
`;

/** Kamailio's own modules against the server at PEER. */
const kamailio = `#!KAMAILIO
${common}
loadmodule "db_text.so"
loadmodule "pua.so"
loadmodule "pua_reginfo.so"
modparam("pua", "db_url", "text://DBTEXT")
modparam("pua_reginfo", "default_domain", "example.test")
modparam("pua_reginfo", "publish_reginfo", PUBLISHES)
modparam("pua_reginfo", "outbound_proxy", "sip:127.0.0.1:PEER")
modparam("pua_reginfo", "server_address", "sip:reginfo@127.0.0.1:PORT")
request_route {
  if (is_method("REGISTER")) { save("location"); exit; }
  if (is_method("NOTIFY")) { reginfo_handle_notify("location"); sl_send_reply("200", "OK"); exit; }
  if (is_method("MESSAGE")) { reginfo_subscribe("$hdr(X-Sub)"); sl_send_reply("200", "OK"); exit; }
}
`;

const running: Server[] = [];
const peers: Peer[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  for (const one of running.splice(0).reverse()) await one.stop();
});

async function started(one: Promise<Server>): Promise<Server> {
  running.push(await one);
  return await one;
}

async function startPeer(port: number, publishes: 0 | 1): Promise<Server> {
  const dbtext = mkdtempSync(join(tmpdir(), "dbtext-"));
  for (const name of ["version", "pua"]) {
    copyFileSync(`/usr/share/kamailio/dbtext/kamailio/${name}`, join(dbtext, name));
  }
  const config = kamailio
    .replaceAll("DBTEXT", dbtext)
    .replaceAll("PEER", String(port))
    .replaceAll("PUBLISHES", String(publishes));
  return started(startKamailio(config));
}

async function opened(): Promise<Peer> {
  const peer = await Peer.open("phone");
  peers.push(peer);
  return peer;
}

let counter = 0;

/** Sends a request and waits for the final reply. */
async function ask(peer: Peer, port: number, method: string, extra: string): Promise<string> {
  const id = String(++counter);
  const user = extra.includes("published") ? "published" : "alice";
  const uri = method === "REGISTER" ? "sip:example.test" : `sip:${user}@example.test`;
  peer.send(
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${String(peer.port)};branch=z9hG4bK-${id}\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${user}@example.test>;tag=f\r\nTo: <sip:${user}@example.test>\r\n` +
      `Call-ID: ${user}-${method}@test\r\nCSeq: ${id} ${method}\r\n${extra}Content-Length: 0\r\n\r\n`,
    port,
  );
  const isOwn = (text: string): boolean =>
    header(text, "CSeq") === `${id} ${method}` && text.startsWith("SIP/2.0");
  return (await peer.take(isOwn)).text;
}

const contact = (peer: Peer, name: string, expires: number): string =>
  `Contact: <sip:${name}@127.0.0.1:${String(peer.port)}>;expires=${String(expires)}\r\n`;

const ctl = (one: Server, command: string) => async (): Promise<string> =>
  (await run("kamcmd", ["-s", `unix:${one.directory}/ctl`, ...command.split(" ")])).output;

describe("a Kamailio that mirrors our registrations", () => {
  it("has each of them, and none that is gone", async () => {
    const olelo = await started(startOlelo(server));
    const mirror = await startPeer(olelo.port, 0);
    const phone = await opened();
    const table = ctl(mirror, "ul.dump");
    await ask(phone, olelo.port, "REGISTER", contact(phone, "a1", 300));
    await ask(phone, mirror.port, "MESSAGE", "X-Sub: sip:alice@example.test\r\n");
    await eventually(table, (text) => text.includes("sip:a1@"));
    await ask(phone, olelo.port, "REGISTER", contact(phone, "a2", 300));
    await eventually(table, (text) => text.includes("sip:a1@") && text.includes("sip:a2@"));
    await ask(phone, olelo.port, "REGISTER", contact(phone, "a1", 0));
    await eventually(table, (text) => !text.includes("sip:a1@") && text.includes("sip:a2@"));
    await run("kamcmd", ["-s", `unix:${olelo.directory}/ctl`, "ul.rm", "location", "alice"]);
    await eventually(table, (text) => !text.includes("sip:a2@"));
    await ask(phone, olelo.port, "REGISTER", contact(phone, "a3", 300));
    await eventually(table, (text) => text.includes("sip:a3@"));
    expect(await ctl(olelo, "reginfo.list")()).toContain("version: 5");
  });
});

describe("a Kamailio that publishes here", () => {
  it("is merged into one document for watchers", async () => {
    const olelo = await started(startOlelo(server));
    const publisher = await startPeer(olelo.port, 1);
    const phone = await opened();
    const subscribe = `Contact: <sip:w@127.0.0.1:${String(phone.port)}>\r\nEvent: reg\r\nX-User: published\r\n`;
    expect(await ask(phone, olelo.port, "SUBSCRIBE", subscribe)).toMatch(/^SIP\/2.0 200/);
    const next = async (): Promise<string> => {
      const notify = await phone.take("NOTIFY");
      phone.reply(notify, 200);
      return notify.text;
    };
    expect(await next()).toContain('state="init"');
    const user = "X-User: published\r\n";
    await ask(phone, publisher.port, "REGISTER", contact(phone, "p1", 300) + user);
    expect(await next()).toMatch(/state="active".*sip:p1@/);
    await ask(phone, publisher.port, "REGISTER", contact(phone, "p2", 300) + user);
    expect(await next()).toMatch(/version="2".*sip:p1@.*sip:p2@/);
    await ask(phone, publisher.port, "REGISTER", `Contact: *\r\nExpires: 0\r\n${user}`);
    const last = await eventually(
      () => next(),
      (text) => text.includes('state="terminated"><contact'),
    );
    expect(last).not.toContain('state="active"');
  });
});

describe("a SIPp watcher", () => {
  it("is told by the notifier of registrations", async () => {
    const olelo = await started(startOlelo(server));
    const phone = await opened();
    const script = join(import.meta.dirname, "support/watcher.xml");
    const options =
      `-sf ${script} -s alice -key dom example.test -i 127.0.0.1 -p ${String(await freePort())} ` +
      `-m 1 -nostdin 127.0.0.1:${String(olelo.port)}`;
    const watcher = run("sipp", options.split(" "));
    await eventually(ctl(olelo, "reginfo.list"), (text) => text.includes("version: 1"));
    await ask(phone, olelo.port, "REGISTER", contact(phone, "s1", 300));
    const result = await watcher;
    expect(result.status, result.output).toBe(0);
  });
});
