/** The script of a configuration: compiled, linked to the modules, and run route by route. */
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { Catalog } from "../dsl/catalog/catalog.ts";
import { type RouteFunction, Stop } from "../dsl/compile/abi.ts";
import { compile } from "../dsl/compile/compile.ts";
import type { CompiledRoute } from "../dsl/compile/program.ts";
import { startCodes } from "../dsl/diagnostics/codes-start.ts";
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import type { Source, Span } from "../dsl/source.ts";
import type { Config, RouteKind, Select } from "../dsl/syntax/ast.ts";
import type { ScriptContext } from "./context.ts";
import { traceOf } from "./errors.ts";
import { ScriptExports, type ScriptModule } from "./linker-exports.ts";
import { ScriptLinker } from "./linker.ts";
import type { ReadyModule, ScriptBinder } from "./module-setup.ts";
import { type LoadedProgram, loadProgram } from "./program.ts";
import type { Counter, Routes, Services } from "./services.ts";

export interface ScriptSource {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly services: Services;
  readonly modules: readonly ReadyModule[];
}

export interface LinkedScript {
  readonly routes: Routes;
  readonly binder: ScriptBinder;
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles the routes and binds what they refer to. */
export function linkScript({ config, catalog, services, modules }: ScriptSource): LinkedScript {
  const exports = new ScriptExports(modules as readonly ScriptModule[]);
  const linker = new ScriptLinker({ services, exports, flags: flagPositions(config) });
  const severalWorkers = services.workers !== null;
  const compiled = compile(config, catalog, { sourceName: sourceUrl, severalWorkers });
  const program = loadProgram<ScriptContext>(compiled, linker, programUrl(config));
  linker.useRoutes(program.named);
  return {
    routes: new ScriptRoutes(program, services),
    binder: {
      format: (text) => linker.variables.format(text).get,
      variable: (text) => linker.variables.variableFromText(text),
      select: (path) => exports.select(selectPath(path)),
      routeAt: (place) => routeAt(config, place),
    },
    diagnostics: severalWorkers
      ? [...linker.diagnostics, ...waitingOnSend(compiled.routes)]
      : linker.diagnostics,
  };
}

/** onsend_route is run while a packet leaves: nothing in it can ask another worker. */
function waitingOnSend(routes: readonly CompiledRoute[]): Diagnostic[] {
  const { code, severity } = startCodes.workersRefused;
  const message =
    "onsend_route calls a function that may have to ask another worker: with several workers it cannot";
  return routes
    .filter(({ kind, isAsync }) => kind === "onsend" && isAsync)
    .map(({ span }) => ({ code, severity, message, span }));
}

/** Kamailio's names for the routes that have none. */
const unnamedRoutes: Partial<Record<RouteKind, string>> = {
  request: "DEFAULT_ROUTE",
  onreply: "DEFAULT_ONREPLY",
  onsend: "DEFAULT_SEND",
};

function routeAt(config: Config, place: Span): string | null {
  for (const item of config.items) {
    if (item.kind !== "route" || item.span.source !== place.source) continue;
    if (place.start < item.span.start || place.start >= item.span.end) continue;
    return item.name.text === "0" ? (unnamedRoutes[item.route] ?? "0") : item.name.text;
  }
  return null;
}

/** Where debuggers find a file of the configuration: breakpoints can be set in it. */
function sourceUrl(source: Source): string {
  return source.name.startsWith("<") ? source.name : pathToFileURL(source.name).href;
}

/** The compiled text's own name, as stack traces and profiles show it. */
function programUrl(config: Config): string {
  const name = config.items[0]?.span.source.name ?? "script";
  return `olelo:///${encodeURIComponent(basename(name))}.js`;
}

type Functions = ReadonlyMap<string, RouteFunction<ScriptContext>>;

const noFunctions: Functions = new Map();

/** The name under which the route without a name stands. */
const MAIN_ROUTE = "0";

/** The routes by kind and name. What goes wrong in one ends that run, not the engine. */
class ScriptRoutes implements Routes {
  readonly #program: LoadedProgram<ScriptContext>;
  readonly #services: Services;
  readonly #faults: Counter;
  readonly #request: Functions;
  /** The main route, which every request goes through. */
  readonly #main: RouteFunction<ScriptContext> | undefined;
  readonly #event: Functions;
  readonly #others = new Map<RouteKind, Functions>();

