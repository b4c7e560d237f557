/** Patterns of file names: `*`, `?`, `[...]`. */
import { lowerAscii } from "../../sip/chars.ts";

/** Offset behind the bracket expression at `at`; -1: it does not close, so `[` is itself. */
function bracketEnd(pattern: string, at: number): number {
  let i = at + 1;
  if (pattern[i] === "!" || pattern[i] === "^") i++;
  if (pattern[i] === "]") i++;
  const close = pattern.indexOf("]", i);
  return close < 0 ? -1 : close + 1;
}

function isInBracket(set: string, c: string): boolean {
  const isNegated = set[0] === "!" || set[0] === "^";
  const members = isNegated ? set.slice(1) : set;
  let found = false;
  for (let i = 0; i < members.length; i++) {
    const low = members[i] as string;
    const high = members[i + 2];
    if (members[i + 1] === "-" && high !== undefined) {
      if (c >= low && c <= high) found = true;
      i += 2;
    } else if (c === low) found = true;
  }
  return found !== isNegated;
}

/** Matches one item of the pattern against a character: where the pattern goes on, -1 for no match. */
function step(pattern: string, p: number, c: string): number {
  const item = pattern[p];
  if (item === "?") return p + 1;
  if (item === "[") {
    const end = bracketEnd(pattern, p);
    if (end >= 0) return isInBracket(pattern.slice(p + 1, end - 1), c) ? end : -1;
  }
  if (item === "\\" && p + 1 < pattern.length) return pattern[p + 1] === c ? p + 2 : -1;
  return item === c ? p + 1 : -1;
}

/** Whether the whole text matches. Of several `*` only the last is ever tried again, so the cost is text times pattern. */
export function fileNameMatches(text: string, expression: string, ignoreCase: boolean): boolean {
  const value = ignoreCase ? lowerAscii(text) : text;
  const pattern = ignoreCase ? lowerAscii(expression) : expression;
  let p = 0;
  let t = 0;
  let star = -1;
  let retry = 0;
  while (t < value.length) {
    if (pattern[p] === "*") {
      star = p++;
      retry = t;
      continue;
    }
    const next = p < pattern.length ? step(pattern, p, value[t] as string) : -1;
    if (next >= 0) {
      p = next;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++retry;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
