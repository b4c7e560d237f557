/** Reads a POSIX extended regular expression as glibc's regcomp does, its GNU escapes included. */
import { readBracket } from "./brackets.ts";
import {
  byteSet,
  isDigit,
  isSpace,
  isWord,
  type Assertion,
  type RegexNode,
  type RegexProblem,
  type RegexReading,
} from "./syntax.ts";

/** Largest count in `{m,n}`. */
const maxRepeat = 0x7fff;
/** How deep groups may be nested; deeper ones are refused. */
const maxDepth = 250;
/** How many steps an expression may unfold to, counted repeats written out. */
const maxSize = 20_000;

const assertions: Readonly<Record<string, Assertion>> = {
  b: "word-boundary",
  B: "no-word-boundary",
  "<": "word-start",
  ">": "word-end",
  "`": "start",
  "'": "end",
};

/** `\W` and `\S` match a line feed also where `[^x]` does not, so they are sets of their own. */
const escapedSets: Readonly<Record<string, (code: number) => boolean>> = {
  w: isWord,
  W: (code) => !isWord(code),
  s: isSpace,
  S: (code) => !isSpace(code),
};

/** Stops the reading inside; does not leave this file. */
class Refusal extends Error {
  readonly problem: RegexProblem;
  constructor(message: string, position: number) {
    super(message);
    this.problem = { message, position };
  }
}

class RegexParser {
  readonly #pattern: string;
  #at = 0;
  #groups = 0;
  #depth = 0;
  /** Groups that are complete, for back-references. */
  readonly #closed = new Set<number>();
  hasBackreference = false;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get groups(): number {
    return this.#groups;
  }

  parse(): RegexNode {
    const root = this.#choice();
    if (unfoldedSize(root) > maxSize) throw new Refusal("regular expression too big", 0);
    return root;
  }

