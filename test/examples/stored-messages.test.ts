/** examples/stored-messages: messages wait at one server for users who come online at the other. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MemoryNode, MemoryPacket } from "../../src/runtime/memory-network.ts";
import { MemoryStore } from "../support/memory-database.ts";
import { contactsOf, flow, Site, type SiteEngine } from "../support/site.ts";

const REGISTRAR = "127.0.0.1:5060";
const MESSAGES = "127.0.0.1:5080";
const folder = resolve(import.meta.dirname, "../../examples/stored-messages");

let site: Site;
let store: MemoryStore;
let registrar: SiteEngine;
let messages: SiteEngine;
let alice: MemoryNode;
let runFolder = "";
/** Texts that phones were sent, oldest first. */
let heard: string[];

beforeEach(async () => {
  runFolder = mkdtempSync(join(tmpdir(), "olelo-stored-"));
  site = new Site();
  store = new MemoryStore();
  heard = [];
  alice = site.node("10.0.0.1", 5060);
  registrar = await startRegistrar();
  messages = await startMessages();
  await site.advance(100);
});

afterEach(async () => {
  await site.stopAll();
  rmSync(runFolder, { recursive: true });
});

function startRegistrar(): Promise<SiteEngine> {
  const runDirectory = mkdtempSync(join(runFolder, "r-"));
  return site.start({ configPath: join(folder, "registrar.cfg"), runDirectory });
}

function startMessages(): Promise<SiteEngine> {
  return site.start({
    configPath: join(folder, "messages.cfg"),
    runDirectory: mkdtempSync(join(runFolder, "m-")),
    substitutions: ['substdef "!MESSAGES_DB!memory:!g"'],
    modules: [store.module()],
    loadModules: ["db_memory"],
  });
}

/** A phone that answers each MESSAGE in its own way; null: not at all. */
function phone(address: string, status: () => number | null = () => 200): MemoryNode {
  const node = site.network.node(address, 5060, ({ text, fromAddress, fromPort }) => {
    if (!text.startsWith("MESSAGE ")) return;
    const code = status();
    heard.push(text.slice(text.indexOf("\r\n\r\n") + 4).replace(/^\[.*?\] /, ""));
    if (code === null) return;
    const lines = text.split("\r\n");
    const copied = lines.filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line)).join("\r\n");
    node.send(`SIP/2.0 ${code} X\r\n${copied}\r\nContent-Length: 0\r\n\r\n`, fromAddress, fromPort);
  });
  return node;
}

async function register(user: string, from: MemoryNode, headers = ""): Promise<void> {
  const to = `sip:${user}@example.com`;
  const contact = `Contact: <sip:${user}@${from.address}:${from.port}>\r\n`;
  const more = { method: "REGISTER", uri: "sip:example.com", from: to, to, callId: `r-${user}` };
  const answer = await site.ask(from, REGISTRAR, { ...more, headers: contact + headers });
  expect(answer.status).toBe(200);
  await site.advance(100);
}

/** Alice sends a message; the status of the answer, if there is one at once. */
async function send(user: string, body: string, at = REGISTRAR): Promise<number> {
  const { status } = await site.ask(alice, at, {
    method: "MESSAGE",
    uri: `sip:${user}@example.com`,
    from: "sip:alice@example.com",
    to: `sip:${user}@example.com`,
    headers: "Content-Type: text/plain\r\n",
    body,
  });
  return status;
}

const stored = (): string[] => store.rows("silo").map((row) => String(row["body"]));

