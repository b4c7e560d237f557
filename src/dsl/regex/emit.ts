/** Writes the tree of a POSIX expression as the source of a JavaScript RegExp. */
import { withBothCases, type Assertion, type ByteSet, type RegexNode } from "./syntax.ts";

const assertionSources: Readonly<Record<Assertion, string>> = {
  start: "^",
  end: "$",
  "line-start": "(?<![^\\n])",
  "line-end": "(?![^\\n])",
  "word-boundary": "\\b",
  "no-word-boundary": "\\B",
  "word-start": "(?=\\w)\\b",
  "word-end": "(?<=\\w)\\b",
};

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, "0")}`;
}

function charSource(code: number): string {
  if (code > 0xff) return `\\u${code.toString(16).padStart(4, "0")}`;
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9_@:;=&~%#<>,!"' ]/.test(char)) return char;
  return code < 0x20 || code > 0x7e ? hex(code) : `\\${char}`;
}

function setSource(set: ByteSet, negated: boolean): string {
  let inside = "";
  for (let code = 0; code < 256; code++) {
    if (set[code] !== 1) continue;
    let last = code;
    while (last < 255 && set[last + 1] === 1) last++;
    inside += charSource(code);
    if (last > code) inside += (last > code + 1 ? "-" : "") + charSource(last);
    code = last;
  }
  if (inside === "") return negated ? "[^]" : "[]";
  return `[${negated ? "^" : ""}${inside}]`;
}

function quantifier(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  if (min === 0 && max === 1) return "?";
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function repeatSource(node: RegexNode & { kind: "repeat" }, expandCase: boolean): string {
  const body = emitRegex(node.body, expandCase);
  const { kind } = node.body;
  const isAtom = kind === "char" || kind === "any" || kind === "set" || kind === "group";
  return (isAtom ? body : `(?:${body})`) + quantifier(node.min, node.max);
}

/**
 * The source. With `expandCase` letters are written in both cases (`[aA]`), which is exact for bytes beyond ASCII, where
 * the flag `i` would fold letters of Latin-1.
 */
export function emitRegex(node: RegexNode, expandCase: boolean): string {
  switch (node.kind) {
    case "empty":
      return "(?:)";
    case "char": {
      if (!expandCase || !/[A-Za-z]/.test(String.fromCharCode(node.code))) {
        return charSource(node.code);
      }
      const set = new Uint8Array(256);
      set[node.code] = 1;
      return setSource(withBothCases(set), false);
    }
    case "any":
      return ".";
    case "set":
      return setSource(expandCase ? withBothCases(node.set) : node.set, node.negated);
    case "assert":
      return assertionSources[node.assertion];
    case "sequence":
      return node.items.map((item) => sequenceItem(item, expandCase)).join("");
    case "choice":
      return node.options.map((option) => emitRegex(option, expandCase)).join("|");
    case "group":
      return `(${emitRegex(node.body, expandCase)})`;
    case "repeat":
      return repeatSource(node, expandCase);
    case "backreference":
      return `(?:\\${node.index})`;
  }
}

function sequenceItem(item: RegexNode, expandCase: boolean): string {
  const source = emitRegex(item, expandCase);
  return item.kind === "choice" ? `(?:${source})` : source;
}
