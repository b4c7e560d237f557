/** Via values (RFC 3261, 20.42): where a message came from and where its reply goes. */
import {
  endsName,
  endsValue,
  indexIn,
  isHostChar,
  isLws,
  matchesAt,
  parseUint,
  quotedEnd,
  tokenEnd,
  trimStart,
} from "./chars.ts";
import { paramValue } from "./params.ts";

/** One Via value. Offsets are into the text that it was read from. */
export class Via {
  readonly text: string;
  /** Offset of the first character of the value. */
  readonly start: number;
  /** Offset behind the value, white space not counted: where a parameter can be added. */
  end: number;
  /** As written: `UDP`, `tcp`. */
  readonly transport: string;
  readonly host: string;
  /** Port of sent-by, 0 if none is given. */
  readonly port: number;
  /** Offset of the first parameter's semicolon, behind sent-by if there is none. */
  readonly paramsStart: number;
  /** Value of branch, `""` if there is none. */
  branch = "";
  /** Value of received (RFC 3261, 18.2.1), `""` if there is none. */
  received = "";
  /** Value of rport (RFC 3581): -1 not there, 0 without value, else the port. */
  rport = -1;
  /** Range of the rport parameter without its semicolon, -1 if not there. */
  rportStart = -1;
  rportEnd = -1;
  /** Range of the received parameter without its semicolon, -1 if not there. */
  receivedStart = -1;
  receivedEnd = -1;
  /** Value of maddr, `""` if there is none. */
  maddr = "";

  // One call site; an object in between would be made for every message.
  // oxlint-disable-next-line max-params
  constructor(
    text: string,
    start: number,
    end: number,
    transport: string,
    host: string,
    port: number,
    paramsStart: number,
  ) {
    this.text = text;
    this.start = start;
    this.end = end;
    this.transport = transport;
    this.host = host;
    this.port = port;
    this.paramsStart = paramsStart;
  }

  /** Value of any parameter as written, `""` if it has none, `undefined` if it is not there. */
  param(name: string): string | undefined {
    return paramValue(this.text, this.paramsStart, this.end, name);
  }

  /** The value as it was written. */
  get value(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Host and port as written. */
  get sentBy(): string {
    return this.port === 0 ? this.host : `${this.host}:${this.port}`;
  }
}

/** Offset of the transport in `SIP / 2.0 / UDP`, -1 if something else stands there. */
function transportStart(text: string, start: number, end: number): number {
  if (isUsual(text, start)) return start + 8;
  // As Kamailio: a message of another protocol or version is not understood at all.
  if (!matchesAt(text, start, end, "sip")) return -1;
  const slash1 = trimStart(text, start + 3, end);
  if (text.charCodeAt(slash1) !== 47) return -1;
  const version = trimStart(text, slash1 + 1, end);
  if (!text.startsWith("2.0", version)) return -1;
  const slash2 = trimStart(text, version + 3, end);
  return text.charCodeAt(slash2) === 47 ? trimStart(text, slash2 + 1, end) : -1;
}

const usualProtocol = "SIP/2.0/";

/** Whether the protocol is written as everybody writes it. */
function isUsual(text: string, start: number): boolean {
  for (let i = 0; i < 8; i++) {
    if (text.charCodeAt(start + i) !== usualProtocol.charCodeAt(i)) return false;
  }
  return true;
}

/** Transport as written; the usual one without a copy. */
function transportAt(text: string, start: number, end: number): string {
  const isUdp =
    end - start === 3 &&
    text.charCodeAt(start) === 85 &&
    text.charCodeAt(start + 1) === 68 &&
    text.charCodeAt(start + 2) === 80;
  return isUdp ? "UDP" : text.slice(start, end);
}

/** Reads the Via value that starts at `start`; it ends at a comma or `end`. `undefined` if malformed. */
export function parseVia(text: string, start: number, end: number): Via | undefined {
  const from = trimStart(text, start, end);
  const transport = transportStart(text, from, end);
  if (transport < 0) return undefined;
  const transportEnd = tokenEnd(text, transport, end);
  const host = trimStart(text, transportEnd, end);
  if (transportEnd === transport || host === transportEnd) return undefined;
  const hostStop = viaHostEnd(text, host, end);
  if (hostStop <= host) return undefined;
  let i = trimStart(text, hostStop, end);
  let sentByEnd = hostStop;
  let port = 0;
  if (i < end && text.charCodeAt(i) === 58) {
    const digits = trimStart(text, i + 1, end);
    sentByEnd = tokenEnd(text, digits, end);
    port = parseUint(text, digits, sentByEnd);
    if (port < 0 || port > 65535) return undefined;
    i = trimStart(text, sentByEnd, end);
  }
  const via = new Via(
    text,
    from,
    sentByEnd,
    transportAt(text, transport, transportEnd),
    text.slice(host, hostStop),
    port,
    i < end && text.charCodeAt(i) === 59 ? i : sentByEnd,
  );
  return readParams(via, text, i, end) ? via : undefined;
}

/** Offset behind the host name or bracketed address. */
function viaHostEnd(text: string, start: number, end: number): number {
  if (text.charCodeAt(start) === 91) return indexIn(text, 93, start, end) + 1;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (isHostChar(c)) continue;
    if (c === 58 || c === 59 || c === 44 || c === 40 || isLws(c)) return i;
  }
  return end;
}

