/** The definitions of all modules that come with the program, imported at once. */
import type { AnyModule } from "../runtime/module.ts";
import { loadAllModules } from "./index.ts";

/** In alphabetical order. */
export const moduleDefinitions: readonly AnyModule[] = await loadAllModules();
