/** The texts of outgoing messages, made from received ones and their edits. */
import { flatText } from "./chars.ts";
import { MessageEdits } from "./edits.ts";
import { Header, type HeaderKind } from "./headers.ts";
import type { SipMessage } from "./message.ts";
import type { Via } from "./via.ts";

/** Where a message came from, as it has to show in its topmost Via. */
export interface ViaStamp {
  /** Value of received (RFC 3261, 18.2.1), `""` if it is not needed. */
  readonly received: string;
  /** Value of rport (RFC 3581, 4), 0 if it was not asked for. */
  readonly rport: number;
}

/** How a request is forwarded. */
export interface RequestOptions<C> {
  /** The own Via line without line end: `Via: SIP/2.0/UDP …;branch=…`. */
  readonly via: string;
  /** New Request-URI, the received one if not given. */
  readonly uri?: string | undefined;
  readonly stamp?: ViaStamp | undefined;
  /** New value of an existing Max-Forwards. */
  readonly maxForwards?: number | undefined;
  readonly edits?: MessageEdits<C> | undefined;
}

/**
 * Whether received has to be added: sent-by names another host than the one the message came from, rport was asked for,
 * or the sender itself put a received in (RFC 3261, 18.2.1; RFC 3581, 4). `address` is without brackets.
 */
export function needsReceived(via: Via, address: string): boolean {
  if (via.rport >= 0 || via.receivedStart >= 0) return true;
  const host = via.host;
  if (host.charCodeAt(0) === 91) return host.slice(1, -1).toLowerCase() !== address.toLowerCase();
  return host !== address;
}

/** Offset of the semicolon in front of a parameter that starts at `start`. */
function semicolonBefore(text: string, start: number): number {
  let i = start;
  while (i >= 0 && text.charCodeAt(i) !== 59) i--;
  return i;
}

/** Offset behind the blanks that start at `from`. */
function behindBlanks(via: Via, from: number): number {
  let i = from;
  while (i < via.end && (via.text.charCodeAt(i) === 32 || via.text.charCodeAt(i) === 9)) i++;
  return i;
}

/** Writes the port into the rport parameter; blanks behind one without value go (as Kamailio). */
function fillRport<C>(edits: MessageEdits<C>, via: Via, port: number): void {
  const end = via.rport > 0 ? via.rportEnd : behindBlanks(via, via.rportEnd);
  edits.replace(semicolonBefore(via.text, via.rportStart), end, `;rport=${port}`);
}

/** Writes received and rport into the Via of a message that is forwarded: in place, or behind sent-by. */
function stampVia<C>(edits: MessageEdits<C>, via: Via, stamp: ViaStamp): void {
  const hasRport = via.rportStart >= 0;
  const received = stamp.received === "" ? "" : `;received=${stamp.received}`;
  const added = (stamp.rport > 0 && !hasRport ? `;rport=${stamp.rport}` : "") + received;
  const inPlace = received !== "" && via.receivedStart >= 0;
  // What is added comes in front of a parameter that is rewritten at the same place.
  if (added !== "" && !inPlace) edits.insert(via.paramsStart, added);
  if (stamp.rport > 0 && hasRport) fillRport(edits, via, stamp.rport);
  if (inPlace) {
    edits.replace(semicolonBefore(via.text, via.receivedStart), via.receivedEnd, added);
  }
}

/** Header name with which a missing or changed Content-Length is written. */
const CONTENT_LENGTH = "Content-Length: ";

/** Sets Content-Length to the length of the body: in place, or behind all headers if it is not there. */
function setContentLength<C>(edits: MessageEdits<C>, message: SipMessage, length: number): void {
  const index = message.find(Header.ContentLength);
  if (index >= 0 && !edits.isHeaderRemoved(message, index)) {
    edits.replaceValue(message, index, String(length));
  } else {
    edits.appendHeader(message, `${CONTENT_LENGTH}${length}\r\n`);
  }
}

/** Head and body of a message with its edits; Content-Length is corrected if the body changes. */
function assemble<C>(
  message: SipMessage,
  edits: MessageEdits<C>,
  from: number,
  context: C,
): string {
  const text = message.text;
  if (!edits.changesBody(message.bodyStart)) {
    const head = edits.applyRange(text, from, message.bodyStart, context);
    return message.bodyStart < text.length ? head + text.slice(message.bodyStart) : head;
  }
  const body = edits.applyBody(message, context);
  setContentLength(edits, message, body.length);
  return edits.applyRange(text, from, message.bodyStart, context) + body;
}

/** A request as it goes out on one branch (RFC 3261, 16.6). The edits given are not changed. */
export function buildRequest<C>(
  message: SipMessage,
  options: RequestOptions<C>,
  context: C,
): string {
  const edits = options.edits === undefined ? new MessageEdits<C>() : options.edits.clone();
  const viaIndex = message.find(Header.Via);
  const via = message.via;
  const at = viaIndex < 0 ? message.firstLineEnd : message.headerStart(viaIndex);
  edits.insert(at, `${options.via}\r\n`);
  if (via && options.stamp !== undefined) stampVia(edits, via, options.stamp);
  if (options.maxForwards !== undefined) {
    const index = message.find(Header.MaxForwards);
    if (index >= 0) edits.replaceValue(message, index, String(options.maxForwards));
  }
  const text = message.text;
  const uri = options.uri ?? message.requestUri;
  const head = `${text.slice(message.firstLineStart, message.requestUriStart)}${uri}`;
  return head + assemble(message, edits, message.requestUriEnd, context);
}