/** Reads parameters and comments up to a comma or the end; false if something else stands there. */
function readParams(via: Via, text: string, start: number, end: number): boolean {
  let i = start;
  while (i < end) {
    const c = text.charCodeAt(i);
    if (c === 44) return true;
    if (c === 40) {
      i = indexIn(text, 41, i, end) + 1;
      if (i === 0) return false;
    } else if (c === 59) {
      i = readParam(via, text, trimStart(text, i + 1, end), end);
      if (i < 0) return false;
    } else return false;
    via.end = i;
    i = trimStart(text, i, end);
  }
  return true;
}

/** Reads one parameter; the offset behind it, -1 if it is malformed. */
function readParam(via: Via, text: string, start: number, end: number): number {
  let nameEnd = start;
  while (nameEnd < end && !endsName(text.charCodeAt(nameEnd))) nameEnd++;
  if (nameEnd === start) return -1;
  const equals = trimStart(text, nameEnd, end);
  if (equals >= end || text.charCodeAt(equals) !== 61) {
    return takeParam(via, start, nameEnd, nameEnd, nameEnd) ? nameEnd : -1;
  }
  const from = trimStart(text, equals + 1, end);
  let to = from;
  if (text.charCodeAt(from) === 34) to = quotedEnd(text, from, end);
  else while (to < end && !endsValue(text.charCodeAt(to))) to++;
  return to >= 0 && takeParam(via, start, nameEnd, from, to) ? to : -1;
}

/** Keeps the parameters that the engine itself needs; false if one of them is malformed. */
// Offsets instead of an object: called for every parameter of every message.
// oxlint-disable-next-line max-params
function takeParam(via: Via, from: number, nameEnd: number, start: number, end: number): boolean {
  const text = via.text;
  switch (nameEnd - from) {
    case 5:
      if (is(text, from, "rport")) return takeRport(via, from, start, end);
      if (is(text, from, "maddr")) via.maddr = text.slice(start, end);
      return true;
    case 6:
      if (via.branch === "" && is(text, from, "branch")) via.branch = text.slice(start, end);
      return true;
    case 8:
      if (is(text, from, "received")) {
        via.received = text.slice(start, end);
        via.receivedStart = from;
        via.receivedEnd = end;
      }
      return true;
    default:
      return true;
  }
}

function takeRport(via: Via, from: number, start: number, end: number): boolean {
  via.rport = start === end ? 0 : parseUint(via.text, start, end);
  via.rportStart = from;
  via.rportEnd = end;
  return via.rport >= 0 && via.rport <= 65535;
}

function is(text: string, start: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    if ((text.charCodeAt(start + i) | 32) !== word.charCodeAt(i)) return false;
  }
  return true;
}
