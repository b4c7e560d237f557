/** Finds the modules that a configuration loads: built in, given by the caller, or files of the user. */
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startCodes } from "../dsl/diagnostics/codes-start.ts";
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import type { Span } from "../dsl/source.ts";
import type { Config, LoadModule } from "../dsl/syntax/ast.ts";
import { messageOf } from "./errors.ts";
import type { AnyModule } from "./module.ts";

/** A module that is to be set up, in the order of loading. */
export interface LoadedModule {
  readonly definition: AnyModule;
  /** Its `loadmodule` line, when there is one. */
  readonly span: Span | undefined;
}

/** How modules of the program are imported, by name. */
export type ModuleImports = Readonly<Record<string, () => Promise<{ default: AnyModule }>>>;

/** Modules by the names and paths that configurations give them. */
export class ModuleLibrary {
  readonly #byName = new Map<string, AnyModule>();
  /** Files of the user by the path as written. */
  readonly #byPath = new Map<string, AnyModule>();

  /** Modules of the program that were not imported yet. */
  readonly #imports: Map<string, ModuleImports[string]>;

  /** `own` are modules of the user; they come before those of the program. */
  constructor(imports: ModuleImports, own: readonly AnyModule[]) {
    this.#imports = new Map(Object.entries(imports));
    for (const definition of own) {
      this.#byName.set(definition.spec.name, definition);
      this.#imports.delete(definition.spec.name);
    }
  }

  get definitions(): ReadonlyMap<string, AnyModule> {
    return this.#byName;
  }

  find(path: string): AnyModule | undefined {
    return this.#byPath.get(path) ?? this.#byName.get(moduleName(path));
  }

  /** Imports what a configuration loads; the user's files that cannot be imported are told by diagnostics. */
  async importFor(config: Config, directory: string): Promise<Diagnostic[]> {
    const problems: Diagnostic[] = [];
    const names: string[] = [];
    for (const item of config.items) {
      if (item.kind !== "loadmodule") continue;
      if (!isFile(item.path.text)) {
        names.push(moduleName(item.path.text));
        continue;
      }
      const problem = await this.#importFile(item, directory);
      if (problem !== undefined) problems.push(problem);
    }
    await this.#importNamed(names);
    return problems;
  }

  /** Imports all modules of the program. */
  importRest(): Promise<void> {
    return this.#importNamed([...this.#imports.keys()]);
  }

  async #importNamed(names: readonly string[]): Promise<void> {
    const wanted = names.flatMap((name) => this.#imports.get(name) ?? []);
    const found = await Promise.all(wanted.map((load) => load()));
    for (const { default: definition } of found) {
      // A file of the user may have taken the name.
      if (this.#imports.delete(definition.spec.name) && !this.#byName.has(definition.spec.name)) {
        this.#byName.set(definition.spec.name, definition);
      }
    }
  }

  async #importFile(item: LoadModule, directory: string): Promise<Diagnostic | undefined> {
    const path = item.path.text;
    const { span } = item.path;
    try {
      const url = pathToFileURL(resolve(directory, path)).href;
      const found = (await import(url)) as { readonly default?: unknown };
      if (isDefinition(found.default)) {
        this.#byPath.set(path, found.default);
        this.#byName.set(found.default.spec.name, found.default);
        return undefined;
      }
      return importProblem(span, `${path} has no module as its default export`, helpExport);
    } catch (error) {
      const reason = messageOf(error);
      return importProblem(span, `${path} cannot be imported: ${reason}`, helpImport(path));
    }
  }
}

const helpExport = "end the file with: export default implementModule(spec, setup)";

function helpImport(path: string): string | undefined {
  return /\.m?ts$/.test(path)
    ? "this Node runs TypeScript only when started with a loader such as tsx"
    : undefined;
}

function importProblem(span: Span, message: string, help: string | undefined): Diagnostic {
  const problem: Diagnostic = {
    code: startCodes.importFailed.code,
    severity: "error",
    message,
    span,
  };
  return help === undefined ? problem : { ...problem, help };
}

function isDefinition(value: unknown): value is AnyModule {
  if (typeof value !== "object" || value === null) return false;
  const { spec, setup } = value as Partial<AnyModule>;
  return typeof setup === "function" && typeof spec === "object" && typeof spec.name === "string";
}

const scriptFile = /\.(?:js|mjs|ts|mts)$/;

/** Whether a `loadmodule` names a file of the user rather than a module of ours. */
export function isFile(path: string): boolean {
  return scriptFile.test(path);
}

/** The name of a module from what `loadmodule` says: `tm`, `tm.so`, `modules/tm/tm.so`. */
export function moduleName(path: string): string {
  const file = basename(path);
  return file.endsWith(".so") ? file.slice(0, -3) : file;
}

/**
 * The modules of a configuration in the order of loading, each once, database drivers before all others. Those that do not
 * exist are left out.
 */
export function modulesInOrder(library: ModuleLibrary, config: Config): LoadedModule[] {
  const loaded = new Map<string, LoadedModule>();
  const add = (path: string, span: Span | undefined): void => {
    const definition = library.find(path);
    if (definition === undefined || loaded.has(definition.spec.name)) return;
    loaded.set(definition.spec.name, { definition, span });
  };
  for (const item of config.items) {
    if (item.kind === "loadmodule") add(item.path.text, item.path.span);
  }
  const all = [...loaded.values()];
  const isDriver = (module: LoadedModule): boolean => module.definition.spec.storage !== undefined;
  return [...all.filter(isDriver), ...all.filter((module) => !isDriver(module))];
}
