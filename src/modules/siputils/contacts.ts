/** Contacts rewritten in place: the parts of their URI in the user part or in a parameter, and back. */
import { Header } from "../../sip/headers.ts";
import { withoutParam } from "../../sip/uri-rewrite.ts";
import { parseUri } from "../../sip/uri.ts";
import type { ScriptContext } from "../../runtime/context.ts";

/** Puts another URI in the place of that of each contact. -1 when there is none or one cannot be rewritten. */
export function rewriteContacts(
  context: ScriptContext,
  rewrite: (uri: string) => string | undefined,
): number {
  const { msg } = context;
  const { contacts } = msg;
  if (msg.find(Header.Contact) < 0 || !contacts) return -1;
  if (contacts.star) return 1;
  for (const contact of contacts.list) {
    const uri = rewrite(contact.uriText);
    if (uri === undefined) return -1;
    if (uri !== contact.uriText) context.edits.replace(contact.uriStart, contact.uriEnd, uri);
  }
  return 1;
}

/** `sip:prefix*user*password*host*port*transport@host`; other parameters are lost. */
export function encodeUri(
  text: string,
  separator: string,
  prefix: string,
  host: string,
): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined || uri.host === "") return undefined;
  const port = uri.port === 0 ? "" : String(uri.port);
  const parts = [prefix, uri.user, uri.password, uri.host, port, uri.transport ?? ""];
  return `sip:${parts.join(separator)}@${host}`;
}

/** What `encodeUri` was given. */
export function decodeUri(text: string, separator: string): string | undefined {
  const uri = parseUri(text);
  const parts = uri?.user.split(separator) ?? [];
  if (parts.length !== 6) return undefined;
  const [, user, password, host, port, transport] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (host === "") return undefined;
  const secret = password === "" ? "" : `:${password}`;
  const userInfo = user === "" ? "" : `${user}${secret}@`;
  return `sip:${userInfo}${host}${port === "" ? "" : `:${port}`}${transport === "" ? "" : `;transport=${transport}`}`;
}

/** A URI of ours with the given one in a parameter, in base64 for URLs without padding. */
export function encodeInParam(text: string, name: string, own: string): string {
  return `${own};${name}=${Buffer.from(text, "latin1").toString("base64url")}`;
}

/** The URI in the parameter; undefined when it is not there or holds none. */
export function decodeFromParam(text: string, name: string): string | undefined {
  const value = parseUri(text)?.param(name);
  if (!value || !/^[A-Za-z0-9_=-]+$/.test(value)) return undefined;
  // Kamailio pads with dashes where it pads.
  const decoded = Buffer.from(value.replace(/[-=]{1,2}$/, ""), "base64url").toString("latin1");
  return parseUri(decoded) === undefined ? undefined : decoded;
}

/** The URI without a parameter, or as it is. */
export function dropParam(text: string, name: string): string {
  return withoutParam(text, name) ?? text;
}
