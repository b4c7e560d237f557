/** Writes comparisons, also those with words of the core (`uri==myself`). */
import type { Binary, CoreTerm, Expression } from "../syntax/ast.ts";
import { writeArgument } from "./calls.ts";
import type { ExpressionWriters } from "./expressions.ts";
import { isConstant } from "./fold.ts";
import type { ComparisonPlan } from "./program.ts";
import type { FunctionScope } from "./scope.ts";
import { comparedValue } from "./sites.ts";
import { staticType } from "./static-type.ts";
import { wireText } from "./wire-text.ts";
import { literal } from "./code-writer.ts";

/** The operator when its sides are swapped. */
const mirrored: Readonly<Record<string, ComparisonPlan["operator"]>> = {
  "<": ">",
  ">": "<",
  "<=": ">=",
  ">=": "<=",
};

/** `eq`, `ieq` and their like are `==` and `!=` that name the type. */
function plainOperator(operator: Binary["operator"]): ComparisonPlan["operator"] {
  if (operator === "eq" || operator === "ieq") return "==";
  if (operator === "ne" || operator === "ine") return "!=";
  return operator as ComparisonPlan["operator"];
}

function isCoreTerm(expression: Expression): expression is CoreTerm {
  return expression.kind === "core";
}

function writeCoreComparison(
  node: Binary | CoreTerm,
  scope: FunctionScope,
  writers: ExpressionWriters,
): string {
  const { sites } = scope.program;
  const number = (plan: ComparisonPlan, evaluator: string): string =>
    `${scope.mark(node.span)}q${sites.comparison(plan, evaluator)}(c)`;
  if (node.kind === "core") {
    return number({ left: node, operator: "truth", span: node.span }, "undefined");
  }
  let { left, right } = node;
  let operator = plainOperator(node.operator);
  if (!isCoreTerm(left) || (left.term === "myself" && isCoreTerm(right))) {
    [left, right] = [right, left];
    operator = mirrored[operator] ?? operator;
  }
  if (!isCoreTerm(left)) throw new TypeError("a comparison without a word of the core");
  if (isCoreTerm(right)) return number({ left, operator, right, span: node.span }, "undefined");
  const written = writeArgument(right, comparedValue, scope, writers.value);
  return number({ left, operator, right: written.plan, span: node.span }, written.evaluator);
}

function isNull(expression: Expression): boolean {
  return (
    expression.kind === "variable" && expression.name === "null" && expression.inner === undefined
  );
}

/** `=~` and `!~`: a pattern in the config is translated once, a computed one when it comes. */
function writeMatch(node: Binary, scope: FunctionScope, writers: ExpressionWriters): string {
  const text = writers.text(node.left, scope);
  const { right } = node;
  if (isConstant(right)) {
    const pattern = wireText(String(right.value));
    const plan = { pattern, ignoreCase: true, span: right.span };
    return `m${scope.program.sites.regex(plan)}.test(${text})`;
  }
  scope.canFail = true;
  const place = scope.program.sites.span(right.span);
  return `matches(c, ${text}, ${writers.text(right, scope)}, ${place})`;
}

/** Equality of operands whose types are known only at run time, the left one's deciding. */
function writeLooseEquality(
  { left, right }: Binary,
  isEqual: boolean,
  scope: FunctionScope,
  writers: ExpressionWriters,
): string {
  const not = isEqual ? "" : "!";
  const value = writers.value(left, scope);
  if (right.kind === "string" && right.value !== "") {
    return `${not}equalsText(${value}, ${literal(wireText(right.value))})`;
  }
  if (right.kind === "number") return `${not}equalsInt(${value}, ${right.value})`;
  return `${not}equals(${value}, ${writers.value(right, scope)})`;
}

/** The type in which both sides are compared, as far as it is known. */
function comparedType({ operator, left }: Binary): "int" | "str" | "any" {
  if (operator === "ieq" || operator === "ine") return "int";
  return operator === "eq" || operator === "ne" ? "str" : staticType(left);
}

function writeEquality(node: Binary, scope: FunctionScope, writers: ExpressionWriters): string {
  const { left, right, operator } = node;
  const isEqual = operator === "==" || operator === "eq" || operator === "ieq";
  const sign = isEqual ? "===" : "!==";
  // `== $null` asks whether there is a value at all, and `== ""` whether the text is empty.
  if (isNull(right)) return `${writers.value(left, scope)} ${sign} null`;
  if (isEqual && right.kind === "string" && right.value === "") {
    return `${writers.text(left, scope)} === ""`;
  }
  switch (comparedType(node)) {
    case "int":
      return `${writers.int(left, scope)} ${sign} ${writers.int(right, scope)}`;
    case "str":
      return `${writers.text(left, scope)} ${sign} ${writers.text(right, scope)}`;
    case "any":
      return writeLooseEquality(node, isEqual, scope, writers);
  }
}

/** A comparison as a JavaScript condition. */
export function writeComparison(
  node: Binary | CoreTerm,
  scope: FunctionScope,
  writers: ExpressionWriters,
): string {
  if (node.kind === "core" || isCoreTerm(node.left) || isCoreTerm(node.right)) {
    return writeCoreComparison(node, scope, writers);
  }
  switch (node.operator) {
    case "=~":
      return writeMatch(node, scope, writers);
    case "!~":
      return `!${writeMatch(node, scope, writers)}`;
    case "<":
    case ">":
    case "<=":
    case ">=":
      return `${writers.int(node.left, scope)} ${node.operator} ${writers.int(node.right, scope)}`;
    default:
      return writeEquality(node, scope, writers);
  }
}
