/** Bracket expressions: `[abc]`, `[^a-z]`, `[[:alpha:]_]`. */
import {
  byteSet,
  isDigit,
  isLower,
  isSpace,
  isUpper,
  type ByteSet,
  type RegexNode,
  type RegexProblem,
} from "./syntax.ts";

const isAlpha = (code: number): boolean => isUpper(code) || isLower(code);
const isGraph = (code: number): boolean => code > 0x20 && code < 0x7f;

/** POSIX character classes in the C locale. */
const classes: Readonly<Record<string, (code: number) => boolean>> = {
  alpha: isAlpha,
  digit: isDigit,
  alnum: (code) => isAlpha(code) || isDigit(code),
  upper: isUpper,
  lower: isLower,
  space: isSpace,
  blank: (code) => code === 0x20 || code === 9,
  punct: (code) => isGraph(code) && !isAlpha(code) && !isDigit(code),
  print: (code) => code >= 0x20 && code < 0x7f,
  graph: isGraph,
  cntrl: (code) => code < 0x20 || code === 0x7f,
  xdigit: (code) =>
    isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66),
};

const unmatched = "unmatched [, [^, [:, [., or [=";

export type BracketReading =
  | { readonly ok: true; readonly node: RegexNode; readonly end: number }
  | { readonly ok: false; readonly problem: RegexProblem };

/** An element of a bracket expression: one byte that may begin a range, or a whole class. */
type Element =
  | { readonly kind: "byte"; readonly code: number; readonly end: number }
  | { readonly kind: "class"; readonly has: (code: number) => boolean; readonly end: number }
  | { readonly kind: "problem"; readonly problem: RegexProblem };

function problem(message: string, position: number): Element & { kind: "problem" } {
  return { kind: "problem", problem: { message, position } };
}

/** `[:name:]`, `[.x.]`, `[=x=]` at `at` (the inner `[`). */
function namedElement(pattern: string, at: number): Element {
  const mark = pattern[at + 1] as string;
  const close = pattern.indexOf(`${mark}]`, at + 2);
  if (close < 0) return problem(unmatched, at);
  const name = pattern.slice(at + 2, close);
  if (mark === ":") {
    const has = Object.hasOwn(classes, name) ? classes[name] : undefined;
    if (has === undefined) return problem("invalid character class name", at);
    return { kind: "class", has, end: close + 2 };
  }
  if (name.length !== 1) return problem("invalid collation character", at);
  const code = name.charCodeAt(0);
  if (mark === "=") return { kind: "class", has: (other) => other === code, end: close + 2 };
  return { kind: "byte", code, end: close + 2 };
}

function readElement(pattern: string, at: number): Element {
  const char = pattern[at];
  if (char === undefined) return problem(unmatched, at);
  if (char === "[") {
    const mark = pattern[at + 1];
    if (mark === ":" || mark === "." || mark === "=") return namedElement(pattern, at);
  }
  return { kind: "byte", code: pattern.charCodeAt(at), end: at + 1 };
}

/** Adds `from` to `to`; false when the range is reversed. */
function addRange(set: ByteSet, from: number, to: number): boolean {
  if (from > to) return false;
  for (let code = from; code <= to && code < 256; code++) set[code] = 1;
  return true;
}

/** Adds the element at `at`, or the range it begins; gives where to go on, or why not. */
function addElement(pattern: string, at: number, set: ByteSet): number | RegexProblem {
  const from = readElement(pattern, at);
  if (from.kind === "problem") return from.problem;
  const next = pattern[from.end + 1];
  if (pattern[from.end] !== "-" || next === "]" || next === undefined) {
    if (from.kind === "byte") set[from.code & 0xff] = 1;
    else for (let code = 0; code < 256; code++) if (from.has(code)) set[code] = 1;
    return from.end;
  }
  const to = readElement(pattern, from.end + 1);
  if (to.kind === "problem") return to.problem;
  if (from.kind === "byte" && to.kind === "byte" && addRange(set, from.code, to.code))
    return to.end;
  return { message: "invalid range end", position: at };
}

/** Reads the bracket expression whose `[` stands at `open`. A backslash is an ordinary character in it. */
export function readBracket(pattern: string, open: number): BracketReading {
  const negated = pattern[open + 1] === "^";
  const first = open + (negated ? 2 : 1);
  const set = byteSet(() => false);
  let at = first;
  while (at < pattern.length) {
    if (pattern[at] === "]" && at > first) {
      return { ok: true, node: { kind: "set", set, negated }, end: at + 1 };
    }
    const next = addElement(pattern, at, set);
    if (typeof next !== "number") return { ok: false, problem: next };
    at = next;
  }
  return { ok: false, problem: { message: unmatched, position: open } };
}
