/** Variables on addresses in headers: From, To, identities, diversion, credentials. */
import type { Value } from "../../dsl/value.ts";
import { parseAuth, type AuthParams } from "../../sip/auth.ts";
import { Header, type HeaderKind } from "../../sip/headers.ts";
import type { NameAddr } from "../../sip/name-addr.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { reads, readsAndWrites } from "../../runtime/module.ts";
import { refuse } from "./uri-variables.ts";

type AddressPart = (address: NameAddr) => Value;
type Find = (context: ScriptContext) => NameAddr | null | undefined;

const orNull = (text: string | undefined): Value => (text ? text : null);

const part = {
  uri: (a: NameAddr): Value => a.uriText,
  user: (a: NameAddr): Value => orNull(a.uri?.user),
  userLength: (a: NameAddr): Value => a.uri?.user.length ?? 0,
  domain: (a: NameAddr): Value => orNull(a.uri?.host),
  display: (a: NameAddr): Value => orNull(a.display),
  tag: (a: NameAddr): Value => orNull(a.tag),
} as const;

const fromOf: Find = (context) => context.msg.from;
const toOf: Find = (context) => context.msg.to;

function getter(find: Find, get: AddressPart): (context: ScriptContext) => Value {
  return (context) => {
    const address = find(context);
    return address ? get(address) : null;
  };
}

/** Replaces a range of the header, or puts text there. As Kamailio: the value read stays until the changes are applied. */
function edit(context: ScriptContext, start: number, end: number, text: string): void {
  if (start === end) context.edits.insert(start, text);
  else context.edits.replace(start, end, text);
}

function setsUri(find: Find, variable: string) {
  return (context: ScriptContext, value: Value): void => {
    const address = find(context);
    if (!address || typeof value !== "string") refuse(context, variable, "no text, or no header");
    else edit(context, address.uriStart, address.uriEnd, value);
  };
}

function setsUser(find: Find, variable: string) {
  return (context: ScriptContext, value: Value): void => {
    const address = find(context);
    const uri = address?.uri;
    if (!address || !uri || typeof value === "number") {
      refuse(context, variable, "it must be text, and the header readable");
      return;
    }
    const start = address.uriStart + uri.scheme.length + 1;
    if (uri.hasUser) edit(context, start, start + uri.user.length, value ?? "");
    else if (value) edit(context, start, start, `${value}@`);
  };
}

function setsDomain(find: Find, variable: string) {
  return (context: ScriptContext, value: Value): void => {
    const address = find(context);
    const uri = address?.uri;
    if (!address || !uri || uri.host === "" || typeof value !== "string") {
      refuse(context, variable, "it must be text, and the header readable");
      return;
    }
    const at = uri.hasUser ? uri.text.indexOf("@") + 1 : uri.scheme.length + 1;
    const start = address.uriStart + at;
    edit(context, start, start + uri.host.length, value);
  };
}

function setsDisplay(find: Find, variable: string) {
  return (context: ScriptContext, value: Value): void => {
    const address = find(context);
    if (!address || typeof value === "number") {
      refuse(context, variable, "it must be text, and the header readable");
      return;
    }
    const length = address.display.length;
    if (length > 0) edit(context, address.start, address.start + length, value ?? "");
    else if (value && address.isBracketed) edit(context, address.start, address.start, `${value} `);
  };
}

/** First address of a header of that kind. */
const headerAddress =
  (kind: HeaderKind): Find =>
  (context) =>
    context.msg.address(kind);

const identity = headerAddress(Header.PAssertedIdentity);
const preferred = headerAddress(Header.PPreferredIdentity);
const diversion = headerAddress(Header.Diversion);

const unquoted = (text: string | undefined): Value =>
  text === undefined ? null : text.startsWith('"') ? text.slice(1, -1) : text;

/** Credentials of a request: Proxy-Authorization before Authorization. */
function credentials(context: ScriptContext): AuthParams | undefined {
  const text =
    context.msg.value(Header.ProxyAuthorization) ?? context.msg.value(Header.Authorization);
  return text === undefined ? undefined : parseAuth(text);
}

function ofCredentials(get: (c: AuthParams) => Value) {
  return reads((context) => {
    const found = credentials(context);
    return found === undefined ? null : get(found);
  });
}

function usernamePart(username: string, domain: boolean): string {
  const at = username.indexOf("@");
  if (domain) return at < 0 ? "" : username.slice(at + 1);
  return at < 0 ? username : username.slice(0, at);
}

const param = (name: string) => ofCredentials((c) => c.param(name) ?? null);

const fromUri = readsAndWrites(getter(fromOf, part.uri), setsUri(fromOf, "$fu"));
const fromUser = readsAndWrites(getter(fromOf, part.user), setsUser(fromOf, "$fU"));
const fromDomain = readsAndWrites(getter(fromOf, part.domain), setsDomain(fromOf, "$fd"));
const toUri = readsAndWrites(getter(toOf, part.uri), setsUri(toOf, "$tu"));
const toUser = readsAndWrites(getter(toOf, part.user), setsUser(toOf, "$tU"));
const toDomain = readsAndWrites(getter(toOf, part.domain), setsDomain(toOf, "$td"));

export const addressVariables = {
  fu: fromUri,
  from: fromUri,
  fU: fromUser,
  "from.user": fromUser,
  fUl: reads(getter(fromOf, part.userLength)),
  fd: fromDomain,
  "from.domain": fromDomain,
  fn: readsAndWrites(getter(fromOf, part.display), setsDisplay(fromOf, "$fn")),
  ft: reads(getter(fromOf, part.tag)),
  tu: toUri,
  to: toUri,
  tU: toUser,
  "to.user": toUser,
  tUl: reads(getter(toOf, part.userLength)),
  td: toDomain,
  "to.domain": toDomain,
  tn: readsAndWrites(getter(toOf, part.display), setsDisplay(toOf, "$tn")),
  tt: reads(getter(toOf, part.tag)),
  ai: reads(getter(identity, part.uri)),
  pu: reads(getter(preferred, part.uri)),
  pU: reads(getter(preferred, part.user)),
  pd: reads(getter(preferred, part.domain)),
  pn: reads(getter(preferred, part.display)),
  re: reads(getter(headerAddress(Header.RemotePartyId), part.uri)),
  rt: reads(getter(headerAddress(Header.ReferTo), part.uri)),
  di: reads(getter(diversion, part.uri)),
  dir: reads(getter(diversion, (a) => unquoted(a.param("reason")))),
  dip: reads(getter(diversion, (a) => unquoted(a.param("privacy")))),
  dic: reads(getter(diversion, (a) => unquoted(a.param("counter")))),
  au: ofCredentials((c) => usernamePart(c.username, false)),
  ad: ofCredentials((c) => usernamePart(c.username, true)),
  aU: ofCredentials((c) => c.username),
  ar: ofCredentials((c) => c.realm),
  adu: ofCredentials((c) => c.uri),
  aa: param("algorithm"),
  ado: param("opaque"),
  adn: param("nonce"),
  adc: param("cnonce"),
  adr: param("response"),
  AU: reads(getter(fromOf, part.user)),
  Au: reads(
    getter(fromOf, (a) => (a.uri ? `${a.uri.hasUser ? `${a.uri.user}@` : ""}${a.uri.host}` : null)),
  ),
} as const;
