/** Searching and replacing by pattern or text in the message: headers and body, never the first line. */
import type { SipMessage } from "../../sip/message.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { BoundSubstitution } from "./substitution.ts";

/** Which part of the message: its headers, its body, or both. */
export type Area = "all" | "headers" | "body";

function areaStart(msg: SipMessage, area: Area): number {
  return area === "body" ? msg.bodyStart : msg.firstLineEnd;
}

function areaEnd(msg: SipMessage, area: Area): number {
  return area === "headers" ? msg.bodyStart : msg.text.length;
}

function areaText(msg: SipMessage, area: Area): string {
  return msg.text.slice(areaStart(msg, area), areaEnd(msg, area));
}

export function search(context: ScriptContext, regex: RegExp, area: Area): number {
  regex.lastIndex = 0;
  return regex.test(areaText(context.msg, area)) ? 1 : -1;
}

/** Puts a text behind the first match. */
export function appendBehind(
  context: ScriptContext,
  regex: RegExp,
  text: string,
  area: Area,
): number {
  regex.lastIndex = 0;
  const match = regex.exec(areaText(context.msg, area));
  if (match === null) return -1;
  const start = areaStart(context.msg, area);
  context.edits.insert(start + match.index + match[0].length, text);
  return 1;
}

/** Replaces the first match, or all with a pattern that looks for all. */
export function replace(context: ScriptContext, regex: RegExp, text: string, area: Area): number {
  const source = areaText(context.msg, area);
  const base = areaStart(context.msg, area);
  let count = 0;
  let from = 0;
  while (from <= source.length) {
    regex.lastIndex = from;
    const match = regex.exec(source);
    if (match === null) break;
    const end = match.index + match[0].length;
    if (match[0].length > 0) {
      context.edits.replace(base + match.index, base + end, text);
      count++;
    }
    if (!regex.global) break;
    from = match[0].length === 0 ? end + 1 : end;
  }
  regex.lastIndex = 0;
  return count > 0 ? 1 : -1;
}

/** Replaces a text: the first occurrence (`f`) or all (`a`). True also when there is none, as in Kamailio. */
export function replaceText(
  context: ScriptContext,
  request: { readonly match: string; readonly text: string; readonly mode: string },
  area: Area,
): number {
  const { match, text, mode } = request;
  if (match === "") return -1;
  const source = areaText(context.msg, area);
  const base = areaStart(context.msg, area);
  for (let at = source.indexOf(match); at >= 0; at = source.indexOf(match, at + match.length)) {
    context.edits.replace(base + at, base + at + match.length, text);
    if (!mode.startsWith("a")) break;
  }
  return 1;
}

/** Runs a substitution over a part of the message. */
export function substitute(
  context: ScriptContext,
  substitution: BoundSubstitution,
  area: Area,
): number {
  const base = areaStart(context.msg, area);
  const found = substitution.replacements(areaText(context.msg, area), context);
  for (const { start, end, text } of found) {
    context.edits.replace(base + start, base + end, text);
  }
  return found.length > 0 ? 1 : -1;
}

/** Indexes of the headers of a name that a mode names: `a` all, `f` the first, `l` the last. */
function chosenHeaders(msg: SipMessage, name: string, mode: string): number[] {
  const all: number[] = [];
  for (let i = msg.findName(name); i >= 0; i = msg.findName(name, i)) all.push(i);
  if (mode.startsWith("f")) return all.slice(0, 1);
  return mode.startsWith("l") ? all.slice(-1) : all;
}

export function searchHeader(
  context: ScriptContext,
  name: string,
  regex: RegExp,
  mode: string,
): number {
  const { msg } = context;
  const found = chosenHeaders(msg, name, mode).some((i) => {
    regex.lastIndex = 0;
    return regex.test(msg.headerValue(i));
  });
  return found ? 1 : -1;
}

/** Runs a substitution over the values of headers. */
export function substituteHeader(
  context: ScriptContext,
  name: string,
  substitution: BoundSubstitution,
  mode: string,
): number {
  const { msg } = context;
  let count = 0;
  for (const i of chosenHeaders(msg, name, mode)) {
    const base = msg.valueStart(i);
    for (const { start, end, text } of substitution.replacements(msg.headerValue(i), context)) {
      context.edits.replace(base + start, base + end, text);
      count++;
    }
  }
  return count > 0 ? 1 : -1;
}
