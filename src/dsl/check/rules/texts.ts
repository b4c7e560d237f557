/** Rule: every `$` in a text that is evaluated begins a variable. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { FormatProblem } from "../../format/format.ts";
import type { Span } from "../../source.ts";
import type { CheckContext } from "../context.ts";
import type { Visitor } from "../visitor.ts";

export function texts(context: CheckContext): Visitor {
  return {
    badText(problem: FormatProblem, span: Span): void {
      context.report(checkCodes.badVariable, span, problem.message, {
        help: "write $$ for a dollar sign",
      });
    },
  };
}
