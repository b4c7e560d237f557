/** Rule: a route does not call itself, directly or through others, on every way through it. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { RouteBlock, RouteCall, Statement } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { expressionsOf, parts, some } from "../flow.ts";
import { routeNameOf } from "../routes.ts";
import type { Visitor } from "../visitor.ts";

export function endlessRecursion(context: CheckContext): Visitor {
  return {
    finish(): void {
      const routes = context.facts.routes.get("request");
      if (routes === undefined) return;
      const done = new Set<string>();
      for (const name of routes.keys()) {
        if (!done.has(name)) follow(context, routes, name, done);
      }
    },
  };
}

/** Follows the calls that are always made from a route until they come back to one on the way. */
function follow(
  context: CheckContext,
  routes: ReadonlyMap<string, RouteBlock>,
  start: string,
  done: Set<string>,
): void {
  const way: string[] = [];
  const pending: { readonly name: string; readonly depth: number; readonly call?: RouteCall }[] = [
    { name: start, depth: 0 },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { name, depth, call } = next;
    way.length = depth;
    if (way.includes(name)) {
      if (call !== undefined) report(context, name, call, way.slice(way.indexOf(name)));
      continue;
    }
    if (done.has(name)) continue;
    done.add(name);
    way.push(name);
    const block = routes.get(name);
    for (const always of block === undefined ? [] : callsAlwaysMade(block)) {
      const target = routeNameOf(always);
      if (target !== undefined) pending.push({ name: target, depth: depth + 1, call: always });
    }
  }
}

function report(context: CheckContext, name: string, call: RouteCall, way: string[]): void {
  const through = way.length > 1 ? ` through ${way.slice(1).join(", ")}` : "";
  const message = `route[${name}] calls itself${through} without end`;
  context.report(checkCodes.endlessRecursion, call.span, message, {
    help: "max_recursive_level stops it",
  });
}

/** Calls that are made whenever a route runs: those before the first statement that may leave it. */
function callsAlwaysMade(block: RouteBlock): RouteCall[] {
  const calls: RouteCall[] = [];
  for (const statement of block.body.statements) {
    for (const expression of expressionsOf(statement)) {
      const [first] = [...parts(expression)];
      if (first?.kind === "routeCall") calls.push(first);
    }
    if (mayLeave(statement)) break;
  }
  return calls;
}

function mayLeave(statement: Statement): boolean {
  return some(
    statement,
    (inner) =>
      (inner.kind === "jump" && inner.jump !== "break") ||
      expressionsOf(inner).some((expression) =>
        [...parts(expression)].some((part) => part.kind === "call"),
      ),
    () => false,
  );
}
