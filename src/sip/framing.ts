/** Cutting a byte stream into messages (RFC 3261, 18.3) and keepalives (RFC 5626, 3.5.1). */
import { parseNumber } from "./cseq.ts";
import { Header, headerKindAt } from "./headers.ts";

/** Why the rest of a stream cannot be cut: the connection is to be closed. */
export type FramingProblem = "no-content-length" | "bad-content-length" | "too-long";

/** What was found next in a stream. */
export type Frame =
  | { readonly kind: "message"; readonly text: string }
  /** The peer asks for a sign of life: a line end is to be sent back. */
  | { readonly kind: "ping" }
  /** The peer's answer to a ping. */
  | { readonly kind: "pong" }
  | { readonly kind: "broken"; readonly problem: FramingProblem };

const PING: Frame = { kind: "ping" };
const PONG: Frame = { kind: "pong" };

/** The bytes of one connection that are not yet a message. */
export class StreamFramer {
  private pending = "";
  /** Up to here there is no end of headers in `pending`. */
  private searched = 0;
  /** Length of the message that `pending` starts with, 0 while not known. */
  private wanted = 0;
  private afterLineEnd = false;
  private readonly maxLength: number;

  /** `maxLength` is the longest message that is taken, in bytes. */
  constructor(maxLength: number) {
    this.maxLength = maxLength;
  }

  /** Number of bytes that wait for the rest of their message. */
  get waiting(): number {
    return this.pending.length;
  }

  /** Adds what was received. */
  push(text: string): void {
    this.pending = this.pending === "" ? text : this.pending + text;
  }

  /** Takes the next thing off the stream; `undefined` if more bytes are needed. */
  next(): Frame | undefined {
    if (this.wanted === 0) {
      const keepalive = this.takeLineEnds();
      if (keepalive !== undefined) return keepalive;
      const problem = this.measure();
      if (problem !== undefined) return { kind: "broken", problem };
    }
    const length = this.wanted;
    if (length === 0 || this.pending.length < length) return undefined;
    const text = this.pending.slice(0, length);
    this.consume(length);
    this.afterLineEnd = false;
    return { kind: "message", text };
  }

  private consume(length: number): void {
    this.pending = this.pending.slice(length);
    this.searched = 0;
    this.wanted = 0;
  }

  private takeLineEnds(): Frame | undefined {
    if (this.pending.startsWith("\r\n\r\n")) {
      this.consume(4);
      this.afterLineEnd = false;
      return PING;
    }
    if (!this.pending.startsWith("\r\n")) return undefined;
    this.consume(2);
    // The two halves of a ping can come in two packets.
    const second = this.afterLineEnd;
    this.afterLineEnd = !second;
    return second ? PING : PONG;
  }

  /** Finds out how long the message is, if its headers are complete. */
  private measure(): FramingProblem | undefined {
    const end = headersEnd(this.pending, this.searched);
    if (end < 0) {
      this.searched = Math.max(0, this.pending.length - 3);
      return this.pending.length > this.maxLength ? "too-long" : undefined;
    }
    const length = contentLength(this.pending, end);
    if (length === -1) return "no-content-length";
    if (length === -2) return "bad-content-length";
    if (end + length > this.maxLength) return "too-long";
    this.wanted = end + length;
    return undefined;
  }
}

/** Offset behind the first empty line at or after `from`, -1 if there is none yet. */
function headersEnd(text: string, from: number): number {
  let at = text.indexOf("\n", from);
  while (at >= 0) {
    const c = text.charCodeAt(at + 1);
    if (c === 10) return at + 2;
    if (c === 13 && text.charCodeAt(at + 2) === 10) return at + 3;
    at = text.indexOf("\n", at + 1);
  }
  return -1;
}

/** Value of Content-Length: -1 not there, -2 malformed or given twice with different values. */
function contentLength(text: string, end: number): number {
  let found = -1;
  let line = text.indexOf("\n") + 1;
  while (line < end) {
    let stop = text.indexOf("\n", line) + 1;
    while (stop < end && isFold(text.charCodeAt(stop))) stop = text.indexOf("\n", stop) + 1;
    const c = text.charCodeAt(line) | 32;
    // "l" or "Content-Length": only such lines are looked at closely.
    if (c === 108 || c === 99) {
      const value = lengthInLine(text, line, stop);
      if (value === -2 || (value >= 0 && found >= 0 && value !== found)) return -2;
      if (value >= 0) found = value;
    }
    line = stop;
  }
  return found;
}

function isFold(c: number): boolean {
  return c === 32 || c === 9;
}

/** Value of a Content-Length line, -1 if it is another header, -2 if it is malformed. */
function lengthInLine(text: string, start: number, end: number): number {
  let nameEnd = start;
  while (nameEnd < end && text.charCodeAt(nameEnd) > 32 && text.charCodeAt(nameEnd) !== 58)
    nameEnd++;
  if (headerKindAt(text, start, nameEnd) !== Header.ContentLength) return -1;
  let colon = nameEnd;
  while (colon < end && isFold(text.charCodeAt(colon))) colon++;
  if (text.charCodeAt(colon) !== 58) return -2;
  const value = parseNumber(text, colon + 1, end);
  return value < 0 ? -2 : value;
}
