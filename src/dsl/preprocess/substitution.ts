/** `#!subst "/regex/text/flags"`: reading and applying. */
import type { Span } from "../source.ts";
import type { Substitution } from "./result.ts";

/** A substitution with its parts as written, or what is wrong with it. */
export type SubstitutionResult =
  | {
      readonly ok: true;
      readonly substitution: Substitution;
      readonly name: string;
      readonly text: string;
    }
  | { readonly ok: false; readonly problem: string };

const CLASSES: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "\\x21-\\x7e",
  lower: "a-z",
  print: "\\x20-\\x7e",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

/** The offset of the next delimiter that is not escaped, or -1. */
function findDelimiter(text: string, delimiter: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === delimiter) return at;
  }
  return -1;
}

function compile(pattern: string, flags: string): RegExp | string {
  const translated = pattern.replace(/\[:(\w+):\]/g, (all, name: string) => CLASSES[name] ?? all);
  try {
    return new RegExp(
      translated,
      `${flags.includes("g") ? "g" : ""}${flags.includes("i") ? "i" : ""}`,
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Reads the string behind `#!subst`, `#!substdef` or `#!substdefs`. */
export function readSubstitution(text: string, span: Span): SubstitutionResult {
  const delimiter = text.charAt(0);
  if (delimiter === "") return { ok: false, problem: "the substitution is empty" };
  const second = findDelimiter(text, delimiter, 1);
  const third = second < 0 ? -1 : findDelimiter(text, delimiter, second + 1);
  if (third < 0) {
    return {
      ok: false,
      problem: `a substitution is written ${delimiter}regex${delimiter}text${delimiter}flags, with three '${delimiter}'`,
    };
  }
  const flags = text.slice(third + 1);
  if (!/^[gis]*$/.test(flags)) {
    return { ok: false, problem: `'${flags}' are no flags of a substitution; 'g' and 'i' are` };
  }
  const name = text.slice(1, second);
  const replacement = text.slice(second + 1, third);
  if (name === "") return { ok: false, problem: "the regular expression is empty" };
  const pattern = compile(name, flags);
  if (typeof pattern === "string") return { ok: false, problem: pattern };
  return {
    ok: true,
    substitution: { pattern, replacement, span, uses: 0 },
    name,
    text: replacement,
  };
}

/** Applies all substitutions in their order; gives back the same text when none fits. */
export function applySubstitutions(text: string, substitutions: readonly Substitution[]): string {
  let result = text;
  for (const entry of substitutions) {
    const before = result;
    result = result.replace(entry.pattern, (...found: unknown[]) =>
      entry.replacement.replace(/\\(\d|.)/g, (_, code: string) => {
        if (!/\d/.test(code))
          return code === "n" ? "\n" : code === "r" ? "\r" : code === "t" ? "\t" : code;
        const group = found[Number(code)];
        return typeof group === "string" ? group : "";
      }),
    );
    if (result !== before) entry.uses += 1;
  }
  return result;
}
