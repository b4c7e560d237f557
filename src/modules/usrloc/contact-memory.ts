/** Where contacts lie: numbers in records, texts in a slab, and objects of those used last. */
import type { XavpValue } from "../../runtime/lists.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import { ownText } from "../../sip/chars.ts";
import { ContactCache } from "./contact-cache.ts";
import { ContactRecords, Field, NONE, offsetOf } from "./contact-records.ts";
import { ContactTexts, isWide } from "./contact-texts.ts";
import {
  Contact,
  type ContactInfo,
  type ContactOwner,
  type ForeignGruu,
  Stored,
} from "./contact.ts";
import { SharedValues } from "./shared-values.ts";
import type { Table } from "./table.ts";

/** Distinct User-Agent values kept once; further ones are kept with their contacts. */
const USER_AGENTS = 4096;
/** Bits of a record beside those about its texts; bits of `Stored` stand above them. */
const MEMORY_ONLY = 4;
const HAS_ATTRIBUTES = 8;
const STORED_SHIFT = 4;
const STORED = 3 << STORED_SHIFT;
/** As a new `Contact` has it. */
const ALL_METHODS = -1;
const MOST_SECONDS = 0xffffffff;

/** The contacts of all tables of one engine. */
export class ContactMemory {
  readonly records = new ContactRecords();
  readonly #texts = new ContactTexts(this.records);
  readonly #cache: ContactCache;
  readonly #tables: Table[] = [];
  readonly #sockets = new SharedValues<ListenSocket>();
  readonly #owners = new SharedValues<ContactOwner>();
  readonly #userAgents = new SharedValues<string>(USER_AGENTS, (text) =>
    isWide(text) ? text : ownText(text),
  );
  /** Attributes are values of scripts and stay objects. */
  readonly #attributes = new Map<number, readonly XavpValue[]>();

  /** `cached`: contacts that are kept as objects as well. */
  constructor(cached: number) {
    this.#cache = new ContactCache(cached);
  }

  /** Bytes outside of the heap, and those of pages of texts that are in use. */
  get bytes(): { readonly records: number; readonly texts: number; readonly textsInUse: number } {
    const { slab } = this.#texts;
    return { records: this.records.bytes, texts: slab.bytes, textsInUse: slab.bytesInUse };
  }

  /** A number for a table. */
  register(table: Table): number {
    return this.#tables.push(table) - 1;
  }

  /** A new contact, not linked to anything yet. */
  add(
    table: number,
    keys: { readonly aor: string; readonly ruid: string },
    info: ContactInfo,
    now: number,
  ): Contact {
    const { records } = this;
    const record = records.allocate();
    const words = records.words(record);
    const at = offsetOf(record);
    words[at + Field.table] = table;
    words[at + Field.wheelSlot] = NONE;
    words[at + Field.bits] = 0;
    words[at + Field.socket] = NONE;
    words[at + Field.owner] = NONE;
    words[at + Field.q] = NONE;
    words[at + Field.methods] = ALL_METHODS;
    words[at + Field.flags] = 0;
    words[at + Field.branchFlags] = 0;
    words[at + Field.serverId] = 0;
    const generation = words[at + Field.generation] as number;
    const contact = new Contact(this.#tables[table] as Table, record, generation);
    contact.aor = keys.aor;
    contact.ruid = keys.ruid;
    contact.uri = info.uri;
    contact.instance = info.instance;
    contact.regId = info.regId >>> 0;
    words[at + Field.regId] = contact.regId;
    contact.userAgent = info.userAgent;
    words[at + Field.userAgent] = this.#userAgents.take(info.userAgent);
    takeTexts(contact, info);
    contact.gruu = info.gruu;
    this.#writeTexts(contact, words, at);
    this.#setNumbers(contact, info);
    this.setTimes(contact, now, now);
    this.#keep(contact);
    return contact;
  }

  /** The contact of a record. */
  contact(record: number): Contact {
    const place = this.records.get(record, Field.view);
    if (place !== NONE) return this.#cache.at(place);
    const contact = this.#show(record);
    this.#keep(contact);
    return contact;
  }

  /** The same for one of many: it does not take the place of those used last. */
  passingContact(record: number): Contact {
    const place = this.records.get(record, Field.view);
    return place === NONE ? this.#show(record) : this.#cache.at(place);
  }

  /** Whether a contact is still what its record holds. */
  has({ record, generation }: Contact): boolean {
    return this.records.get(record, Field.generation) === generation;
  }

  aor(record: number): string {
    const place = this.records.get(record, Field.view);
    return place === NONE ? this.#texts.aor(record) : this.#cache.at(place).aor;
  }

  ruid(record: number): string {
    const place = this.records.get(record, Field.view);
    return place === NONE ? this.#texts.ruid(record) : this.#cache.at(place).ruid;
  }

  ownerOf(record: number): ContactOwner | null {
    const number = this.records.get(record, Field.owner);
    return number === NONE ? null : this.#owners.get(number);
  }

  /** Makes an object that may have been set aside show what is so now. */
  refresh(contact: Contact): void {
    if (contact.place === NONE) this.#read(contact);
  }

  /** Applies what a request or document says. `takesUri`: the contact may get another URI. */
  change(contact: Contact, info: ContactInfo, takesUri: boolean, now: number): void {
    const { records } = this;
    const words = records.words(contact.record);
    const at = offsetOf(contact.record);
    const hadDetails = (contact.stored & Stored.details) !== 0;
    let hasNewTexts = takeTexts(contact, info);
    if (takesUri && contact.uri !== info.uri) {
      contact.uri = info.uri;
      hasNewTexts = true;
    }
    if (info.instance !== null) {
      if (contact.instance !== info.instance) {
        // As Kamailio: a request without an instance leaves the one that is known.
        contact.instance = info.instance;
        hasNewTexts = true;
      }
      const regId = info.regId >>> 0;
      if (contact.regId !== regId) words[at + Field.regId] = contact.regId = regId;
    }
    if (contact.userAgent !== info.userAgent) {
      // Kept with the other texts, or not any more, as the case may be.
      this.#userAgents.drop(words[at + Field.userAgent] as number);
      words[at + Field.userAgent] = this.#userAgents.take(info.userAgent);
      contact.userAgent = info.userAgent;
      hasNewTexts = true;
    }
    if (!isSameGruu(contact.gruu, info.gruu)) {
      contact.gruu = info.gruu;
      hasNewTexts = true;
    }
    if (hasNewTexts) {
      this.#texts.drop(contact.record);
      this.#writeTexts(contact, words, at);
      if (hadDetails && (contact.stored & Stored.details) === 0) this.mark(contact, contact.stored);
    }
    this.#setNumbers(contact, info);
    contact.modified = now;
    words[at + Field.modified] = now;
    if (contact.place === NONE) this.#refreshCached(contact.record);
  }

  /** Wall clock seconds. */
  setTimes(contact: Contact, modified: number, created: number): void {
    contact.modified = modified;
    contact.created = created;
    this.records.set(contact.record, Field.modified, modified);
    this.records.set(contact.record, Field.created, created);
  }

  /** Notes what the database has of it: bits of `Stored`. */
  mark(contact: Contact, stored: number): void {
    contact.stored = stored;
    const bits = this.records.get(contact.record, Field.bits);
    this.records.set(contact.record, Field.bits, (bits & ~STORED) | (stored << STORED_SHIFT));
    if (contact.place === NONE) this.#refreshCached(contact.record);
  }

  /** The contact is gone; its object goes on showing how it was. */
  release(contact: Contact): void {
    const { record } = contact;
    const words = this.records.words(record);
    const at = offsetOf(record);
    const place = words[at + Field.view] as number;
    if (place !== NONE) {
      const cached = this.#cache.at(place);
      // Another object of the same contact shows its last state, too.
      if (cached !== contact) this.#read(cached);
      this.#cache.drop(cached);
    }
    this.#sockets.drop(words[at + Field.socket] as number);
    this.#owners.drop(words[at + Field.owner] as number);
    this.#userAgents.drop(words[at + Field.userAgent] as number);
    if (contact.attributes !== null) this.#attributes.delete(record);
    this.#texts.drop(record);
    this.records.release(record);
  }

  #writeTexts(contact: Contact, words: Int32Array, at: number): void {
    const number = words[at + Field.userAgent] as number;
    if (number !== NONE) contact.userAgent = this.#userAgents.get(number);
    this.#texts.write(contact, number === NONE ? contact.userAgent : null);
  }

  /** Everything but texts, times and what is set once. */
  #setNumbers(contact: Contact, info: ContactInfo): void {
    const words = this.records.words(contact.record);
    const at = offsetOf(contact.record);
    const expires = secondsOf(info.expires);
    contact.expires = expires;
    words[at + Field.expires] = expires;
    const cseq = info.cseq >>> 0;
    contact.cseq = cseq;
    words[at + Field.cseq] = cseq;
    // What follows seldom changes: memory that nobody asks for need not be fetched.
    const q = info.q | 0;
    if (contact.q !== q) words[at + Field.q] = contact.q = q;
    const flags = info.flags | 0;
    if (contact.flags !== flags) words[at + Field.flags] = contact.flags = flags;
    const branchFlags = info.branchFlags | 0;
    if (contact.branchFlags !== branchFlags) {
      words[at + Field.branchFlags] = contact.branchFlags = branchFlags;
    }
    const methods = info.methods | 0;
    if (contact.methods !== methods) words[at + Field.methods] = contact.methods = methods;
    const serverId = info.serverId | 0;
    if (contact.serverId !== serverId) words[at + Field.serverId] = contact.serverId = serverId;
    if (contact.socket !== info.socket) this.#setSocket(contact, info.socket, words, at);
    if (contact.owner !== info.owner) this.#setOwner(contact, info.owner, words, at);
    const isSame = contact.attributes === info.attributes && contact.memoryOnly === info.memoryOnly;
    if (!isSame) this.#setBits(contact, info);
  }

  // Where it is written is known already.
  // oxlint-disable-next-line max-params
  #setSocket(contact: Contact, socket: ListenSocket | null, words: Int32Array, at: number): void {
    this.#sockets.drop(words[at + Field.socket] as number);
    words[at + Field.socket] = socket === null ? NONE : this.#sockets.take(socket);
    contact.socket = socket;
  }

  // As above.
  // oxlint-disable-next-line max-params
  #setOwner(contact: Contact, owner: ContactOwner | null, words: Int32Array, at: number): void {
    this.#owners.drop(words[at + Field.owner] as number);
    words[at + Field.owner] = owner === null ? NONE : this.#owners.take(owner);
    contact.owner = owner;
  }

  #setBits(contact: Contact, info: ContactInfo): void {
    const { record } = contact;
    if (info.attributes !== null) this.#attributes.set(record, info.attributes);
    else if (contact.attributes !== null) this.#attributes.delete(record);
    contact.attributes = info.attributes;
    contact.memoryOnly = info.memoryOnly;
    let bits = this.records.get(record, Field.bits) & ~(MEMORY_ONLY | HAS_ATTRIBUTES);
    if (contact.memoryOnly) bits |= MEMORY_ONLY;
    if (contact.attributes !== null) bits |= HAS_ATTRIBUTES;
    this.records.set(record, Field.bits, bits);
  }

  #show(record: number): Contact {
    const words = this.records.words(record);
    const at = offsetOf(record);
    const table = this.#tables[words[at + Field.table] as number] as Table;
    const contact = new Contact(table, record, words[at + Field.generation] as number);
    this.#read(contact);
    return contact;
  }

  #read(contact: Contact): void {
    const { record } = contact;
    const words = this.records.words(record);
    const at = offsetOf(record);
    contact.expires = (words[at + Field.expires] as number) >>> 0;
    contact.modified = (words[at + Field.modified] as number) >>> 0;
    contact.created = (words[at + Field.created] as number) >>> 0;
    contact.q = words[at + Field.q] as number;
    contact.cseq = (words[at + Field.cseq] as number) >>> 0;
    contact.flags = words[at + Field.flags] as number;
    contact.branchFlags = words[at + Field.branchFlags] as number;
    contact.methods = words[at + Field.methods] as number;
    contact.regId = (words[at + Field.regId] as number) >>> 0;
    contact.serverId = words[at + Field.serverId] as number;
    const socket = words[at + Field.socket] as number;
    contact.socket = socket === NONE ? null : this.#sockets.get(socket);
    contact.owner = this.ownerOf(record);
    const bits = words[at + Field.bits] as number;
    contact.memoryOnly = (bits & MEMORY_ONLY) !== 0;
    contact.stored = (bits & STORED) >> STORED_SHIFT;
    contact.attributes =
      (bits & HAS_ATTRIBUTES) === 0 ? null : (this.#attributes.get(record) ?? null);
    const userAgent = words[at + Field.userAgent] as number;
    if (userAgent !== NONE) contact.userAgent = this.#userAgents.get(userAgent);
    this.#texts.read(contact);
  }

  /** Another object than the one that is kept has been used for a change. */
  #refreshCached(record: number): void {
    const place = this.records.get(record, Field.view);
    if (place !== NONE) this.#read(this.#cache.at(place));
  }

  #keep(contact: Contact): void {
    const former = this.#cache.put(contact);
    if (former !== null) this.records.set(former.record, Field.view, NONE);
    this.records.set(contact.record, Field.view, contact.place);
  }
}

/** The texts that every request may change; whether one of them is another now. */
function takeTexts(contact: Contact, info: ContactInfo): boolean {
  let isNew = false;
  if (contact.callId !== info.callId) {
    contact.callId = info.callId;
    isNew = true;
  }
  if (contact.received !== info.received) {
    contact.received = info.received;
    isNew = true;
  }
  if (contact.path !== info.path) {
    contact.path = info.path;
    isNew = true;
  }
  if (contact.displayName !== info.displayName || contact.features !== info.features) {
    contact.displayName = info.displayName;
    contact.features = info.features;
    // The database has what they were.
    contact.stored &= ~Stored.details;
    isNew = true;
  }
  return isNew;
}

function isSameGruu(one: ForeignGruu | null, other: ForeignGruu | null): boolean {
  if (one === null || other === null) return one === other;
  return one.publicUri === other.publicUri && one.temporaryUri === other.temporaryUri;
}

/** Lifetimes of databases and commands may not fit: those that are over long since, or end after 2106. */
function secondsOf(expires: number): number {
  if (expires === 0) return 0;
  return expires > 0 ? Math.min(Math.floor(expires), MOST_SECONDS) : 1;
}
