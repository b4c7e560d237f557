/** The contacts used last, as objects: what is asked for again and again is not made anew. */
import { NONE } from "./contact-records.ts";
import type { Contact } from "./contact.ts";

/** Places that are given away in turn, whatever comes. */
const PASSING = 64;
/** When there is no room, one in so many contacts gets a lasting place. */
const LASTING = 16;

/**
 * A ring with a limit. With more contacts in turn than it has room for, a plain ring would have none of them when it is asked for:
 * so most that come when it is full share a few places, and the others stay for long.
 */
export class ContactCache {
  readonly #contacts: (Contact | null)[] = [];
  readonly #size: number;
  readonly #passing: number;
  readonly #free: number[] = [];
  #turn = 0;
  #passingHand = 0;
  #lastingHand: number;

  constructor(size: number) {
    this.#size = size;
    this.#passing = Math.min(PASSING, size);
    this.#lastingHand = this.#passing;
  }

  at(place: number): Contact {
    return this.#contacts[place] as Contact;
  }

  /** Gives a contact a place; the one that had it before, which has none now, or null. */
  put(contact: Contact): Contact | null {
    if (this.#size === 0) return null;
    const place = this.#placeForOne();
    const former = this.#contacts[place] ?? null;
    if (former !== null) former.place = NONE;
    this.#contacts[place] = contact;
    contact.place = place;
    return former;
  }

  drop(contact: Contact): void {
    this.#contacts[contact.place] = null;
    this.#free.push(contact.place);
    contact.place = NONE;
  }

  #placeForOne(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#contacts.length < this.#size) return this.#contacts.length;
    if (this.#passing < this.#size && ++this.#turn % LASTING === 0) {
      const place = this.#lastingHand++;
      if (this.#lastingHand === this.#size) this.#lastingHand = this.#passing;
      return place;
    }
    const place = this.#passingHand++;
    if (this.#passingHand === this.#passing) this.#passingHand = 0;
    return place;
  }
}
