/** Addresses of record of this engine as documents of the package reg show them: names, ids, contacts. */
import { quote } from "../sip/chars.ts";
import { hashToken } from "../sip/ids.ts";
import { listParams } from "../sip/params.ts";
import type { ListenSocket } from "../runtime/transport.ts";
import { sourceRoute } from "./source-route.ts";
import type { Contact, Table } from "./usrloc/spec.ts";
import {
  ENDING_EVENTS,
  type ContactState,
  type RegistrationState,
  type UnknownParam,
} from "../runtime/reginfo/document.ts";

/** Characters that stand in a user part as they are (RFC 3261, 25.1). */
const USER = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g;

function escapeUser(user: string): string {
  return user.replace(USER, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `%${code.padStart(2, "0")}`;
  });
}

/** URI of an address of record. As Kamailio: one that contains `@` names its domain, another gets the default. */
export function aorUri(aor: string, defaultDomain: string): string {
  const at = aor.lastIndexOf("@");
  if (at >= 0) return `sip:${escapeUser(aor.slice(0, at))}@${aor.slice(at + 1)}`;
  return aor === "" ? `sip:${defaultDomain}` : `sip:${escapeUser(aor)}@${defaultDomain}`;
}

/** Id of a registration: the same as long as the engine's address of record is, restarts included. */
export function registrationId(table: string, aor: string): string {
  return `r${hashToken(`${table}|${aor}`, 1)}`;
}

/** Id of a contact: the same for the same binding, and different for different URIs (RFC 3680, 5.1). */
export function contactId(contact: Contact, matchingMode: number): string {
  let text = `${contact.aor}|${contact.uri}|${contact.instance ?? ""}|${contact.regId}`;
  // Where these tell contacts with one URI apart, they tell their ids apart.
  if (matchingMode === 1 || matchingMode === 3) text += `|${contact.callId}`;
  if (matchingMode === 2) text += `|${contact.path ?? ""}`;
  return `c${hashToken(text, 2)}`;
}

/** What is shown of contacts, and how. */
export interface ContactOptions {
  readonly now: number;
  /** Contact parameters as elements of RFC 3680. */
  readonly withUnknownParams: boolean;
  /** Path, received, socket... in the engine's own namespace. */
  readonly withExtension: boolean;
  /** The engine's. */
  readonly sockets: readonly ListenSocket[];
  /** Seconds shown for contacts that have no end; -1: none are shown. */
  readonly permanentSeconds: number;
}

/** What is shown of a registration. */
export interface StateOptions extends ContactOptions {
  readonly matchingMode: number;
  /** URI of the address of record. */
  readonly resource: string;
  /** GRUUs of contacts of the engine's own. */
  readonly gruus?: (contact: Contact, resource: string) => ContactGruus | undefined;
}

/** GRUUs of a contact (RFC 5628, 5). */
export interface ContactGruus {
  readonly publicUri: string | undefined;
  readonly temporaryUri: string | undefined;
  /** CSeq of the REGISTER that made the oldest temporary one that is valid; -1: that of the last REGISTER. */
  readonly firstCseq: number;
}

/** What has last happened to a contact. */
export interface ContactEvent {
  /** RFC 3680, 4.7.2. */
  readonly event: string;
  /** Seconds after which to register again, for `probation`; -1: none. */
  readonly retryAfter: number;
  readonly gruus: ContactGruus | undefined;
  /** As `contactId` gives it. */
  readonly id: string;
}

function unknownParams(contact: Contact): UnknownParam[] {
  const list: UnknownParam[] = [];
  if (contact.instance !== null) {
    list.push({ name: "+sip.instance", value: quote(contact.instance) });
  }
  if (contact.regId > 0) list.push({ name: "reg-id", value: String(contact.regId) });
  const { features } = contact;
  if (features !== null) {
    for (const { name, value } of listParams(features, 0, features.length)) {
      list.push({ name, value });
    }
  }
  return list;
}

