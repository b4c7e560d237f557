/** Rule: a custom parameter is defined once, and `cfg_get.group.name` refers to one that is. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Span } from "../../source.ts";
import type { Expression, Item } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { VariableUse, Visitor } from "../visitor.ts";

export function customGlobals(context: CheckContext): Visitor {
  const reported = new Set<string>();
  const check = (path: readonly string[], span: Span): void => {
    const key = `${path[1] ?? ""}.${path[2] ?? ""}`;
    if (path[0] !== "cfg_get" || path.length < 3 || reported.has(key)) return;
    if (context.facts.customGlobals.has(key) || isBuiltIn(context, path[1] ?? "")) return;
    reported.add(key);
    context.report(checkCodes.unknownCustomGlobal, span, `there is no custom parameter ${key}`, {
      help:
        suggestion(key, context.facts.customGlobals.keys()) ??
        `define it above: ${key} = value desc "what it is"`,
    });
  };
  return {
    item(item: Item): void {
      if (item.kind !== "custom") return;
      const key = `${item.group.text}.${item.name.text}`;
      const first = context.facts.customGlobals.get(key);
      if (first === undefined || first === item) return;
      const message = `custom parameter ${key} is defined twice`;
      context.report(checkCodes.duplicateCustomGlobal, item.group.span, message, {
        related: [{ span: first.group.span, message: "first defined here" }],
      });
    },
    variable({ variable }: VariableUse): void {
      if (variable.name !== "sel" || variable.inner === undefined) return;
      if (variable.inner.includes("$")) return;
      check(variable.inner.split("."), variable.innerSpan ?? variable.span);
    },
    expression(expression: Expression): void {
      if (expression.kind !== "select") return;
      check(
        expression.path.map((part) => part.name),
        expression.span,
      );
    },
  };
}

/** Groups of parameters that the core and modules bring along; their names are not known here. */
function isBuiltIn(context: CheckContext, group: string): boolean {
  if (["core", "tcp", "udp", "sctp", "dns", "tls", "kex", "malloc"].includes(group)) return true;
  return context.facts.modules.has(group);
}
