/** What the compiler hands on: the text of a program and the tables of what it refers to. */
import type { ArgumentSpec, FunctionSpec } from "../catalog/spec.ts";
import type { Span } from "../source.ts";
import type { Call, CoreTerm, RouteKind, Select, Variable } from "../syntax/ast.ts";
import type { Argument, CallSite, CoreComparison, Getter } from "./abi.ts";
import type { Mapping, SourceMapJson } from "./source-map.ts";

/** A route of the program. */
export interface CompiledRoute {
  readonly kind: RouteKind;
  /** As in its brackets; "0" for the main one of its kind. */
  readonly name: string;
  /** Name of its function in the compiled text, which stack traces and profiles show. */
  readonly id: string;
  /** Whether its function hands back a promise. */
  readonly isAsync: boolean;
  /** Whether it can come back to itself through calls; its depth is bounded then. */
  readonly isRecursive: boolean;
  readonly span: Span;
}

/** An argument before it is bound: a constant, a variable, or an expression that the program itself evaluates. */
export interface ArgumentPlan {
  readonly spec: ArgumentSpec;
  readonly span: Span;
  readonly constant?: string | number;
  readonly variable?: Variable;
}

export interface CallPlan {
  readonly call: Call;
  readonly module: string;
  readonly function: FunctionSpec;
  readonly form?: string;
  readonly args: readonly ArgumentPlan[];
}

export interface ComparisonPlan {
  readonly left: CoreTerm;
  readonly operator: CoreComparison<unknown>["operator"];
  readonly right?: CoreTerm | ArgumentPlan;
  readonly span: Span;
}

export interface RegexPlan {
  readonly pattern: string;
  readonly ignoreCase: boolean;
  readonly span: Span;
}

/** Everything a program refers to, by the numbers used in its text. */
export interface SiteTables {
  readonly calls: readonly CallPlan[];
  readonly variables: readonly Variable[];
  readonly selects: readonly Select[];
  readonly coreTerms: readonly CoreTerm[];
  readonly comparisons: readonly ComparisonPlan[];
  readonly regexes: readonly RegexPlan[];
  /** Places for faults at run time. */
  readonly spans: readonly Span[];
}

/** A compiled configuration. Plain data: it can be linked any number of times. */
export interface CompiledProgram {
  /** A JavaScript expression: the factory, called with the linker, the site tables and the operations. */
  readonly code: string;
  readonly sourceMap: SourceMapJson;
  readonly mappings: readonly Mapping[];
  readonly sites: SiteTables;
  readonly routes: readonly CompiledRoute[];
}

function bindArgument<C>(plan: ArgumentPlan, evaluate: Getter<C> | undefined): Argument<C> {
  return evaluate === undefined ? plan : { ...plan, evaluate };
}

/** A call site with the evaluators of its arguments (undefined for constants). Called by the compiled text. */
export function callSite<C>(
  plan: CallPlan,
  evaluators: readonly (Getter<C> | undefined)[],
): CallSite<C> {
  return { ...plan, args: plan.args.map((argument, i) => bindArgument(argument, evaluators[i])) };
}

/** A comparison with the evaluator of its right side. Called by the compiled text. */
export function comparisonSite<C>(
  plan: ComparisonPlan,
  evaluate: Getter<C> | undefined,
): CoreComparison<C> {
  const { right } = plan;
  if (right === undefined || "kind" in right) return plan as CoreComparison<C>;
  return { ...plan, right: bindArgument(right, evaluate) };
}
