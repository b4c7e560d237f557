/** Contacts learnt from another server, kept in a table of this one (RFC 3680, 5.2). */
import type { Services } from "../../runtime/services.ts";
import { flatText } from "../../sip/chars.ts";
import { parseUri } from "../../sip/uri.ts";
import { type Contact, ContactInfo, type Table, type UsrlocApi } from "../usrloc/spec.ts";
import {
  type ContactState,
  ENDING_EVENTS,
  type ReginfoDocument,
  type RegistrationState,
} from "../../runtime/reginfo/document.ts";
import type { MirrorSource } from "./mirror-source.ts";

/** Divides keys: documents cannot hold this character. */
const DIVIDER = "\0";

function registrationKey(table: Table, registration: RegistrationState): string {
  return `${table.name}${DIVIDER}${registration.id}`;
}

/** What decides about contacts that come in. */
export interface MirrorOptions {
  readonly location: UsrlocApi;
  readonly services: Services;
  /** Key of an address of record; null when it cannot be one. */
  readonly aorOf: (uri: string) => string | null;
  /** Whether a notifier may speak of addresses of record that were not asked for. */
  readonly acceptsAnyAor: boolean;
  /** User part of URIs that stand for all users of their domain. */
  readonly domainUser: string;
  /** Whether contacts that only their registrar can reach are reached through it. */
  readonly routesViaSource: boolean;
  /** Contacts that are kept for one address of record, whoever brings them. */
  readonly maxUserContacts: number;
  /** Contacts that are kept for one source. */
  readonly maxHeldContacts: number;
}

/** One document with what belongs to it. */
export interface Update {
  readonly source: MirrorSource;
  readonly table: Table;
  readonly document: ReginfoDocument;
  /** Longest lifetime in seconds of contacts that come without one. */
  readonly grantedSeconds: number;
}

/** What a document has brought about. */
export interface UpdateResult {
  /** At least one address of record in it can be reached now. */
  readonly isOnline: boolean;
  /** Documents are missing: the full state should be asked for. */
  readonly hasGap: boolean;
  /** There were more contacts than are kept. */
  readonly isOverLimit: boolean;
}

const IGNORED: UpdateResult = { isOnline: true, hasGap: false, isOverLimit: false };
/** Longest lifetime that is taken over, in seconds. */
const LONGEST = 100_000_000;

/** Applies documents to tables. */
export class Mirror {
  readonly #options: MirrorOptions;
  readonly #info = new ContactInfo();
  /** By the id of a contact, who has told of it last, also where a registration made here stands in its place. */
  readonly #told = new Map<number, MirrorSource>();

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  apply(update: Update): UpdateResult {
    const { source, document } = update;
    let hasGap = false;
    // Full documents speak for themselves: Kamailio's all have version 0. Their order is that of the requests.
    if (!document.isFull && source.version >= 0) {
      if (document.version <= source.version) return IGNORED;
      hasGap = document.version > source.version + 1;
    }
    source.version = document.version;
    // What has been lost may name contacts: the full state that is asked for now decides about them.
    if (document.isFull || hasGap) source.sweep = null;
    if (document.isFull) source.isWhole = true;
    if (hasGap) source.isWhole = false;
    return this.#options.location.together(() => this.#applyAll(update, hasGap));
  }

  /** A contact has left its table; the source that has told of it, if there is one. */
  contactRemoved(contact: Contact): MirrorSource | undefined {
    const { id } = contact;
    const source = this.#told.get(id);
    if (source === undefined) return undefined;
    this.#told.delete(id);
    source.contactRemoved(id);
    // A registration made here stood in its place: the contact of the other server counts again.
    if (contact.owner === null) {
      source.isWhole = false;
      source.resync?.();
    }
    return source;
  }

  /** Whether everything that a source has told is in the table, and no registration made here has taken its place. */
  isUpToDate(source: MirrorSource): boolean {
    if (!source.isWhole) return false;
    const { location } = this.#options;
    for (const id of source.contacts.values()) {
      if (location.contactOwner(id) !== source) return false;
    }
    return true;
  }

