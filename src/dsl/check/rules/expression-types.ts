/** Rule: operators get operands of types that they take, as far as types are known before the script runs. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Expression } from "../../syntax/ast.ts";
import { constantValue } from "../constants.ts";
import type { CheckContext } from "../context.ts";
import { typeFault } from "../types.ts";
import type { Visitor } from "../visitor.ts";

export function expressionTypes(context: CheckContext): Visitor {
  return {
    root(expression: Expression): void {
      const fault = typeFault(expression);
      if (fault === undefined) return;
      context.report(checkCodes.typeMismatch, fault.node.span, fault.message, {
        help: fault.help,
      });
    },
    expression(expression: Expression): void {
      if (expression.kind !== "binary") return;
      if (expression.operator !== "/" && expression.operator !== "%") return;
      if (constantValue(expression.right) !== 0) return;
      const message = "this divides by zero";
      context.report(checkCodes.divisionByZero, expression.right.span, message);
    },
  };
}
