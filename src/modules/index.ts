/** All modules that come with the program. A configuration loads a few of them, so each is imported when it is asked for. */
import type { AnyModule } from "../runtime/module.ts";
import type { ModuleImports } from "../runtime/module-loader.ts";

/** In alphabetical order; each author adds an own line. */
export const moduleImports = {
  acc: () => import("./acc/index.ts"),
  cfg_rpc: () => import("./cfg_rpc/index.ts"),
  corex: () => import("./corex/index.ts"),
  counters: () => import("./counters/index.ts"),
  ctl: () => import("./ctl/index.ts"),
  db_sqlite: () => import("./db_sqlite/index.ts"),
  jsonrpcs: () => import("./jsonrpcs/index.ts"),
  kex: () => import("./kex/index.ts"),
  maxfwd: () => import("./maxfwd/index.ts"),
  msilo: () => import("./msilo/index.ts"),
  presence: () => import("./presence/index.ts"),
  presence_reginfo: () => import("./presence_reginfo/index.ts"),
  pua: () => import("./pua/index.ts"),
  pua_reginfo: () => import("./pua_reginfo/index.ts"),
  pv: () => import("./pv/index.ts"),
  reginfo: () => import("./reginfo/index.ts"),
  registrar: () => import("./registrar/index.ts"),
  rr: () => import("./rr/index.ts"),
  sanity: () => import("./sanity/index.ts"),
  siputils: () => import("./siputils/index.ts"),
  sl: () => import("./sl/index.ts"),
  textops: () => import("./textops/index.ts"),
  textopsx: () => import("./textopsx/index.ts"),
  tm: () => import("./tm/index.ts"),
  tmx: () => import("./tmx/index.ts"),
  usrloc: () => import("./usrloc/index.ts"),
  xlog: () => import("./xlog/index.ts"),
} satisfies ModuleImports;

/** Imports all: for whoever looks at the declarations themselves. */
export async function loadAllModules(): Promise<readonly AnyModule[]> {
  const all = await Promise.all(Object.values(moduleImports).map((load) => load()));
  return all.map((one) => one.default as AnyModule);
}
