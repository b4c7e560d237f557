/** A received message: its text, the table of its headers, and the headers read when they are first asked for. */
import { lowerAscii, tokenEnd, trimStart } from "./chars.ts";
import { Contact, type Contacts, isStar } from "./contact.ts";
import { type CSeq, parseCSeq, parseNumber, parseRAck, type RAck } from "./cseq.ts";
import { parseDate, parseRetryAfter, type RetryAfter } from "./dates.ts";
import {
  type EventPackage,
  parseEvent,
  parseSubscriptionState,
  type SubscriptionState,
} from "./event.ts";
import { HeaderTable } from "./header-table.ts";
import { Header, type HeaderKind } from "./headers.ts";
import { collectNameAddrs, NameAddr, readNameAddr } from "./name-addr.ts";
import { collectTokens, listItemEnd, TokenSet } from "./params.ts";
import { parseUriAt, type SipUri } from "./uri.ts";
import { parseVia, type Via } from "./via.ts";

/** A header read once: `undefined` not there, `null` there but malformed. */
export type Read<T> = T | null | undefined;

/** A message, or what is wrong with it and the status that would fit as an answer. */
export type ParseResult =
  | { readonly ok: true; readonly message: SipMessage }
  | {
      readonly ok: false;
      readonly problem: MessageProblem;
      readonly status: number;
      readonly message?: SipMessage;
    };

/** Why a datagram is not a message. */
export type MessageProblem =
  | "empty"
  | "bad-first-line"
  | "bad-version"
  | "bad-status"
  | "no-via"
  | "bad-via";

const UNREAD = Symbol("unread");
type Lazy<T> = T | null | undefined | typeof UNREAD;

/**
 * A request or reply. Getters answer `undefined` when the header is not there and `null` when it is there but
 * malformed; number getters answer -1 and -2, text getters `""`.
 */
export class SipMessage extends HeaderTable {
  /** What `transactionKey()` has worked out. */
  transactionKey: string | undefined = undefined;
  private topVia: Lazy<Via> = UNREAD;
  private nextVia: Lazy<Via> = UNREAD;
  private fromAddress: Lazy<NameAddr> = UNREAD;
  private toAddress: Lazy<NameAddr> = UNREAD;
  private sequence: Lazy<CSeq> = UNREAD;
  private callIdText: string | undefined = undefined;
  private contactList: Lazy<Contacts> = UNREAD;
  private routeList: Lazy<NameAddr[]> = UNREAD;
  private recordRouteList: Lazy<NameAddr[]> = UNREAD;
  private parsedUri: Lazy<SipUri> = UNREAD;
  private eventPackage: Lazy<EventPackage> = UNREAD;

  // Written out, it is put in place by the compiler; the default one is called.
  // oxlint-disable-next-line no-useless-constructor
  constructor(text: string) {
    super(text);
  }

  /** Reads a message; use `parseMessage`. */
  static read(text: string): ParseResult {
    const message = new SipMessage(text);
    const problem = message.scan() as MessageProblem | "";
    if (problem !== "")
      return { ok: false, problem, status: problem === "bad-version" ? 505 : 400 };
    const via = message.via;
    if (via) return { ok: true, message };
    return { ok: false, problem: via === null ? "bad-via" : "no-via", status: 400, message };
  }

  /** Topmost Via value. */
  get via(): Read<Via> {
    if (this.topVia === UNREAD) this.topVia = this.readVia(this.find(Header.Via));
    return this.topVia;
  }

  /** The Via value below the topmost one, on the same line or the next. */
  get secondVia(): Read<Via> {
    if (this.nextVia === UNREAD) {
      const top = this.via;
      const first = this.find(Header.Via);
      const rest = top ? this.viaRest(top, first) : -1;
      this.nextVia =
        rest >= 0
          ? (parseVia(this.text, rest, this.valueEnd(first)) ?? null)
          : this.readVia(first < 0 ? -1 : this.findNext(Header.Via, first));
    }
    return this.nextVia;
  }

  /** All Via values, topmost first; ends before the first malformed one. */
  vias(): Via[] {
    const list: Via[] = [];
    for (let i = this.find(Header.Via); i >= 0; i = this.findNext(Header.Via, i)) {
      let start = this.valueStart(i);
      while (start >= 0) {
        const via = parseVia(this.text, start, this.valueEnd(i));
        if (via === undefined) return list;
        list.push(via);
        start = this.viaRest(via, i);
      }
    }
    return list;
  }

