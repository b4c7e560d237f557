/** Documents for watchers: full ones after a SUBSCRIBE, changes afterwards (RFC 3680, 4.8 and 5). */
import type { NotifyDocument } from "../../runtime/notifier/package.ts";
import {
  type ContactState,
  ENDING_EVENTS,
  MEDIA_TYPE,
  type RegistrationState,
} from "../../runtime/reginfo/document.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import { writeReginfo } from "../../runtime/reginfo/write.ts";
import { aorUri, contactState } from "../registration-state.ts";
import type { Contact, UsrlocApi } from "../usrloc/spec.ts";
import type { ContactHistory } from "./history.ts";
import type { Changes, ContactChange, WatchState } from "./watch-state.ts";

/** Settings that documents depend on; a live object. */
export interface DocumentSettings {
  readonly unknown_params: boolean;
  readonly extension: number;
  readonly foreign_contacts: boolean;
  readonly permanent_expires: number;
}

/** What kind of document is wanted. */
export interface Extent {
  /** Everything is told, from the first address of record on. */
  readonly tellsAll: boolean;
  /** What it does not mention is gone. */
  readonly isFull: boolean;
  /** The table may lack contacts that are still there: more will follow when it is complete. */
  readonly isOpen: boolean;
  /** Bytes after which the rest is left for the next document. */
  readonly room: number;
}

/** Bytes of elements beside their texts, about. */
const CONTACT_BYTES = 220;
const REGISTRATION_BYTES = 120;
/** A contact of more bytes is shown by its name only: with all that it brings it might fit into no datagram. */
const MOST_CONTACT_BYTES = 8000;

/** Addresses of record of other domains that are passed over in one go. */
const PASSED_AT_ONCE = 50_000;
/** Stands for a rest: other work first. */
const REST = "";

/** Composes documents. */
export class DocumentComposer {
  readonly #location: UsrlocApi;
  readonly #history: ContactHistory;
  readonly #settings: DocumentSettings;
  readonly #sockets: readonly ListenSocket[];

  constructor(
    location: UsrlocApi,
    history: ContactHistory,
    settings: DocumentSettings,
    sockets: readonly ListenSocket[],
  ) {
    this.#sockets = sockets;
    this.#location = location;
    this.#history = history;
    this.#settings = settings;
  }

  /** The next document for a watcher. What does not fit stays in `state`. */
  compose(state: WatchState, version: number, extent: Extent): NotifyDocument {
    if (extent.tellsAll) state.tellAll(this.#all(state));
    const registrations: RegistrationState[] = [];
    let left = extent.room;
    while (left > 0) {
      const aor = this.#next(state);
      if (aor === undefined) break;
      const { isWhole } = aor;
      const piece = this.#registration(state, aor.key, { isWhole, extent, room: left });
      if (piece === undefined) continue;
      registrations.push(piece.registration);
      left -= piece.bytes;
    }
    const { hasMore } = state;
    const { isFull, isOpen } = extent;
    const body = writeReginfo({ version, isFull, hasMore: hasMore || isOpen, registrations });
    return { contentType: MEDIA_TYPE, body, hasMore };
  }

  /** Whether a contact is for watchers to see. */
  isShown(contact: Contact): boolean {
    return contact.owner === null || this.#settings.foreign_contacts;
  }

  /** The addresses of record that belong to the full state. */
  #all(state: WatchState): Iterator<string> {
    if (state.aor !== null) return [state.aor].values();
    return this.#ofDomain(state);
  }

  *#ofDomain(state: WatchState): Generator<string> {
    const ending = `@${state.domain}`;
    let passed = 0;
    for (const aor of state.table.aors()) {
      if (!this.#location.useDomain || aor.endsWith(ending)) yield aor;
      else if (++passed % PASSED_AT_ONCE === 0) yield REST;
    }
  }

