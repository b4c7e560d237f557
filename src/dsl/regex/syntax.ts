/** The tree of a POSIX extended regular expression. */

/** Which of the 256 bytes a bracket expression or a class names. */
export type ByteSet = Uint8Array;

export type RegexNode =
  | { readonly kind: "empty" }
  | { readonly kind: "char"; readonly code: number }
  | { readonly kind: "any" }
  | { readonly kind: "set"; readonly set: ByteSet; readonly negated: boolean }
  | { readonly kind: "assert"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegexNode[] }
  | { readonly kind: "group"; readonly index: number; readonly body: RegexNode }
  | {
      readonly kind: "repeat";
      readonly body: RegexNode;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: "backreference"; readonly index: number };

/** `^`, `$`, `\b`, `\B`, `\<`, `\>`. `` \` `` and `\'` are start and end. */
export type Assertion =
  | "start"
  | "end"
  /** With `newline`: also behind and before a line feed. */
  | "line-start"
  | "line-end"
  | "word-boundary"
  | "no-word-boundary"
  | "word-start"
  | "word-end";

/** A pattern that was read. */
export interface RegexTree {
  readonly root: RegexNode;
  /** Number of groups. */
  readonly groups: number;
  readonly hasBackreference: boolean;
}

/** Why a pattern is refused: the sentence and where in the pattern. */
export interface RegexProblem {
  readonly message: string;
  readonly position: number;
}

export type RegexReading =
  | { readonly ok: true; readonly tree: RegexTree }
  | { readonly ok: false; readonly problem: RegexProblem };

/** A set with the bytes for which `has` is true. */
export function byteSet(has: (code: number) => boolean): ByteSet {
  const set = new Uint8Array(256);
  for (let code = 0; code < 256; code++) {
    if (has(code)) set[code] = 1;
  }
  return set;
}

export function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

export function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** What `\w` matches, in the C locale. */
export function isWord(code: number): boolean {
  return isUpper(code) || isLower(code) || isDigit(code) || code === 0x5f;
}

/** What `\s` matches, in the C locale. */
export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 9 && code <= 13);
}

/** The other case of an ASCII letter, or the same code. */
export function otherCase(code: number): number {
  return isUpper(code) || isLower(code) ? code ^ 0x20 : code;
}

/** Adds the other case of all letters. */
export function withBothCases(set: ByteSet): ByteSet {
  return byteSet((code) => set[code] === 1 || set[otherCase(code)] === 1);
}

/** The tree as REG_NEWLINE has it: `.` and `[^x]` match no line feed, `^` and `$` match at the lines' ends. */
export function withNewlines(node: RegexNode): RegexNode {
  const lineFeed = (code: number): boolean => code === 10;
  switch (node.kind) {
    case "any":
      return { kind: "set", set: byteSet(lineFeed), negated: true };
    case "set": {
      if (!node.negated) return node;
      const { set } = node;
      return { ...node, set: byteSet((code) => set[code] === 1 || lineFeed(code)) };
    }
    case "assert":
      if (node.assertion === "start") return { kind: "assert", assertion: "line-start" };
      return node.assertion === "end" ? { kind: "assert", assertion: "line-end" } : node;
    case "sequence":
      return { kind: "sequence", items: node.items.map(withNewlines) };
    case "choice":
      return { kind: "choice", options: node.options.map(withNewlines) };
    case "group":
    case "repeat":
      return { ...node, body: withNewlines(node.body) };
    default:
      return node;
  }
}
