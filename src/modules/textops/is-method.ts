/** Comparison of a message's method with a list: the question that routing scripts ask most. */
import { equalsIgnoreCase } from "../../sip/chars.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { BoundArgument } from "../../runtime/module.ts";

function methodOf(context: ScriptContext): string {
  const { msg } = context;
  return msg.isRequest ? msg.method : msg.cseqMethod;
}

function isOneOf(method: string, list: string): boolean {
  if (method === "") return false;
  return list.split("|").some((name) => equalsIgnoreCase(name.trim(), method));
}

/** A list that is known when the script is linked becomes comparisons of constants. */
export const isMethod = {
  bind: (list: BoundArgument<string>): ((context: ScriptContext) => number) => {
    const { constant } = list;
    if (constant === undefined) {
      return (context) => (isOneOf(methodOf(context), list.get(context)) ? 1 : -1);
    }
    const names = constant.split("|").map((name) => name.trim().toUpperCase());
    const only = names[0] as string;
    if (names.length === 1) {
      return (context) => {
        const method = methodOf(context);
        return method === only || (method !== "" && equalsIgnoreCase(method, only)) ? 1 : -1;
      };
    }
    const known = new Set(names);
    return (context) => {
      const method = methodOf(context);
      return known.has(method) || known.has(method.toUpperCase()) ? 1 : -1;
    };
  },
};