  private readVia(index: number): Read<Via> {
    if (index < 0) return undefined;
    return parseVia(this.text, this.valueStart(index), this.valueEnd(index)) ?? null;
  }

  /** Offset behind the comma after a Via value, -1 if it is the last one of its line. */
  private viaRest(via: Via, index: number): number {
    const end = this.valueEnd(index);
    const comma = trimStart(this.text, via.end, end);
    if (comma >= end || this.text.charCodeAt(comma) !== 44) return -1;
    return trimStart(this.text, comma + 1, end) < end ? comma + 1 : -1;
  }

  get from(): Read<NameAddr> {
    if (this.fromAddress === UNREAD) this.fromAddress = this.readAddress(Header.From);
    return this.fromAddress;
  }

  get to(): Read<NameAddr> {
    if (this.toAddress === UNREAD) this.toAddress = this.readAddress(Header.To);
    return this.toAddress;
  }

  private readAddress(kind: HeaderKind): Read<NameAddr> {
    const i = this.find(kind);
    if (i < 0) return undefined;
    return readNameAddr(NameAddr, this.text, this.valueStart(i), this.valueEnd(i)) ?? null;
  }

  /** Address in another header, such as Refer-To or P-Asserted-Identity (its first value). */
  address(kind: HeaderKind): Read<NameAddr> {
    const i = this.find(kind);
    if (i < 0) return undefined;
    const start = this.valueStart(i);
    const end = listItemEnd(this.text, start, this.valueEnd(i));
    return readNameAddr(NameAddr, this.text, start, end) ?? null;
  }

  get fromTag(): string {
    return this.from?.tag ?? "";
  }

  get toTag(): string {
    return this.to?.tag ?? "";
  }

  get callId(): string {
    this.callIdText ??= this.value(Header.CallId) ?? "";
    return this.callIdText;
  }

  get cseq(): Read<CSeq> {
    if (this.sequence === UNREAD) {
      const i = this.find(Header.CSeq);
      this.sequence =
        i < 0 ? undefined : (parseCSeq(this.text, this.valueStart(i), this.valueEnd(i)) ?? null);
    }
    return this.sequence;
  }

  get cseqNumber(): number {
    const cseq = this.cseq;
    if (cseq) return cseq.number;
    return cseq === null ? -2 : -1;
  }

  get cseqMethod(): string {
    return this.cseq?.method ?? "";
  }

  /** Number of a header: -1 not there, -2 malformed or above 32 bits. */
  number(kind: HeaderKind): number {
    const i = this.find(kind);
    if (i < 0) return -1;
    const value = parseNumber(this.text, this.valueStart(i), this.valueEnd(i));
    return value < 0 ? -2 : value;
  }

  get maxForwards(): number {
    return this.number(Header.MaxForwards);
  }

  get contentLength(): number {
    return this.number(Header.ContentLength);
  }

  /** Seconds. */
  get expires(): number {
    return this.number(Header.Expires);
  }

  /** Seconds. */
  get minExpires(): number {
    return this.number(Header.MinExpires);
  }

  get rseq(): number {
    return this.number(Header.RSeq);
  }

  get rack(): Read<RAck> {
    const value = this.value(Header.RAck);
    return value === undefined ? undefined : (parseRAck(value) ?? null);
  }

  get event(): Read<EventPackage> {
    if (this.eventPackage === UNREAD) {
      const value = this.value(Header.Event);
      this.eventPackage = value === undefined ? undefined : (parseEvent(value) ?? null);
    }
    return this.eventPackage;
  }

  get subscriptionState(): Read<SubscriptionState> {
    const value = this.value(Header.SubscriptionState);
    return value === undefined ? undefined : (parseSubscriptionState(value) ?? null);
  }

  /** Seconds since 1970. */
  get date(): Read<number> {
    const value = this.value(Header.Date);
    return value === undefined ? undefined : (parseDate(value) ?? null);
  }

  get retryAfter(): Read<RetryAfter> {
    const value = this.value(Header.RetryAfter);
    return value === undefined ? undefined : (parseRetryAfter(value) ?? null);
  }

  get sipEtag(): string {
    return this.value(Header.SipEtag) ?? "";
  }

  get sipIfMatch(): string {
    return this.value(Header.SipIfMatch) ?? "";
  }

  /** Content-Type as written, with parameters. */
  get contentType(): string {
    return this.value(Header.ContentType) ?? "";
  }

