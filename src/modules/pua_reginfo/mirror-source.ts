/** A server that contacts are learnt from, and which of them it has told of. */
import { parseUri, type SipUri } from "../../sip/uri.ts";
import type { ContactOwner } from "../usrloc/spec.ts";

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
  /** Ids of contacts, and the other way round. */
  readonly #contacts = new Map<string, number>();
  readonly #keys = new Map<number, string>();

  constructor(label: string, resource: string, dialog = "") {
    this.label = label;
    this.resource = resource;
    this.dialog = dialog;
    this.followed = parseUri(resource);
  }

  /** Ids of contacts by table, registration and contact (`contactKey`). */
  get contacts(): ReadonlyMap<string, number> {
    return this.#contacts;
  }

  set(key: string, contact: number): void {
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
  contactRemoved(contact: number): void {
    const key = this.#keys.get(contact);
    if (key === undefined) return;
    this.drop(key);
    this.isWhole = false;
  }
}
