/** Whether the evaluation of an expression can have ended the script. */
import type { Binary, Expression } from "../syntax/ast.ts";

/** How the evaluation of an expression can have ended the script, by its outcome. */
interface StopOutcome {
  readonly whenTrue: boolean;
  readonly whenFalse: boolean;
}

function outcomeOfBinary(expression: Binary): StopOutcome {
  const left = stopOutcome(expression.left);
  const right = stopOutcome(expression.right);
  const whenTrue = left.whenTrue || right.whenTrue;
  const whenFalse = left.whenFalse || right.whenFalse;
  if (expression.operator === "||") return { whenTrue, whenFalse };
  if (expression.operator === "&&") return { whenTrue, whenFalse: whenFalse || left.whenTrue };
  return both({ whenTrue, whenFalse });
}

/** A function that ends the script hands back 0, which is false. */
export function stopOutcome(expression: Expression): StopOutcome {
  switch (expression.kind) {
    case "call":
    case "routeCall":
      return { whenTrue: false, whenFalse: true };
    case "unary": {
      const { whenTrue, whenFalse } = stopOutcome(expression.operand);
      if (expression.operator === "!") return { whenTrue: whenFalse, whenFalse: whenTrue };
      return both({ whenTrue, whenFalse });
    }
    case "cast":
      return both(stopOutcome(expression.operand));
    case "binary":
      return outcomeOfBinary(expression);
    default:
      return { whenTrue: false, whenFalse: false };
  }
}

function both({ whenTrue, whenFalse }: StopOutcome): StopOutcome {
  const either = whenTrue || whenFalse;
  return { whenTrue: either, whenFalse: either };
}

/** Whether evaluating it can end the script. */
export function canStop(expression: Expression): boolean {
  const { whenTrue, whenFalse } = stopOutcome(expression);
  return whenTrue || whenFalse;
}
