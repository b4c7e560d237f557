/** Documents for watchers: full ones after a SUBSCRIBE, changes afterwards (RFC 3680, 4.8 and 5). */
import type { NotifyDocument } from "../../runtime/notifier/package.ts";
import {
  type ContactState,
  ENDING_EVENTS,
  MEDIA_TYPE,
  type RegistrationState,
} from "../../runtime/reginfo/document.ts";
import { writeReginfo } from "../../runtime/reginfo/write.ts";
import { aorUri, contactState, registrationId } from "../registration-state.ts";
import type { Contact, UsrlocApi } from "../usrloc/spec.ts";
import type { ContactHistory } from "./history.ts";
import type { Changes, ContactChange, WatchState } from "./watch-state.ts";

/** Settings that documents depend on; a live object. */
export interface DocumentSettings {
  readonly unknown_params: boolean;
  readonly extension: number;
  readonly foreign_contacts: boolean;
  readonly permanent_expires: number;
  readonly max_body: number;
}

/** Bytes of a contact's element beside its texts, about. */
const ELEMENT_BYTES = 320;

/** Composes documents. */
export class DocumentComposer {
  readonly #location: UsrlocApi;
  readonly #history: ContactHistory;
  readonly #settings: DocumentSettings;

  constructor(location: UsrlocApi, history: ContactHistory, settings: DocumentSettings) {
    this.#location = location;
    this.#history = history;
    this.#settings = settings;
  }

  /** The next document for a watcher. What does not fit stays in `state`. */
  compose(state: WatchState, version: number, isFull: boolean): NotifyDocument {
    if (isFull) state.tellAll(this.#all(state));
    const registrations: RegistrationState[] = [];
    let left = this.#settings.max_body;
    while (left > 0) {
      const aor = this.#next(state);
      if (aor === undefined) break;
      const { isWhole } = aor;
      const piece = this.#registration(state, aor.key, { isWhole, isFull, room: left });
      if (piece === undefined) continue;
      registrations.push(piece.registration);
      left -= piece.bytes;
    }
    const { hasMore } = state;
    const body = writeReginfo({ version, isFull, hasMore, registrations });
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
    for (const [aor] of state.table.records()) {
      if (!this.#location.useDomain || aor.endsWith(ending)) yield aor;
    }
  }

  /** The next address of record to tell of; `isWhole` when all its contacts are to be told. */
  #next(state: WatchState): { readonly key: string; readonly isWhole: boolean } | undefined {
    const step = state.sweep?.next();
    if (step !== undefined && step.done !== true) return { key: step.value, isWhole: true };
    state.sweep = null;
    for (const key of state.pending.keys()) return { key, isWhole: false };
    return undefined;
  }

  #registration(
    state: WatchState,
    aor: string,
    how: { readonly isWhole: boolean; readonly isFull: boolean; readonly room: number },
  ): { readonly registration: RegistrationState; readonly bytes: number } | undefined {
    const changes: Changes = state.take(aor) ?? new Map();
    const { now, isActive } = this.#addWhole(state, aor, changes, how.isWhole);
    const isEmpty = changes.size === 0;
    // An address of record of a domain that has gone before it was told of.
    if (isEmpty && state.aor === null && !isActive) return undefined;
    const uri = state.aor === null ? aorUri(aor, state.domain) : state.uri;
    const contacts: ContactState[] = [];
    let bytes = 200 + aor.length;
    for (const [id, change] of changes) {
      if (contacts.length > 0 && bytes >= how.room) {
        state.note(aor, id, change);
        continue;
      }
      const one = this.#contact(state, uri, { id, change, now });
      contacts.push(one);
      bytes += sizeOf(one);
    }
    const hadContacts = state.toldActive || !isEmpty;
    const ended = how.isFull && !hadContacts ? "init" : "terminated";
    if (state.aor !== null) state.toldActive = isActive;
    const id = registrationId(state.table.name, aor);
    return {
      registration: { aor: uri, id, state: isActive ? "active" : ended, contacts },
      bytes,
    };
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
    if (formerUri === null && !ENDING_EVENTS.has(event)) this.#history.show(contact);
    const shown = contactState(
      contact,
      { event, retryAfter, gruus: this.#history.gruus(contact, uri, isOwner) },
      {
        now: what.now,
        matchingMode: this.#location.matchingMode,
        withUnknownParams: settings.unknown_params,
        withExtension: settings.extension === 2 || (settings.extension === 1 && isTrusted),
        permanentSeconds: settings.permanent_expires > 0 ? settings.permanent_expires : -1,
      },
    );
    return formerUri === null ? shown : { ...shown, id: what.id, uri: formerUri };
  }
}

function sizeOf(contact: ContactState): number {
  let bytes = ELEMENT_BYTES + contact.uri.length + (contact.callId?.length ?? 0);
  bytes += (contact.path?.length ?? 0) + (contact.userAgent?.length ?? 0);
  bytes += (contact.instance?.length ?? 0) + (contact.displayName?.length ?? 0);
  for (const { name, value } of contact.unknownParams) bytes += 40 + name.length + value.length;
  return bytes;
}
