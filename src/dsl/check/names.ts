/** Where functions, variables and transformations come from: the core and the loaded modules, or modules that are not loaded. */
import type { Catalog } from "../catalog/catalog.ts";
import {
  moduleOfFunction,
  modulesOfVariable,
  moduleOfTransformations,
} from "../catalog/known-modules.ts";
import type {
  FunctionSpec,
  ModuleSpec,
  TransformationSpec,
  VariableSpec,
} from "../catalog/spec.ts";

/** Something that a module exports. */
export interface Export<T> {
  readonly module: string;
  readonly spec: T;
}

/** The exports of a set of modules by name. */
export class ExportIndex {
  readonly functions = new Map<string, Export<FunctionSpec>>();
  readonly variables = new Map<string, Export<VariableSpec>>();
  /** By class, then by name. */
  readonly transformations = new Map<string, Map<string, Export<TransformationSpec>>>();

  /** Adds a module's exports; the first module that exports a name keeps it. */
  add(module: ModuleSpec): void {
    for (const [name, spec] of Object.entries(module.functions ?? {})) {
      if (!this.functions.has(name)) this.functions.set(name, { module: module.name, spec });
    }
    for (const [name, spec] of Object.entries(module.variables ?? {})) {
      if (!this.variables.has(name)) this.variables.set(name, { module: module.name, spec });
    }
    for (const [className, names] of Object.entries(module.transformations ?? {})) {
      let known = this.transformations.get(className);
      if (known === undefined) {
        known = new Map();
        this.transformations.set(className, known);
      }
      for (const [name, spec] of Object.entries(names)) {
        if (!known.has(name)) known.set(name, { module: module.name, spec });
      }
    }
  }
}

/** Finds names among what a configuration has loaded, and the modules that would offer a name. */
export class Names {
  readonly loaded = new ExportIndex();
  readonly #catalog: Catalog;
  #all: ExportIndex | undefined;

  constructor(catalog: Catalog, modules: Iterable<ModuleSpec>) {
    this.#catalog = catalog;
    this.loaded.add(catalog.core);
    for (const module of modules) this.loaded.add(module);
  }

  /** The module that exports a function which no loaded module has. */
  moduleWithFunction(name: string): string | undefined {
    return this.#everything().functions.get(name)?.module ?? moduleOfFunction(name);
  }

  /** The modules that export a variable which no loaded module has. */
  modulesWithVariable(name: string): readonly string[] {
    const found = this.#everything().variables.get(name)?.module;
    return found === undefined ? modulesOfVariable(name) : [found];
  }

  /** The module that exports a class of transformations which no loaded module has. */
  moduleWithTransformations(className: string): string | undefined {
    const known = this.#everything().transformations.get(className)?.values().next();
    return known?.value?.module ?? moduleOfTransformations(className);
  }

  #everything(): ExportIndex {
    if (this.#all === undefined) {
      this.#all = new ExportIndex();
      for (const module of this.#catalog.modules.values()) this.#all.add(module);
    }
    return this.#all;
  }
}
