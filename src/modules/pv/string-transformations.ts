/** Transformations of the class `s`: length, parts, case, search and replacement. */
import { createHash } from "node:crypto";
import type { Value } from "../../dsl/value.ts";
import { lowerAscii, isLws, trimEnd, trimStart } from "../../sip/chars.ts";
import type { TransformationImplementation } from "../../runtime/module.ts";
import { coreHash } from "../../runtime/core-hash.ts";
import { brokenDown, formatTime } from "../../runtime/strftime.ts";
import { numberArgument, onText, textArgument } from "./transformation-arguments.ts";

function digest(algorithm: string): TransformationImplementation {
  return onText((text) => createHash(algorithm).update(text, "latin1").digest("hex"));
}

const toInteger: TransformationImplementation = () => (value) => {
  if (value === null || typeof value === "number") return value;
  return /^[+-]?\d{1,10}$/.test(value) ? Number(value) : null;
};

/** `{s.substr,offset,length}`: a negative offset counts from the end, length 0 goes to the end. */
const substr: TransformationImplementation = (args) => {
  const offset = numberArgument(args[0]);
  const length = numberArgument(args[1]);
  return (value, context) => {
    if (value === null) return null;
    const text = String(value);
    const from = offset(context);
    const count = length(context);
    if (from === null || count === null || count < 0) return null;
    const start = from < 0 ? text.length + from : from;
    if (start < 0 || start >= text.length) return null;
    return count === 0 ? text.slice(start) : text.slice(start, start + count);
  };
};

/** `{s.select,index,separator}`; the separator is the one character that ends the transformation's text. */
const select: TransformationImplementation = (args, node) => {
  const index = numberArgument(args[0]);
  const separator = node.raw.at(-1) ?? ",";
  return (value, context) => {
    if (value === null) return null;
    const wanted = index(context);
    if (wanted === null) return null;
    const text = String(value);
    return (
      (wanted < 0 ? fieldFromEnd(text, separator, -wanted) : fieldAt(text, separator, wanted)) ?? ""
    );
  };
};

function fieldAt(text: string, separator: string, index: number): string | undefined {
  let start = 0;
  for (let left = index; left > 0; left--) {
    const at = text.indexOf(separator, start);
    if (at < 0) return undefined;
    start = at + 1;
  }
  const end = text.indexOf(separator, start);
  return end < 0 ? text.slice(start) : text.slice(start, end);
}

function fieldFromEnd(text: string, separator: string, index: number): string | undefined {
  const fields = text.split(separator);
  return fields[fields.length - index];
}

const strip: TransformationImplementation = (args) => {
  const count = numberArgument(args[0]);
  return (value, context) => {
    const n = count(context);
    if (value === null || n === null) return null;
    return n <= 0 ? String(value) : String(value).slice(n);
  };
};

const stripTail: TransformationImplementation = (args) => {
  const count = numberArgument(args[0]);
  return (value, context) => {
    const n = count(context);
    if (value === null || n === null) return null;
    const text = String(value);
    return n <= 0 ? text : text.slice(0, Math.max(0, text.length - n));
  };
};

/** A transformation with one text argument. */
function withText(apply: (text: string, argument: string) => Value): TransformationImplementation {
  return (args, node) => {
    const argument = textArgument(args[0], node.raw);
    return (value, context) => {
      const word = argument(context);
      return value === null || word === null ? null : apply(String(value), word);
    };
  };
}

const stripTo = withText((text, word) => {
  const at = word === "" ? -1 : text.indexOf(word.charAt(0));
  return at < 0 ? "" : text.slice(at);
});

/** As Kamailio, nothing can be searched for in vain: an empty word fails. */
const remove = withText((text, word) => (word === "" ? null : text.replaceAll(word, "")));

const count = withText((text, word) => {
  let total = 0;
  const letter = word.charAt(0);
  if (letter === "") return null;
  for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) total++;
  return total;
});

const replace: TransformationImplementation = (args) => {
  const match = textArgument(args[0], "");
  const replacement = textArgument(args[1], "");
  return (value, context) => {
    const word = match(context);
    const by = replacement(context);
    if (value === null || by === null || !word) return null;
    return String(value).split(word).join(by);
  };
};

