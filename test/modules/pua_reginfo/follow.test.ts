/** Following a notifier through its failures, its reasons, its gaps, and whatever it may send. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EXTENSION, REGINFO } from "../../../src/runtime/reginfo/document.ts";
import type { Sent } from "../../support/engine.ts";
import { ALICE, notifyText, ReginfoEngine, SERVER } from "./harness.ts";

const BOB = "sip:bob@example.test";

function contact(uri: string, attributes = ""): string {
  return `<contact id="${uri}" state="active" event="registered" expires="3000" callid="c" cseq="1"${attributes}><uri>${uri}</uri></contact>`;
}

function documentOf(contacts: string, version = 0, kind = "full", root = ""): string {
  return (
    `<?xml version="1.0"?><reginfo xmlns="${REGINFO}" version="${version}" state="${kind}"${root}>` +
    `<registration aor="${ALICE}" id="r" state="active">${contacts}</registration></reginfo>`
  );
}

const isSubscribe = (one: Sent): boolean => one.line.startsWith("SUBSCRIBE");

async function followed(settings: Record<string, string | number> = {}) {
  const engine = await ReginfoEngine.start(settings);
  const subscribe = (await engine.subscribe(ALICE)) as Sent;
  await engine.accept(subscribe);
  await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9")), { cseq: 1 });
  return { engine, subscribe };
}

/** The next SUBSCRIBE that is no retransmission, and the milliseconds until it. */
async function nextSubscribe(engine: ReginfoEngine, before: Sent): Promise<[Sent, number]> {
  for (let waited = 0; waited < 4_000_000;) {
    const step = waited < 100_000 ? 100 : 5000;
    waited += step;
    const found = (await engine.net.advance(step)).find(
      (one) => isSubscribe(one) && one.text !== before.text,
    );
    if (found !== undefined) return [found, waited];
  }
  throw new Error("nobody subscribes any more");
}

const uris = async (engine: ReginfoEngine): Promise<string[]> =>
  (await engine.lookup()).slice(1).map((line) => line.split(" ")[0] ?? "");

describe("a notifier that fails", () => {
  it("row 32: is asked after ever longer times, none like another", async () => {
    const engine = await ReginfoEngine.start();
    let subscribe = (await engine.subscribe(ALICE)) as Sent;
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      await engine.answer(subscribe, 500);
      const [next, waited] = await nextSubscribe(engine, subscribe);
      expect(next.message.callId).not.toBe(subscribe.message.callId);
      waits.push(waited);
      subscribe = next;
    }
    for (const [i, wait] of waits.entries()) {
      const longest = Math.min(2000 * 2 ** i, 300_000);
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest + 5000);
    }
    // Chance is in them: they are no exact multiples of each other.
    expect(new Set(waits.map((wait, i) => wait / 2 ** i)).size).toBeGreaterThan(4);
  });

  it("row 32: many subscriptions do not come back at one moment", async () => {
    const engine = await ReginfoEngine.start();
    const count = 40;
    for (let i = 0; i < count; i++) {
      const subscribe = await engine.subscribe(`sip:u${i}@example.test`);
      await engine.answer(subscribe as Sent, 503, "Retry-After: 30\r\n");
    }
    engine.net.take();
    expect((await engine.net.advance(29_500)).filter(isSubscribe)).toEqual([]);
    const perStep: number[] = [];
    for (let i = 0; i < 20; i++) {
      perStep.push((await engine.net.advance(100)).filter(isSubscribe).length);
    }
    expect(perStep.filter((one) => one > 0).length).toBeGreaterThan(3);
    expect(Math.max(...perStep)).toBeLessThan(count / 2);
  });

  it("row 32: that accepts and ends again and again is asked ever less often", async () => {
    const engine = await ReginfoEngine.start();
    let subscribe = (await engine.subscribe(ALICE)) as Sent;
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      await engine.accept(subscribe);
      await engine.notify(subscribe, "", { state: "terminated;reason=deactivated" });
      const [next, waited] = await nextSubscribe(engine, subscribe);
      waits.push(waited);
      subscribe = next;
    }
    expect(waits[0]).toBeLessThanOrEqual(1100);
    expect(waits[4]).toBeGreaterThan(15_000);
  });

  it("row 32: with 500 to a refresh is asked again in the dialog, and nothing is lost", async () => {
    const { engine, subscribe } = await followed();
    const [refresh] = await nextSubscribe(engine, subscribe);
    await engine.answer(refresh, 500);
    const [again, waited] = await nextSubscribe(engine, refresh);
    expect(again.message.callId).toBe(subscribe.message.callId);
    expect(waited).toBeLessThanOrEqual(2100);
    expect(await uris(engine)).toEqual(["sip:a@9.9.9.9"]);
  });
});

