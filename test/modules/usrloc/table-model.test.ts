/** Tables beside plain maps: whatever is done to both, they know the same. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  type Contact,
  ContactInfo,
  type ContactOwner,
} from "../../../src/modules/usrloc/contact.ts";
import { Location } from "../../../src/modules/usrloc/location.ts";
import type { Table } from "../../../src/modules/usrloc/table.ts";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import type { ListenSocket } from "../../../src/runtime/transport.ts";
import { locationSettings } from "./location-settings.ts";
import { Random } from "../../support/random.ts";

const owners: readonly ContactOwner[] = [{ label: "there" }, { label: "elsewhere" }];
const sockets = ["udp:10.0.0.1:5060", "udp:10.0.0.2:5060"].map(
  (text) => ({ text }) as ListenSocket,
);

/** Everything of a contact that a client or a document says. */
function fieldsOf(contact: Contact) {
  const { uri, expires, q, callId, cseq, flags, branchFlags, userAgent, methods } = contact;
  const { received, path, socket, instance, regId, serverId, displayName, features } = contact;
  const { owner, attributes, memoryOnly, gruu } = contact;
  const numbers = { expires, q, cseq, flags, branchFlags, methods, regId, serverId, memoryOnly };
  const texts = { uri, callId, userAgent, received, path, instance, displayName, features };
  return { ...numbers, ...texts, socket, owner, attributes, gruu };
}

/** A table and what should be in it: by address of record, the contacts by ruid. */
class Trial {
  readonly location: Location;
  readonly table: Table;
  readonly model = new Map<string, Map<string, ReturnType<typeof fieldsOf>>>();
  readonly #random: Random;
  #serial = 0;

  constructor(cachedContacts: number, seed: number) {
    this.#random = new Random(seed);
    this.location = new Location(
      new VirtualClock(),
      { ...locationSettings, hashSeed: 0x0ddba11, cachedContacts },
      () => {},
    );
    this.table = this.location.table("location");
  }

  below(limit: number): number {
    return this.#random.below(limit);
  }

  #one<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  #text(): string {
    const serial = (++this.#serial).toString(36);
    const kinds = ["", "x", `t${serial}`, `\xff\x80${serial}`, `\u0416\u4e2d${serial}`];
    const long = this.below(200) === 0 ? "long.".repeat(this.below(8000)) : "";
    return (
      this.#one([...kinds, `sip:${serial}@192.0.2.1:5060;ob`.repeat(1 + this.below(4))]) + long
    );
  }

  #optional(): string | null {
    return this.below(2) === 0 ? null : this.#text();
  }

  #info(): ContactInfo {
    const gruus = [null, null, { publicUri: this.#text(), temporaryUri: this.#optional() }];
    return Object.assign(new ContactInfo(), {
      uri: this.#text(),
      expires: this.#one([0, 1, 2_000_000_000, 4_000_000_000]),
      q: this.#one([-1, 0, 500, 1000]),
      callId: this.#text(),
      cseq: this.#one([0, 1, 2 ** 31, 2 ** 32 - 1]),
      flags: this.#one([0, -1, 5]),
      branchFlags: this.#one([0, 1 << 31, 64]),
      userAgent: this.below(3) === 0 ? this.#text() : `Phone ${this.below(4)}`,
      methods: this.#one([-1, 0, 8191]),
      received: this.#optional(),
      path: this.#optional(),
      socket: this.#one([null, ...sockets]),
      instance: this.#text(),
      regId: this.#one([0, 1, 2 ** 32 - 1]),
      serverId: this.below(3),
      displayName: this.#optional(),
      features: this.#optional(),
      owner: this.#one([null, null, ...owners]),
      attributes: this.#one([null, null, ["kept", 1]]),
      memoryOnly: this.below(2) === 0,
      gruu: this.#one(gruus),
    });
  }

  #aor(): string {
    return this.#one(["user", "\u0416", ""]) + this.below(40);
  }

  step(): void {
    const aor = this.#aor();
    const contacts = this.model.get(aor) ?? new Map();
    const ruid = this.#one([...contacts.keys(), undefined]);
    const contact = ruid === undefined ? undefined : this.table.byRuid(ruid);
    expect(contact === undefined).toBe(ruid === undefined);
    const what = this.below(3);
    if (contact === undefined) {
      const added = this.table.insert(aor, this.#info());
      contacts.set(added.ruid, fieldsOf(added));
      this.model.set(aor, contacts);
    } else if (what === 0) {
      const info = this.#info();
      this.table.update(contact, info);
      contacts.set(contact.ruid, fieldsOf(contact));
      expect(fieldsOf(contact)).toEqual(expectedOf(info));
    } else if (what === 1) {
      const shown = fieldsOf(contact);
      this.table.remove(contact, "removed");
      expect(fieldsOf(contact)).toEqual(shown);
      contacts.delete(contact.ruid);
      if (contacts.size === 0) this.model.delete(aor);
    } else expect(fieldsOf(contact)).toEqual(contacts.get(contact.ruid));
  }

  /** What is in the table, once in all. */
  check(): void {
    const seen = new Set<string>();
    for (const [aor, first] of this.table.records()) {
      expect(seen.has(aor)).toBe(false);
      seen.add(aor);
      expect(contactsOf(first)).toEqual(this.model.get(aor));
      expect(contactsOf(this.table.first(aor))).toEqual(this.model.get(aor));
    }
    expect(seen.size).toBe(this.model.size);
    expect(this.table.users).toBe(this.model.size);
    expect([...this.table.aors()].toSorted()).toEqual([...this.model.keys()].toSorted());
    const contacts = [...this.model.values()].reduce((sum, one) => sum + one.size, 0);
    expect([this.table.contacts, [...this.table.all()].length]).toEqual([contacts, contacts]);
  }
}