  /** The next address of record to tell of; `isWhole` when all its contacts are to be told. */
  #next(state: WatchState): { readonly key: string; readonly isWhole: boolean } | undefined {
    const step = state.sweep?.next();
    if (step !== undefined && step.done !== true) {
      const isRest = step.value === REST && state.aor === null && this.#location.useDomain;
      return isRest ? undefined : { key: step.value, isWhole: true };
    }
    state.sweep = null;
    for (const key of state.pending.keys()) return { key, isWhole: false };
    return undefined;
  }

  #registration(
    state: WatchState,
    aor: string,
    how: { readonly isWhole: boolean; readonly extent: Extent; readonly room: number },
  ): { readonly registration: RegistrationState; readonly bytes: number } | undefined {
    const changes: Changes = state.take(aor) ?? new Map();
    const { now, isActive } = this.#addWhole(state, aor, changes, how.isWhole);
    const isEmpty = changes.size === 0;
    // Of what the table does not know yet, nothing is said to those who may know more.
    const isUnsure = how.extent.isOpen && state.isRestored;
    // An address of record of a domain that has gone before it was told of.
    if (isEmpty && !isActive && (state.aor === null || isUnsure)) return undefined;
    const uri = state.aor === null ? aorUri(aor, state.domain) : state.uri;
    const { contacts, bytes } = this.#fitting(state, { aor, uri, changes, now, room: how.room });
    const isNew = how.extent.isFull && isEmpty && !state.toldActive;
    const ended = isNew ? "init" : "terminated";
    const isToldActive = isActive || isUnsure;
    if (state.aor !== null) state.toldActive = isToldActive;
    const registration: RegistrationState = {
      aor: uri,
      id: state.registrationId(aor),
      state: isToldActive ? "active" : ended,
      contacts,
    };
    return { registration, bytes };
  }

  /** As many contacts as there is room for, but one at least; the others stay in `state`. */
  #fitting(
    state: WatchState,
    what: {
      readonly aor: string;
      readonly uri: string;
      readonly changes: Changes;
      readonly now: number;
      readonly room: number;
    },
  ): { readonly contacts: ContactState[]; readonly bytes: number } {
    const { aor, uri, changes, now, room } = what;
    const contacts: ContactState[] = [];
    let bytes = REGISTRATION_BYTES + aor.length;
    for (const [id, change] of changes) {
      if (contacts.length > 0 && bytes >= room) {
        state.note(aor, id, change);
        continue;
      }
      const one = this.#contact(state, uri, { id, change, now });
      const size = sizeOf(one);
      contacts.push(size <= MOST_CONTACT_BYTES ? one : nameOf(one));
      bytes += Math.min(size, MOST_CONTACT_BYTES);
    }
    return { contacts, bytes };
  }

  /** Whether there are valid contacts; adds those that are not among the changes when all are wanted. */
  #addWhole(
    state: WatchState,
    aor: string,
    changes: Changes,
    isWhole: boolean,
  ): { readonly now: number; readonly isActive: boolean } {
    const now = this.#location.now();
    let isActive = false;
    let contact: Contact | null = state.table.first(aor) ?? null;
    for (; contact !== null; contact = contact.next) {
      if (!this.isShown(contact) || !contact.isValid(now)) continue;
      isActive = true;
      if (!isWhole) break;
      const id = this.#history.show(contact);
      if (changes.has(id)) continue;
      const event = this.#history.event(contact);
      changes.set(id, { contact, event, retryAfter: -1, formerUri: null });
    }
    return { now, isActive };
  }

  #contact(
    state: WatchState,
    uri: string,
    what: { readonly id: string; readonly change: ContactChange; readonly now: number },
  ): ContactState {
    const settings = this.#settings;
    const { contact, event, retryAfter, formerUri } = what.change;
    const { isOwner, isTrusted } = state.rights;
    const isCurrent = formerUri === null && !ENDING_EVENTS.has(event);
    const id = isCurrent ? this.#history.show(contact) : this.#history.ids(contact).id;
    const shown = contactState(
      contact,
      { event, retryAfter, gruus: this.#history.gruus(contact, uri, isOwner), id },
      {
        now: what.now,
        withUnknownParams: settings.unknown_params,
        withExtension: settings.extension === 2 || (settings.extension === 1 && isTrusted),
        sockets: this.#sockets,
        permanentSeconds: settings.permanent_expires > 0 ? settings.permanent_expires : -1,
      },
    );
    return formerUri === null ? shown : { ...shown, id: what.id, uri: formerUri };
  }
}

/** A contact without what its client may have made long. */
function nameOf(contact: ContactState): ContactState {
  return {
    ...contact,
    callId: undefined,
    displayName: undefined,
    unknownParams: [],
    path: undefined,
    userAgent: undefined,
    instance: undefined,
  };
}

function sizeOf(contact: ContactState): number {
  let bytes = CONTACT_BYTES + contact.uri.length + (contact.callId?.length ?? 0);
  bytes += (contact.path?.length ?? 0) + (contact.userAgent?.length ?? 0);
  bytes += (contact.instance?.length ?? 0) + (contact.displayName?.length ?? 0);
  for (const { name, value } of contact.unknownParams) bytes += 40 + name.length + value.length;
  return bytes;
}
