/** Crashes and restarts with a database: entity tags and dialogs go on. */
import { describe, expect, it } from "vitest";
import { REGINFO } from "../../../src/runtime/reginfo/document.ts";
import type { Sent } from "../../support/engine.ts";
import {
  ALICE,
  kill,
  type Machine,
  machine,
  ReginfoEngine,
  SERVER,
  startAgain,
} from "./harness.ts";

const ok = (tag: string, expires = 3600): string => `SIP-ETag: ${tag}\r\nExpires: ${expires}\r\n`;
const isSubscribe = (one: Sent): boolean => one.line.startsWith("SUBSCRIBE");

/** Alice registers a contact, which is published and gets this tag. */
async function publishes(engine: ReginfoEngine, contact: string, tag: string): Promise<void> {
  const [publish] = await engine.register(`<${contact}>;expires=3600`);
  await engine.answer(publish as Sent, 200, ok(tag));
}

/** Alice is registered and published under the tag e1. */
async function published(on: Machine, settings = {}): Promise<ReginfoEngine> {
  const engine = await ReginfoEngine.startOn(on, settings);
  await publishes(engine, "sip:a@1.1.1.1", "e1");
  await engine.net.advance(1);
  return engine;
}

function documentOf(uri: string, version: number): string {
  return (
    `<?xml version="1.0"?><reginfo xmlns="${REGINFO}" version="${version}" state="full">` +
    `<registration aor="${ALICE}" id="r" state="active"><contact id="${uri}" state="active" ` +
    `event="registered" expires="3000" callid="c" cseq="1"><uri>${uri}</uri></contact>` +
    "</registration></reginfo>"
  );
}

/** Alice is followed; the SUBSCRIBE that began it. */
async function followed(on: Machine, settings = {}): Promise<[ReginfoEngine, Sent]> {
  const engine = await ReginfoEngine.startOn(on, settings);
  const subscribe = (await engine.subscribe(ALICE)) as Sent;
  await engine.answer(
    subscribe,
    200,
    `Expires: 3600\r\nContact: <sip:${SERVER}>\r\n` +
      "Record-Route: <sip:10.0.0.8;lr>, <sip:10.0.0.5;lr;n=2>\r\n",
  );
  await engine.notify(subscribe, documentOf("sip:a@9.9.9.9", 0), { cseq: 40 });
  await engine.net.advance(1);
  return [engine, subscribe];
}

const lookedUp = async (engine: ReginfoEngine): Promise<string[]> =>
  (await engine.lookup()).slice(1).map((line) => line.split(" ")[0] ?? "");

