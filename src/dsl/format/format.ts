/** Finds variables in strings the way a format string of a configuration is read. */
import type { StringLiteral, Variable } from "../syntax/ast.ts";
import type { Source, Span } from "../source.ts";
import { type Locate, VariableReader } from "./variable-reader.ts";

export type { Locate } from "./variable-reader.ts";

/** Literal text (`start` and `end` are units of the string). */
export interface FormatText {
  readonly kind: "text";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A variable with where it stands in the string. */
export interface FormatVariable {
  readonly kind: "variable";
  readonly variable: Variable;
  readonly start: number;
  readonly end: number;
}

/**
 * A `$` that begins no variable. Kamailio refuses to start then (its `-c` says nothing); evaluated, it stands for its own
 * text.
 */
export interface FormatProblem {
  readonly kind: "problem";
  readonly text: string;
  /** One plain sentence. */
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export type FormatPart = FormatText | FormatVariable | FormatProblem;

/** Places relative to a text that belongs to no file. */
function locateInText(text: string): Locate {
  const source: Source = { name: "<string>", text };
  return (start, end) => ({ source, start, end });
}

/**
 * Splits a string into text and variables. `$$` is the variable named `$`. Never throws.
 * Spans inside the variables are relative to the string (their source is `<string>`), unless `locate` is given:
 * `parseFormat(literal.value, locateIn(literal))` has them point into the configuration.
 */
export function parseFormat(text: string, locate?: Locate): readonly FormatPart[] {
  let dollar = text.indexOf("$");
  if (dollar < 0) return text === "" ? [] : [{ kind: "text", text, start: 0, end: text.length }];
  const reader = new VariableReader(text, locate ?? locateInText(text));
  const parts: FormatPart[] = [];
  let done = 0;
  while (dollar >= 0) {
    if (dollar > done) pushText(parts, text, done, dollar);
    const variable = reader.read(dollar);
    if (variable === undefined) {
      // Without an end in sight nothing behind it can be told apart either.
      done = reader.isOpenEnded ? text.length : dollar + 1;
      parts.push({
        kind: "problem",
        text: text.slice(dollar, done),
        message: reader.problem,
        start: dollar,
        end: done,
      });
    } else {
      done = reader.position;
      parts.push({ kind: "variable", variable, start: dollar, end: done });
    }
    dollar = text.indexOf("$", done);
  }
  if (done < text.length) pushText(parts, text, done, text.length);
  return parts;
}

function pushText(parts: FormatPart[], text: string, start: number, end: number): void {
  parts.push({ kind: "text", text: text.slice(start, end), start, end });
}

/** A variable, or why a text is none. */
export type VariableResult = { readonly variable: Variable } | { readonly problem: string };

/** Reads a text that is exactly one variable, or says why it is none. */
export function readVariable(text: string, locate?: Locate): VariableResult {
  if (text.charCodeAt(0) !== 36) return { problem: "a variable begins with '$'" };
  const reader = new VariableReader(text, locate ?? locateInText(text));
  const variable = reader.read(0);
  if (variable === undefined) return { problem: reader.problem };
  return reader.position === text.length
    ? { variable }
    : { problem: `'${text.slice(reader.position)}' does not belong to the variable before it` };
}

/** Reads a text that is exactly one variable (`$x`, `$x(y)`, `$(x(y)[1]{s.len})`); nothing when it is not. */
export function parseVariable(text: string, locate?: Locate): Variable | undefined {
  const result = readVariable(text, locate);
  return "variable" in result ? result.variable : undefined;
}

/** Where the units `start` to `end` (exclusive) of a literal's value stand in the configuration. */
export function spanInString(literal: StringLiteral, start: number, end: number): Span {
  const { offsets, span } = literal;
  if (offsets === undefined) {
    const base = span.start + 1;
    return { source: span.source, start: base + start, end: base + Math.max(start, end) };
  }
  const first = offsets[start] ?? offsets.at(-1);
  const last = end > start ? (offsets[end - 1] ?? first) : first;
  if (first === undefined || last === undefined) return span;
  if (first.source !== last.source) return first;
  return { source: first.source, start: first.start, end: Math.max(first.start, last.end) };
}

/** `spanInString` as a function, for `parseFormat`. */
export function locateIn(literal: StringLiteral): Locate {
  return (start, end) => spanInString(literal, start, end);
}
