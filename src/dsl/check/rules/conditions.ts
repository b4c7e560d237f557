/** Rule: a condition depends on something, and something depends on it. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Span } from "../../source.ts";
import type { Binary, Expression, If, While } from "../../syntax/ast.ts";
import { constantValue, isTrue } from "../constants.ts";
import type { CheckContext } from "../context.ts";
import { parts } from "../flow.ts";
import { typeFault } from "../types.ts";
import type { Visitor } from "../visitor.ts";

export function conditions(context: CheckContext): Visitor {
  const defined = new DefinedStretches(context);
  return {
    expression(expression: Expression): void {
      if (expression.kind !== "binary") return;
      const { operator } = expression;
      if (operator === "&&" || operator === "||") checkOperands(context, expression, defined);
      if (operator === "&" || operator === "|") checkBitwise(context, expression);
    },
    condition(statement: If | While): void {
      const { condition } = statement;
      const value = constantValue(condition);
      const isLoop = statement.kind === "while";
      const isWanted = (isLoop && isTrue(value ?? 0)) || defined.touch(condition);
      if (value !== undefined && !isWanted && typeFault(condition) === undefined) {
        const message = `this condition is always ${isTrue(value) ? "true" : "false"}`;
        context.report(checkCodes.constantCondition, condition.span, message);
      }
      const body = isLoop ? statement.body : statement.then;
      if (body.kind !== "empty") return;
      const keyword = isLoop ? "while" : "if";
      if (isOnOtherLine(statement)) {
        const { source, start } = statement.span;
        const message = `the next line is the condition of this ${keyword}, and nothing depends on it`;
        const span = { source, start, end: start + keyword.length };
        context.report(checkCodes.emptyBody, span, message);
        return;
      }
      const message = `the ; ends this ${keyword}: what follows does not depend on the condition`;
      context.report(checkCodes.emptyBody, body.span, message);
    },
  };
}

function isOnOtherLine({ span, condition }: If | While): boolean {
  return span.source.text.slice(span.start, condition.span.start).includes("\n");
}

/** `$x == 1 || 2`: the second comparison was forgotten. */
function checkOperands(context: CheckContext, node: Binary, defined: DefinedStretches): void {
  for (const operand of [node.left, node.right]) {
    const value = constantValue(operand);
    if (typeof value !== "number" || defined.touch(operand)) continue;
    if (constantValue(node) !== undefined) return;
    const message = `this side of ${node.operator} is always ${isTrue(value) ? "true" : "false"}`;
    context.report(checkCodes.constantCondition, operand.span, message);
    return;
  }
}

/** Functions hand back -1 for "no", and `-1 & 1` is true. */
function checkBitwise(context: CheckContext, node: Binary): void {
  if (!isTruth(node.left) || !isTruth(node.right)) return;
  const message = `${node.operator} works on the bits of numbers, and these are truth values`;
  context.report(checkCodes.bitwiseTruth, node.operatorSpan, message, {
    help: `write ${node.operator}${node.operator}`,
  });
}

function isTruth(node: Expression): boolean {
  if (node.kind === "call" || node.kind === "routeCall") return true;
  if (node.kind === "unary") return node.operator === "!";
  return node.kind === "binary" && ["==", "!=", "=~", "!~", "&&", "||"].includes(node.operator);
}

/** Stretches that stand for defines: `if (WITH_X)` is a switch for the author, not a mistake. */
class DefinedStretches {
  readonly #stretches: ReadonlySet<string>;

  constructor(context: CheckContext) {
    this.#stretches = new Set(context.preprocess.expansions.map(({ span }) => key(span)));
  }

  /** Whether a literal in the expression came from a define. */
  touch(expression: Expression): boolean {
    for (const part of parts(expression)) {
      if (this.#stretches.has(key(part.span))) return true;
    }
    return false;
  }
}

function key({ source, start }: Span): string {
  return `${source.name}:${start}`;
}
