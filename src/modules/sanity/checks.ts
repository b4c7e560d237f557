/** The checks of a request, one small function each. */
import { parseAuth } from "../../sip/auth.ts";
import { equalsIgnoreCase } from "../../sip/chars.ts";
import { Header, type HeaderKind } from "../../sip/headers.ts";
import type { NameAddr } from "../../sip/name-addr.ts";
import type { SipMessage } from "../../sip/message.ts";

/** What is wrong, as it is answered; `unsupported` is the value of an Unsupported header. */
export interface Finding {
  readonly status: number;
  readonly reason: string;
  readonly unsupported?: string;
}

/** Numbers of the checks; a configuration adds them up. */
export const Check = {
  version: 1,
  scheme: 2,
  requiredHeaders: 4,
  cseqMethod: 32,
  cseqNumber: 64,
  contentLength: 128,
  expires: 256,
  proxyRequire: 512,
  uris: 1024,
  digest: 2048,
  repeatedTags: 4096,
  authorization: 8192,
  topVia: 16_384,
} as const;

/** Numbers of the URIs that `Check.uris` looks at. */
export const CheckedUri = { request: 1, from: 2, to: 4, contact: 8 } as const;

export interface CheckSettings {
  /** Sum of `CheckedUri`. */
  readonly uris: number;
  /** Option tags that may stand in Proxy-Require. */
  readonly supported: readonly string[];
}

export type CheckFunction = (msg: SipMessage, settings: CheckSettings) => Finding | undefined;

const bad = (reason: string): Finding => ({ status: 400, reason });

function version(msg: SipMessage): Finding | undefined {
  const isKnown = equalsIgnoreCase(msg.version, "SIP/2.0");
  return isKnown ? undefined : { status: 505, reason: "SIP Version Not Supported" };
}

function scheme(msg: SipMessage): Finding | undefined {
  return msg.uri === null ? bad("Request-URI Not Understood") : undefined;
}

/** RFC 3261, 8.1.1: the headers without which nothing can be done. */
function requiredHeaders(msg: SipMessage): Finding | undefined {
  const isThere =
    msg.find(Header.Via) >= 0 &&
    msg.find(Header.From) >= 0 &&
    msg.find(Header.To) >= 0 &&
    msg.find(Header.CSeq) >= 0 &&
    msg.find(Header.CallId) >= 0;
  return isThere ? undefined : bad("Required Header Missing");
}

function cseqMethod(msg: SipMessage): Finding | undefined {
  const i = msg.find(Header.CSeq);
  if (i < 0) return bad("No CSeq Header");
  const { cseq } = msg;
  // A number that cannot be read is the next check's business; the method is the last word of the value.
  const method = cseq ? cseq.method : (msg.headerValue(i).split(/\s+/).at(-1) ?? "");
  return method === msg.method ? undefined : bad("CSeq Method Differs From Request Method");
}

/** Whether a value is digits only. Its size does not matter here, as in Kamailio. */
function isNumber(text: string): boolean {
  return text.length > 0 && text.length < 11 && !/\D/.test(text);
}

function cseqNumber(msg: SipMessage): Finding | undefined {
  if (msg.cseq) return undefined;
  const value = msg.value(Header.CSeq);
  if (value === undefined) return bad("No CSeq Header");
  return isNumber(value.split(/\s/, 1)[0] ?? "") ? undefined : bad("CSeq Number Not Valid");
}

function contentLength(msg: SipMessage): Finding | undefined {
  const length = msg.contentLength;
  if (length === -1) return undefined;
  return msg.text.length - msg.bodyStart === length
    ? undefined
    : bad("Content-Length Does Not Match");
}

function expires(msg: SipMessage): Finding | undefined {
  const value = msg.value(Header.Expires);
  return value === undefined || isNumber(value) ? undefined : bad("Expires Value Not Valid");
}

function proxyRequire(msg: SipMessage, settings: CheckSettings): Finding | undefined {
  if (msg.find(Header.ProxyRequire) < 0) return undefined;
  const unknown = msg.proxyRequire.list.find(
    (tag) => !settings.supported.some((known) => equalsIgnoreCase(known, tag)),
  );
  return unknown === undefined
    ? undefined
    : { status: 420, reason: "Extension Not Supported", unsupported: unknown };
}

