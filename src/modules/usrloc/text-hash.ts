/** Hashes of texts that nobody outside can foresee: peers choose keys, and must not choose their buckets. */

/** A hash function of its own for each seed. */
export class TextHash {
  readonly #start: number;
  readonly #factor: number;

  /** `seed`: 32 random bits. */
  constructor(seed: number) {
    this.#start = mixed(seed);
    // Odd, so that no bit of a text is lost.
    this.#factor = mixed(seed ^ 0x5bd1e995) | 1;
  }

  /** 32 bits with a sign. */
  of(text: string): number {
    const factor = this.#factor;
    let hash = this.#start ^ text.length;
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), factor);
      hash ^= hash >>> 15;
    }
    return mixed(hash);
  }
}

/** Each bit of the value changes half of the bits of the result. */
function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
