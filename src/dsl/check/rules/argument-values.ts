/** Rule: what is written for an argument is of the kind, in the range and in the form that the function takes. */
import type { ArgumentSpec } from "../../catalog/spec.ts";
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Expression } from "../../syntax/ast.ts";
import { checkConstant } from "../arguments.ts";
import type { CheckContext } from "../context.ts";
import type { CallUse, Visitor } from "../visitor.ts";

export function argumentValues(context: CheckContext): Visitor {
  return {
    call(use: CallUse): void {
      if (use.found === undefined || use.form === undefined) return;
      if (use.found.spec.implemented === false) return;
      use.call.args.forEach((argument, index) => {
        const spec = use.form?.[index];
        if (spec !== undefined) checkArgument(context, use, spec, argument);
      });
    },
  };
}

function checkArgument(
  context: CheckContext,
  use: CallUse,
  spec: ArgumentSpec,
  argument: Expression,
): void {
  const name = use.call.name.text;
  if (argument.kind === "core")
    return checkWord(context, use, spec, argument.text ?? argument.term);
  if (spec.kind === "var") return checkVariableArgument(context, use, spec, argument);
  if (use.found?.module === "core" && !checkCoreArgument(context, use, spec, argument)) return;
  const constant = constantOf(argument);
  if (constant !== undefined) {
    return checkConstant(context, { spec, text: String(constant), argument, name });
  }
  if (argument.kind === "string") return;
  if (["str", "regex", "subst"].includes(spec.kind) && isDynamic(argument)) {
    const message = `${spec.name} of ${name}() must be a constant`;
    context.report(checkCodes.argumentKind, argument.span, message);
  }
}

/** The core's own commands are part of the grammar: texts are quoted, numbers are not, nothing is worked out. */
function checkCoreArgument(
  context: CheckContext,
  use: CallUse,
  spec: ArgumentSpec,
  argument: Expression,
): boolean {
  const wanted = coreForms[spec.kind];
  if (wanted === undefined || wanted.allowed.includes(argument.kind)) {
    const isQuotedNumber =
      spec.kind === "flag" && argument.kind === "string" && /^\d+$/.test(argument.value);
    if (!isQuotedNumber) return true;
  }
  const message = `${spec.name} of ${use.call.name.text}() must be ${wanted?.says ?? "a constant"}`;
  context.report(checkCodes.argumentKind, argument.span, message);
  return false;
}

const coreForms: Partial<
  Readonly<Record<ArgumentSpec["kind"], { allowed: readonly string[]; says: string }>>
> = {
  int: { allowed: ["number"], says: "a number without quotes" },
  str: { allowed: ["string"], says: "a text in quotes" },
  flag: { allowed: ["number", "string"], says: "a number without quotes, or the name of a flag" },
};

/** Bare words: only flags may be given by their names. */
function checkWord(context: CheckContext, use: CallUse, spec: ArgumentSpec, word: string): void {
  const argument = use.call.args.find(
    (arg) => arg.kind === "core" && (arg.text ?? arg.term) === word,
  );
  if (argument === undefined || argument.kind !== "core") return;
  if (spec.kind === "flag") {
    if (context.facts.flags.has(word)) return;
    const message = `there is no flag ${word}`;
    const help = `declare it (flags ${word}) or define it (#!define ${word} 1)`;
    return context.report(checkCodes.unknownFlag, argument.span, message, { help, once: word });
  }
  // Hosts and sockets may be written without quotes.
  if (argument.term !== "word" || spec.kind === "any" || spec.kind === "host") return;
  const text = `${word} is not defined`;
  const help = `put it into quotes or define it (#!define ${word} ...)`;
  context.report(checkCodes.unknownWord, argument.span, text, { help, once: word });
}

function checkVariableArgument(
  context: CheckContext,
  use: CallUse,
  spec: ArgumentSpec,
  argument: Expression,
): void {
  if (argument.kind === "variable") return;
  if (argument.kind === "string" && /^\s*\$/.test(argument.value)) return;
  const message = `${spec.name} of ${use.call.name.text}() must be a variable`;
  context.report(checkCodes.argumentKind, argument.span, message);
}

/** The value of an argument that is known now. */
function constantOf(argument: Expression): string | number | undefined {
  if (argument.kind === "number") return argument.value;
  if (argument.kind === "string") return argument.value;
  if (argument.kind === "unary" && argument.operand.kind === "number") {
    if (argument.operator === "-") return -argument.operand.value;
    if (argument.operator === "+") return argument.operand.value;
  }
  return undefined;
}

function isDynamic(argument: Expression): boolean {
  return argument.kind === "variable" || argument.kind === "select" || argument.kind === "call";
}
