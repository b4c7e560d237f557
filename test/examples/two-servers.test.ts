/** examples/two-servers: two registrars that tell each other of their phones. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PuaApi } from "../../src/modules/pua/spec.ts";
import type { MemoryNode, MemoryPacket } from "../../src/runtime/memory-network.ts";
import { contactsOf, flow, Site, type SiteEngine } from "../support/site.ts";

const A = "127.0.0.1:5060";
const B = "127.0.0.1:5070";
const folder = resolve(import.meta.dirname, "../../examples/two-servers");

let site: Site;
let a: SiteEngine;
let b: SiteEngine;
let phone: MemoryNode;
let runFolder = "";

function start(name: "a" | "b"): Promise<SiteEngine> {
  const runDirectory = mkdtempSync(join(runFolder, `${name}-`));
  return site.start({ configPath: join(folder, `${name}.cfg`), runDirectory });
}

beforeEach(async () => {
  runFolder = mkdtempSync(join(tmpdir(), "olelo-two-"));
  site = new Site();
  a = await start("a");
  b = await start("b");
  phone = site.node("10.0.0.1", 5060);
  // A has asked before B was there.
  await site.advance(5000);
});

afterEach(async () => {
  await site.stopAll();
  rmSync(runFolder, { recursive: true });
});

async function register(at: string, user: string, contact: string, headers = "") {
  const to = `sip:${user}@example.com`;
  const callId = `register-${user}-${at}`;
  const more = { method: "REGISTER", uri: "sip:example.com", from: to, to, callId };
  const answer = await site.ask(phone, at, {
    ...more,
    headers: `Contact: ${contact}\r\n${headers}`,
  });
  expect(answer.status).toBe(200);
  return between(answer.packets);
}

/** Requests that one server sent to the other. */
function between(packets: readonly MemoryPacket[]): string[] {
  return flow(packets.filter((one) => one.fromAddress === "127.0.0.1")).filter((line) =>
    /^127\.0\.0\.1:\d+ [A-Z]/.test(line),
  );
}

const tables = (user: string): string[] =>
  [a, b].map((member) => contactsOf(member, user).join(" "));

const since = (count: number): string[] => between(site.network.packets.slice(count));

