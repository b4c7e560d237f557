/** Reading and changing `$xavp`, `$xavi` and `$xavu` in the lists of a message. */
import type { Value } from "../../dsl/value.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { XavpNode, type XavpValue } from "../../runtime/lists.ts";
import { stackPosition, type StackIndex, type XavpName } from "./xavp-name.ts";

/** Which list: `$xavi` has names without regard to case, `$xavu` one value per name. */
export type XavpKind = "xavp" | "xavi" | "xavu";

const folded = (kind: XavpKind, name: string): string =>
  kind === "xavi" ? name.toLowerCase() : name;

/** The stack of a root name, newest first. */
export function rootStack(
  context: ScriptContext,
  kind: XavpKind,
  name: string,
): XavpValue[] | undefined {
  if (kind === "xavu") {
    const value = context.lists.xavus.get(name);
    return value === undefined ? undefined : [value];
  }
  const lists = kind === "xavp" ? context.lists.xavps : context.lists.xavis;
  return lists.get(folded(kind, name));
}

function plain(value: XavpValue | undefined): Value {
  if (value === undefined) return null;
  return value instanceof XavpNode ? "<<xavp>>" : value;
}

export function readXavp(context: ScriptContext, kind: XavpKind, name: XavpName): Value {
  const stack = rootStack(context, kind, name.root);
  if (stack === undefined) return null;
  const root = stack[stackPosition(name.rootIndex, stack.length)];
  if (name.field === undefined) return plain(root);
  const fields = root instanceof XavpNode ? root.fields.get(folded(kind, name.field)) : undefined;
  if (fields === undefined) return null;
  if (name.fieldIndex === "*") return fields.map((value) => String(plain(value))).join(", ");
  return plain(fields[stackPosition(name.fieldIndex, fields.length)]);
}

/** Puts a value on top of the root stack of a name. */
export function pushRoot(
  context: ScriptContext,
  kind: XavpKind,
  name: string,
  value: XavpValue,
): void {
  if (kind === "xavu") {
    context.lists.xavus.set(name, value);
    return;
  }
  const lists = kind === "xavp" ? context.lists.xavps : context.lists.xavis;
  const key = folded(kind, name);
  const stack = lists.get(key);
  if (stack === undefined) lists.set(key, [value]);
  else stack.unshift(value);
}

function removeAt<T>(stack: T[], index: StackIndex): void {
  if (index === "*") stack.length = 0;
  else {
    const at = stackPosition(index, stack.length);
    if (at >= 0) stack.splice(at, 1);
  }
}

export function removeRoot(
  context: ScriptContext,
  kind: XavpKind,
  name: string,
  index: StackIndex,
): void {
  if (kind === "xavu") {
    context.lists.xavus.delete(name);
    return;
  }
  const lists = kind === "xavp" ? context.lists.xavps : context.lists.xavis;
  const stack = lists.get(folded(kind, name));
  if (stack === undefined) return;
  removeAt(stack, index);
  if (stack.length === 0) lists.delete(folded(kind, name));
}

/** The node of a root, made when `create` is set and there is none. */
export function rootNode(
  context: ScriptContext,
  kind: XavpKind,
  name: string,
  index: StackIndex,
): XavpNode | undefined {
  const stack = rootStack(context, kind, name);
  const root = stack?.[stackPosition(index, stack.length)];
  return root instanceof XavpNode ? root : undefined;
}

/** Sets the newest value of a field, instead of adding one. */
export function setField(node: XavpNode, name: string, value: XavpValue): void {
  const values = node.fields.get(name);
  if (values === undefined || values.length === 0) node.fields.set(name, [value]);
  else values[0] = value;
}

function writeRoot(context: ScriptContext, kind: XavpKind, name: XavpName, value: Value): boolean {
  if (value === null) removeRoot(context, kind, name.root, name.rootIndex);
  else if (name.rootIndex === "*") return false;
  else if (name.rootIndex === undefined || kind === "xavu") {
    pushRoot(context, kind, name.root, value);
  } else {
    const stack = rootStack(context, kind, name.root);
    const at = stack === undefined ? -1 : stackPosition(name.rootIndex, stack.length);
    if (stack !== undefined && at >= 0) stack[at] = value;
  }
  return true;
}

function writeField(node: XavpNode, key: string, index: StackIndex, value: Value): boolean {
  const values = node.fields.get(key) ?? [];
  if (value === null) {
    removeAt(values, index);
    if (values.length === 0) node.fields.delete(key);
    return true;
  }
  if (index === "*") return false;
  if (index === undefined) values.unshift(value);
  else {
    const at = stackPosition(index, values.length);
    if (at >= 0) values[at] = value;
    else if (values.length === 0 && index === 0) values.push(value);
  }
  if (values.length > 0) node.fields.set(key, values);
  return true;
}

/**
 * Assigns. A name without index adds (`$xavp(a=>b)` makes a new `a`), one with index changes what is there; null removes. False:
 * it cannot be assigned.
 */
export function writeXavp(
  context: ScriptContext,
  kind: XavpKind,
  name: XavpName,
  value: Value,
): boolean {
  if (name.field === undefined) return writeRoot(context, kind, name, value);
  const key = folded(kind, name.field);
  if (kind === "xavu") {
    let node = rootNode(context, kind, name.root, undefined);
    if (value === null) {
      node?.fields.delete(key);
      return true;
    }
    if (node === undefined) pushRoot(context, kind, name.root, (node = new XavpNode()));
    node.fields.set(key, [value]);
    return true;
  }
  if (name.rootIndex === undefined && value !== null) {
    const node = new XavpNode();
    node.fields.set(key, [value]);
    pushRoot(context, kind, name.root, node);
    return true;
  }
  if (name.rootIndex === "*") return false;
  const node = rootNode(context, kind, name.root, name.rootIndex);
  return node === undefined ? true : writeField(node, key, name.fieldIndex, value);
}

/** Number of values that a name with `*` or without index stands for; 1 or 0 for one with an index. */
export function countXavps(context: ScriptContext, kind: XavpKind, name: XavpName): number {
  const stack = rootStack(context, kind, name.root) ?? [];
  const all = name.rootIndex === undefined || name.rootIndex === "*";
  const at = stackPosition(name.rootIndex, stack.length);
  const roots = all ? stack : at < 0 ? [] : [stack[at] as XavpValue];
  if (name.field === undefined) return roots.length;
  let total = 0;
  for (const root of roots) {
    if (!(root instanceof XavpNode)) continue;
    const count = root.fields.get(folded(kind, name.field))?.length ?? 0;
    const every = name.fieldIndex === undefined || name.fieldIndex === "*";
    total += every ? count : stackPosition(name.fieldIndex, count) < 0 ? 0 : 1;
  }
  return total;
}
