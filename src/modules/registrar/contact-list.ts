/** The Contact header of a reply to REGISTER (RFC 3261, 10.3, step 8). */
import type { ScriptContext } from "../../runtime/context.ts";
import { flatText, ownText } from "../../sip/chars.ts";
import { formatQ } from "../../sip/contact.ts";
import type { Contact, ForeignGruu } from "../usrloc/spec.ts";
import { memoFor } from "./contact-memo.ts";
import { publicGruu, temporaryGruu } from "./gruu.ts";
import { addRecord } from "./record-xavp.ts";
import type { RegistrarParams } from "./settings.ts";

const NAME = "Contact: ";

/** How contacts are shown. */
export interface ListOptions {
  readonly params: RegistrarParams;
  readonly now: number;
  /** Whether the client supports GRUUs. */
  readonly withGruu: boolean;
  /** Whether addresses of record contain the domain. */
  readonly useDomain: boolean;
}

/** A value around its lifetime, with what it was made from: from one reply to the next nothing else changes. */
export class ContactText {
  readonly #uri: string;
  readonly #q: number;
  readonly #received: string | null;
  readonly #instance: string | null;
  readonly #regId: number;
  readonly #gruu: ForeignGruu | null;
  readonly #receivedParam: string;
  /** Where GRUUs are; null: they are not shown. */
  readonly #gruuHost: string | null;
  /** Begins a header line. */
  readonly before: string;
  readonly after: string;

  constructor(contact: Contact, gruuHost: string | null, options: ListOptions) {
    const { uri, q, received, instance, regId } = contact;
    this.#uri = uri;
    this.#q = q;
    this.#received = received;
    this.#instance = instance;
    this.#regId = regId;
    this.#gruu = contact.gruu;
    this.#receivedParam = options.params.received_param;
    this.#gruuHost = gruuHost;
    this.before = flatText(`${NAME}<${uri}>${q >= 0 ? `;q=${formatQ(q)}` : ""};expires=`);
    let after = "";
    if (received !== null && this.#receivedParam !== "") {
      after += `;${this.#receivedParam}="${received}"`;
    }
    if (gruuHost !== null) after += gruuParams(contact, gruuHost, options.useDomain);
    if (instance !== null) after += `;+sip.instance="${instance}"`;
    if (regId > 0) after += `;reg-id=${regId}`;
    this.after = flatText(after);
  }

  /** Whether it would be made the same again. */
  isOf(contact: Contact, gruuHost: string | null, options: ListOptions): boolean {
    return (
      this.#uri === contact.uri &&
      this.#instance === contact.instance &&
      this.#received === contact.received &&
      this.#q === contact.q &&
      this.#regId === contact.regId &&
      this.#gruu === contact.gruu &&
      this.#gruuHost === gruuHost &&
      this.#receivedParam === options.params.received_param
    );
  }
}

function gruuParams(contact: Contact, host: string, useDomain: boolean): string {
  const aor = useDomain ? `sip:${contact.aor}` : `sip:${contact.aor}@${host}`;
  const pub = publicGruu(aor, contact);
  return `;pub-gruu="${pub}";temp-gruu="${temporaryGruu(host, contact)}"`;
}

/** Writes the header; one for the module. */
export class ContactList {
  /** The domain that was shown last, mostly the next one too: a copy, as a slice would keep its packet. */
  #host = "";

  /** The header line with its line end for all valid contacts, "" when there is none; fills `xavp_rcd`. */
  header(first: Contact | undefined, context: ScriptContext, options: ListOptions): string {
    let text = "";
    for (let contact = first ?? null; contact !== null; contact = contact.next) {
      if (!contact.isValid(options.now)) continue;
      const value = this.#value(contact, context, options);
      text = text === "" ? value : `${text}, ${value.slice(NAME.length)}`;
      if (options.params.xavp_rcd !== undefined) {
        addRecord(context, options.params, contact, options.now);
      }
    }
    return text === "" ? "" : `${text}\r\n`;
  }

  /** One value, as the first of its line. Parameters in Kamailio's order. */
  #value(contact: Contact, context: ScriptContext, options: ListOptions): string {
    const showsGruu = options.withGruu && contact.instance !== null;
    const gruuHost = showsGruu ? this.#hostOf(context) : null;
    const memo = memoFor(contact);
    let text = memo.shown;
    if (text === null || !text.isOf(contact, gruuHost, options)) {
      text = new ContactText(contact, gruuHost, options);
      memo.shown = text;
    }
    const lifetime = contact.expires === 0 ? 0 : contact.expires - options.now;
    return `${text.before}${lifetime}${text.after}`;
  }

  #hostOf(context: ScriptContext): string {
    const host = context.msg.to?.uri?.host ?? "";
    if (host !== this.#host) this.#host = ownText(host);
    return this.#host;
  }
}