/** A reply as it goes back: without the topmost Via (RFC 3261, 16.7). The edits given are not changed. */
export function buildForwardedReply<C>(
  message: SipMessage,
  edits: MessageEdits<C> | undefined,
  context: C,
): string {
  const work = edits === undefined ? new MessageEdits<C>() : edits.clone();
  const index = message.find(Header.Via);
  const via = message.via;
  if (via) {
    const next = message.secondVia;
    if (next && next.start < message.headerEnd(index)) work.remove(via.start, next.start);
    else work.removeHeader(message, index);
  }
  return assemble(message, work, message.firstLineStart, context);
}

/** The whole text with the edits in it, nothing else added: for msg_apply_changes; to be parsed again. */
export function applyEdits<C>(message: SipMessage, edits: MessageEdits<C>, context: C): string {
  return assemble(message, edits.clone(), message.firstLineStart, context);
}

/** How replies end whose body is empty. */
const NO_BODY = "Content-Length: 0\r\n\r\n";

/** The line that names the server, with what it makes of the end of replies without a body: made once, not for each of them. */
export class ServerLine {
  /** With its line end; "" when there is no such line. */
  readonly text: string;
  readonly end: string;

  /** `line`: the whole header without its line end, "" for none. */
  constructor(line: string) {
    this.text = line === "" ? "" : `${line}\r\n`;
    this.end = flatText(this.text + NO_BODY);
  }
}

/** A reply that the engine itself gives. Header texts are without line ends unless it says otherwise. */
export interface ReplyOptions {
  readonly status: number;
  readonly reason: string;
  /** Tag for a To without one; from status 180 on (RFC 3261, 8.2.6.2). */
  readonly toTag?: string | undefined;
  readonly stamp?: ViaStamp | undefined;
  /** Further header lines, each with its line end. */
  readonly headers?: string | undefined;
  readonly server?: ServerLine | undefined;
  /** Whole header line `Warning: …`. */
  readonly warning?: string | undefined;
  readonly body?: string | undefined;
}

/**
 * The topmost Via with rport in its place and received behind the value, without the rest of the line. Departs from Kamailio, which
 * leaves an old received in, and adds its own behind the last value of the line.
 */
function stampedVia(message: SipMessage, index: number, stamp: ViaStamp): string {
  const via = message.via as Via;
  if (via.receivedStart < 0) return plainStampedVia(message, index, stamp);
  const edits = new MessageEdits();
  let added = "";
  if (stamp.rport > 0) {
    if (via.rportStart < 0) added = `;rport=${stamp.rport}`;
    else fillRport(edits, via, stamp.rport);
  }
  if (stamp.received !== "") {
    const end = behindBlanks(via, via.receivedEnd);
    edits.remove(semicolonBefore(via.text, via.receivedStart), end);
    added += `;received=${stamp.received}`;
  }
  return edits.applyRange(message.text, message.headerStart(index), via.end, undefined) + added;
}

/** The same where no received is to be taken out. */
function plainStampedVia(message: SipMessage, index: number, stamp: ViaStamp): string {
  const via = message.via as Via;
  const { text } = via;
  const start = message.headerStart(index);
  const received = stamp.received === "" ? "" : `;received=${stamp.received}`;
  if (stamp.rport === 0) return text.slice(start, via.end) + received;
  const rport = `;rport=${stamp.rport}`;
  if (via.rportStart < 0) return text.slice(start, via.end) + rport + received;
  const stop = via.rport > 0 ? via.rportEnd : behindBlanks(via, via.rportEnd);
  const before = text.slice(start, semicolonBefore(text, via.rportStart));
  if (stop === via.end) return before + rport + received;
  return before + rport + text.slice(stop, via.end) + received;
}

/** Offset behind the value of the To line. As Kamailio: blanks at the end of the line stay in front of a tag. */
function taggedAt(message: SipMessage, index: number): number {
  const stop = message.headerEnd(index);
  return message.text.charCodeAt(stop - 2) === 13 ? stop - 2 : stop - 1;
}

/**
 * A reply to a request (RFC 3261, 8.2.6.2): Via, From, To, Call-ID and CSeq in the order of the request,
 * Record-Route from 180 to 299 (12.1.1), then the further headers.
 */
export function buildReply(request: SipMessage, options: ReplyOptions): string {
  const { headers, server, warning } = options;
  let out = statusLine(options.status, options.reason) + copiedHeaders(request, options);
  if (headers !== undefined && headers !== "") out += headers;
  const body = options.body ?? "";
  if (body === "" && warning === undefined) return out + (server?.end ?? NO_BODY);
  out += `${server?.text ?? ""}${CONTENT_LENGTH}${body.length}\r\n`;
  if (warning !== undefined) out += `${warning}\r\n`;
  return `${out}\r\n${body}`;
}