describe("examples/two-servers", () => {
  it("is clean", () => {
    for (const { engine } of [a, b]) {
      expect(engine.diagnostics.filter((one) => one.severity !== "info")).toEqual([]);
    }
  });

  it("row 41: each change goes to the other server in one NOTIFY, and none comes back", async () => {
    expect(await register(A, "u1", "<sip:u1@10.0.0.1>")).toEqual([`${B} NOTIFY`]);
    expect(tables("u1")).toEqual(["sip:u1@10.0.0.1", "(sip:u1@10.0.0.1)"]);
    expect(await register(B, "u2", "<sip:u2@10.0.0.2>, <sip:x@10.0.0.2>")).toEqual([`${A} NOTIFY`]);
    expect(tables("u2")).toEqual([
      "(sip:u2@10.0.0.2) (sip:x@10.0.0.2)",
      "sip:u2@10.0.0.2 sip:x@10.0.0.2",
    ]);
    expect(await register(B, "u2", "<sip:u2@10.0.0.2>")).toEqual([`${A} NOTIFY`]);
    expect(await register(B, "u2", "<sip:x@10.0.0.2>;expires=0")).toEqual([`${A} NOTIFY`]);
    expect(tables("u2")).toEqual(["(sip:u2@10.0.0.2)", "sip:u2@10.0.0.2"]);
    await b.engine.rpc.call("reginfo.deactivate", ["location", "u2"]);
    await site.settle();
    expect(tables("u2")).toEqual(["", ""]);
  });

  it("row 41: a contact that runs out or is shortened does so at both", async () => {
    await register(A, "u1", "<sip:u1@10.0.0.1>;expires=100");
    await register(A, "u2", "<sip:u2@10.0.0.1>;expires=600");
    await a.engine.rpc.call("reginfo.shorten", ["location", "u2", 30]);
    await site.settle();
    await site.advance(32_000);
    expect(tables("u2")).toEqual(["", ""]);
    expect(tables("u1")).toEqual(["sip:u1@10.0.0.1", "(sip:u1@10.0.0.1)"]);
    await site.advance(70_000);
    expect(tables("u1")).toEqual(["", ""]);
  });

  it("row 41: a phone that registers at both is there once at each, without an echo", async () => {
    await register(A, "u1", "<sip:u1@10.0.0.1>");
    expect(await register(B, "u1", "<sip:u1@10.0.0.1>")).toEqual([`${A} NOTIFY`]);
    await register(B, "u1", "<sip:other@10.0.0.2>");
    expect(tables("u1")).toEqual([
      "(sip:other@10.0.0.2) sip:u1@10.0.0.1",
      "sip:other@10.0.0.2 sip:u1@10.0.0.1",
    ]);
    const count = site.network.packets.length;
    await site.advance(20_000);
    expect(since(count)).toEqual([]);
    await register(B, "u1", "*", "Expires: 0\r\n");
    expect(contactsOf(a, "u1")).toEqual(["sip:u1@10.0.0.1"]);
    // What B had from its own phone's registration is gone; what A has of it counts again.
    await site.advance(5000);
    expect(tables("u1")).toEqual(["sip:u1@10.0.0.1", "(sip:u1@10.0.0.1)"]);
  });

  it("row 41: taking back all contacts at one server leaves those of the other", async () => {
    await register(A, "u1", "<sip:u1@10.0.0.1>");
    await register(B, "u1", "<sip:other@10.0.0.2>");
    await register(B, "u1", "*", "Expires: 0\r\n");
    expect(tables("u1")).toEqual(["sip:u1@10.0.0.1", "(sip:u1@10.0.0.1)"]);
  });

  it("row 41: a phone that leaves one of two servers is still known through the other", async () => {
    await register(A, "u1", "<sip:u1@10.0.0.1>");
    // A registration made here takes the place of what was learnt.
    await register(B, "u1", "<sip:u1@10.0.0.1>");
    await register(B, "u1", "<sip:u1@10.0.0.1>;expires=0");
    await site.advance(5000);
    expect(tables("u1")).toEqual(["sip:u1@10.0.0.1", "(sip:u1@10.0.0.1)"]);
  });

  it("row 41: a server that has crashed has everything again when it starts", async () => {
    await register(A, "u1", "<sip:u1@10.0.0.1>");
    await register(B, "u2", "<sip:u2@10.0.0.2>");
    site.crash(b);
    const count = site.network.packets.length;
    b = await start("b");
    const [first, second] = since(count).filter((line) => !line.startsWith("10."));
    expect([first, second]).toEqual([`${A} SUBSCRIBE`, `${B} NOTIFY`]);
    expect(contactsOf(b, "u1")).toEqual(["(sip:u1@10.0.0.1)"]);
    // A follows it anew at once: what B has lost is gone there too, and what is new arrives.
    await site.advance(3000);
    expect(tables("u2")).toEqual(["", ""]);
    await register(B, "u2", "<sip:u2@10.0.0.2>");
    expect(tables("u2")).toEqual(["(sip:u2@10.0.0.2)", "sip:u2@10.0.0.2"]);
    // Neither of them asks again and again.
    const calm = site.network.packets.length;
    await site.advance(20_000);
    expect(since(calm)).toEqual([]);
  });

  it("row 41: a server that stops is asked again when it is back", async () => {
    await register(A, "u1", "<sip:u1@10.0.0.1>");
    await site.stop(b);
    await site.advance(10_000);
    b = await start("b");
    await site.advance(15_000);
    await register(B, "u2", "<sip:u2@10.0.0.2>");
    expect(tables("u1")).toEqual(["sip:u1@10.0.0.1", "(sip:u1@10.0.0.1)"]);
    expect(tables("u2")).toEqual(["(sip:u2@10.0.0.2)", "sip:u2@10.0.0.2"]);
  });

  it("row 41: they agree again after they could not hear each other", async () => {
    await register(A, "u1", "<sip:u1@10.0.0.1>;expires=7200");
    site.network.drop = (packet) =>
      packet.fromAddress === "127.0.0.1" && packet.toAddress === "127.0.0.1";
    await register(A, "u1", "<sip:more@10.0.0.1>;expires=7200");
    await register(B, "u2", "<sip:u2@10.0.0.2>;expires=7200");
    await site.advance(200_000);
    expect(contactsOf(b, "u1")).toEqual(["(sip:u1@10.0.0.1)"]);
    site.network.drop = () => false;
    for (let i = 0; i < 40; i++) await site.advance(10_000);
    expect(tables("u1")).toEqual([
      "sip:more@10.0.0.1 sip:u1@10.0.0.1",
      "(sip:more@10.0.0.1) (sip:u1@10.0.0.1)",
    ]);
    expect(tables("u2")).toEqual(["(sip:u2@10.0.0.2)", "sip:u2@10.0.0.2"]);
  });

  it("row 41: a NOTIFY that is lost altogether is made up for by the next refresh", async () => {
    await register(A, "u1", "<sip:u1@10.0.0.1>");
    const lost = (packet: MemoryPacket): boolean => packet.text.startsWith("NOTIFY ");
    site.network.drop = lost;
    await register(A, "u2", "<sip:u2@10.0.0.1>");
    await site.advance(40_000);
    site.network.drop = () => false;
    expect(contactsOf(b, "u2")).toEqual([]);
    await site.advance(90_000);
    await register(A, "u3", "<sip:u3@10.0.0.1>");
    expect(contactsOf(b, "u2")).toEqual(["(sip:u2@10.0.0.1)"]);
  });

  it("row 38: a call at one server reaches a phone behind the edge proxy of the other", async () => {
    const edge = site.node("10.0.0.9", 5060);
    await register(
      A,
      "u1",
      '<sip:u1@192.168.0.5>;q=0.7;+sip.instance="<urn:uuid:1>";reg-id=1',
      "Supported: path, outbound\r\nPath: <sip:flow7@10.0.0.9;lr;ob>\r\nUser-Agent: Phone 1\r\n",
    );
    const values = await b.engine.rpc.call("ul.dump", []);
    const dump = JSON.stringify(values);
    for (const kept of ["<sip:flow7@10.0.0.9;lr;ob>", "<urn:uuid:1>", "Phone 1", "0.7"]) {
      expect(dump).toContain(kept);
    }
    await site.ask(phone, B, {
      method: "INVITE",
      uri: "sip:u1@example.com",
      from: "sip:u2@example.com",
      to: "sip:u1@example.com",
      headers: "Contact: <sip:u2@10.0.0.1:5060>\r\n",
    });
    const invite = edge.packets.find(({ text }) => text.startsWith("INVITE"))?.text ?? "";
    expect(invite).toMatch(/^INVITE sip:u1@192\.168\.0\.5 SIP\/2\.0\r\n/);
    expect(invite).toContain("\r\nRoute: <sip:flow7@10.0.0.9;lr;ob>\r\n");
  });

  it("row 41: thousands of phones are told again without a gap in between", async () => {
    const COUNT = 2000;
    for (let i = 0; i < COUNT; i++) {
      const contact = `sip:u${i}@10.0.0.1`;
      await a.engine.rpc.call("ul.add", ["location", `u${i}`, contact, 3600, "1", ".", 0, 0, -1]);
    }
    await site.settle();
    const known = (): number => {
      let count = 0;
      for (let i = 0; i < COUNT; i++) count += contactsOf(b, `u${i}`).length;
      return count;
    };
    expect(known()).toBe(COUNT);
    // A refresh has nothing to tell.
    let before = site.network.packets.length;
    await site.advance(70_000);
    expect(since(before).filter((line) => line.endsWith(" NOTIFY"))).toEqual([]);
    // When B asks for the full state, that takes many NOTIFYs.
    const counts = new Set<number>();
    before = site.network.packets.length;
    site.network.delayMs = (packet) => {
      if (packet.text.startsWith("NOTIFY")) counts.add(known());
      return 0;
    };
    const pua = b.engine.services.api("pua") as PuaApi;
    pua.find("sip:all@example.com", "reg")?.refresh();
    await site.advance(10_000);
    site.network.delayMs = () => 0;
    const notifies = since(before).filter((line) => line === `${B} NOTIFY`);
    expect(notifies.length).toBeGreaterThan(5);
    expect([...counts]).toEqual([COUNT]);
    site.crash(b);
    b = await start("b");
    expect(known()).toBe(COUNT);
  });

  it("row 38: a public GRUU given out by one server is known to the other", async () => {
    const one = '<sip:u1@10.0.0.7>;+sip.instance="<urn:uuid:7>"';
    await register(A, "u1", one, "Supported: gruu\r\n");
    await register(A, "u1", "<sip:u1@10.0.0.8>");
    const start = site.network.packets.length;
    await site.ask(phone, B, {
      method: "INVITE",
      uri: "sip:u1@example.com;gr=urn:uuid:7",
      from: "sip:u2@example.com",
      to: "sip:u1@example.com",
      headers: "Contact: <sip:u2@10.0.0.1:5060>\r\n",
    });
    const out = flow(site.network.packets.slice(start)).filter((line) => line.endsWith(" INVITE"));
    expect(out).toEqual([`${B} INVITE`, "10.0.0.7:5060 INVITE"]);
  });

  it("a phone that watches itself makes no traffic between the servers", async () => {
    const start = site.network.packets.length;
    const watcher = await site.ask(phone, A, {
      method: "SUBSCRIBE",
      uri: "sip:u1@example.com",
      from: "sip:u1@example.com",
      to: "sip:u1@example.com",
      headers: "Contact: <sip:u1@10.0.0.1>\r\nEvent: reg\r\nExpires: 600\r\n",
    });
    expect(watcher.status).toBe(200);
    expect(since(start)).toEqual([]);
  });

  it("follows nobody but the other server, and tells nobody else of the whole domain", async () => {
    const watcher = await site.ask(phone, A, {
      method: "SUBSCRIBE",
      uri: "sip:all@example.com",
      from: "sip:u1@example.com",
      to: "sip:all@example.com",
      headers: "Contact: <sip:u1@10.0.0.1>\r\nEvent: reg\r\nExpires: 600\r\n",
    });
    expect(watcher.status).toBe(403);
    const notify = await site.ask(phone, A, {
      method: "NOTIFY",
      uri: "sip:reginfo@127.0.0.1:5060",
      from: "sip:all@example.com",
      to: "sip:reginfo@127.0.0.1:5060",
      headers: "Event: reg\r\nSubscription-State: active\r\nContact: <sip:u1@10.0.0.1>\r\n",
    });
    expect(notify.status).toBe(481);
  });
});
