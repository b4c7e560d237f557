/** Rule: a constant that is assigned to a variable of the message has the form that belongs there. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Assign, StringLiteral } from "../../syntax/ast.ts";
import { addressProblem, MAX_PORT } from "../addresses.ts";
import type { CheckContext } from "../context.ts";
import type { Visitor } from "../visitor.ts";

/** Variables that hold URIs. */
const uris: ReadonlySet<string> = new Set(["ru", "du", "duri", "fu", "tu", "ou", "branch"]);

export function assignedValues(context: CheckContext): Visitor {
  return {
    assign({ target, value, operator }: Assign): void {
      if (target.kind !== "variable" || operator !== "=") return;
      if (target.inner !== undefined || target.transformations.length > 0) return;
      if (value.kind === "string") checkText(context, target.name, value);
      else if (value.kind === "number") checkNumber(context, target.name, value);
    },
  };
}

function checkText(context: CheckContext, name: string, literal: StringLiteral): void {
  const { value, span } = literal;
  if (value === "" || value.includes("$")) return;
  if (uris.has(name)) {
    if (/^(?:sips?|tel|urn|msrps?|wss?|https?):\S+$/i.test(value)) return;
    const message = `$${name} takes a URI, not "${value}"`;
    const help = /\s/.test(value) ? undefined : `did you mean "sip:${value}"?`;
    context.report(checkCodes.assignedForm, span, message, { help });
  } else if (name === "rp" && /^\d+$/.test(value)) {
    checkPort(context, Number(value), literal);
  } else if (name === "rd" || name === "fd" || name === "td") {
    const problem = /[\s@<>"]/.test(value)
      ? `"${value}" is not a host name or address`
      : addressProblem(value);
    if (problem !== undefined) context.report(checkCodes.assignedForm, span, problem);
  }
}

function checkNumber(
  context: CheckContext,
  name: string,
  literal: { readonly value: number; readonly span: StringLiteral["span"] },
): void {
  if (name === "rp") return checkPort(context, literal.value, literal);
  if (name !== "ru" && name !== "du") return;
  const message = `$${name} takes a URI, not ${literal.value}`;
  context.report(checkCodes.assignedForm, literal.span, message);
}

function checkPort(
  context: CheckContext,
  port: number,
  { span }: { readonly span: StringLiteral["span"] },
): void {
  if (port >= 0 && port <= MAX_PORT) return;
  const message = `a port is a number up to ${MAX_PORT}, not ${port}`;
  context.report(checkCodes.assignedForm, span, message);
}
