/** Flags of messages and of avps. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { AttributeLists } from "../../runtime/lists.ts";
import type { BoundArgument } from "../../runtime/module.ts";

/** Handlers that work on one bit, worked out when linking. */
function onFlag(run: (context: ScriptContext, mask: number) => number) {
  const bind = (flag: BoundArgument<number>): ((context: ScriptContext) => number) => {
    if (flag.constant === undefined) return (context) => run(context, 1 << flag.get(context));
    const mask = 1 << flag.constant;
    return (context) => run(context, mask);
  };
  return { bind };
}

export const flagFunctions = {
  setflag: onFlag((context, mask) => {
    context.flags |= mask;
    return 1;
  }),
  resetflag: onFlag((context, mask) => {
    context.flags &= ~mask;
    return 1;
  }),
  isflagset: onFlag((context, mask) => ((context.flags & mask) === 0 ? -1 : 1)),
} as const;

/** Flags of avps, by list and name; they live as long as the list. */
export class AvpFlags {
  readonly #flags = new WeakMap<AttributeLists, Map<string, Set<string>>>();

  set(context: ScriptContext, avp: string, flag: string): number {
    const name = avpName(avp);
    if (!hasAvp(context, name)) return -1;
    let byName = this.#flags.get(context.lists);
    if (byName === undefined) this.#flags.set(context.lists, (byName = new Map()));
    const flags = byName.get(name);
    if (flags === undefined) byName.set(name, new Set([flag]));
    else flags.add(flag);
    return 1;
  }

  reset(context: ScriptContext, avp: string, flag: string): number {
    const name = avpName(avp);
    if (!hasAvp(context, name)) return -1;
    this.#flags.get(context.lists)?.get(name)?.delete(flag);
    return 1;
  }

  isSet(context: ScriptContext, avp: string, flag: string): number {
    const name = avpName(avp);
    const isSet = this.#flags.get(context.lists)?.get(name)?.has(flag) === true;
    return isSet && hasAvp(context, name) ? 1 : -1;
  }
}

/** The plain name in `$avp(x)`, `$x`, `s:x`, `$avp(s:x)`. */
function avpName(text: string): string {
  const inner = /^\$avp\((.*)\)$/.exec(text)?.[1] ?? text.replace(/^\$/, "");
  return inner.replace(/^[si]:/, "");
}

function hasAvp(context: ScriptContext, name: string): boolean {
  return (context.lists.avpsIfAny?.get(name)?.length ?? 0) > 0;
}
