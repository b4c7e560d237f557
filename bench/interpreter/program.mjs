/** Takes the program apart for measuring: one engine, its linker, and a configuration both compiled and as a tree. */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Interpreter } from "./interpreter.mjs";

const dist = process.env.BENCH_DIST ?? resolve(import.meta.dirname, "../../dist");
const load = (path) => import(pathToFileURL(join(dist, path)).href);

/**
 * Functions that send, store, or know messages of before: here they only answer, so that what is measured is the script. Answers
 * are those of a first request to a user who is there.
 */
const silenced = new Map([
  ...["sl_send_reply", "send_reply", "sl_reply_error", "t_reply", "t_relay", "t_newtran"].map(
    (name) => [name, 1],
  ),
  ...["save", "lookup", "forward", "xlog"].map((name) => [name, 1]),
  ...["t_precheck_trans", "t_check_trans"].map((name) => [name, -1]),
]);

/** An engine on a network in memory, and the linker that bound its script. */
async function engineOf(configText) {
  const { createEngine, MemoryNetwork, VirtualClock } = await load("index.js");
  const { ScriptLinker } = await load("runtime/linker.js");
  let linker;
  const { useRoutes } = ScriptLinker.prototype;
  ScriptLinker.prototype.useRoutes = function (routes) {
    linker = this;
    return useRoutes.call(this, routes);
  };
  const clock = new VirtualClock();
  const transport = new MemoryNetwork(clock).transport();
  const engine = await createEngine({ configText, configName: "script.cfg", clock, transport });
  ScriptLinker.prototype.useRoutes = useRoutes;
  const errors = engine.diagnostics.filter((one) => one.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((one) => one.message).join("\n"));
  await engine.start();
  return { engine, linker };
}

/**
 * A linker whose calls are seen by `onCall(name, bound)`, which gives back what is run instead. Everything else is the engine's
 * own.
 */
function linkerWith(linker, onCall) {
  return {
    call: (site) => onCall(site, linker.call(site)),
    variable: (node) => linker.variable(node),
    select: (node) => linker.select(node),
    core: (term) => linker.core(term),
    compare: (comparison) => linker.compare(comparison),
    route: (name) => linker.route(name),
    fault: (context, message) => {
      throw new Error(`a fault in the script: ${message}`);
    },
    regex: (pattern, ignoreCase, span) => linker.regex(pattern, ignoreCase, span),
    matches: (...args) => linker.matches(...args),
    maxWhileLoops: linker.maxWhileLoops,
    maxRouteDepth: linker.maxRouteDepth,
  };
}

/** Reads the configuration, and gives functions that make runnable scripts and contexts of messages. */
export async function openProgram(configText) {
  const { engine, linker } = await engineOf(configText);
  const [{ ScriptContext, parseMessage }, { readEngineConfig }, { ModuleLibrary }] =
    await Promise.all(
      ["index.js", "runtime/config-input.js", "runtime/module-loader.js"].map(load),
    );
  const [
    { compile },
    { FunctionTable },
    { fold },
    { wireText },
    { comparedValue },
    { operations },
  ] = await Promise.all(
    ["compile", "functions", "fold", "wire-text", "sites", "operations"].map((name) =>
      load(`dsl/compile/${name}.js`),
    ),
  );
  const { loadProgram } = await load("runtime/program.js");
  const [{ default: core }, { moduleImports }] = await Promise.all(
    ["modules/core/index.js", "modules/index.js"].map(load),
  );
  const { config } = readEngineConfig({ configText, configName: "script.cfg" });
  const library = new ModuleLibrary(moduleImports, []);
  await library.importFor(config, process.cwd());
  const specs = new Map([...library.definitions].map(([name, { spec }]) => [name, spec]));
  const catalog = { core: core.spec, modules: specs, resolve: (path) => library.find(path)?.spec };

  /** The same script, compiled and walked, on a linker with that view of calls. */
  const scripts = (onCall) => {
    const compiledLinker = linkerWith(linker, onCall);
    const program = loadProgram(compile(config, catalog), compiledLinker, "olelo:///bench.js");
    const functions = new FunctionTable(config, catalog, false);
    const parts = {
      fold,
      wireText,
      comparedValue,
      functions,
      operations,
      linker: linkerWith(linker, onCall),
    };
    const interpreter = new Interpreter(config, parts);
    return { compiled: program.named.get("0"), interpreter };
  };
  const from = { sourceAddress: "192.0.2.1", sourcePort: 5060, socket: engine.sockets[0] };
  const contextOf = (text) => {
    const parsed = parseMessage(text);
    if (!parsed.ok) throw new Error(`a message that cannot be read: ${parsed.problem}`);
    return new ScriptContext(engine.services, "request", parsed.message, from);
  };
  return { scripts, contextOf, silenced, stop: () => engine.stop() };
}