describe("a publication", () => {
  it("row 27: goes on with its entity tag after a crash", async () => {
    const on = machine();
    await published(on);
    const engine = await startAgain(on, {}, 5000);
    const [publish, ...more] = await engine.register("<sip:b@1.1.1.1>;expires=3600");
    expect(more).toEqual([]);
    expect(publish?.header("SIP-If-Match")).toBe("e1");
    expect(publish?.body).toContain("sip:b@1.1.1.1");
    await engine.answer(publish as Sent, 200, ok("e2"));
    await engine.net.advance(1);
    expect(on.store.rows("pua")).toMatchObject([{ etag: "e2", pres_uri: ALICE, event: 64 }]);
  });

  it("has the latest tag in the database, whatever has become of the one before", async () => {
    const on = machine();
    const engine = await published(on);
    for (let i = 2; i < 6; i++) {
      await publishes(engine, `sip:a${i}@1.1.1.1`, `e${i}`);
      await engine.net.advance(1);
      expect(on.store.rows("pua").map((row) => row["etag"])).toEqual([`e${i}`]);
    }
  });

  it("of whose state nothing is known any more is not refreshed, and forgotten when it has run out", async () => {
    const on = machine();
    await published(on);
    const engine = await startAgain(on);
    expect(await engine.net.rpc("pua.cleanup")).toMatchObject([
      {
        entries: [
          ["publications", 1],
          ["subscriptions", 0],
          ["rows_waiting", 0],
        ],
      },
    ]);
    expect(await engine.net.advance(3_598_000)).toEqual([]);
    expect(on.store.rows("pua")).toHaveLength(1);
    expect(await engine.net.advance(4000)).toEqual([]);
    expect(on.store.rows("pua")).toEqual([]);
    const [publish] = await engine.register("<sip:b@1.1.1.1>;expires=3600");
    expect(publish?.header("SIP-If-Match")).toBe("");
  });

  it("that ran out while the engine was away is begun anew", async () => {
    const on = machine();
    await published(on);
    const engine = await startAgain(on, {}, 3_700_000);
    await engine.net.advance(1);
    expect(on.store.rows("pua")).toEqual([]);
    const [publish] = await engine.register("<sip:b@1.1.1.1>;expires=3600");
    expect(publish?.header("SIP-If-Match")).toBe("");
  });

  it("is written anew with its full state when the server has lost it too", async () => {
    const on = machine();
    await published(on);
    const engine = await startAgain(on);
    const [publish] = await engine.register("<sip:b@1.1.1.1>;expires=3600");
    const [again] = await engine.answer(publish as Sent, 412);
    expect([again?.header("SIP-If-Match"), again?.body.includes("sip:b@1.1.1.1")]).toEqual([
      "",
      true,
    ]);
    await engine.answer(again as Sent, 200, ok("n1"));
    await engine.net.advance(1);
    expect(on.store.rows("pua").map((row) => row["etag"])).toEqual(["n1"]);
  });

  it("outlives a clean stop without a word to the server", async () => {
    const on = machine();
    const before = await published(on);
    before.net.take();
    const stopped = before.net.stop();
    await on.clock.advance(10_000);
    await stopped;
    expect(before.net.take()).toEqual([]);
    const engine = await ReginfoEngine.startOn(on);
    const [publish] = await engine.register("<sip:b@1.1.1.1>;expires=3600");
    expect(publish?.header("SIP-If-Match")).toBe("e1");
  });

  it("waits at a clean stop for the answer that is on its way", async () => {
    const on = machine();
    const before = await published(on);
    const [publish] = await before.register("<sip:b@1.1.1.1>;expires=3600");
    const stopped = before.net.stop();
    await before.answer(publish as Sent, 200, ok("e2"));
    await on.clock.advance(1);
    await stopped;
    expect(on.store.rows("pua").map((row) => row["etag"])).toEqual(["e2"]);
  });

  it("is taken back at a clean stop when that is asked for", async () => {
    const on = machine();
    const before = await published(on, { "pua.teardown": 1 });
    before.net.take();
    const stopped = before.net.stop();
    const [removal] = await before.net.advance(1);
    expect([removal?.header("Expires"), removal?.header("SIP-If-Match")]).toEqual(["0", "e1"]);
    await before.answer(removal as Sent, 200, "Expires: 0\r\n");
    await on.clock.advance(10_000);
    await stopped;
    expect(on.store.rows("pua")).toEqual([]);
  });

  it("stays at the server without a database too when that is asked for", async () => {
    const engine = await ReginfoEngine.start({ "pua.teardown": 0 });
    const [publish] = await engine.register("<sip:a@1.1.1.1>");
    await engine.answer(publish as Sent, 200, ok("e1"));
    engine.net.take();
    const stopped = engine.net.stop();
    expect(await engine.net.advance(10_000)).toEqual([]);
    await stopped;
  });

  it("under another domain than before is not touched", async () => {
    const on = machine();
    await published(on);
    const engine = await startAgain(on, { "pua_reginfo.default_domain": "other.test" });
    const [publish] = await engine.register("<sip:b@1.1.1.1>;expires=3600");
    expect(publish?.line).toBe("PUBLISH sip:alice@other.test SIP/2.0");
    expect(publish?.header("SIP-If-Match")).toBe("");
  });
});

describe("a database that is away", () => {
  it("stops no request, and has everything when it is back", async () => {
    const on = machine();
    const engine = await published(on);
    on.store.fail();
    await publishes(engine, "sip:b@1.1.1.1", "e2");
    const [next] = await engine.register("<sip:c@1.1.1.1>;expires=3600");
    expect(next?.header("SIP-If-Match")).toBe("e2");
    await engine.answer(next as Sent, 200, ok("e3"));
    await engine.net.advance(1);
    expect(on.store.rows("pua").map((row) => row["etag"])).toEqual(["e1"]);
    on.store.work();
    await engine.net.advance(60_000);
    expect(on.store.rows("pua").map((row) => row["etag"])).toEqual(["e3"]);
  });

  it("that does not answer at all keeps no clean stop from its end", async () => {
    const on = machine();
    const engine = await published(on);
    on.store.hang();
    await publishes(engine, "sip:b@1.1.1.1", "e2");
    const stopped = engine.net.stop();
    await on.clock.advance(60_000);
    await stopped;
  });

  it("at the start is a reason not to start", async () => {
    const on = machine();
    on.store.fail();
    await expect(ReginfoEngine.startOn(on)).rejects.toThrow(/away/);
  });
});

