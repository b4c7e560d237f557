/** SIP, SIPS, TEL and URN addresses: reading, parts, parameters. */
import { indexIn, isDigit, isHostChar, matchesAt, parseUint } from "./chars.ts";
import { paramValue } from "./params.ts";

/** Schemes that can be read; `tels` is what Kamailio calls a secured telephone number. */
export type UriScheme = "sip" | "sips" | "tel" | "tels" | "urn";

/** Where the parts of an address are in the text that it was read from. */
interface UriPlaces {
  userStart: number;
  userEnd: number;
  passwordStart: number;
  hostStart: number;
  hostEnd: number;
  paramsStart: number;
  paramsEnd: number;
}

/** An address in its parts. Nothing is unescaped: each part is as it was written, and cut out when it is asked for. */
export class SipUri {
  readonly scheme: UriScheme;
  /** Whether there is a user part (an `@`, or a telephone number). */
  readonly hasUser: boolean;
  /** Port, 0 if none is given. */
  readonly port: number;
  private readonly source: string;
  private readonly start: number;
  private readonly end: number;
  private readonly userStart: number;
  private readonly userEnd: number;
  private readonly passwordStart: number;
  private readonly hostStart: number;
  private readonly hostEnd: number;
  private readonly paramsStart: number;
  private readonly paramsEnd: number;

  // The parts come in the order of the text; one call site, so the number of arguments does no harm.
  // oxlint-disable-next-line max-params
  constructor(
    source: string,
    start: number,
    end: number,
    scheme: UriScheme,
    hasUser: boolean,
    port: number,
    places: Readonly<UriPlaces>,
  ) {
    this.source = source;
    this.start = start;
    this.end = end;
    this.scheme = scheme;
    this.hasUser = hasUser;
    this.port = port;
    this.userStart = places.userStart;
    this.userEnd = places.userEnd;
    this.passwordStart = places.passwordStart;
    this.hostStart = places.hostStart;
    this.hostEnd = places.hostEnd;
    this.paramsStart = places.paramsStart;
    this.paramsEnd = places.paramsEnd;
  }

  /** The whole address as written. */
  get text(): string {
    return this.source.slice(this.start, this.end);
  }

  /** User part without password; the number of a `tel:` address; `""` if there is none. */
  get user(): string {
    return this.source.slice(this.userStart, this.userEnd);
  }

  get password(): string {
    // The `@` stands between it and the host.
    const end = this.hostStart - 1;
    return this.passwordStart < end ? this.source.slice(this.passwordStart, end) : "";
  }

  /** Host name or address as written, IPv6 in brackets; `""` in `tel:`. */
  get host(): string {
    return this.source.slice(this.hostStart, this.hostEnd);
  }

  /** Text behind the first semicolon, without it. */
  get params(): string {
    return this.source.slice(this.paramsStart, this.paramsEnd);
  }

  /** Text behind the question mark, without it. */
  get headers(): string {
    return this.paramsEnd < this.end ? this.source.slice(this.paramsEnd + 1, this.end) : "";
  }

  /** Value of a parameter, `""` if it has none, `undefined` if it is not there. */
  param(name: string): string | undefined {
    const { paramsStart, paramsEnd } = this;
    return paramsStart < paramsEnd
      ? paramValue(this.source, paramsStart, paramsEnd, name)
      : undefined;
  }

  get transport(): string | undefined {
    return this.param("transport");
  }

  /** Whether the address names a loose router (RFC 3261, 16.12). */
  get lr(): boolean {
    return this.param("lr") !== undefined;
  }

  get maddr(): string | undefined {
    return this.param("maddr");
  }

  get ttl(): string | undefined {
    return this.param("ttl");
  }

  /** Value of the parameter `user`, as in `user=phone`. */
  get userParam(): string | undefined {
    return this.param("user");
  }

  get methodParam(): string | undefined {
    return this.param("method");
  }

  /** Value of `gr` (RFC 5627). */
  get gr(): string | undefined {
    return this.param("gr");
  }

  /** Whether `ob` asks for the flow that the request came over (RFC 5626, 5.3). */
  get ob(): boolean {
    return this.param("ob") !== undefined;
  }

  /** Value of `r2`, with which a proxy marks the pair of routes that it added at a change of transport. */
  get r2(): string | undefined {
    return this.param("r2");
  }

  get received(): string | undefined {
    return this.param("received");
  }

  /** Whether this is a telephone number: `tel:`, or `user=phone`. */
  get isPhone(): boolean {
    return this.scheme === "tel" || this.scheme === "tels" || this.userParam === "phone";
  }

  get isSecure(): boolean {
    return this.scheme === "sips" || this.scheme === "tels";
  }

  /** `host` or `host:port`, as written. */
  get hostPort(): string {
    return this.port === 0 ? this.host : `${this.host}:${this.port}`;
  }

  /** Port to use: as given, else 5061 for sips or TLS and 5060 otherwise (RFC 3263, 4.2). */
  get effectivePort(): number {
    if (this.port !== 0) return this.port;
    if (this.scheme === "sips") return 5061;
    return this.transport?.toLowerCase() === "tls" ? 5061 : 5060;
  }

  /** `scheme:user@host:port` without password, parameters and headers. */
  get bare(): string {
    if (this.host === "") return `${this.scheme}:${this.user}`;
    return `${this.scheme}:${this.hasUser ? `${this.user}@` : ""}${this.hostPort}`;
  }
}

