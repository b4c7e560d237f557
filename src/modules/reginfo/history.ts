/** What is known of contacts beside their tables: events, ids as shown, GRUUs that were asked for. */
import { lowerAscii } from "../../sip/chars.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { contactId, type ContactGruus } from "../registration-state.ts";
import type { RegistrarApi } from "../registrar/spec.ts";
import type { Contact, ContactChange as TableChange } from "../usrloc/spec.ts";

/** Since when a client has temporary GRUUs. */
interface GruuUse {
  readonly callId: string;
  readonly firstCseq: number;
}

/** Where a contact was seen last. */
interface Shown {
  readonly id: string;
  readonly uri: string;
}

/** Remembers as long as the contacts are there, by their ids. */
export class ContactHistory {
  readonly #matchingMode: number;
  readonly #registrar: RegistrarApi | undefined;
  /** Events other than that of a usual registration. */
  readonly #events = new Map<number, string>();
  readonly #shown = new Map<number, Shown>();
  readonly #gruus = new Map<number, GruuUse>();

  constructor(matchingMode: number, registrar: RegistrarApi | undefined) {
    this.#matchingMode = matchingMode;
    this.#registrar = registrar;
  }

  /** Notes a change of the tables; `context` is the REGISTER, null when it comes from elsewhere. */
  changed(contact: Contact, change: TableChange, context: ScriptContext | null): void {
    if (contact.instance !== null && context !== null && this.#registrar !== undefined) {
      this.#noteGruus(contact, context);
    }
    if (change === "inserted" && context === null) this.#events.set(contact.id, "created");
    else if (change === "updated" && context !== null) this.#events.delete(contact.id);
  }

  /** A contact has left its table, and that has been told. */
  forget(contact: Contact): void {
    const { id } = contact;
    this.#events.delete(id);
    this.#shown.delete(id);
    this.#gruus.delete(id);
  }

  noteEvent(contact: Contact, event: string): void {
    this.#events.set(contact.id, event);
  }

  /** The event that brought an active contact where it is. */
  event(contact: Contact): string {
    return this.#events.get(contact.id) ?? "registered";
  }

  /** The id of a contact in documents that are about to be sent. */
  show(contact: Contact): string {
    const id = contactId(contact, this.#matchingMode);
    // Only these can change their URI.
    if (contact.instance !== null && this.#shown.get(contact.id)?.id !== id) {
      this.#shown.set(contact.id, { id, uri: contact.uri });
    }
    return id;
  }

  /** The id of a contact now, and the one that watchers know if that is another one. */
  ids(contact: Contact): { readonly id: string; readonly former: Shown | undefined } {
    const id = contactId(contact, this.#matchingMode);
    const shown = contact.instance === null ? undefined : this.#shown.get(contact.id);
    return { id, former: shown === undefined || shown.id === id ? undefined : shown };
  }

  /** GRUUs of a contact whose client supports them (RFC 5628, 5.1); temporary ones when `withTemporary` is set. */
  gruus(contact: Contact, aorUri: string, withTemporary: boolean): ContactGruus | undefined {
    const use = this.#gruus.get(contact.id);
    if (contact.gruu === null && use === undefined) return undefined;
    const all = this.#registrar?.gruus(contact, aorUri);
    if (all === undefined || all === null) return undefined;
    return {
      publicUri: all.publicUri,
      temporaryUri: withTemporary ? all.temporaryUri : undefined,
      firstCseq: use === undefined || use.callId !== contact.callId ? -1 : use.firstCseq,
    };
  }

  #noteGruus(contact: Contact, context: ScriptContext): void {
    const { supported } = context.msg;
    if (!supported.list.some((tag) => lowerAscii(tag) === "gruu")) {
      this.#gruus.delete(contact.id);
      return;
    }
    // A new Call-ID makes all earlier ones invalid (RFC 5627, 5.2).
    if (this.#gruus.get(contact.id)?.callId === contact.callId) return;
    this.#gruus.set(contact.id, { callId: contact.callId, firstCseq: contact.cseq });
  }
}
