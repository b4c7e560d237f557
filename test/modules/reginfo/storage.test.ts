/** The notifier of registrations with a database: subscriptions outlive the process, and nobody hears what is not known. */
import { describe, expect, it } from "vitest";
import { type Sent, testEngine } from "../../support/engine.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { documentOf, summary, Watcher } from "../../support/watcher.ts";
import { ALICE, NotifierEngine, notifierConfig, type Settings } from "./harness.ts";

const A = "<sip:a@10.0.0.1>";
const B = "<sip:b@10.0.0.1>";
const TRUSTED = "X-Trusted: yes\r\n";

async function start(settings: Settings = {}) {
  const store = new MemoryStore();
  const all = { "reginfo.db_url": "memory:", "reginfo.domain_resource": "all", ...settings };
  return { store, engine: await NotifierEngine.start(all, store) };
}

/** CSeq and version of each NOTIFY. */
function numbers(watcher: Watcher): [number, number][] {
  return watcher.notifies.map((one) => [one.message.cseqNumber, documentOf(one).version]);
}

function rises(list: readonly number[]): boolean {
  return list.every((value, i) => i === 0 || value > (list[i - 1] ?? 0));
}

/** Lets time pass for several watchers; the NOTIFYs of all. */
async function waitAll(engine: NotifierEngine, ms: number, ...watchers: Watcher[]) {
  const all: Sent[] = [];
  for (let left = ms; left > 0; left -= 400) {
    const sent = await engine.net.advance(400);
    for (const watcher of watchers) all.push(...(await watcher.take(sent)));
  }
  return all;
}

/** Whether a document asks to take nothing away yet. */
function isOpen(body: string | undefined): boolean {
  return body?.includes(' x:more="1"') === true;
}

