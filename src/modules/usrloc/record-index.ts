/** Finds records by the hash of a text: a hash table outside of V8's heap that grows without a pause. */
import { type ContactRecords, NONE } from "./contact-records.ts";

/** Buckets come in chunks. */
const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;
/** Behind the last position of a walk. */
export const WALK_END = 2 ** 32;

/**
 * Linear hashing: with each record that comes beyond the number of buckets, one bucket is divided into two. A bucket is a list of records,
 * linked by a field of theirs; another field holds the hash.
 */
export class RecordIndex {
  readonly #records: ContactRecords;
  readonly #hash: number;
  readonly #chain: number;
  /** First record of each bucket. */
  readonly #chunks: Int32Array[] = [];
  #buckets = 0;
  /** Bits of a hash that name a bucket, where that has been divided already; one less elsewhere. */
  #mask = CHUNK - 1;
  #size = 0;

  constructor(records: ContactRecords, fields: { readonly hash: number; readonly chain: number }) {
    this.#records = records;
    this.#hash = fields.hash;
    this.#chain = fields.chain;
  }

  get size(): number {
    return this.#size;
  }

  /** First record of the bucket of a hash; `next` gives the others. */
  first(hash: number): number {
    return this.#buckets === 0 ? NONE : this.#head(this.#bucketOf(hash));
  }

  next(record: number): number {
    return this.#records.get(record, this.#chain);
  }

  hashOf(record: number): number {
    return this.#records.get(record, this.#hash);
  }

  add(record: number, hash: number): void {
    if (this.#buckets === 0) this.#addChunk();
    this.#size++;
    if (this.#size > this.#buckets) this.#divide();
    this.#records.set(record, this.#hash, hash);
    this.#put(this.#bucketOf(hash), record);
  }

  remove(record: number): void {
    this.#replaceLink(record, this.#records.get(record, this.#chain));
    this.#size--;
  }

  /** Another record of the same hash takes the place of one. */
  replace(record: number, other: number): void {
    const records = this.#records;
    records.set(other, this.#hash, records.get(record, this.#hash));
    records.set(other, this.#chain, records.get(record, this.#chain));
    this.#replaceLink(record, other);
  }

  /**
   * A walk through all records, bucket by bucket, from position 0 until WALK_END: adds those of the bucket at the position to a list;
   * the next position. Records come and go meanwhile: what is there from beginning to end, by its hash, comes exactly once.
   */
  walk(position: number, found: number[]): number {
    if (this.#buckets === 0) return WALK_END;
    // In order of hashes read backwards, dividing a bucket moves nothing past the position.
    const bucket = this.#bucketOf(reversed(position));
    for (let one = this.#head(bucket); one !== NONE; one = this.next(one)) found.push(one);
    const bits = 32 - Math.clz32(this.#mask);
    const half = (this.#mask >>> 1) + 1;
    const isDivided = bucket >= half || bucket + half < this.#buckets;
    return position + 2 ** (32 - (isDivided ? bits : bits - 1));
  }

  #bucketOf(hash: number): number {
    const bucket = hash & this.#mask;
    return bucket < this.#buckets ? bucket : bucket & (this.#mask >>> 1);
  }

  #head(bucket: number): number {
    return (this.#chunks[bucket >> CHUNK_BITS] as Int32Array)[bucket & (CHUNK - 1)] as number;
  }

  #setHead(bucket: number, record: number): void {
    (this.#chunks[bucket >> CHUNK_BITS] as Int32Array)[bucket & (CHUNK - 1)] = record;
  }

  #put(bucket: number, record: number): void {
    this.#records.set(record, this.#chain, this.#head(bucket));
    this.#setHead(bucket, record);
  }

  #addChunk(): void {
    this.#chunks.push(new Int32Array(CHUNK).fill(NONE));
    if (this.#buckets === 0) this.#buckets = CHUNK;
  }

  /** One bucket more: it gets its part of the one that has been its own so far. */
  #divide(): void {
    if (this.#buckets > this.#mask) this.#mask = this.#mask * 2 + 1;
    const added = this.#buckets;
    if (added >> CHUNK_BITS === this.#chunks.length) this.#addChunk();
    const old = added & (this.#mask >>> 1);
    this.#buckets++;
    let record = this.#head(old);
    this.#setHead(old, NONE);
    while (record !== NONE) {
      const following = this.next(record);
      this.#put(this.hashOf(record) & this.#mask, record);
      record = following;
    }
  }

  /** What leads to a record leads to another one, or to none. */
  #replaceLink(record: number, other: number): void {
    const bucket = this.#bucketOf(this.hashOf(record));
    let before = this.#head(bucket);
    if (before === record) {
      this.#setHead(bucket, other);
      return;
    }
    while (this.next(before) !== record) before = this.next(before);
    this.#records.set(before, this.#chain, other);
  }
}

/** The bits of a number below 2^32 in reverse order. */
function reversed(value: number): number {
  let bits = value | 0;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return (bits >>> 16) | (bits << 16);
}
