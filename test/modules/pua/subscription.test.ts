/** Subscriptions: dialogs, refreshes, recovery, NOTIFY matching (RFC 6665). */
import { describe, expect, it } from "vitest";
import type { SubscribeRequest } from "../../../src/modules/pua/api.ts";
import { Subscriptions } from "../../../src/modules/pua/subscriptions.ts";
import type { PuaSurroundings } from "../../../src/modules/pua/surroundings.ts";
import type { LocalRequest } from "../../../src/modules/tm/spec.ts";
import { FakeTm, message } from "./fake-tm.ts";
import { surroundings } from "./surroundings.ts";

const ALICE = "sip:alice@example.test";
const header = FakeTm.header;

function setup(settings: Partial<PuaSurroundings> = {}) {
  const made = surroundings(settings);
  const subscriptions = new Subscriptions(made.around);
  const ends: string[] = [];
  const subscribe = (fields: Partial<SubscribeRequest> = {}) =>
    subscriptions.subscribe({
      resource: ALICE,
      event: "reg",
      accept: "application/reginfo+xml",
      watcher: "sip:reginfo@server",
      expires: 3600,
      until: 0,
      nextHop: "sip:proxy",
      listener: { ended: (_subscription, why) => ends.push(why) },
      ...fields,
    });
  const notify = (request: LocalRequest, fields: NotifyFields = {}) =>
    subscriptions.notified(notifyFor(request, fields), "reg", {
      address: "10.0.0.5",
      isChecked: false,
    });
  return { ...made, subscriptions, subscribe, notify, ends };
}

interface NotifyFields {
  cseq?: number;
  state?: string | null;
  event?: string;
  fromTag?: string;
  toTag?: string;
  extra?: string;
}

function notifyFor(request: LocalRequest, fields: NotifyFields) {
  const { cseq = 1, state = "active;expires=3600", event = "reg", fromTag = "remote" } = fields;
  const toTag = fields.toTag ?? /tag=(.*)$/.exec(request.from)?.[1] ?? "";
  return message(
    `NOTIFY sip:reginfo@server SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKn\r\n` +
      `From: <${ALICE}>;tag=${fromTag}\r\nTo: <sip:reginfo@server>;tag=${toTag}\r\n` +
      `Call-ID: ${request.callId}\r\nCSeq: ${cseq} NOTIFY\r\nEvent: ${event}\r\n` +
      `${state === null ? "" : `Subscription-State: ${state}\r\n`}${fields.extra ?? ""}\r\n`,
  );
}

const ok = (expires = 3600, extra = "") =>
  `Expires: ${expires}\r\nContact: <sip:notifier@10.0.0.9:5070>\r\n${extra}`;