function schemeLength(text: string, start: number, end: number): number {
  if (matchesAt(text, start, end, "sip:") || matchesAt(text, start, end, "tel:")) return 4;
  if (matchesAt(text, start, end, "sips:") || matchesAt(text, start, end, "tels:")) return 5;
  return matchesAt(text, start, end, "urn:") ? 4 : 0;
}

/** Reads an address; `undefined` if it is none or of another scheme. As strict as Kamailio, no more. */
export function parseUri(text: string): SipUri | undefined {
  return parseUriAt(text, 0, text.length);
}

/** Reads an address that fills a range of a text. */
export function parseUriAt(text: string, start: number, end: number): SipUri | undefined {
  const length = schemeLength(text, start, end);
  if (length === 0) return undefined;
  const first = text.charCodeAt(start) | 32;
  if (first === 115) return parseSip(text, start, end, length);
  const scheme = first === 117 ? "urn" : length === 4 ? "tel" : "tels";
  return parseOpaque(text, start, end, scheme);
}

/** `tel:` (RFC 3966) and `urn:` (RFC 5031): one opaque part and parameters. */
function parseOpaque(
  text: string,
  start: number,
  end: number,
  scheme: UriScheme,
): SipUri | undefined {
  const body = start + (scheme === "tels" ? 5 : 4);
  const semicolon = indexIn(text, 59, body, end);
  const stop = semicolon < 0 ? end : semicolon;
  if (stop === body) return undefined;
  const places: UriPlaces = {
    userStart: body,
    userEnd: stop,
    passwordStart: stop,
    hostStart: stop,
    hostEnd: stop,
    paramsStart: Math.min(stop + 1, end),
    paramsEnd: end,
  };
  if (scheme === "urn") {
    // As Kamailio: the namespace takes the place of the user, the rest that of the host.
    const colon = indexIn(text, 58, body, stop);
    if (colon <= body || colon === stop - 1) return undefined;
    places.userEnd = colon;
    places.passwordStart = colon + 1;
    places.hostStart = colon + 1;
  }
  return new SipUri(text, start, end, scheme, true, 0, places);
}

function parseSip(text: string, start: number, end: number, length: number): SipUri | undefined {
  const from = start + length;
  const at = indexIn(text, 64, from, end);
  const hasUser = at >= 0;
  // The colon in front of the password, or the place where the user ends.
  const colon = hasUser ? userEnd(text, from, at) : from;
  if (colon < 0) return undefined;
  const hostStart = hasUser ? at + 1 : from;
  const hostStop = hostEnd(text, hostStart, end, hasUser);
  if (hostStop <= hostStart) return undefined;
  // As Kamailio: there is one `@` at most. Only a host in brackets can have one.
  const rest = text.charCodeAt(hostStart) === 91 ? hostStart : hostStop;
  if (hasUser && indexIn(text, 64, rest, end) >= 0) return undefined;
  const tail = portEnd(text, hostStop, end);
  if (tail < 0) return undefined;
  const question = indexIn(text, 63, tail, end);
  // As Kamailio: behind the question mark there are only headers.
  if (question >= 0 && indexIn(text, 59, question, end) >= 0) return undefined;
  const paramsEnd = question < 0 ? end : question;
  const port = tail > hostStop + 1 ? parseUint(text, hostStop + 1, tail) : 0;
  return new SipUri(text, start, end, length === 4 ? "sip" : "sips", hasUser, port, {
    userStart: from,
    userEnd: colon,
    passwordStart: colon + 1,
    hostStart,
    hostEnd: hostStop,
    paramsStart: Math.min(tail + 1, paramsEnd),
    paramsEnd,
  });
}

/**
 * Offset of the colon in the part before `@`, of the `@` when there is none. -1: it does not name a user, or has more than one
 * colon or a bracket.
 */
function userEnd(text: string, start: number, at: number): number {
  const first = text.charCodeAt(start);
  if (first === 58 || first === 64) return -1;
  let colon = at;
  for (let i = start; i < at; i++) {
    const c = text.charCodeAt(i);
    if (c === 91) return -1;
    if (c !== 58) continue;
    if (colon !== at) return -1;
    colon = i;
  }
  return colon;
}

/** Offset behind the host, or -1 if it is malformed. Behind a user it must be a name or an address. */
function hostEnd(text: string, start: number, end: number, strict: boolean): number {
  const first = start < end ? text.charCodeAt(start) : 0;
  if (first === 91) return indexIn(text, 93, start, end) + 1 || -1;
  if (strict && first === 45) return -1;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (isHostChar(c)) continue;
    if (c === 58 || c === 59 || c === 63) return i;
    // As Kamailio: other characters are let through where there is no user.
    if (strict || c <= 32 || c === 91 || c === 93) return -1;
  }
  return end;
}

/** Offset behind `:port`, where parameters, headers or the end must follow; -1 if they do not or it is too large. */
function portEnd(text: string, start: number, end: number): number {
  let i = start;
  if (i < end && text.charCodeAt(i) === 58) {
    i++;
    while (i < end && isDigit(text.charCodeAt(i))) i++;
    if (i > start + 1 && !isPort(parseUint(text, start + 1, i))) return -1;
  }
  if (i === end) return i;
  const c = text.charCodeAt(i);
  return c === 59 || c === 63 ? i : -1;
}

function isPort(value: number): boolean {
  return value >= 0 && value <= 65535;
}
