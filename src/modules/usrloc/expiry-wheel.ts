/** Contacts by the second in which they run out, so that nothing ever walks through all of them. */
import type { Contact } from "./contact.ts";

/** Seconds in one turn of the wheel. Contacts that live longer are passed over once per turn. */
const SLOTS = 4096;

/** A wheel of linked lists; adding, moving and taking out cost the same at any size. */
export class ExpiryWheel {
  readonly #slots: (Contact | null)[];
  /** Last second that has been dealt with completely. */
  #cursor: number;
  /** Seconds that a contact stays after it ran out. */
  readonly #graceSeconds: () => number;

  constructor(now: number, graceSeconds: () => number) {
    this.#slots = Array.from({ length: SLOTS }, () => null);
    this.#cursor = now;
    this.#graceSeconds = graceSeconds;
  }

  /** Puts a contact where its `expires` says, wherever it was before. */
  place(contact: Contact): void {
    // What is due already is found at the next turn of the hand.
    const second = Math.max(contact.expires, this.#cursor + 1);
    const slot = contact.expires === 0 ? -1 : second % SLOTS;
    if (slot === contact.wheelSlot) return;
    this.take(contact);
    if (slot < 0) return;
    const head = this.#slots[slot] as Contact | null;
    contact.wheelSlot = slot;
    contact.wheelNext = head;
    if (head !== null) head.wheelPrevious = contact;
    this.#slots[slot] = contact;
  }

  /** Takes a contact out. */
  take(contact: Contact): void {
    const slot = contact.wheelSlot;
    if (slot < 0) return;
    const { wheelNext, wheelPrevious } = contact;
    if (wheelNext !== null) wheelNext.wheelPrevious = wheelPrevious;
    if (wheelPrevious !== null) wheelPrevious.wheelNext = wheelNext;
    else this.#slots[slot] = wheelNext;
    contact.wheelNext = null;
    contact.wheelPrevious = null;
    contact.wheelSlot = -1;
  }

  /**
   * Hands over what has run out by `now`, at most `limit` contacts; each must be taken out by `expire`. True when
   * there is more to do.
   */
  advance(now: number, limit: number, expire: (contact: Contact) => void): boolean {
    const due = now - this.#graceSeconds();
    // After a jump of the clock one whole turn sees every contact.
    let second = Math.max(this.#cursor + 1, due - SLOTS + 1);
    let left = limit;
    for (; second <= due; second++) {
      let contact = this.#slots[second % SLOTS] as Contact | null;
      while (contact !== null) {
        const following: Contact | null = contact.wheelNext;
        if (contact.expires <= due) {
          if (left-- === 0) {
            this.#cursor = second - 1;
            return true;
          }
          expire(contact);
        }
        contact = following;
      }
    }
    this.#cursor = Math.max(this.#cursor, due);
    return false;
  }
}
