/** Rule: a function is called with a number of arguments that it takes, and no comma is lost between two of them. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Span } from "../../source.ts";
import type { Expression } from "../../syntax/ast.ts";
import { jointOf } from "../../syntax/scan.ts";
import type { CheckContext } from "../context.ts";
import { formsOf, leastArguments, signature } from "../forms.ts";
import type { CallUse, Visitor } from "../visitor.ts";

export function argumentCount(context: CheckContext): Visitor {
  return {
    call({ call, found, form }: CallUse): void {
      const joint = call.args.map(jointIn).find((span) => span !== undefined);
      if (found === undefined || form !== undefined || found.spec.implemented === false) {
        if (joint !== undefined) reportJoint(context, joint);
        return;
      }
      const forms = formsOf(found.spec);
      const counts = [...new Set(forms.flatMap(countsOf))].sort((a, b) => a - b);
      const wanted = describeCounts(counts);
      const given = call.args.length;
      const message = `${call.name.text}() takes ${wanted}, not ${given}`;
      context.report(checkCodes.argumentCount, call.name.span, message, {
        help:
          joint === undefined
            ? forms.map((args) => signature(call.name.text, args)).join(" or ")
            : "is a ',' missing between the strings?",
      });
    },
  };
}

function reportJoint(context: CheckContext, joint: Span): void {
  const message = "with nothing between them, these two strings are one";
  context.report(checkCodes.joinedTexts, joint, message, { help: "is a ',' missing?" });
}

function jointIn(argument: Expression): Span | undefined {
  if (argument.kind !== "string") return undefined;
  const { source, start, end } = argument.span;
  const joint = jointOf(source.text, start, end);
  return joint && { source, ...joint };
}

function countsOf(form: Parameters<typeof leastArguments>[0]): number[] {
  const least = leastArguments(form);
  return Array.from({ length: form.length - least + 1 }, (_, index) => least + index);
}

function describeCounts(counts: readonly number[]): string {
  const first = counts[0] ?? 0;
  const last = counts.at(-1) ?? 0;
  if (last === 0) return "no arguments";
  if (counts.length === 1) return first === 1 ? "1 argument" : `${first} arguments`;
  return last - first + 1 === counts.length
    ? `${first} to ${last} arguments`
    : `${counts.join(" or ")} arguments`;
}
