/** Helps rules with routes: names of calls, names of blocks in messages. */
import type { RouteBlock, RouteCall } from "../syntax/ast.ts";

/** The name in `route(NAME)` when it is known now. */
export function routeNameOf(call: RouteCall): string | undefined {
  const { target } = call;
  switch (target.kind) {
    case "number":
      return String(target.value);
    case "string":
      return target.value.includes("$") ? undefined : target.value;
    case "core":
      return target.text ?? target.term;
    default:
      return undefined;
  }
}

/** `failure_route[X]`, `request_route`: a block as messages name it. */
export function describeRoute(block: RouteBlock): string {
  return block.name.text === "0" ? block.keyword : `${block.keyword}[${block.name.text}]`;
}
