/** A server that is followed is killed and started again: what its follower knows, with and without stored contacts. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MemoryNode } from "../../../src/runtime/memory-network.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { contactsOf, Site, type SiteEngine } from "../../support/site.ts";
import { params } from "../registrar/harness.ts";

const modules = ["tm", "sl", "pv", "textops", "usrloc", "registrar"];
const load = (names: readonly string[]): string =>
  names.map((name) => `loadmodule "${name}.so"\n`).join("");

const source = (settings: Record<string, string | number>): string => `
listen=udp:127.0.0.1:5060
alias="example.com"
${load(["db_memory", ...modules, "reginfo"])}
${params({
  "reginfo.domain_resource": "all",
  "reginfo.notify_interval": 0,
  "reginfo.db_url": "memory:",
  ...settings,
})}
request_route {
  if (method == "REGISTER") { save("location"); exit; }
  if (method == "SUBSCRIBE") { reginfo_allow_watcher(); reginfo_handle_subscribe("location"); exit; }
}`;

const mirror = `
listen=udp:127.0.0.1:5070
alias="example.com"
${load([...modules, "pua", "pua_reginfo"])}
${params({
  "pua_reginfo.publish_reginfo": 0,
  "pua_reginfo.server_address": "sip:mirror@127.0.0.1:5070",
  "pua_reginfo.outbound_proxy": "sip:127.0.0.1:5060",
})}
request_route {
  if (method == "MESSAGE") { reginfo_subscribe("$ru", "3600"); sl_send_reply("200", "OK"); }
  if (method == "NOTIFY") {
    if (reginfo_handle_notify("location")) sl_send_reply("200", "OK");
    else sl_send_reply("$reginfo(status)", "$reginfo(reason)");
  }
}`;

let site: Site;
let store: MemoryStore;
let phone: MemoryNode;
let a: SiteEngine;
let b: SiteEngine;

beforeEach(async () => {
  site = new Site();
  store = new MemoryStore();
  phone = site.node("10.0.0.1", 5060);
});

afterEach(() => site.stopAll());

function startSource(settings: Record<string, string | number>): Promise<SiteEngine> {
  const configText = source(settings);
  return site.start({ configText, configName: "a.cfg", modules: [store.module()] });
}

async function start(settings: Record<string, string | number> = {}): Promise<void> {
  a = await startSource(settings);
  b = await site.start({ configText: mirror, configName: "b.cfg" });
  await register("alice", 3600);
  await register("bob", 3600);
  const all = "sip:all@example.com";
  await site.ask(phone, "127.0.0.1:5070", { method: "MESSAGE", uri: all, from: all, to: all });
}

async function register(user: string, expires: number): Promise<void> {
  const aor = `sip:${user}@example.com`;
  const headers = `Contact: <sip:${user}@10.1.1.1>;expires=${expires}\r\n`;
  const fields = { method: "REGISTER", uri: "sip:example.com", from: aor, to: aor, headers };
  await site.ask(phone, "127.0.0.1:5060", fields);
}

async function restart(settings: Record<string, string | number> = {}): Promise<void> {
  site.crash(a);
  store.disconnect();
  await site.advance(5000);
  a = await startSource(settings);
  await site.advance(1000);
}

const mirrored = (): string[] => [...contactsOf(b, "alice"), ...contactsOf(b, "bob")];
const BOTH = ["(sip:alice@10.1.1.1)", "(sip:bob@10.1.1.1)"];
const subscribes = (since: number): number =>
  site.network.packets.slice(since).filter(({ text }) => text.startsWith("SUBSCRIBE")).length;

describe("the follower of a server that was killed", () => {
  it("row 9, row 41: knows the same at once, in the same dialog, when contacts are stored", async () => {
    const stored = { "usrloc.db_mode": 1, "usrloc.db_url": "memory:" };
    await start(stored);
    expect(mirrored()).toEqual(BOTH);
    const since = site.network.packets.length;
    await restart(stored);
    expect(contactsOf(a, "alice")).toEqual(["sip:alice@10.1.1.1"]);
    expect(mirrored()).toEqual(BOTH);
    const notifies = site.network.packets
      .slice(since)
      .filter(({ text }) => text.startsWith("NOTIFY"));
    expect(notifies).toHaveLength(1);
    expect(notifies[0]?.text).toMatch(/ version="1\d{3}" state="full">/);
    expect(notifies[0]?.text).toContain('event="registered"');
    expect(subscribes(since)).toBe(0);
    await register("alice", 0);
    expect(mirrored()).toEqual(["(sip:bob@10.1.1.1)"]);
  });

  it("keeps phones that may still be reachable when contacts are not stored, until they had time to come back", async () => {
    await start();
    const since = site.network.packets.length;
    await restart();
    expect(contactsOf(a, "alice")).toEqual([]);
    expect(mirrored()).toEqual(BOTH);
    // Refreshes change nothing about that.
    await site.advance(2_400_000);
    expect(subscribes(since)).toBeGreaterThan(0);
    expect(mirrored()).toEqual(BOTH);
    await register("alice", 3600);
    await site.advance(1_300_000);
    await site.advance(60_000);
    expect(mirrored()).toEqual(["(sip:alice@10.1.1.1)"]);
  });

  it("drops them when the grace is over, also those whose time is not", async () => {
    await start({ "reginfo.restart_grace": 60 });
    await restart({ "reginfo.restart_grace": 60 });
    await register("bob", 3600);
    await site.advance(50_000);
    expect(mirrored()).toEqual(BOTH);
    await site.advance(15_000);
    expect(mirrored()).toEqual(["(sip:bob@10.1.1.1)"]);
  });

  it("drops them at once without grace", async () => {
    await start({ "reginfo.restart_grace": 0 });
    await restart({ "reginfo.restart_grace": 0 });
    expect(mirrored()).toEqual([]);
  });
});
