/** Parameters after semicolons, lists at commas, and sets of tokens. */
import { indexIn, isLws, lowerAscii, quotedEnd, sameAt, trimEnd, trimStart } from "./chars.ts";

/** One parameter as it was written; `value` keeps its quotes and is `""` where there is none. */
export interface Param {
  readonly name: string;
  readonly value: string;
  readonly hasValue: boolean;
}

/** Offset of the next `;` or `stop` outside quotes, or `end`; an unclosed quote reaches to `end`. */
export function paramEnd(text: string, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 59) return i;
    if (c === 34) {
      const close = quotedEnd(text, i, end);
      if (close < 0) return end;
      i = close - 1;
    }
  }
  return end;
}

/**
 * Value of the parameter `name` (any case) in `;a=b;c="d"`, as written: `""` if it has none, `undefined` if it is not
 * there. The range may start with or without a semicolon.
 */
export function paramValue(
  text: string,
  start: number,
  end: number,
  name: string,
): string | undefined {
  let i = start;
  while (i < end) {
    if (text.charCodeAt(i) === 59) i++;
    const stop = paramEnd(text, i, end);
    const nameStart = trimStart(text, i, stop);
    const wordEnd = nameStart + name.length;
    if (wordEnd <= stop && sameAt(text, nameStart, wordEnd, name)) {
      const next = trimStart(text, wordEnd, stop);
      if (next === stop) return "";
      if (text.charCodeAt(next) === 61) {
        const from = trimStart(text, next + 1, stop);
        return text.slice(from, trimEnd(text, from, stop));
      }
    }
    i = stop + 1;
  }
  return undefined;
}

/** All parameters of the range in their order. */
export function listParams(text: string, start: number, end: number): Param[] {
  const list: Param[] = [];
  let i = start;
  while (i < end) {
    if (text.charCodeAt(i) === 59) i++;
    const stop = paramEnd(text, i, end);
    const from = trimStart(text, i, stop);
    if (from < stop) list.push(readParam(text, from, stop));
    i = stop + 1;
  }
  return list;
}

function readParam(text: string, start: number, end: number): Param {
  const equals = indexIn(text, 61, start, end);
  if (equals < 0) {
    return { name: text.slice(start, trimEnd(text, start, end)), value: "", hasValue: false };
  }
  const from = trimStart(text, equals + 1, end);
  return {
    name: text.slice(start, trimEnd(text, start, equals)),
    value: text.slice(from, trimEnd(text, from, end)),
    hasValue: true,
  };
}

/** Offset of the next comma outside quoted strings and angle brackets, or `end`. */
export function listItemEnd(text: string, start: number, end: number): number {
  // Most values are no lists: then nothing else needs to be looked at.
  if (!text.slice(start, end).includes(",")) return end;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 44) return i;
    if (c === 34) {
      const close = quotedEnd(text, i, end);
      if (close < 0) return end;
      i = close - 1;
    } else if (c === 60) {
      const close = indexIn(text, 62, i, end);
      if (close < 0) return end;
      i = close;
    }
  }
  return end;
}

/** Trimmed, non-empty values of a comma-separated list, as written. */
export function splitList(text: string, start = 0, end: number = text.length): string[] {
  const list: string[] = [];
  let i = start;
  while (i <= end) {
    const stop = listItemEnd(text, i, end);
    const from = trimStart(text, i, stop);
    const to = trimEnd(text, from, stop);
    if (from < to) list.push(text.slice(from, to));
    i = stop + 1;
  }
  return list;
}

/** Option tags, methods or event types of one or more header lines, compared without regard to case. */
export class TokenSet {
  /** The tokens as written, without their parameters. */
  readonly list: readonly string[];
  private readonly lower: readonly string[];

  constructor(list: readonly string[]) {
    this.list = list;
    this.lower = list.map(lowerAscii);
  }

  get size(): number {
    return this.list.length;
  }

  has(token: string): boolean {
    return this.lower.includes(lowerAscii(token));
  }
}

/** Tokens of one header value, cut before parameters, added to `list`. */
export function collectTokens(list: string[], text: string, start: number, end: number): void {
  let i = start;
  while (i <= end) {
    const stop = listItemEnd(text, i, end);
    const from = trimStart(text, i, stop);
    let to = from;
    while (to < stop && text.charCodeAt(to) !== 59 && !isLws(text.charCodeAt(to))) to++;
    if (from < to) list.push(text.slice(from, to));
    i = stop + 1;
  }
}
