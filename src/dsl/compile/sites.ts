/** Numbers what a program refers to, each thing once. */
import type { ArgumentSpec } from "../catalog/spec.ts";
import type { Span } from "../source.ts";
import type { CoreTerm, Select, Variable } from "../syntax/ast.ts";
import type { CallPlan, ComparisonPlan, RegexPlan, SiteTables } from "./program.ts";

/** The text of a variable, the same for the same variable. */
export function variableText(variable: Variable): string {
  let text = variable.name;
  if (variable.inner !== undefined) text += `(${variable.inner})`;
  if (variable.index !== undefined) {
    const { index } = variable;
    text += `[${typeof index === "object" ? variableText(index) : index}]`;
  }
  for (const { className, name, args, raw } of variable.transformations) {
    const written = args.map((arg) => (typeof arg === "string" ? arg : variableText(arg)));
    text += `{${className}.${name},${raw}|${written.join(",")}}`;
  }
  const isPlain = variable.inner === undefined && text === variable.name;
  return isPlain ? `$${text}` : `$(${text})`;
}

/** Whether a variable is another one at each place where it stands: `$cfg(line)`. */
export function tellsPlace(variable: Variable): boolean {
  return variable.name === "cfg";
}

/** Variables with the same key are one site. */
function variableKey(variable: Variable): string {
  const text = variableText(variable);
  if (!tellsPlace(variable)) return text;
  return `${text} ${variable.span.source.name}:${variable.span.start}`;
}

/** Collects the site tables while the text is written. */
export class Sites implements SiteTables {
  readonly calls: CallPlan[] = [];
  readonly variables: Variable[] = [];
  readonly selects: Select[] = [];
  readonly coreTerms: CoreTerm[] = [];
  readonly comparisons: ComparisonPlan[] = [];
  readonly regexes: RegexPlan[] = [];
  readonly spans: Span[] = [];
  /** JavaScript array of evaluators for each call, and one evaluator for each comparison. */
  readonly callEvaluators: string[] = [];
  readonly comparisonEvaluators: string[] = [];
  readonly #variableNumbers = new Map<string, number>();
  readonly #regexNumbers = new Map<string, number>();

  variable(variable: Variable): number {
    const key = variableKey(variable);
    const known = this.#variableNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.variables.push(variable) - 1;
    this.#variableNumbers.set(key, number);
    return number;
  }

  regex(plan: RegexPlan): number {
    const key = `${plan.ignoreCase ? "i" : "-"}${plan.pattern}`;
    const known = this.#regexNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.regexes.push(plan) - 1;
    this.#regexNumbers.set(key, number);
    return number;
  }

  call(plan: CallPlan, evaluators: string): number {
    this.callEvaluators.push(evaluators);
    return this.calls.push(plan) - 1;
  }

  comparison(plan: ComparisonPlan, evaluator: string): number {
    this.comparisonEvaluators.push(evaluator);
    return this.comparisons.push(plan) - 1;
  }

  select(select: Select): number {
    return this.selects.push(select) - 1;
  }

  coreTerm(term: CoreTerm): number {
    return this.coreTerms.push(term) - 1;
  }

  span(span: Span): number {
    return this.spans.push(span) - 1;
  }
}

/** Stands for the right side of a comparison with a core term. */
export const comparedValue: ArgumentSpec = {
  name: "value",
  kind: "any",
  optional: false,
  doc: "What a word of the core is compared with.",
};
