/** Rule: a name that is tested in `#!ifdef` and never defined is not one letter away from a name that is. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Define, TestedName } from "../../preprocess/result.ts";
import type { CheckContext } from "../context.ts";
import { editDistance } from "../../diagnostics/did-you-mean.ts";
import type { Visitor } from "../visitor.ts";

/** Shorter words behind the last `_` are too alike to tell mistakes from names (`WITH_WS`, `WITH_WSS`). */
const LEAST_LENGTH = 4;

export function misspeltDefines(context: CheckContext): Visitor {
  return {
    finish(): void {
      const { tested, defines } = context.preprocess;
      const counts = new Map<string, number>();
      for (const { name } of tested) counts.set(name, (counts.get(name) ?? 0) + 1);
      const unknown = tested.filter(({ name }) => !defines.has(name));
      const byUser = [...defines.values()].filter(isByUser);
      const reported = new Set<string>();
      for (const test of unknown) {
        if (reported.has(test.name)) continue;
        reported.add(test.name);
        reportTest(context, test, byUser, counts);
      }
    },
  };
}

function isByUser({ origin }: Define): boolean {
  return origin === "text" || origin === "command-line" || origin === "environment";
}

function reportTest(
  context: CheckContext,
  test: TestedName,
  defines: readonly Define[],
  counts: ReadonlyMap<string, number>,
): void {
  const { used } = context.preprocess;
  const count = counts.get(test.name) ?? 0;
  const define = defines.find(({ name }) => isSlip(test.name, name));
  if (define !== undefined) {
    const isDefineWrong =
      define.span !== undefined && !counts.has(define.name) && !used.has(define.name);
    if (isDefineWrong && define.span !== undefined) {
      const message = `${define.name} is defined but never tested, while ${test.name} is tested but never defined`;
      context.report(checkCodes.misspeltDefine, define.span, message, {
        help: `did you mean ${test.name}?`,
        related: [{ span: test.span, message: "tested here" }],
      });
    } else if (count <= 2) {
      report(context, test, define.name);
    }
    return;
  }
  const other = [...counts.keys()].find((name) => isSlip(test.name, name));
  if (other !== undefined && count === 1 && (counts.get(other) ?? 0) > 1) {
    report(context, test, other);
  }
}

function report(context: CheckContext, test: TestedName, meant: string): void {
  const message = `${test.name} is never defined`;
  context.report(checkCodes.misspeltDefine, test.span, message, {
    help: `did you mean ${meant}?`,
  });
}

/** Whether two names differ by one slip of the fingers: not by a digit, and not in a short word. */
function isSlip(name: string, other: string): boolean {
  if (name === other || Math.abs(name.length - other.length) > 1) return false;
  if (editDistance(name.toLowerCase(), other.toLowerCase(), 1) > 1) return false;
  if (name.replace(/\d/g, "") === other.replace(/\d/g, "")) return false;
  if (sorted(name) === sorted(other)) return true;
  return Math.max(lastWord(name).length, lastWord(other).length) >= LEAST_LENGTH;
}

/** Letters swapped are a slip in a short word, too. */
function sorted(name: string): string {
  return [...name].sort().join("");
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf("_") + 1);
}
