/** Rule: every transformation exists and gets the arguments that it takes. */
import type { TransformationSpec } from "../../catalog/spec.ts";
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Transformation } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { VariableUse, Visitor } from "../visitor.ts";
import { readSubstitution } from "../patterns.ts";

export function transformations(context: CheckContext): Visitor {
  return {
    variable(use: VariableUse): void {
      for (const transformation of use.variable.transformations) {
        if (!checkTransformation(context, transformation)) return;
      }
    },
  };
}

function checkTransformation(context: CheckContext, node: Transformation): boolean {
  const { className, name, span } = node;
  const names = context.names.loaded.transformations.get(className);
  if (names === undefined) {
    reportUnknownClass(context, node);
    return false;
  }
  const found = names.get(name) ?? names.get("*");
  if (found === undefined) {
    const message = `there is no transformation {${className}.${name}}`;
    const near = suggestion(name, names.keys())?.replace("mean ", `mean ${className}.`);
    context.report(checkCodes.unknownTransformation, span, message, { help: near });
    return false;
  }
  if (found.spec.implemented === false) {
    const message = `{${className}.${name}} is not implemented in olelo yet`;
    context.report(checkCodes.notImplemented, span, message);
    return false;
  }
  return checkArguments(context, node, found.spec);
}

function reportUnknownClass(
  context: CheckContext,
  { className, name, span }: Transformation,
): void {
  const module = context.names.moduleWithTransformations(className);
  if (module !== undefined) {
    if (
      context.facts.modules.get(module)?.spec === undefined &&
      context.facts.modules.has(module)
    ) {
      return;
    }
    if (!context.facts.modules.has(module)) {
      return context.reportMissing(module, span, `{${className}.${name}}`);
    }
  }
  const help = suggestion(className, context.names.loaded.transformations.keys());
  if (help === undefined && context.facts.hasUnknownExports) return;
  const message = `there is no class of transformations named ${className}`;
  context.report(checkCodes.unknownTransformation, span, message, { help });
}

function checkArguments(
  context: CheckContext,
  node: Transformation,
  spec: TransformationSpec,
): boolean {
  const shown = `{${node.className}.${node.name}}`;
  if (spec.raw === true) return checkRaw(context, node);
  // A comma as last argument reads as two empty ones.
  const isComma = spec.character === true && node.raw.endsWith(",") && node.args.at(-2) === "";
  const count = node.args.length - (isComma ? 1 : 0);
  if (count < spec.min || count > spec.max) {
    const wanted = spec.min === spec.max ? `${spec.min}` : `${spec.min} to ${spec.max}`;
    const message = `${shown} takes ${wanted} ${wanted === "1" ? "argument" : "arguments"}, not ${count}`;
    context.report(checkCodes.transformationArguments, node.span, message);
    return false;
  }
  for (const [index, argument] of node.args.entries()) {
    if (typeof argument !== "string" || spec.args?.[index] !== "int") continue;
    if (/^\s*[-+]?\d+\s*$/.test(argument)) continue;
    const message = `argument ${index + 1} of ${shown} must be a number, not ${argument || "nothing"}`;
    context.report(checkCodes.transformationArguments, node.span, message);
    return false;
  }
  return true;
}

function checkRaw(context: CheckContext, node: Transformation): boolean {
  if (node.className !== "re" || node.name !== "subst") return true;
  const { problem } = readSubstitution(node.raw.trim());
  if (problem === undefined) return true;
  context.report(checkCodes.badSubstitution, node.span, `bad substitution: ${problem}`);
  return false;
}
