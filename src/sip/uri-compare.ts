/** Escaping in addresses, and whether two addresses are the same (RFC 3261, 19.1.2 and 19.1.4). */
import { equalsIgnoreCase, isAlpha, isDigit, isHex, lowerAscii } from "./chars.ts";
import { listParams } from "./params.ts";
import type { SipUri } from "./uri.ts";

const USER_UNESCAPED = "-_.!~*'()&=+$,;?/";
const PARAM_UNESCAPED = "-_.!~*'()[]/:&+$";
const RESERVED = ";/?:@&=+$,";

function escape(text: string, unescaped: string): string {
  let out = "";
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (isDigit(c) || isAlpha(c) || unescaped.includes(text.charAt(i))) continue;
    out += `${text.slice(copied, i)}%${(c & 255).toString(16).toUpperCase().padStart(2, "0")}`;
    copied = i + 1;
  }
  return copied === 0 ? text : out + text.slice(copied);
}

/** The text as a user part: everything that may not stand there becomes `%HH`. */
export function escapeUser(text: string): string {
  return escape(text, USER_UNESCAPED);
}

/** The text as a name or value of a URI parameter. */
export function escapeParam(text: string): string {
  return escape(text, PARAM_UNESCAPED);
}

/** Value of the escape `%HH` at `at`, -1 if there is none. */
function escapeAt(text: string, at: number): number {
  if (text.charCodeAt(at) !== 37 || at + 2 >= text.length) return -1;
  if (!isHex(text.charCodeAt(at + 1)) || !isHex(text.charCodeAt(at + 2))) return -1;
  return Number.parseInt(text.slice(at + 1, at + 3), 16);
}

/** The text with each `%HH` replaced by its byte; what is no escape stays. */
export function unescape(text: string): string {
  let next = text.indexOf("%");
  if (next < 0) return text;
  let out = "";
  let copied = 0;
  while (next >= 0) {
    const byte = escapeAt(text, next);
    if (byte >= 0) {
      out += text.slice(copied, next) + String.fromCharCode(byte);
      copied = next + 3;
    }
    next = text.indexOf("%", byte >= 0 ? copied : next + 1);
  }
  return out + text.slice(copied);
}

/** Form in which two texts are equal if they differ only in escapes that have no meaning. */
function canonical(text: string): string {
  let next = text.indexOf("%");
  if (next < 0) return text;
  let out = "";
  let copied = 0;
  while (next >= 0) {
    const byte = escapeAt(text, next);
    if (byte >= 0) {
      const char = String.fromCharCode(byte);
      const keep = RESERVED.includes(char) || char === "%";
      out += text.slice(copied, next) + (keep ? text.slice(next, next + 3).toUpperCase() : char);
      copied = next + 3;
    }
    next = text.indexOf("%", byte >= 0 ? copied : next + 1);
  }
  return out + text.slice(copied);
}

/** Parameters that must be in both or in neither. */
const ESSENTIAL = ["user", "ttl", "method", "maddr", "transport"] as const;

function paramMap(params: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const { name, value } of listParams(params, 0, params.length)) {
    map.set(lowerAscii(canonical(name)), lowerAscii(canonical(value)));
  }
  return map;
}

function sameParams(a: string, b: string): boolean {
  if (a === b) return true;
  const left = paramMap(a);
  const right = paramMap(b);
  for (const name of ESSENTIAL) if (left.has(name) !== right.has(name)) return false;
  for (const [name, value] of left) {
    const other = right.get(name);
    if (other !== undefined && other !== value) return false;
  }
  return true;
}

function sameHeaders(a: string, b: string): boolean {
  if (a === b) return true;
  const sorted = (headers: string): string =>
    headers
      .split("&")
      .map((field) => {
        const equals = field.indexOf("=");
        if (equals < 0) return lowerAscii(canonical(field));
        return lowerAscii(canonical(field.slice(0, equals))) + canonical(field.slice(equals));
      })
      .toSorted()
      .join("&");
  return sorted(a) === sorted(b);
}

/** Number without the separators that only help reading (RFC 3966, 4). */
function bareNumber(number: string): string {
  return lowerAscii(number.replace(/[-.()]/g, ""));
}

/** Whether two addresses mean the same by RFC 3261, 19.1.4 (telephone numbers: RFC 3966, 4). */
export function sameUri(a: SipUri, b: SipUri): boolean {
  if (a.scheme !== b.scheme) return false;
  if (a.scheme === "tel" || a.scheme === "tels") {
    return bareNumber(a.user) === bareNumber(b.user) && sameParams(a.params, b.params);
  }
  if (a.scheme === "urn") {
    return equalsIgnoreCase(a.user, b.user) && equalsIgnoreCase(a.host, b.host);
  }
  return (
    a.hasUser === b.hasUser &&
    canonical(a.user) === canonical(b.user) &&
    canonical(a.password) === canonical(b.password) &&
    equalsIgnoreCase(a.host, b.host) &&
    a.port === b.port &&
    sameParams(a.params, b.params) &&
    sameHeaders(a.headers, b.headers)
  );
}
