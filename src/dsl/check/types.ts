/** Static types of expressions, and the mismatches that Kamailio refuses when it reads a configuration. */
import type { Binary, Expression, Unary } from "../syntax/ast.ts";

/** `any`: known only when the script runs (variables). */
export type StaticType = "int" | "str" | "any";

/** An operand that does not fit. */
export interface TypeFault {
  readonly node: Expression;
  readonly message: string;
  readonly help?: string;
}

/** Deeper trees are taken as of unknown type. */
const MAX_DEPTH = 200;

/** The type of an expression before the script runs. */
export function typeOf(expression: Expression, depth = 0): StaticType {
  if (depth > MAX_DEPTH) return "any";
  switch (expression.kind) {
    case "number":
    case "call":
    case "routeCall":
      return "int";
    case "string":
    case "select":
      return "str";
    case "variable":
      return "any";
    case "core":
      return coreType(expression.term);
    case "cast":
      return expression.type;
    case "unary":
      return "int";
    case "binary":
      return expression.operator === "+" ? typeOf(expression.left, depth + 1) : "int";
  }
}

/** Core words stand in comparisons that have rules of their own; their types matter only outside of them. */
function coreType(term: string): StaticType {
  return term === "word" || term === "ip" ? "str" : "any";
}

/** The first mismatch in an expression; nothing when there is none. */
export function typeFault(expression: Expression, depth = 0): TypeFault | undefined {
  if (depth > MAX_DEPTH) return undefined;
  switch (expression.kind) {
    case "binary":
      return (
        typeFault(expression.left, depth + 1) ??
        typeFault(expression.right, depth + 1) ??
        binaryFault(expression)
      );
    case "unary":
      return typeFault(expression.operand, depth + 1) ?? unaryFault(expression);
    case "cast":
      return typeFault(expression.operand, depth + 1);
    default:
      return undefined;
  }
}

function unaryFault({ operator, operand }: Unary): TypeFault | undefined {
  const type = typeOf(operand);
  if (operator === "defined") return undefined;
  if (operator === "strlen" || operator === "strempty") {
    if (type !== "int") return undefined;
    return { node: operand, message: `${operator} takes a text, and this is a number` };
  }
  if (type !== "str") return undefined;
  if (operator === "!") {
    return {
      node: operand,
      message: "! takes a truth value, and this is a text",
      help: "compare it with ==, or write strempty(...)",
    };
  }
  return { node: operand, message: `${operator} takes a number, and this is a text` };
}

function binaryFault(node: Binary): TypeFault | undefined {
  if (isCoreComparison(node)) return undefined;
  const left = typeOf(node.left);
  const right = typeOf(node.right);
  switch (node.operator) {
    case "==":
    case "!=":
      return equalityFault(node, left, right);
    case "+":
      if (left !== "int" || right !== "str") return undefined;
      return {
        node: node.right,
        message: "a number cannot be added to a text",
        help: "begin with a text, or cast: (int)... or (str)...",
      };
    case "=~":
    case "!~":
      if (left !== "int") return undefined;
      return { node: node.left, message: `${node.operator} takes a text, and this is a number` };
    case "eq":
    case "ne":
      return undefined;
    default:
      return numbersFault(node, left, right);
  }
}

/** With a number on the left, the right side is taken as a number; a text cannot be. */
function equalityFault(node: Binary, left: StaticType, right: StaticType): TypeFault | undefined {
  if (left !== "int" || right !== "str") return undefined;
  const isNegation = node.left.kind === "unary" && node.left.operator === "!";
  const what = isNegation ? "the ! belongs to the left side only, so this" : "this";
  return {
    node: isNegation ? node.left : node.right,
    message: `${what} compares a number with a text`,
    ...(isNegation ? { help: "write !(a == b), or a != b" } : {}),
  };
}

function numbersFault(node: Binary, left: StaticType, right: StaticType): TypeFault | undefined {
  const bad = left === "str" ? node.left : right === "str" ? node.right : undefined;
  if (bad === undefined) return undefined;
  const wanted = node.operator === "&&" || node.operator === "||" ? "truth values" : "numbers";
  return { node: bad, message: `${node.operator} takes ${wanted}, and this is a text` };
}

/** `src_ip == "10.0.0.1"`, `myself == uri`: checked by the rule about core words. */
function isCoreComparison({ left, right }: Binary): boolean {
  return (
    (left.kind === "core" && left.term !== "word") ||
    (right.kind === "core" && right.term !== "word")
  );
}
