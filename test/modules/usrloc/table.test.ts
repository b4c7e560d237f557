/** The location tables: order, matching, expiry, events. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { Location, type LocationSettings } from "../../../src/modules/usrloc/location.ts";
import { ContactRecords, Field } from "../../../src/modules/usrloc/contact-records.ts";
import { type Contact, ContactInfo } from "../../../src/modules/usrloc/contact.ts";
import { ExpiryWheel } from "../../../src/modules/usrloc/expiry-wheel.ts";
import { Order, type Table } from "../../../src/modules/usrloc/table.ts";
import { locationSettings } from "./location-settings.ts";

function makeLocation(settings: Partial<LocationSettings> = {}) {
  const clock = new VirtualClock();
  const location = new Location(
    clock,
    { ...locationSettings, seed: 0xabcd, hashSeed: 0x1234567, ...settings },
    () => {},
  );
  location.start();
  return { clock, location, table: location.table("location") };
}

function info(location: Location, uri: string, fields: Partial<ContactInfo> = {}): ContactInfo {
  const made = new ContactInfo();
  made.uri = uri;
  made.callId = "call";
  made.cseq = 1;
  made.expires = location.now() + 100;
  return Object.assign(made, fields);
}

/** A record that is in no table. */
function recordOf(records: ContactRecords, expires: number): number {
  const record = records.allocate();
  records.set(record, Field.expires, expires);
  records.set(record, Field.wheelSlot, -1);
  return record;
}

function uris(table: Table, aor: string): string[] {
  const list: string[] = [];
  for (let one = table.first(aor) ?? null; one !== null; one = one.next) list.push(one.uri);
  return list;
}

function insertAll(location: Location, table: Table, contacts: Record<string, number>): void {
  for (const [uri, q] of Object.entries(contacts)) {
    table.insert("alice", info(location, uri, { q }));
  }
}

describe("order of contacts", () => {
  it("is by falling preference, equal ones in order of arrival", () => {
    const { location, table } = makeLocation();
    insertAll(location, table, { a: -1, b: 500, c: 1000, d: 500, e: -1, f: 0 });
    expect(uris(table, "alice")).toEqual(["c", "b", "d", "f", "a", "e"]);
  });

  it("after a change is Kamailio's", () => {
    const { location, table } = makeLocation();
    insertAll(location, table, { e: 500, d: 100, c: 700, f: -1 });
    const list = uris(table, "alice");
    expect(list).toEqual(["c", "e", "d", "f"]);
    const f = table.match("alice", info(location, "f")) as Contact;
    table.update(f, info(location, "f", { q: 900 }));
    // Put before the first contact whose preference is not lower, seen from the front: there is none.
    expect(uris(table, "alice")).toEqual(["c", "e", "d", "f"]);
    const e = table.match("alice", info(location, "e")) as Contact;
    table.update(e, info(location, "e", { q: 800 }));
    expect(uris(table, "alice")).toEqual(["c", "d", "e", "f"]);
  });

  it("is newest first with desc_time_order", () => {
    const { location, table } = makeLocation({ newestFirst: true });
    insertAll(location, table, { a: 1000, b: 0, c: 500 });
    expect(uris(table, "alice")).toEqual(["c", "b", "a"]);
    table.update(table.match("alice", info(location, "a")) as Contact, info(location, "a"));
    expect(uris(table, "alice")).toEqual(["a", "c", "b"]);
  });
});

