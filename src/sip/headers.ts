/** The header fields that the engine knows by kind, with their compact forms, and the search by name. */
/** Kinds of header fields; `Other` stands for every name that is not in this list. */
export const Header = {
  Other: 0,
  Via: 1,
  From: 2,
  To: 3,
  CallId: 4,
  CSeq: 5,
  MaxForwards: 6,
  Contact: 7,
  Route: 8,
  RecordRoute: 9,
  ContentLength: 10,
  ContentType: 11,
  Expires: 12,
  Event: 13,
  Path: 14,
  Authorization: 15,
  ProxyAuthorization: 16,
  WwwAuthenticate: 17,
  ProxyAuthenticate: 18,
  Supported: 19,
  Require: 20,
  ProxyRequire: 21,
  Allow: 22,
  UserAgent: 23,
  Server: 24,
  SubscriptionState: 25,
  AllowEvents: 26,
  SipEtag: 27,
  SipIfMatch: 28,
  MinExpires: 29,
  RetryAfter: 30,
  RSeq: 31,
  RAck: 32,
  Date: 33,
  Unsupported: 34,
  Warning: 35,
  Accept: 36,
  AcceptEncoding: 37,
  AcceptLanguage: 38,
  AlertInfo: 39,
  AuthenticationInfo: 40,
  CallInfo: 41,
  ContentDisposition: 42,
  ContentEncoding: 43,
  ContentLanguage: 44,
  ErrorInfo: 45,
  InReplyTo: 46,
  MimeVersion: 47,
  Organization: 48,
  Priority: 49,
  ReplyTo: 50,
  Subject: 51,
  Timestamp: 52,
  SessionExpires: 53,
  MinSe: 54,
  ReferTo: 55,
  ReferredBy: 56,
  Replaces: 57,
  ReferSub: 58,
  Join: 59,
  Diversion: 60,
  RemotePartyId: 61,
  PAssertedIdentity: 62,
  PPreferredIdentity: 63,
  Privacy: 64,
  ServiceRoute: 65,
  Reason: 66,
  RequestDisposition: 67,
  AcceptContact: 68,
  RejectContact: 69,
  Identity: 70,
  IdentityInfo: 71,
  HistoryInfo: 72,
  SuppressIfMatch: 73,
  FlowTimer: 74,
  PAccessNetworkInfo: 75,
  PVisitedNetworkId: 76,
  PAssociatedUri: 77,
  PCalledPartyId: 78,
  PChargingVector: 79,
} as const;

/** One of the numbers in `Header`. */
export type HeaderKind = (typeof Header)[keyof typeof Header];

/** Canonical names by kind, each followed by its compact form where there is one. */
const NAMES: readonly (readonly string[])[] = [
  [""],
  ["Via", "v"],
  ["From", "f"],
  ["To", "t"],
  ["Call-ID", "i"],
  ["CSeq"],
  ["Max-Forwards"],
  ["Contact", "m"],
  ["Route"],
  ["Record-Route"],
  ["Content-Length", "l"],
  ["Content-Type", "c"],
  ["Expires"],
  ["Event", "o"],
  ["Path"],
  ["Authorization"],
  ["Proxy-Authorization"],
  ["WWW-Authenticate"],
  ["Proxy-Authenticate"],
  ["Supported", "k"],
  ["Require"],
  ["Proxy-Require"],
  ["Allow"],
  ["User-Agent"],
  ["Server"],
  ["Subscription-State"],
  ["Allow-Events", "u"],
  ["SIP-ETag"],
  ["SIP-If-Match"],
  ["Min-Expires"],
  ["Retry-After"],
  ["RSeq"],
  ["RAck"],
  ["Date"],
  ["Unsupported"],
  ["Warning"],
  ["Accept"],
  ["Accept-Encoding"],
  ["Accept-Language"],
  ["Alert-Info"],
  ["Authentication-Info"],
  ["Call-Info"],
  ["Content-Disposition"],
  ["Content-Encoding", "e"],
  ["Content-Language"],
  ["Error-Info"],
  ["In-Reply-To"],
  ["MIME-Version"],
  ["Organization"],
  ["Priority"],
  ["Reply-To"],
  ["Subject", "s"],
  ["Timestamp"],
  ["Session-Expires", "x"],
  ["Min-SE"],
  ["Refer-To", "r"],
  ["Referred-By", "b"],
  ["Replaces"],
  ["Refer-Sub"],
  ["Join"],
  ["Diversion"],
  ["Remote-Party-ID"],
  ["P-Asserted-Identity"],
  ["P-Preferred-Identity"],
  ["Privacy"],
  ["Service-Route"],
  ["Reason"],
  ["Request-Disposition", "d"],
  ["Accept-Contact", "a"],
  ["Reject-Contact", "j"],
  ["Identity", "y"],
  ["Identity-Info", "n"],
  ["History-Info"],
  ["Suppress-If-Match"],
  ["Flow-Timer"],
  ["P-Access-Network-Info"],
  ["P-Visited-Network-ID"],
  ["P-Associated-URI"],
  ["P-Called-Party-ID"],
  ["P-Charging-Vector"],
];

