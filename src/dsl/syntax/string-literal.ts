/** Takes string tokens apart: quotes, escapes, joined pieces. */
import type { Span } from "../source.ts";
import type { StringLiteral } from "./ast.ts";
import type { ConfigToken } from "./lexer.ts";
import { endOfString } from "./scan.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\u0007",
  '"': '"',
  "\\": "\\",
};

/** A string without its quotes and escapes; `starts[i]` to `ends[i]` is where unit i stands in the image. */
interface Decoded {
  readonly value: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const NUMERIC = /x([0-9a-fA-F]{1,2})|([0-7]{2,3})/y;

/** What an escape sequence with its backslash at `at` stands for, and its length. */
function unescape(image: string, at: number): { text: string; length: number } {
  const next = image.charAt(at + 1);
  const plain = ESCAPES[next];
  if (plain !== undefined) return { text: plain, length: 2 };
  if (next === "\n") return { text: "", length: 2 };
  if (next === "\r" && image[at + 2] === "\n") return { text: "", length: 3 };
  NUMERIC.lastIndex = at + 1;
  const numeric = NUMERIC.exec(image);
  if (numeric !== null) {
    const code =
      numeric[1] === undefined
        ? Number.parseInt(numeric[2] ?? "0", 8)
        : Number.parseInt(numeric[1], 16);
    return { text: String.fromCharCode(code & 0xff), length: 1 + numeric[0].length };
  }
  // Unknown escapes keep their backslash, so regular expressions need not double it.
  return { text: "\\", length: 1 };
}

function decode(image: string): Decoded {
  const units: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let open = 0;
  while (open >= 0 && open < image.length) {
    const close = endOfString(image, open) - 1;
    for (let at = open + 1; at < close;) {
      const isEscape = image.charCodeAt(at) === 92;
      const step = isEscape ? unescape(image, at) : { text: image.charAt(at), length: 1 };
      if (step.text !== "") {
        units.push(step.text);
        starts.push(at);
        ends.push(at + step.length);
      }
      at += step.length;
    }
    open = close < open ? -1 : image.indexOf('"', close + 1);
  }
  return { value: units.join(""), starts, ends };
}

/** The value of a string token, without `#!subst`. */
export function stringValue(image: string): string {
  if (image.charCodeAt(0) === 39) return image.slice(1, -1);
  const isSimple = !image.includes("\\") && image.indexOf('"', 1) === image.length - 1;
  return isSimple ? image.slice(1, -1) : decode(image).value;
}

/** The place of a token. */
export function spanOf(token: ConfigToken): Span {
  return {
    source: token.source,
    start: token.startOffset,
    end: (token.endOffset ?? token.startOffset) + 1,
  };
}

/** A literal from a string token, with the place of each unit when that is not plain. */
export function stringLiteral(token: ConfigToken): StringLiteral {
  const span = spanOf(token);
  const { image } = token;
  const quote = image.charCodeAt(0) === 39 ? "'" : '"';
  if (token.value !== undefined || token.define !== undefined) {
    const value = token.value ?? stringValue(image);
    return {
      kind: "string",
      span,
      value,
      quote,
      offsets: Array.from({ length: value.length }, () => span),
    };
  }
  if (quote === "'" || (!image.includes("\\") && image.indexOf('"', 1) === image.length - 1)) {
    return { kind: "string", span, value: image.slice(1, -1), quote };
  }
  const { value, starts, ends } = decode(image);
  const offsets = starts.map((start, index) => ({
    source: token.source,
    start: token.startOffset + start,
    end: token.startOffset + (ends[index] ?? start + 1),
  }));
  return { kind: "string", span, value, quote, offsets };
}
