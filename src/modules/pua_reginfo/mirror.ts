/** Contacts learnt from another server, kept in a table of this one (RFC 3680, 5.2). */
import type { Services } from "../../runtime/services.ts";
import { parseUri } from "../../sip/uri.ts";
import {
  type Contact,
  ContactInfo,
  type ContactOwner,
  type Table,
  type UsrlocApi,
} from "../usrloc/spec.ts";
import {
  type ContactState,
  ENDING_EVENTS,
  type ReginfoDocument,
  type RegistrationState,
} from "../../runtime/reginfo/document.ts";

/** Where contacts come from: one subscription, or a peer that is believed without one. */
export class MirrorSource implements ContactOwner {
  readonly label: string;
  /** URI of what is followed; "" when there is no subscription. */
  readonly resource: string;
  /** By table, registration and contact. */
  readonly contacts = new Map<string, Contact>();
  /** Version of the last document; -1 before the first. */
  version = -1;
  /** What a full state that takes several documents has named so far; null when none is under way. */
  sweep: Set<string> | null = null;

  constructor(label: string, resource: string) {
    this.label = label;
    this.resource = resource;
  }
}

/** What decides about contacts that come in. */
export interface MirrorOptions {
  readonly location: UsrlocApi;
  readonly services: Services;
  /** Key of an address of record; null when it cannot be one. */
  readonly aorOf: (uri: string) => string | null;
  /** Whether a notifier may speak of addresses of record that were not asked for. */
  readonly acceptsAnyAor: boolean;
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
}

const IGNORED: UpdateResult = { isOnline: true, hasGap: false };
/** Longest lifetime that is taken over, in seconds. */
const LONGEST = 100_000_000;

/** Applies documents to tables. */
export class Mirror {
  readonly #options: MirrorOptions;
  readonly #info = new ContactInfo();

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
    return this.#options.location.together(() => this.#applyAll(update, hasGap));
  }

  /** Removes everything that came from a source. */
  forget(source: MirrorSource): void {
    this.#options.location.together(() => {
      for (const contact of source.contacts.values()) withdraw(contact, source);
      source.contacts.clear();
    });
  }

  #applyAll(update: Update, hasGap: boolean): UpdateResult {
    const { source, table, document } = update;
    const mentioned = source.sweep ?? new Set<string>();
    const isSweeping = document.isFull || source.sweep !== null;
    const aors = new Set<string>();
    for (const registration of document.registrations) {
      const aor = this.#aorOf(registration, source);
      if (aor === null || registration.state === "init") continue;
      aors.add(aor);
      this.#applyRegistration({ ...update, registration, aor, mentioned });
    }
    source.sweep = isSweeping && document.hasMore === true ? mentioned : null;
    if (isSweeping && source.sweep === null) {
      for (const [key, contact] of source.contacts) {
        if (mentioned.has(key) || contact.table !== table) continue;
        aors.add(contact.aor);
        withdraw(contact, source);
        source.contacts.delete(key);
      }
    }
    const now = this.#options.location.now();
    const isOnline = [...aors].some((aor) => hasValid(table.first(aor), now));
    return { isOnline, hasGap };
  }

  /** The key of a registration that the source may speak of; null for others. */
  #aorOf(registration: RegistrationState, source: MirrorSource): string | null {
    const aor = this.#options.aorOf(registration.aor);
    if (aor === null || source.resource === "" || this.#options.acceptsAnyAor) return aor;
    if (this.#options.aorOf(source.resource) === aor) return aor;
    const own = parseUri(source.resource)?.host.toLowerCase();
    return parseUri(registration.aor)?.host.toLowerCase() === own ? aor : null;
  }

  #applyRegistration(work: Work): void {
    const { source, table, registration, mentioned } = work;
    const isOver = registration.state === "terminated";
    for (const state of registration.contacts) {
      const key = `${table.name}|${registration.id}|${state.id}`;
      const ends =
        isOver || !state.isActive || ENDING_EVENTS.has(state.event) || state.expires === 0;
      if (ends) this.#end(work, key, state);
      else if (this.#keep(work, key, state)) mentioned.add(key);
    }
    if (!isOver) return;
    const prefix = `${table.name}|${registration.id}|`;
    for (const [key, contact] of source.contacts) {
      if (!key.startsWith(prefix)) continue;
      withdraw(contact, source);
      source.contacts.delete(key);
    }
  }

  #end(work: Work, key: string, state: ContactState): void {
    const { source, table, aor } = work;
    const known = source.contacts.get(key);
    source.contacts.delete(key);
    if (known !== undefined) withdraw(known, source);
    // A notifier that has been restarted may have new ids for the same contacts.
    for (let contact = table.first(aor) ?? null; contact !== null; contact = contact.next) {
      if (contact.owner === source && contact.uri === state.uri) {
        table.remove(contact, "withdrawn");
        return;
      }
    }
  }

  /** Stores an active contact; false when a registration made here stands against it. */
  #keep(work: Work, key: string, state: ContactState): boolean {
    const { source, table, aor } = work;
    const info = this.#read(work, state);
    let known = source.contacts.get(key) ?? null;
    if (known !== null && (!known.isStored || known.owner !== source || known.aor !== aor)) {
      source.contacts.delete(key);
      known = null;
    }
    known ??= sameContact(table.first(aor), info);
    const now = this.#options.location.now();
    if (known !== null && known.owner === null && known.isValid(now)) return false;
    if (known === null) source.contacts.set(key, table.insert(aor, info));
    else {
      table.update(known, info);
      source.contacts.set(key, known);
    }
    return true;
  }

  #read(work: Work, state: ContactState): ContactInfo {
    const { location, services } = this.#options;
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
    info.path = state.path ?? null;
    info.instance = state.instance ?? null;
    info.regId = state.regId;
    info.methods = state.methods < 0 ? -1 : state.methods;
    info.branchFlags = state.branchFlags;
    info.displayName = state.displayName ?? null;
    info.features = featuresOf(state);
    info.socket = services.sockets.find((socket) => socket.text === state.socket) ?? null;
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

/** A registration of a document on its way into a table. */
interface Work extends Update {
  readonly registration: RegistrationState;
  readonly aor: string;
  /** Keys of contacts that are in the document. */
  readonly mentioned: Set<string>;
}

/** Takes a contact out if it still belongs to the source. */
function withdraw(contact: Contact, source: MirrorSource): void {
  if (contact.isStored && contact.owner === source) contact.table.remove(contact, "withdrawn");
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

function hasValid(first: Contact | undefined, now: number): boolean {
  for (let contact = first ?? null; contact !== null; contact = contact.next) {
    if (contact.isValid(now)) return true;
  }
  return false;
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
