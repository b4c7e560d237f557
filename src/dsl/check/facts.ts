/** What a configuration declares: modules, routes, flags, custom parameters. Collected before any rule runs. */
import type { Catalog } from "../catalog/catalog.ts";
import {
  hasKnownFunctions,
  isKamailioModule,
  kamailioModuleNames,
} from "../catalog/known-modules.ts";
import type { ModuleSpec } from "../catalog/spec.ts";
import type { Span } from "../source.ts";
import type { Config, CustomGlobal, LoadModule, RouteBlock, RouteKind } from "../syntax/ast.ts";
import { didYouMean } from "../diagnostics/did-you-mean.ts";

/** A module named in a `loadmodule`. */
export interface LoadedModule {
  readonly name: string;
  /** Its declaration; none when the module is not built here or does not exist. */
  readonly spec: ModuleSpec | undefined;
  readonly span: Span;
  /** Position among the items of the configuration. */
  readonly order: number;
  /** `exists`: built here; `other`: a module of Kamailio that is not; `unknown`: no such module. */
  readonly state: "exists" | "other" | "unknown";
  /** For `unknown`: the name that was probably meant. The module counts as loaded under that name, too. */
  readonly meant?: string;
  /** The first `loadmodule` of the same module, when this one repeats it. */
  readonly repeats?: Span;
}

/** Everything that names in a configuration may refer to, as far as the configuration itself declares it. */
export interface Facts {
  /** Every `loadmodule` in order, repeated ones too. */
  readonly loads: readonly LoadedModule[];
  /** Modules by name: also a misspelt one under the name that was meant. */
  readonly modules: ReadonlyMap<string, LoadedModule>;
  /** Whether some loaded module's exports are unknown, so that unknown names may be its. */
  readonly hasUnknownExports: boolean;
  /** The same for functions, which are known of many modules that are not built here. */
  readonly hasUnknownFunctions: boolean;
  /** Route blocks by kind and name; the first of each name. */
  readonly routes: ReadonlyMap<RouteKind, ReadonlyMap<string, RouteBlock>>;
  readonly flags: ReadonlySet<string>;
  /** `group.name` of custom parameters. */
  readonly customGlobals: ReadonlyMap<string, CustomGlobal>;
  /** Texts of all module parameters: they may name routes. */
  readonly paramTexts: ReadonlySet<string>;
}

/** The module's name in a `loadmodule` path: `tm` for `tm.so`, `modules/tm/tm.so`. */
export function moduleName(path: string): string {
  const base = path.slice(path.lastIndexOf("/") + 1);
  return base.replace(/\.(?:so|js|mjs|ts|mts)$/, "");
}

/** Whether a `loadmodule` names a file of the user instead of a module of Kamailio. */
export function isUserModule(path: string): boolean {
  return /\.(?:js|mjs|ts|mts)$/.test(path) || path.startsWith("./") || path.startsWith("../");
}

/** Collects what a configuration declares. */
export function collectFacts(config: Config, catalog: Catalog): Facts {
  const loads: LoadedModule[] = [];
  const modules = new Map<string, LoadedModule>();
  const routes = new Map<RouteKind, Map<string, RouteBlock>>();
  const flags = new Set<string>();
  const customGlobals = new Map<string, CustomGlobal>();
  const paramTexts = new Set<string>();
  config.items.forEach((item, order) => {
    if (item.kind === "loadmodule") {
      const loaded = resolveModule(item, order, catalog, modules);
      loads.push(loaded);
      if (!modules.has(loaded.name)) modules.set(loaded.name, loaded);
      if (loaded.meant !== undefined && !modules.has(loaded.meant)) {
        modules.set(loaded.meant, loaded);
      }
    } else if (item.kind === "route") {
      addRoute(routes, item);
    } else if (item.kind === "flags") {
      for (const flag of item.flags) flags.add(flag.name.text);
    } else if (item.kind === "custom") {
      const key = `${item.group.text}.${item.name.text}`;
      if (!customGlobals.has(key)) customGlobals.set(key, item);
    } else if (item.kind === "modparam" && typeof item.value === "string") {
      paramTexts.add(item.value);
    }
  });
  const hasUnknownExports = loads.some((module) => module.spec === undefined);
  const hasUnknownFunctions = loads.some(
    (module) => module.spec === undefined && !hasKnownFunctions(module.name),
  );
  return {
    loads,
    modules,
    hasUnknownExports,
    hasUnknownFunctions,
    routes,
    flags,
    customGlobals,
    paramTexts,
  };
}

function addRoute(routes: Map<RouteKind, Map<string, RouteBlock>>, block: RouteBlock): void {
  let named = routes.get(block.route);
  if (named === undefined) {
    named = new Map();
    routes.set(block.route, named);
  }
  if (!named.has(block.name.text)) named.set(block.name.text, block);
}

function resolveModule(
  item: LoadModule,
  order: number,
  catalog: Catalog,
  before: ReadonlyMap<string, LoadedModule>,
): LoadedModule {
  const path = item.path.text;
  const name = moduleName(path);
  const span = item.path.span;
  const first = before.get(name);
  const repeats = first !== undefined && first.name === name ? { repeats: first.span } : {};
  if (isUserModule(path)) {
    const spec = catalog.resolve?.(path);
    return { name: spec?.name ?? name, spec, span, order, state: "exists", ...repeats };
  }
  const spec = catalog.modules.get(name);
  if (spec !== undefined) return { name, spec, span, order, state: "exists", ...repeats };
  if (isKamailioModule(name)) {
    return { name, spec: undefined, span, order, state: "other", ...repeats };
  }
  const meant = didYouMean(name, [...catalog.modules.keys(), ...kamailioModuleNames()]);
  const guess = meant === undefined ? undefined : catalog.modules.get(meant);
  return {
    name,
    spec: guess,
    span,
    order,
    state: "unknown",
    ...(meant === undefined ? {} : { meant }),
    ...repeats,
  };
}
