/** A location table: contacts by address of record, in memory. */
import type { ContactMemory } from "./contact-memory.ts";
import { Field, NONE } from "./contact-records.ts";
import type { Contact, ContactInfo, RemovalCause } from "./contact.ts";
import type { ExpiryWheel } from "./expiry-wheel.ts";
import { RecordIndex, WALK_END } from "./record-index.ts";
import type { TextHash } from "./text-hash.ts";

/** What all tables of one engine share. */
export interface TableShared {
  /** 0 contact, 1 contact and Call-ID, 2 contact and Path, 3 Call-ID. */
  readonly matchingMode: number;
  /** Newest first instead of by preference. */
  readonly newestFirst: boolean;
  /** Seconds within which an equal CSeq is a retransmission; 0: never. */
  readonly cseqDelay: number;
  readonly wheel: ExpiryWheel;
  readonly memory: ContactMemory;
  readonly hash: TextHash;
  now(): number;
  nextRuid(): string;
  /** Something happened to a contact. `cause` is there for removals. */
  changed(contact: Contact, change: ContactChange, cause: RemovalCause | undefined): void;
}

/** What happened to a contact. */
export type ContactChange = "inserted" | "updated" | "removed";

/** How a request relates to the contact that it names (RFC 3261, 10.3, step 7). */
export const Order = {
  newer: 0,
  /** The same request again: answered, not applied. */
  retransmission: 1,
  /** Older than what is stored: refused. */
  older: 2,
} as const;

/** One table. */
export class Table {
  readonly name: string;
  readonly #number: number;
  readonly #shared: TableShared;
  readonly #memory: ContactMemory;
  /** First contact of each address of record. */
  readonly #aors: RecordIndex;
  readonly #ruids: RecordIndex;
  #contacts = 0;
  #expired = 0;
  /** The address of record that was asked for last, and its first record: a request asks for the same one several times. */
  #lastAor = "";
  #lastHash = 0;
  #lastHead = NONE;
  /** The first contact that was handed out last. */
  #lastContact: Contact | null = null;

  constructor(name: string, shared: TableShared) {
    this.name = name;
    this.#shared = shared;
    this.#memory = shared.memory;
    this.#number = shared.memory.register(this);
    const { records } = shared.memory;
    this.#aors = new RecordIndex(records, { hash: Field.aorHash, chain: Field.aorChain });
    this.#ruids = new RecordIndex(records, { hash: Field.ruidHash, chain: Field.ruidChain });
    this.#lastHash = shared.hash.of("");
  }

  /** Number of addresses of record. */
  get users(): number {
    return this.#aors.size;
  }

  get contacts(): number {
    return this.#contacts;
  }

  /** Contacts that have run out since the start, or since the last reset. */
  get expired(): number {
    return this.#expired;
  }

  resetExpired(): void {
    this.#expired = 0;
  }

  /** First contact of an address of record; the others follow by `next`. */
  first(aor: string): Contact | undefined {
    const head = this.#head(aor);
    if (head === NONE) return undefined;
    const last = this.#lastContact;
    if (last !== null && last.record === head && last.place !== NONE) return last;
    const contact = this.#memory.contact(head);
    this.#lastContact = contact;
    return contact;
  }

