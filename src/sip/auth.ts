/** Challenges and credentials of HTTP authentication (RFC 3261, 20.7, 20.27, 20.28, 20.44; RFC 8760). */
import {
  isLws,
  lowerAscii,
  quote,
  quotedEnd,
  tokenEnd,
  trimEnd,
  trimStart,
  unquote,
} from "./chars.ts";

/** Scheme and parameters; values are without quotes and escapes. */
export class AuthParams {
  /** As written: `Digest`. */
  readonly scheme: string;
  private readonly values: ReadonlyMap<string, string>;

  constructor(scheme: string, values: ReadonlyMap<string, string>) {
    this.scheme = scheme;
    this.values = values;
  }

  get isDigest(): boolean {
    return lowerAscii(this.scheme) === "digest";
  }

  /** Value of any parameter; the name in lower case. */
  param(name: string): string | undefined {
    return this.values.get(name);
  }

  private text(name: string): string {
    return this.values.get(name) ?? "";
  }

  get realm(): string {
    return this.text("realm");
  }

  get nonce(): string {
    return this.text("nonce");
  }

  get opaque(): string {
    return this.text("opaque");
  }

  /** As written, `""` if not given (which means MD5). */
  get algorithm(): string {
    return this.text("algorithm");
  }

  /** In a challenge a list: `auth,auth-int`; in credentials the one chosen. */
  get qop(): string {
    return this.text("qop");
  }

  /** Whether a challenge says that only the nonce was too old. */
  get stale(): boolean {
    return lowerAscii(this.text("stale")) === "true";
  }

  get username(): string {
    return this.text("username");
  }

  get uri(): string {
    return this.text("uri");
  }

  get response(): string {
    return this.text("response");
  }

  get cnonce(): string {
    return this.text("cnonce");
  }

  /** Count of uses of the nonce as written: eight hexadecimal digits. */
  get nc(): string {
    return this.text("nc");
  }

  /** Names and values in their order. */
  entries(): IterableIterator<[string, string]> {
    return this.values.entries();
  }
}

/** Offset behind the value at `start`: a quoted string, or all up to the next comma. -1 if malformed. */
function valueEnd(text: string, start: number, end: number): number {
  if (text.charCodeAt(start) === 34) return quotedEnd(text, start, end);
  let i = start;
  while (i < end && text.charCodeAt(i) !== 44 && !isLws(text.charCodeAt(i))) i++;
  return i;
}

/** Reads the value of one of the four headers; `undefined` if malformed. The first of a repeated parameter counts. */
export function parseAuth(value: string): AuthParams | undefined {
  const end = trimEnd(value, 0, value.length);
  const start = trimStart(value, 0, end);
  const schemeEnd = tokenEnd(value, start, end);
  let at = trimStart(value, schemeEnd, end);
  if (schemeEnd === start || at === schemeEnd) return undefined;
  const values = new Map<string, string>();
  while (at < end) {
    const nameEnd = tokenEnd(value, at, end);
    const equals = trimStart(value, nameEnd, end);
    if (nameEnd === at || value.charCodeAt(equals) !== 61) return undefined;
    const from = trimStart(value, equals + 1, end);
    const to = valueEnd(value, from, end);
    if (to < 0) return undefined;
    const name = lowerAscii(value.slice(at, nameEnd));
    if (!values.has(name)) values.set(name, unquote(value.slice(from, to)));
    const comma = trimStart(value, to, end);
    if (comma < end && value.charCodeAt(comma) !== 44) return undefined;
    at = trimStart(value, comma + 1, end);
  }
  return new AuthParams(value.slice(start, schemeEnd), values);
}

/** Parameters that are written without quotes in credentials and in challenges. */
const BARE = new Set(["algorithm", "nc", "stale"]);

/** The value of a challenge, with its list of qop quoted (RFC 3261, 25.1). */
export function formatChallenge(
  scheme: string,
  params: Iterable<readonly [name: string, value: string]>,
): string {
  return `${scheme} ${formatParams(params, BARE)}`;
}

/** The value of credentials, with its one qop bare (RFC 3261, 25.1). */
export function formatCredentials(
  scheme: string,
  params: Iterable<readonly [name: string, value: string]>,
): string {
  return `${scheme} ${formatParams(params, new Set([...BARE, "qop"]))}`;
}

function formatParams(
  params: Iterable<readonly [name: string, value: string]>,
  bare: ReadonlySet<string>,
): string {
  const parts: string[] = [];
  for (const [name, value] of params) {
    parts.push(`${name}=${bare.has(name) ? value : quote(value)}`);
  }
  return parts.join(", ");
}