const LONGEST = 21;

/** A name in lower case as character codes: comparing with these is faster than with a string. */
export class HeaderName {
  readonly codes: Uint8Array;
  readonly kind: HeaderKind;

  constructor(name: string, kind: HeaderKind) {
    this.codes = Uint8Array.from(name, (char) => char.charCodeAt(0));
    this.kind = kind;
  }
}

/** Names by first letter, and by length and first letter, so that a look-up leaves few to compare. */
function nameTables(): { readonly byLetter: HeaderName[][]; readonly byLength: HeaderName[][] } {
  const byLetter: HeaderName[][] = Array.from({ length: 32 }, () => []);
  const byLength: HeaderName[][] = Array.from({ length: (LONGEST + 1) * 32 }, () => []);
  NAMES.forEach((names, kind) => {
    for (const name of names) {
      if (name === "") continue;
      const lower = name.toLowerCase();
      const letter = lower.charCodeAt(0) & 31;
      const known = new HeaderName(lower, kind as HeaderKind);
      (byLetter[letter] as HeaderName[]).push(known);
      (byLength[lower.length * 32 + letter] as HeaderName[]).push(known);
    }
  });
  return { byLetter, byLength };
}

const TABLES = nameTables();
const BY_LETTER: readonly (readonly HeaderName[])[] = TABLES.byLetter;
const BY_LENGTH: readonly (readonly HeaderName[])[] = TABLES.byLength;

function isAt(text: string, start: number, codes: Uint8Array): boolean {
  for (let i = 0; i < codes.length; i++) {
    const c = text.charCodeAt(start + i);
    // Names have letters and hyphens only: setting one bit makes a letter lower case and leaves a hyphen,
    // but it also makes a hyphen of a CR.
    if ((c | 32) !== codes[i] || c === 13) return false;
  }
  return true;
}

/** The name that stands at `start` with a colon right behind it, as nearly all do; null: look closer. */
export function nameBeforeColon(text: string, start: number): HeaderName | null {
  const names = BY_LETTER[text.charCodeAt(start) & 31] as readonly HeaderName[];
  for (let i = 0; i < names.length; i++) {
    const { codes } = names[i] as HeaderName;
    if (text.charCodeAt(start + codes.length) === 58 && isAt(text, start, codes)) {
      return names[i] as HeaderName;
    }
  }
  return null;
}

/** Kind of the header field whose name is in this range of the text; knows compact forms. */
export function headerKindAt(text: string, start: number, end: number): HeaderKind {
  const length = end - start;
  if (length < 1 || length > LONGEST) return Header.Other;
  const names = BY_LENGTH[length * 32 + (text.charCodeAt(start) & 31)] as readonly HeaderName[];
  for (let i = 0; i < names.length; i++) {
    const { codes, kind } = names[i] as HeaderName;
    if (isAt(text, start, codes)) return kind;
  }
  return Header.Other;
}

/** Kind of the header field of this name: full or compact, any case. */
export function headerKind(name: string): HeaderKind {
  return headerKindAt(name, 0, name.length);
}

/** The name as the standards spell it, `""` for `Header.Other`. */
export function headerNameOf(kind: HeaderKind): string {
  return (NAMES[kind] as readonly string[])[0] as string;
}

/** The compact form (RFC 3261, 7.3.3) of a header field, `""` if it has none. */
export function compactNameOf(kind: HeaderKind): string {
  return (NAMES[kind] as readonly string[])[1] ?? "";
}
