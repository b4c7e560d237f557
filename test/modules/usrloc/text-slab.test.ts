/** Texts outside of the heap: nothing is mixed up, and space is used again. */
import { describe, expect, it } from "vitest";
import { LONGEST_PIECE, TextSlab } from "../../../src/modules/usrloc/text-slab.ts";
import { Random } from "../../support/random.ts";

interface Piece {
  readonly text: string;
  readonly isWide: boolean;
  readonly position: number;
}

/** Stores, drops and checks at random. */
class Trial {
  readonly slab = new TextSlab();
  readonly pieces: Piece[] = [];
  readonly #random = new Random(1);
  #serial = 0;

  below(limit: number): number {
    return this.#random.below(limit);
  }

  store(length: number, isWide: boolean): void {
    const unit = `${isWide ? "\u0416" : "\xe9"}${(++this.#serial).toString(36)}.`;
    const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
    this.pieces.push({ text, isWide, position: this.slab.store(text, isWide) });
  }

  dropOne(): void {
    const at = this.below(this.pieces.length);
    const piece = this.pieces[at] as Piece;
    this.pieces[at] = this.pieces.at(-1) as Piece;
    this.pieces.pop();
    if (this.read(piece) !== piece.text) throw new Error(`not ${piece.text}`);
    this.slab.drop(piece.position);
  }

  read({ text, isWide, position }: Piece): string {
    return this.slab.read(position, text.length, isWide);
  }
}

describe("a slab of texts", () => {
  it("gives back what was stored, of any length", () => {
    const trial = new Trial();
    for (const isWide of [false, true]) {
      const longest = isWide ? LONGEST_PIECE / 2 : LONGEST_PIECE;
      for (const length of [0, 1, 15, 16, 17, 511, 512, 513, 1000, 5000, longest]) {
        trial.store(length, isWide);
        trial.store(length, isWide);
      }
    }
    for (const piece of trial.pieces) expect(trial.read(piece)).toBe(piece.text);
    while (trial.pieces.length > 0) trial.dropOne();
    expect(trial.slab.bytesInUse).toBe(0);
  });

  it("does not grow when texts come and go, and change their lengths", () => {
    const trial = new Trial();
    const usual = (): number => 100 + trial.below(300);
    for (let i = 0; i < 20_000; i++) trial.store(usual(), i % 50 === 0);
    const { bytes, bytesInUse } = trial.slab;
    for (let i = 0; i < 60_000; i++) {
      trial.dropOne();
      trial.store(usual(), i % 50 === 0);
    }
    expect(trial.slab.bytes).toBeLessThanOrEqual(bytes * 1.1);
    expect(trial.slab.bytesInUse).toBeLessThanOrEqual(bytesInUse * 1.1);
    // What was one kind of texts becomes room for others.
    while (trial.pieces.length > 0) trial.dropOne();
    expect(trial.slab.bytesInUse).toBe(0);
    for (let i = 0; i < 4000; i++) trial.store(1000, false);
    expect(trial.slab.bytes).toBeLessThanOrEqual(bytes * 1.1);
    for (const piece of trial.pieces) expect(trial.read(piece)).toBe(piece.text);
  });

  it("wastes little", () => {
    const trial = new Trial();
    let used = 0;
    for (let i = 0; i < 40_000; i++) {
      const length = 150 + trial.below(250);
      trial.store(length, false);
      used += length;
    }
    expect(trial.slab.bytesInUse / used).toBeLessThan(1.15);
  });
});
