/** Ends of strings, variables and comments: shared by the preprocessor and the lexer, so that both agree. */

const QUOTE = 34;
const BACKSLASH = 92;
const NEWLINE = 10;

/** The offset behind the string (either quote) that opens at `start`, or -1 when it is not closed. */
export function endOfString(text: string, start: number): number {
  const quote = text.charCodeAt(start);
  if (quote !== QUOTE) {
    const close = text.indexOf("'", start + 1);
    return close < 0 ? -1 : close + 1;
  }
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
  }
  return -1;
}

/**
 * Where two double-quoted strings are joined on one line, from the closing quote to the opening one: over several lines that is
 * done on purpose, on one line by a lost comma. `start` and `end` are those of both strings together.
 */
export function jointOf(
  text: string,
  start: number,
  end: number,
): { start: number; end: number } | undefined {
  if (text.charCodeAt(start) !== QUOTE) return undefined;
  const close = endOfString(text, start);
  if (close < 0 || close >= end) return undefined;
  const next = text.indexOf('"', close);
  if (next < 0 || next >= end || !/^[ \t]*$/.test(text.slice(close, next))) return undefined;
  return { start: close - 1, end: next + 1 };
}

/** The offset behind the (nested) block comment that opens at `start`, or -1 when it is not closed. */
export function endOfBlockComment(text: string, start: number): number {
  let depth = 1;
  let at = start + 2;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (code === 47 && next === 42) {
      depth += 1;
      at += 2;
    } else if (code === 42 && next === 47) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else at += 1;
  }
  return -1;
}

/** Whether a comment begins that goes on to the end of the line; a directive is none. */
export function isEndOfLineComment(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  return (code === 35 && next !== 33) || (code === 47 && next === 47);
}

export function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

export function isNamePart(code: number): boolean {
  return isNameStart(code) || (code >= 48 && code <= 57);
}

/**
 * The offset behind the variable that begins with the `$` at `start`: a name, with balanced parentheses on the same line
 * behind it or instead of it. -1 when a parenthesis is not closed on its line.
 */
export function endOfVariable(text: string, start: number): number {
  let at = start + 1;
  if (text.charCodeAt(at) === 63) return at + 1;
  while (isNamePart(text.charCodeAt(at)) && (at > start + 1 || isNameStart(text.charCodeAt(at)))) {
    at += 1;
  }
  if (text.charCodeAt(at) !== 40) return at;
  let depth = 0;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 40) depth += 1;
    else if (code === 41) {
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (code === NEWLINE) return -1;
  }
  return -1;
}
