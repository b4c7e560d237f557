/** The shape that the npm package `sip` gives to messages, made by our own parser: for modules that know that package. */
import { type AuthParams, parseAuth } from "../sip/auth.ts";
import { quote } from "../sip/chars.ts";
import { Header, headerNameOf } from "../sip/headers.ts";
import type { SipMessage } from "../sip/message.ts";
import type { NameAddr } from "../sip/name-addr.ts";
import { listParams } from "../sip/params.ts";
import { parseUri } from "../sip/uri.ts";
import type { Via } from "../sip/via.ts";

type Params = Record<string, string | null>;

export interface SipPackageUri {
  schema: string;
  user?: string;
  password?: string;
  host: string;
  port?: number;
  params: Params;
  headers: Record<string, string>;
}

export interface SipPackageAddress {
  /** As written, with quotes. */
  name: string | undefined;
  /** Text, except in Route, Record-Route and Path. */
  uri: string | SipPackageUri | undefined;
  params: Params;
}

export interface SipPackageVia {
  version: string;
  protocol: string;
  host: string;
  port: number | undefined;
  params: Params;
}

/** A message as `sip.parse` would give it. Headers of no known form are text, repeated ones joined with commas. */
export interface SipPackageMessage {
  method?: string;
  uri?: string;
  status?: number;
  reason?: string;
  version: string;
  headers: Record<string, unknown>;
  content: string;
}

/** Makes that shape; header names are in lower case and never in short form. What cannot be read is left out. */
export function toSip(message: SipMessage): SipPackageMessage {
  const headers = plainHeaders(message);
  for (const [name, value] of [...firstHeaders(message), ...listHeaders(message)]) {
    if (value === undefined) continue;
    if (value === null) delete headers[name];
    else headers[name] = value;
  }
  return {
    ...(message.isRequest
      ? { method: message.method, uri: message.requestUri }
      : { status: message.statusCode, reason: message.reason }),
    version: "2.0",
    headers,
    content: message.body,
  };
}

/** A header's value in that shape: undefined when it is not there, null when it cannot be read. */
type Shaped = readonly [name: string, value: unknown];

function firstHeaders(message: SipMessage): Shaped[] {
  const { from, to, contacts, cseq, contentLength } = message;
  return [
    ["from", from && addressOf(from)],
    ["to", to && addressOf(to)],
    ["contact", contacts && (contacts.star ? "*" : contacts.list.map(addressOf))],
    ["cseq", cseq && { seq: cseq.number, method: cseq.method }],
    ["content-length", contentLength < 0 ? undefined : contentLength],
  ];
}

function listHeaders(message: SipMessage): Shaped[] {
  const list = <T>(values: readonly T[] | null, shape: (value: T) => unknown): unknown => {
    if (values === null) return null;
    return values.length === 0 ? undefined : values.map(shape);
  };
  return [
    ["via", list(message.vias(), viaOf)],
    ["route", list(message.routes, routeOf)],
    ["record-route", list(message.recordRoutes, routeOf)],
    ["path", list(message.paths, routeOf)],
    ...authHeaders.map((kind): Shaped => {
      const values = message.values(kind).map(authOf);
      const readable = values.filter((one) => one !== undefined);
      return [headerNameOf(kind).toLowerCase(), list(readable, (one) => one)];
    }),
  ];
}

const authHeaders = [
  Header.WwwAuthenticate,
  Header.ProxyAuthenticate,
  Header.Authorization,
  Header.ProxyAuthorization,
];

function plainHeaders(message: SipMessage): Record<string, unknown> {
  const headers: Record<string, unknown> = {};
  for (let i = 0; i < message.headerCount; i++) {
    const kind = message.headerType(i);
    const name = (kind === Header.Other ? message.headerName(i) : headerNameOf(kind)).toLowerCase();
    const before = headers[name];
    const value = message.headerValue(i);
    headers[name] = typeof before === "string" ? `${before},${value}` : value;
  }
  return headers;
}

function paramsOf(text: string): Params {
  const params: Params = {};
  if (text === "") return params;
  for (const { name, value, hasValue } of listParams(`;${text}`, 0, text.length + 1)) {
    params[name.toLowerCase()] = hasValue ? value : null;
  }
  return params;
}

function viaOf(via: Via): SipPackageVia {
  return {
    version: "2.0",
    protocol: via.transport,
    host: via.host,
    port: via.port === 0 ? undefined : via.port,
    params: paramsOf(via.text.slice(via.paramsStart, via.end).replace(/^\s*;/, "")),
  };
}

function addressOf(address: NameAddr): SipPackageAddress {
  return {
    name: address.display === "" ? undefined : address.display,
    uri: address.uriText,
    params: paramsOf(address.params),
  };
}

function routeOf(address: NameAddr): SipPackageAddress {
  return { ...addressOf(address), uri: uriOf(address.uriText) };
}

function uriOf(text: string): SipPackageUri | undefined {
  const uri = parseUri(text);
  if (uri === undefined) return undefined;
  const headers: Record<string, string> = {};
  for (const pair of uri.headers === "" ? [] : uri.headers.split("&")) {
    const equals = pair.indexOf("=");
    headers[equals < 0 ? pair : pair.slice(0, equals)] = equals < 0 ? "" : pair.slice(equals + 1);
  }
  return {
    schema: uri.scheme,
    ...(uri.hasUser ? { user: uri.user } : {}),
    ...(uri.password === "" ? {} : { password: uri.password }),
    host: uri.host,
    ...(uri.port === 0 ? {} : { port: uri.port }),
    params: paramsOf(uri.params),
    headers,
  };
}

function authOf(value: string): Record<string, string> | undefined {
  const parsed: AuthParams | undefined = parseAuth(value);
  if (parsed === undefined) return undefined;
  const out: Record<string, string> = { scheme: parsed.scheme };
  // That package keeps the quotes of values that have them.
  for (const [name, text] of parsed.entries())
    out[name] = bareParams.has(name) ? text : quote(text);
  return out;
}

const bareParams = new Set(["algorithm", "nc", "stale", "qop"]);