  constructor(program: LoadedProgram<ScriptContext>, services: Services) {
    this.#program = program;
    this.#services = services;
    this.#faults = services.statistics.counter(
      "olelo",
      "script_errors",
      "Runs that an error ended.",
    );
    const byKind = new Map<RouteKind, Map<string, RouteFunction<ScriptContext>>>();
    for (const { route, run } of program.routes) {
      let ofKind = byKind.get(route.kind);
      if (ofKind === undefined) byKind.set(route.kind, (ofKind = new Map()));
      ofKind.set(route.name, run);
    }
    this.#request = byKind.get("request") ?? noFunctions;
    this.#main = this.#request.get(MAIN_ROUTE);
    this.#event = byKind.get("event") ?? noFunctions;
    for (const [kind, functions] of byKind) this.#others.set(kind, functions);
  }

  has(kind: RouteKind, name: string): boolean {
    // Asked several times for each message, mostly for what there is not.
    const functions = this.#ofKind(kind);
    return functions !== noFunctions && functions.has(name);
  }

  /**
   * A run has its own `$rc` and ends only itself: a route that a function runs on the context of its caller (a branch route
   * within `t_relay()`) does not stop the caller.
   */
  run(kind: RouteKind, name: string, context: ScriptContext): number | Promise<number> {
    const isMain = kind === "request" && name === MAIN_ROUTE;
    const route = isMain ? this.#main : this.#ofKind(kind).get(name);
    if (route === undefined) return -1;
    const { rc, stop } = context;
    context.rc = 0;
    context.stop = Stop.none;
    let code: number | Promise<number>;
    try {
      code = route(context);
    } catch (error) {
      code = this.#failed(context, error);
    }
    if (typeof code !== "number") return this.#runLater(code, context, rc, stop);
    leaveRun(context, rc, stop);
    return code;
  }

  async #runLater(
    running: Promise<number>,
    context: ScriptContext,
    rc: number,
    stop: number,
  ): Promise<number> {
    let code: number;
    try {
      code = await running;
    } catch (error) {
      code = this.#failed(context, error);
    }
    leaveRun(context, rc, stop);
    return code;
  }

  #ofKind(kind: RouteKind): Functions {
    if (kind === "request") return this.#request;
    return kind === "event" ? this.#event : (this.#others.get(kind) ?? noFunctions);
  }

  /** A mistake of a module or of ours: logged with its place in the configuration. */
  #failed(context: ScriptContext, error: unknown): number {
    this.#faults.value++;
    const place = this.#program.locate(error);
    const where = place === undefined ? "" : ` at ${place.file}:${place.line}:${place.column}`;
    const reason = traceOf(error);
    this.#services.log.log(-4, `the script failed${where}: ${reason}`, {
      callId: context.msg.callId,
    });
    return -1;
  }
}

function leaveRun(context: ScriptContext, rc: number, stop: number): void {
  context.dropped = (context.stop & Stop.drop) !== 0;
  context.rc = rc;
  context.stop = stop;
}

/** `from.uri.host`, `hf_value["x"]`, `via[1].host`: the path of a select, with or without its `@`. */
export function selectPath(text: string): Select["path"] {
  const parts = text.replace(/^@/, "").matchAll(/([^.[\]]+)(?:\[(?:(-?\d+)|"?([^\]"]*)"?)\])?/g);
  return Array.from(parts, ([, name = "", number, key]) => {
    const index = number === undefined ? key : Number(number);
    return index === undefined ? { name } : { name, index };
  });
}

/** Numbers of the flags that a configuration declares: those given, and the first free ones for the others. */
function flagPositions(config: Config): Map<string, number> {
  const positions = new Map<string, number>();
  const free: string[] = [];
  for (const item of config.items) {
    if (item.kind !== "flags") continue;
    for (const { name, position } of item.flags) {
      if (position === undefined) free.push(name.text);
      else positions.set(name.text, position);
    }
  }
  const taken = new Set(positions.values());
  let next = 0;
  for (const name of free) {
    if (positions.has(name)) continue;
    while (taken.has(next)) next++;
    taken.add(next);
    positions.set(name, next);
  }
  return positions;
}
