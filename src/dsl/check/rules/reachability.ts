/** Rule: every statement can be reached. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Statement } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { firstUnreachable } from "../flow.ts";
import type { Visitor } from "../visitor.ts";

export function reachability(context: CheckContext): Visitor {
  const ends = (name: string): boolean =>
    context.names.loaded.functions.get(name)?.spec.ends === true;
  return {
    list(statements: readonly Statement[]): void {
      const index = firstUnreachable(statements, ends);
      const statement = statements[index];
      if (statement === undefined || isHabit(statements, index)) return;
      const end = statements.slice(0, index).findLast((before) => before.kind !== "empty");
      const message = "this statement is never reached";
      context.report(checkCodes.unreachable, statement.span, message, {
        related: end === undefined ? [] : [{ span: end.span, message: "the route is left here" }],
      });
    },
  };
}

/** `exit; break;` in a case, and `return;` as the last line of a route whatever stands before it, do no harm. */
function isHabit(statements: readonly Statement[], index: number): boolean {
  return statements
    .slice(index)
    .every((statement) => statement.kind === "jump" || statement.kind === "empty");
}
