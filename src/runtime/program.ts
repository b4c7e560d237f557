/** Loads compiled programs into the JavaScript engine, and finds places in configurations for errors. */
import { Script } from "node:vm";
import type { Linker, RouteFunction, ScriptState } from "../dsl/compile/abi.ts";
import { operations } from "../dsl/compile/operations.ts";
import {
  callSite,
  comparisonSite,
  type CompiledProgram,
  type CompiledRoute,
} from "../dsl/compile/program.ts";
import { originalSpan } from "../dsl/compile/source-map.ts";
import { Positions } from "../dsl/diagnostics/positions.ts";

/** A place in a configuration; line and column from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface LoadedRoute<C> {
  readonly route: CompiledRoute;
  readonly run: RouteFunction<C>;
}

/** A program ready to run. */
export interface LoadedProgram<C> {
  readonly routes: readonly LoadedRoute<C>[];
  /** `route[NAME]` blocks by name, the main route as `0`. */
  readonly named: ReadonlyMap<string, RouteFunction<C>>;
  /** URL of the compiled text, as stack traces and debuggers show it. */
  readonly url: string;
  /** Where in the configuration an error was thrown, if it came through the script. */
  locate(error: unknown): Place | undefined;
}

type Factory<C extends ScriptState> = (
  linker: Linker<C>,
  sites: CompiledProgram["sites"],
  helpers: typeof operations,
  binders: { readonly callSite: typeof callSite; readonly comparisonSite: typeof comparisonSite },
) => RouteFunction<C>[];

/** The text as the JavaScript engine gets it: with its source map inside, so that debuggers show the configuration. */
export function programText(program: CompiledProgram, url: string): string {
  const map = Buffer.from(JSON.stringify(program.sourceMap), "utf8").toString("base64");
  return (
    `(${program.code})\n//# sourceMappingURL=data:application/json;base64,${map}\n` +
    `//# sourceURL=${url}\n`
  );
}

/** Finds the frame of the compiled text in a stack trace, and what it stems from. */
function locateIn(program: CompiledProgram, url: string, error: unknown): Place | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  const at = error.stack.indexOf(`${url}:`);
  if (at < 0) return undefined;
  const [, line, column] = /^:(\d+):(\d+)/.exec(error.stack.slice(at + url.length)) ?? [];
  if (line === undefined || column === undefined) return undefined;
  // The first line has an opening parenthesis more than the program's text.
  const lineIndex = Number(line) - 1;
  const columnIndex = Number(column) - 1 - (lineIndex === 0 ? 1 : 0);
  const span = originalSpan(program.mappings, lineIndex, columnIndex);
  if (span === undefined) return undefined;
  const position = new Positions().at(span.source, span.start);
  return { file: span.source.name, ...position };
}

/** Runs the factory of a program: everything it refers to is bound by the linker now. */
export function loadProgram<C extends ScriptState>(
  program: CompiledProgram,
  linker: Linker<C>,
  url = "olelo:///script.js",
): LoadedProgram<C> {
  const script = new Script(programText(program, url), { filename: url });
  const factory = script.runInThisContext() as Factory<C>;
  const functions = factory(linker, program.sites, operations, { callSite, comparisonSite });
  const routes = program.routes.map((route, i) => ({
    route,
    run: functions[i] as RouteFunction<C>,
  }));
  const named = new Map<string, RouteFunction<C>>();
  for (const { route, run } of routes) {
    if (route.kind === "request") named.set(route.name, run);
  }
  return { routes, named, url, locate: (error) => locateIn(program, url, error) };
}
