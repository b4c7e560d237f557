/** Rule: functions and core words are used in kinds of routes that allow them, also through routes that are called. */
import type { FunctionSpec, RouteScope } from "../../catalog/spec.ts";
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Expression, RouteBlock, RouteCall } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { describeRoute, routeNameOf } from "../routes.ts";
import type { CallUse, Frame, Visitor } from "../visitor.ts";

/** Words about where a message is sent to; they are known only while it is being sent. */
const sendWords: ReadonlySet<string> = new Set([
  "snd_ip",
  "snd_port",
  "snd_proto",
  "snd_af",
  "to_ip",
  "to_port",
]);

export function routeKinds(context: CheckContext): Visitor {
  const callers = new Map<string, RouteBlock[]>();
  const inSubRoutes: CallUse[] = [];
  return {
    routeCall(call: RouteCall, frame: Frame): void {
      const name = routeNameOf(call);
      if (name === undefined) return;
      const known = callers.get(name);
      if (known === undefined) callers.set(name, [frame.route]);
      else known.push(frame.route);
    },
    call(use: CallUse): void {
      if (use.found === undefined || use.found.spec.implemented === false) return;
      const { route } = use.frame;
      const { spec } = use.found;
      if (allows(spec, route)) {
        if (isSubRoute(route)) inSubRoutes.push(use);
        return;
      }
      const message = `${use.call.name.text}() cannot be used in ${describeRoute(route)}`;
      context.report(checkCodes.routeKind, use.call.name.span, message, {
        help: `it belongs into ${spec.routes.map(scopeName).join(", ")}`,
      });
    },
    expression(expression: Expression, { route }: Frame): void {
      if (expression.kind !== "core" || !sendWords.has(expression.term)) return;
      if (route.route === "onsend") return;
      const message = `${expression.term} is known only in onsend_route`;
      context.report(checkCodes.routeKind, expression.span, message);
    },
    finish(): void {
      // With calls that lead nowhere it is not known what leads to a route.
      const routes = context.facts.routes.get("request");
      if ([...callers.keys()].some((name) => routes?.has(name) !== true)) return;
      for (const use of inSubRoutes) checkCallers(context, use, callers);
    },
  };
}

/** Reports a function in a sub-route when none of the routes that lead there allows it. */
function checkCallers(
  context: CheckContext,
  use: CallUse,
  callers: ReadonlyMap<string, readonly RouteBlock[]>,
): void {
  const spec = use.found?.spec;
  if (spec === undefined || spec.routes.includes("any")) return;
  const sources = rootsOf(use.frame.route, callers);
  if (sources.length === 0 || sources.some((source) => allows(spec, source))) return;
  const [first] = sources;
  if (first === undefined) return;
  const name = use.call.name.text;
  const message = `${name}() cannot be used here: this route is called only from ${describeRoute(first)}`;
  context.report(checkCodes.routeKindCalled, use.call.name.span, message, {
    help: `it belongs into ${spec.routes.map(scopeName).join(", ")}`,
    related: [{ span: first.name.span, message: "the route that leads here" }],
  });
}

/** The routes that are not sub-routes and lead to this one. */
function rootsOf(
  route: RouteBlock,
  callers: ReadonlyMap<string, readonly RouteBlock[]>,
): RouteBlock[] {
  const roots: RouteBlock[] = [];
  const seen = new Set<RouteBlock>([route]);
  const pending = [route];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const caller of callers.get(next.name.text) ?? []) {
      if (seen.has(caller)) continue;
      seen.add(caller);
      if (isSubRoute(caller)) pending.push(caller);
      else roots.push(caller);
    }
  }
  return roots;
}

function isSubRoute(route: RouteBlock): boolean {
  return route.route === "request" && route.name.text !== "0";
}

/** As Kamailio: sub-routes and event routes take whatever request routes take. */
function allows(spec: FunctionSpec, route: RouteBlock): boolean {
  return spec.routes.some((scope) => scope === "any" || scopesOf(route).includes(scope));
}

function scopesOf(route: RouteBlock): readonly RouteScope[] {
  switch (route.route) {
    case "event":
      return route.name.text === "tm:local-request"
        ? ["request", "event", "local"]
        : ["request", "event"];
    case "onreply":
      return ["reply"];
    default:
      return [route.route];
  }
}

function scopeName(scope: RouteScope): string {
  switch (scope) {
    case "request":
      return "request_route";
    case "reply":
      return "onreply_route";
    case "event":
    case "local":
      return "event_route";
    default:
      return `${scope}_route`;
  }
}
