/** Functions on structured values: explode and implode, copy, set and remove, to and from `$var`. */
import type { Value } from "../../dsl/value.ts";
import { isLws } from "../../sip/chars.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { XavpNode, type XavpValue } from "../../runtime/lists.ts";
import type { ScriptVariable } from "../../runtime/module.ts";
import { parseParams } from "./list-transformations.ts";
import type { ScriptVariables } from "./script-variables.ts";
import { stackPosition } from "./xavp-name.ts";
import {
  pushRoot,
  removeRoot,
  rootNode,
  rootStack,
  setField,
  type XavpKind,
} from "./xavp-store.ts";

/** Fields from `a=1;b=2`: for xavp a new root, for xavu in the root's place. */
export function explodeParams(
  context: ScriptContext,
  kind: XavpKind,
  text: string,
  name: string,
): number {
  const params = parseParams(text, 59);
  if (params === null) return -1;
  const node = new XavpNode();
  for (const param of params) {
    const values = node.fields.get(param.name);
    if (values === undefined) node.fields.set(param.name, [param.value]);
    else values.push(param.value);
  }
  pushRoot(context, kind, name, node);
  return 1;
}

/** `a=1;b;c=2;`, with the newest value of each field. */
export function implodeParams(
  context: ScriptContext,
  kind: XavpKind,
  name: string,
  target: ScriptVariable,
): number {
  const node = rootNode(context, kind, name, undefined);
  if (node === undefined) return -1;
  let text = "";
  for (const [field, values] of node.fields) {
    for (const value of values) {
      if (value instanceof XavpNode || value === null) continue;
      const shown = typeof value === "number" ? String(value >>> 0) : value;
      text += shown === "" ? `${field};` : `${field}=${shown};`;
    }
  }
  target.set(context, text);
  return 1;
}

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isLws(text.charCodeAt(start))) start++;
  while (end > start && isLws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Breaks a list into tokens at any of the separators; they become `v[0]`, `v[1]`, ... of a new root. */
export function explodeList(
  context: ScriptContext,
  request: { readonly text: string; readonly separators: string; readonly mode: string },
  name: string,
): number {
  const tokens: string[] = [];
  let token = "";
  const take = (): void => {
    const kept = request.mode.includes("t") ? trim(token) : token;
    if (kept !== "") tokens.push(kept);
    token = "";
  };
  for (const c of request.text) {
    if (request.separators.includes(c)) take();
    else token += c;
  }
  take();
  if (tokens.length === 0) return -1;
  const node = new XavpNode();
  node.fields.set("v", tokens);
  pushRoot(context, "xavp", name, node);
  return 1;
}

/** Sets the field of the newest root; makes the root when there is none. */
export function setChild(
  context: ScriptContext,
  kind: XavpKind,
  path: { readonly root: string; readonly child: string },
  value: Value,
): number {
  let node = rootNode(context, kind, path.root, undefined);
  if (node === undefined) pushRoot(context, kind, path.root, (node = new XavpNode()));
  setField(node, kind === "xavi" ? path.child.toLowerCase() : path.child, value);
  return 1;
}

/** Removes the newest value of the field of the newest root. */
export function removeChild(
  context: ScriptContext,
  kind: XavpKind,
  root: string,
  child: string,
): number {
  const node = rootNode(context, kind, root, undefined);
  const key = kind === "xavi" ? child.toLowerCase() : child;
  const values = node?.fields.get(key);
  if (values === undefined) return 1;
  values.shift();
  if (values.length === 0) node?.fields.delete(key);
  return 1;
}

/** Removes the newest root of that name. */
export function removeNewest(context: ScriptContext, kind: XavpKind, name: string): number {
  removeRoot(context, kind, name, 0);
  return 1;
}

function cloneValue(value: XavpValue): XavpValue {
  if (!(value instanceof XavpNode)) return value;
  const copy = new XavpNode();
  for (const [field, values] of value.fields) copy.fields.set(field, values.map(cloneValue));
  return copy;
}

/** Copies a value: added behind those of the destination, or in the place of one of them. */
export function copyXavp(
  context: ScriptContext,
  source: { readonly name: string; readonly index: number },
  destination: { readonly name: string; readonly index: number | undefined },
): number {
  const from = rootStack(context, "xavp", source.name);
  const value = from?.[stackPosition(source.index, from.length)];
  if (value === undefined) return -1;
  const to = rootStack(context, "xavp", destination.name);
  const copy = cloneValue(value);
  if (destination.index === undefined) {
    if (to === undefined) pushRoot(context, "xavp", destination.name, copy);
    else to.push(copy);
    return 1;
  }
  const at = to === undefined ? -1 : stackPosition(destination.index, to.length);
  if (to === undefined || at < 0) return -1;
  to[at] = copy;
  return 1;
}

/** Copies one `$var`, or with `*` all of them, into a root that is emptied first. */
export function variablesToXavp(
  context: ScriptContext,
  variables: ScriptVariables,
  name: string,
  root: string,
): number {
  const node = new XavpNode();
  const names = name === "*" ? variables.names() : [name];
  for (const each of names) node.fields.set(each, [variables.get(context, each)]);
  removeRoot(context, "xavp", root, "*");
  pushRoot(context, "xavp", root, node);
  return 1;
}

/** Copies the fields of all roots of that name into `$var`s, the oldest root last. */
export function xavpToVariables(
  context: ScriptContext,
  variables: ScriptVariables,
  root: string,
): number {
  const stack = rootStack(context, "xavp", root);
  if (stack === undefined) return -1;
  for (const value of stack) {
    if (!(value instanceof XavpNode)) continue;
    for (const [field, values] of value.fields) {
      const newest = values[0];
      if (newest !== undefined && !(newest instanceof XavpNode)) {
        variables.set(context, field, newest);
      }
    }
  }
  return 1;
}

function describe(value: XavpValue, indent: string): string[] {
  if (value === null) return ["<null>"];
  if (typeof value === "number") return [`int: ${value}`];
  if (typeof value === "string") return [`str: ${value}`];
  const lines = ["struct"];
  for (const [field, values] of value.fields) {
    for (const each of values) {
      const [first, ...more] = describe(each, `${indent}  `);
      lines.push(`${indent}  ${field} = ${first}`, ...more);
    }
  }
  return lines;
}

/** Writes all lists of one kind to the log, for people. */
export function printXavps(context: ScriptContext, kind: XavpKind): number {
  const { log } = context.services;
  if (!log.enabled(2)) return 1;
  const roots: Iterable<[string, XavpValue[]]> =
    kind === "xavu"
      ? [...context.lists.xavus].map(([name, value]): [string, XavpValue[]] => [name, [value]])
      : context.lists[kind === "xavp" ? "xavps" : "xavis"];
  log.info(`list of ${kind}s`);
  for (const [name, values] of roots) {
    for (const value of values) {
      const [first, ...more] = describe(value, "");
      log.info([`${name} = ${first}`, ...more].join("\n"));
    }
  }
  return 1;
}
