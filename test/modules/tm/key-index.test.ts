/** The index by hash against a plain map. */
import { describe, expect, it } from "vitest";
import { KeyIndex, NONE } from "../../../src/modules/tm/key-index.ts";

function all(index: KeyIndex, hash: number): number[] {
  const found: number[] = [];
  for (let place = index.first(hash); place !== NONE; place = index.next(place)) found.push(place);
  return found.toSorted((a, b) => a - b);
}

describe("the index of places by hash", () => {
  it("finds all places with a hash, and no other of the same bucket", () => {
    const index = new KeyIndex();
    index.add(3, 7);
    index.add(5, 7 + 64);
    index.add(1000, 7);
    expect(all(index, 7)).toEqual([3, 1000]);
    expect(all(index, 71)).toEqual([5]);
    expect(all(index, 8)).toEqual([]);
  });

  it("takes hashes with and without sign for the same", () => {
    const index = new KeyIndex();
    index.add(0, 0xffff_fff0);
    expect(all(index, -16)).toEqual([0]);
  });

  it("takes out what is in, and leaves the others alone when it is not", () => {
    const index = new KeyIndex();
    for (const place of [1, 2, 3]) index.add(place, 9);
    index.remove(2);
    index.remove(2);
    index.remove(50_000);
    expect(all(index, 9)).toEqual([1, 3]);
    index.add(2, 10);
    expect([all(index, 9), all(index, 10)]).toEqual([[1, 3], [2]]);
  });

  it("holds what a map holds, while it grows and places are used again", () => {
    const index = new KeyIndex();
    const model = new Map<number, number>();
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let i = 0; i < 20_000; i++) {
      const place = random(3000);
      if (model.delete(place)) index.remove(place);
      else {
        // Few hashes: long chains.
        const hash = Math.imul(random(700), 0x9e37_79b1);
        model.set(place, hash);
        index.add(place, hash);
      }
    }
    for (let i = 0; i < 700; i++) {
      const hash = Math.imul(i, 0x9e37_79b1);
      const expected = [...model].filter(([, one]) => one === hash).map(([place]) => place);
      expect(all(index, hash)).toEqual(expected.toSorted((a, b) => a - b));
    }
  });
});
