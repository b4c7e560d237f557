/** Finds where plain text ends: at a directive, or at something that is not closed. */
import { didYouMean } from "../diagnostics/did-you-mean.ts";
import { endOfBlockComment, endOfString, endOfVariable } from "../syntax/scan.ts";

/** Why the text ends here. */
export interface Boundary {
  readonly kind:
    | "directive"
    | "misspelt-directive"
    | "unknown-directive"
    | "string"
    | "foreign-quote"
    | "comment"
    | "variable"
    | "end";
  readonly offset: number;
  /** Name of a directive; of a misspelt one, what was meant. */
  readonly name: string;
  /** Behind the name of a directive, or behind the string in foreign quotes. */
  readonly end: number;
}

const DIRECTIVE =
  /(?:#!|!!)(trydefenvs|trydefenv|trydefine|trydef|redefine|redef|defexps|defexp|defenvs|defenv|define|def|undef|ifdef|ifndef|ifexp|else|endif|substdefs|substdef|subst|KAMAILIO|OPENSER|SER|MAXCOMPAT|ALL)(?=["'\s]|$)/y;
const UNKNOWN = /#!([A-Za-z_]\w*)/y;
const CONDITION = /(?:#!|!!)(ifdef|ifndef|ifexp|else|endif)(?=\s|$)/g;
/** Anything like a directive at the beginning of a line, also one without its `!`. */
const LIKE_CONDITION = /^[ \t]*(?:#!?|!!)([A-Za-z_]\w*)(?=\s|$)/gm;
const LIKE_DIRECTIVE = /#!?([A-Za-z_]\w*)(?=\s|$)/y;
/** Directives deeper in their line than this are none. */
const MAX_INDENT = 200;
const CONDITIONS = ["ifdef", "ifndef", "ifexp", "else", "endif"];
const DIRECTIVES = [
  ...CONDITIONS,
  "define",
  "trydef",
  "redefine",
  "undef",
  "subst",
  "substdef",
  "substdefs",
  "defenv",
  "defexp",
];
/** A string in typographic quotes, in both or with one of the usual kind. */
const FOREIGN_QUOTE =
  /[\u201c-\u201f][^\u201c-\u201f"\n]+[\u201c-\u201f"]|[\u2018-\u201b][^\u2018-\u201b'\n]+[\u2018-\u201b']/y;

function end(offset: number): Boundary {
  return { kind: "end", offset, name: "", end: offset };
}

/** The name of the directive that a word probably was meant to be. */
export function meantDirective(word: string): string | undefined {
  const candidates = DIRECTIVES.filter((name) => name.length >= 4 || word.length < 6);
  return didYouMean(word, candidates);
}

/** Whether some line of a text is a directive but for a slip. */
export function hasMisspeltDirective(text: string): boolean {
  for (let from = 0; ;) {
    LIKE_CONDITION.lastIndex = from;
    const found = LIKE_CONDITION.exec(text);
    if (found === null) return false;
    from = LIKE_CONDITION.lastIndex;
    if (asMisspelt(text, found) !== undefined) return true;
  }
}

/** How text is scanned. */
export interface Scan {
  /** Offsets of strings and comments known to be unclosed, and where they should end. */
  readonly ends: ReadonlyMap<number, number> | undefined;
  /** Whether misspelt directives count as what was meant. */
  readonly lenient: boolean;
  /** Hears of strings that span lines. */
  readonly onLongString: (start: number, end: number) => void;
}

/** Scans text that is not skipped. */
export function nextBoundary(text: string, from: number, scan: Scan): Boundary {
  const { onLongString } = scan;
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    // Most characters are of no interest here: only " # $ ' ! / are, and typographic quotes.
    if (code < 33 || (code > 47 && (code < 0x2018 || code > 0x201f))) {
      at += 1;
      continue;
    }
    const step = stepOver(text, at, code, scan);
    if (typeof step !== "number") return step;
    if ((code === 34 || code === 39) && text.slice(at, step).includes("\n")) onLongString(at, step);
    at = step;
  }
  return end(text.length);
}

/** The offset behind what begins at `at`, or a boundary. */
function stepOver(text: string, at: number, code: number, scan: Scan): number | Boundary {
  switch (code) {
    case 34:
    case 39:
      return stringAt(text, at, scan);
    case 35:
      return hashAt(text, at, scan);
    case 33:
      return bangAt(text, at);
    case 36: {
      const close = endOfVariable(text, at);
      return close < 0 ? { kind: "variable", offset: at, name: "", end: at + 1 } : close;
    }
    case 47:
      return commentAt(text, at, scan.ends?.has(at) === true);
    default:
      return code > 47 ? foreignQuoteAt(text, at) : at + 1;
  }
}

function stringAt(text: string, at: number, scan: Scan): number | Boundary {
  const close = scan.ends?.has(at) === true ? -1 : endOfString(text, at);
  return close < 0 ? { kind: "string", offset: at, name: "", end: at + 1 } : close;
}

function hashAt(text: string, at: number, scan: Scan): number | Boundary {
  if (scan.lenient) return misspeltAt(text, at) ?? directiveAt(text, at);
  return text.charCodeAt(at + 1) === 33 ? directiveAt(text, at) : endOfLine(text, at);
}

function bangAt(text: string, at: number): number | Boundary {
  if (text.charCodeAt(at + 1) !== 33) return at + 1;
  const found = directiveAt(text, at);
  return typeof found === "number" ? at + 1 : found;
}

function foreignQuoteAt(text: string, at: number): number | Boundary {
  FOREIGN_QUOTE.lastIndex = at;
  if (!FOREIGN_QUOTE.test(text)) return at + 1;
  return { kind: "foreign-quote", offset: at, name: "", end: FOREIGN_QUOTE.lastIndex };
}

function commentAt(text: string, at: number, isBroken: boolean): number | Boundary {
  const next = text.charCodeAt(at + 1);
  if (next === 47) return endOfLine(text, at);
  if (next !== 42) return at + 1;
  const close = isBroken ? -1 : endOfBlockComment(text, at);
  return close < 0 ? { kind: "comment", offset: at, name: "", end: at + 2 } : close;
}

/** The offset of the line end at or behind `at`. */
export function endOfLine(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline;
}

function directiveAt(text: string, at: number): number | Boundary {
  DIRECTIVE.lastIndex = at;
  const known = DIRECTIVE.exec(text);
  if (known !== null) {
    return { kind: "directive", offset: at, name: known[1] ?? "", end: DIRECTIVE.lastIndex };
  }
  UNKNOWN.lastIndex = at;
  const unknown = UNKNOWN.exec(text);
  if (unknown === null || text.charCodeAt(at) !== 35) return endOfLine(text, at);
  return { kind: "unknown-directive", offset: at, name: unknown[1] ?? "", end: UNKNOWN.lastIndex };
}

/** A line that is a directive but for a slip; nothing when it is a good directive or an ordinary comment. */
function misspeltAt(text: string, at: number): Boundary | undefined {
  const before = text.slice(Math.max(0, at - MAX_INDENT), at);
  if (!/(?:^|\n)[ \t]*$/.test(before)) return undefined;
  LIKE_DIRECTIVE.lastIndex = at;
  const found = LIKE_DIRECTIVE.exec(text);
  return found === null ? undefined : asMisspelt(text, found);
}

/** What a line like a directive was meant to be, when it is none but nearly one. */
function asMisspelt(text: string, found: RegExpExecArray): Boundary | undefined {
  const word = found[1] ?? "";
  const end = found.index + found[0].length;
  const hasSign = text.charAt(end - word.length - 1) === "!";
  const offset = end - word.length - (hasSign ? 2 : 1);
  // Nearly all are good ones: comparing them with all others is saved.
  DIRECTIVE.lastIndex = offset;
  if (DIRECTIVE.test(text)) return undefined;
  // Without its sign, only what cannot be an ordinary comment counts.
  const meant = hasSign ? meantDirective(word) : CONDITIONS.find((name) => name === word);
  if (meant === undefined) return undefined;
  return { kind: "misspelt-directive", offset, name: meant, end };
}

/**
 * The next directive of a condition in skipped text, wherever it stands: comments and strings do not count there. When `lenient`,
 * misspelt ones count, too.
 */
export function nextCondition(text: string, from: number, lenient: boolean): Boundary {
  const next = goodCondition(text, from);
  if (!lenient) return next;
  const skipped = text.slice(0, next.offset);
  LIKE_CONDITION.lastIndex = from;
  for (;;) {
    const found = LIKE_CONDITION.exec(skipped);
    if (found === null) return next;
    const misspelt = asMisspelt(text, found);
    if (misspelt !== undefined && CONDITIONS.includes(misspelt.name)) return misspelt;
  }
}

function goodCondition(text: string, from: number): Boundary {
  CONDITION.lastIndex = from;
  const found = CONDITION.exec(text);
  if (found === null) return end(text.length);
  return {
    kind: "directive",
    offset: found.index,
    name: found[1] ?? "",
    end: found.index + found[0].length,
  };
}
