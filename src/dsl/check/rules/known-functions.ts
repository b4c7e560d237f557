/** Rule: every function that is called is exported by the core or by a module that was loaded before. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { CallUse, Visitor } from "../visitor.ts";

/** Words with parentheses behind them that are no functions. */
const keywords = ["route", "return", "exit", "drop", "if", "while", "switch"];

export function knownFunctions(context: CheckContext): Visitor {
  const late = new Set<string>();
  return {
    call(use: CallUse): void {
      if (use.found === undefined) return reportUnknown(context, use);
      const { module, spec } = use.found;
      const { name } = use.call;
      if (spec.implemented === false) {
        const message = `${name.text}() is not implemented in olelo yet`;
        return context.report(checkCodes.notImplemented, name.span, message);
      }
      const loaded = context.facts.modules.get(module);
      if (loaded === undefined || loaded.order < use.frame.order || late.has(module)) return;
      late.add(module);
      context.report(
        checkCodes.moduleLater,
        name.span,
        `${name.text}() is used before module ${module} is loaded`,
        { related: [{ span: loaded.span, message: "loaded here" }] },
      );
    },
  };
}

function reportUnknown(context: CheckContext, use: CallUse): void {
  const { name } = use.call;
  const module = context.names.moduleWithFunction(name.text);
  if (module !== undefined) {
    if (context.facts.modules.has(module)) return;
    return context.reportMissing(module, name.span, `${name.text}()`);
  }
  const help = suggestion(name.text, [...context.names.loaded.functions.keys(), ...keywords]);
  if (help === undefined && context.facts.hasUnknownFunctions) return;
  context.report(checkCodes.unknownFunction, name.span, `there is no function ${name.text}()`, {
    help,
  });
}
