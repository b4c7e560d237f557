/** Rule: an event route is named after an event that the core or a loaded module has. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { RouteBlock } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { Visitor } from "../visitor.ts";

export function events(context: CheckContext): Visitor {
  return {
    route(block: RouteBlock): void {
      if (block.route === "event") checkEvent(context, block);
    },
  };
}

function checkEvent(context: CheckContext, block: RouteBlock): void {
  const { text, span } = block.name;
  const group = text.slice(0, text.indexOf(":") < 0 ? text.length : text.indexOf(":"));
  const loaded = context.facts.modules.get(group);
  if (loaded !== undefined && loaded.spec === undefined) return;
  if (parameterNames(context).has(text)) return;
  const specs = [context.catalog.core, ...loadedSpecs(context)];
  const known = specs.flatMap((spec) => spec.eventRoutes ?? []);
  const found = known.find(({ name }) => matches(name, text));
  if (found !== undefined) {
    if (found.implemented !== false) return;
    const message = `event_route[${text}] is not implemented in olelo yet`;
    context.report(checkCodes.notImplemented, span, message);
    return;
  }
  const module = context.catalog.modules.get(group);
  if (loaded === undefined && module !== undefined && group !== "core") {
    const message = `event_route[${text}] is never run: module ${group} is not loaded`;
    context.report(checkCodes.unknownEvent, span, message);
    return;
  }
  if (loaded?.spec !== undefined && loaded.spec.eventRoutes === undefined) return;
  const names = known.map(({ name }) => name);
  context.report(checkCodes.unknownEvent, span, `there is no event ${text}`, {
    help: suggestion(text, names),
  });
}

function loadedSpecs(context: CheckContext) {
  return [...context.facts.modules.values()].flatMap(({ spec }) => (spec ? [spec] : []));
}

/** Event routes may be named freely in parameters (`event_callback` and its like). */
function parameterNames(context: CheckContext): ReadonlySet<string> {
  return context.facts.paramTexts;
}

/** `tm:branch-failure:*` is any route of that prefix; `pike:drop` only itself. */
function matches(pattern: string, name: string): boolean {
  if (!pattern.endsWith("*")) return pattern === name;
  const prefix = pattern.slice(0, -1);
  return name.startsWith(prefix) || `${name}:` === prefix;
}
