/** Guesses which string lacks its closing quote, since a missing quote turns all later ones inside out. */
import { endOfBlockComment, endOfString, isEndOfLineComment } from "../syntax/scan.ts";
import { endOfLine } from "./active-text.ts";

const CODE_LINE = /[;{}][ \t\r]*\n/;

/** Whether a string over several lines holds what looks like statements. */
export function looksLikeCode(text: string, string: { start: number; end: number }): boolean {
  return CODE_LINE.test(text.slice(string.start, string.end));
}

/**
 * Whether a string over several lines most likely lacks its quote on the first: the line on which it ends would be in order
 * if nothing were open there, so that it is the closing quote that is one too much.
 */
export function endsOnGoodLine(text: string, string: { start: number; end: number }): boolean {
  return isBalanced(text, text.lastIndexOf("\n", string.end - 1) + 1);
}

/** Whether every string that opens on a line is closed there. */
function isBalanced(text: string, lineStart: number): boolean {
  const line = text.slice(lineStart, endOfLine(text, lineStart));
  let at = 0;
  while (at < line.length) {
    const code = line.charCodeAt(at);
    if (code === 34 || code === 39) {
      const close = endOfString(line, at);
      if (close < 0) return false;
      at = close;
    } else if (code === 47 && line.charCodeAt(at + 1) === 42) {
      const close = endOfBlockComment(line, at);
      if (close < 0) return true;
      at = close;
    } else if (isEndOfLineComment(line, at)) return true;
    else at += 1;
  }
  return true;
}

/** A comment behind code. */
const TRAILING_COMMENT = /(?<=[;{})][ \t]*)(?:#|\/\/).*$/;

/** Where a string without closing quote should have ended: on its line, before brackets, semicolon and comment. */
export function plausibleEnd(text: string, start: number): number {
  const line = text.slice(start, endOfLine(text, start)).replace(TRAILING_COMMENT, "");
  let end = line.length;
  while (end > 1 && " \t\r;{})".includes(line.charAt(end - 1))) end -= 1;
  return start + end;
}

/** A definition's value whose quote is missing, with the quote where it belongs; nothing when all is well. */
export function withMissingQuote(value: string): string | undefined {
  const open = unclosedIn(value);
  if (open >= 0) {
    const isClosing = open === value.length - 1 && open > 0;
    const quote = value.charAt(open);
    return isClosing ? quote + value : value + quote;
  }
  const last = value.charAt(value.length - 1);
  if ((last !== '"' && last !== "'") || /^["']/.test(value)) return undefined;
  return value.split(last).length % 2 === 0 ? last + value : undefined;
}

/** The offset of the string that is not closed, or -1. */
function unclosedIn(value: string): number {
  let at = 0;
  while (at < value.length) {
    const code = value.charCodeAt(at);
    if (code === 34 || code === 39) {
      const close = endOfString(value, at);
      if (close < 0) return at;
      at = close;
    } else if (isEndOfLineComment(value, at)) return -1;
    else at += 1;
  }
  return -1;
}
