/** Single values and parameters of headers that hold lists, counted over all headers of a name. */
import {
  equalsIgnoreCase,
  indexIn,
  isLws,
  quotedEnd,
  trimEnd,
  trimStart,
} from "../../sip/chars.ts";
import { listItemEnd, paramEnd } from "../../sip/params.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { ScriptContext } from "../../runtime/context.ts";

/** `name[index].parameter`. */
export interface ValuePath {
  readonly name: string;
  /** From 1 (0 is the first too), negative from the end, all, or none written. */
  readonly index: number | "*" | undefined;
  readonly param: string | undefined;
}

/** Reads a path; undefined when it is malformed. */
export function parsePath(text: string): ValuePath | undefined {
  const match = /^([^[\].\s]+)\s*(?:\[\s*(\*|-?\d+)\s*\])?\s*(?:\.\s*(\S+))?$/.exec(text.trim());
  if (match === null) return undefined;
  const index = match[2];
  return {
    name: match[1] as string,
    index: index === undefined || index === "*" ? index : Number(index),
    param: match[3],
  };
}

/** One value: its header and its range without white space. */
export interface HeaderValue {
  readonly header: number;
  readonly start: number;
  readonly end: number;
}

/** All values of all headers of a name; with `whole` each header is one value. */
export function valuesOf(msg: SipMessage, name: string, whole = false): HeaderValue[] {
  const list: HeaderValue[] = [];
  for (let i = msg.findName(name); i >= 0; i = msg.findName(name, i)) {
    const end = msg.valueEnd(i);
    let at = msg.valueStart(i);
    while (at <= end) {
      const stop = whole ? end : listItemEnd(msg.text, at, end);
      const start = trimStart(msg.text, at, stop);
      if (start < stop) list.push({ header: i, start, end: trimEnd(msg.text, start, stop) });
      at = stop + 1;
    }
  }
  return list;
}

/** The values that an index means; the first without one. */
function chosen(list: readonly HeaderValue[], index: ValuePath["index"]): HeaderValue[] {
  if (index === "*") return [...list];
  // As Kamailio, 0 is the first one too.
  const position = index ?? 1;
  const at = position < 0 ? list.length + position : Math.max(0, position - 1);
  const value = list[at];
  return value === undefined ? [] : [value];
}

/** Removes a value with its comma; the whole header when it is the only one. */
function removeValue(
  context: ScriptContext,
  list: readonly HeaderValue[],
  value: HeaderValue,
): void {
  const { msg, edits } = context;
  const line = list.filter((other) => other.header === value.header);
  const at = line.indexOf(value);
  const previous = line[at - 1];
  const next = line[at + 1];
  if (previous !== undefined) edits.remove(previous.end, value.end);
  else if (next !== undefined) edits.remove(value.start, next.start);
  else edits.removeHeader(msg, value.header);
}

/** Range of a parameter: with its separator, and of its value (start and end equal when it has none). */
interface ParamRange {
  readonly start: number;
  readonly end: number;
  readonly nameEnd: number;
}

/** Finds a parameter behind semicolons. */
function findParam(text: string, value: HeaderValue, name: string): ParamRange | undefined {
  let at = paramEnd(text, afterAddress(text, value), value.end);
  while (at < value.end) {
    const start = trimStart(text, at + 1, value.end);
    const end = paramEnd(text, start, value.end);
    const equals = indexIn(text, 61, start, end);
    const nameEnd = trimEnd(text, start, equals < 0 ? end : equals);
    if (equalsIgnoreCase(text.slice(start, nameEnd), name)) return { start: at, end, nameEnd };
    at = end;
  }
  return undefined;
}

/** Parameters of the header begin behind an address in brackets. */
function afterAddress(text: string, value: HeaderValue): number {
  const open = indexIn(text, 60, value.start, value.end);
  const close = open < 0 ? -1 : indexIn(text, 62, open, value.end);
  return close < 0 ? value.start : close;
}

/** Finds a parameter between commas, behind the scheme's name. */
function findCommaParam(text: string, value: HeaderValue, name: string): ParamRange | undefined {
  let at = value.start;
  while (at < value.end && !isLws(text.charCodeAt(at))) at++;
  while (at < value.end) {
    const start = trimStart(text, at, value.end);
    const equals = indexIn(text, 61, start, value.end);
    const end = commaEnd(text, start, value.end);
    const nameEnd = trimEnd(text, start, equals < 0 || equals > end ? end : equals);
    if (equalsIgnoreCase(text.slice(start, nameEnd), name)) return { start, end, nameEnd };
    at = end + 1;
  }
  return undefined;
}

function commaEnd(text: string, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 44) return i;
    if (c === 34) {
      const close = quotedEnd(text, i, end);
      if (close < 0) return end;
      i = close - 1;
    }
  }
  return end;
}