/** Text behind or in front of a character, searched from the start or from the end. */
function around(side: "after" | "before", fromEnd: boolean): TransformationImplementation {
  return withText((text, word) => {
    // As Kamailio: of several characters only the first counts.
    const letter = word.charAt(0);
    if (letter === "") return null;
    const at = fromEnd ? text.lastIndexOf(letter) : text.indexOf(letter);
    if (at < 0) return side === "after" ? "" : text;
    return side === "after" ? text.slice(at + 1) : text.slice(0, at);
  });
}

function prefixes(quoted: boolean): TransformationImplementation {
  return (args) => {
    const limit = args.length === 0 ? (): number => 0 : numberArgument(args[0]);
    return (value, context) => {
      if (value === null) return null;
      const text = String(value);
      const n = limit(context) ?? 0;
      const last = n > 0 ? Math.min(n, text.length) : text.length;
      // The result grows with the square of the length: more than this is no telephone number.
      const end = Math.min(last, 128);
      const list: string[] = [];
      for (let i = 1; i <= end; i++) list.push(text.slice(0, i));
      return quoted ? list.map((prefix) => `'${prefix}'`).join(",") : list.join(",");
    };
  };
}

/** Lines of n characters, each but the first led in by m fillers; lines end with CRLF. */
function lines(filler: string): TransformationImplementation {
  return (args) => {
    const width = numberArgument(args[0]);
    const indent = numberArgument(args[1]);
    return (value, context) => {
      const n = width(context);
      const m = indent(context);
      if (value === null || n === null || m === null || n <= 0 || m < 0 || m > 256) return null;
      const text = String(value);
      let result = text.slice(0, n);
      for (let at = n; at < text.length; at += n) {
        result += `\r\n${filler.repeat(m)}${text.slice(at, at + n)}`;
      }
      return result;
    };
  };
}

const formatEpoch: TransformationImplementation = (_args, node) => (value) => {
  const epoch = toInteger([], node)(value, undefined as never);
  return typeof epoch === "number" ? formatTime(node.raw, brokenDown(epoch, false)) : null;
};

const hash: TransformationImplementation = (args) => {
  const size = args.length === 0 ? undefined : numberArgument(args[0]);
  return (value, context) => {
    if (value === null) return null;
    const code = coreHash(String(value));
    const n = size?.(context) ?? 0;
    return String(n > 0 ? (code & (n - 1)) >>> 0 : code);
  };
};

const QUOTES = new Set(['"', "'"]);
const BRACKETS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

function unquote(text: string): string {
  const first = text.charAt(0);
  const isQuoted = text.length > 1 && QUOTES.has(first) && text.endsWith(first);
  return isQuoted ? text.slice(1, -1) : text;
}

function unbracket(text: string): string {
  const close = BRACKETS[text.charAt(0)];
  return text.length > 1 && close !== undefined && text.endsWith(close) ? text.slice(1, -1) : text;
}

function withoutBlanks(text: string): string {
  let result = "";
  for (let i = 0; i < text.length; i++) if (!isLws(text.charCodeAt(i))) result += text.charAt(i);
  return result;
}

export const stringTransformations = {
  len: onText((text) => text.length),
  int: toInteger,
  md5: digest("md5"),
  sha256: digest("sha256"),
  sha384: digest("sha384"),
  sha512: digest("sha512"),
  substr,
  select,
  strip,
  striptail: stripTail,
  stripto: stripTo,
  prefixes: prefixes(false),
  "prefixes.quoted": prefixes(true),
  replace,
  rm: remove,
  count,
  after: around("after", false),
  rafter: around("after", true),
  before: around("before", false),
  rbefore: around("before", true),
  fmtlines: lines(" "),
  fmtlinet: lines("\t"),
  ftime: formatEpoch,
  corehash: hash,
  numeric: onText((text) => text.replace(/\D+/g, "")),
  tolower: onText(lowerAscii),
  toupper: onText((text) => text.replace(/[a-z]+/g, (run) => run.toUpperCase())),
  trim: onText((text) => {
    const start = trimStart(text, 0, text.length);
    return text.slice(start, trimEnd(text, start, text.length));
  }),
  ltrim: onText((text) => text.slice(trimStart(text, 0, text.length))),
  rtrim: onText((text) => text.slice(0, trimEnd(text, 0, text.length))),
  rmws: onText(withoutBlanks),
  unquote: onText(unquote),
  unbracket: onText(unbracket),
} as const;
