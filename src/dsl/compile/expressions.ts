/** Writes expressions as JavaScript, with Kamailio's conversions between integers, strings and `$null`. */
import type { Binary, Call, Expression, RouteCall, Unary } from "../syntax/ast.ts";
import { writeCall, writeRouteCall } from "./calls.ts";
import { literal } from "./code-writer.ts";
import { writeComparison } from "./comparisons.ts";
import type { FunctionScope } from "./scope.ts";
import { canStop, stopOutcome } from "./stop-outcome.ts";
import { isCall, isComparison, isReturnCode, isTruthValue, staticType } from "./static-type.ts";
import { wireText } from "./wire-text.ts";

function writeCode(expression: Call | RouteCall, scope: FunctionScope): string {
  return expression.kind === "call"
    ? writeCall(expression, scope, writeValue, true)
    : writeRouteCall(expression, scope, writeValue);
}

/** Any expression as a value (string, number or null). The expression is folded. */
export function writeValue(expression: Expression, scope: FunctionScope): string {
  const { sites } = scope.program;
  switch (expression.kind) {
    case "number":
      return String(expression.value);
    case "string":
      return literal(wireText(expression.value));
    case "variable":
      if (isReturnCode(expression)) return "c.rc";
      return `v${sites.variable(expression)}.get(c)`;
    case "select":
      return `s${sites.select(expression)}(c)`;
    case "core":
      return `k${sites.coreTerm(expression)}(c)`;
    case "call":
    case "routeCall":
      return writeCode(expression, scope);
    case "cast":
      return expression.type === "int"
        ? writeInt(expression.operand, scope)
        : writeText(expression.operand, scope);
    case "binary":
      if (expression.operator === "+") return writeSum(expression, scope);
      return writeInt(expression, scope);
    case "unary":
      return writeInt(expression, scope);
  }
}

function writeSum(sum: Binary, scope: FunctionScope): string {
  const type = staticType(sum.left);
  if (type === "str") return `(${writeText(sum.left, scope)} + ${writeText(sum.right, scope)})`;
  if (type === "int") return `((${writeInt(sum.left, scope)} + ${writeInt(sum.right, scope)}) | 0)`;
  return `plus(${writeValue(sum.left, scope)}, ${writeValue(sum.right, scope)})`;
}

/** The expression as text: `$null` is empty. */
export function writeText(expression: Expression, scope: FunctionScope): string {
  if (expression.kind === "number") return literal(String(expression.value));
  const type = staticType(expression);
  if (type === "str") return writeValue(expression, scope);
  if (type === "int") return `\`\${${writeInt(expression, scope)}}\``;
  return `str(${writeValue(expression, scope)})`;
}

/** The expression as an integer: `$null` and what is no number are 0. */
export function writeInt(expression: Expression, scope: FunctionScope): string {
  if (expression.kind === "number") return String(expression.value);
  if (isCall(expression)) return `(${writeCode(expression, scope)} > 0 ? 1 : 0)`;
  if (isTruthValue(expression)) return `(${writeTest(expression, scope)} ? 1 : 0)`;
  // Where an integer is asked for, `+` adds integers; only text known beforehand is joined first.
  if (expression.kind === "binary" && staticType(expression) !== "str") {
    return writeArithmetic(expression, scope);
  }
  if (expression.kind === "unary") return writeUnary(expression, scope);
  const value = writeValue(expression, scope);
  return staticType(expression) === "int" ? value : `int(${value})`;
}

function writeUnary(expression: Unary, scope: FunctionScope): string {
  switch (expression.operator) {
    case "-":
      return `(-${writeInt(expression.operand, scope)} | 0)`;
    case "~":
      return `(~${writeInt(expression.operand, scope)})`;
    case "strlen":
      return `${writeText(expression.operand, scope)}.length`;
    default:
      return writeInt(expression.operand, scope);
  }
}

function writeArithmetic(expression: Binary, scope: FunctionScope): string {
  const { operator, right } = expression;
  const a = writeInt(expression.left, scope);
  const b = writeInt(right, scope);
  if (operator === "*") return `Math.imul(${a}, ${b})`;
  if (operator === "/" || operator === "%") {
    if (right.kind === "number" && right.value !== 0) return `((${a} ${operator} ${b}) | 0)`;
    scope.canFail = true;
    const name = operator === "/" ? "divide" : "modulo";
    return `${name}(c, ${a}, ${b}, ${scope.program.sites.span(expression.operatorSpan)})`;
  }
  return `((${a} ${operator} ${b}) | 0)`;
}

/** `&&` and `||`: when the left side has ended the script, the right one must not run. */
function writeLogic(expression: Binary, scope: FunctionScope): string {
  const { left, right, operator } = expression;
  const first = writeTest(left, scope);
  const second = writeTest(right, scope);
  const outcome = stopOutcome(left);
  const isGuarded = canStop(right) && (operator === "&&" ? outcome.whenTrue : outcome.whenFalse);
  return isGuarded
    ? `(${first} ${operator} c.stop === 0 && ${second})`
    : `(${first} ${operator} ${second})`;
}

/** The expression as a JavaScript condition: true when it is not 0. */
export function writeTest(expression: Expression, scope: FunctionScope): string {
  if (isCall(expression)) return `${writeCode(expression, scope)} > 0`;
  if (expression.kind === "binary") {
    if (expression.operator === "&&" || expression.operator === "||") {
      return writeLogic(expression, scope);
    }
    if (isComparison(expression.operator)) return writeComparison(expression, scope, writers);
  }
  if (expression.kind === "unary") {
    switch (expression.operator) {
      case "!":
        return `!(${writeTest(expression.operand, scope)})`;
      case "strempty":
        return `${writeText(expression.operand, scope)} === ""`;
      case "defined":
        return `${writeValue(expression.operand, scope)} !== null`;
      default:
    }
  }
  if (expression.kind === "core") return writeComparison(expression, scope, writers);
  return `${writeInt(expression, scope)} !== 0`;
}

/** The condition of an `if`: true when it is above 0, where a lone variable or a calculation is concerned. */
export function writeCondition(expression: Expression, scope: FunctionScope): string {
  const isNumber = !isCall(expression) && !isTruthValue(expression) && expression.kind !== "core";
  return isNumber ? `${writeInt(expression, scope)} > 0` : writeTest(expression, scope);
}

const writers = { value: writeValue, text: writeText, int: writeInt } as const;
export type ExpressionWriters = typeof writers;