  #head(aor: string): number {
    if (aor !== this.#lastAor) {
      const hash = this.#shared.hash.of(aor);
      this.#lastHead = this.#find(aor, hash);
      this.#lastHash = hash;
      this.#lastAor = aor;
    }
    return this.#lastHead;
  }

  /** The first record of an address of record. */
  #find(aor: string, hash: number): number {
    const aors = this.#aors;
    let record = aors.first(hash);
    while (record !== NONE) {
      if (aors.hashOf(record) === hash && this.#memory.aor(record) === aor) return record;
      record = aors.next(record);
    }
    return NONE;
  }

  /** Next contact of the same address of record. */
  next(contact: Contact): Contact | null {
    if (!this.has(contact)) return null;
    const next = this.#memory.records.get(contact.record, Field.next);
    if (next === NONE) return null;
    const isPassing = contact.place === NONE;
    return isPassing ? this.#memory.passingContact(next) : this.#memory.contact(next);
  }

  /** Whether a contact is there. */
  has(contact: Contact): boolean {
    return this.#memory.has(contact);
  }

  /** Keys of all addresses of record; otherwise as `records`. */
  *aors(): Generator<string, undefined> {
    const found: number[] = [];
    for (let position = 0; position < WALK_END;) {
      found.length = 0;
      position = this.#aors.walk(position, found);
      if (found.length === 1) yield this.#memory.aor(found[0] as number);
      else if (found.length > 1) yield* found.map((record) => this.#memory.aor(record));
    }
  }

  /**
   * Addresses of record with their first contact, in no particular order. May go on while the table changes: what is there from
   * beginning to end comes exactly once, what is added or taken out meanwhile comes once or not at all.
   */
  *records(): Generator<[string, Contact], undefined> {
    const found: number[] = [];
    for (let position = 0; position < WALK_END;) {
      found.length = 0;
      position = this.#aors.walk(position, found);
      if (found.length === 1) {
        const contact = this.#memory.passingContact(found[0] as number);
        yield [contact.aor, contact];
      } else if (found.length > 1) {
        // While the first one is looked at, the others may change.
        for (const aor of found.map((record) => this.#memory.aor(record))) {
          const head = this.#find(aor, this.#shared.hash.of(aor));
          if (head !== NONE) yield [aor, this.#memory.passingContact(head)];
        }
      }
    }
  }

  /** All contacts; may go on while the table changes, as `records`. */
  *all(): Generator<Contact, undefined> {
    for (const [, first] of this.records()) {
      const others: Contact[] = [];
      for (let one = first.next; one !== null; one = one.next) others.push(one);
      yield first;
      for (const one of others) if (this.has(one)) yield this.#memory.passingContact(one.record);
    }
  }

  byRuid(ruid: string): Contact | undefined {
    const ruids = this.#ruids;
    const hash = this.#shared.hash.of(ruid);
    let record = ruids.first(hash);
    while (record !== NONE) {
      if (ruids.hashOf(record) === hash && this.#memory.ruid(record) === ruid) {
        return this.#memory.contact(record);
      }
      record = ruids.next(record);
    }
    return undefined;
  }

  /**
   * The stored contact that a request means, or null. With an instance only that and reg-id count (RFC 5626, 6);
   * otherwise the matching mode decides.
   */
  match(aor: string, info: ContactInfo): Contact | null {
    let contact = this.first(aor) ?? null;
    if (info.instance !== null) {
      while (contact !== null) {
        if (contact.regId === info.regId && contact.instance === info.instance) {
          // The same text once more: comparing it again costs nothing.
          info.instance = contact.instance;
          return contact;
        }
        contact = contact.next;
      }
      return null;
    }
    while (contact !== null) {
      if (this.#isSame(contact, info)) return contact;
      contact = contact.next;
    }
    return null;
  }

  #isSame(contact: Contact, info: ContactInfo): boolean {
    switch (this.#shared.matchingMode) {
      case 1:
        return contact.uri === info.uri && contact.callId === info.callId;
      case 2:
        return contact.uri === info.uri && (info.path === null || contact.path === info.path);
      case 3:
        return contact.callId === info.callId;
      default:
        return contact.uri === info.uri;
    }
  }

  /** See `Order`. As Kamailio: contacts that are told apart by instance are not checked. */
  order(contact: Contact, info: ContactInfo): number {
    if (info.instance !== null || contact.callId !== info.callId) return Order.newer;
    // The same request may have come to the server that this contact was learnt from.
    if (contact.owner !== null) return Order.newer;
    if (info.cseq > contact.cseq) return Order.newer;
    if (info.cseq < contact.cseq) return Order.older;
    const isRecent = contact.modified + this.#shared.cseqDelay > this.#shared.now();
    return isRecent ? Order.retransmission : Order.older;
  }

  /** Stores a new contact. Texts are copied. */
  insert(aor: string, info: ContactInfo): Contact {
    const contact = this.#add(aor, info);
    this.#shared.changed(contact, "inserted", undefined);
    return contact;
  }

  /** Puts back a contact as it was stored before a restart; nobody is told. Times are wall clock seconds. */
  restore(
    aor: string,
    info: ContactInfo,
    times: { readonly modified: number; readonly created: number },
  ): Contact {
    const contact = this.#add(aor, info);
    this.#memory.setTimes(contact, times.modified, times.created);
    return contact;
  }

  #add(aor: string, info: ContactInfo): Contact {
    const shared = this.#shared;
    const ruid = info.ruid ?? shared.nextRuid();
    const head = this.#head(aor);
    const contact = this.#memory.add(this.#number, { aor, ruid }, info, shared.now());
    const { record } = contact;
    // Not a part of the packet.
    this.#lastAor = contact.aor;
    this.#link(record, head, false);
    this.#contacts++;
    this.#ruids.add(record, shared.hash.of(ruid));
    shared.wheel.place(record);
    return contact;
  }

  /** Changes a contact, which shows the new state then. Only texts that differ are copied. */
  update(contact: Contact, info: ContactInfo): void {
    const shared = this.#shared;
    const { record } = contact;
    this.#memory.refresh(contact);
    // As Kamailio: the URI changes for a contact that is known by its instance, or in order of foreign documents.
    const takesUri = info.instance !== null || info.owner !== null;
    this.#memory.change(contact, info, takesUri, shared.now());
    this.#reposition(contact);
    shared.wheel.place(record);
    shared.changed(contact, "updated", undefined);
  }

  /** Notes what the database has of a contact: bits of `Stored`. */
  mark(contact: Contact, stored: number): void {
    if (this.has(contact)) this.#memory.mark(contact, stored);
    else contact.stored = stored;
  }

  /** Takes a contact out. Does nothing if it is not there any more. */
  remove(contact: Contact, cause: RemovalCause): void {
    if (!contact.isStored) return;
    this.#memory.refresh(contact);
    this.#take(contact, cause);
  }

  /** Takes out a contact that has run out and shows its present state. */
  removeExpired(contact: Contact): void {
    this.#take(contact, "expired");
  }

  #take(contact: Contact, cause: RemovalCause): void {
    const { record } = contact;
    this.#unlink(contact.aor, record);
    this.#contacts--;
    this.#ruids.remove(record);
    this.#shared.wheel.take(record);
    this.#memory.release(contact);
    if (cause === "expired") this.#expired++;
    this.#shared.changed(contact, "removed", cause);
  }

  /** Takes out all contacts of an address of record; the number of them. */
  removeAll(aor: string, cause: RemovalCause): number {
    let count = 0;
    let contact = this.first(aor) ?? null;
    while (contact !== null) {
      const following: Contact | null = contact.next;
      this.remove(contact, cause);
      count++;
      contact = following;
    }
    return count;
  }

  /**
   * Puts a record into its place among those of the address of record that was asked for last: by falling preference, equal
   * ones in order of arrival, or newest first.
   */
  #link(record: number, head: number, rising: boolean): void {
    const { records } = this.#memory;
    const q = records.get(record, Field.q);
    let previous = NONE;
    let following = head;
    if (!this.#shared.newestFirst) {
      while (following !== NONE) {
        const other = records.get(following, Field.q);
        if (rising ? other >= q : other < q) break;
        previous = following;
        following = records.get(following, Field.next);
      }
    }
    records.set(record, Field.next, following);
    if (previous !== NONE) records.set(previous, Field.next, record);
    else {
      if (head === NONE) this.#aors.add(record, this.#lastHash);
      else this.#aors.replace(head, record);
      this.#lastHead = record;
    }
  }

  /**
   * Moves a contact after a change. As Kamailio: a contact that no longer stands between its neighbours is put before
   * the first one whose preference is not lower, seen from the front. (`lookup` looks at preferences itself.)
   */
  #reposition({ aor, record, q }: Contact): void {
    const { records } = this.#memory;
    const next = records.get(record, Field.next);
    // What was asked for last is its address of record, most likely.
    if (next === NONE && this.#lastHead === record) return;
    const head = this.#head(aor);
    if (head === record && next === NONE) return;
    const previous = head === record ? NONE : this.#before(head, record);
    if (this.#shared.newestFirst) {
      if (previous === NONE) return;
    } else {
      const fitsBefore = previous === NONE || q <= records.get(previous, Field.q);
      const fitsAfter = next === NONE || q >= records.get(next, Field.q);
      if (fitsBefore && fitsAfter) return;
    }
    this.#unlink(aor, record);
    this.#link(record, this.#head(aor), true);
  }

  #before(head: number, record: number): number {
    const { records } = this.#memory;
    let other = head;
    while (records.get(other, Field.next) !== record) other = records.get(other, Field.next);
    return other;
  }

  #unlink(aor: string, record: number): void {
    const { records } = this.#memory;
    const head = this.#head(aor);
    const next = records.get(record, Field.next);
    if (head !== record) records.set(this.#before(head, record), Field.next, next);
    else {
      if (next === NONE) this.#aors.remove(record);
      else this.#aors.replace(record, next);
      this.#lastHead = next;
    }
  }
}
