/** A Contact of a REGISTER with its parameters, read in one pass. */
import {
  parseUint,
  quotedEnd,
  sameAt,
  tokenEnd,
  trimEnd,
  trimStart,
  unquote,
} from "../../sip/chars.ts";
import { type Contact as ContactValue, parseQ } from "../../sip/contact.ts";
import { paramEnd } from "../../sip/params.ts";
import { ALL_METHODS, methodMask } from "./methods.ts";

/** Parameters that belong to one registration only and are not shown to others (RFC 5627, 5; RFC 3261, 20.10). */
const NOT_FEATURES = ["pub-gruu", "temp-gruu", "temp-gruu-cookie", "sip.instance", "action"];

/** What one Contact says. One object is used for all contacts that are read. */
export class ContactParams {
  uri = "";
  displayName: string | null = null;
  /** Thousandths; -1 none, -2 malformed. */
  q = -1;
  /** Seconds; -1 none, -2 malformed. */
  expires = -1;
  received: string | null = null;
  /** Bits; all when there is no such parameter. */
  methods = ALL_METHODS;
  instance: string | null = null;
  /** 0 none, -2 malformed. */
  regId = 0;
  /** The others as written. */
  features: string | null = null;

  read(contact: ContactValue): void {
    this.q = -1;
    this.expires = -1;
    this.received = null;
    this.methods = ALL_METHODS;
    this.instance = null;
    this.regId = 0;
    this.features = null;
    this.uri = contact.uriText;
    this.displayName = contact.display === "" ? null : contact.displayName;
    const { text, end } = contact;
    let at = trimStart(text, contact.paramsStart, end);
    while (at < end) {
      if (text.charCodeAt(at) === 59) at++;
      const stop = paramEnd(text, at, end);
      const from = trimStart(text, at, stop);
      if (from < stop) this.#readOne(text, from, trimEnd(text, from, stop));
      at = stop + 1;
    }
  }

  #readOne(text: string, start: number, end: number): void {
    const nameEnd = tokenEnd(text, start, end);
    const equals = trimStart(text, nameEnd, end);
    const hasValue = equals < end && text.charCodeAt(equals) === 61;
    const from = hasValue ? trimStart(text, equals + 1, end) : end;
    switch (nameEnd - start) {
      case 1:
        if (sameAt(text, start, nameEnd, "q")) return this.#readQ(text, from, end);
        break;
      case 6:
        if (sameAt(text, start, nameEnd, "reg-id")) return this.#readRegId(text, from, end);
        break;
      case 7:
        if (sameAt(text, start, nameEnd, "expires")) return this.#readExpires(text, from, end);
        if (sameAt(text, start, nameEnd, "methods")) {
          const list = unquotedAt(text, from, end);
          this.methods = methodMask(list, 0, list.length);
        }
        break;
      case 8:
        if (sameAt(text, start, nameEnd, "received")) {
          this.received = unquotedAt(text, from, end);
          return;
        }
        break;
      case 13:
        if (sameAt(text, start, nameEnd, "+sip.instance")) {
          this.instance = unquotedAt(text, from, end);
          return;
        }
        break;
    }
    this.#addFeature(text.slice(start, nameEnd), text.slice(start, end));
  }

  /** As Kamailio: a parameter without a value counts as not there. */
  #readQ(text: string, start: number, end: number): void {
    if (start === end) return;
    const q = parseQ(unquotedAt(text, start, end));
    this.q = q < 0 ? -2 : q;
  }

  #readExpires(text: string, start: number, end: number): void {
    if (start === end) return;
    const isQuoted = text.charCodeAt(start) === 34;
    const bare = isQuoted ? unquotedAt(text, start, end) : "";
    const seconds = isQuoted ? parseUint(bare, 0, bare.length) : parseUint(text, start, end);
    this.expires = seconds < 0 ? -2 : seconds;
  }

  #readRegId(text: string, start: number, end: number): void {
    const regId = parseUint(text, start, end);
    this.regId = regId < 1 || regId > 0x7fffffff ? -2 : regId;
  }

  #addFeature(name: string, whole: string): void {
    if (name === "" || NOT_FEATURES.includes(name.toLowerCase())) return;
    const quoteAt = whole.indexOf('"');
    if (quoteAt >= 0 && quotedEnd(whole, quoteAt, whole.length) < 0) return;
    this.features = this.features === null ? whole : `${this.features};${whole}`;
  }
}

/** The value in this range without its quotes and escapes; other values come back as they are. */
function unquotedAt(text: string, start: number, end: number): string {
  if (end - start < 2 || text.charCodeAt(start) !== 34 || text.charCodeAt(end - 1) !== 34) {
    return text.slice(start, end);
  }
  const inner = text.slice(start + 1, end - 1);
  return inner.includes("\\") ? unquote(text.slice(start, end)) : inner;
}
