/** Checks a text as a configuration, without making an engine. */
import type { Catalog } from "../dsl/catalog/catalog.ts";
import { allFindings } from "../dsl/check/check.ts";
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import { readConfig, type ReadOptions } from "../dsl/read.ts";
import { core } from "./core/spec.ts";
import { moduleDefinitions } from "./all.ts";

/** Everything that reading and checking have to say about a text; nothing is run. */
export function checkText(
  text: string,
  options: ReadOptions & { name?: string } = {},
): Diagnostic[] {
  const { name = "<text>", ...readOptions } = options;
  const read = readConfig({ text, name }, readOptions);
  return allFindings(read, builtInCatalog());
}

/** What names can refer to when no module of the user is loaded. */
export function builtInCatalog(): Catalog {
  return {
    core,
    modules: new Map(moduleDefinitions.map(({ spec }) => [spec.name, spec])),
  };
}