describe("a subscription", () => {
  it("row 33: is the same for a second request, also when the notifier's Contact differs", async () => {
    const { engine, subscribe } = await followed();
    const again = (await engine.subscribe(ALICE)) as Sent;
    expect(again.message.callId).toBe(subscribe.message.callId);
    expect([again.line, again.message.toTag]).toEqual([
      `SUBSCRIBE sip:${SERVER} SIP/2.0`,
      "server",
    ]);
    await engine.accept(again);
    const other = await engine.subscribe(BOB);
    expect(other?.message.callId).not.toBe(subscribe.message.callId);
  });

  it("row 33: that is ended takes its contacts with it, and can be begun anew", async () => {
    const { engine } = await followed();
    const end = (await engine.subscribe(ALICE, 0)) as Sent;
    expect(end.header("Expires")).toBe("0");
    await engine.accept(end, 0);
    await engine.notify(end, "", { state: "terminated;reason=timeout", cseq: 9 });
    expect(await uris(engine)).toEqual([]);
    expect((await engine.net.advance(4_000_000)).filter(isSubscribe)).toEqual([]);
    const fresh = (await engine.subscribe(ALICE)) as Sent;
    expect(fresh.message.toTag).toBe("");
  });

  it("row 33: all are ended at stop, without waiting for ever", async () => {
    const engine = await ReginfoEngine.start();
    for (const uri of [ALICE, BOB]) await engine.accept((await engine.subscribe(uri)) as Sent);
    engine.net.take();
    const stopped = engine.net.stop();
    const ends = (await engine.net.advance(1)).filter(isSubscribe);
    expect(ends.map((one) => one.header("Expires"))).toEqual(["0", "0"]);
    await engine.net.advance(60_000);
    await stopped;
  });

  it("row 34: hears nobody but its notifier", async () => {
    const { engine, subscribe } = await followed();
    const evil = documentOf(contact("sip:evil@6.6.6.6"), 1);
    const state = "Subscription-State: active;expires=3600\r\n";
    const text = (cseq: number): string => notifyText(subscribe.message, evil, { cseq });
    const status = async (packet: string): Promise<string | undefined> =>
      (await engine.net.send(packet, SERVER))[0]?.line.split(" ")[1];
    expect(await status(text(50).replace("tag=server", "tag=fork"))).toBe("481");
    expect(await status(text(51).replace(/\r\nTo: [^\r]*/, "\r\nTo: <sip:x@y>;tag=other"))).toBe(
      "481",
    );
    expect(await status(text(52).replace(/Call-ID: \S+/, "Call-ID: guessed"))).toBe("481");
    expect(await status(text(53).replace("Event: reg\r\n", "Event: reg;id=1\r\n"))).toBe("481");
    expect(await status(text(54).replace("Event: reg\r\n", "Event: presence\r\n"))).toBe("489");
    expect(await status(text(55).replace(state, ""))).toBe("400");
    expect(await status(text(0))).toBe("500");
    expect(await uris(engine)).toEqual(["sip:a@9.9.9.9"]);
  });

  const again: [string, number, number][] = [
    ["deactivated", 0, 1100],
    ["timeout", 0, 1100],
    ["probation;retry-after=40", 40_000, 42_100],
    ["giveup;retry-after=20", 20_000, 21_200],
    ["giveup", 1000, 2100],
    ["something-new", 1000, 2100],
  ];
  it.each(again)(
    "row 35: that ends with %s is begun anew in due time",
    async (reason, least, most) => {
      const { engine, subscribe } = await followed();
      await engine.notify(subscribe, "", { state: `terminated;reason=${reason}` });
      const [next, waited] = await nextSubscribe(engine, subscribe);
      expect(waited).toBeGreaterThanOrEqual(least);
      expect(waited).toBeLessThanOrEqual(most);
      expect([next.line, next.message.toTag]).toEqual([`SUBSCRIBE ${ALICE} SIP/2.0`, ""]);
      // What was learnt stays until the new full state says otherwise.
      expect(await uris(engine)).toEqual(["sip:a@9.9.9.9"]);
      await engine.accept(next);
      await engine.notify(next, documentOf(contact("sip:b@9.9.9.9")), { cseq: 1 });
      expect(await uris(engine)).toEqual(["sip:b@9.9.9.9"]);
    },
  );

  it.each(["rejected", "noresource", "invariant"])(
    "row 35: that ends with %s is over",
    async (reason) => {
      const { engine, subscribe } = await followed();
      await engine.notify(subscribe, "", { state: `terminated;reason=${reason}` });
      expect((await engine.net.advance(4_000_000)).filter(isSubscribe)).toEqual([]);
      expect(await uris(engine)).toEqual([]);
    },
  );
});

