/** Contacts as `$xavp`: the details of records for the script, and attributes kept with a contact. */
import type { ScriptContext } from "../../runtime/context.ts";
import { XavpNode, type XavpValue } from "../../runtime/lists.ts";
import type { Contact } from "../usrloc/spec.ts";
import type { RegistrarParams } from "./settings.ts";

/** Bits of `xavp_rcd_mask`. */
const Skip = { ruid: 1, contact: 2, expires: 4, received: 8, path: 16 } as const;

/** Puts the details of a contact in front of the `$xavp` named by `xavp_rcd`. */
export function addRecord(
  context: ScriptContext,
  params: RegistrarParams,
  contact: Contact,
  now: number,
): void {
  const name = params.xavp_rcd;
  if (name === undefined) return;
  const mask = params.xavp_rcd_mask;
  const node = new XavpNode();
  const set = (bit: number, field: string, value: string | number | null): void => {
    if ((mask & bit) === 0 && value !== null) node.fields.set(field, [value]);
  };
  set(Skip.ruid, "ruid", contact.ruid);
  set(Skip.contact, "contact", contact.uri);
  set(Skip.expires, "expires", contact.expires === 0 ? 0 : contact.expires - now);
  set(Skip.received, "received", contact.received);
  set(Skip.path, "path", contact.path);
  push(context, name, node);
}

function push(context: ScriptContext, name: string, value: XavpValue): void {
  const list = context.lists.xavps.get(name);
  if (list === undefined) context.lists.xavps.set(name, [value]);
  else list.unshift(value);
}

function copy(value: XavpValue): XavpValue {
  if (!(value instanceof XavpNode)) return value;
  const node = new XavpNode();
  for (const [name, values] of value.fields) node.fields.set(name, values.map(copy));
  return node;
}

/** A copy of the `$xavp` of this name, to be kept with a contact; null when there is none. */
export function keptAttributes(
  context: ScriptContext,
  name: string | undefined,
): readonly XavpValue[] | null {
  if (name === undefined) return null;
  const values = context.lists.xavps.get(name);
  return values === undefined || values.length === 0 ? null : values.map(copy);
}

/** Brings back the attributes kept with a contact. */
export function restoreAttributes(
  context: ScriptContext,
  name: string | undefined,
  contact: Contact,
): void {
  if (name === undefined || contact.attributes === null) return;
  const old = context.lists.xavps.get(name) ?? [];
  context.lists.xavps.set(name, [...contact.attributes.map(copy), ...old]);
}
