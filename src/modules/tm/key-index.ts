/** Finds places in a table by the hash of a key, with nothing on V8's heap for each of them. */

/** No place. */
export const NONE = -1;

const firstSize = 64;

/** Chains of places that share a hash bucket. Whoever asks compares the keys: places with the same hash may differ. */
export class KeyIndex {
  /** First place of each bucket. */
  #buckets = new Int32Array(firstSize).fill(NONE);
  /** By place: next one of its bucket, and its hash. */
  #next = new Int32Array(firstSize);
  #hashes = new Int32Array(firstSize);
  #size = 0;

  /** Puts a place in; it must not be in. `hash` has 32 bits. */
  add(place: number, hash: number): void {
    if (place >= this.#next.length) this.#widen(place);
    if (this.#size >= this.#buckets.length) this.#spread();
    this.#hashes[place] = hash | 0;
    this.#link(place);
    this.#size++;
  }

  /** The first place with this hash; `NONE` if there is none. */
  first(hash: number): number {
    const wanted = hash | 0;
    return this.#seek(this.#buckets[wanted & (this.#buckets.length - 1)] as number, wanted);
  }

  /** The next place with the same hash. */
  next(place: number): number {
    return this.#seek(this.#next[place] as number, this.#hashes[place] as number);
  }

  /** Takes a place out, if it is in. */
  remove(place: number): void {
    if (place >= this.#next.length) return;
    const bucket = (this.#hashes[place] as number) & (this.#buckets.length - 1);
    let previous = NONE;
    let at = this.#buckets[bucket] as number;
    while (at !== NONE && at !== place) {
      previous = at;
      at = this.#next[at] as number;
    }
    if (at === NONE) return;
    const behind = this.#next[place] as number;
    if (previous === NONE) this.#buckets[bucket] = behind;
    else this.#next[previous] = behind;
    this.#size--;
  }

  #seek(from: number, hash: number): number {
    let place = from;
    while (place !== NONE && this.#hashes[place] !== hash) place = this.#next[place] as number;
    return place;
  }

  #link(place: number): void {
    const bucket = (this.#hashes[place] as number) & (this.#buckets.length - 1);
    this.#next[place] = this.#buckets[bucket] as number;
    this.#buckets[bucket] = place;
  }

  #widen(place: number): void {
    let length = this.#next.length;
    while (length <= place) length *= 2;
    const next = new Int32Array(length);
    next.set(this.#next);
    this.#next = next;
    const hashes = new Int32Array(length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }

  /** Twice the buckets: half a millisecond for a hundred thousand places, and only up to the most that there ever were. */
  #spread(): void {
    const old = this.#buckets;
    this.#buckets = new Int32Array(old.length * 2).fill(NONE);
    for (let place of old) {
      while (place !== NONE) {
        const behind = this.#next[place] as number;
        this.#link(place);
        place = behind;
      }
    }
  }
}