describe("a subscription", () => {
  it("row 33: goes on in its dialog after a crash, and asks for the full state", async () => {
    const on = machine();
    const [, subscribe] = await followed(on);
    const engine = await startAgain(on, {}, 5000);
    expect(await lookedUp(engine)).toEqual([]);
    const sent = (await engine.net.advance(1200)).filter(isSubscribe);
    expect(new Set(sent.map((one) => one.message.cseqNumber)).size).toBe(1);
    const refresh = sent[0] as Sent;
    expect(refresh.line).toBe(`SUBSCRIBE sip:${SERVER} SIP/2.0`);
    expect(refresh.header("Route")).toBe("<sip:10.0.0.5;lr;n=2>, <sip:10.0.0.8;lr>");
    expect(refresh.message.callId).toBe(subscribe.message.callId);
    expect([refresh.message.fromTag, refresh.message.toTag]).toEqual([
      subscribe.message.fromTag,
      "server",
    ]);
    expect(refresh.message.cseqNumber).toBeGreaterThan(subscribe.message.cseqNumber);
    await engine.accept(refresh);
    await engine.notify(refresh, documentOf("sip:b@9.9.9.9", 7), { cseq: 41 });
    expect(await lookedUp(engine)).toEqual(["sip:b@9.9.9.9"]);
  });

  it("hears NOTIFYs at once, and only those of its dialog", async () => {
    const on = machine();
    const [, subscribe] = await followed(on);
    const engine = await startAgain(on);
    const body = documentOf("sip:b@9.9.9.9", 7);
    const wrong = { cseq: 41, callId: "guessed" };
    expect((await engine.notify(subscribe, body, wrong))[0]).toBe(481);
    expect(await lookedUp(engine)).toEqual([]);
    expect((await engine.notify(subscribe, body, { cseq: 41 }))[0]).toBe(200);
    expect(await lookedUp(engine)).toEqual(["sip:b@9.9.9.9"]);
    expect((await engine.notify(subscribe, body, { cseq: 40 }))[0]).toBe(500);
  });

  it("that the notifier has lost is begun anew", async () => {
    const on = machine();
    await followed(on);
    const engine = await startAgain(on);
    const [refresh] = (await engine.net.advance(1200)).filter(isSubscribe);
    await engine.answer(refresh as Sent, 481);
    const [again] = (await engine.net.advance(3000)).filter(isSubscribe);
    expect([again?.line, again?.message.toTag]).toEqual([`SUBSCRIBE ${ALICE} SIP/2.0`, ""]);
    await engine.accept(again as Sent);
    await engine.net.advance(1);
    expect(on.store.rows("pua").map((row) => row["call_id"])).toEqual([again?.message.callId]);
  });

  it("is found by the script, and asked for once", async () => {
    const on = machine();
    const [, subscribe] = await followed(on);
    const engine = await startAgain(on);
    const again = await engine.subscribe(ALICE);
    expect(again?.message.callId).toBe(subscribe.message.callId);
    await engine.accept(again as Sent);
    expect((await engine.net.advance(3000)).filter(isSubscribe)).toEqual([]);
  });

  it("goes on after a clean stop without having been ended", async () => {
    const on = machine();
    const [before, subscribe] = await followed(on);
    before.net.take();
    const stopped = before.net.stop();
    await on.clock.advance(10_000);
    await stopped;
    expect(before.net.take()).toEqual([]);
    const engine = await ReginfoEngine.startOn(on);
    const [refresh] = (await engine.net.advance(1200)).filter(isSubscribe);
    expect(refresh?.message.callId).toBe(subscribe.message.callId);
  });

  it("that waits for a notifier that does not answer is wanted after the restart too", async () => {
    const on = machine();
    const before = await ReginfoEngine.startOn(on);
    await before.answer((await before.subscribe(ALICE)) as Sent, 503);
    await before.net.advance(1);
    const engine = await startAgain(on);
    const [again] = (await engine.net.advance(1200)).filter(isSubscribe);
    expect([again?.line, again?.message.toTag]).toEqual([`SUBSCRIBE ${ALICE} SIP/2.0`, ""]);
  });

  it("whose time ran out while the engine was away is begun anew", async () => {
    const on = machine();
    await followed(on);
    const engine = await startAgain(on, {}, 4_000_000);
    const [again] = (await engine.net.advance(1200)).filter(isSubscribe);
    expect(again?.message.toTag).toBe("");
  });

  it("that was ended does not come back", async () => {
    const on = machine();
    const [before] = await followed(on);
    const end = (await before.subscribe(ALICE, 0)) as Sent;
    await before.net.advance(1);
    kill(on);
    expect(end.header("Expires")).toBe("0");
    expect(on.store.rows("pua")).toEqual([]);
    const engine = await ReginfoEngine.startOn(on);
    expect(await engine.net.advance(5000)).toEqual([]);
  });

  it("with an end of its own does not outlive it", async () => {
    const on = machine();
    const settings = { "pua_reginfo.keep_subscriptions": 0 };
    const before = await ReginfoEngine.startOn(on, settings);
    await before.accept((await before.subscribe(ALICE, 600)) as Sent, 600);
    await before.net.advance(1);
    const engine = await startAgain(on, settings, 700_000);
    expect(await engine.net.advance(5000)).toEqual([]);
    expect(on.store.rows("pua")).toEqual([]);
  });
});
