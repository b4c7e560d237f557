/** Running an engine as a server: what `olelo -f FILE` does. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Engine, EngineOptions } from "../runtime/engine-options.ts";
import { ConfigError, messageOf } from "../runtime/errors.ts";
import type { LogSink } from "../runtime/log.ts";
import { readEngineConfig } from "../runtime/config-input.ts";
import { goToBackground, isBackground } from "./background.ts";
import { printConfig } from "./cfg-print.ts";
import { CheckExit, checkConfiguration } from "./check.ts";
import { findingsAsJson, passes, showFindings, summary } from "./findings.ts";
import { adaptCollector } from "./collector.ts";
import { ignoredOptions, type RunArguments } from "./options.ts";
import {
  becomeUser,
  changeDirectory,
  claimPidFile,
  removePidFile,
  writePidFile,
} from "./process-files.ts";
import { defaultConfigPath, engineOptions } from "./run-options.ts";
import { WorkerProcesses } from "./workers/processes.ts";

/** Exit codes, as service managers see them. */
const Exit = { fine: 0, failed: 1 } as const;

/** Runs until it is told to stop, or starts a child that does; the exit code once that is known. */
export async function runServer(args: RunArguments): Promise<number> {
  const options = engineOptions(args);
  if (args.c === true) return checkOnly(args, options);
  if (args["cfg-print"] === true) {
    process.stdout.write(printConfig(readEngineConfig(options)));
    return Exit.fine;
  }
  adaptCollector(availableParallelism());
  const { createEngine } = await import("../modules/create-engine.ts");
  const { createSink } = await import("./logging.ts");
  const log = new LateSink();
  let stop: (reason: string) => void = () => undefined;
  const onStopRequest = (reason: string): void => stop(reason);
  const { configPath = "", listen, defines } = options;
  const identity = JSON.stringify([resolve(configPath), listen, defines]);
  const processes = await WorkerProcesses.find(identity, onStopRequest);
  const engine = await createEngine({
    ...options,
    log,
    onStopRequest: (reason) => processes.requestStop(reason),
    workers: (settings) => processes.place(settings),
    ...processes.options(options),
  });
  processes.attach(engine);
  showFindings(engine.diagnostics, { advice: false, colour: process.stderr.isTTY });
  if (engine.hasErrors) return Exit.failed;

  const settings = settingsOf(args, engine, processes.isFirst);
  if (!settings.isForeground && !isBackground() && processes.isFirst) {
    await engine.stop();
    return goToBackground(settings.logsToStderr);
  }
  log.open(
    createSink({
      form: args["log-engine"]?.startsWith("json") === true ? "json" : "text",
      colours: engine.services.globals.int("log_color") !== 0,
      worker: engine.services.workers?.index ?? 0,
      ...(settings.isForeground || settings.logsToStderr ? {} : { syslog: settings.syslog }),
    }),
  );
  sayIgnored(args, engine);
  return new Server(engine, settings, processes).run((request) => {
    stop = request;
  });
}

async function checkOnly(args: RunArguments, options: EngineOptions): Promise<number> {
  const found = await checkConfiguration(options);
  if (args.json === true) process.stdout.write(`${findingsAsJson(found)}\n`);
  else showFindings(found, { advice: false, colour: process.stderr.isTTY });
  const path = args.f ?? defaultConfigPath;
  if (!passes(found, args.strict === true)) {
    process.stderr.write(`${path}: ${summary(found)}\n`);
    return CheckExit.errors;
  }
  process.stderr.write(`config file ok: ${path} (${summary(found)})\n`);
  return CheckExit.fine;
}

/** How the process is run; from the command line, else from the configuration. */
interface ServerSettings {
  readonly isForeground: boolean;
  readonly logsToStderr: boolean;
  readonly syslog: { readonly facility: string; readonly name: string };
  readonly pidFile: string | undefined;
  readonly groupFile: string | undefined;
  readonly directory: string | undefined;
  readonly user: string | undefined;
  readonly group: string | undefined;
}

