/** Rule: every variable, in code, in texts and inside other variables, is exported by the core or a loaded module. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { VariableUse, Visitor } from "../visitor.ts";

export function knownVariables(context: CheckContext): Visitor {
  return {
    variable(use: VariableUse): void {
      const { variable, found } = use;
      if (found === undefined) return reportUnknown(context, use);
      if (found.spec.implemented !== false) return;
      const message = `$${variable.name} is not implemented in olelo yet`;
      context.report(checkCodes.notImplemented, variable.span, message);
    },
  };
}

function reportUnknown(context: CheckContext, { variable }: VariableUse): void {
  const { name, span } = variable;
  const modules = context.names.modulesWithVariable(name);
  if (modules.some((module) => context.facts.modules.has(module))) return;
  const [first] = modules;
  if (first !== undefined) return context.reportMissing(first, span, `$${name}`);
  const help = suggestion(name, context.names.loaded.variables.keys());
  if (help === undefined && context.facts.hasUnknownExports) return;
  context.report(checkCodes.unknownVariable, span, `there is no variable $${name}`, {
    help: help?.replace("mean ", "mean $"),
  });
}