describe("examples/stored-messages", () => {
  it("is clean", () => {
    for (const { engine } of [registrar, messages]) {
      expect(engine.diagnostics.filter((one) => one.severity !== "info")).toEqual([]);
    }
  });

  it("a message for a user who is there goes to the phone, and is not kept", async () => {
    await register("bob", phone("10.0.0.2"));
    expect(await send("bob", "hello")).toBe(200);
    expect([heard, stored()]).toEqual([["hello"], []]);
  });

  it("a message for a user who is not there waits until the user registers", async () => {
    const bob = phone("10.0.0.2");
    expect(await send("bob", "one")).toBe(202);
    expect(await send("bob", "two")).toBe(202);
    expect(await send("carol", "not for bob")).toBe(202);
    expect(stored()).toEqual(["one", "two", "not for bob"]);
    await register("bob", bob);
    expect([heard, stored()]).toEqual([["one", "two"], ["not for bob"]]);
    await register("bob", bob);
    expect(heard).toEqual(["one", "two"]);
  });

  it("is accepted when it is in the database, not before, and not without it", async () => {
    store.hang();
    expect(await send("bob", "one")).toBe(0);
    store.work();
    await site.settle();
    expect(alice.packets.at(-1)?.text).toMatch(/^SIP\/2\.0 202 /);
    store.fail();
    expect(await send("bob", "two")).toBe(480);
    expect(stored()).toEqual(["one"]);
  });

  it("a MESSAGE that comes twice is stored once", async () => {
    store.hang();
    await send("bob", "one");
    const first = alice.packets.length;
    const request = site.network.packets.find(({ text }) => text.startsWith("MESSAGE "))?.text;
    alice.send(request ?? "", "127.0.0.1", 5060);
    await site.advance(1500);
    store.work();
    await site.advance(100);
    alice.send(request ?? "", "127.0.0.1", 5060);
    await site.advance(100);
    expect(stored()).toEqual(["one"]);
    expect(alice.packets.length).toBeGreaterThan(first);
  });

  it("sends nothing twice when a NOTIFY comes again while messages are on their way", async () => {
    let answers: number | null = null;
    const bob = phone("10.0.0.2", () => answers);
    await send("bob", "one");
    // The messaging server's answer to the NOTIFY is lost, so it comes again.
    let lost = 0;
    site.network.drop = ({ text }) =>
      text.startsWith("SIP/2.0 200") &&
      text.includes("CSeq: ") &&
      /\d NOTIFY/.test(text) &&
      lost++ < 2;
    await register("bob", bob);
    await site.advance(2000);
    expect(lost).toBeGreaterThan(1);
    answers = 200;
    await site.advance(3000);
    const calls = site.network.packets
      .filter(({ text, toAddress }) => text.startsWith("MESSAGE ") && toAddress === bob.address)
      .map(({ text }) => /Call-ID: (\S+)/.exec(text)?.[1]);
    expect(new Set(calls).size).toBe(1);
    expect(stored()).toEqual([]);
  });

  it("a message that the phone does not take is tried at its next registration", async () => {
    let status = 480;
    const bob = phone("10.0.0.2", () => status);
    await send("bob", "one");
    await register("bob", bob);
    expect([heard, stored()]).toEqual([["one"], ["one"]]);
    await site.advance(120_000);
    expect(heard).toEqual(["one"]);
    status = 200;
    await register("bob", bob);
    expect([heard, stored()]).toEqual([["one", "one"], []]);
  });

  it("a phone that is registered but gone counts as offline, and its messages come later", async () => {
    await register("bob", site.node("10.0.0.3", 5060));
    await register("alice", phone("10.0.0.4"));
    expect(await send("bob", "one")).toBe(0);
    await site.advance(6000);
    expect(alice.packets.at(-1)?.text).toMatch(/^SIP\/2\.0 202 /);
    expect(heard).toEqual(["bob is offline and gets your message later."]);
    await register("bob", phone("10.0.0.2"), "Expires: 300\r\n");
    await site.advance(10_000);
    expect([heard.slice(1), stored()]).toEqual([["one"], []]);
  });

  it("a message that arrives while its recipient registers is not left behind", async () => {
    store.hang();
    await send("bob", "one");
    await register("bob", phone("10.0.0.2"));
    store.work();
    await site.advance(100);
    expect([heard, stored()]).toEqual([["one"], []]);
  });

  it("a messaging server that crashes loses nothing, and finds who came meanwhile", async () => {
    await send("bob", "one");
    site.crash(messages);
    store.disconnect();
    await register("bob", phone("10.0.0.2"));
    expect(heard).toEqual([]);
    messages = await startMessages();
    await site.advance(1000);
    expect([heard, stored()]).toEqual([["one"], []]);
  });

  it("the sender hears it when the messaging server is down", async () => {
    site.crash(messages);
    expect(await send("bob", "one")).toBe(0);
    await site.advance(6000);
    expect(alice.packets.at(-1)?.text).toMatch(/^SIP\/2\.0 408 /);
  });

  it("a registrar that crashes is followed again", async () => {
    await send("bob", "one");
    site.crash(registrar);
    await site.advance(20_000);
    registrar = await startRegistrar();
    await site.advance(90_000);
    await register("bob", phone("10.0.0.2"));
    expect([heard, stored()]).toEqual([["one"], []]);
    expect(contactsOf(messages, "bob")).toEqual(["(sip:bob@10.0.0.2:5060)"]);
  });

  it("thousands of users who are online make no traffic when nothing is stored for them", async () => {
    for (let i = 0; i < 2000; i++) {
      const contact = `sip:u${i}@10.0.0.9`;
      const added = ["location", `u${i}`, contact, 3600, "1", ".", 0, 0, -1];
      await registrar.engine.rpc.call("ul.add", added);
    }
    await site.settle();
    await send("u7x", "waits");
    site.crash(messages);
    store.disconnect();
    const before = site.network.packets.length;
    messages = await startMessages();
    await site.advance(5000);
    expect(contactsOf(messages, "u1999")).toHaveLength(1);
    const sent = flow(site.network.packets.slice(before));
    expect(sent.filter((one) => one.endsWith(" MESSAGE"))).toEqual([]);
  });

  it("believes nobody but the registrar", async () => {
    expect(await send("bob", "one", MESSAGES)).toBe(403);
    const ask = (method: string, at: string, headers: string): Promise<number> =>
      site
        .ask(alice, at, {
          method,
          uri: "sip:all@example.com",
          from: "sip:alice@example.com",
          to: "sip:all@example.com",
          headers: `Contact: <sip:alice@10.0.0.1>\r\nEvent: reg\r\n${headers}`,
        })
        .then((answer) => answer.status);
    expect(await ask("SUBSCRIBE", REGISTRAR, "Expires: 600\r\n")).toBe(403);
    expect(await ask("NOTIFY", MESSAGES, "Subscription-State: active\r\n")).toBe(481);
    const forged = (packet: MemoryPacket): boolean => packet.toAddress === "10.0.0.1";
    expect(site.network.packets.filter(forged).map(({ text }) => text.slice(8, 11))).toEqual([
      "403",
      "403",
      "481",
    ]);
  });
});
