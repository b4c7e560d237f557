/** Makes engines with all modules that come with the program. */
import core from "./core/index.ts";
import { moduleImports } from "./index.ts";
import type { Engine, EngineOptions } from "../runtime/engine-options.ts";
import { prepareEngine } from "../runtime/prepare.ts";

/**
 * Makes an engine from a configuration. What is wrong with the configuration is in `diagnostics`, never thrown; `start`
 * refuses when there is an error among them.
 */
export function createEngine(options: EngineOptions): Promise<Engine> {
  return prepareEngine(options, { core, modules: moduleImports });
}
