/** Rule: a comparison can hold: values that the other side can have, methods that exist, patterns that are well formed. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import { parseFormat } from "../../format/format.ts";
import type {
  Assign,
  Binary,
  Case,
  Expression,
  StringLiteral,
  Variable,
} from "../../syntax/ast.ts";
import { addressProblem } from "../addresses.ts";
import { integer } from "../arguments.ts";
import type { CheckContext } from "../context.ts";
import { checkMethod } from "../methods.ts";
import { regexProblem, slowPattern } from "../patterns.ts";
import type { Visitor } from "../visitor.ts";
import { textOf } from "./core-words.ts";

/** Variables that hold URIs, addresses or names, and never a bare number. */
const neverNumbers: ReadonlySet<string> = new Set(
  "ru ou du fu tu su duri Ri si rm proto pr cT rr rv fs ua ct".split(" "),
);

export function comparisons(context: CheckContext): Visitor {
  return {
    expression(expression: Expression): void {
      if (expression.kind === "binary") checkBinary(context, expression);
    },
    case({ label, isRegex }: Case): void {
      if (isRegex && label?.kind === "string") checkPattern(context, label);
    },
    assign(statement: Assign): void {
      if (statement.value.kind === "string") checkNotEvaluated(context, statement.value);
      checkAssigned(context, statement);
    },
  };
}

function checkBinary(context: CheckContext, node: Binary): void {
  const { operator, left, right } = node;
  if (operator === "=~" || operator === "!~") {
    if (right.kind === "string") checkPattern(context, right);
    return;
  }
  if (operator !== "==" && operator !== "!=") return;
  checkSide(context, left, right);
  checkSide(context, right, left);
  if (right.kind === "string") checkNotEvaluated(context, right);
}

function checkSide(context: CheckContext, subject: Expression, other: Expression): void {
  if (subject.kind !== "variable" || subject.transformations.length > 0) return;
  const text = textOf(other);
  if (text === undefined) return checkNumberSide(context, subject, other);
  if (subject.name === "rm") {
    checkMethod(context, text, other.span);
  } else if (subject.name === "si" || subject.name === "Ri") {
    const problem = addressProblem(text);
    if (problem !== undefined) context.report(checkCodes.badAddress, other.span, problem);
  } else {
    checkTextSide(context, subject, text, other);
  }
}

function checkNumberSide(context: CheckContext, { name }: Variable, other: Expression): void {
  const spec = context.names.loaded.variables.get(name)?.spec;
  if (other.kind !== "number" || !neverNumbers.has(name) || spec?.type === "int") return;
  context.report(checkCodes.comparisonNeverTrue, other.span, `$${name} is never a number`);
}

function checkTextSide(
  context: CheckContext,
  { name }: Variable,
  text: string,
  other: Expression,
): void {
  const spec = context.names.loaded.variables.get(name)?.spec;
  if (spec?.type !== "int" || spec.inner === "required") return;
  if (integer(text) !== undefined || text === "") return;
  const message = `$${name} is a number and never "${text}"`;
  context.report(checkCodes.comparisonNeverTrue, other.span, message);
}

function checkAssigned(context: CheckContext, { target, value }: Assign): void {
  if (target.kind !== "variable" || value.kind !== "string") return;
  const spec = context.names.loaded.variables.get(target.name)?.spec;
  if (spec?.type !== "int" || spec.writable !== true || spec.inner === "required") return;
  if (integer(value.value) !== undefined || value.value === "") return;
  const message = `$${target.name} takes a number, not "${value.value}"`;
  context.report(checkCodes.assignedType, value.span, message);
}

function checkPattern(context: CheckContext, literal: StringLiteral): void {
  const problem = regexProblem(literal.value);
  if (problem !== undefined) {
    const message = `invalid regular expression: ${problem}`;
    context.report(checkCodes.badRegex, literal.span, message);
  } else if (slowPattern(literal.value)) {
    const message = "this regular expression can take very long on some texts";
    context.report(checkCodes.slowRegex, literal.span, message);
  }
}

/** A text in an expression stands for itself: variables are evaluated only in arguments that say so. */
function checkNotEvaluated(context: CheckContext, literal: StringLiteral): void {
  if (!literal.value.includes("$")) return;
  const variable = parseFormat(literal.value).find((part) => part.kind === "variable");
  if (variable?.kind !== "variable") return;
  const { name } = variable.variable;
  if (name === "$" || !context.names.loaded.variables.has(name)) return;
  const message = `$${name} is not evaluated in this text`;
  context.report(checkCodes.notEvaluated, literal.span, message, {
    help: `write "..." + $${name}, or $_s(...) around the text`,
  });
}
