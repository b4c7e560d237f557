/** CSeq, RSeq and RAck (RFC 3261, 20.16; RFC 3262, 7). */
import { knownMethodAt, methodAt } from "./methods.ts";
import { isDigit, parseUint, tokenEnd, trimEnd, trimStart } from "./chars.ts";

/** Number and method of a CSeq. */
export class CSeq {
  readonly number: number;
  readonly method: string;
  /** Offset of the number in the text that it was read from. */
  readonly numberStart: number;

  constructor(number: number, method: string, numberStart: number) {
    this.number = number;
    this.method = method;
    this.numberStart = numberStart;
  }
}

/** What a PRACK acknowledges (RFC 3262, 7.2). */
export interface RAck {
  readonly rseq: number;
  readonly cseqNumber: number;
  readonly method: string;
}

function digitsEnd(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && isDigit(text.charCodeAt(i))) i++;
  return i;
}

/** Digits of a number that needs no check of its size. */
const SMALL_DIGITS = 9;

/** Reads `4711 INVITE`; `undefined` if malformed. */
export function parseCSeq(text: string, start = 0, end: number = text.length): CSeq | undefined {
  // As nearly all are written: a small number, one blank, a method that is known.
  let at = start;
  let value = 0;
  for (; at < end; at++) {
    const c = text.charCodeAt(at);
    if (!isDigit(c)) break;
    value = value * 10 + (c - 48);
  }
  if (at > start && at - start <= SMALL_DIGITS && text.charCodeAt(at) === 32) {
    const known = knownMethodAt(text, at + 1, end);
    if (known !== undefined) return new CSeq(value, known, start);
  }
  return readCSeq(text, start, end);
}

function readCSeq(text: string, start: number, end: number): CSeq | undefined {
  const from = trimStart(text, start, end);
  const stop = digitsEnd(text, from, end);
  const number = parseUint(text, from, stop);
  const method = trimStart(text, stop, end);
  const methodEnd = tokenEnd(text, method, end);
  if (number < 0 || method === stop || methodEnd === method) return undefined;
  if (trimStart(text, methodEnd, end) < end) return undefined;
  return new CSeq(number, methodAt(text, method, methodEnd), from);
}

/** Reads `1 4711 INVITE`; `undefined` if malformed. */
export function parseRAck(text: string, start = 0, end: number = text.length): RAck | undefined {
  const from = trimStart(text, start, end);
  const stop = digitsEnd(text, from, end);
  const rseq = parseUint(text, from, stop);
  if (rseq < 0 || trimStart(text, stop, end) === stop) return undefined;
  const cseq = parseCSeq(text, stop, end);
  return cseq && { rseq, cseqNumber: cseq.number, method: cseq.method };
}

/** Number that fills the range but for white space, -1 if it is anything else. */
export function parseNumber(text: string, start: number, end: number): number {
  const from = trimStart(text, start, end);
  return parseUint(text, from, trimEnd(text, from, end));
}
