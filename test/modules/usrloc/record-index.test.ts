/** The hash table of records: growing, equal hashes, walks while it changes. */
import { describe, expect, it } from "vitest";
import { ContactRecords, Field, idOf, NONE } from "../../../src/modules/usrloc/contact-records.ts";
import { RecordIndex, WALK_END } from "../../../src/modules/usrloc/record-index.ts";
import { TextHash } from "../../../src/modules/usrloc/text-hash.ts";

const hash = new TextHash(0x2545f491);

function makeIndex() {
  const records = new ContactRecords();
  const index = new RecordIndex(records, { hash: Field.aorHash, chain: Field.aorChain });
  const add = (bits: number): number => {
    const record = records.allocate();
    index.add(record, bits);
    return record;
  };
  const find = (bits: number): number[] => {
    const found: number[] = [];
    for (let one = index.first(bits); one !== NONE; one = index.next(one)) {
      if (index.hashOf(one) === bits) found.push(one);
    }
    return found;
  };
  const remove = (record: number): void => {
    index.remove(record);
    records.release(record);
  };
  return { records, index, add, find, remove };
}

describe("an index of records", () => {
  it("is empty at first", () => {
    const { index } = makeIndex();
    expect(index.first(17)).toBe(NONE);
    expect(index.walk(0, [])).toBe(WALK_END);
  });

  it("finds what was added while it grows, and not what was taken out", () => {
    const { index, add, find, remove } = makeIndex();
    const records = new Map<number, number>();
    for (let i = 0; i < 30_000; i++) records.set(i, add(hash.of(`user${i}`)));
    for (let i = 0; i < 30_000; i += 3) remove(records.get(i) as number);
    for (let i = 0; i < 30_000; i++) {
      const found = find(hash.of(`user${i}`));
      expect(found.includes(records.get(i) as number)).toBe(i % 3 !== 0);
    }
    expect(index.size).toBe(20_000);
  });

  it("keeps buckets short", () => {
    const { index, add } = makeIndex();
    for (let i = 0; i < 50_000; i++) add(hash.of(`sip:${i}@example.com`));
    let longest = 0;
    for (let position = 0; position < WALK_END;) {
      const found: number[] = [];
      position = index.walk(position, found);
      longest = Math.max(longest, found.length);
    }
    expect(longest).toBeLessThan(12);
  });

  it("tells records of one hash apart, and lets another one take the place of one", () => {
    const { index, records, add, find, remove } = makeIndex();
    const [a, b, c] = [add(5), add(5), add(5 + 4096)];
    const other = records.allocate();
    index.replace(b, other);
    expect(find(5).toSorted()).toEqual([a, other].toSorted());
    remove(a);
    expect([find(5), find(5 + 4096), index.size]).toEqual([[other], [c], 2]);
  });

  it("shows each record once while others come and go", () => {
    const { index, add, remove } = makeIndex();
    const stay = new Set<number>();
    const go: number[] = [];
    for (let i = 0; i < 6000; i++) stay.add(add(hash.of(`stays${i}`)));
    for (let i = 0; i < 3000; i++) go.push(add(hash.of(`goes${i}`)));
    const seen = new Map<number, number>();
    let added = 0;
    for (let position = 0; position < WALK_END;) {
      const found: number[] = [];
      position = index.walk(position, found);
      for (const record of found) seen.set(record, (seen.get(record) ?? 0) + 1);
      // Grows to several times its size meanwhile.
      for (let i = 0; i < 6 && added < 40_000; i++) stay.has(add(hash.of(`comes${added++}`)));
      const gone = go.pop();
      if (gone !== undefined && !seen.has(gone)) index.remove(gone);
      else if (gone !== undefined) remove(gone);
    }
    expect(added).toBe(40_000);
    for (const record of stay) expect(seen.get(record)).toBe(1);
    // A record that is free may hold another contact later.
    expect(Math.max(...seen.values())).toBeLessThanOrEqual(2);
  });
});

describe("hashes of texts", () => {
  it("differ with the seed, and spread texts that are much alike", () => {
    const other = new TextHash(0x2545f492);
    const texts = Array.from({ length: 4096 }, (_, i) => `u${i}`);
    expect(texts.filter((text) => hash.of(text) === other.of(text)).length).toBeLessThan(2);
    const buckets = new Set(texts.map((text) => hash.of(text) & 4095));
    // At random it would be 2589.
    expect(buckets.size).toBeGreaterThan(2450);
    expect(hash.of("")).not.toBe(hash.of("\0"));
  });
});

describe("records", () => {
  it("give ids that are never used again", () => {
    const records = new ContactRecords();
    const ids = new Set<number>();
    let record = NONE;
    for (let i = 0; i < 1000; i++) {
      record = records.allocate();
      const id = idAt(records, record);
      expect(ids.has(id)).toBe(false);
      expect(records.find(id)).toBe(record);
      ids.add(id);
      records.release(record);
      expect(records.find(id)).toBe(NONE);
    }
    expect(record).toBe(0);
  });

  it("are left alone when their numbers are used up", () => {
    const records = new ContactRecords();
    const record = records.allocate();
    records.set(record, Field.generation, 2 ** 26 - 1);
    expect(Number.isSafeInteger(idAt(records, record))).toBe(true);
    records.release(record);
    expect(records.allocate()).not.toBe(record);
  });
});

function idAt(records: ContactRecords, record: number): number {
  return idOf(record, records.get(record, Field.generation));
}
