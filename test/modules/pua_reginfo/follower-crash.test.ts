/** A follower that is killed and started again: it goes on in its dialog with the notifier, and knows everything at once. */
import { describe, expect, it } from "vitest";
import type { MemoryPacket } from "../../../src/runtime/memory-network.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { contactsOf, Site, type SiteEngine } from "../../support/site.ts";

const A = "10.0.0.100";
const B = "10.0.0.200";
const AOR = "sip:alice@example.test";

function config(own: string, other: string, modules: string): string {
  return `
listen=udp:${own}:5060
alias="example.test"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
${modules}
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "reginfo.so"
loadmodule "pua.so"
loadmodule "pua_reginfo.so"
modparam("reginfo", "server_address", "sip:reginfo@${own}:5060")
modparam("reginfo", "notify_interval", 0)
modparam("reginfo", "domain_resource", "all")
modparam("pua_reginfo", "publish_reginfo", 0)
modparam("pua_reginfo", "server_address", "sip:reginfo@${own}:5060")
modparam("pua_reginfo", "outbound_proxy", "sip:${other}:5060")
${modules === "" ? "" : 'modparam("pua", "db_url", "memory:")'}
request_route {
  if (method == "REGISTER") {
    save("location");
    exit;
  }
  if (method == "SUBSCRIBE") {
    if ($hdr(To) !~ "tag=") reginfo_allow_watcher();
    reginfo_handle_subscribe("location");
    exit;
  }
  if (method == "NOTIFY") {
    reginfo_handle_notify("location");
    sl_send_reply("$reginfo(status)", "$reginfo(reason)");
    exit;
  }
  reginfo_subscribe("sip:all@example.test");
  sl_send_reply("200", "OK");
}
`;
}

/** A with three phones, and B that follows it and has a database. */
async function start(): Promise<{
  site: Site;
  a: SiteEngine;
  b: SiteEngine;
  startB: () => Promise<SiteEngine>;
  crashB: (member: SiteEngine) => void;
  register: (contact: string) => Promise<unknown>;
}> {
  const site = new Site();
  const store = new MemoryStore();
  const startB = (): Promise<SiteEngine> =>
    site.start({
      configText: config(B, A, 'loadmodule "db_memory.so"'),
      configName: "b.cfg",
      modules: [store.module()],
    });
  const a = await site.start({ configText: config(A, B, ""), configName: "a.cfg" });
  const b = await startB();
  const phone = site.node("10.0.0.9", 5060);
  const register = (contact: string): Promise<unknown> =>
    site.ask(phone, `${A}:5060`, {
      method: "REGISTER",
      uri: "sip:example.test",
      from: AOR,
      to: AOR,
      headers: `Contact: ${contact}\r\n`,
    });
  await register("<sip:a@1.1.1.1>, <sip:b@1.1.1.1>, <sip:c@1.1.1.1>");
  await site.ask(phone, `${B}:5060`, { method: "MESSAGE", uri: AOR, from: AOR, to: AOR });
  await site.advance(1000);
  const crashB = (member: SiteEngine): void => {
    site.crash(member);
    store.disconnect();
  };
  return { site, a, b, startB, crashB, register };
}

const requests = (packets: readonly MemoryPacket[], method: string): MemoryPacket[] =>
  packets.filter(({ text }) => text.startsWith(`${method} `));
const callIds = (packets: readonly MemoryPacket[]): Set<string | undefined> =>
  new Set(packets.map(({ text }) => /^Call-ID: (\S+)/m.exec(text)?.[1]));

describe("a follower that is killed", () => {
  it("row 41: knows everything again with one SUBSCRIBE in the same dialog and one NOTIFY", async () => {
    const { site, a, b, startB, crashB } = await start();
    const before = callIds(requests(site.network.packets, "SUBSCRIBE"));
    const told = contactsOf(a, "alice").map((uri) => `(${uri})`);
    expect(contactsOf(b, "alice")).toEqual(told);
    crashB(b);
    await site.advance(3000);
    const had = site.network.packets.length;
    const again = await startB();
    expect(contactsOf(again, "alice")).toEqual([]);
    await site.advance(2000);
    expect(contactsOf(again, "alice")).toEqual(told);
    const since = site.network.packets.slice(had);
    const subscribes = requests(since, "SUBSCRIBE");
    expect([subscribes.length, requests(since, "NOTIFY").length]).toEqual([1, 1]);
    expect(callIds(subscribes)).toEqual(before);
    await site.stopAll();
  });

  it("hears of what changed meanwhile, and of what changes before it has asked", async () => {
    const { site, b, startB, crashB, register } = await start();
    crashB(b);
    await register("<sip:a@1.1.1.1>;expires=0");
    const again = await startB();
    await register("<sip:d@1.1.1.1>");
    await site.advance(3000);
    expect(contactsOf(again, "alice")).toEqual([
      "(sip:b@1.1.1.1)",
      "(sip:c@1.1.1.1)",
      "(sip:d@1.1.1.1)",
    ]);
    await site.stopAll();
  });
});