function expectedOf(info: ContactInfo) {
  const { ruid: _ruid, ...fields } = info;
  return { ...fields, flags: info.flags | 0, branchFlags: info.branchFlags | 0 };
}

function contactsOf(first: Contact | undefined): Map<string, unknown> {
  const contacts = new Map<string, unknown>();
  for (let one = first ?? null; one !== null; one = one.next) contacts.set(one.ruid, fieldsOf(one));
  return contacts;
}

describe.each([0, 2, 70, 5000])("a table that keeps %i objects", (cached) => {
  it("knows what a plain map knows", () => {
    const trial = new Trial(cached, 11 + cached);
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 100; i++) trial.step();
      trial.check();
    }
  });

  it("is right also where all hashes are the same", () => {
    const trial = new Trial(cached, 5);
    Object.assign(trial.location, { hash: { of: () => 17 } });
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 100; i++) trial.step();
      trial.check();
    }
  });

  it("is walked through while it changes", () => {
    const trial = new Trial(cached, 23);
    const { table } = trial;
    const info = Object.assign(new ContactInfo(), { uri: "sip:a", expires: 2e9 });
    for (let i = 0; i < 3000; i++) table.insert(`stays${i}`, info);
    for (let i = 0; i < 3000; i++) table.insert(`goes${i}`, info);
    const seen = new Map<string, number>();
    let step = 0;
    for (const [aor, first] of table.records()) {
      expect(first.aor).toBe(aor);
      seen.set(aor, (seen.get(aor) ?? 0) + 1);
      table.removeAll(`goes${step}`, "removed");
      if (step < 8000) for (let i = 0; i < 3; i++) table.insert(`comes${step}.${i}`, info);
      // Another contact becomes the first one.
      const preferred = Object.assign(info, { q: trial.below(1000) });
      if (step < 8000) table.insert(`stays${trial.below(3000)}`, preferred);
      step++;
    }
    for (let i = 0; i < 3000; i++) expect(seen.get(`stays${i}`)).toBe(1);
    expect(Math.max(...seen.values())).toBe(1);
  });
});

describe("memory", () => {
  const info = new ContactInfo();
  const fill = (serial: number, random: Random): ContactInfo =>
    Object.assign(info, {
      uri: `sip:${serial}@192.0.2.1:${"5060".repeat(random.below(6))};ob`,
      callId: "call".repeat(2 + random.below(10)),
      path: random.below(3) === 0 ? "<sip:edge.example.com;lr>" : null,
      userAgent: `Phone ${serial % 6000}`,
      expires: 2e9 + random.below(9000),
    });

  it("does not grow with contacts that come, change and go", () => {
    const { location, table } = new Trial(64, 1);
    const random = new Random(3);
    for (let i = 0; i < 10_000; i++) table.insert(`u${i}`, fill(i, random));
    const before = location.memory.bytes;
    for (let i = 0; i < 60_000; i++) {
      const aor = `u${random.below(10_000)}`;
      const contact = table.first(aor);
      if (contact === undefined) table.insert(aor, fill(i, random));
      else if (random.share() < 0.4) table.remove(contact, "removed");
      else table.update(contact, fill(i, random));
    }
    const after = location.memory.bytes;
    expect(after.records).toBe(before.records);
    expect(after.texts).toBeLessThanOrEqual(before.texts * 1.1);
    for (const aor of table.aors()) table.removeAll(aor, "removed");
    expect([table.users, location.memory.bytes.textsInUse]).toEqual([0, 0]);
  });

  it("is not the heap", () => {
    const { location, table } = new Trial(64, 1);
    const random = new Random(3);
    const count = 60_000;
    // All values of User-Agent that are kept once come first.
    for (let i = 0; i < 8000; i++) table.insert(`first${i}`, fill(i, random));
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const heap = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const { records, texts } = location.memory.bytes;
    const before = heap();
    for (let i = 0; i < count; i++) table.insert(`u${i}`, fill(i, random));
    // Pages of texts and chunks of the index are objects, not contacts.
    expect((heap() - before) / count).toBeLessThan(10);
    const after = location.memory.bytes;
    expect((after.records + after.texts - records - texts) / count).toBeLessThan(400);
    expect(table.contacts).toBe(count + 8000);
  });
});
