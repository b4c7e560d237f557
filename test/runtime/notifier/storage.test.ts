/** Parts of what keeps subscriptions: rows, waiting for a commit, telling watchers a few at a time. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { committedWithin } from "../../../src/runtime/notifier/commit.ts";
import { NotifierDialog } from "../../../src/runtime/notifier/dialog.ts";
import { Resumption } from "../../../src/runtime/notifier/resumption.ts";
import { allRows, isTableName, readRow, rowOf } from "../../../src/runtime/notifier/rows.ts";
import type { WatcherSubscription } from "../../../src/runtime/notifier/subscription.ts";
import type { Database } from "../../../src/runtime/storage/storage.ts";
import type { WriteQueue } from "../../../src/runtime/storage/write-queue.ts";

function subscription(uris: { to?: string; from?: string; watcher?: string } = {}) {
  const { to = "sip:a@b", from = "sip:w@b", watcher = from } = uris;
  const dialog = new NotifierDialog({
    callId: "c",
    localTag: "l",
    localUri: to,
    remoteTag: "r",
    remoteUri: from,
    routeSet: "<sip:p;lr>",
    remoteTarget: "sip:w@h",
    localCseq: 3,
    remoteCseq: 7,
  });
  return {
    dialog,
    resource: "sip:a@b;x=1",
    watcher,
    package: { name: "reg" },
    eventId: "5",
    state: "pending",
    reason: "",
    secondsLeft: 60,
    contact: "sip:us@h",
    socket: { text: "udp:10.0.0.1:5060" },
    userAgent: "phone",
  } as unknown as WatcherSubscription;
}

describe("a row", () => {
  it("gives back what was put into it", () => {
    const kept = readRow(rowOf(subscription(), { cseq: 1003, version: 1002 }, 5000));
    expect(kept).toMatchObject({
      event: "reg",
      eventId: "5",
      resource: "sip:a@b;x=1",
      watcher: "sip:w@b",
      contact: "sip:us@h",
      socket: "udp:10.0.0.1:5060",
      userAgent: "phone",
      state: "pending",
      expiresAt: 5060,
      version: 1002,
    });
    expect(kept?.dialog).toEqual({
      callId: "c",
      localTag: "l",
      localUri: "sip:a@b",
      remoteTag: "r",
      remoteUri: "sip:w@b",
      routeSet: "<sip:p;lr>",
      remoteTarget: "sip:w@h",
      localCseq: 1003,
      remoteCseq: 7,
    });
  });

  it.each([
    "sip:a@b",
    "sip:b",
    "sip:localhost:5070",
    "sip:a:secret@b:5070;transport=tcp?Subject=x",
    "sip:[2001:db8::1]:5060",
    "sips:a@b",
    "tel:112",
    "tel:+1-201-555-0123;phone-context=example.com",
    "urn:service:sos",
  ])("keeps the URI %s", (uri) => {
    const row = rowOf(subscription({ to: uri, from: uri }), { cseq: 1, version: 1 }, 0);
    const kept = readRow(row);
    expect([kept?.dialog.localUri, kept?.dialog.remoteUri, kept?.watcher]).toEqual([uri, uri, uri]);
  });

  it("of a subscription that is over, or has no dialog, gives none", () => {
    const row = rowOf(subscription(), { cseq: 1, version: 1 }, 0);
    for (const change of [{ status: 3 }, { callid: "" }, { to_tag: null }, { contact: "" }]) {
      expect(readRow({ ...row, ...change })).toBeUndefined();
    }
  });
});

it("a table is read whole, however many rows it has", async () => {
  const rows = Array.from({ length: 4001 }, (_, i) => ({ id: i + 1 }));
  const database: Database = {
    name: "pages",
    ensure: () => Promise.resolve(),
    write: () => Promise.resolve(),
    query: (sql, [after, limit] = []) => {
      expect(sql).toBe("select * from t where id > ? order by id limit ?");
      return Promise.resolve(rows.filter(({ id }) => id > Number(after)).slice(0, Number(limit)));
    },
  };
  expect(await allRows(database, "t")).toEqual(rows);
});

it("a table is named by a name", () => {
  for (const name of ["t", "active_watchers", "_x9"]) expect(isTableName(name)).toBe(true);
  for (const name of ["", "9a", "a b", "a;b", "a'b", "ä", "a".repeat(65)]) {
    expect(isTableName(name)).toBe(false);
  }
});

describe("a reply", () => {
  const wait = (waiting: number, settled: Promise<boolean>, ms = 100) => {
    const clock = new VirtualClock();
    let overdue = 0;
    const queue = { waiting, settled: () => settled } as unknown as WriteQueue;
    const ends = committedWithin(queue, clock, { ms, overdue: () => overdue++ });
    return { clock, ends, overdue: () => overdue };
  };

  it("waits for nothing when all is written, or waiting is off", () => {
    expect(wait(0, Promise.resolve(true)).ends).toBeUndefined();
    expect(wait(1, Promise.resolve(true), 0).ends).toBeUndefined();
  });

  it("goes when it is written, and leaves no timer behind", async () => {
    const { clock, ends, overdue } = wait(1, Promise.resolve(true));
    await ends;
    expect([clock.pending, overdue()]).toEqual([0, 0]);
  });

  it("goes at once when the database is away, and after the time when it says nothing", async () => {
    const away = wait(1, Promise.resolve(false));
    await away.ends;
    expect(away.overdue()).toBe(1);
    const mute = wait(1, new Promise(() => undefined));
    await mute.clock.advance(100);
    await mute.ends;
    expect(mute.overdue()).toBe(1);
  });
});

describe("watchers that are told after a restart", () => {
  const watchers = (count: number) => {
    const told: number[] = [];
    const list = Array.from({ length: count }, (_, i) => ({
      isEnded: i === 1,
      hasSpoken: i === 2,
      answer: () => told.push(i),
    }));
    return { told, list: list as unknown as WatcherSubscription[] };
  };

  it("are told at the rate, without those that have ended or have heard something", async () => {
    const clock = new VirtualClock();
    const { told, list } = watchers(30);
    const resumption = new Resumption(clock, () => 100);
    resumption.begin(list, true);
    await clock.advance(100);
    expect(told).toEqual([0, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(resumption.waiting).toBe(18);
    await clock.advance(200);
    expect(told).toHaveLength(28);
    expect([resumption.waiting, clock.pending]).toEqual([0, 0]);
  });

  it("are told all the same where that is wanted; nobody after a stop", async () => {
    const clock = new VirtualClock();
    const { told, list } = watchers(15);
    const resumption = new Resumption(clock, () => 100);
    resumption.begin(list, false);
    await clock.advance(100);
    expect(told.slice(0, 3)).toEqual([0, 2, 3]);
    resumption.stop();
    await clock.advance(1000);
    expect([told.length, clock.pending]).toEqual([10, 0]);
  });
});