function addressFault(address: NameAddr | null | undefined, header: string): Finding | undefined {
  return address?.uri ? undefined : bad(`${header} Header Not Valid`);
}

function uris(msg: SipMessage, settings: CheckSettings): Finding | undefined {
  const chosen = settings.uris;
  if ((chosen & CheckedUri.request) !== 0 && msg.uri === null) {
    return bad("Request-URI Not Understood");
  }
  let fault = (chosen & CheckedUri.from) !== 0 ? addressFault(msg.from, "From") : undefined;
  if ((chosen & CheckedUri.to) !== 0) fault ??= addressFault(msg.to, "To");
  if (fault !== undefined || (chosen & CheckedUri.contact) === 0) return fault;
  const { contacts } = msg;
  if (contacts === null) return bad("Contact Header Not Valid");
  const isBad = contacts?.list.some((contact) => contact.uri === null) === true;
  return isBad ? bad("Contact URI Not Valid") : undefined;
}

/** RFC 7616, 3.4: what digest credentials must have. `strict`: credentials of another scheme are a fault. */
function credentialsFault(msg: SipMessage, kind: HeaderKind, strict: boolean): Finding | undefined {
  for (const value of msg.values(kind)) {
    const credentials = parseAuth(value);
    if (!credentials?.isDigest) {
      if (strict || credentials === undefined) return bad("Credentials Not Understood");
      continue;
    }
    if (credentials.param("username") === undefined) return bad("Credentials Incomplete");
    if (credentials.username === "") return bad("Credentials Without User");
    const { realm, nonce, uri, response } = credentials;
    if (realm === "" || nonce === "" || uri === "" || response === "") {
      return bad("Credentials Incomplete");
    }
  }
  return undefined;
}

function digest(msg: SipMessage): Finding | undefined {
  return (
    credentialsFault(msg, Header.Authorization, true) ??
    credentialsFault(msg, Header.ProxyAuthorization, true)
  );
}

function authorization(msg: SipMessage): Finding | undefined {
  return credentialsFault(msg, Header.Authorization, false);
}

function hasRepeatedTag(address: NameAddr | null | undefined): boolean {
  if (!address) return false;
  const names = address.params.split(";").map((param) => (param.split("=", 1)[0] ?? "").trim());
  return names.filter((name) => equalsIgnoreCase(name, "tag")).length > 1;
}

function repeatedTags(msg: SipMessage): Finding | undefined {
  if (hasRepeatedTag(msg.from)) return bad("More Than One From Tag");
  return hasRepeatedTag(msg.to) ? bad("More Than One To Tag") : undefined;
}

function topVia(msg: SipMessage): Finding | undefined {
  return msg.via && msg.via.host !== "" ? undefined : bad("Via Header Not Valid");
}

/** In the order in which they are made. */
const CHECKS: readonly (readonly [number, CheckFunction])[] = [
  [Check.topVia, topVia],
  [Check.version, version],
  [Check.scheme, scheme],
  [Check.requiredHeaders, requiredHeaders],
  [Check.cseqMethod, cseqMethod],
  [Check.cseqNumber, cseqNumber],
  [Check.contentLength, contentLength],
  [Check.expires, expires],
  [Check.proxyRequire, proxyRequire],
  [Check.uris, uris],
  [Check.digest, digest],
  [Check.repeatedTags, repeatedTags],
  [Check.authorization, authorization],
];

/** The checks that a sum of numbers means, in their order. */
export function checksOf(sum: number): readonly CheckFunction[] {
  return CHECKS.filter(([number]) => (sum & number) !== 0).map(([, check]) => check);
}

/** The first fault that the checks find. */
export function findFault(
  msg: SipMessage,
  checks: readonly CheckFunction[],
  settings: CheckSettings,
): Finding | undefined {
  for (let i = 0; i < checks.length; i++) {
    const finding = (checks[i] as CheckFunction)(msg, settings);
    if (finding !== undefined) return finding;
  }
  return undefined;
}
