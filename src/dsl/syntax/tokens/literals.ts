/** Strings, numbers, addresses, variables and selects: each is one token, taken apart later. */
import { type CustomPatternMatcherReturn, createToken, type IToken } from "../chevrotain.ts";
import { AnyNumber } from "./categories.ts";
import { LBracket } from "./punctuation.ts";
import { EventRoute } from "./words.ts";
import { endOfString, endOfVariable } from "../scan.ts";

const ADJACENT = /[ \t\b\r\n]*"/y;

/** `"..."`, with all double-quoted strings that follow it after nothing but white space. */
function matchDoubleQuoted(text: string, offset: number): CustomPatternMatcherReturn | null {
  if (text.charCodeAt(offset) !== 34) return null;
  let end = endOfString(text, offset);
  if (end < 0) return null;
  for (;;) {
    ADJACENT.lastIndex = end;
    const next = ADJACENT.exec(text);
    if (next === null) break;
    const after = endOfString(text, end + next[0].length - 1);
    if (after < 0) break;
    end = after;
  }
  return [text.slice(offset, end)];
}

function matchVariable(text: string, offset: number): CustomPatternMatcherReturn | null {
  if (text.charCodeAt(offset) !== 36) return null;
  const end = endOfVariable(text, offset);
  return end < 0 ? null : [text.slice(offset, end)];
}

const EVENT_NAME = /[A-Za-z][\w-]*(?::[A-Za-z0-9][\w-]*)+/y;

/** Names of event routes have colons and hyphens; only behind `event_route[` is such a text one token. */
function matchEventName(
  text: string,
  offset: number,
  tokens: IToken[],
): CustomPatternMatcherReturn | null {
  if (tokens.at(-1)?.tokenType !== LBracket) return null;
  if (tokens.at(-2)?.tokenType !== EventRoute) return null;
  EVENT_NAME.lastIndex = offset;
  const found = EVENT_NAME.exec(text);
  return found === null ? null : [found[0]];
}

export const DoubleQuoted = createToken({
  name: "DoubleQuoted",
  pattern: { exec: matchDoubleQuoted },
  start_chars_hint: ['"'],
  line_breaks: true,
  label: "a string",
});
export const SingleQuoted = createToken({
  name: "SingleQuoted",
  pattern: /'[^']*'/,
  line_breaks: true,
  label: "a string",
});
export const VariableToken = createToken({
  name: "VariableToken",
  pattern: { exec: matchVariable },
  start_chars_hint: ["$"],
  line_breaks: false,
  label: "a variable",
});
export const SelectToken = createToken({
  name: "SelectToken",
  pattern:
    /@[A-Za-z_]\w*(?:\[(?:-?\d+|"[^"\n]*")\])?(?:\.[A-Za-z_]\w*(?:\[(?:-?\d+|"[^"\n]*")\])?)*/,
  label: "a select",
});
export const EventName = createToken({
  name: "EventName",
  pattern: { exec: matchEventName },
  start_chars_hint: [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"],
  line_breaks: false,
  label: "the name of an event",
});
export const IPv6 = createToken({
  name: "IPv6",
  pattern:
    /(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|(?:[0-9a-fA-F]{1,4}:){1,7}(?::[0-9a-fA-F]{1,4}){1,7}|:(?::[0-9a-fA-F]{1,4}){1,7}|(?:[0-9a-fA-F]{1,4}:){1,7}:|::/,
  label: "an IPv6 address",
});
export const IPv4 = createToken({
  name: "IPv4",
  pattern: /\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.-])/,
  label: "an IPv4 address",
});
export const Hexadecimal = createToken({
  name: "Hexadecimal",
  pattern: /0x[0-9a-fA-F]+(?!\w)/,
  categories: [AnyNumber],
});
export const Binary = createToken({
  name: "Binary",
  pattern: /[01]+b(?!\w)/,
  categories: [AnyNumber],
});
export const Octal = createToken({
  name: "Octal",
  pattern: /0[0-7]+(?!\w)/,
  categories: [AnyNumber],
});
export const Decimal = createToken({
  name: "Decimal",
  pattern: /(?:0|[1-9]\d*)(?!\w)/,
  categories: [AnyNumber],
});
/** Starts with a digit and is no number, as host names and interfaces may. */
export const NumberedName = createToken({ name: "NumberedName", pattern: /\d\w*/ });

/** Variables and strings. */
export const TEXT_LITERALS = [DoubleQuoted, SingleQuoted, VariableToken, SelectToken, EventName];
/** Numbers and addresses, longest form first. */
export const NUMBER_LITERALS = [IPv6, IPv4, Hexadecimal, Binary, Octal, Decimal, NumberedName];