/** Each piece that a text is put together from costs some 25 ns; this line is the most frequent one. */
function statusLine(status: number, reason: string): string {
  if (status === 200 && reason === "OK") return "SIP/2.0 200 OK\r\n";
  return `SIP/2.0 ${status} ${reason}\r\n`;
}

/** The lines of the request that its reply repeats. What stands side by side is cut out in one piece. */
// One loop that carries the piece along: parts of it would hand five values to and fro.
// oxlint-disable-next-line complexity
function copiedHeaders(request: SipMessage, options: ReplyOptions): string {
  const { text } = request;
  const { status } = options;
  const routes = status >= 180 && status < 300;
  let out = "";
  // The piece that is cut out next.
  let from = 0;
  let to = 0;
  let stamp = request.via ? options.stamp : undefined;
  let tag = status >= 180 && request.toTag === "" ? options.toTag : undefined;
  const count = request.headerCount;
  for (let i = 0; i < count; i++) {
    const kind = request.headerType(i);
    if (!isRepeated(kind) || (kind === Header.RecordRoute && !routes)) continue;
    const start = request.headerStart(i);
    if (kind === Header.Via && stamp !== undefined) {
      // What follows the value stays behind it.
      if (from < to) out += text.slice(from, to);
      out += stampedVia(request, i, stamp);
      from = (request.via as Via).end;
      stamp = undefined;
    } else if (start !== to) {
      if (from < to) out += text.slice(from, to);
      from = start;
    }
    to = request.headerEnd(i);
    if (kind !== Header.To || tag === undefined) continue;
    const end = taggedAt(request, i);
    out += `${text.slice(from, end)};tag=${tag}`;
    from = end;
    tag = undefined;
  }
  return from < to ? out + text.slice(from, to) : out;
}

function isRepeated(kind: HeaderKind): boolean {
  switch (kind) {
    case Header.Via:
    case Header.From:
    case Header.To:
    case Header.CallId:
    case Header.CSeq:
    case Header.RecordRoute:
      return true;
    default:
      return false;
  }
}

/** Request of a transaction that is derived from the one sent: CANCEL, or ACK of a final negative reply. */
interface DerivedOptions {
  readonly method: string;
  /** To line with line end that takes the place of the one sent. */
  readonly to: string | undefined;
  readonly headers: string;
}

/** Copies Via, From, To, Call-ID, CSeq, Max-Forwards and Route in the order in which they were sent. */
function buildDerived(sent: SipMessage, options: DerivedOptions): string {
  const text = sent.text;
  let out = `${options.method} ${sent.requestUri} SIP/2.0\r\n`;
  let hasVia = false;
  let length = `${CONTENT_LENGTH}0\r\n`;
  const count = sent.headerCount;
  for (let i = 0; i < count; i++) {
    switch (sent.headerType(i)) {
      case Header.Via:
        if (!hasVia && sent.via) out += `${text.slice(sent.headerStart(i), sent.via.end)}\r\n`;
        hasVia = true;
        break;
      case Header.To:
        out += options.to ?? sent.headerText(i);
        break;
      case Header.CSeq:
        out += cseqLine(sent, i, options.method);
        break;
      case Header.ContentLength:
        out += length;
        length = "";
        break;
      case Header.From:
      case Header.CallId:
      case Header.MaxForwards:
      case Header.Route:
        out += sent.headerText(i);
        break;
      default:
    }
  }
  return `${out}${length}${options.headers}\r\n`;
}

/** The CSeq line with another method. */
function cseqLine(sent: SipMessage, index: number, method: string): string {
  const end = sent.valueEnd(index);
  const start = end - sent.cseqMethod.length;
  return `${sent.text.slice(sent.headerStart(index), start)}${method}\r\n`;
}

/**
 * CANCEL for a request as it was sent on a branch (RFC 3261, 9.1). `headers` are further lines with their line ends, such
 * as Reason.
 */
export function buildCancel(sent: SipMessage, headers = ""): string {
  return buildDerived(sent, { method: "CANCEL", to: undefined, headers });
}

/** ACK for a final reply of 300 and above to an INVITE as it was sent on a branch (RFC 3261, 17.1.1.3). */
export function buildAckNon2xx(sent: SipMessage, reply: SipMessage, headers = ""): string {
  const index = reply.find(Header.To);
  const to = index < 0 ? undefined : reply.headerText(index);
  return buildDerived(sent, { method: "ACK", to, headers });
}

/** A request that the engine itself originates. */
export interface LocalRequest {
  readonly method: string;
  readonly uri: string;
  /** Header lines in their order: names and values. Content-Length is added. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | undefined;
}

/** The text of a request from its headers, in the order given. */
export function buildLocalRequest(request: LocalRequest): string {
  let out = `${request.method} ${request.uri} SIP/2.0\r\n`;
  for (const [name, value] of request.headers) out += `${name}: ${value}\r\n`;
  const body = request.body ?? "";
  return `${out}${CONTENT_LENGTH}${body.length}\r\n\r\n${body}`;
}
