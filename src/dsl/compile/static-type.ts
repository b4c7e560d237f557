/** What is known of expressions before they run. */
import type { Binary, Call, Expression, RouteCall, Variable } from "../syntax/ast.ts";

const comparisonOperators: ReadonlySet<string> = new Set([
  "==",
  "!=",
  "eq",
  "ne",
  "ieq",
  "ine",
  "=~",
  "!~",
  "<",
  ">",
  "<=",
  ">=",
]);

export function isComparison(operator: Binary["operator"]): boolean {
  return comparisonOperators.has(operator);
}

/** What is known of an expression's type before it runs. */
export type StaticType = "int" | "str" | "any";

/** Names of the variable that holds the code of the last function. */
const returnCodeNames: ReadonlySet<string> = new Set(["rc", "retcode", "?"]);

export function isReturnCode(variable: Variable): boolean {
  return (
    returnCodeNames.has(variable.name) &&
    variable.inner === undefined &&
    variable.index === undefined &&
    variable.transformations.length === 0
  );
}

/** The type of a folded expression. */
export function staticType(expression: Expression): StaticType {
  switch (expression.kind) {
    case "number":
    case "call":
    case "routeCall":
    case "unary":
      return "int";
    case "string":
      return "str";
    case "variable":
      return isReturnCode(expression) ? "int" : "any";
    case "select":
    case "core":
      return "any";
    case "cast":
      return expression.type;
    case "binary":
      return expression.operator === "+" ? staticType(expression.left) : "int";
  }
}

/** Whether the value is true or false, never another number. */
export function isTruthValue(expression: Expression): boolean {
  if (expression.kind === "unary") {
    return ["!", "strempty", "defined"].includes(expression.operator);
  }
  if (expression.kind !== "binary") return false;
  const { operator } = expression;
  return operator === "&&" || operator === "||" || isComparison(operator);
}

/** A function or route alone: its own code is its value, where within other expressions it is 1 or 0. */
export function isCall(expression: Expression): expression is Call | RouteCall {
  return expression.kind === "call" || expression.kind === "routeCall";
}
