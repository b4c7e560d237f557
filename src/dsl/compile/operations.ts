/** What operators do with values whose types are known only at run time. Passed in to compiled programs. */
import type { Value } from "../value.ts";
import { Stop, type ScriptState } from "./abi.ts";

const maxInt = 0x7fffffff;

function parseHex(text: string): number {
  let value = 0;
  for (let i = 2; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const letter = code | 0x20;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && (letter < 0x61 || letter > 0x66)) return 0;
    value = value * 16 + (isDigit ? code - 0x30 : letter - 0x57);
    if (value > 0xffffffff) return 0;
  }
  return value | 0;
}

/**
 * The integer that a text holds: decimal with an optional sign, or `0x` and hexadecimal digits. Anything else, blanks
 * and numbers beyond 32 bits included, is 0.
 */
export function parseInteger(text: string): number {
  const { length } = text;
  if (length === 0) return 0;
  const first = text.charCodeAt(0);
  if (first === 0x30 && length > 2 && (text.charCodeAt(1) | 0x20) === 0x78) return parseHex(text);
  const isSigned = first === 0x2d || first === 0x2b;
  if (isSigned && length === 1) return 0;
  let value = 0;
  for (let i = isSigned ? 1 : 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return 0;
    value = value * 10 + digit;
    if (value > maxInt + 1) return 0;
  }
  if (first === 0x2d) return -value;
  return value > maxInt ? 0 : value;
}

/** The value as an integer: `$null` is 0. */
function int(value: Value): number {
  if (typeof value === "number") return value;
  return value === null ? 0 : parseInteger(value);
}

/** The value as text: `$null` is empty. */
function str(value: Value): string {
  if (typeof value === "string") return value;
  return value === null ? "" : `${value}`;
}

/** `+`: the left operand's type decides; with `$null` on the left, the right one's. */
function plus(left: Value, right: Value): Value {
  if (typeof left === "string") return left + str(right);
  if (typeof left === "number") return (left + int(right)) | 0;
  return right === null ? "" : right;
}

/** `==`: compared in the left operand's type; with `$null` on the left, in the right one's. */
function equals(left: Value, right: Value): boolean {
  if (typeof left === "string") return left === str(right);
  if (typeof left === "number") return left === int(right);
  return right === null || right === "" || right === 0;
}

/** `==` with a text known when compiling, not empty. */
function equalsText(left: Value, right: string): boolean {
  if (typeof left === "string") return left === right;
  return left !== null && left === parseInteger(right);
}

/** `==` with an integer known when compiling. */
function equalsInt(left: Value, right: number): boolean {
  if (typeof left === "number") return left === right;
  return typeof left === "string" ? left === `${right}` : right === 0;
}

/** A code that lets the script go on: neither 0 nor something else than a number. */
function isCode(code: number): boolean {
  return code > 0 || code <= -1;
}

/** Notes what a function handed back; 0 ends the script. */
function ran(context: ScriptState, code: number): number {
  context.rc = code;
  return isCode(code) ? code : zero(context, code);
}

/** The same for functions of the core, which leave `$rc` as it is. */
function ranCore(context: ScriptState, code: number): number {
  return isCode(code) ? code : zero(context, code);
}

/** The same inside an expression, where `$rc` becomes 0. */
function ranCoreValue(context: ScriptState, code: number): number {
  context.rc = 0;
  return isCode(code) ? code : zero(context, code);
}

function zero(context: ScriptState, code: unknown): number {
  if (code !== 0) {
    throw new TypeError("a script function that is not declared as async handed back no number");
  }
  context.stop |= Stop.exit;
  return 0;
}

/** `exit`. */
function end(context: ScriptState): number {
  context.stop |= Stop.exit;
  return 0;
}

/** `drop`. */
function drop(context: ScriptState): number {
  context.stop |= Stop.drop;
  return 0;
}

/** `return` of a value: 0 ends the script; when working it out has ended the script, the code is 0. */
function leave(context: ScriptState, code: number): number {
  if (code === 0) context.stop |= Stop.exit;
  return context.stop === 0 ? code : 0;
}

/** The functions that compiled code calls. */
export const operations = {
  int,
  str,
  plus,
  equals,
  equalsText,
  equalsInt,
  ran,
  ranCore,
  ranCoreValue,
  end,
  drop,
  leave,
} as const;

export type Operations = typeof operations;
