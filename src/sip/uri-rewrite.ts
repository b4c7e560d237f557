/** Replacing one part of an address and leaving all others as they were written. */
import { parseUri, type SipUri } from "./uri.ts";

/** Offset behind the scheme and its colon. */
function schemeEnd(uri: SipUri): number {
  return uri.scheme.length + 1;
}

/** Offset of the host. */
function hostStart(uri: SipUri): number {
  if (!uri.hasUser) return schemeEnd(uri);
  return uri.text.indexOf("@", schemeEnd(uri)) + 1;
}

/** Offset behind host and port. */
function hostPortEnd(uri: SipUri): number {
  const text = uri.text;
  for (let i = hostStart(uri) + uri.host.length; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 59 || c === 63) return i;
  }
  return text.length;
}

function isSip(uri: SipUri): boolean {
  return uri.scheme === "sip" || uri.scheme === "sips";
}

/** The address with another user part; the password stays. `""` removes user and password. */
export function withUser(text: string, user: string): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined) return undefined;
  const scheme = text.slice(0, schemeEnd(uri));
  if (!isSip(uri)) {
    const rest = schemeEnd(uri) + uri.user.length;
    return user === "" ? undefined : scheme + user + text.slice(rest);
  }
  const host = text.slice(hostStart(uri));
  if (user === "") return scheme + host;
  const password = uri.password === "" ? "" : `:${uri.password}`;
  return `${scheme}${user}${password}@${host}`;
}

/** The address with another user part; a password goes with the old one unless `user` brings its own (`user:password`). */
export function withUserPassword(text: string, user: string): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined || !isSip(uri)) return undefined;
  const scheme = text.slice(0, schemeEnd(uri));
  const host = text.slice(hostStart(uri));
  return user === "" ? scheme + host : `${scheme}${user}@${host}`;
}

/** The address with another host; the port stays. */
export function withHost(text: string, host: string): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined || !isSip(uri)) return undefined;
  const start = hostStart(uri);
  return text.slice(0, start) + host + text.slice(start + uri.host.length);
}

/** The address with another host and port, given as `host` or `host:port`. */
export function withHostPort(text: string, hostPort: string): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined || !isSip(uri)) return undefined;
  return text.slice(0, hostStart(uri)) + hostPort + text.slice(hostPortEnd(uri));
}

/** The address with another port, as text; `""` removes it. */
export function withPort(text: string, port: string): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined || !isSip(uri)) return undefined;
  const end = hostStart(uri) + uri.host.length;
  return text.slice(0, end) + (port === "" ? "" : `:${port}`) + text.slice(hostPortEnd(uri));
}

/** The address with `;name` or `;name=value` put behind its parameters. */
export function withParam(text: string, param: string): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined) return undefined;
  const question = isSip(uri) ? text.indexOf("?", hostPortEnd(uri)) : -1;
  const end = question < 0 ? text.length : question;
  const separator = text.charCodeAt(end - 1) === 59 ? "" : ";";
  return text.slice(0, end) + separator + param + text.slice(end);
}

/** The address without the parameters of that name (any case). `undefined` if it has none. */
export function withoutParam(text: string, name: string): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined || uri.params === "") return undefined;
  const lower = name.toLowerCase();
  const all = uri.params.split(";");
  const kept = all.filter((param) => (param.split("=", 1)[0] ?? "").trim().toLowerCase() !== lower);
  if (kept.length === all.length) return undefined;
  const end = isSip(uri) ? hostPortEnd(uri) : text.indexOf(";");
  const headers = uri.headers === "" ? "" : `?${uri.headers}`;
  return text.slice(0, end) + (kept.length === 0 ? "" : `;${kept.join(";")}`) + headers;
}
