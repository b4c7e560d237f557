/** Comparisons and conversions of URIs and numbers. */
import { equalsIgnoreCase, isAlpha, isDigit, lowerAscii } from "../../sip/chars.ts";
import { Header, headerKind } from "../../sip/headers.ts";
import { sameUri } from "../../sip/uri-compare.ts";
import { withoutParam } from "../../sip/uri-rewrite.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";

/** Results of checks that tell an empty text from a wrong one. */
const Checked = { ok: 1, empty: -2, wrong: -3 } as const;

function isAll(text: string, start: number, test: (c: number) => boolean): boolean {
  for (let i = start; i < text.length; i++) if (!test(text.charCodeAt(i))) return false;
  return text.length > start;
}

/** E.164: a plus and 2 to 15 digits. */
export function isE164(text: string): boolean {
  return text.length > 2 && text.length < 17 && text.startsWith("+") && isAll(text, 1, isDigit);
}

export function isTelNumber(text: string): number {
  return isAll(text, text.startsWith("+") ? 1 : 0, isDigit) ? Checked.ok : Checked.empty;
}

export function isNumeric(text: string): number {
  return isAll(text, 0, isDigit) ? Checked.ok : Checked.empty;
}

export function isAlphanumeric(text: string, further: string): number {
  if (text === "") return Checked.empty;
  const test = (c: number): boolean =>
    isDigit(c) || isAlpha(c) || further.includes(String.fromCharCode(c));
  return isAll(text, 0, test) ? Checked.ok : Checked.wrong;
}

/** The address without headers, and without transport where that does not count. */
function essential(uri: SipUri, countsTransport: boolean): SipUri | undefined {
  const question = uri.headers === "" ? -1 : uri.text.indexOf(`?${uri.headers}`);
  const text = question < 0 ? uri.text : uri.text.slice(0, question);
  return parseUri(countsTransport ? text : (withoutParam(text, "transport") ?? text));
}

/**
 * 1, -1, or -2 when one cannot be read. As Kamailio: headers do not count, and a transport only when both name one (RFC 3261,
 * 19.1.4 is stricter).
 */
export function compareUris(one: string, other: string): number {
  const a = parseUri(one);
  const b = parseUri(other);
  if (a === undefined || b === undefined) return -2;
  const countsTransport = a.transport !== undefined && b.transport !== undefined;
  const left = essential(a, countsTransport);
  const right = essential(b, countsTransport);
  return left !== undefined && right !== undefined && sameUri(left, right) ? 1 : -1;
}

/** User, host and port decide; the scheme does not count, as in Kamailio. */
export function compareAors(one: string, other: string): number {
  const a = parseUri(one);
  const b = parseUri(other);
  if (a === undefined || b === undefined) return -2;
  const samePort = (a.port || 5060) === (b.port || 5060);
  return a.user === b.user && equalsIgnoreCase(a.host, b.host) && samePort ? 1 : -1;
}

export function sameHeaderName(one: string, other: string): boolean {
  const kind = headerKind(one);
  return kind === Header.Other ? equalsIgnoreCase(one, other) : kind === headerKind(other);
}

/** A telephone URI as SIP URI (RFC 3261, 19.1.6): separators dropped, parameters in lower case. */
export function telToSip(uri: SipUri, host: string): string {
  const number = uri.user.replace(/[-.()]/g, "");
  const params = uri.params === "" ? "" : `;${lowerAscii(uri.params)}`;
  return `sip:${number}${params}@${host};user=phone`;
}
