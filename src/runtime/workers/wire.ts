/** Values between workers: JSON, with the structures of remote commands kept what they are. */
import { RpcDouble, RpcStruct } from "../module.ts";

/** Names of members that stand for a structure or a number with decimals. */
const STRUCT = "\u0000struct";
const DOUBLE = "\u0000double";

/** The value as text. What JSON has no form for (functions, symbols) is left out; `undefined` becomes null. */
export function toWire(value: unknown): string {
  return JSON.stringify(value === undefined ? null : value, replace);
}

function replace(_name: string, value: unknown): unknown {
  if (value instanceof RpcStruct) return { [STRUCT]: value.entries };
  if (value instanceof RpcDouble) return { [DOUBLE]: value.value };
  return value;
}

/** Reads back what `toWire` wrote. */
export function fromWire(text: string): unknown {
  return JSON.parse(text, text.includes("\\u0000") ? revive : undefined);
}

function revive(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (STRUCT in value) {
    const struct = new RpcStruct();
    for (const [name, member] of value[STRUCT] as RpcStruct["entries"]) struct.add(name, member);
    return struct;
  }
  return DOUBLE in value ? new RpcDouble(value[DOUBLE] as number) : value;
}
