/** Walks variables and what is inside of them: inner texts, indexes, arguments of transformations. */
import type { ParamSpec, VariableSpec } from "../catalog/spec.ts";
import { type Locate, locateIn, parseFormat, parseVariable } from "../format/format.ts";
import type { Span } from "../source.ts";
import type { GlobalAssign, ModParam, StringLiteral, Variable } from "../syntax/ast.ts";
import type { CheckContext } from "./context.ts";
import { modulesOfParam } from "./params.ts";
import { readSubstitution } from "./patterns.ts";
import type { Frame, VariableUse, Visitor } from "./visitor.ts";

type Place = VariableUse["place"];

/** Nested deeper, variables inside variables are not looked at. */
const MAX_DEPTH = 20;

/**
 * Places in a text; `inset` is the length of the opening quote. Where a text was put together from several strings, its
 * pieces are looked for in the source.
 */
export function locateInText(span: Span, text: string, inset: number): Locate {
  const { source } = span;
  const isPlain = span.end - span.start === text.length + 2 * inset;
  return (start, end) => {
    if (isPlain)
      return { source, start: span.start + inset + start, end: span.start + inset + end };
    const at = source.text.indexOf(text.slice(start, end), span.start);
    return at < 0 || at >= span.end ? span : { source, start: at, end: at + end - start };
  };
}

/** Tells rules about variables. */
export class VariableWalker {
  readonly #context: CheckContext;
  readonly #visitors: readonly Visitor[];

  constructor(context: CheckContext, visitors: readonly Visitor[]) {
    this.#context = context;
    this.#visitors = visitors.filter(
      (visitor) => visitor.variable !== undefined || visitor.badText !== undefined,
    );
  }

  visit(variable: Variable, place: Place, access: VariableUse["access"], frame?: Frame): void {
    this.#visit({ variable, place, access, frame, found: this.#find(variable) }, 0);
  }

  /** The variables in a module parameter's value. */
  param(item: ModParam): void {
    if (typeof item.value !== "string" || !item.value.includes("$")) return;
    const form = this.#paramForm(item);
    if (form === undefined) return;
    const locate = locateInText(item.valueSpan, item.value, 1);
    if (form === "variables") return this.#text(item.value, locate, "param");
    const variable = parseVariable(item.value, locate);
    if (variable !== undefined) this.visit(variable, "param", "read");
  }

  /** The variables in a global parameter's value (`log_prefix`). */
  global(item: GlobalAssign): void {
    if (this.#context.globals.find(item.name.text)?.spec.isFormat !== true) return;
    for (const value of item.values) {
      if (value.kind !== "string") continue;
      this.#text(value.value, locateInText(value.span, value.value, 1), "param");
    }
  }

  /** The variables in a substitution's replacement. */
  substitution(literal: StringLiteral, frame: Frame): void {
    for (const variable of readSubstitution(literal.value, locateIn(literal)).variables) {
      this.visit(variable, "text", "read", frame);
    }
  }

  #paramForm(item: ModParam): ParamSpec["form"] {
    for (const module of modulesOfParam(item, this.#context.facts)) {
      const form = module.spec?.params?.[item.param.text]?.form;
      if (form === "variable" || form === "variables" || form === "avp") return form;
    }
    return undefined;
  }

  #find(variable: Variable): VariableUse["found"] {
    return this.#context.names.loaded.variables.get(variable.name);
  }

  #text(text: string, locate: Locate, place: Place): void {
    for (const part of parseFormat(text, locate)) {
      if (part.kind === "variable") this.visit(part.variable, place, "read");
      else if (part.kind === "problem") {
        const span = locate(part.start, part.end);
        for (const visitor of this.#visitors) visitor.badText?.(part, span);
      }
    }
  }

  #visit(use: VariableUse, depth: number): void {
    if (depth > MAX_DEPTH) return;
    for (const visitor of this.#visitors) visitor.variable?.(use);
    const { variable, frame } = use;
    const inner = { place: "inner", access: "read", frame } as const;
    for (const nested of this.#nested(variable, use.found?.spec)) {
      this.#visit({ ...inner, variable: nested, found: this.#find(nested) }, depth + 1);
    }
  }

  #nested(variable: Variable, spec: VariableSpec | undefined): Variable[] {
    const nested = this.#inInnerText(variable, spec);
    if (typeof variable.index === "object") nested.push(variable.index);
    for (const transformation of variable.transformations) {
      for (const argument of transformation.args) {
        if (typeof argument !== "string") nested.push(argument);
      }
    }
    return nested;
  }

  #inInnerText(variable: Variable, spec: VariableSpec | undefined): Variable[] {
    const { inner } = variable;
    if (inner === undefined || !inner.includes("$") || spec?.innerForm === "text") return [];
    const locate =
      variable.innerSpan === undefined
        ? () => variable.span
        : locateInText(variable.innerSpan, inner, 0);
    if (spec?.innerForm === "variable") {
      const nested = parseVariable(inner, locate);
      return nested === undefined ? [] : [nested];
    }
    const nested: Variable[] = [];
    for (const part of parseFormat(inner, locate)) {
      if (part.kind === "variable") nested.push(part.variable);
    }
    return nested;
  }
}
