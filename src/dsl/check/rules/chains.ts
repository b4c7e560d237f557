/** Rule: the parts of a condition, and the conditions of an `else if` chain, leave something to each other. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Binary, Expression, If, Statement, While } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { parts } from "../flow.ts";
import type { Visitor } from "../visitor.ts";

export function chains(context: CheckContext): Visitor {
  const inner = new Set<Expression>();
  const followers = new Set<Statement>();
  return {
    expression(expression: Expression): void {
      if (expression.kind !== "binary" || inner.has(expression)) return;
      if (expression.operator !== "&&" && expression.operator !== "||") return;
      const operands = flatten(expression, inner);
      checkContradiction(context, expression, operands);
    },
    condition(statement: If | While): void {
      if (statement.kind === "if" && !followers.has(statement)) {
        checkChain(context, statement, followers);
      }
    },
  };
}

/** The operands of `a && b && c`; what was taken apart is remembered. */
function flatten(node: Binary, inner: Set<Expression>): Expression[] {
  const operands: Expression[] = [];
  const pending: Expression[] = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "binary" && next.operator === node.operator) {
      inner.add(next);
      pending.push(next.right, next.left);
    } else {
      operands.push(next);
    }
  }
  return operands;
}

/** `$x == 1 && $x == 2` never holds; `$x != 1 || $x != 2` always does. */
function checkContradiction(
  context: CheckContext,
  node: Binary,
  operands: readonly Expression[],
): void {
  const wanted = node.operator === "&&" ? "==" : "!=";
  const seen = new Map<string, string>();
  for (const operand of operands) {
    if (operand.kind !== "binary" || operand.operator !== wanted) continue;
    const { left, right } = operand;
    if (left.kind !== "variable" && !(left.kind === "core" && left.term === "method")) continue;
    if (right.kind !== "string" && right.kind !== "number") continue;
    const subject = textOf(left);
    const value = String(right.value);
    const before = seen.get(subject);
    if (before === undefined) seen.set(subject, value);
    else if (before !== value) {
      const isNever = node.operator === "&&";
      const message = isNever
        ? `${subject} cannot be ${before} and ${value} at once`
        : `this is always true: ${subject} differs from ${before} or from ${value}`;
      const kind = isNever ? checkCodes.comparisonNeverTrue : checkCodes.constantCondition;
      const help = isNever ? "did you mean ||?" : "did you mean &&?";
      context.report(kind, operand.span, message, { help });
      return;
    }
  }
}

/** `if (a) ... else if (a) ...`: the second one is never taken. */
function checkChain(context: CheckContext, first: If, followers: Set<Statement>): void {
  const seen = new Map<string, If>();
  let statement: Statement | undefined = first;
  while (statement?.kind === "if") {
    followers.add(statement);
    const { condition }: If = statement;
    if (isRepeatable(condition)) {
      const text = textOf(condition);
      const before = seen.get(text);
      if (before === undefined) seen.set(text, statement);
      else {
        const message = "this condition was tested above: its branch is never taken";
        context.report(checkCodes.duplicateCondition, condition.span, message, {
          related: [{ span: before.condition.span, message: "tested here" }],
        });
      }
    }
    statement = statement.otherwise;
  }
}

/** Whether a condition gives the same answer when asked again: only questions, nothing that is done. */
function isRepeatable(condition: Expression): boolean {
  for (const part of parts(condition)) {
    if (part.kind === "routeCall") return false;
    if (part.kind === "call" && !/^(?:is_|has_|isflagset$|isbflagset$)/.test(part.name.text)) {
      return false;
    }
  }
  return true;
}

function textOf({ span }: Expression): string {
  return span.source.text.slice(span.start, span.end).replace(/\s+/g, " ");
}