  /** Removes everything that came from a source. */
  forget(source: MirrorSource): void {
    source.resync = null;
    this.#options.location.together(() => {
      for (const [key, id] of source.contacts) {
        source.drop(key);
        this.#withdraw(id, source);
      }
    });
  }

  #applyAll(update: Update, hasGap: boolean): UpdateResult {
    const { source, document } = update;
    const isSweeping = document.isFull || source.sweep !== null;
    const work = new Work(update, source.sweep ?? new Set());
    for (const registration of document.registrations) {
      if (registration.state === "init") continue;
      const aor = this.#aorOf(registration, source);
      if (aor === null) continue;
      work.aors.push(aor);
      this.#applyRegistration(work, registration, aor);
    }
    if (work.ended !== null) this.#endRegistrations(source, work.ended);
    source.sweep = isSweeping && document.hasMore === true ? work.mentioned : null;
    if (isSweeping && source.sweep === null) this.#sweep(work);
    // What the document has ended may have made room.
    let isOverLimit = false;
    for (const { aor, key, state } of work.waiting ?? []) {
      if (this.#keep(work, aor, key, state) !== "kept") isOverLimit = true;
    }
    const now = this.#options.location.now();
    const isOnline = work.aors.some((aor) => hasValid(update.table.first(aor), now));
    return { isOnline, hasGap, isOverLimit };
  }

  /** Takes out what a full state has not named. */
  #sweep({ source, table, mentioned, aors }: Work): void {
    for (const key of source.contacts.keys()) {
      if (mentioned.has(key)) continue;
      const contact = this.#contact(source, key);
      if (contact === undefined || contact.table !== table) continue;
      aors.push(contact.aor);
      source.drop(key);
      this.#withdraw(contact.id, source);
    }
  }

  /** The key of a registration that the source may speak of; null for others. */
  #aorOf(registration: RegistrationState, source: MirrorSource): string | null {
    const { aorOf, acceptsAnyAor, location } = this.#options;
    const { resource, followed } = source;
    const aor = aorOf(registration.aor);
    // Another worker has it, and sees the document as well.
    if (aor !== null && location.ownerOf(aor) >= 0) return null;
    const isItself = registration.aor === resource;
    if (aor === null || resource === "" || isItself || acceptsAnyAor) return aor;
    const isDomain = followed?.user === "" || followed?.user === this.#options.domainUser;
    if (!isDomain) return aorOf(resource) === aor ? aor : null;
    return parseUri(registration.aor)?.host.toLowerCase() === followed?.host.toLowerCase()
      ? aor
      : null;
  }

  #applyRegistration(work: Work, registration: RegistrationState, aor: string): void {
    const own = registrationKey(work.table, registration);
    const isOver = registration.state === "terminated";
    if (isOver) (work.ended ??= new Set()).add(own);
    for (const state of registration.contacts) {
      const key = flatText(own + DIVIDER + state.id);
      const ends =
        isOver || !state.isActive || ENDING_EVENTS.has(state.event) || state.expires === 0;
      if (ends) {
        this.#end(work, aor, key, state);
        continue;
      }
      const kept = this.#keep(work, aor, key, state);
      if (kept === "kept") work.mentioned.add(key);
      // Without a lifetime of its own it needs to be told of again before the subscription's is over.
      if (kept !== "kept" || state.expires < 0) work.source.isWhole = false;
      if (kept === "no-room") (work.waiting ??= []).push({ aor, key, state });
    }
  }

  /** Takes out what is left of registrations that are over: in one pass, however many they are. */
  #endRegistrations(source: MirrorSource, ended: ReadonlySet<string>): void {
    for (const [key, id] of source.contacts) {
      if (!ended.has(key.slice(0, key.lastIndexOf(DIVIDER)))) continue;
      source.drop(key);
      this.#withdraw(id, source);
    }
  }

  #end({ source, table }: Work, aor: string, key: string, state: ContactState): void {
    const known = source.contacts.get(key);
    source.drop(key);
    if (known !== undefined) this.#withdraw(known, source);
    // A notifier that has been restarted may have new ids for the same contacts.
    for (let contact = table.first(aor) ?? null; contact !== null; contact = contact.next) {
      if (contact.owner === source && contact.uri === state.uri) {
        table.remove(contact, "withdrawn");
        return;
      }
    }
  }

  /** Stores an active contact, unless a registration made here stands against it or there is no room. */
  #keep(
    work: Work,
    aor: string,
    key: string,
    state: ContactState,
  ): "kept" | "overridden" | "no-room" {
    const { source, table } = work;
    const info = this.#read(work, state);
    let known = this.#contact(source, key) ?? null;
    if (known === null || known.owner !== source || known.aor !== aor) {
      source.drop(key);
      known = null;
    }
    known ??= sameContact(table.first(aor), info);
    const now = this.#options.location.now();
    if (known !== null && known.owner === null && known.isValid(now)) {
      if (!isLaterRequest(info, known)) {
        this.#told.set(known.id, source);
        return "overridden";
      }
      this.#told.delete(known.id);
      // The client has gone on at the other server: who watches this one is told that its contact is no more.
      table.remove(known, "replaced");
      known = null;
    }
    if (known !== null) {
      table.update(known, info);
      this.#set(source, key, known);
      return "kept";
    }
    const { maxUserContacts, maxHeldContacts } = this.#options;
    if (source.contacts.size >= maxHeldContacts || hasAtLeast(table.first(aor), maxUserContacts)) {
      return "no-room";
    }
    this.#set(source, key, table.insert(aor, info));
    return "kept";
  }

  #set(source: MirrorSource, key: string, contact: Contact): void {
    source.set(key, contact.id);
    this.#told.set(contact.id, source);
  }

  /** The contact that a source has told of by this key, if it is still there. */
  #contact(source: MirrorSource, key: string): Contact | undefined {
    const id = source.contacts.get(key);
    return id === undefined ? undefined : this.#options.location.contactById(id);
  }

  /** Takes a contact out if it still belongs to the source. */
  #withdraw(id: number, source: MirrorSource): void {
    const contact = this.#options.location.contactById(id);
    if (contact?.owner === source) contact.table.remove(contact, "withdrawn");
  }

  #read(work: Work, state: ContactState): ContactInfo {
    const { location, services, routesViaSource } = this.#options;
    const info = this.#info;
    info.reset();
    info.uri = state.uri;
    const seconds = state.expires < 0 ? Math.max(work.grantedSeconds, 60) : state.expires;
    info.expires = location.now() + Math.min(seconds, LONGEST);
    info.q = state.q;
    info.callId = state.callId ?? state.id;
    info.cseq = Math.max(state.cseq, 0);
    info.userAgent = state.userAgent ?? "n/a";
    info.received = state.received ?? null;
    info.path = pathOf(state, routesViaSource);
    info.instance = state.instance ?? null;
    info.regId = state.regId;
    info.methods = state.methods < 0 ? -1 : state.methods;
    info.branchFlags = state.branchFlags;
    info.displayName = state.displayName ?? null;
    info.features = state.unknownParams.length === 0 ? null : featuresOf(state);
    const { socket } = state;
    info.socket =
      socket === undefined ? null : (services.sockets.find((one) => one.text === socket) ?? null);
    if (state.publicGruu !== undefined || state.temporaryGruu !== undefined) {
      info.gruu = {
        publicUri: state.publicGruu ?? null,
        temporaryUri: state.temporaryGruu ?? null,
      };
    }
    info.owner = work.source;
    return info;
  }
}

