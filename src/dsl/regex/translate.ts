/** Turns a POSIX extended regular expression into a JavaScript RegExp that no text can keep busy. */
import { PatternCost } from "./cost.ts";
import { emitRegex } from "./emit.ts";
import { LinearMatcher } from "./linear.ts";
import { parseRegex } from "./parse.ts";
import { withNewlines, type RegexNode, type RegexProblem, type RegexTree } from "./syntax.ts";

export interface RegexOptions {
  /** REG_ICASE: letters of ASCII match in both cases. `=~` and arguments that are patterns have it. */
  readonly ignoreCase?: boolean;
  /** REG_NEWLINE: `.` and `[^x]` stop at a line feed; `^` and `$` match at lines' ends. `=~` does not have it. */
  readonly newline?: boolean;
  /** The extent of the match matters, not only whether there is one: it is the longest of the leftmost. */
  readonly longest?: boolean;
  /** The RegExp shall find all matches in turn (flag `g`). */
  readonly global?: boolean;
}

export type Translation =
  | { readonly ok: true; readonly regex: RegExp }
  | { readonly ok: false; readonly problem: RegexProblem };

/** A RegExp that hands long texts, and matches whose extent JavaScript would get wrong, to an automaton. */
class PosixRegExp extends RegExp {
  /** Methods such as `split` make plain ones. */
  static override get [Symbol.species](): RegExpConstructor {
    return RegExp;
  }

  readonly #matcher: LinearMatcher;
  /** Texts up to this length are safe for the backtracking engine. */
  readonly #nativeLimit: number;

  constructor(source: string, flags: string, matcher: LinearMatcher, nativeLimit: number) {
    super(source, flags);
    this.#matcher = matcher;
    this.#nativeLimit = nativeLimit;
  }

  override exec(text: string): RegExpExecArray | null {
    if (text.length <= this.#nativeLimit) return super.exec(text);
    const keepsPlace = this.global || this.sticky;
    const from = keepsPlace ? this.lastIndex : 0;
    const found = from > text.length ? undefined : this.#matcher.match(text, from, this.sticky);
    if (keepsPlace) this.lastIndex = found?.[1] ?? 0;
    if (found === undefined) return null;
    const parts: (string | undefined)[] = [];
    for (let i = 0; i < found.length; i += 2) {
      const start = found[i] as number;
      parts.push(start < 0 ? undefined : text.slice(start, found[i + 1]));
    }
    return Object.assign(parts, { index: found[0] as number, input: text }) as RegExpExecArray;
  }

  override test(text: string): boolean {
    return this.exec(text) !== null;
  }
}

/** Longest text for the backtracking engine by the exponent of its cost: at most about a million steps. */
function nativeLimitOf(degree: number): number {
  if (degree <= 1) return Infinity;
  if (degree === 2) return 1000;
  if (degree === 3) return 100;
  return degree === Infinity ? -1 : 32;
}

function hasByteBeyondAscii(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern.charCodeAt(i) > 0x7f) return true;
  }
  return false;
}

function build(pattern: string, tree: RegexTree, options: RegexOptions): RegExp {
  const root: RegexNode = options.newline === true ? withNewlines(tree.root) : tree.root;
  const ignoreCase = options.ignoreCase === true;
  const expandCase = ignoreCase && hasByteBeyondAscii(pattern);
  const source = emitRegex(root, expandCase);
  const flags = `${options.global === true ? "g" : ""}${ignoreCase && !expandCase ? "i" : ""}s`;
  const cost = new PatternCost(root);
  const isInexact = options.longest === true && cost.mayMatchShorter;
  const limit = isInexact ? -1 : nativeLimitOf(cost.degree);
  // A back-reference has no automaton: such a pattern stays with the backtracking engine.
  if (limit === Infinity || tree.hasBackreference) return new RegExp(source, flags);
  return new PosixRegExp(source, flags, new LinearMatcher(root, tree.groups, ignoreCase), limit);
}

/**
 * Translates a pattern, or says what regcomp has against it. Texts are latin1; letters, `\w` and classes are those of the C
 * locale. Where groups inside repeats are concerned, their extents follow JavaScript's preference, not POSIX's subrules.
 */
export function translateRegex(pattern: string, options: RegexOptions = {}): Translation {
  const reading = parseRegex(pattern);
  if (!reading.ok) return reading;
  return { ok: true, regex: build(pattern, reading.tree, options) };
}

/** Whether a backtracking engine could need exponential time for this pattern; false for one that is refused. */
export function mayBacktrack(pattern: string): boolean {
  const reading = parseRegex(pattern);
  return reading.ok && new PatternCost(reading.tree.root).mayBacktrack;
}

/** Whether the pattern has a back-reference, so that no automaton can stand in for it. */
export function hasBackreference(pattern: string): boolean {
  const reading = parseRegex(pattern);
  return reading.ok && reading.tree.hasBackreference;
}