describe("documents", () => {
  it("row 36: with a gap are applied, and the full state is asked for once", async () => {
    const { engine, subscribe } = await followed();
    engine.net.take();
    const partial = (uri: string, version: number): string =>
      documentOf(contact(uri), version, "partial");
    await engine.notify(subscribe, partial("sip:b@9.9.9.9", 3));
    const [refresh, ...more] = engine.net.sent.filter(isSubscribe).slice(1);
    expect([refresh?.message.callId, more.length]).toEqual([subscribe.message.callId, 0]);
    await engine.notify(subscribe, partial("sip:late@9.9.9.9", 2));
    expect(await uris(engine)).toEqual(["sip:a@9.9.9.9", "sip:b@9.9.9.9"]);
    await engine.accept(refresh as Sent);
    await engine.notify(subscribe, documentOf(contact("sip:c@9.9.9.9"), 4));
    expect(await uris(engine)).toEqual(["sip:c@9.9.9.9"]);
    expect((await engine.net.advance(60_000)).filter(isSubscribe)).toEqual([]);
  });

  it("row 36: that never fit make no storm of requests", async () => {
    const { engine, subscribe } = await followed();
    engine.net.take();
    let version = 0;
    let requests = 0;
    for (let i = 0; i < 200; i++) {
      const body = documentOf(contact("sip:b@9.9.9.9"), (version += 5), "partial");
      const text = notifyText(subscribe.message, body, { cseq: 100 + i });
      const sent = [...(await engine.net.send(text, SERVER)), ...(await engine.net.advance(100))];
      for (const one of sent.filter(isSubscribe)) {
        requests++;
        await engine.accept(one);
      }
    }
    expect(requests).toBeGreaterThanOrEqual(4);
    expect(requests).toBeLessThanOrEqual(5);
  });

  it("row 36: that are one full state together take nothing away before the last", async () => {
    const { engine, subscribe } = await followed();
    const x = ` xmlns:x="${EXTENSION}" x:more="1"`;
    await engine.notify(subscribe, documentOf(contact("sip:b@9.9.9.9"), 1, "full", x));
    await engine.notify(subscribe, documentOf(contact("sip:c@9.9.9.9"), 2, "partial", x));
    const three = ["sip:a@9.9.9.9", "sip:b@9.9.9.9", "sip:c@9.9.9.9"];
    expect((await uris(engine)).sort()).toEqual(three);
    await engine.notify(subscribe, documentOf(contact("sip:d@9.9.9.9"), 3, "partial"));
    const kept = ["sip:b@9.9.9.9", "sip:c@9.9.9.9", "sip:d@9.9.9.9"];
    expect((await uris(engine)).sort()).toEqual(kept);
    await engine.notify(subscribe, documentOf(contact("sip:e@9.9.9.9"), 4, "partial"));
    expect((await uris(engine)).sort()).toEqual([...kept, "sip:e@9.9.9.9"]);
  });

  it("row 39: bring contacts that are not published when they are learnt, change, end or run out", async () => {
    for (const keep of [0, 1]) {
      const { engine, subscribe } = await followed({ "pua_reginfo.keep_contacts": keep });
      await engine.notify(
        subscribe,
        documentOf(contact("sip:a@9.9.9.9") + contact("sip:b@9.9.9.9"), 1),
      );
      await engine.notify(subscribe, documentOf(contact("sip:b@9.9.9.9", ' q="0.3"'), 2));
      await engine.notify(subscribe, "", { state: "terminated;reason=noresource" });
      expect(await uris(engine)).toEqual(keep === 1 ? ["sip:b@9.9.9.9"] : []);
      await engine.net.advance(3_100_000);
      expect(await uris(engine)).toEqual([]);
      expect(engine.net.sent.filter((one) => one.line.startsWith("PUBLISH"))).toEqual([]);
    }
  });
});

