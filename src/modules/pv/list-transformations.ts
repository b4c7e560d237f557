/** Transformations of the classes `param`, `line` and `val`. */
import type { Value } from "../../dsl/value.ts";
import { isLws, isTokenChar, quotedEnd, trimStart } from "../../sip/chars.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { TransformationArgument, TransformationImplementation } from "../../runtime/module.ts";
import { numberArgument, onText, textArgument } from "./transformation-arguments.ts";

interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** Offset behind the value at `at` (a quoted string or up to white space, comma or separator); -1 if there is none. */
function paramValueEnd(text: string, at: number, separator: number): number {
  const c = text.charCodeAt(at);
  if (c === 34) return quotedEnd(text, at, text.length);
  let end = at;
  while (end < text.length) {
    const d = text.charCodeAt(end);
    if (d === separator || d === 44 || isLws(d)) break;
    end++;
  }
  return end > at ? end : -1;
}

/** `a=1;b="x";c` in its parts; null when malformed; as Kamailio, a value may be missing only at the end. */
export function parseParams(text: string, separator: number): NamedValue[] | null {
  const list: NamedValue[] = [];
  let at = trimStart(text, 0, text.length);
  if (at === text.length) return null;
  while (at < text.length) {
    const start = trimStart(text, at, text.length);
    let end = start;
    while (end < text.length && isTokenChar(text.charCodeAt(end))) end++;
    at = trimStart(text, end, text.length);
    let value = "";
    if (text.charCodeAt(at) === 61) {
      at = trimStart(text, at + 1, text.length);
      if (at === text.length) return [...list, { name: text.slice(start, end), value: "" }];
      const stop = paramValueEnd(text, at, separator);
      if (stop < 0) return null;
      value = text.charCodeAt(at) === 34 ? text.slice(at + 1, stop - 1) : text.slice(at, stop);
      at = trimStart(text, stop, text.length);
    }
    list.push({ name: text.slice(start, end), value });
    // A comma ends the header value that the parameters belong to.
    if (at >= text.length || text.charCodeAt(at) === 44) return list;
    if (text.charCodeAt(at) !== separator) return null;
    at++;
    if (trimStart(text, at, text.length) === text.length) return list;
  }
  return list;
}

type ParamQuery = (
  list: readonly NamedValue[],
  argument: TransformationArgument | undefined,
  context: ScriptContext,
) => Value;

/** The character of an optional last argument, `;` without one. */
function separatorOf(argument: TransformationArgument | undefined): number {
  return argument?.constant?.charCodeAt(0) || 59;
}

function onParams(separatorAt: number, query: ParamQuery): TransformationImplementation {
  return (args) => {
    const separator = separatorOf(args[separatorAt]);
    return (value, context) => {
      const list = value === null ? null : parseParams(String(value), separator);
      return list === null ? null : query(list, args[0], context);
    };
  };
}

function byName(
  list: readonly NamedValue[],
  argument: TransformationArgument | undefined,
  context: ScriptContext,
): NamedValue | undefined {
  const name = textArgument(argument, "")(context)?.toLowerCase();
  return list.find((param) => param.name.toLowerCase() === name);
}

function byIndex(
  list: readonly NamedValue[],
  argument: TransformationArgument | undefined,
  context: ScriptContext,
): NamedValue | undefined {
  return list.at(numberArgument(argument)(context) ?? list.length);
}

export const paramTransformations = {
  value: onParams(1, (list, name, context) => byName(list, name, context)?.value ?? ""),
  in: onParams(1, (list, name, context) => (byName(list, name, context) === undefined ? 0 : 1)),
  valueat: onParams(1, (list, index, context) => byIndex(list, index, context)?.value ?? ""),
  name: onParams(1, (list, index, context) => byIndex(list, index, context)?.name ?? ""),
  count: onParams(0, (list) => list.length),
} as const;

/** Lines without their line ends; a last line end does not begin another line. */
function splitLines(text: string): string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (text.endsWith("\n")) lines.pop();
  return lines;
}

const lineAt: TransformationImplementation = (args) => {
  const index = numberArgument(args[0]);
  return (value, context) => {
    const wanted = index(context);
    if (value === null || value === "" || wanted === null) return null;
    return splitLines(String(value)).at(wanted) ?? "";
  };
};

const lineStartingWith: TransformationImplementation = (args, node) => {
  const start = textArgument(args[0], node.raw);
  return (value, context) => {
    const word = start(context);
    if (value === null || word === null) return null;
    return splitLines(String(value)).find((line) => line.startsWith(word)) ?? "";
  };
};

export const lineTransformations = {
  count: onText((text) => (text === "" ? null : splitLines(text).length)),
  at: lineAt,
  sw: lineStartingWith,
} as const;

/** The text as it stands inside a JSON string. */
function jsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

export const valueTransformations = {
  n0: (() =>
    (value: Value): Value =>
      value ?? 0) as TransformationImplementation,
  ne: (() =>
    (value: Value): Value =>
      value ?? "") as TransformationImplementation,
  json: (() =>
    (value: Value): Value =>
      typeof value === "string" ? jsonText(value) : (value ?? "")) as TransformationImplementation,
  jsonqe: (() =>
    (value: Value): Value =>
      typeof value === "string"
        ? JSON.stringify(value)
        : (value ?? '""')) as TransformationImplementation,
} as const;