describe("after a crash", () => {
  it("row 9: watchers hear more in their dialogs, and versions never come twice", async () => {
    const { engine } = await start({ "reginfo.restart_grace": 0 });
    const watcher = engine.watcher();
    await watcher.subscribe();
    await engine.told(watcher, A);
    for (let round = 0; round < 3; round++) {
      await engine.restart("crash", 5000, watcher);
      expect(await watcher.wait(900)).toHaveLength(1);
      await engine.told(watcher, A);
      await engine.told(watcher, B);
    }
    const { reply } = await watcher.subscribe();
    expect(reply?.message.statusCode).toBe(200);
    expect(watcher.notifies).toHaveLength(12);
    expect(new Set(watcher.notifies.map((one) => one.header("From"))).size).toBe(1);
    expect(rises(numbers(watcher).map(([cseq]) => cseq))).toBe(true);
    expect(rises(numbers(watcher).map(([, version]) => version))).toBe(true);
  });

  it("rights are as they were: of the owner, of who was trusted, of nobody else", async () => {
    const { engine, store } = await start({ "reginfo.restart_grace": 0, "reginfo.extension": 1 });
    const all = new Watcher(engine.net, "sip:all@example.test", "sip:admin@example.test");
    const own = engine.watcher();
    await all.subscribe({ extra: TRUSTED });
    await own.subscribe();
    await engine.restart("crash", 0, all, own);
    const path = "Path: <sip:10.0.0.9;lr>\r\nSupported: path\r\n";
    await engine.register(A, { extra: path });
    await waitAll(engine, 900, all, own);
    expect(all.notifies.at(-1)?.body).toContain('x:user-agent="');
    expect(own.notifies.at(-1)?.body).not.toContain("x:");
    expect(
      store.rows("reginfo_watchers").map((row) => [row["is_owner"], row["is_trusted"]]),
    ).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it("a subscription that ran out meanwhile, or whose table or domain is not there, is gone", async () => {
    const { engine, store } = await start({ "reginfo.restart_grace": 0 });
    const watcher = engine.watcher();
    await watcher.subscribe({ expires: 60 });
    await engine.restart("crash", 61_000, watcher);
    expect(await watcher.wait(900)).toEqual([]);
    expect(store.rows("reginfo_watchers")).toEqual([]);
    expect((await watcher.subscribe()).reply?.message.statusCode).toBe(481);
  });

  it("who reads packed documents gets them", async () => {
    const { engine, store } = await start({ "reginfo.restart_grace": 0 });
    const all = new Watcher(engine.net, "sip:all@example.test", "sip:admin@example.test");
    await all.subscribe({ extra: `${TRUSTED}Accept-Encoding: deflate, gzip\r\n` });
    expect(store.rows("reginfo_watchers")[0]?.["flags"]).toBe(256);
    await engine.restart("crash", 0, all);
    for (let i = 0; i < 30; i++) {
      await engine.register(`<sip:c${i}@10.0.0.1>`, { aor: `sip:u${i}@example.test` });
    }
    const told = await all.wait(900);
    expect(told.map((one) => one.header("Content-Encoding"))).toContain("gzip");
    await all.subscribe({ extra: TRUSTED });
    expect(all.notifies.at(-1)?.header("Content-Encoding")).toBe("");
    expect(store.rows("reginfo_watchers")[0]?.["flags"]).toBe(0);
  });

  it("the rows of watchers that went are gone", async () => {
    const { engine, store } = await start();
    const [first, second, third] = [engine.watcher(), engine.watcher(), engine.watcher()];
    for (const one of [first, second, third]) await one.subscribe();
    await first.subscribe({ expires: 0 });
    second.answer = () => ({ code: 481 });
    await second.take(await engine.register(A));
    await engine.net.rpc("reginfo.end", ALICE);
    await third.take(engine.net.take());
    await engine.net.advance(0);
    expect(store.rows("reginfo_watchers")).toEqual([]);
  });
});

describe("a clean stop", () => {
  it("row 9: ends nothing, and numbers go on without a gap", async () => {
    const { engine } = await start({ "reginfo.restart_grace": 0 });
    const watcher = engine.watcher();
    await watcher.subscribe();
    await engine.told(watcher, A);
    await engine.restart("stop", 5000, watcher);
    await watcher.wait(900);
    expect(numbers(watcher)).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    // Without their table, contacts are gone.
    expect(summary(watcher.notifies[2])).toEqual(["2 full", `${ALICE} terminated`]);
  });
});

describe("a location table that begins empty", () => {
  it("is not told as if all had gone: changes only, until the time of grace is over", async () => {
    const { engine } = await start({ "reginfo.restart_grace": 300 });
    const watcher = engine.watcher();
    const all = new Watcher(engine.net, "sip:all@example.test", "sip:admin@example.test");
    await engine.register(`${A}, ${B}`);
    await watcher.subscribe({ expires: 3600 });
    await all.subscribe({ expires: 3600, extra: TRUSTED });
    await engine.restart("crash", 5000, watcher, all);
    expect(await waitAll(engine, 2000, watcher, all)).toEqual([]);

    const refresh = await watcher.subscribe({ expires: 3600 });
    expect(refresh.reply?.message.statusCode).toBe(200);
    expect(summary(refresh.notifies[0])).toEqual([expect.stringMatching(/partial$/)]);
    const returned = await engine.register(A);
    const [back] = await watcher.take(returned);
    await all.take(returned);
    expect(summary(back).slice(1)).toEqual([`${ALICE} active; registered sip:a@10.0.0.1 600`]);
    // One goes, the other one is not known to have gone.
    const left = await engine.register(A, { expires: 0 });
    const [gone] = await watcher.take(left);
    await all.take(left);
    expect(summary(gone).slice(1)).toEqual([`${ALICE} active; unregistered sip:a@10.0.0.1 0`]);
    expect(all.notifies).toHaveLength(3);
    for (const one of [...refresh.notifies, back, gone, ...all.notifies.slice(1)]) {
      expect(documentOf(one).isFull).toBe(false);
      expect(isOpen(one?.body)).toBe(true);
    }
    const before = [watcher.notifies.length, all.notifies.length];
    expect(await waitAll(engine, 290_000, watcher, all)).toEqual([]);
    await waitAll(engine, 10_000, watcher, all);
    expect([watcher.notifies.length, all.notifies.length]).toEqual(
      before.map((count) => count + 1),
    );
    expect(summary(watcher.notifies.at(-1)).slice(1)).toEqual([`${ALICE} terminated`]);
    expect(documentOf(watcher.notifies.at(-1)).isFull).toBe(true);
    expect(isOpen(watcher.notifies.at(-1)?.body)).toBe(false);
    expect(documentOf(all.notifies.at(-1)).isFull).toBe(true);
  });

  it("is told in full to new watchers, with word that more may come", async () => {
    const { engine } = await start();
    const watcher = engine.watcher();
    await watcher.subscribe();
    await engine.restart("crash", 0, watcher);
    const fresh = engine.watcher();
    const { notifies } = await fresh.subscribe();
    expect(summary(notifies[0])).toEqual(["0 full", `${ALICE} init`]);
    expect(isOpen(notifies[0]?.body)).toBe(true);
  });

  it("is complete where there were no watchers before", async () => {
    const { engine } = await start();
    const { notifies } = await engine.watcher().subscribe();
    expect(isOpen(notifies[0]?.body)).toBe(false);
  });
});

describe("replies", () => {
  it("wait for the database, but not for ever", async () => {
    const { engine, store } = await start({ "reginfo.db_reply_wait": 300 });
    const watcher = engine.watcher();
    store.hang();
    expect(await engine.net.send(watcher.request(), watcher.address)).toEqual([]);
    const sent = await engine.net.advance(300);
    expect(sent.map(({ line }) => line.split(" ")[0])).toEqual(["SIP/2.0", "NOTIFY"]);
    store.work();
    await engine.net.advance(0);
    expect(store.rows("reginfo_watchers")).toHaveLength(1);
    const { statistics } = engine.net.engine.services;
    expect(statistics.read("reginfo", "early_replies")).toBe(1);
    expect(statistics.read("reginfo", "accepted")).toBe(1);
  });
});

describe("a configuration", () => {
  it("must name a table, and a database that has a driver", async () => {
    const messages = async (settings: Settings): Promise<string[]> => {
      const store = new MemoryStore();
      const options = { modules: [store.module()], allowErrors: true };
      const net = await testEngine(notifierConfig(settings, true), options);
      return net.engine.diagnostics.map(({ message }) => message);
    };
    const bad = { "reginfo.db_url": "memory:", "reginfo.db_table": "x y" };
    expect(await messages(bad)).toEqual(['reginfo: "x y" cannot name a table']);
    expect((await messages({ "reginfo.db_url": "redis://h" }))[0]).toMatch(/^reginfo: .*redis/);
  });
});
