/** Finds the function and the form that a call means. */
import type { Catalog } from "../catalog/catalog.ts";
import type { ArgumentSpec, FunctionSpec, ModuleSpec } from "../catalog/spec.ts";
import { collectFacts } from "../check/facts.ts";
import { Names } from "../check/names.ts";
import type { Call, Config } from "../syntax/ast.ts";

/** The declaration a call refers to. */
export interface ResolvedFunction {
  readonly module: string;
  readonly spec: FunctionSpec;
  readonly form?: string;
  readonly args: readonly ArgumentSpec[];
}

function accepts(args: readonly ArgumentSpec[], count: number): boolean {
  const least = args.filter((argument) => !argument.optional).length;
  return count >= least && count <= args.length;
}

/** The functions of the core and the modules that a configuration loads. */
export class FunctionTable {
  readonly #names: Names;
  readonly #severalWorkers: boolean;

  constructor(config: Config, catalog: Catalog, severalWorkers: boolean) {
    this.#severalWorkers = severalWorkers;
    const modules: ModuleSpec[] = [];
    for (const { spec } of collectFacts(config, catalog).modules.values()) {
      if (spec !== undefined) modules.push(spec);
    }
    this.#names = new Names(catalog, modules);
  }

  /** Nothing when no loaded module has it, or none of its forms takes that many arguments. */
  resolve(call: Call): ResolvedFunction | undefined {
    const found = this.#names.loaded.functions.get(call.name.text);
    if (found === undefined || found.spec.implemented === false) return undefined;
    const { module, spec } = found;
    if (spec.forms === undefined) {
      const args = spec.args ?? [];
      return accepts(args, call.args.length) ? { module, spec, args } : undefined;
    }
    for (const [form, args] of Object.entries(spec.forms)) {
      if (accepts(args, call.args.length)) return { module, spec, form, args };
    }
    return undefined;
  }

  /** Whether a function may hand back a promise. */
  waits(spec: FunctionSpec): boolean {
    return spec.async === true || (this.#severalWorkers && spec.asksWorkers === true);
  }

  isAsync(call: Call): boolean {
    const spec = this.resolve(call)?.spec;
    return spec !== undefined && this.waits(spec);
  }
}