describe("matching", () => {
  const cases: [number, Partial<ContactInfo>, boolean][] = [
    [0, { callId: "other" }, true],
    [0, { uri: "b" }, false],
    [1, { callId: "other" }, false],
    [1, {}, true],
    [2, { path: "<sip:p>" }, false],
    [2, { path: null }, true],
    [3, { uri: "b" }, true],
    [3, { callId: "other" }, false],
  ];
  it.each(cases)("mode %i with %o", (matchingMode, fields, isKnown) => {
    const { location, table } = makeLocation({ matchingMode });
    table.insert("alice", info(location, "a"));
    expect(table.match("alice", info(location, "a", fields)) !== null).toBe(isKnown);
  });

  it("with an instance goes by it and reg-id only", () => {
    const { location, table } = makeLocation();
    const first = table.insert("alice", info(location, "a", { instance: "<i>", regId: 1 }));
    const known = (fields: Partial<ContactInfo>) =>
      table.match("alice", info(location, "x", fields));
    expect(known({ instance: "<i>", regId: 1 })).toBe(first);
    expect(known({ instance: "<i>", regId: 2 })).toBeNull();
    expect(known({ instance: "<j>", regId: 1 })).toBeNull();
    expect(table.byRuid(first.ruid)).toBe(first);
    table.remove(first, "removed");
    expect(table.byRuid(first.ruid)).toBeUndefined();
  });
});

describe("order of requests", () => {
  it("goes by CSeq within a Call-ID", async () => {
    const { location, table, clock } = makeLocation();
    const contact = table.insert("alice", info(location, "a", { cseq: 5 }));
    expect(table.order(contact, info(location, "a", { cseq: 6 }))).toBe(Order.newer);
    expect(table.order(contact, info(location, "a", { cseq: 5 }))).toBe(Order.retransmission);
    expect(table.order(contact, info(location, "a", { cseq: 4 }))).toBe(Order.older);
    expect(table.order(contact, info(location, "a", { cseq: 1, callId: "new" }))).toBe(Order.newer);
    await clock.advance(20_000);
    expect(table.order(contact, info(location, "a", { cseq: 5 }))).toBe(Order.older);
  });
});

describe("expiry", () => {
  it("removes a contact in the second in which it runs out", async () => {
    const { location, table, clock } = makeLocation();
    table.insert("alice", info(location, "a", { expires: location.now() + 3 }));
    table.insert("bob", info(location, "b", { expires: location.now() + 10_000 }));
    table.insert("carol", info(location, "c", { expires: 0 }));
    await clock.advance(2000);
    expect(table.users).toBe(3);
    await clock.advance(1000);
    expect(uris(table, "alice")).toEqual([]);
    expect([table.users, table.contacts, table.expired]).toEqual([2, 2, 1]);
    await clock.advance(9_996_000);
    expect(table.users).toBe(2);
    await clock.advance(1000);
    expect(table.users).toBe(1);
    await clock.advance(20_000);
    expect(uris(table, "carol")).toEqual(["c"]);
  });

  it("follows a contact that is refreshed or shortened", async () => {
    const { location, table, clock } = makeLocation();
    const contact = table.insert("alice", info(location, "a", { expires: location.now() + 5 }));
    table.update(contact, info(location, "a", { expires: location.now() + 50 }));
    await clock.advance(10_000);
    expect(table.users).toBe(1);
    table.update(contact, info(location, "a", { expires: location.now() + 2 }));
    await clock.advance(2000);
    expect(table.users).toBe(0);
  });

  it("keeps contacts longer when asked to", async () => {
    const { location, table, clock } = makeLocation();
    location.keepExpired(() => 60);
    table.insert("alice", info(location, "a", { expires: location.now() + 5 }));
    await clock.advance(30_000);
    expect(table.first("alice")?.isValid(location.now())).toBe(false);
    await clock.advance(35_000);
    expect(table.users).toBe(0);
  });

  it("spreads many at once over several turns", async () => {
    const { location, table, clock } = makeLocation();
    const expires = location.now() + 2;
    for (let i = 0; i < 1800; i++) table.insert(`u${i}`, info(location, "a", { expires }));
    let settled = 0;
    location.listen({ changed: () => {}, settled: () => settled++ });
    await clock.advance(2100);
    expect(table.users).toBe(0);
    expect(settled).toBe(4);
  });

  it("comes in its second however far ahead that is", () => {
    const start = 5000;
    const records = new ContactRecords();
    const wheel = new ExpiryWheel(records, start, () => 0);
    const lifetimes = [1, 4095, 4096, 4097, 8191, 8192, 8193, 12_289, 100_003, 20_000_000];
    for (const seconds of lifetimes) {
      wheel.place(recordOf(records, start + seconds));
    }
    const gone: number[] = [];
    const advance = (now: number): boolean =>
      wheel.advance(now, 1000, (record) => {
        gone.push(records.get(record, Field.expires) - start);
      });
    for (const [i, seconds] of lifetimes.entries()) {
      expect(advance(start + seconds - 1)).toBe(false);
      expect(gone).toEqual(lifetimes.slice(0, i));
      advance(start + seconds);
      expect(gone).toEqual(lifetimes.slice(0, i + 1));
    }
  });

  it("goes on behind a clock that jumped by years", () => {
    const records = new ContactRecords();
    const wheel = new ExpiryWheel(records, 1000, () => 0);
    const contacts = [1500, 50_000, 1_700_000_000].map((expires) => {
      const record = recordOf(records, expires);
      wheel.place(record);
      return record;
    });
    const gone: number[] = [];
    expect(wheel.advance(1_699_999_999, 100, (contact) => gone.push(contact))).toBe(false);
    expect(gone).toEqual(contacts.slice(0, 2));
    expect(wheel.advance(1_700_000_000, 100, (contact) => gone.push(contact))).toBe(false);
    expect(gone).toEqual(contacts);
  });

  it("does not look at contacts of later turns", () => {
    const records = new ContactRecords();
    const wheel = new ExpiryWheel(records, 0, () => 0);
    const place = (expires: number) => wheel.place(recordOf(records, expires));
    for (let i = 0; i < 5000; i++) place(10 + 4096 * 2);
    for (let i = 0; i < 25; i++) place(10);
    let gone = 0;
    // Eight are moved for one that is handed over: 5000 are as much work as 625.
    const goes = (until: number): number => {
      let count = 1;
      while (wheel.advance(until, 10, () => gone++)) count++;
      return count;
    };
    expect([goes(10), gone]).toEqual([3, 25]);
    expect([goes(8201), gone]).toEqual([63, 25]);
    expect([goes(8202), gone]).toEqual([501, 5025]);
  });
});

