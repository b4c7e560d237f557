/** Contact values: where a user can be reached, with preference and lifetime (RFC 3261, 20.10; RFC 5626). */
import { isDigit, parseUint, trimEnd, trimStart, unquote } from "./chars.ts";
import { collectNameAddrs, NameAddr } from "./name-addr.ts";

/** One contact. */
export class Contact extends NameAddr {
  /** Preference 0-1000 (thousandths), -1 if not given, -2 if malformed. */
  get q(): number {
    const text = this.param("q");
    if (text === undefined) return -1;
    const value = parseQ(text);
    return value < 0 ? -2 : value;
  }

  /** Lifetime in seconds, -1 if not given, -2 if malformed. */
  get expires(): number {
    const text = this.param("expires");
    if (text === undefined) return -1;
    const bare = unquote(text);
    const value = parseUint(bare, 0, bare.length);
    return value < 0 ? -2 : value;
  }

  /** Value of +sip.instance (RFC 5626, 4.1) without its quotes, `undefined` if not given. */
  get instance(): string | undefined {
    const text = this.param("+sip.instance");
    return text === undefined ? undefined : unquote(text);
  }

  /** Value of reg-id (RFC 5626, 4.2): 1 and more, -1 if not given, -2 if malformed. */
  get regId(): number {
    const text = this.param("reg-id");
    if (text === undefined) return -1;
    const value = parseUint(text, 0, text.length);
    return value < 1 ? -2 : value;
  }

  /** Value of received without quotes, `undefined` if not given. */
  get received(): string | undefined {
    const text = this.param("received");
    return text === undefined ? undefined : unquote(text);
  }

  /** Value of methods without quotes, `undefined` if not given. */
  get methods(): string | undefined {
    const text = this.param("methods");
    return text === undefined ? undefined : unquote(text);
  }
}

/** All contacts of a message. */
export interface Contacts {
  /** Whether the value is `*`: all contacts (RFC 3261, 10.2.2). */
  readonly star: boolean;
  readonly list: readonly Contact[];
}

/** Thousandths of a preference such as `0.5`; -1 if it is not one. At most three decimals count. */
export function parseQ(text: string): number {
  const first = text.charCodeAt(0);
  let i = 0;
  let whole = 0;
  if (first === 48 || first === 49) {
    whole = first - 48;
    i = 1;
  } else if (first !== 46) return -1;
  if (i === text.length) return whole * 1000;
  if (text.charCodeAt(i) !== 46) return -1;
  let value = whole;
  let places = 0;
  for (i++; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (!isDigit(c)) return -1;
    if (places < 3) {
      value = value * 10 + (c - 48);
      places++;
    }
  }
  for (; places < 3; places++) value *= 10;
  return value > 1000 ? -1 : value;
}

/** A preference of 0-1000 thousandths as text: `0.5`, `1`, `0`. */
export function formatQ(thousandths: number): string {
  if (thousandths >= 1000) return "1";
  if (thousandths <= 0) return "0";
  return `0.${String(thousandths).padStart(3, "0").replace(/0+$/, "")}`;
}

/** Whether the range holds nothing but `*`. */
export function isStar(text: string, start: number, end: number): boolean {
  const from = trimStart(text, start, end);
  return text.charCodeAt(from) === 42 && trimEnd(text, from, end) === from + 1;
}

/** Reads the value of one Contact header, `undefined` if malformed. */
export function parseContacts(
  text: string,
  start = 0,
  end: number = text.length,
): Contacts | undefined {
  if (isStar(text, start, end)) return { star: true, list: [] };
  const list: Contact[] = [];
  return collectNameAddrs(Contact, list, text, { start, end }) ? { star: false, list } : undefined;
}
