/** Rule: flags are declared once, and have positions from 0 to 31. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { FlagsDeclaration, Item } from "../../syntax/ast.ts";
import type { Span } from "../../source.ts";
import type { CheckContext } from "../context.ts";
import type { Visitor } from "../visitor.ts";

export function flagDeclarations(context: CheckContext): Visitor {
  const seen = new Map<string, Span>();
  return {
    item(item: Item): void {
      if (item.kind === "flags") checkDeclaration(context, item, seen);
    },
  };
}

function checkDeclaration(
  context: CheckContext,
  item: FlagsDeclaration,
  seen: Map<string, Span>,
): void {
  for (const { name, position } of item.flags) {
    const first = seen.get(name.text);
    if (first !== undefined) {
      context.report(checkCodes.duplicateFlag, name.span, `flag ${name.text} is declared twice`, {
        related: [{ span: first, message: "first declared here" }],
      });
      continue;
    }
    seen.set(name.text, name.span);
    if (position !== undefined && (position < 0 || position > 31)) {
      const message = `a flag's position is 0 to 31, not ${position}`;
      context.report(checkCodes.flagRange, name.span, message);
    }
  }
}
