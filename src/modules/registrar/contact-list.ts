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
const LINE_END = "\r\n";

/** How contacts are shown. */
export interface ListOptions {
  readonly params: RegistrarParams;
  readonly now: number;
  /** Whether the client supports GRUUs. */
  readonly withGruu: boolean;
  /** Whether addresses of record contain the domain. */
  readonly useDomain: boolean;
}

/** The header line of one contact, with what it was made from: the next reply to its phone mostly has the same one. */
export class ContactText {
  #uri: string;
  readonly #q: number;
  readonly #received: string | null;
  #instance: string | null;
  readonly #regId: number;
  readonly #gruu: ForeignGruu | null;
  readonly #receivedParam: string;
  /** Where GRUUs are; null: they are not shown. */
  readonly #gruuHost: string | null;
  #line: string;
  /** The lifetime in it, in seconds, and where that stands. */
  #lifetime = 0;
  readonly #lifetimeStart: number;
  #lifetimeEnd: number;

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
    let line = `${NAME}<${uri}>${q >= 0 ? `;q=${formatQ(q)}` : ""};expires=`;
    this.#lifetimeStart = line.length;
    line += "0";
    this.#lifetimeEnd = line.length;
    if (received !== null && this.#receivedParam !== "") {
      line += `;${this.#receivedParam}="${received}"`;
    }
    if (gruuHost !== null) line += gruuParams(contact, gruuHost, options.useDomain);
    if (instance !== null) line += `;+sip.instance="${instance}"`;
    if (regId > 0) line += `;reg-id=${regId}`;
    this.#line = line + LINE_END;
  }

  /** The line with this lifetime. */
  line(lifetime: number): string {
    if (lifetime !== this.#lifetime) {
      const before = this.#line.slice(0, this.#lifetimeStart) + String(lifetime);
      this.#line = flatText(before + this.#line.slice(this.#lifetimeEnd));
      this.#lifetimeEnd = before.length;
      this.#lifetime = lifetime;
    }
    return this.#line;
  }

  /** Whether it would be made the same again. */
  isOf(contact: Contact, gruuHost: string | null, options: ListOptions): boolean {
    const isSame =
      this.#uri === contact.uri &&
      this.#instance === contact.instance &&
      this.#received === contact.received &&
      this.#q === contact.q &&
      this.#regId === contact.regId &&
      this.#gruu === contact.gruu &&
      this.#gruuHost === gruuHost &&
      this.#receivedParam === options.params.received_param;
    if (!isSame) return false;
    // The very texts of the contact, which are others when it was stored anew: comparing them again costs nothing.
    this.#uri = contact.uri;
    this.#instance = contact.instance;
    return true;
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
    let count = 0;
    for (let contact = first ?? null; contact !== null; contact = contact.next) {
      if (!contact.isValid(options.now)) continue;
      const line = this.#line(contact, context, options);
      // One contact is the usual case: its line is the header.
      if (++count === 1) text = line;
      else {
        if (count === 2) text = text.slice(0, -LINE_END.length);
        text += `, ${line.slice(NAME.length, -LINE_END.length)}`;
      }
      if (options.params.xavp_rcd !== undefined) {
        addRecord(context, options.params, contact, options.now);
      }
    }
    return count > 1 ? text + LINE_END : text;
  }

  /** The line of one contact. Parameters in Kamailio's order. */
  #line(contact: Contact, context: ScriptContext, options: ListOptions): string {
    const showsGruu = options.withGruu && contact.instance !== null;
    const gruuHost = showsGruu ? this.#hostOf(context) : null;
    const memo = memoFor(contact);
    let text = memo.shown;
    if (text === null || !text.isOf(contact, gruuHost, options)) {
      text = new ContactText(contact, gruuHost, options);
      memo.shown = text;
    }
    const lifetime = contact.expires === 0 ? 0 : contact.expires - options.now;
    return text.line(lifetime);
  }

  #hostOf(context: ScriptContext): string {
    const host = context.msg.to?.uri?.host ?? "";
    if (host !== this.#host) this.#host = ownText(host);
    return this.#host;
  }
}