function remaining(contact: Contact, options: ContactOptions): number {
  if (contact.expires === 0) return options.permanentSeconds;
  return Math.max(contact.expires - options.now, 0);
}

function gruuFields(
  gruus: ContactGruus | undefined,
): Pick<ContactState, "publicGruu" | "temporaryGruu" | "firstCseq"> {
  return {
    publicGruu: gruus?.publicUri,
    temporaryGruu: gruus?.temporaryUri,
    firstCseq: gruus?.firstCseq ?? -1,
  };
}

/** One contact with the event that it is shown for. */
export function contactState(
  contact: Contact,
  what: ContactEvent,
  options: ContactOptions,
): ContactState {
  const { now, withExtension } = options;
  const { event, gruus } = what;
  const isActive = !ENDING_EVENTS.has(event);
  const shown = <T>(value: T | null): T | undefined =>
    withExtension && isActive && value !== null ? value : undefined;
  return {
    id: what.id,
    uri: contact.uri,
    isActive,
    event,
    // Kamailio's mirrors drop a contact that ended only when its time is over too.
    expires: isActive ? remaining(contact, options) : 0,
    retryAfter: what.retryAfter,
    durationRegistered: isActive ? Math.max(now - contact.created, 0) : -1,
    q: contact.q,
    callId: contact.callId,
    cseq: contact.cseq,
    displayName: contact.displayName ?? undefined,
    unknownParams: isActive && options.withUnknownParams ? unknownParams(contact) : [],
    ...gruuFields(isActive ? gruus : undefined),
    received: shown(contact.received),
    path: shown(contact.path),
    route: shown(sourceRoute(contact, options.sockets) ?? null),
    userAgent: shown(contact.userAgent),
    socket: shown(contact.socket?.text ?? null),
    // Once is enough: readers look there, too.
    instance: options.withUnknownParams ? undefined : shown(contact.instance),
    regId: options.withUnknownParams ? 0 : (shown(contact.regId) ?? 0),
    methods: shown(contact.methods) ?? -1,
    branchFlags: shown(contact.branchFlags) ?? 0,
  };
}

function stateOf(contact: Contact, event: string, options: StateOptions): ContactState {
  const gruus = options.gruus?.(contact, options.resource);
  const id = contactId(contact, options.matchingMode);
  return contactState(contact, { event, retryAfter: -1, gruus, id }, options);
}

/** What happened to contacts, by their ids. */
export type ContactEvents = ReadonlyMap<
  number,
  { readonly contact: Contact; readonly event: string }
>;

/**
 * The registration with all contacts of this engine's own, and those that have ended. `events` says what happened to
 * which contact since the last document.
 */
export function registrationState(
  table: Table,
  aor: string,
  events: ContactEvents,
  options: StateOptions,
): RegistrationState {
  const contacts: ContactState[] = [];
  let isActive = false;
  for (let contact = table.first(aor) ?? null; contact !== null; contact = contact.next) {
    if (contact.owner !== null || !contact.isValid(options.now)) continue;
    isActive = true;
    contacts.push(stateOf(contact, events.get(contact.id)?.event ?? "registered", options));
  }
  for (const { contact, event } of events.values()) {
    if (ENDING_EVENTS.has(event)) contacts.push(stateOf(contact, event, options));
  }
  return {
    aor: options.resource,
    id: registrationId(table.name, aor),
    state: isActive ? "active" : "terminated",
    contacts,
  };
}

/** Seconds until the last contact of the engine's own runs out; 0: never, -1: there is none. */
export function longestLifetime(table: Table, aor: string, now: number): number {
  let longest = -1;
  for (let contact = table.first(aor) ?? null; contact !== null; contact = contact.next) {
    if (contact.owner !== null || !contact.isValid(now)) continue;
    if (contact.expires === 0) return 0;
    longest = Math.max(longest, contact.expires - now);
  }
  return longest;
}
