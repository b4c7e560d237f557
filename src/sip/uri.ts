/** SIP, SIPS, TEL and URN addresses: reading, parts, parameters. */
import { isDigit, isHostChar, matchesAt, parseUint } from "./chars.ts";
import { paramValue } from "./params.ts";

/** Schemes that can be read; `tels` is what Kamailio calls a secured telephone number. */
export type UriScheme = "sip" | "sips" | "tel" | "tels" | "urn";

/** An address in its parts. Nothing is unescaped: each part is as it was written. */
export class SipUri {
  readonly text: string;
  readonly scheme: UriScheme;
  /** User part without password; the number of a `tel:` address; `""` if there is none. */
  readonly user: string;
  /** Whether there is a user part (an `@`, or a telephone number). */
  readonly hasUser: boolean;
  readonly password: string;
  /** Host name or address as written, IPv6 in brackets; `""` in `tel:`. */
  readonly host: string;
  /** Port, 0 if none is given. */
  readonly port: number;
  /** Text behind the first semicolon, without it. */
  readonly params: string;
  /** Text behind the question mark, without it. */
  readonly headers: string;

  // The parts come in the order of the text; one call site, so the number of arguments does no harm.
  // oxlint-disable-next-line max-params
  constructor(
    text: string,
    scheme: UriScheme,
    user: string,
    hasUser: boolean,
    password: string,
    host: string,
    port: number,
    params: string,
    headers: string,
  ) {
    this.text = text;
    this.scheme = scheme;
    this.user = user;
    this.hasUser = hasUser;
    this.password = password;
    this.host = host;
    this.port = port;
    this.params = params;
    this.headers = headers;
  }

  /** Value of a parameter, `""` if it has none, `undefined` if it is not there. */
  param(name: string): string | undefined {
    return this.params === "" ? undefined : paramValue(this.params, 0, this.params.length, name);
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

function schemeLength(text: string): number {
  const end = text.length;
  if (matchesAt(text, 0, end, "sip:") || matchesAt(text, 0, end, "tel:")) return 4;
  if (matchesAt(text, 0, end, "sips:") || matchesAt(text, 0, end, "tels:")) return 5;
  return matchesAt(text, 0, end, "urn:") ? 4 : 0;
}

/** Reads an address; `undefined` if it is none or of another scheme. As strict as Kamailio, no more. */
export function parseUri(text: string): SipUri | undefined {
  const start = schemeLength(text);
  if (start === 0) return undefined;
  const first = text.charCodeAt(0) | 32;
  if (first === 115) return parseSip(text, start);
  const scheme = first === 117 ? "urn" : start === 4 ? "tel" : "tels";
  return parseOpaque(text, start, scheme);
}

/** `tel:` (RFC 3966) and `urn:` (RFC 5031): one opaque part and parameters. */
function parseOpaque(text: string, start: number, scheme: UriScheme): SipUri | undefined {
  let stop = text.indexOf(";", start);
  if (stop < 0) stop = text.length;
  const body = text.slice(start, stop);
  if (body === "") return undefined;
  const params = text.slice(stop + 1);
  if (scheme !== "urn") {
    return new SipUri(text, scheme, body, true, "", "", 0, params, "");
  }
  // As Kamailio: the namespace takes the place of the user, the rest that of the host.
  const colon = body.indexOf(":");
  if (colon < 1 || colon === body.length - 1) return undefined;
  return new SipUri(
    text,
    scheme,
    body.slice(0, colon),
    true,
    "",
    body.slice(colon + 1),
    0,
    params,
    "",
  );
}

function parseSip(text: string, start: number): SipUri | undefined {
  const at = text.indexOf("@", start);
  const hasUser = at >= 0;
  // The colon in front of the password, or the place where the user ends.
  const colon = hasUser ? userEnd(text, start, at) : start;
  if (colon < 0) return undefined;
  const hostStart = hasUser ? at + 1 : start;
  const hostStop = hostEnd(text, hostStart, hasUser);
  if (hostStop <= hostStart) return undefined;
  const tail = portEnd(text, hostStop);
  if (tail < 0) return undefined;
  const question = text.indexOf("?", tail);
  // As Kamailio: behind the question mark there are only headers.
  if (question >= 0 && text.indexOf(";", question) >= 0) return undefined;
  const paramsEnd = question < 0 ? text.length : question;
  return new SipUri(
    text,
    start === 4 ? "sip" : "sips",
    hasUser ? text.slice(start, colon) : "",
    hasUser,
    colon + 1 < at ? text.slice(colon + 1, at) : "",
    text.slice(hostStart, hostStop),
    tail > hostStop + 1 ? parseUint(text, hostStop + 1, tail) : 0,
    paramsEnd > tail ? text.slice(tail + 1, paramsEnd) : "",
    question < 0 ? "" : text.slice(question + 1),
  );
}

/**
 * Offset of the colon in the part before `@`, of the `@` when there is none. -1: it does not name a user, has more than one
 * colon or a bracket, or another `@` follows.
 */
function userEnd(text: string, start: number, at: number): number {
  const first = text.charCodeAt(start);
  if (first === 58 || first === 64 || text.indexOf("@", at + 1) >= 0) return -1;
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
function hostEnd(text: string, start: number, strict: boolean): number {
  const first = text.charCodeAt(start);
  if (first === 91) return text.indexOf("]", start) + 1 || -1;
  if (strict && first === 45) return -1;
  const end = text.length;
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
function portEnd(text: string, start: number): number {
  let i = start;
  if (text.charCodeAt(i) === 58) {
    i++;
    while (isDigit(text.charCodeAt(i))) i++;
    if (i > start + 1 && !isPort(parseUint(text, start + 1, i))) return -1;
  }
  const c = text.charCodeAt(i);
  return i === text.length || c === 59 || c === 63 ? i : -1;
}

function isPort(value: number): boolean {
  return value >= 0 && value <= 65535;
}
