/** Where tokens stand on their lines. */
import type { ConfigToken } from "../lexer.ts";

const TAB = 8;
/** Lines longer than this are nobody's layout. */
const MAX_LINE = 2000;

/** The line a token is on. */
export interface Place {
  /** Offset of the line's beginning. */
  readonly line: number;
  /** Columns of white space before the line's first character. */
  readonly indent: number;
  /** Whether nothing stands before the token on its line. */
  readonly isFirst: boolean;
}

/** Finds out where a token stands. */
export function placeOf({ source: { text }, startOffset }: ConfigToken): Place {
  const from = Math.max(0, startOffset - MAX_LINE);
  const line = from + text.slice(from, startOffset).lastIndexOf("\n") + 1;
  let indent = 0;
  let at = line;
  for (; at < startOffset; at++) {
    const code = text.charCodeAt(at);
    if (code === 32) indent += 1;
    else if (code === 9) indent += TAB - (indent % TAB);
    else break;
  }
  return { line, indent, isFirst: at === startOffset };
}

/** Whether two tokens stand on the same line. */
export function onSameLine(a: ConfigToken, b: ConfigToken): boolean {
  if (a.source !== b.source) return false;
  const from = Math.min(a.startOffset, b.startOffset);
  const to = Math.max(a.startOffset, b.startOffset);
  return to - from <= MAX_LINE && !a.source.text.slice(from, to).includes("\n");
}
