/** Makes one closure of a function's handler and its arguments. */
import type { BoundCall } from "../dsl/compile/abi.ts";
import type { ScriptContext } from "./context.ts";
import { LinkProblem } from "./linker-variables.ts";
import type { BoundArgument } from "./module.ts";

type Arg = BoundArgument<unknown>;
type Plain = (context: ScriptContext, ...args: unknown[]) => number | Promise<number>;
type Binding = { bind: (...args: (Arg | undefined)[]) => BoundCall<ScriptContext> };

function isConstant(argument: Arg): boolean {
  return argument.constant !== undefined;
}

function one(handler: Plain, a: Arg): BoundCall<ScriptContext> {
  if (!isConstant(a)) return (context) => handler(context, a.get(context));
  const first = a.constant;
  return (context) => handler(context, first);
}

function two(handler: Plain, a: Arg, b: Arg): BoundCall<ScriptContext> {
  const [first, second] = [a.constant, b.constant];
  if (isConstant(a) && isConstant(b)) return (context) => handler(context, first, second);
  if (isConstant(a)) return (context) => handler(context, first, b.get(context));
  if (isConstant(b)) return (context) => handler(context, a.get(context), second);
  return (context) => handler(context, a.get(context), b.get(context));
}

/** Calls without spreading an array: each number of arguments has a closure of its own. */
function plainCall(handler: Plain, args: readonly Arg[]): BoundCall<ScriptContext> {
  const [a, b, c, d, e, f] = args;
  if (a === undefined) return (context) => handler(context);
  if (b === undefined) return one(handler, a);
  if (c === undefined) return two(handler, a, b);
  if (d === undefined) return (x) => handler(x, a.get(x), b.get(x), c.get(x));
  if (e === undefined) return (x) => handler(x, a.get(x), b.get(x), c.get(x), d.get(x));
  if (f === undefined) return (x) => handler(x, a.get(x), b.get(x), c.get(x), d.get(x), e.get(x));
  if (args.length === 6) {
    return (x) => handler(x, a.get(x), b.get(x), c.get(x), d.get(x), e.get(x), f.get(x));
  }
  return (context) => handler(context, ...args.map((argument) => argument.get(context)));
}

/** Binds a handler: one made with `bound` makes its own closure. */
export function bindCall(
  handler: unknown,
  args: readonly Arg[],
  name: string,
): BoundCall<ScriptContext> {
  if (typeof handler === "function") return plainCall(handler as Plain, args);
  if (typeof handler === "object" && handler !== null && "bind" in handler) {
    return (handler as Binding).bind(...args);
  }
  throw new LinkProblem(`${name}() has no code for this form`);
}