/** A document on its way into a table. */
class Work implements Update {
  readonly source: MirrorSource;
  readonly table: Table;
  readonly document: ReginfoDocument;
  readonly grantedSeconds: number;
  /** Keys of contacts that are in the document. */
  readonly mentioned: Set<string>;
  /** Keys of registrations that the document ends; null: none so far. */
  ended: Set<string> | null = null;
  /** Contacts for which there is no room; null: none so far. */
  waiting: Waiting[] | null = null;
  /** Whom the document is about. */
  readonly aors: string[] = [];

  constructor(update: Update, mentioned: Set<string>) {
    this.source = update.source;
    this.table = update.table;
    this.document = update.document;
    this.grantedSeconds = update.grantedSeconds;
    this.mentioned = mentioned;
  }
}

interface Waiting {
  readonly aor: string;
  readonly key: string;
  readonly state: ContactState;
}

/** Whether a contact comes from a later REGISTER of the client that the stored one comes from (RFC 3261, 10.2.4). */
function isLaterRequest(info: ContactInfo, stored: Contact): boolean {
  return info.callId === stored.callId && info.cseq > stored.cseq;
}

/** The same binding: same instance and flow, or same URI. */
function sameContact(first: Contact | undefined, info: ContactInfo): Contact | null {
  for (let contact = first ?? null; contact !== null; contact = contact.next) {
    if (info.instance !== null && contact.instance !== null) {
      if (contact.instance === info.instance && contact.regId === info.regId) return contact;
    } else if (contact.uri === info.uri) return contact;
  }
  return null;
}

function hasAtLeast(first: Contact | undefined, count: number): boolean {
  let left = count;
  for (let contact = first ?? null; contact !== null && left > 0; contact = contact.next) left--;
  return left === 0;
}

function hasValid(first: Contact | undefined, now: number): boolean {
  for (let contact = first ?? null; contact !== null; contact = contact.next) {
    if (contact.isValid(now)) return true;
  }
  return false;
}

/** The route set to a contact: its own, or the one through its registrar. */
function pathOf(state: ContactState, routesViaSource: boolean): string | null {
  return state.path ?? (routesViaSource ? state.route : undefined) ?? null;
}

/** Contact parameters that have no field of their own. */
function featuresOf(state: ContactState): string | null {
  const list = state.unknownParams.filter((param) => {
    const name = param.name.toLowerCase();
    return name !== "+sip.instance" && name !== "reg-id";
  });
  if (list.length === 0) return null;
  return list.map(({ name, value }) => (value === "" ? name : `${name}=${value}`)).join(";");
}