/** Names without separators differ only in underscores, which scripts may write for dashes. */
function headerName(name: string): string {
  return name.replace(/_/g, "-");
}

/** Adds a value behind the one at the index, else as a header of its own. */
export function appendValue(context: ScriptContext, path: ValuePath, text: string): number {
  const { msg, edits } = context;
  const value =
    path.index === undefined ? undefined : chosen(valuesOf(msg, path.name), path.index)[0];
  if (value === undefined) edits.appendHeader(msg, `${path.name}: ${text}\r\n`);
  else edits.insert(value.end, `,${text}`);
  return 1;
}

/** Adds a value in front of the one at the index, else as a header of its own. */
export function insertValue(context: ScriptContext, path: ValuePath, text: string): number {
  const { msg, edits } = context;
  const list = valuesOf(msg, path.name);
  const value = path.index === undefined ? undefined : chosen(list, path.index)[0];
  if (value === undefined) {
    const line = `${path.name}: ${text}\r\n`;
    const first = msg.findName(path.name);
    if (first < 0) edits.appendHeader(msg, line);
    else edits.insertHeader(msg, line, first);
    return 1;
  }
  const previous = list[list.indexOf(value) - 1];
  if (previous?.header === value.header) edits.insert(previous.end, `,${text}`);
  else edits.insert(value.start, `${text},`);
  return 1;
}

/** Removes values or their parameters. `whole`: commas separate parameters, not values. */
export function removeValues(context: ScriptContext, path: ValuePath, whole: boolean): number {
  const { msg, edits } = context;
  const list = valuesOf(msg, path.name, whole);
  let count = 0;
  for (const value of chosen(list, path.index)) {
    if (path.param === undefined) removeValue(context, list, value);
    else {
      const find = whole ? findCommaParam : findParam;
      const param = find(msg.text, value, path.param);
      if (param === undefined) continue;
      // Between commas the parameter goes with the comma behind it, or with the one in front if it is the last.
      const end = whole && param.end < value.end ? param.end + 1 : param.end;
      edits.remove(param.start, end);
    }
    count++;
  }
  return count > 0 ? 1 : -1;
}

/** Sets values or their parameters. */
export function assignValues(
  context: ScriptContext,
  path: ValuePath,
  text: string,
  whole: boolean,
): number {
  const { msg, edits } = context;
  const values = chosen(valuesOf(msg, path.name, whole), path.index);
  for (const value of values) {
    if (path.param === undefined) {
      edits.replace(value.start, value.end, text);
      continue;
    }
    const find = whole ? findCommaParam : findParam;
    const param = find(msg.text, value, path.param);
    const assigned = text === "" ? "" : `=${text}`;
    if (param !== undefined) edits.replace(param.nameEnd, param.end, assigned);
    else edits.insert(value.end, `${whole ? "," : ";"}${path.param}${assigned}`);
  }
  return values.length > 0 ? 1 : -1;
}

function findExact(msg: SipMessage, name: string, text: string): HeaderValue | undefined {
  return valuesOf(msg, name).find((value) =>
    equalsIgnoreCase(msg.text.slice(value.start, value.end), text),
  );
}

/** Adds a value to a list unless it is there. */
export function includeValue(context: ScriptContext, name: string, text: string): number {
  const { msg, edits } = context;
  if (findExact(msg, name, text) !== undefined) return 1;
  const last = valuesOf(msg, name).at(-1);
  if (last === undefined) edits.appendHeader(msg, `${name}: ${text}\r\n`);
  else edits.insert(last.end, `,${text}`);
  return 1;
}

/** Removes a value from a list. True also when it was not there. */
export function excludeValue(context: ScriptContext, name: string, text: string): number {
  const { msg } = context;
  const list = valuesOf(msg, name);
  for (const value of list) {
    if (equalsIgnoreCase(msg.text.slice(value.start, value.end), text)) {
      removeValue(context, list, value);
    }
  }
  return 1;
}

export function hasValue(msg: SipMessage, name: string, text: string): boolean {
  return findExact(msg, headerName(name), text) !== undefined;
}

/** Value of a parameter for selects: without quotes; undefined when it is not there. */
export function paramOf(
  msg: SipMessage,
  value: HeaderValue,
  name: string,
  whole: boolean,
): string | undefined {
  const param = (whole ? findCommaParam : findParam)(msg.text, value, name);
  if (param === undefined) return undefined;
  const equals = indexIn(msg.text, 61, param.nameEnd, param.end);
  if (equals < 0) return "";
  const start = trimStart(msg.text, equals + 1, param.end);
  const text = msg.text.slice(start, trimEnd(msg.text, start, param.end));
  return text.startsWith('"') ? text.slice(1, -1) : text;
}

export { chosen as chooseValues, headerName };