describe("a subscription", () => {
  it("begins with what RFC 6665 asks for", () => {
    const { tm, subscribe } = setup();
    subscribe();
    const { last } = tm;
    expect([last.method, last.uri, last.to, last.nextHop, last.cseq]).toEqual([
      "SUBSCRIBE",
      ALICE,
      `<${ALICE}>`,
      "sip:proxy",
      1,
    ]);
    expect(last.from).toMatch(/^<sip:reginfo@server>;tag=/);
    expect(header(last, "Event")).toBe("reg");
    expect(header(last, "Accept")).toBe("application/reginfo+xml");
    expect(header(last, "Contact")).toBe("<sip:reginfo@server>");
    expect(header(last, "Expires")).toBe("3600");
  });

  it("row 32: is refreshed in its dialog at about half of its time, for days", async () => {
    const { tm, subscribe, clock, notify } = setup();
    subscribe();
    tm.answer(200, ok(3600, "Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n"));
    notify(tm.last);
    for (let i = 0; i < 50; i++) {
      await clock.advance(1_801_000);
      expect(tm.requests).toHaveLength(i + 2);
      tm.answer(200, ok());
    }
    const { last } = tm;
    expect([last.uri, last.to, last.cseq, last.nextHop]).toEqual([
      "sip:notifier@10.0.0.9:5070",
      `<${ALICE}>;tag=remote`,
      51,
      undefined,
    ]);
    expect(header(last, "Route")).toBe("<sip:p2;lr>, <sip:p1;lr>");
  });

  it("row 33: is one dialog for one resource, however often it is asked for", () => {
    const { tm, subscribe, subscriptions } = setup();
    const first = subscribe();
    tm.answer(200, ok());
    const second = subscribe({ expires: 600 });
    expect(second).toBe(first);
    expect([tm.requests.length, tm.last.callId, tm.last.cseq, header(tm.last, "Expires")]).toEqual([
      2,
      tm.requests[0]?.callId,
      2,
      "600",
    ]);
    subscribe();
    expect(tm.requests).toHaveLength(2);
    tm.answer(200, ok());
    expect(tm.requests).toHaveLength(3);
    expect(subscriptions.size).toBe(1);
  });

  it("row 33: ends with Expires 0 and a last NOTIFY", () => {
    const { tm, subscribe, subscriptions, notify, ends } = setup();
    const subscription = subscribe();
    tm.answer(200, ok());
    notify(tm.last);
    subscription.end();
    expect([header(tm.last, "Expires"), tm.last.cseq]).toEqual(["0", 2]);
    tm.answer(200, ok(0));
    expect([subscription.phase, subscriptions.size]).toEqual(["ending", 1]);
    expect(notify(tm.last, { cseq: 2, state: "terminated;reason=timeout" }).ok).toBe(true);
    expect([subscription.phase, subscriptions.size, ends]).toEqual(["ended", 0, ["ended here"]]);
  });

  it("ends after Timer N when no last NOTIFY comes", async () => {
    const { tm, subscribe, clock } = setup();
    const subscription = subscribe();
    tm.answer(200, ok());
    subscription.end();
    tm.answer(200, ok(0));
    await clock.advance(32_000);
    expect(subscription.phase).toBe("ended");
  });

  it("that is ended before it is answered is ended when it is", () => {
    const { tm, subscribe } = setup();
    subscribe().end();
    expect(tm.requests).toHaveLength(1);
    tm.answer(200, ok());
    expect([tm.requests.length, header(tm.last, "Expires")]).toEqual([2, "0"]);
  });

  it("can be limited in time", async () => {
    const { tm, subscribe, clock, around, notify } = setup();
    subscribe({ until: around.now() + 1000, expires: 1000 });
    tm.answer(200, ok(600));
    notify(tm.last, { state: "active;expires=600" });
    await clock.advance(301_000);
    expect(header(tm.last, "Expires")).toBe("700");
    tm.answer(200, ok(700));
    await clock.advance(700_000);
    expect(header(tm.last, "Expires")).toBe("0");
  });

  it("row 33: ends all at stop", async () => {
    const { tm, subscribe, subscriptions } = setup();
    subscribe();
    tm.answer(200, ok());
    const done = subscriptions.endAll();
    tm.answer(200, ok(0));
    await done;
    expect(header(tm.last, "Expires")).toBe("0");
  });
});

describe("failures of a subscription", () => {
  it("423: asks for as long as the notifier wants", () => {
    const { tm, subscribe } = setup();
    subscribe({ expires: 10 });
    tm.answer(423, "Min-Expires: 60\r\n");
    expect([tm.requests.length, header(tm.last, "Expires")]).toEqual([2, "60"]);
  });

  it("407: answers the challenge in the same dialog", () => {
    const { tm, subscribe } = setup();
    subscribe();
    tm.answer(407, 'Proxy-Authenticate: Digest realm="r", nonce="n"\r\n');
    expect([tm.requests.length, tm.last.cseq, tm.last.callId]).toEqual([
      2,
      2,
      tm.requests[0]?.callId,
    ]);
    expect(header(tm.last, "Proxy-Authorization")).toMatch(/response="[0-9a-f]{32}"/);
  });

  it.each([403, 489, 604])("%i to the first request ends it", async (code) => {
    const { tm, subscribe, ends, clock } = setup();
    subscribe();
    tm.answer(code, "");
    await clock.advance(3_600_000);
    expect([tm.requests.length, ends]).toEqual([1, [`refused with ${code}`]]);
  });

  it("row 32: 503 with Retry-After: a new dialog after it", async () => {
    const { tm, subscribe, clock } = setup();
    subscribe();
    tm.answer(503, "Retry-After: 20\r\n");
    await clock.advance(19_900);
    expect(tm.requests).toHaveLength(1);
    await clock.advance(1200);
    expect(tm.requests).toHaveLength(2);
    expect(tm.last.callId).not.toBe(tm.requests[0]?.callId);
  });

  it("row 32: 481 to a refresh: a new dialog with the resource", async () => {
    const { tm, subscribe, clock, notify } = setup();
    subscribe();
    tm.answer(200, ok());
    notify(tm.last);
    await clock.advance(1_801_000);
    tm.answer(481, "");
    await clock.advance(3000);
    expect([tm.requests.length, tm.last.uri, tm.last.to, tm.last.nextHop]).toEqual([
      3,
      ALICE,
      `<${ALICE}>`,
      "sip:proxy",
    ]);
  });

  it("row 32: 500 to a refresh: the dialog stays, the refresh is repeated", async () => {
    const { tm, subscribe, clock, notify } = setup();
    const subscription = subscribe();
    tm.answer(200, ok());
    notify(tm.last);
    await clock.advance(1_801_000);
    tm.answer(500, "Retry-After: 5\r\n");
    expect(subscription.phase).toBe("active");
    await clock.advance(6500);
    expect([tm.requests.length, tm.last.cseq]).toEqual([3, 3]);
  });

  it("a notifier that sends no NOTIFY is left", async () => {
    const { tm, subscribe, clock } = setup();
    subscribe();
    tm.answer(200, ok());
    await clock.advance(34_000);
    expect(tm.requests).toHaveLength(2);
    expect(tm.last.cseq).toBe(1);
  });
});

