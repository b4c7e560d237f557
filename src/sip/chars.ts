/** Character classes and small scanners that the parsers of the wire format share. */

const TOKEN = 1;
const DIGIT = 2;
const ALPHA = 4;
const HEX = 8;
const HOST = 16;
const VALUE_END = 32;
const NAME_END = 64;

function classTable(): Uint8Array {
  const table = new Uint8Array(256);
  const add = (chars: string, bits: number): void => {
    for (let i = 0; i < chars.length; i++) {
      const c = chars.charCodeAt(i);
      table[c] = (table[c] as number) | bits;
    }
  };
  const lower = "abcdefghijklmnopqrstuvwxyz";
  add("0123456789", TOKEN | DIGIT | HEX);
  add(lower + lower.toUpperCase(), TOKEN | ALPHA);
  add("abcdefABCDEF", HEX);
  add("-.!%*_+`'~", TOKEN);
  add(`0123456789.-${lower}${lower.toUpperCase()}`, HOST);
  for (let c = 0; c <= 32; c++) table[c] = VALUE_END | NAME_END;
  add(";,(", VALUE_END | NAME_END);
  add("=", NAME_END);
  return table;
}

const CLASSES = classTable();

/** Whether the character may be part of a token (RFC 3261, 25.1). */
export function isTokenChar(c: number): boolean {
  return ((CLASSES[c] as number) & TOKEN) !== 0;
}

/** Whether the character is one of 0-9. */
export function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** Whether the character is an ASCII letter. */
export function isAlpha(c: number): boolean {
  return ((CLASSES[c] as number) & ALPHA) !== 0;
}

/** Whether the character may be part of a host name or IPv4 address. */
export function isHostChar(c: number): boolean {
  return ((CLASSES[c] as number) & HOST) !== 0;
}

/** Whether a bare value of a parameter ends at this character: white space or other control characters, `;`, `,` or `(`. */
export function endsValue(c: number): boolean {
  return ((CLASSES[c] as number) & VALUE_END) !== 0;
}

/** Whether the name of a parameter ends at this character: as a value, or at `=`. */
export function endsName(c: number): boolean {
  return ((CLASSES[c] as number) & NAME_END) !== 0;
}

/** Whether the character is a hexadecimal digit. */
export function isHex(c: number): boolean {
  return ((CLASSES[c] as number) & HEX) !== 0;
}

/** Whether the character is linear white space: blank, tab, CR or LF. */
export function isLws(c: number): boolean {
  return c === 32 || c === 9 || c === 13 || c === 10;
}

/** Offset of the first character in the range that is not white space, or `end`. */
export function trimStart(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && isLws(text.charCodeAt(i))) i++;
  return i;
}

/** Offset behind the last character in the range that is not white space, or `start`. */
export function trimEnd(text: string, start: number, end: number): number {
  let i = end;
  while (i > start && isLws(text.charCodeAt(i - 1))) i--;
  return i;
}

/** Offset behind the token that starts at `start` (equal to `start` if there is none). */
export function tokenEnd(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && isTokenChar(text.charCodeAt(i))) i++;
  return i;
}

/** Whether the whole text is one token (RFC 3261, 25.1). */
export function isToken(text: string): boolean {
  return text.length > 0 && tokenEnd(text, 0, text.length) === text.length;
}

/** Value of a text of digits only, -1 if it is anything else or does not fit into 32 bits. */
export function parseUint(text: string, start: number, end: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (!isDigit(c)) return -1;
    value = value * 10 + (c - 48);
    if (value > 0xffffffff) return -1;
  }
  return value;
}

/** Lower case of an ASCII letter; other characters stay what they are. */
export function lowerCode(c: number): number {
  return c >= 65 && c <= 90 ? c | 32 : c;
}

/** Whether `word`, which must be in lower case, stands at `start`, in any case, and fits before `end`. */
export function matchesAt(text: string, start: number, end: number, word: string): boolean {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (lowerCode(text.charCodeAt(start + i)) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether two texts are equal but for the case of ASCII letters. */
export function equalsIgnoreCase(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  if (a === b) return true;
  for (let i = 0; i < a.length; i++) {
    if (lowerCode(a.charCodeAt(i)) !== lowerCode(b.charCodeAt(i))) return false;
  }
  return true;
}

/** Lower case of the ASCII letters only: bytes above 127 are left alone. Mostly there is nothing to do. */
export function lowerAscii(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 65 && c <= 90) return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
  }
  return text;
}

/** Whether `word`, in any case, stands at `start` and fits before `end`. */
export function sameAt(text: string, start: number, end: number, word: string): boolean {
  const length = word.length;
  if (end - start < length) return false;
  for (let i = 0; i < length; i++) {
    const a = text.charCodeAt(start + i);
    const b = word.charCodeAt(i);
    if (a !== b && lowerCode(a) !== lowerCode(b)) return false;
  }
  return true;
}

/** Offset of a character in the range, or -1: unlike `indexOf` it never looks behind `end`. */
export function indexIn(text: string, code: number, start: number, end: number): number {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === code) return i;
  return -1;
}

/** Copy of a slice of a packet that does not keep the packet in memory: for everything that lives on. */
export function ownText(text: string): string {
  // V8 copies slices below 13 characters anyway; longer ones point into their parent.
  return text.length < 13 ? text : Buffer.from(text, "latin1").toString("latin1");
}

/**
 * A text that was put together, made flat by V8: it is hashed once instead of each time that it is looked up, and does not keep
 * the packet that its pieces were cut from. (Not for a mere slice: see `ownText`.)
 */
export function flatText(text: string): string {
  // Looking at a character flattens the text first. No latin1 text has this one, but the compiler does not know that and
  // cannot leave the look out.
  return text.charCodeAt(0) === 0xffff ? "" : text;
}

/** Offset behind the quoted string that opens at `start`, or -1 if it does not close before `end`. */
export function quotedEnd(text: string, start: number, end: number): number {
  // Most hold nothing escaped: then their end is the next quote.
  const next = text.indexOf('"', start + 1);
  if (next < 0 || next >= end) return -1;
  if (text.charCodeAt(next - 1) !== 92) return next + 1;
  for (let i = start + 1; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 92) i++;
    else if (c === 34) return i + 1;
  }
  return -1;
}

/** Content of a quoted string without its escapes; other text comes back as it is. */
export function unquote(text: string): string {
  const last = text.length - 1;
  if (last < 1 || text.charCodeAt(0) !== 34 || text.charCodeAt(last) !== 34) return text;
  const inner = text.slice(1, last);
  return inner.includes("\\") ? inner.replace(/\\([^])/g, "$1") : inner;
}

/** The text as a quoted string, with `"` and `\` escaped (RFC 3261, 25.1). */
export function quote(text: string): string {
  const isPlain = !text.includes('"') && !text.includes("\\");
  return isPlain ? `"${text}"` : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The text with its %xx read; null when one is malformed. */
export function unescapeText(text: string): string | null {
  let percent = text.indexOf("%");
  if (percent < 0) return text;
  let out = "";
  let from = 0;
  while (percent >= 0) {
    const high = text.charCodeAt(percent + 1);
    const low = text.charCodeAt(percent + 2);
    if (percent + 2 >= text.length || !isHex(high) || !isHex(low)) return null;
    const code = Number.parseInt(text.slice(percent + 1, percent + 3), 16);
    out += text.slice(from, percent) + String.fromCharCode(code);
    from = percent + 3;
    percent = text.indexOf("%", from);
  }
  return out + text.slice(from);
}