  /** choice := sequence ("|" sequence)* */
  #choice(): RegexNode {
    const options = [this.#sequence()];
    while (this.#pattern[this.#at] === "|") {
      this.#at++;
      options.push(this.#sequence());
    }
    return options.length === 1 ? (options[0] as RegexNode) : { kind: "choice", options };
  }

  /** sequence := (atom repeat*)* */
  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    while (this.#at < this.#pattern.length) {
      const char = this.#pattern[this.#at];
      // A `)` without its `(` is an ordinary character.
      if (char === "|" || (char === ")" && this.#depth > 0)) break;
      const atom = this.#atom();
      // An anchor cannot be repeated: what follows it is taken as misplaced.
      items.push(atom.kind === "assert" ? atom : this.#repeats(atom));
    }
    if (items.length === 0) return { kind: "empty" };
    return items.length === 1 ? (items[0] as RegexNode) : { kind: "sequence", items };
  }

  #atom(): RegexNode {
    const start = this.#at;
    const char = this.#pattern[this.#at++] as string;
    switch (char) {
      case "(":
        return this.#group(start);
      case "[": {
        const bracket = readBracket(this.#pattern, start);
        if (!bracket.ok) throw new Refusal(bracket.problem.message, bracket.problem.position);
        this.#at = bracket.end;
        return bracket.node;
      }
      case ".":
        return { kind: "any" };
      case "^":
        return { kind: "assert", assertion: "start" };
      case "$":
        return { kind: "assert", assertion: "end" };
      case "*":
      case "+":
      case "?":
      case "{":
        throw new Refusal("invalid preceding regular expression", start);
      case "\\":
        return this.#escape(start);
      default:
        return { kind: "char", code: char.charCodeAt(0) };
    }
  }

  #group(start: number): RegexNode {
    const index = ++this.#groups;
    if (++this.#depth > maxDepth) throw new Refusal("regular expression too big", start);
    const body = this.#choice();
    this.#depth--;
    if (this.#pattern[this.#at] !== ")") throw new Refusal("unmatched ( or \\(", start);
    this.#at++;
    this.#closed.add(index);
    return { kind: "group", index, body };
  }

  #escape(start: number): RegexNode {
    const char = this.#pattern[this.#at++];
    if (char === undefined) throw new Refusal("trailing backslash", start);
    if (char >= "1" && char <= "9") {
      const index = Number(char);
      if (!this.#closed.has(index)) throw new Refusal("invalid back reference", start);
      this.hasBackreference = true;
      return { kind: "backreference", index };
    }
    const set = Object.hasOwn(escapedSets, char) ? escapedSets[char] : undefined;
    if (set !== undefined) return { kind: "set", set: byteSet(set), negated: false };
    const assertion = Object.hasOwn(assertions, char) ? assertions[char] : undefined;
    if (assertion !== undefined) return { kind: "assert", assertion };
    return { kind: "char", code: char.charCodeAt(0) };
  }

  /** repeat := "*" | "+" | "?" | "{" m ["," [n]] "}"; several may follow each other. */
  #repeats(atom: RegexNode): RegexNode {
    let node = atom;
    let count = 0;
    for (;;) {
      const char = this.#pattern[this.#at];
      if (char === "*" || char === "+" || char === "?") {
        this.#at++;
        const min = char === "+" ? 1 : 0;
        node = repeat(node, min, char === "?" ? 1 : Infinity);
      } else if (char === "{") {
        node = this.#interval(node);
      } else {
        return node;
      }
      if (++count > maxDepth) throw new Refusal("regular expression too big", this.#at);
    }
  }

  #interval(body: RegexNode): RegexNode {
    const start = this.#at++;
    const min = this.#number();
    let max = min;
    if (this.#pattern[this.#at] === ",") {
      this.#at++;
      max = this.#number() ?? Infinity;
    } else if (min === undefined) {
      const message =
        this.#at >= this.#pattern.length ? "unmatched { or \\{" : "invalid content of {}";
      throw new Refusal(message, start);
    }
    if (this.#pattern[this.#at] !== "}") {
      const message =
        this.#at >= this.#pattern.length ? "unmatched { or \\{" : "invalid content of {}";
      throw new Refusal(message, start);
    }
    this.#at++;
    const low = min ?? 0;
    const high = max ?? Infinity;
    if (low > high) throw new Refusal("invalid content of {}", start);
    if (low > maxRepeat || (high !== Infinity && high > maxRepeat)) {
      throw new Refusal("regular expression too big", start);
    }
    return repeat(body, low, high);
  }

  #number(): number | undefined {
    const start = this.#at;
    while (isDigit(this.#pattern.charCodeAt(this.#at))) this.#at++;
    return this.#at === start ? undefined : Number(this.#pattern.slice(start, this.#at));
  }
}

/** A repeat; one of a repeat that says the same is joined (`a**`), so that none is nested without need. */
function repeat(body: RegexNode, min: number, max: number): RegexNode {
  if (body.kind === "repeat" && min <= 1 && body.min <= 1) {
    const isJoinable = (max === Infinity && body.max === Infinity) || (max === 1 && body.max === 1);
    if (isJoinable) return { ...body, min: Math.min(min, body.min) };
    const isStar = (max === 1 && body.max === Infinity) || (max === Infinity && body.max === 1);
    if (isStar) return { ...body, min: Math.min(min, body.min), max: Infinity };
  }
  return { kind: "repeat", body, min, max };
}

/** Number of steps when counted repeats are written out. */
function unfoldedSize(node: RegexNode): number {
  switch (node.kind) {
    case "sequence":
      return node.items.reduce((sum, item) => sum + unfoldedSize(item), 0);
    case "choice":
      return node.options.reduce((sum, item) => sum + unfoldedSize(item) + 1, 0);
    case "group":
      return unfoldedSize(node.body) + 2;
    case "repeat":
      return unfoldedSize(node.body) * Math.max(1, node.max === Infinity ? node.min + 1 : node.max);
    default:
      return 1;
  }
}

/** Reads a pattern. Never throws; a problem has regcomp's meaning. */
export function parseRegex(pattern: string): RegexReading {
  const parser = new RegexParser(pattern);
  try {
    const root = parser.parse();
    return {
      ok: true,
      tree: { root, groups: parser.groups, hasBackreference: parser.hasBackreference },
    };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem };
    throw error;
  }
}
