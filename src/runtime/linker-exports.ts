/** What the loaded modules export to scripts, by name: declaration and code. */
import type { FunctionSpec, ModuleSpec, VariableSpec } from "../dsl/catalog/spec.ts";
import type { Getter } from "../dsl/compile/abi.ts";
import type { Select } from "../dsl/syntax/ast.ts";
import type { ScriptContext } from "./context.ts";
import type { TransformationImplementation, VariableImplementation } from "./module.ts";

/** Makes a select's getter; nothing when the module has no such select. */
export type SelectBinder = (path: Select["path"]) => Getter<ScriptContext> | undefined;

/** A module that was set up, as far as scripts are concerned. */
export interface ScriptModule {
  readonly spec: ModuleSpec;
  readonly behaviour: {
    /** A handler, or handlers by form. Their types are known only where they were declared. */
    readonly functions?: Readonly<Record<string, unknown>>;
    readonly variables?: Readonly<Record<string, VariableImplementation>>;
    readonly transformations?: Readonly<
      Record<string, Readonly<Record<string, TransformationImplementation>>>
    >;
    readonly selects?: SelectBinder;
  };
}

export interface ExportedFunction {
  readonly spec: FunctionSpec;
  readonly implementation: unknown;
}

export interface ExportedVariable {
  readonly spec: VariableSpec;
  readonly bind: VariableImplementation;
}

/** All exports. Of modules that export the same name, the one loaded first keeps it, as the checker has it. */
export class ScriptExports {
  readonly #modules = new Map<string, ScriptModule>();
  readonly #variables = new Map<string, ExportedVariable>();
  readonly #transformations = new Map<string, TransformationImplementation>();
  readonly #selects: SelectBinder[] = [];

  constructor(modules: readonly ScriptModule[]) {
    for (const module of modules) {
      const { spec, behaviour } = module;
      this.#modules.set(spec.name, module);
      for (const [name, bind] of Object.entries(behaviour.variables ?? {})) {
        const variable = spec.variables?.[name];
        if (variable !== undefined && !this.#variables.has(name)) {
          this.#variables.set(name, { spec: variable, bind });
        }
      }
      for (const [className, all] of Object.entries(behaviour.transformations ?? {})) {
        for (const [name, implementation] of Object.entries(all)) {
          const key = `${className}.${name}`;
          if (!this.#transformations.has(key)) this.#transformations.set(key, implementation);
        }
      }
      if (behaviour.selects !== undefined) this.#selects.push(behaviour.selects);
    }
  }

  /** The handler of a module's function. */
  handler(module: string, name: string, form: string | undefined): unknown {
    const functions = this.#modules.get(module)?.behaviour.functions;
    const implementation =
      functions !== undefined && Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (form === undefined) return implementation;
    return (implementation as Readonly<Record<string, unknown>> | undefined)?.[form];
  }

  variable(name: string): ExportedVariable | undefined {
    return this.#variables.get(name);
  }

  transformation(className: string, name: string): TransformationImplementation | undefined {
    return this.#transformations.get(`${className}.${name}`);
  }

  select(path: Select["path"]): Getter<ScriptContext> | undefined {
    for (const bind of this.#selects) {
      const getter = bind(path);
      if (getter !== undefined) return getter;
    }
    return undefined;
  }
}
