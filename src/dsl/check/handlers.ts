/** Names of routes that functions arm (`t_on_failure("X")`), checked against the blocks of the right kind. */
import type { RouteKind } from "../syntax/ast.ts";
import { checkCodes } from "../diagnostics/codes-checks.ts";
import type { Constant } from "./arguments.ts";
import type { CheckContext } from "./context.ts";
import { suggestion } from "../diagnostics/did-you-mean.ts";

const keywords: Readonly<Record<string, string>> = {
  request: "route",
  reply: "onreply_route",
  failure: "failure_route",
  branch: "branch_route",
  event: "event_route",
};

/** Whether the route that is armed exists; reports it otherwise, with a block of another kind that has the name. */
export function checkHandlerName(context: CheckContext, constant: Constant): boolean {
  const { spec, text, argument } = constant;
  const kind = spec.of ?? "request";
  if (isDisarm(text, kind)) return true;
  const name = (spec.prefix ?? "") + text;
  const routes = context.facts.routes.get(kind);
  if (routes?.has(name) === true) return true;
  const keyword = keywords[kind] ?? kind;
  const other = otherKind(context, text, kind);
  const message =
    other === undefined
      ? `there is no ${keyword}[${name}]`
      : `there is no ${keyword}[${name}], only ${keywords[other] ?? other}[${text}]`;
  const names = [...(routes?.keys() ?? [])].map((known) =>
    known.startsWith(spec.prefix ?? "") ? known.slice((spec.prefix ?? "").length) : known,
  );
  context.report(checkCodes.unknownHandler, argument.span, message, {
    help: other === undefined ? suggestion(text, names) : undefined,
  });
  return false;
}

/** `t_on_failure("0")` and `t_on_failure("")` take a route back. */
function isDisarm(text: string, kind: RouteKind): boolean {
  return kind !== "request" && (text === "0" || text === "");
}

function otherKind(context: CheckContext, name: string, kind: RouteKind): RouteKind | undefined {
  for (const [other, routes] of context.facts.routes) {
    if (other !== kind && keywords[other] !== undefined && routes.has(name)) return other;
  }
  return undefined;
}