function settingsOf(args: RunArguments, engine: Engine, isFirst: boolean): ServerSettings {
  const { globals } = engine.services;
  const path = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : resolve(text);
  return {
    isForeground: args.D === 1 || args.D === 2 || globals.int("fork") === 0,
    logsToStderr: globals.int("log_stderror") !== 0,
    syslog: {
      facility: globals.str("log_facility") ?? "LOG_DAEMON",
      name: globals.str("log_name") ?? "olelo",
    },
    pidFile: isFirst ? path(args.P) : undefined,
    groupFile: isFirst ? path(args.G) : undefined,
    directory: args.w ?? globals.str("workdir"),
    user: args.u ?? globals.str("user"),
    group: args.g ?? globals.str("group"),
  };
}

function sayIgnored(args: RunArguments, engine: Engine): void {
  for (const [name, reason] of Object.entries(ignoredOptions)) {
    if (name in args && (args as unknown as Record<string, unknown>)[name] !== undefined) {
      engine.services.log.debug(`option -${name} has no effect: ${reason}`);
    }
  }
}

/** An engine in its process. */
class Server {
  readonly #engine: Engine;
  readonly #settings: ServerSettings;
  readonly #processes: WorkerProcesses;

  constructor(engine: Engine, settings: ServerSettings, processes: WorkerProcesses) {
    this.#engine = engine;
    this.#settings = settings;
    this.#processes = processes;
  }

  /** Starts, waits for the order to stop and stops. `onStop` is given the function that orders it. */
  async run(onStop: (request: (reason: string) => void) => void): Promise<number> {
    const stopped = new Promise<string>((resolveStop) => {
      onStop(resolveStop);
      this.#processes.onStop(resolveStop);
    });
    process.on("SIGHUP", () => this.#engine.services.log.debug("SIGHUP is ignored"));
    process.on("SIGUSR1", () => this.#logMemory());
    try {
      await this.#start();
    } catch (error) {
      return this.#failed(error);
    }
    const reason = await stopped;
    this.#engine.services.log.log(1, `stopping: ${reason}`);
    await this.#engine.stop();
    if (this.#settings.pidFile !== undefined) removePidFile(this.#settings.pidFile);
    return Exit.fine;
  }

  async #start(): Promise<void> {
    const { pidFile, groupFile, directory, user, group } = this.#settings;
    if (pidFile !== undefined) claimPidFile(pidFile);
    if (directory !== undefined) changeDirectory(directory);
    await this.#engine.start();
    if (pidFile !== undefined) writePidFile(pidFile, process.pid);
    if (groupFile !== undefined) writePidFile(groupFile, process.pid);
    // A worker that is started again by a server that has become another user is that user already.
    const isAlready = !this.#processes.isFirst && process.getuid?.() !== 0;
    if ((user !== undefined || group !== undefined) && !isAlready) becomeUser(user, group);
    this.#processes.tellReady();
    this.#engine.services.log.log(1, `ready: ${this.#sockets()}`);
  }

  #sockets(): string {
    return this.#engine.sockets.map((socket) => socket.text).join(" ");
  }

  async #failed(error: unknown): Promise<number> {
    const shown = error instanceof ConfigError ? error.diagnostics : [];
    showFindings(shown, { advice: false, colour: process.stderr.isTTY });
    const message = messageOf(error);
    if (shown.length === 0) process.stderr.write(`olelo: ${message}\n`);
    this.#processes.tellFailed(message);
    await this.#engine.stop();
    return Exit.failed;
  }

  #logMemory(): void {
    const { rss, heapUsed, heapTotal } = process.memoryUsage();
    this.#engine.services.log.log(1, `memory: ${rss} resident, ${heapUsed} of ${heapTotal} heap`);
  }
}

/** Keeps lines until it is known where they go. */
class LateSink implements LogSink {
  #sink: LogSink | null = null;
  readonly #early: Parameters<LogSink["write"]>[] = [];

  write(...line: Parameters<LogSink["write"]>): void {
    if (this.#sink === null) this.#early.push(line);
    else this.#sink.write(...line);
  }

  open(sink: LogSink): void {
    this.#sink = sink;
    for (const line of this.#early) sink.write(...line);
    this.#early.length = 0;
  }
}
