/** Rule: a route has one block of each name; a second main block replaces the first without a word. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { RouteBlock, RouteKind } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { describeRoute } from "../routes.ts";
import type { Visitor } from "../visitor.ts";

export function duplicateRoutes(context: CheckContext): Visitor {
  return {
    route(block: RouteBlock): void {
      const first = firstOf(context, block);
      if (first === undefined || first === block) return;
      context.report(
        checkCodes.duplicateRoute,
        block.name.span,
        `${describeRoute(block)} is defined twice`,
        { related: [{ span: first.name.span, message: "first defined here" }] },
      );
    },
    finish(): void {
      const hasRoutes = context.facts.routes.size > 0;
      const main = context.facts.routes.get("request")?.has("0") === true;
      if (!hasRoutes || main || usesEngine(context)) return;
      const first = context.config.items.find((item) => item.kind === "route");
      if (first === undefined || first.kind !== "route") return;
      const message = "there is no request_route: requests are dropped";
      context.report(checkCodes.noRequestRoute, first.name.span, message);
    },
  };
}

/** `onreply_route {}`, `reply_route {}` and `onreply_route[0]` are the same block. */
function firstOf(context: CheckContext, block: RouteBlock): RouteBlock | undefined {
  const { routes } = context.facts;
  const name = block.name.text;
  const own = routes.get(block.route)?.get(name);
  if (name !== "0") return own;
  const twin: RouteKind | undefined =
    block.route === "onreply" ? "reply" : block.route === "reply" ? "onreply" : undefined;
  const other = twin === undefined ? undefined : routes.get(twin)?.get(name);
  if (own === undefined || other === undefined) return own ?? other;
  const items = context.config.items;
  return items.indexOf(own) < items.indexOf(other) ? own : other;
}

function usesEngine(context: CheckContext): boolean {
  return context.config.items.some((item) => item.kind === "cfgengine");
}
