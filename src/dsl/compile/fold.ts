/** Works out what is constant in an expression, and takes out what does nothing. */
import type {
  Binary,
  Cast,
  Expression,
  NumberLiteral,
  StringLiteral,
  Unary,
} from "../syntax/ast.ts";
import { operations } from "./operations.ts";

type Constant = NumberLiteral | StringLiteral;

/** Integers of the language have 32 bits. */
export function toInt32(value: number): number {
  return Number.isSafeInteger(value)
    ? value | 0
    : Number(BigInt.asIntN(32, BigInt(Math.trunc(value))));
}

function numberAt(expression: Expression, value: number): NumberLiteral {
  return { kind: "number", span: expression.span, value: toInt32(value) };
}

function stringAt(expression: Expression, value: string): StringLiteral {
  return { kind: "string", span: expression.span, value, quote: '"' };
}

export function isConstant(expression: Expression): expression is Constant {
  return expression.kind === "number" || expression.kind === "string";
}

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  "-": (a, b) => a - b,
  "*": (a, b) => Math.imul(a, b),
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "<<": (a, b) => a << b,
  ">>": (a, b) => a >> b,
};

/** `x && 1` and `x || 0` are `x`, as Kamailio simplifies them: a function's own code stays visible. */
function withoutNeutral(node: Binary, left: Expression, right: Expression): Expression | undefined {
  if (node.operator !== "&&" && node.operator !== "||") return undefined;
  if (isConstant(left) && isConstant(right)) return undefined;
  const isNeutral = (side: Expression): boolean =>
    side.kind === "number" && (node.operator === "&&" ? side.value !== 0 : side.value === 0);
  if (isNeutral(right)) return left;
  return isNeutral(left) ? right : undefined;
}

function foldBinary(node: Binary): Expression {
  const left = fold(node.left);
  const right = fold(node.right);
  const simpler = withoutNeutral(node, left, right);
  if (simpler !== undefined) return simpler;
  if (isConstant(left) && isConstant(right)) {
    if (node.operator === "+") {
      const sum = operations.plus(left.value, right.value);
      return typeof sum === "string" ? stringAt(node, sum) : numberAt(node, sum ?? 0);
    }
    const work = Object.hasOwn(arithmetic, node.operator) ? arithmetic[node.operator] : undefined;
    const isFault =
      (node.operator === "/" || node.operator === "%") && operations.int(right.value) === 0;
    if (work !== undefined && !isFault) {
      return numberAt(node, work(operations.int(left.value), operations.int(right.value)));
    }
  }
  return left === node.left && right === node.right ? node : { ...node, left, right };
}

function foldUnary(node: Unary): Expression {
  const operand = fold(node.operand);
  if (isConstant(operand)) {
    if (node.operator === "-") return numberAt(node, -operations.int(operand.value));
    if (node.operator === "~") return numberAt(node, ~operations.int(operand.value));
  }
  return operand === node.operand ? node : { ...node, operand };
}

function foldCast(node: Cast): Expression {
  const operand = fold(node.operand);
  if (isConstant(operand)) {
    return node.type === "str"
      ? stringAt(node, operations.str(operand.value))
      : numberAt(node, operations.int(operand.value));
  }
  return operand === node.operand ? node : { ...node, operand };
}

/** The expression with its constant parts worked out. */
export function fold(expression: Expression): Expression {
  switch (expression.kind) {
    case "number":
      return expression.value === (expression.value | 0)
        ? expression
        : numberAt(expression, expression.value);
    case "binary":
      return foldBinary(expression);
    case "unary":
      return foldUnary(expression);
    case "cast":
      return foldCast(expression);
    case "core":
      // A bare word is a string that lost its quotes.
      return expression.term === "word" ? stringAt(expression, expression.text ?? "") : expression;
    default:
      return expression;
  }
}
