/** Shapes that the transformations share: text in, text or number out, null for what cannot be worked out. */
import type { Value } from "../../dsl/value.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { TransformationArgument, TransformationImplementation } from "../../runtime/module.ts";

/** A transformation of text alone; $null stays $null, numbers are read as text. */
export function onText(apply: (text: string) => Value): TransformationImplementation {
  return () => (value) => (value === null ? null : apply(String(value)));
}

/** An argument as a number for this message; null when it is none. */
export function numberArgument(
  argument: TransformationArgument | undefined,
): (context: ScriptContext) => number | null {
  if (argument === undefined) return () => null;
  const { constant } = argument;
  const read = (value: Value): number | null => {
    if (typeof value === "number") return value;
    return value !== null && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : null;
  };
  if (constant !== undefined) {
    const number = read(constant);
    return () => number;
  }
  return (context) => read(argument.get(context));
}

/**
 * An argument as text for this message. A lone comma as argument reads as an empty first one, so the text behind the name (`raw`)
 * stands in for a constant that came out empty.
 */
export function textArgument(
  argument: TransformationArgument | undefined,
  raw: string,
): (context: ScriptContext) => string | null {
  const constant = argument === undefined ? raw : argument.constant;
  if (constant !== undefined || argument === undefined) {
    const text = constant === "" || constant === undefined ? raw : constant;
    return () => text;
  }
  return (context) => {
    const value = argument.get(context);
    return value === null ? null : String(value);
  };
}
