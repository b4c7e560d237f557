/** Rules for the labels of a switch. */
import type { SyntaxCode } from "../../diagnostics/codes.ts";
import type { Span } from "../../source.ts";
import type { Binary, Case, Expression } from "../ast.ts";

type LabelType = "number" | "text";

/** What a label is compared as; nothing when it is not constant. */
function labelType(label: Expression): LabelType | undefined {
  switch (label.kind) {
    case "number":
      return "number";
    case "string":
      return "text";
    case "core":
      return label.term === "INET" || label.term === "INET6" ? "number" : undefined;
    case "cast":
      return labelType(label.operand) && (label.type === "int" ? "number" : "text");
    case "unary":
      return labelType(label.operand) && "number";
    case "binary":
      return binaryType(label);
    default:
      return undefined;
  }
}

function binaryType({ left, operator, right }: Binary): LabelType | undefined {
  const first = labelType(left);
  if (first === undefined || labelType(right) === undefined) return undefined;
  return operator === "+" ? first : "number";
}

/** Labels have to be constant and all of one type, with one `default` at most. */
export function findCaseFaults(
  cases: readonly Case[],
): { code: SyntaxCode; message: string; span: Span }[] {
  const faults: { code: SyntaxCode; message: string; span: Span }[] = [];
  let hasDefault = false;
  let common: "number" | "text" | undefined;
  for (const { label, isRegex, span } of cases) {
    if (label === undefined) {
      if (hasDefault)
        faults.push({ code: "E222", message: "a switch has one 'default' only", span });
      hasDefault = true;
      continue;
    }
    const type = labelType(label);
    if (type === undefined) {
      faults.push({ code: "E221", message: "a case needs a constant value", span: label.span });
      continue;
    }
    const wanted = isRegex ? "text" : type;
    common ??= wanted;
    if (wanted !== common || type !== wanted) {
      const message = "numbers and texts cannot be mixed in the cases of one switch";
      faults.push({ code: "E223", message, span: label.span });
    }
  }
  return faults;
}
