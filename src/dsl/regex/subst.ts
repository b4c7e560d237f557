/** Substitution expressions: `/pattern/replacement/flags` as `subst()` and `{re.subst}` take them. */
import type { Variable } from "../syntax/ast.ts";
import { translateRegex } from "./translate.ts";

/** A piece of the replacement. */
export type SubstPart<V = Variable> =
  | { readonly kind: "text"; readonly text: string }
  /** `\0` to `\9`: the whole match or a group. */
  | { readonly kind: "group"; readonly index: number }
  | { readonly kind: "variable"; readonly variable: V };

export interface Subst<V = Variable> {
  /** With flag `g` when all matches are replaced. */
  readonly regex: RegExp;
  readonly parts: readonly SubstPart<V>[];
  readonly replacesAll: boolean;
}

export type SubstReading<V = Variable> =
  | { readonly ok: true; readonly subst: Subst<V> }
  | { readonly ok: false; readonly message: string; readonly position: number };

/**
 * Reads the variable that begins at `at` (a `$`): the variable and where it ends; nothing when there is none. Given by the
 * caller, because only it knows how far a variable goes.
 */
export type ReadVariable<V> = (
  text: string,
  at: number,
) => { readonly variable: V; readonly end: number } | undefined;

interface Problem {
  readonly ok: false;
  readonly message: string;
  readonly position: number;
}

/** End of the pattern: the next separator without a backslash. -1: none. */
function endOfPattern(text: string, separator: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === separator) return at;
  }
  return -1;
}

const controlEscapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** Collects the parts of a replacement, joining text. */
class PartList<V> {
  readonly parts: SubstPart<V>[] = [];
  #text = "";

  text(text: string): void {
    this.#text += text;
  }

  add(part: SubstPart<V>): void {
    this.flush();
    this.parts.push(part);
  }

  flush(): void {
    if (this.#text !== "") this.parts.push({ kind: "text", text: this.#text });
    this.#text = "";
  }
}

function readEscape<V>(text: string, at: number, separator: string, list: PartList<V>): void {
  const char = text[at] as string;
  const control = Object.hasOwn(controlEscapes, char) ? controlEscapes[char] : undefined;
  if (char >= "0" && char <= "9") list.add({ kind: "group", index: Number(char) });
  else if (control !== undefined) list.text(control);
  else if (char === "\\" || char === "$" || char === separator) list.text(char);
  // As kamailio: an unknown escape is left out.
}

function readReplacement<V>(
  text: string,
  from: number,
  readVariable: ReadVariable<V>,
): { ok: true; parts: readonly SubstPart<V>[]; end: number } | Problem {
  const separator = text[0] as string;
  const list = new PartList<V>();
  let at = from;
  while (at < text.length && text[at] !== separator) {
    const char = text[at] as string;
    if (char === "\\") {
      if (at + 1 < text.length) readEscape(text, at + 1, separator, list);
      at += 2;
    } else if (char === "$") {
      const found = readVariable(text, at);
      if (found === undefined) {
        return { ok: false, message: "no variable begins at this '$'", position: at };
      }
      list.add({ kind: "variable", variable: found.variable });
      at = found.end;
    } else {
      list.text(char);
      at++;
    }
  }
  if (at >= text.length) {
    return { ok: false, message: `the closing '${separator}' is missing`, position: text.length };
  }
  list.flush();
  return { ok: true, parts: list.parts, end: at };
}

/** Letters behind the last separator: `g` all matches, `i` any case, `s` line feeds are ordinary characters. */
function readFlags(text: string, from: number): { flags: Set<string> } | Problem {
  const flags = new Set<string>();
  for (let at = from; at < text.length; at++) {
    const char = text[at] as string;
    if (!"gis".includes(char)) {
      return { ok: false, message: `unknown flag '${char}'`, position: at };
    }
    flags.add(char);
  }
  return { flags };
}

/** Reads a substitution. The first character is the separator. Never throws. */
export function parseSubst<V>(text: string, readVariable: ReadVariable<V>): SubstReading<V> {
  if (text.length < 3)
    return { ok: false, message: "a substitution reads /pattern/replacement/flags", position: 0 };
  const separator = text[0] as string;
  if (separator === "\\")
    return { ok: false, message: "'\\' cannot separate the parts", position: 0 };
  const patternEnd = endOfPattern(text, separator);
  if (patternEnd < 0) {
    return { ok: false, message: `the closing '${separator}' is missing`, position: text.length };
  }
  const replacement = readReplacement(text, patternEnd + 1, readVariable);
  if (!replacement.ok) return replacement;
  const options = readFlags(text, replacement.end + 1);
  if (!("flags" in options)) return options;
  const { flags } = options;
  // An escaped separator stands for itself, also where `\` would give it another meaning.
  const pattern = text.slice(1, patternEnd).replaceAll(`\\${separator}`, separator);
  const translation = translateRegex(pattern, {
    ignoreCase: flags.has("i"),
    newline: !flags.has("s"),
    longest: true,
    global: flags.has("g"),
  });
  if (!translation.ok) {
    const { message, position } = translation.problem;
    return { ok: false, message, position: position + 1 };
  }
  return {
    ok: true,
    subst: { regex: translation.regex, parts: replacement.parts, replacesAll: flags.has("g") },
  };
}

/** Does a substitution: the new text and how many matches were replaced (0: the text as it was). */
export function applySubst<V>(
  subst: Subst<V>,
  text: string,
  evaluate: (variable: V) => string,
): { readonly text: string; readonly count: number } {
  let result = "";
  let last = 0;
  let count = 0;
  let from = 0;
  while (from <= text.length) {
    subst.regex.lastIndex = from;
    const match = subst.regex.exec(text);
    if (match === null) break;
    count++;
    result += text.slice(last, match.index) + replacementOf(subst.parts, match, evaluate);
    last = match.index + match[0].length;
    // An empty match must not be found again.
    from = match[0].length === 0 ? last + 1 : last;
    if (!subst.replacesAll) break;
  }
  subst.regex.lastIndex = 0;
  return count === 0 ? { text, count } : { text: result + text.slice(last), count };
}

function replacementOf<V>(
  parts: readonly SubstPart<V>[],
  match: RegExpExecArray,
  evaluate: (variable: V) => string,
): string {
  let text = "";
  for (const part of parts) {
    if (part.kind === "text") text += part.text;
    else if (part.kind === "group") text += match[part.index] ?? "";
    else text += evaluate(part.variable);
  }
  return text;
}
