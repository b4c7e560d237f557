/** Addresses with display name and parameters, as in From, To, Route and Contact (RFC 3261, 20.10). */
import { isLws, quotedEnd, trimEnd, trimStart, unquote } from "./chars.ts";
import { listItemEnd, paramEnd, paramValue } from "./params.ts";
import { parseUriAt, type SipUri } from "./uri.ts";

/** One address value. Offsets are into the text that it was read from. */
export class NameAddr {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Range of the URI without its brackets. */
  readonly uriStart: number;
  readonly uriEnd: number;
  /** Offset behind the URI and its bracket: parameters of the header follow. */
  readonly paramsStart: number;
  private readonly displayEnd: number;
  private cachedUri: SipUri | null | undefined = undefined;
  private cachedTag: string | undefined | null = null;

  // One call site per class, and made for every message.
  // oxlint-disable-next-line max-params
  constructor(
    text: string,
    start: number,
    end: number,
    displayEnd: number,
    uriStart: number,
    uriEnd: number,
    paramsStart: number,
  ) {
    this.text = text;
    this.start = start;
    this.end = end;
    this.displayEnd = displayEnd;
    this.uriStart = uriStart;
    this.uriEnd = uriEnd;
    this.paramsStart = paramsStart;
  }

  /** The value as it was written. */
  get value(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Display name as written, with its quotes; `""` if there is none. */
  get display(): string {
    return this.text.slice(this.start, this.displayEnd);
  }

  /** Display name without quotes and escapes. */
  get displayName(): string {
    return unquote(this.display);
  }

  get uriText(): string {
    return this.text.slice(this.uriStart, this.uriEnd);
  }

  /** Whether the URI stands in angle brackets. */
  get isBracketed(): boolean {
    return this.paramsStart !== this.uriEnd;
  }

  /** The URI in its parts, `null` if it cannot be read. */
  get uri(): SipUri | null {
    if (this.cachedUri === undefined) {
      this.cachedUri = parseUriAt(this.text, this.uriStart, this.uriEnd) ?? null;
    }
    return this.cachedUri;
  }

  /** Parameters of the header as written, without the first semicolon. */
  get params(): string {
    const from = trimStart(this.text, this.paramsStart, this.end);
    return this.text.slice(this.text.charCodeAt(from) === 59 ? from + 1 : from, this.end);
  }

  /** Value of a header parameter as written, `""` if it has none, `undefined` if it is not there. */
  param(name: string): string | undefined {
    return paramValue(this.text, this.paramsStart, this.end, name);
  }

  /** Value of tag, `""` if there is none. */
  get tag(): string {
    if (this.cachedTag === null) this.cachedTag = this.param("tag");
    return this.cachedTag ?? "";
  }

  get hasTag(): boolean {
    return this.tag !== "";
  }
}

/** Constructor of `NameAddr` or of a class that adds getters to it. */
export type NameAddrClass<T extends NameAddr> = new (
  ...parts: ConstructorParameters<typeof NameAddr>
) => T;

/** Offset of `<`, -1 if the address has none (a bare URI), -2 if a quoted string does not close. */
function findBracket(text: string, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 60) return i;
    if (c === 34) {
      const close = quotedEnd(text, i, end);
      if (close < 0) return -2;
      i = close - 1;
    } else if (c === 58 || c === 59) {
      // A colon outside quotes belongs to a bare URI; a comma may be in an unquoted name, as Kamailio.
      return -1;
    }
  }
  return -1;
}

/**
 * Reads one address that fills the range (white space around it aside). Without brackets, everything from the first
 * semicolon on belongs to the header, not to the URI (RFC 3261, 20.10). `undefined` if malformed.
 */
export function parseNameAddr(
  text: string,
  start = 0,
  end: number = text.length,
): NameAddr | undefined {
  return readNameAddr(NameAddr, text, start, end);
}

/** As `parseNameAddr`, making objects of the class given. */
export function readNameAddr<T extends NameAddr>(
  make: NameAddrClass<T>,
  text: string,
  start: number,
  end: number,
): T | undefined {
  const from = trimStart(text, start, end);
  const to = trimEnd(text, from, end);
  if (from === to) return undefined;
  const bracket = findBracket(text, from, to);
  if (bracket === -2) return undefined;
  if (bracket >= 0) {
    // May look behind the range, but then the header is malformed and nothing more of it is read.
    const close = text.indexOf(">", bracket);
    if (close < 0 || close >= to) return undefined;
    const next = trimStart(text, close + 1, to);
    if (next < to && text.charCodeAt(next) !== 59) return undefined;
    const uriStart = trimStart(text, bracket + 1, close);
    const uriEnd = trimEnd(text, uriStart, close);
    if (!quotesClose(text, next, to)) return undefined;
    const displayEnd = trimEnd(text, from, bracket);
    // Where one class is made only, the compiler can put its constructor in place.
    return make === NameAddr
      ? (new NameAddr(text, from, to, displayEnd, uriStart, uriEnd, close + 1) as T)
      : new make(text, from, to, displayEnd, uriStart, uriEnd, close + 1);
  }
  const semicolon = paramEnd(text, from, to);
  const uriEnd = trimEnd(text, from, semicolon);
  if (text.charCodeAt(from) === 34 || !isBareUri(text, from, uriEnd)) return undefined;
  if (!quotesClose(text, semicolon, to)) return undefined;
  return new make(text, from, to, from, from, uriEnd, uriEnd);
}

/** Whether the range is without white space and has a scheme. */
function isBareUri(text: string, start: number, end: number): boolean {
  let colon = false;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 58) colon = true;
    else if (isLws(c) || c === 60 || c === 62) return false;
  }
  return colon;
}

function quotesClose(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (text.charCodeAt(i) !== 34) continue;
    const close = quotedEnd(text, i, end);
    if (close < 0) return false;
    i = close - 1;
  }
  return true;
}

/** Reads a comma-separated list of addresses into `list`; false if one of them is malformed. */
export function collectNameAddrs<T extends NameAddr>(
  make: NameAddrClass<T>,
  list: T[],
  text: string,
  range: { readonly start: number; readonly end: number },
): boolean {
  let i = range.start;
  while (i <= range.end) {
    const stop = listItemEnd(text, i, range.end);
    const address = readNameAddr(make, text, i, stop);
    if (address === undefined) return false;
    list.push(address);
    i = stop + 1;
  }
  return true;
}

/** All addresses of a comma-separated list, `undefined` if one of them is malformed. */
export function parseNameAddrList(
  text: string,
  start = 0,
  end: number = text.length,
): NameAddr[] | undefined {
  const list: NameAddr[] = [];
  return collectNameAddrs(NameAddr, list, text, { start, end }) ? list : undefined;
}
