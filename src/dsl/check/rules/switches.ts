/** Rule: no case stands twice, and `break` has something to leave. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Span } from "../../source.ts";
import type { Jump, Switch } from "../../syntax/ast.ts";
import { constantValue } from "../constants.ts";
import type { CheckContext } from "../context.ts";
import type { Frame, Visitor } from "../visitor.ts";

export function switches(context: CheckContext): Visitor {
  return {
    switch(statement: Switch): void {
      checkDuplicates(context, statement);
    },
    jump(statement: Jump, _frame: Frame, inside: "loop" | "switch" | "route"): void {
      if (statement.jump !== "break" || inside !== "route") return;
      const message = "break is outside of a loop and of a switch: it ends the script";
      context.report(checkCodes.breakOutside, statement.span, message, {
        help: "write return to leave the route",
      });
    },
  };
}

function checkDuplicates(context: CheckContext, statement: Switch): void {
  const seen = new Map<string, Span>();
  for (const { label, isRegex } of statement.cases) {
    if (label === undefined) continue;
    const value = constantValue(label);
    const key = `${isRegex ? "/" : ""}${typeof value}:${value}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, label.span);
      continue;
    }
    const shown = typeof value === "number" ? String(value) : `"${value}"`;
    context.report(checkCodes.duplicateCase, label.span, `there is a case ${shown} already`, {
      related: [{ span: first, message: "the first one, which is taken" }],
    });
  }
}
