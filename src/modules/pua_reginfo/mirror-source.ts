/** A server that contacts are learnt from, and which of them it has told of. */
import { parseUri, type SipUri } from "../../sip/uri.ts";
import type { Contact, ContactOwner } from "../usrloc/spec.ts";

/** Where contacts come from: one subscription, or a peer that is believed without one. */
export class MirrorSource implements ContactOwner {
  readonly label: string;
  /** URI of what is followed; "" when there is no subscription. */
  readonly resource: string;
  /** What it is known by when there is no subscription. */
  readonly dialog: string;
  /** Version of the last document; -1 before the first. */
  version = -1;
  /** What a full state that takes several documents has named so far; null when none is under way. */
  sweep: Set<string> | null = null;
  /** Whether everything that it has told is in the table. */
  isWhole = false;
  /** Whether it has been logged that it reports more than is kept. */
  isOverLimit = false;
  /** Asks for the full state again; null where that cannot be done from here. */
  resync: (() => void) | null = null;
  /** What is followed; undefined when there is no subscription. */
  readonly followed: SipUri | undefined;
  readonly #contacts = new Map<string, Contact>();
  readonly #keys = new Map<Contact, string>();

  constructor(label: string, resource: string, dialog = "") {
    this.label = label;
    this.resource = resource;
    this.dialog = dialog;
    this.followed = parseUri(resource);
  }

  /** By table, registration and contact (`contactKey`). */
  get contacts(): ReadonlyMap<string, Contact> {
    return this.#contacts;
  }

  set(key: string, contact: Contact): void {
    if (this.#contacts.get(key) === contact) return;
    this.drop(key);
    // A contact that has got another id: the former one is not used any more.
    const former = this.#keys.get(contact);
    if (former !== undefined) this.#contacts.delete(former);
    this.#contacts.set(key, contact);
    this.#keys.set(contact, key);
  }

  drop(key: string): void {
    const contact = this.#contacts.get(key);
    if (contact === undefined) return;
    this.#contacts.delete(key);
    this.#keys.delete(contact);
  }

  /** A contact has left its table. */
  contactRemoved(contact: Contact): void {
    const key = this.#keys.get(contact);
    if (key === undefined) return;
    this.drop(key);
    this.isWhole = false;
  }

  /** Whether everything that it has told is in the table, and no registration made here has taken its place. */
  get isUpToDate(): boolean {
    if (!this.isWhole) return false;
    for (const contact of this.#contacts.values()) if (contact.owner !== this) return false;
    return true;
  }
}
