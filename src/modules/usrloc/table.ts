/** A location table: contacts by address of record, in memory. */
import { ownText } from "../../sip/chars.ts";
import { Contact, type ContactInfo, type RemovalCause } from "./contact.ts";
import type { ExpiryWheel } from "./expiry-wheel.ts";
import type { Interner } from "./interner.ts";
import { TextMap } from "./text-map.ts";

/** What all tables of one engine share. */
export interface TableShared {
  /** 0 contact, 1 contact and Call-ID, 2 contact and Path, 3 Call-ID. */
  readonly matchingMode: number;
  /** Newest first instead of by preference. */
  readonly newestFirst: boolean;
  /** Seconds within which an equal CSeq is a retransmission; 0: never. */
  readonly cseqDelay: number;
  readonly wheel: ExpiryWheel;
  readonly userAgents: Interner;
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
  /** First contact of each address of record. */
  readonly #records = new TextMap<Contact>();
  readonly #ruids = new TextMap<Contact>();
  readonly #shared: TableShared;
  #contacts = 0;
  #expired = 0;
  /** The address of record that was asked for last, and its first contact: a request asks for the same one several times. */
  #lastAor = "";
  #lastHead: Contact | undefined = undefined;

  constructor(name: string, shared: TableShared) {
    this.name = name;
    this.#shared = shared;
  }

  /** Number of addresses of record. */
  get users(): number {
    return this.#records.size;
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
    if (aor !== this.#lastAor) {
      this.#lastHead = this.#records.get(aor);
      this.#lastAor = aor;
    }
    return this.#lastHead;
  }

  #setFirst(aor: string, contact: Contact | null): void {
    if (contact === null) this.#records.delete(aor);
    else this.#records.set(aor, contact);
    this.#lastAor = aor;
    this.#lastHead = contact ?? undefined;
  }

  /**
   * Addresses of record with their first contact, in no particular order; may go on while the table changes (see
   * `TextMap.entries`).
   */
  records(): IterableIterator<[string, Contact]> {
    return this.#records.entries();
  }

  byRuid(ruid: string): Contact | undefined {
    return this.#ruids.get(ruid);
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
    contact.modified = times.modified;
    contact.created = times.created;
    return contact;
  }

  #add(aor: string, info: ContactInfo): Contact {
    const shared = this.#shared;
    const head = this.first(aor);
    const key = head === undefined ? ownText(aor) : head.aor;
    const contact = new Contact(this, key, info, shared.now());
    contact.ruid = ownText(info.ruid ?? shared.nextRuid());
    contact.uri = ownText(contact.uri);
    contact.callId = ownText(contact.callId);
    contact.userAgent = shared.userAgents.text(contact.userAgent);
    contact.received = own(contact.received);
    contact.path = own(contact.path);
    contact.instance = own(contact.instance);
    contact.displayName = own(contact.displayName);
    contact.features = own(contact.features);
    this.#link(contact, head, false);
    this.#contacts++;
    this.#ruids.set(contact.ruid, contact);
    shared.wheel.place(contact);
    return contact;
  }

  /** Changes a contact. Only texts that differ are copied. */
  update(contact: Contact, info: ContactInfo): void {
    const shared = this.#shared;
    // As Kamailio: the URI changes for a contact that is known by its instance, or in order of foreign documents.
    const takesUri = info.instance !== null || info.owner !== null;
    if (takesUri && contact.uri !== info.uri) contact.uri = ownText(info.uri);
    if (contact.callId !== info.callId) contact.callId = ownText(info.callId);
    if (contact.userAgent !== info.userAgent) {
      contact.userAgent = shared.userAgents.text(info.userAgent);
    }
    if (contact.received !== info.received) contact.received = own(info.received);
    if (contact.path !== info.path) contact.path = own(info.path);
    if (contact.displayName !== info.displayName) contact.displayName = own(info.displayName);
    if (contact.features !== info.features) contact.features = own(info.features);
    // As Kamailio: a request without an instance leaves the one that is known.
    if (info.instance !== null && contact.instance !== info.instance) {
      contact.instance = ownText(info.instance);
    }
    if (info.instance !== null) contact.regId = info.regId;
    contact.q = info.q;
    contact.cseq = info.cseq;
    contact.flags = info.flags;
    contact.branchFlags = info.branchFlags;
    contact.methods = info.methods;
    contact.socket = info.socket;
    contact.serverId = info.serverId;
    contact.owner = info.owner;
    contact.attributes = info.attributes;
    contact.memoryOnly = info.memoryOnly;
    contact.gruu = info.gruu;
    contact.expires = info.expires;
    contact.modified = shared.now();
    this.#reposition(contact);
    shared.wheel.place(contact);
    shared.changed(contact, "updated", undefined);
  }

  /** Takes a contact out. Does nothing if it is not there any more. */
  remove(contact: Contact, cause: RemovalCause): void {
    if (!contact.isStored) return;
    this.#unlink(contact);
    contact.isStored = false;
    this.#contacts--;
    this.#ruids.delete(contact.ruid);
    this.#shared.wheel.take(contact);
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

  /** Puts a contact into its place: by falling preference, equal ones in order of arrival, or newest first. */
  #link(contact: Contact, head: Contact | undefined, rising: boolean): void {
    let previous: Contact | null = null;
    let following: Contact | null = head ?? null;
    if (!this.#shared.newestFirst) {
      while (following !== null && (rising ? following.q < contact.q : following.q >= contact.q)) {
        previous = following;
        following = following.next;
      }
    }
    contact.next = following;
    if (previous === null) this.#setFirst(contact.aor, contact);
    else previous.next = contact;
  }

  /**
   * Moves a contact after a change. As Kamailio: a contact that no longer stands between its neighbours is put before
   * the first one whose preference is not lower, seen from the front. (`lookup` looks at preferences itself.)
   */
  #reposition(contact: Contact): void {
    const head = this.first(contact.aor) as Contact;
    if (head === contact && contact.next === null) return;
    const previous = head === contact ? null : this.#before(contact);
    if (this.#shared.newestFirst) {
      if (previous === null) return;
    } else {
      const fitsBefore = previous === null || contact.q <= previous.q;
      const fitsAfter = contact.next === null || contact.q >= contact.next.q;
      if (fitsBefore && fitsAfter) return;
    }
    this.#unlink(contact);
    this.#link(contact, this.first(contact.aor), true);
  }

  #before(contact: Contact): Contact | null {
    let other = this.first(contact.aor) ?? null;
    while (other !== null && other.next !== contact) other = other.next;
    return other;
  }

  #unlink(contact: Contact): void {
    if (this.first(contact.aor) !== contact) {
      const previous = this.#before(contact);
      if (previous !== null) previous.next = contact.next;
    } else this.#setFirst(contact.aor, contact.next);
  }
}

function own(text: string | null): string | null {
  return text === null ? null : ownText(text);
}
