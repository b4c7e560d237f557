/** Contacts as others see them: objects that come and go while the contacts stay. */
import { describe, expect, it } from "vitest";
import { ContactCache } from "../../../src/modules/usrloc/contact-cache.ts";
import { Contact, ContactInfo, Stored } from "../../../src/modules/usrloc/contact.ts";
import { Location } from "../../../src/modules/usrloc/location.ts";
import { SharedValues } from "../../../src/modules/usrloc/shared-values.ts";
import type { Table } from "../../../src/modules/usrloc/table.ts";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { locationSettings } from "./location-settings.ts";

function makeTable(cachedContacts: number) {
  const clock = new VirtualClock();
  const location = new Location(clock, { ...locationSettings, cachedContacts }, () => {});
  location.start();
  return { clock, location, table: location.table("location") };
}

function info(uri: string, fields: Partial<ContactInfo> = {}): ContactInfo {
  return Object.assign(new ContactInfo(), { uri, callId: "call", expires: 2e9 }, fields);
}

function known(table: Table, uri: string): Contact {
  const contact = table.match("alice", info(uri));
  if (contact === null) throw new Error(`no contact ${uri}`);
  return contact;
}

describe.each([0, 1, 3, 1000])("with %i objects kept", (cached) => {
  it("objects for one contact have one id", () => {
    const { location, table } = makeTable(cached);
    const first = table.insert("alice", info("a"));
    table.insert("alice", info("b"));
    for (let i = 0; i < 2000; i++) table.insert(`u${i}`, info("x"));
    for (let i = 0; i < 2000; i++) table.first(`u${i}`);
    const again = known(table, "a");
    expect(again.id).toBe(first.id);
    expect([first.isStored, again.isStored]).toEqual([true, true]);
    expect(known(table, "b").id).not.toBe(first.id);
    expect(location.contactById(first.id)?.uri).toBe("a");
    expect(location.contactOwner(first.id)).toBeNull();
  });

  it("a change is seen by what is asked for afterwards, and by the object that it was made with", () => {
    const { location, table } = makeTable(cached);
    const old = table.insert("alice", info("a", { cseq: 1, displayName: "One" }));
    for (let i = 0; i < 2000; i++) table.insert(`u${i}`, info("x"));
    table.update(known(table, "a"), info("a", { cseq: 2, displayName: "Two" }));
    const told: number[] = [];
    location.listen({ changed: (contact) => told.push(contact.cseq) });
    // It was set aside meanwhile: what it shows is not what counts.
    table.update(old, info("a", { cseq: 3, displayName: "Two" }));
    expect([old.cseq, old.displayName, told]).toEqual([3, "Two", [3]]);
    expect(known(table, "a")).toMatchObject({ cseq: 3, displayName: "Two" });
  });

  it("a removed contact shows its last state for good, and its room is used again", () => {
    const { location, table } = makeTable(cached);
    const heard: Contact[] = [];
    location.listen({ changed: (contact, change) => change === "removed" && heard.push(contact) });
    const old = table.insert("alice", info("a", { cseq: 1 }));
    for (let i = 0; i < 2000; i++) table.insert(`u${i}`, info("x"));
    table.update(known(table, "a"), info("a", { cseq: 2, callId: "another call" }));
    table.remove(old, "removed");
    const other = table.insert("bob", info("b", { cseq: 77, callId: "bob's" }));
    expect(other.record).toBe(old.record);
    expect(other.id).not.toBe(old.id);
    expect(heard).toHaveLength(1);
    for (const gone of [old, heard[0] as Contact]) {
      expect(gone).toMatchObject({ aor: "alice", uri: "a", cseq: 2, callId: "another call" });
      expect([gone.isStored, gone.next]).toEqual([false, null]);
    }
    expect(location.contactById(old.id)).toBeUndefined();
    expect(location.contactOwner(old.id)).toBeUndefined();
    table.remove(old, "removed");
    expect([heard.length, table.first("bob")?.cseq]).toEqual([1, 77]);
  });

  it("what runs out shows its state as it was", async () => {
    const { clock, location, table } = makeTable(cached);
    const heard: string[] = [];
    location.listen({
      changed: ({ aor, uri }, _change, cause) => heard.push(`${aor} ${uri} ${cause}`),
    });
    const until = location.now() + 5;
    for (let i = 0; i < 5; i++) table.insert(`u${i}`, info(`sip:${i}`, { expires: until }));
    heard.length = 0;
    await clock.advance(6000);
    expect(heard.toSorted()).toEqual([0, 1, 2, 3, 4].map((i) => `u${i} sip:${i} expired`));
  });

  it("marks of the database stay until what they are about changes", () => {
    const { table } = makeTable(cached);
    const both = Stored.contact | Stored.details;
    const contact = table.insert("alice", info("a", { displayName: "One" }));
    expect(contact.stored).toBe(0);
    table.mark(contact, both);
    for (let i = 0; i < 100; i++) table.insert(`u${i}`, info("x"));
    table.update(known(table, "a"), info("a", { displayName: "One", cseq: 9 }));
    expect(known(table, "a").stored).toBe(both);
    table.update(known(table, "a"), info("a", { displayName: "Two" }));
    expect(known(table, "a").stored).toBe(Stored.contact);
    table.mark(contact, both);
    table.update(known(table, "a"), info("a", { displayName: "Two", features: "audio" }));
    expect(known(table, "a").stored).toBe(Stored.contact);
    const seen = known(table, "a");
    table.remove(seen, "removed");
    expect(seen.stored).toBe(Stored.contact);
    table.mark(seen, 0);
    expect(table.insert("bob", info("b")).stored).toBe(0);
  });

  it("contacts of one user are linked, whoever else is asked for meanwhile", () => {
    const { table } = makeTable(cached);
    for (const [i, uri] of ["a", "b", "c", "d"].entries()) {
      table.insert("alice", info(uri, { q: 900 - 100 * i }));
    }
    const uris: string[] = [];
    for (let one = table.first("alice") ?? null; one !== null; one = one.next) {
      uris.push(one.uri);
      table.first("nobody");
      table.insert("bob", info(`bob's ${one.uri}`));
      table.first("bob");
    }
    expect(uris).toEqual(["a", "b", "c", "d"]);
    expect(table.removeAll("alice", "removed")).toBe(4);
    expect(table.first("alice")).toBeUndefined();
    expect(table.contacts).toBe(4);
  });
});

