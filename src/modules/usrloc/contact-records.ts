/** Contacts as rows of numbers outside of V8's heap, where its collector does not have to look at them. */

/** No record, no slot, no number. */
export const NONE = -1;

/** Where the numbers of a record lie; what a refresh looks at or changes is in front, in one line of the processor's cache. */
export const Field = {
  aorHash: 0,
  /** Next record of the same bucket of the index by address of record; only first contacts are in it. */
  aorChain: 1,
  /** Place of its object in the cache of contacts. */
  view: 2,
  /** Next contact of the same address of record; of free records, the next free one. */
  next: 3,
  /** How often the record was used before; tells its contact from those that it held then. */
  generation: 4,
  wheelNext: 5,
  wheelPrevious: 6,
  wheelSlot: 7,
  expires: 8,
  modified: 9,
  cseq: 10,
  q: 11,
  table: 12,
  ruidHash: 13,
  ruidChain: 14,
  created: 15,
  flags: 16,
  branchFlags: 17,
  methods: 18,
  regId: 19,
  serverId: 20,
  socket: 21,
  userAgent: 22,
  owner: 23,
  bits: 24,
  /** Place of its texts in the slab, and their lengths, two in each word. */
  text: 25,
  lengths: 26,
} as const;

const WORD_BITS = 5;
const WORDS = 1 << WORD_BITS;
/**
 * Records come in chunks of 2 MB: growing copies nothing. They are shared buffers, though nobody shares them: V8 counts the bytes of
 * others like those of its heap, and looks for garbage whenever so many have been added.
 */
const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;
/** A contact's id is its generation and its record in one number that is exact. */
const RECORDS = 2 ** 27;
const GENERATIONS = 2 ** 26;

/** Where a record begins within `words`. */
export function offsetOf(record: number): number {
  return (record & (CHUNK - 1)) << WORD_BITS;
}

/** The id of the contact that a record holds or held. */
export function idOf(record: number, generation: number): number {
  return generation * RECORDS + record;
}

/** All records of one engine. */
export class ContactRecords {
  readonly #chunks: Int32Array[] = [];
  /** Records that have been in use at some time. */
  #used = 0;
  #free = NONE;

  /** The chunk that a record lies in, from `offsetOf(record)` on. */
  words(record: number): Int32Array {
    return this.#chunks[record >> CHUNK_BITS] as Int32Array;
  }

  get(record: number, field: number): number {
    return this.words(record)[offsetOf(record) + field] as number;
  }

  set(record: number, field: number, value: number): void {
    this.words(record)[offsetOf(record) + field] = value;
  }

  /** What they take, free ones as well. */
  get bytes(): number {
    return this.#chunks.length * CHUNK * WORDS * 4;
  }

  /** A record; only its generation is set. */
  allocate(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.get(free, Field.next);
      return free;
    }
    const record = this.#used++;
    if (record >> CHUNK_BITS === this.#chunks.length) {
      this.#chunks.push(new Int32Array(new SharedArrayBuffer(4 * CHUNK * WORDS)));
    }
    this.set(record, Field.generation, 1);
    return record;
  }

  /** From now on its contact is not found by its id any more. */
  release(record: number): void {
    const generation = this.get(record, Field.generation) + 1;
    this.set(record, Field.generation, generation);
    // After tens of millions of contacts a record is left alone, so that ids never come twice.
    if (generation === GENERATIONS) return;
    this.set(record, Field.next, this.#free);
    this.#free = record;
  }

  /** The record of the contact with this id; NONE when it is not there any more. */
  find(id: number): number {
    const record = id % RECORDS;
    const isThere =
      record < this.#used && this.get(record, Field.generation) === Math.floor(id / RECORDS);
    return isThere ? record : NONE;
  }
}
