/** Compiles a configuration's routes to one JavaScript text with a source map. */
import type { Catalog } from "../catalog/catalog.ts";
import type { Source } from "../source.ts";
import type { Config, RouteBlock } from "../syntax/ast.ts";
import { CodeWriter } from "./code-writer.ts";
import { asyncRoutes, recursiveRoutes } from "./colour.ts";
import { FunctionTable } from "./functions.ts";
import { operations } from "./operations.ts";
import type { CompiledProgram, CompiledRoute } from "./program.ts";
import { FunctionScope, type ProgramScope, type RouteTarget } from "./scope.ts";
import { Sites } from "./sites.ts";
import { buildSourceMap } from "./source-map.ts";
import { writeStatements } from "./statements.ts";

export interface CompileOptions {
  /** The name under which a source stands in the source map: its URL, for debuggers. Default: its own name. */
  readonly sourceName?: (source: Source) => string;
  /** Functions that may have to ask another worker can wait. Default: there is one worker. */
  readonly severalWorkers?: boolean;
}

/** Route blocks; of several with the same kind and name the first (the checker has refused the others). */
function distinctRoutes(config: Config): RouteBlock[] {
  const seen = new Set<string>();
  return config.items.filter((item): item is RouteBlock => {
    if (item.kind !== "route") return false;
    const key = `${item.route}/${item.name.text}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

const keywords: Readonly<Record<RouteBlock["route"], string>> = {
  request: "route",
  reply: "onreply_route",
  onreply: "reply_route",
  failure: "failure_route",
  branch: "branch_route",
  onsend: "onsend_route",
  error: "error_route",
  startup: "startup_route",
  event: "event_route",
};

/** Names of route functions: readable in stack traces, distinct, valid in JavaScript. */
class RouteNames {
  readonly #taken = new Set<string>();

  next(block: RouteBlock): string {
    const isMain = block.name.text === "0";
    const keyword = isMain && block.route === "request" ? "request_route" : keywords[block.route];
    const suffix = isMain ? "" : `_${block.name.text.replaceAll(/[^A-Za-z0-9_]/g, "_")}`;
    let name = keyword + suffix;
    for (let i = 2; this.#taken.has(name); i++) name = `${keyword}${suffix}$${i}`;
    this.#taken.add(name);
    return name;
  }
}

function describeRoutes(blocks: readonly RouteBlock[], functions: FunctionTable): CompiledRoute[] {
  const names = new RouteNames();
  const coloured = asyncRoutes(blocks, (call) => functions.isAsync(call));
  const recursive = recursiveRoutes(blocks);
  return blocks.map((block) => ({
    kind: block.route,
    name: block.name.text,
    id: names.next(block),
    isAsync: coloured.has(block),
    isRecursive: recursive.has(block),
    span: block.span,
  }));
}

function writeRoute(block: RouteBlock, route: CompiledRoute, program: ProgramScope): void {
  const { code } = program;
  const scope = new FunctionScope(program, route.isAsync, route.isRecursive);
  // A generator hands back its end at once where nothing had to wait; an async function would take turns of the event loop.
  const start = `function${route.isAsync ? "*" : ""} ${code.mark(block.name.span)}${route.id}`;
  code.open(`${start}(c${route.isRecursive ? ", d = 0" : ""}) {`);
  const { place } = code;
  if (route.isRecursive) {
    const span = program.sites.span(block.name.span);
    code.line(`if (d >= L.maxRouteDepth) return tooDeep(c, ${span});`);
  }
  writeStatements(block.body.statements, { scope, sink: { kind: "return" }, around: undefined });
  if (scope.locals.size > 0) code.insert(place, [`let ${[...scope.locals].join(", ")};`]);
  code.close();
}

/** What stands before the routes: helpers that know the linker, and the bound sites. */
const prelude = [
  '"use strict";',
  `const { ${Object.keys(operations).join(", ")} } = O;`,
  "let failed = false;",
  "const fault = (c, message, place) => { L.fault(c, message, S.spans[place]); return -1; };",
  "const divide = (c, a, b, place) => b !== 0 ? (a / b) | 0 : fail(c, place);",
  "const modulo = (c, a, b, place) => b !== 0 ? (a % b) | 0 : fail(c, place);",
  'const fail = (c, place) => { failed = true; fault(c, "division by zero", place); return 0; };',
  "const matches = (c, text, pattern, place) => {",
  "  const found = L.matches(c, text, pattern, S.spans[place]);",
  "  if (found === undefined) failed = true;",
  "  return found === true;",
  "};",
  'const tooDeep = (c, place) => fault(c, "routes call each other too deep", place);',
  "const runNamed = (c, name, place, depth) => {",
  "  const route = L.route(name);",
  '  return route === undefined ? fault(c, `route "${name}" not found`, place) : (c.rc = route(c, depth));',
  "};",
  "const runNamedAsync = (c, name, place, depth) => {",
  "  const route = L.route(name);",
  '  if (route === undefined) return fault(c, `route "${name}" not found`, place);',
  "  const code = route(c, depth);",
  '  return typeof code === "number" ? (c.rc = code) : code.then((value) => (c.rc = value));',
  "};",
  "const start = (g) => { const r = g.next(); return r.done ? r.value : later(g, r.value); };",
  "const later = (g, waited) =>",
  "  Promise.resolve(waited).then((value) => goOn(g, g.next(value)), (error) => goOn(g, g.throw(error)));",
  "const goOn = (g, r) => r.done ? r.value : later(g, r.value);",
];

function bindings(sites: Sites): string[] {
  return [
    ...sites.variables.map((_, i) => `const v${i} = L.variable(S.variables[${i}]);`),
    ...sites.selects.map((_, i) => `const s${i} = L.select(S.selects[${i}]);`),
    ...sites.coreTerms.map((_, i) => `const k${i} = L.core(S.coreTerms[${i}]);`),
    ...sites.regexes.map(
      (_, i) =>
        `const m${i} = L.regex(S.regexes[${i}].pattern, S.regexes[${i}].ignoreCase, S.regexes[${i}].span);`,
    ),
    ...sites.comparisonEvaluators.map(
      (evaluator, i) =>
        `const q${i} = L.compare(B.comparisonSite(S.comparisons[${i}], ${evaluator}));`,
    ),
    ...sites.callEvaluators.map(
      (evaluators, i) => `const f${i} = L.call(B.callSite(S.calls[${i}], ${evaluators}));`,
    ),
  ];
}

/** What the runtime calls: a code, or a promise of it. */
function entryOf({ id, isAsync, isRecursive }: CompiledRoute): string {
  if (!isAsync) return id;
  return isRecursive ? `(c, d) => start(${id}(c, d))` : `(c) => start(${id}(c))`;
}

/** Compiles all routes. Pure: the same configuration gives the same text. */
export function compile(
  config: Config,
  catalog: Catalog,
  options: CompileOptions = {},
): CompiledProgram {
  const blocks = distinctRoutes(config);
  const functions = new FunctionTable(config, catalog, options.severalWorkers ?? false);
  const routes = describeRoutes(blocks, functions);
  const targets = new Map<string, RouteTarget>();
  for (const route of routes) {
    if (route.kind === "request") targets.set(route.name, route);
  }
  const code = new CodeWriter();
  const sites = new Sites();
  const program: ProgramScope = {
    code,
    sites,
    functions,
    routes: targets,
    hasAsyncRoute: [...targets.values()].some((route) => route.isAsync),
  };
  code.open("(L, S, O, B) => {");
  for (const line of prelude) code.line(line);
  const { place } = code;
  blocks.forEach((block, i) => writeRoute(block, routes[i] as CompiledRoute, program));
  code.line(`return [${routes.map(entryOf).join(", ")}];`);
  // The sites are known only now; they stand before the routes that use them.
  code.insert(place, bindings(sites));
  code.close();
  const finished = code.finish();
  return {
    code: finished.code,
    sourceMap: buildSourceMap(finished.mappings, options.sourceName),
    mappings: finished.mappings,
    sites,
    routes,
  };
}