describe("listeners", () => {
  it("hear every change, and once that all of it is told", () => {
    const { location, table } = makeLocation();
    const heard: string[] = [];
    location.listen({
      changed: (contact, change, cause) => {
        heard.push(`${change} ${contact.uri}${cause === undefined ? "" : ` ${cause}`}`);
      },
      settled: () => heard.push("settled"),
    });
    location.together(() => {
      table.insert("alice", info(location, "a"));
      const b = table.insert("alice", info(location, "b"));
      table.update(b, info(location, "b", { cseq: 2 }));
    });
    table.removeAll("alice", "unregistered");
    expect(heard).toEqual([
      "inserted a",
      "inserted b",
      "updated b",
      "settled",
      "removed a unregistered",
      "settled",
      "removed b unregistered",
      "settled",
    ]);
  });
});

describe("memory", () => {
  it("does not hold on to packets", () => {
    const { location, table } = makeLocation();
    const packet = `${"x".repeat(500)}sip:alice@192.0.2.1:5060;ob`;
    const contact = table.insert("alice", info(location, packet.slice(500)));
    expect(contact.uri).toBe("sip:alice@192.0.2.1:5060;ob");
    const first = contact.userAgent;
    table.update(contact, info(location, contact.uri, { userAgent: "Phone/1.0 of some kind" }));
    const other = table.insert("bob", info(location, "b", { userAgent: "Phone/1.0 of some kind" }));
    expect(other.userAgent).toBe(contact.userAgent);
    expect(first).not.toBe(contact.userAgent);
  });
});

describe("ruids", () => {
  it("are unique and name the engine", () => {
    const { location, table } = makeLocation();
    const a = table.insert("alice", info(location, "a"));
    const b = table.insert("alice", info(location, "b"));
    expect(a.ruid).toMatch(/^uloc-[0-9a-f]+-abcd-1$/);
    expect(b.ruid).toBe(a.ruid.replace(/1$/, "2"));
  });
});
