/** Phones behind NAT without Path, called through the server that follows theirs. */
import { describe, expect, it } from "vitest";
import type { MemoryNode } from "../../../src/runtime/memory-network.ts";
import { contactsOf, Site, type SiteEngine } from "../../support/site.ts";

const A = "10.0.0.100";
const B = "10.0.0.200";
const AOR = "sip:alice@example.test";
const PRIVATE = "sip:alice@192.168.1.5:5062";

function config(own: string, other: string, settings: string): string {
  return `
listen=udp:${own}:5060
alias="example.test"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "reginfo.so"
loadmodule "pua.so"
loadmodule "pua_reginfo.so"
modparam("registrar", "use_path", 1)
modparam("registrar", "path_mode", 0)
modparam("registrar", "received_avp", "$avp(rcv)")
modparam("reginfo", "server_address", "sip:reginfo@${own}:5060")
modparam("reginfo", "notify_interval", 0)
modparam("reginfo", "extension", 2)
modparam("pua_reginfo", "publish_reginfo", 0)
modparam("pua_reginfo", "server_address", "sip:reginfo@${own}:5060")
modparam("pua_reginfo", "outbound_proxy", "sip:${other}:5060")
${settings}
request_route {
  if (method == "REGISTER") {
    if ($hdr(X-Nat) != $null) $avp(rcv) = "sip:" + $si + ":" + $sp;
    save("location");
    exit;
  }
  if (method == "SUBSCRIBE") {
    if (!has_totag()) reginfo_allow_watcher();
    reginfo_handle_subscribe("location");
    exit;
  }
  if (method == "NOTIFY") {
    reginfo_handle_notify("location");
    sl_send_reply("$reginfo(status)", "$reginfo(reason)");
    exit;
  }
  if (method == "MESSAGE") {
    reginfo_subscribe("${AOR}");
    sl_send_reply("200", "OK");
    exit;
  }
  if (loose_route_preloaded()) {
    t_relay();
    exit;
  }
  if (lookup("location")) t_relay();
  else sl_send_reply("404", "Not Found");
}
`;
}

/** B follows alice at A; her phone is behind NAT. */
async function start(settings = ""): Promise<{
  site: Site;
  a: SiteEngine;
  b: SiteEngine;
  phone: MemoryNode;
  caller: MemoryNode;
}> {
  const site = new Site();
  const [a, b] = await Promise.all([
    site.start({ configText: config(A, B, ""), configName: "a.cfg" }),
    site.start({ configText: config(B, A, settings), configName: "b.cfg" }),
  ]);
  const phone = site.node("203.0.113.7", 4444);
  const caller = site.node("10.0.0.9", 5060);
  await site.ask(caller, `${B}:5060`, { method: "MESSAGE", uri: AOR, from: AOR, to: AOR });
  return { site, a, b, phone, caller };
}

function register(site: Site, phone: MemoryNode, headers: string): Promise<unknown> {
  const uri = "sip:example.test";
  return site.ask(phone, `${A}:5060`, { method: "REGISTER", uri, from: AOR, to: AOR, headers });
}

/** Calls alice at B; the request as the phone gets it, and where it came from. */
async function call(
  site: Site,
  phone: MemoryNode,
  caller: MemoryNode,
): Promise<[string, string] | undefined> {
  const had = phone.packets.length;
  await site.ask(caller, `${B}:5060`, {
    method: "INVITE",
    uri: AOR,
    from: "sip:bob@x",
    to: AOR,
    headers: "Contact: <sip:bob@10.0.0.9>\r\n",
  });
  const invite = phone.packets.slice(had).find(({ text }) => text.startsWith("INVITE"));
  return invite === undefined ? undefined : [invite.fromAddress, invite.text];
}

describe("a phone behind NAT that is registered at another server", () => {
  it("row 38: is called through that server, which alone can reach it", async () => {
    const { site, b, phone, caller } = await start();
    await register(site, phone, `X-Nat: 1\r\nContact: <${PRIVATE}>\r\n`);
    expect(contactsOf(b, "alice")).toEqual([`(${PRIVATE})`]);
    const [from, text] = (await call(site, phone, caller)) ?? [];
    expect(from).toBe(A);
    expect(text).toMatch(/^INVITE sip:alice@192\.168\.1\.5:5062 SIP\/2\.0\r\n/);
    expect(text).not.toMatch(/^Route:/m);
  });

  it("is called at its new address when its NAT has given it another one", async () => {
    const { site, phone, caller } = await start();
    await register(site, phone, `X-Nat: 1\r\nContact: <${PRIVATE}>\r\n`);
    const moved = site.node("203.0.113.7", 5555);
    await register(site, moved, `X-Nat: 1\r\nContact: <${PRIVATE}>\r\n`);
    const [from] = (await call(site, moved, caller)) ?? [];
    expect(from).toBe(A);
  });

  it("is called directly when route_via_source is off", async () => {
    const { site, phone, caller } = await start(`modparam("pua_reginfo", "route_via_source", 0)`);
    await register(site, phone, `X-Nat: 1\r\nContact: <${PRIVATE}>\r\n`);
    expect((await call(site, phone, caller))?.[0]).toBe(B);
  });

  it("keeps its own Path when it has one", async () => {
    const { site, phone, caller } = await start();
    const edge = site.node("10.0.0.50", 5060);
    const path = "Supported: path\r\nPath: <sip:10.0.0.50;lr>\r\n";
    await register(site, phone, `X-Nat: 1\r\n${path}Contact: <${PRIVATE}>\r\n`);
    await call(site, phone, caller);
    const [invite] = edge.packets.filter(({ text }) => text.startsWith("INVITE"));
    expect([invite?.fromAddress, invite?.text.includes("Route: <sip:10.0.0.50;lr>")]).toEqual([
      B,
      true,
    ]);
  });

  it("that can be reached by everybody is called directly", async () => {
    const { site, phone, caller } = await start();
    await register(site, phone, "Contact: <sip:alice@203.0.113.7:4444>\r\n");
    expect((await call(site, phone, caller))?.[0]).toBe(B);
  });
});
