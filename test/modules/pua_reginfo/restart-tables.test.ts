/** What a start does with much to go on with, and with tables that have their contacts back. */
import { describe, expect, it } from "vitest";
import type { Sent } from "../../support/engine.ts";
import { ALICE, type Machine, machine, ReginfoEngine, startAgain } from "./harness.ts";

const ok = (tag: string, expires = 3600): string => `SIP-ETag: ${tag}\r\nExpires: ${expires}\r\n`;
const isSubscribe = (one: Sent): boolean => one.line.startsWith("SUBSCRIBE");

describe("a start with much to go on with", () => {
  it("asks for some at a time", async () => {
    const on = machine();
    const before = await ReginfoEngine.startOn(on);
    for (let i = 0; i < 40; i++) {
      await before.accept((await before.subscribe(`sip:user${i}@example.test`)) as Sent);
    }
    await before.net.advance(1);
    const engine = await startAgain(on, { "pua.resume_rate": 20 });
    const users = new Set<string>();
    const counts: number[] = [];
    for (let i = 0; i < 40; i++) {
      for (const one of (await engine.net.advance(100)).filter(isSubscribe)) {
        if (!users.has(one.message.callId)) await engine.accept(one);
        users.add(one.message.callId);
      }
      counts.push(users.size);
    }
    expect(users.size).toBe(40);
    // Two in each tenth of a second, from some time in the first second on.
    const steps = counts.map((count, i) => count - (counts[i - 1] ?? 0));
    expect(Math.max(...steps)).toBeLessThanOrEqual(4);
    expect(counts[9]).toBeLessThanOrEqual(20);
  });
});

describe("tables that are read from a database", () => {
  const settings = {
    "usrloc.db_mode": 1,
    "usrloc.db_url": "memory:",
    "pua_reginfo.publish_grace": 5,
  };
  const isPublish = (one: Sent): boolean => one.line.startsWith("PUBLISH");

  /** Answers all PUBLISHes for a while; what was sent, without retransmissions. */
  async function answerAll(engine: ReginfoEngine, seconds: number): Promise<Sent[]> {
    const seen = new Map<string, Sent>();
    for (let i = 0; i < seconds * 10; i++) {
      for (const one of (await engine.net.advance(100)).filter(isPublish)) {
        if (!seen.has(one.message.callId)) await engine.answer(one, 200, ok(`n${seen.size}`, 900));
        seen.set(one.message.callId, one);
      }
    }
    return [...seen.values()];
  }

  async function registered(on: Machine, user: string, contact: string): Promise<ReginfoEngine> {
    const engine = await ReginfoEngine.startOn(on, settings);
    const [publish] = await engine.register(contact, { aor: `sip:${user}@example.test` });
    await engine.answer(publish as Sent, 200, ok("e1"));
    await engine.net.advance(100);
    return engine;
  }

  it("are published as they are, under the tags of before", async () => {
    const on = machine();
    await registered(on, "alice", "<sip:a@1.1.1.1>;expires=3600");
    const engine = await startAgain(on, settings);
    expect((await engine.lookup())[0]).toBe("lookup 1");
    const sent = await answerAll(engine, 3);
    expect(sent.map((one) => [one.message.requestUri, one.header("SIP-If-Match")])).toEqual([
      [ALICE, "e1"],
    ]);
    expect(sent[0]?.body).toContain("<uri>sip:a@1.1.1.1</uri>");
    const refreshes = await answerAll(engine, 900);
    expect(refreshes.map((one) => one.header("SIP-If-Match"))).toEqual(["n0"]);
  });

  it("that lack a user now say so, and his publication is taken back", async () => {
    const on = machine();
    await registered(on, "alice", "<sip:a@1.1.1.1>;expires=60");
    const engine = await startAgain(on, settings, 120_000);
    const sent = await answerAll(engine, 8);
    expect(sent.map((one) => [one.header("SIP-If-Match"), one.header("Expires") === "0"])).toEqual([
      ["e1", false],
      ["n0", true],
    ]);
    expect(sent[0]?.body).toMatch(/<registration [^>]*state="terminated"\/>/);
    expect(on.store.rows("pua")).toEqual([]);
  });

  it("have users who were never published before: they are now", async () => {
    const on = machine();
    const before = await registered(on, "bob", "<sip:b@1.1.1.1>;expires=3600");
    await before.register("<sip:c@1.1.1.1>;expires=3600", { aor: "sip:carol@example.test" });
    await before.net.advance(100);
    const engine = await startAgain(on, settings);
    const sent = await answerAll(engine, 3);
    expect(sent.map((one) => [one.message.requestUri, one.header("SIP-If-Match")])).toEqual([
      ["sip:bob@example.test", "e1"],
      ["sip:carol@example.test", ""],
    ]);
  });
});
