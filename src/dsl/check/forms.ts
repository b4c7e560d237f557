/** Which form of a function a call uses, and what its arguments may hold. */
import type { ArgumentSpec, FunctionSpec, Kind } from "../catalog/spec.ts";

/** All forms of a function. */
export function formsOf(spec: FunctionSpec): readonly (readonly ArgumentSpec[])[] {
  return spec.forms === undefined ? [spec.args ?? []] : Object.values(spec.forms);
}

/** The form that takes this number of arguments. */
export function chooseForm(spec: FunctionSpec, count: number): readonly ArgumentSpec[] | undefined {
  return formsOf(spec).find((form) => count >= leastArguments(form) && count <= form.length);
}

/** How many arguments a form cannot do without. */
export function leastArguments(form: readonly ArgumentSpec[]): number {
  return form.filter((argument) => !argument.optional).length;
}

/** Whether variables in a text of this kind are evaluated. */
export function evaluatesText(kind: Kind): boolean {
  return kind !== "str" && kind !== "regex" && kind !== "subst" && kind !== "any";
}

/** `f(a, [b])`: a function with its arguments, as messages show it. */
export function signature(name: string, form: readonly ArgumentSpec[]): string {
  const args = form.map((argument) => (argument.optional ? `[${argument.name}]` : argument.name));
  return `${name}(${args.join(", ")})`;
}