  /** Content-Type in lower case, without parameters and white space: `application/sdp`. */
  get mediaType(): string {
    const value = this.contentType;
    const end = value.length;
    const typeEnd = tokenEnd(value, 0, end);
    const slash = trimStart(value, typeEnd, end);
    if (typeEnd === 0 || value.charCodeAt(slash) !== 47) return "";
    const start = trimStart(value, slash + 1, end);
    const subtype = value.slice(start, tokenEnd(value, start, end));
    return subtype === "" ? "" : lowerAscii(`${value.slice(0, typeEnd)}/${subtype}`);
  }

  /** All that came behind the empty line, whatever Content-Length says (as Kamailio). */
  get body(): string {
    return this.text.slice(this.bodyStart);
  }

  /** Contacts of all Contact headers; `*` beside others is malformed. */
  get contacts(): Read<Contacts> {
    if (this.contactList === UNREAD) this.contactList = this.readContacts();
    return this.contactList;
  }

  private readContacts(): Read<Contacts> {
    const list: Contact[] = [];
    let stars = 0;
    let lines = 0;
    for (let i = this.find(Header.Contact); i >= 0; i = this.findNext(Header.Contact, i)) {
      const start = this.valueStart(i);
      const end = this.valueEnd(i);
      lines++;
      if (isStar(this.text, start, end)) stars++;
      else if (!collectNameAddrs(Contact, list, this.text, { start, end })) return null;
    }
    if (lines === 0) return undefined;
    if (stars > 0 && lines > 1) return null;
    return { star: stars > 0, list };
  }

  /** All values of all Route headers; `null` if one is malformed. */
  get routes(): NameAddr[] | null {
    if (this.routeList === UNREAD) this.routeList = this.addresses(Header.Route);
    return this.routeList ?? null;
  }

  /** All values of all Record-Route headers; `null` if one is malformed. */
  get recordRoutes(): NameAddr[] | null {
    if (this.recordRouteList === UNREAD) this.recordRouteList = this.addresses(Header.RecordRoute);
    return this.recordRouteList ?? null;
  }

  /** All values of all Path headers (RFC 3327); `null` if one is malformed. */
  get paths(): NameAddr[] | null {
    return this.addresses(Header.Path);
  }

  /** All addresses of all headers of a kind, `[]` without any, `null` if one is malformed. */
  addresses(kind: HeaderKind): NameAddr[] | null {
    const list: NameAddr[] = [];
    for (let i = this.find(kind); i >= 0; i = this.findNext(kind, i)) {
      const range = { start: this.valueStart(i), end: this.valueEnd(i) };
      if (!collectNameAddrs(NameAddr, list, this.text, range)) return null;
    }
    return list;
  }

  /** Tokens of all headers of a kind, without their parameters. */
  tokens(kind: HeaderKind): TokenSet {
    const list: string[] = [];
    for (let i = this.find(kind); i >= 0; i = this.findNext(kind, i)) {
      collectTokens(list, this.text, this.valueStart(i), this.valueEnd(i));
    }
    return new TokenSet(list);
  }

  get supported(): TokenSet {
    return this.tokens(Header.Supported);
  }

  get require(): TokenSet {
    return this.tokens(Header.Require);
  }

  get proxyRequire(): TokenSet {
    return this.tokens(Header.ProxyRequire);
  }

  get allow(): TokenSet {
    return this.tokens(Header.Allow);
  }

  get allowEvents(): TokenSet {
    return this.tokens(Header.AllowEvents);
  }

  /** Request-URI in its parts, `null` if it cannot be read or this is a reply. */
  get uri(): SipUri | null {
    if (this.parsedUri === UNREAD) {
      const { text, requestUriStart, requestUriEnd } = this;
      this.parsedUri = parseUriAt(text, requestUriStart, requestUriEnd) ?? null;
    }
    return this.parsedUri ?? null;
  }
}

/**
 * Finds the parts of a message. First line and topmost Via must be readable, everything else is read when asked for (as
 * Kamailio, which drops what fails here without an answer).
 */
export function parseMessage(text: string): ParseResult {
  return SipMessage.read(text);
}

/** Whether a datagram only keeps a binding open: nothing but line ends or NULs (RFC 5626, 3.5.1). */
export function isKeepalive(text: string): boolean {
  if (text.length > 64) return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c !== 13 && c !== 10 && c !== 0 && c !== 32 && c !== 9) return false;
  }
  return true;
}
