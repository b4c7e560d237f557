/** One registration from what several registrars publish about it (RFC 3680, 5.1: one element for each address). */
import {
  type ContactState,
  ENDING_EVENTS,
  type RegistrationState,
} from "../../runtime/reginfo/document.ts";
import { hashToken } from "../../sip/ids.ts";
import type { EndedPublication, PresentityView, Publication } from "../presence/spec.ts";

/** What a publication says, as it was read. */
export class PublishedRegistrations {
  readonly registrations: readonly RegistrationState[];

  constructor(registrations: readonly RegistrationState[]) {
    this.registrations = registrations;
  }

  /** Whether it knows a contact that can be reached. */
  get isActive(): boolean {
    return this.registrations.some(
      (one) => one.state === "active" && one.contacts.some((contact) => contact.isActive),
    );
  }
}

/** A publication's content; nothing when it is not one of ours. */
export function registrationsOf(publication: Publication): readonly RegistrationState[] {
  const { state } = publication;
  return state instanceof PublishedRegistrations ? state.registrations : [];
}

/** The merged registration of a resource, of no more than `most` contacts. `aor` is its URI. */
export function mergeRegistrations(
  view: PresentityView,
  aor: string,
  most: number,
): RegistrationState {
  const contacts = new Map<string, ContactState>();
  let knowsSome = false;
  for (const publication of view.published) {
    for (const registration of registrationsOf(publication)) {
      if (registration.state !== "init") knowsSome = true;
      for (const contact of registration.contacts) {
        add(contacts, agedContact(contact, registration, view.now - publication.receivedAt), most);
      }
    }
  }
  for (const ended of view.ended) addEnded(contacts, ended, most);
  const list = [...contacts.values()];
  const isActive = list.some((contact) => contact.isActive);
  const hadSome = knowsSome || list.length > 0;
  return {
    aor,
    id: `r${hashToken(aor, 1)}`,
    state: isActive ? "active" : hadSome ? "terminated" : "init",
    contacts: list,
  };
}

/** The same binding in all publications: their ids are of different servers. */
function keyOf(contact: ContactState): string {
  return `${contact.uri}|${contact.instance ?? ""}|${contact.regId}`;
}

/** Of two reports the one of an active contact counts, then the more important one. */
function add(contacts: Map<string, ContactState>, contact: ContactState, most: number): void {
  const key = keyOf(contact);
  const known = contacts.get(key);
  if (known === undefined && contacts.size >= most) return;
  if (known !== undefined && (known.isActive || !contact.isActive)) return;
  contacts.set(key, { ...contact, id: `c${hashToken(key, 2)}` });
}

/** A contact as it is some seconds after it was reported. */
function agedContact(
  contact: ContactState,
  registration: RegistrationState,
  seconds: number,
): ContactState {
  const isOver = registration.state === "terminated";
  if (!contact.isActive || ENDING_EVENTS.has(contact.event)) return endedContact(contact, "");
  if (isOver) return endedContact(contact, "unregistered");
  const age = Math.max(seconds, 0);
  const durationRegistered = contact.durationRegistered < 0 ? -1 : contact.durationRegistered + age;
  if (contact.expires < 0) return { ...contact, durationRegistered };
  const expires = contact.expires - age;
  if (expires <= 0 && contact.expires > 0) return endedContact(contact, "expired");
  return { ...contact, expires, durationRegistered };
}

/** A contact that is over; `event` where it does not say one itself. */
function endedContact(contact: ContactState, event: string): ContactState {
  const own = ENDING_EVENTS.has(contact.event) ? contact.event : "unregistered";
  return {
    ...contact,
    isActive: false,
    event: event === "" ? own : event,
    expires: 0,
    durationRegistered: -1,
  };
}

/** What a publication knew and nobody knows any more. */
function addEnded(
  contacts: Map<string, ContactState>,
  ended: EndedPublication,
  most: number,
): void {
  const event = ended.cause === "expired" ? "expired" : "unregistered";
  for (const registration of registrationsOf(ended.publication)) {
    if (registration.state !== "active") continue;
    for (const contact of registration.contacts) {
      if (contact.isActive) add(contacts, endedContact(contact, event), most);
    }
  }
}
