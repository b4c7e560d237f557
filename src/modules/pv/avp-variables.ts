/** `$avp(...)`: named stacks of values on a message or transaction. */
import type { Value } from "../../dsl/value.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { VariableImplementation, VariableReference } from "../../runtime/module.ts";

/** Names by what they stand for, from the parameter avp_aliases. */
export type AvpAliases = ReadonlyMap<string, string>;

/** Key in the list for a name as written: `s:x` is `x`, `i:5` keeps its letter, aliases are looked up. */
export function avpKey(name: string, aliases: AvpAliases): string {
  const prefix = name.charCodeAt(1) === 58 ? name.charAt(0) : "";
  if (prefix === "s" || prefix === "S") return name.slice(2);
  if (prefix === "i" || prefix === "I") return `i:${Number(name.slice(2))}`;
  return aliases.get(name) ?? name;
}

/** `email=s:email_addr;tmp=i:100`: undefined when it is not of that form. */
export function parseAliases(text: string, aliases: Map<string, string>): boolean {
  for (const entry of text.split(";")) {
    if (entry.trim() === "") continue;
    const equals = entry.indexOf("=");
    if (equals < 1) return false;
    aliases.set(entry.slice(0, equals).trim(), avpKey(entry.slice(equals + 1).trim(), new Map()));
  }
  return true;
}

function keyGetter(
  reference: VariableReference,
  aliases: AvpAliases,
): (context: ScriptContext) => string {
  const constant = reference.inner;
  if (constant !== undefined) {
    const key = avpKey(constant, aliases);
    return () => key;
  }
  if (!/^\$[A-Za-z0-9_.]+(\(.*\))?$/.test(reference.node.inner ?? "")) {
    return (context) => avpKey(reference.innerText(context), aliases);
  }
  const variable = reference.innerVariable();
  return (context) => {
    const value = variable.get(context);
    return typeof value === "number" ? `i:${value}` : avpKey(value ?? "", aliases);
  };
}

/** All values of one name, newest first; for `$cnt`. */
export function countAvps(context: ScriptContext, key: string): number {
  return context.lists.avpsIfAny?.get(key)?.length ?? 0;
}

function readAt(context: ScriptContext, key: string, index: Value | undefined): Value {
  const stack = context.lists.avpsIfAny?.get(key);
  if (stack === undefined) return null;
  if (index === "*") return stack.map((value) => String(value)).join(", ");
  return stack[Number(index ?? 0)] ?? null;
}

function writeAt(
  context: ScriptContext,
  key: string,
  index: Value | undefined,
  value: Value,
): void {
  const avps = context.lists.avps;
  const stack = avps.get(key);
  if (index === "*") {
    if (value === null) avps.delete(key);
    else avps.set(key, [value]);
  } else if (value === null) {
    stack?.splice(Number(index ?? 0), 1);
    if (stack?.length === 0) avps.delete(key);
  } else if (stack === undefined) avps.set(key, [value]);
  // As Kamailio: an index on the left side does not replace, every assignment adds.
  else stack.unshift(value);
}

export function avpVariable(aliases: AvpAliases): VariableImplementation {
  return (reference) => {
    const key = keyGetter(reference, aliases);
    const { index, inner } = reference;
    if (index === undefined && inner !== undefined) {
      const name = avpKey(inner, aliases);
      return {
        get: (context) => {
          const value = context.lists.avpsIfAny?.get(name)?.[0];
          return value === undefined ? null : value;
        },
        set: (context, value) => writeAt(context, name, undefined, value),
      };
    }
    const indexValue = typeof index === "function" ? index : (): number | "*" | undefined => index;
    return {
      get: (context) => readAt(context, key(context), indexValue(context)),
      set: (context, value) => writeAt(context, key(context), indexValue(context), value),
    };
  };
}