describe("the cache of contacts", () => {
  const make = (): Contact => new Contact(makeTable(0).table, 0, 0);

  it("keeps most of those that have been there, when more come than it has room for", () => {
    const cache = new ContactCache(1000);
    const first = Array.from({ length: 1000 }, make);
    for (const contact of first) expect(cache.put(contact)).toBeNull();
    for (let i = 0; i < 800; i++) cache.put(make());
    const left = first.filter((contact) => contact.place >= 0);
    expect(left.length).toBe(1000 - 64 - 50);
    for (const contact of left) expect(cache.at(contact.place)).toBe(contact);
  });

  it("gives places of removed contacts away first", () => {
    const cache = new ContactCache(100);
    const all = Array.from({ length: 100 }, make);
    for (const contact of all) cache.put(contact);
    cache.drop(all[90] as Contact);
    expect(all[90]?.place).toBe(-1);
    const added = make();
    expect(cache.put(added)).toBeNull();
    expect(added.place).toBe(90);
  });
});

describe("values that are shared", () => {
  it("go with the last one that has them", () => {
    const values = new SharedValues<string>(2);
    const [a, b] = [values.take("a"), values.take("b")];
    expect(values.take("a")).toBe(a);
    expect(values.take("c")).toBe(-1);
    values.drop(a);
    expect(values.get(a)).toBe("a");
    values.drop(a);
    values.drop(-1);
    expect(values.size).toBe(1);
    expect(values.take("c")).toBe(a);
    expect([values.get(a), values.get(b)]).toEqual(["c", "b"]);
  });
});
