/** Everything that names in a configuration can refer to: the core and the modules that exist. */
import type { ModuleSpec } from "./spec.ts";

export interface Catalog {
  /** The core's functions, variables, event routes and RPC commands. Its global parameters are in `globals.ts`. */
  readonly core: ModuleSpec;
  /** Modules that can be loaded, by name. Modules of the user are found through `resolve`. */
  readonly modules: ReadonlyMap<string, ModuleSpec>;
  /** A module given by a path (`./billing.js`): its declaration, once the caller has loaded it. */
  resolve?(path: string): ModuleSpec | undefined;
}
