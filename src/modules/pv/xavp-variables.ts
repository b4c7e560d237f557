/** `$xavp(...)`, `$xavu(...)`, `$xavi(...)` and `$cnt(...)`. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { VariableImplementation } from "../../runtime/module.ts";
import { avpKey, countAvps, type AvpAliases } from "./avp-variables.ts";
import { refuse } from "./uri-variables.ts";
import { parseXavpName, type XavpName } from "./xavp-name.ts";
import { countXavps, readXavp, writeXavp, type XavpKind } from "./xavp-store.ts";

/** A variable of one of the three lists; names with variables in them are read for each message. */
export function xavpVariable(kind: XavpKind): VariableImplementation {
  return (reference) => {
    const constant = reference.inner === undefined ? undefined : parseXavpName(reference.inner);
    const nameOf = (context: ScriptContext): XavpName | undefined =>
      constant ?? parseXavpName(reference.innerText(context));
    return {
      get: (context) => {
        const name = nameOf(context);
        return name === undefined ? null : readXavp(context, kind, name);
      },
      set: (context, value) => {
        const name = nameOf(context);
        if (name === undefined || !writeXavp(context, kind, name, value)) {
          refuse(context, `$${kind}(${reference.node.inner ?? ""})`, "it cannot be assigned so");
        }
      },
    };
  };
}

/** `$cnt($avp(x))`, `$cnt($xavp(a=>b))`. */
export function countVariable(aliases: AvpAliases): VariableImplementation {
  return (reference) => {
    const text = reference.node.inner ?? "";
    const match = /^\$\(?(avp|xavp|xavi|xavu)\((.*)\)\)?$/.exec(text.trim());
    const kind = match?.[1];
    const inner = match?.[2] ?? "";
    if (kind === undefined) return { get: () => null };
    if (kind === "avp") {
      const key = avpKey(inner.replace(/\[.*$/, ""), aliases);
      return { get: (context) => countAvps(context, key) };
    }
    const name = parseXavpName(inner);
    return {
      get: (context) => (name === undefined ? null : countXavps(context, kind as XavpKind, name)),
    };
  };
}
