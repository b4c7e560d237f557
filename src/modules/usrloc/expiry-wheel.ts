/** Contacts by the second in which they run out, so that nothing ever walks through all of them. */
import { type ContactRecords, Field, NONE } from "./contact-records.ts";

/** Seconds ahead that have a slot each, and seconds in one of the coarse slots behind them. */
const SLOTS = 4096;
/** A record's `wheelSlot` from here on is a coarse slot. */
const COARSE = SLOTS;
/** Contacts that may be moved to their seconds in place of one that is handed over. */
const MOVES = 8;

/**
 * A wheel of linked lists with two levels; adding, moving and taking out cost the same at any size. Contacts that run out within
 * 4096 s lie in the slot of their second, so all that is found there is due. Later ones lie in slots of 4096 s (the last of them,
 * half a year ahead, takes whatever is later) and move to the seconds when their time comes near.
 */
export class ExpiryWheel {
  readonly #records: ContactRecords;
  /** First record of each slot. */
  readonly #slots = new Int32Array(2 * SLOTS).fill(NONE);
  /** Last second that has been dealt with completely. */
  #cursor: number;
  /** Contacts in the slots of single seconds. */
  #near = 0;
  /** Seconds that a contact stays after it ran out. */
  readonly #graceSeconds: () => number;

  constructor(records: ContactRecords, now: number, graceSeconds: () => number) {
    this.#records = records;
    this.#cursor = now;
    this.#graceSeconds = graceSeconds;
  }

  /** Puts a contact, given by its record, where it belongs by the time at which it runs out, wherever it was before. */
  place(record: number): void {
    const records = this.#records;
    const expires = records.get(record, Field.expires) >>> 0;
    const slot = expires === 0 ? NONE : this.#slotOf(expires);
    if (slot === records.get(record, Field.wheelSlot)) return;
    this.take(record);
    if (slot === NONE) return;
    const head = this.#slots[slot] as number;
    records.set(record, Field.wheelSlot, slot);
    records.set(record, Field.wheelNext, head);
    records.set(record, Field.wheelPrevious, NONE);
    if (head !== NONE) records.set(head, Field.wheelPrevious, record);
    this.#slots[slot] = record;
    if (slot < COARSE) this.#near++;
  }

  #slotOf(expires: number): number {
    const cursor = this.#cursor;
    if (expires > cursor + SLOTS) {
      const last = Math.floor(cursor / SLOTS) + SLOTS - 1;
      return COARSE + (Math.min(Math.floor(expires / SLOTS), last) % SLOTS);
    }
    // What is due already is found at the next turn of the hand.
    return Math.max(expires, cursor + 1) % SLOTS;
  }

  /** Takes a contact out. */
  take(record: number): void {
    const records = this.#records;
    const slot = records.get(record, Field.wheelSlot);
    if (slot === NONE) return;
    const next = records.get(record, Field.wheelNext);
    const previous = records.get(record, Field.wheelPrevious);
    if (next !== NONE) records.set(next, Field.wheelPrevious, previous);
    if (previous !== NONE) records.set(previous, Field.wheelNext, next);
    else this.#slots[slot] = next;
    records.set(record, Field.wheelSlot, NONE);
    if (slot < COARSE) this.#near--;
  }

  /**
   * Hands over what has run out by `now`, already taken out of the wheel. At most `limit` contacts, or as much work in
   * moving others; true when there is more to do.
   */
  advance(now: number, limit: number, expire: (record: number) => void): boolean {
    const due = now - this.#graceSeconds();
    let left = limit * MOVES;
    while (this.#cursor < due) {
      const second = this.#cursor + 1;
      const slot = second % SLOTS;
      if (slot === 0) left = this.#spread(second, left);
      for (; left > 0; left -= MOVES) {
        const record = this.#slots[slot] as number;
        if (record === NONE) break;
        this.take(record);
        expire(record);
      }
      if (left <= 0) return true;
      this.#cursor = second;
      this.#skip(due);
    }
    return false;
  }

  /** Moves the contacts of the coarse slot that begins with this second; how many may still be touched. */
  #spread(second: number, limit: number): number {
    const slot = COARSE + (Math.floor(second / SLOTS) % SLOTS);
    let left = limit;
    for (; left > 0; left--) {
      const record = this.#slots[slot] as number;
      if (record === NONE) break;
      this.place(record);
    }
    return left;
  }

  /** With no contact near, goes on to the end of the coarse slot at once: the clock may have jumped by years. */
  #skip(due: number): void {
    if (this.#near > 0) return;
    const end = (Math.floor(this.#cursor / SLOTS) + 1) * SLOTS - 1;
    this.#cursor = Math.max(this.#cursor, Math.min(due, end));
  }
}