describe("hostile documents", () => {
  const many = (count: number): string =>
    documentOf(Array.from({ length: count }, (_all, i) => contact(`sip:u${i}@9.9.9.9`)).join(""));
  const cases: [string, string][] = [
    ["of more contacts than max_contacts", many(51)],
    ["longer than max_body", many(50) + " ".repeat(20_000)],
    ["nested too deeply", documentOf("<a>".repeat(1000) + "</a>".repeat(1000))],
    ["of another namespace", documentOf(contact("sip:e@6.6.6.6")).replace(REGINFO, "urn:x")],
    ["with an entity", documentOf(contact("sip:e@6.6.6.6").replace("reg", "&evil;"))],
    ["that are no XML", "sip:e@6.6.6.6"],
  ];
  it.each(cases)("row 40: %s are refused and change nothing", async (_what, body) => {
    const { engine, subscribe } = await followed({
      "pua_reginfo.max_contacts": 50,
      "pua_reginfo.max_body": 20_000,
    });
    expect((await engine.notify(subscribe, body, { cseq: 2 }))[0]).toBe(400);
    expect(await uris(engine)).toEqual(["sip:a@9.9.9.9"]);
  });

  it("row 40: packed ones are read, damaged or endless ones and other codings are not", async () => {
    const { engine, subscribe } = await followed({ "pua_reginfo.max_body": 20_000 });
    expect(subscribe.header("Accept-Encoding")).toBe("gzip");
    const zip = (text: string): string => gzipSync(Buffer.from(text, "latin1")).toString("latin1");
    const body = zip(documentOf(contact("sip:e@6.6.6.6"), 1));
    const status = async (text: string, coding: string, cseq: number): Promise<number> => {
      const extra = `Content-Encoding: ${coding}\r\n`;
      return (await engine.notify(subscribe, text, { cseq, extra }))[0];
    };
    expect(await status(body.slice(0, -9), "gzip", 2)).toBe(400);
    expect(await status(zip(" ".repeat(20_001)), "gzip", 3)).toBe(400);
    expect(await status(body, "deflate", 4)).toBe(415);
    expect(await uris(engine)).toEqual(["sip:a@9.9.9.9"]);
    expect(await status(body, "GZIP", 5)).toBe(200);
    expect(await uris(engine)).toEqual(["sip:e@6.6.6.6"]);
  });

  it("row 40: a packet of a megabyte changes nothing", async () => {
    const { engine, subscribe } = await followed();
    await engine.net.send(notifyText(subscribe.message, many(8000), { cseq: 2 }), SERVER);
    expect(await uris(engine)).toEqual(["sip:a@9.9.9.9"]);
  });

  it("row 40: contacts without callid, id or cseq, and parameters without a name, do no harm", async () => {
    const { engine, subscribe } = await followed();
    const bare =
      '<contact state="active" event="registered" expires="600"><uri>sip:bare@9.9.9.9</uri>' +
      "<unknown-param>x</unknown-param></contact><contact/><contact><uri/></contact>";
    expect((await engine.notify(subscribe, documentOf(bare, 1), { cseq: 2 }))[0]).toBe(200);
    expect(await uris(engine)).toEqual(["sip:bare@9.9.9.9"]);
  });

  it("row 40: a URI in them cannot add lines to requests", async () => {
    const { engine, subscribe } = await followed();
    const evil = documentOf(contact("sip:e@6.6.6.6&#13;&#10;Evil: 1"), 1);
    await engine.notify(subscribe, evil, { cseq: 2 });
    expect(await engine.lookup()).toEqual(["lookup -1"]);
    const good = documentOf(
      contact("sip:g@9.9.9.9", ' path="&lt;sip:e;lr&gt;&#13;&#10;Evil: 1"'),
      2,
    );
    await engine.notify(subscribe, good, { cseq: 3 });
    expect(await engine.lookup()).toEqual(["lookup 1", "sip:g@9.9.9.9"]);
  });

  it("row 40: whatever is damaged, the engine goes on and the dialog holds", async () => {
    const { engine, subscribe } = await followed();
    const body = documentOf(contact("sip:b@9.9.9.9", ' q="0.5"'), 1);
    let cseq = 10;
    const damage = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), fc.string({ maxLength: 8 })),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(damage, async (places) => {
        let text = notifyText(subscribe.message, body, { cseq: ++cseq });
        for (const [where, cut, piece] of places) {
          const at = Math.floor(where * text.length);
          text = text.slice(0, at) + piece + text.slice(at + cut);
        }
        for (const one of await engine.net.send(text, SERVER)) {
          expect(one.message.headerProblem).toBeUndefined();
        }
      }),
      { numRuns: 300, seed: 11 },
    );
    engine.net.take();
    const good = documentOf(contact("sip:z@9.9.9.9"), 1);
    const [status] = await engine.notify(subscribe, good, { cseq: 2_000_000_000 });
    expect(status).toBe(200);
    expect(await uris(engine)).toEqual(["sip:z@9.9.9.9"]);
  });
});