describe("a NOTIFY", () => {
  it("may come before the answer", () => {
    const { tm, subscribe, notify } = setup();
    const subscription = subscribe();
    expect(notify(tm.last)).toMatchObject({ ok: true, subscription, grantedSeconds: 3600 });
    expect(subscription.phase).toBe("active");
    tm.answer(200, ok());
    expect(subscription.phase).toBe("active");
  });

  it("row 34: outside of every dialog is 481", () => {
    const { tm, subscribe, notify } = setup();
    subscribe();
    tm.answer(200, ok());
    expect(notify(tm.last, { toTag: "stranger" })).toMatchObject({ ok: false, status: 481 });
    expect(notify({ ...tm.last, callId: "other" })).toMatchObject({ ok: false, status: 481 });
    expect(notify(tm.last, { event: "reg;id=7" })).toMatchObject({ ok: false, status: 481 });
    expect(notify(tm.last, { event: "presence" })).toMatchObject({ ok: false, status: 489 });
  });

  it("row 34: of another branch of a fork is 481", () => {
    const { tm, subscribe, notify } = setup();
    subscribe();
    expect(notify(tm.last, { fromTag: "a" }).ok).toBe(true);
    expect(notify(tm.last, { fromTag: "b" })).toMatchObject({ ok: false, status: 481 });
  });

  it("row 34: without Subscription-State is 400, with an old CSeq 500, repeated known as such", () => {
    const { tm, subscribe, notify } = setup();
    subscribe();
    tm.answer(200, ok());
    expect(notify(tm.last, { state: null })).toMatchObject({ ok: false, status: 400 });
    expect(notify(tm.last, { cseq: 5 })).toMatchObject({ ok: true, isRepeated: false });
    expect(notify(tm.last, { cseq: 5 })).toMatchObject({ ok: true, isRepeated: true });
    expect(notify(tm.last, { cseq: 4 })).toMatchObject({ ok: false, status: 500 });
  });

  it("moves the target of the dialog", async () => {
    const { tm, subscribe, notify, clock } = setup();
    subscribe();
    tm.answer(200, ok());
    notify(tm.last, { extra: "Contact: <sip:moved@10.0.0.10>\r\n" });
    await clock.advance(1_801_000);
    expect(tm.last.uri).toBe("sip:moved@10.0.0.10");
  });

  it("may shorten the time", async () => {
    const { tm, subscribe, notify, clock } = setup();
    subscribe();
    tm.answer(200, ok());
    notify(tm.last, { state: "active;expires=100" });
    await clock.advance(56_000);
    expect(tm.requests).toHaveLength(2);
  });

  const reasons: [string, number, number][] = [
    ["deactivated", 2100, 2],
    ["timeout", 2100, 2],
    ["probation;retry-after=60", 62_000, 2],
    ["giveup", 2100, 2],
    ["rejected", 3_600_000, 1],
    ["noresource", 3_600_000, 1],
    ["invariant", 3_600_000, 1],
  ];
  it.each(reasons)("row 35: terminated;reason=%s is followed", async (reason, wait, requests) => {
    const { tm, subscribe, notify, clock } = setup();
    subscribe();
    tm.answer(200, ok());
    notify(tm.last, { state: `terminated;reason=${reason}` });
    await clock.advance(wait);
    expect(tm.requests).toHaveLength(requests);
  });
});
