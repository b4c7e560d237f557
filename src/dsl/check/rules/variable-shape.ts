/** Rule: a variable has a name in parentheses and an index where it takes them, and is assigned only if it can be. */
import type { VariableSpec } from "../../catalog/spec.ts";
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import { parseVariable } from "../../format/format.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { VariableUse, Visitor } from "../visitor.ts";

/** Characters of a header name (RFC 3261, 25.1: token). */
const HEADER_NAME = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

export function variableShape(context: CheckContext): Visitor {
  return {
    variable(use: VariableUse): void {
      if (use.found === undefined) return;
      if (!checkInner(context, use, use.found.spec)) return;
      checkIndex(context, use, use.found.spec);
      checkAccess(context, use, use.found.spec);
    },
  };
}

function checkInner(context: CheckContext, use: VariableUse, spec: VariableSpec): boolean {
  const { variable } = use;
  const { name, inner, span } = variable;
  const wanted = spec.inner ?? "none";
  if (inner === undefined || inner === "") {
    if (wanted !== "required") return true;
    context.report(checkCodes.innerMissing, span, `$${name} needs a name in parentheses`, {
      help: `write $${name}(name)`,
    });
    return false;
  }
  if (wanted === "none") {
    const message = `$${name} takes no name in parentheses`;
    context.report(checkCodes.innerForbidden, variable.innerSpan ?? span, message);
    return false;
  }
  return checkInnerText(context, use, spec, inner);
}

function checkInnerText(
  context: CheckContext,
  { variable }: VariableUse,
  spec: VariableSpec,
  inner: string,
): boolean {
  const span = variable.innerSpan ?? variable.span;
  if (spec.innerForm === "variable") {
    if (parseVariable(inner) !== undefined) return true;
    const message = `$${variable.name} needs a variable in its parentheses, not ${inner}`;
    context.report(checkCodes.unknownInner, span, message);
    return false;
  }
  if (inner.includes("$")) return true;
  if (spec.innerValues !== undefined && !spec.innerValues.includes(inner)) {
    const message = `$${variable.name} has nothing named ${inner}`;
    context.report(checkCodes.unknownInner, span, message, {
      help: suggestion(inner, spec.innerValues) ?? `one of ${spec.innerValues.join(", ")}`,
    });
    return false;
  }
  if (spec.innerForm === "header" && !HEADER_NAME.test(inner)) {
    const message = `${inner} is not a name that a header can have`;
    context.report(checkCodes.badHeaderName, span, message);
    return false;
  }
  return true;
}

function checkIndex(context: CheckContext, { variable }: VariableUse, spec: VariableSpec): void {
  if (variable.index === undefined || spec.indexed === true) return;
  context.report(checkCodes.indexForbidden, variable.span, `$${variable.name} takes no index`);
}

function checkAccess(context: CheckContext, use: VariableUse, spec: VariableSpec): void {
  if (use.access !== "write") return;
  const { variable } = use;
  if (variable.transformations.length > 0) {
    const message = "a variable with a transformation cannot be assigned";
    context.report(checkCodes.readOnly, variable.span, message);
  } else if (spec.writable !== true) {
    const message = `$${variable.name} is read-only and cannot be assigned`;
    context.report(checkCodes.readOnly, variable.span, message);
  }
}
