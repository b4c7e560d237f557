/** Works out expressions that hold no variables. */
import type { Binary, Expression } from "../syntax/ast.ts";

const MAX_DEPTH = 50;

/** The value of an expression of literals; nothing when it depends on anything else. */
export function constantValue(expression: Expression, depth = 0): string | number | undefined {
  if (depth > MAX_DEPTH) return undefined;
  switch (expression.kind) {
    case "number":
    case "string":
      return expression.value;
    case "unary":
      return unaryValue(expression.operator, constantValue(expression.operand, depth + 1));
    case "cast": {
      const value = constantValue(expression.operand, depth + 1);
      if (value === undefined) return undefined;
      return expression.type === "str" ? String(value) : Math.trunc(Number(value) || 0);
    }
    case "binary":
      return binaryValue(
        expression.operator,
        constantValue(expression.left, depth + 1),
        constantValue(expression.right, depth + 1),
      );
    default:
      return undefined;
  }
}

/** As Kamailio: numbers are true unless 0, texts unless empty. */
export function isTrue(value: string | number): boolean {
  return typeof value === "number" ? value !== 0 : value !== "";
}

function unaryValue(operator: string, value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (operator === "!") return isTrue(value) ? 0 : 1;
  if (operator === "strlen") return String(value).length;
  if (operator === "strempty") return String(value) === "" ? 1 : 0;
  if (operator === "defined") return 1;
  if (typeof value !== "number") return undefined;
  if (operator === "-") return -value;
  return operator === "~" ? ~value : value;
}

function binaryValue(
  operator: Binary["operator"],
  left: string | number | undefined,
  right: string | number | undefined,
): string | number | undefined {
  if (left === undefined || right === undefined) return undefined;
  const truth = truthValue(operator, left, right);
  if (truth !== undefined) return truth ? 1 : 0;
  if (typeof left !== "number" || typeof right !== "number") {
    return operator === "+" ? String(left) + String(right) : undefined;
  }
  return numberValue(operator, left, right);
}

function truthValue(
  operator: Binary["operator"],
  left: string | number,
  right: string | number,
): boolean | undefined {
  switch (operator) {
    case "&&":
      return isTrue(left) && isTrue(right);
    case "||":
      return isTrue(left) || isTrue(right);
    case "==":
      return String(left) === String(right);
    case "!=":
      return String(left) !== String(right);
    default:
      return undefined;
  }
}

function numberValue(
  operator: Binary["operator"],
  left: number,
  right: number,
): number | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "<":
      return Number(left < right);
    case ">":
      return Number(left > right);
    case "<=":
      return Number(left <= right);
    case ">=":
      return Number(left >= right);
    default:
      return undefined;
  }
}
