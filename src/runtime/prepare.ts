/** From a configuration to an engine that can be started: read, check, set up modules, compile, link. */
import { randomBytes } from "node:crypto";
import { networkInterfaces } from "node:os";
import { dirname, resolve } from "node:path";
import type { Catalog } from "../dsl/catalog/catalog.ts";
import { allFindings } from "../dsl/check/check.ts";
import { type StartCode, startCodes } from "../dsl/diagnostics/codes-start.ts";
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import type { ReadResult } from "../dsl/read.ts";
import type { Span } from "../dsl/source.ts";
import { aliasesOf, parseAlias } from "./aliases.ts";
import { type Clock, SystemClock } from "./clock.ts";
import { readEngineConfig } from "./config-input.ts";
import { Dispatcher } from "./dispatcher.ts";
import { type DnsClient, SystemDns } from "./dns-client.ts";
import type { Engine, EngineOptions } from "./engine-options.ts";
import { EngineServices } from "./engine-services.ts";
import { RunningEngine } from "./engine.ts";
import { traceOf } from "./errors.ts";
import { GlobalValues } from "./globals.ts";
import { listenLines, type ListenLine, parseListen } from "./listen.ts";
import { EngineLogger, silentSink } from "./log.ts";
import {
  type LoadedModule,
  type ModuleImports,
  ModuleLibrary,
  modulesInOrder,
} from "./module-loader.ts";
import { ModuleParams } from "./module-params.ts";
import { ModuleSetup } from "./module-setup.ts";
import type { AnyModule } from "./module.ts";
import { CachingResolver } from "./resolver.ts";
import { defaultRunDirectory } from "./run-directory.ts";
import { linkScript } from "./script.ts";
import type { LocalNetwork } from "./socket-choice.ts";
import type { Transport } from "./transport.ts";
import { UdpTransport } from "./udp.ts";
import { countWorkers } from "./workers/counters.ts";
import { type WorkerPlace, workerSettings } from "./workers/place.ts";

/** The modules that come with the program. */
export interface BuiltIn {
  readonly core: AnyModule;
  readonly modules: ModuleImports;
}

/**
 * Makes an engine. What is wrong with the configuration is in its `diagnostics`, never thrown; `start` refuses when there is an
 * error among them.
 */
export async function prepareEngine(options: EngineOptions, builtIn: BuiltIn): Promise<Engine> {
  const read = readEngineConfig(options);
  const configDirectory =
    options.configPath === undefined ? process.cwd() : dirname(resolve(options.configPath));
  const library = new ModuleLibrary(builtIn.modules, options.modules ?? []);
  const imports = await library.importFor(read.config, configDirectory);
  const { catalog, found } = await check(read, builtIn.core, library, options.advice ?? false);
  const diagnostics = [...found, ...imports];

  const build = new Build(options, read, { catalog, diagnostics, configDirectory });
  const modules = modulesInOrder(library, read.config);
  return build.engine([{ definition: builtIn.core, span: undefined }, ...modules]);
}

/** Only where there is something to say, all modules are looked at: for names that belong to one that is not loaded. */
async function check(
  read: ReadResult,
  core: AnyModule,
  library: ModuleLibrary,
  advice: boolean,
): Promise<{ readonly catalog: Catalog; readonly found: readonly Diagnostic[] }> {
  const catalog = catalogOf(core, library);
  const found = allFindings(read, catalog, { advice });
  if (found.length === 0) return { catalog, found };
  await library.importRest();
  const whole = catalogOf(core, library);
  return { catalog: whole, found: allFindings(read, whole, { advice }) };
}

function catalogOf(core: AnyModule, library: ModuleLibrary): Catalog {
  const modules = new Map(
    [...library.definitions].map(([name, definition]) => [name, definition.spec]),
  );
  return { core: core.spec, modules, resolve: (path) => library.find(path)?.spec };
}

interface Findings {
  readonly catalog: Catalog;
  readonly diagnostics: Diagnostic[];
  readonly configDirectory: string;
}

/** Puts one engine together. */
class Build {
  readonly #options: EngineOptions;
  readonly #read: ReadResult;
  readonly #findings: Findings;
  readonly #fallback: Span;
  readonly #globals = new GlobalValues();
  readonly #log: EngineLogger;
  readonly #clock: Clock;
  readonly #place: WorkerPlace | null;

  constructor(options: EngineOptions, read: ReadResult, findings: Findings) {
    this.#options = options;
    this.#read = read;
    this.#findings = findings;
    this.#fallback = { source: read.source, start: 0, end: 0 };
    this.#log = new EngineLogger(options.log ?? silentSink);
    this.#clock =
      options.clock ??
      new SystemClock((error) => {
        const reason = traceOf(error);
        this.#log.log(-4, `a timer failed: ${reason}`);
      });
    this.#globals.readConfig(read.config);
    for (const [name, value] of Object.entries(options.globals ?? {})) {
      this.#globals.set(name, value);
    }
    this.#place = this.#workerPlace();
  }

  #workerPlace(): WorkerPlace | null {
    const settings = workerSettings(this.#globals);
    if (typeof settings === "string") {
      this.#error(startCodes.workersRefused, settings);
      return null;
    }
    if (settings.count === 1) return null;
    const place = this.#options.workers?.(settings) ?? null;
    if (place === null) {
      this.#log.warn("workers has no effect here: this program runs one event loop");
      return null;
    }
    place.group.attach({
      clock: this.#clock,
      onFault: (error) =>
        this.#log.log(-4, `another worker's message could not be processed: ${String(error)}`),
    });
    return place;
  }

  engine(modules: readonly LoadedModule[]): Engine {
    const { diagnostics } = this.#findings;
    const listen = this.#listen();
    const dns = this.#dns();
    const transport = this.#transport();
    const services = this.#services(dns);
    services.statistics.gauge(
      "olelo",
      "send_faults",
      () => transport.faults?.count ?? 0,
      "sends that the system refused",
    );
    if (this.#place !== null) countWorkers(services.statistics, this.#place.group);
    const dispatcher = new Dispatcher(services, services.hooks, services.counters);
    const setup = this.#setUpAndLink(services, modules);
    return new RunningEngine({
      services,
      dispatcher,
      modules: setup?.ready ?? [],
      listen,
      fallback: this.#fallback,
      transport,
      dns,
      place: this.#place,
      files: new Map(this.#read.preprocess.sources.map(({ name, text }) => [name, text])),
      diagnostics,
      close: () => {
        if (this.#clock instanceof SystemClock && this.#options.clock === undefined) {
          this.#clock.close();
        }
      },
    });
  }

  /** Modules are set up only for a configuration without errors: they may rely on what was checked. */
  #setUpAndLink(
    services: EngineServices,
    modules: readonly LoadedModule[],
  ): ModuleSetup | undefined {
    const { diagnostics, catalog } = this.#findings;
    const params = new ModuleParams(modules.map((module) => module.definition.spec));
    params.readConfig(this.#read.config);
    services.moduleParams = params;
    services.loadedModules = modules.map((module) => module.definition.spec);
    if (hasErrors(diagnostics)) return undefined;

    const setup = new ModuleSetup({
      services,
      params,
      rpc: services.rpc,
      fallback: this.#fallback,
    });
    services.moduleSetup = setup;
    setup.setUp(modules);
    diagnostics.push(...setup.diagnostics);
    if (hasErrors(setup.diagnostics)) return setup;

    const before = setup.diagnostics.length;
    const linked = linkScript({
      config: this.#read.config,
      catalog,
      services,
      modules: setup.ready,
    });
    diagnostics.push(...linked.diagnostics);
    if (hasErrors(linked.diagnostics)) return setup;
    services.routes = linked.routes;
    services.binder = linked.binder;
    setup.bind(linked.binder);
    diagnostics.push(...setup.diagnostics.slice(before));
    this.#bindLogPrefix(services);
    return setup;
  }

  #bindLogPrefix(services: EngineServices): void {
    const prefix = this.#globals.str("log_prefix");
    if (prefix !== undefined && prefix !== "") this.#log.prefix = services.format(prefix);
  }

  #services(dns: DnsClient): EngineServices {
    const { options, globals } = { options: this.#options, globals: this.#globals };
    const services = new EngineServices({
      clock: this.#clock,
      log: this.#log,
      globals,
      random: options.random ?? randomBytes,
      runDirectory: options.runDirectory ?? globals.str("rundir") ?? defaultRunDirectory(),
      configDirectory: this.#findings.configDirectory,
      defines: new Map(
        [...this.#read.preprocess.defines].map(([name, define]) => [name, define.value]),
      ),
      resolver: (own) => this.#resolver(own, dns),
      networks: localNetworks,
      requestStop: (reason) => options.onStopRequest?.(reason),
      workers: this.#place?.group ?? null,
    });
    for (const alias of aliasesOf(this.#read.config)) services.own.addAlias(alias);
    for (const text of options.aliases ?? []) {
      const alias = parseAlias(text);
      if (alias === undefined) this.#error(startCodes.listenFailed, `bad alias ${text}`);
      else services.own.addAlias(alias);
    }
    return services;
  }

  #resolver(services: EngineServices, dns: DnsClient): CachingResolver {
    const failed = services.statistics.counter("dns", "failed_dns_request");
    const slow = services.statistics.counter("dns", "slow_dns_request");
    return new CachingResolver({
      dns,
      clock: this.#clock,
      globals: this.#globals,
      random32: () => services.random32(),
      canSend: (proto, family) =>
        services.sockets.some((socket) => socket.proto === proto && socket.family === family),
      onFault: () => {
        failed.value++;
      },
      onSlow: (name, tookMs) => {
        slow.value++;
        this.#log.warn(`looking up ${name} took ${Math.round(tookMs)} ms`);
      },
    });
  }

  #listen(): ListenLine[] {
    const given = this.#options.listen ?? [];
    if (given.length === 0) return listenLines(this.#read.config);
    const lines: ListenLine[] = [];
    for (const text of given) {
      const line = parseListen(text);
      if (line === undefined) this.#error(startCodes.listenFailed, `bad address ${text}`);
      else lines.push(line);
    }
    return lines;
  }

  #dns(): DnsClient {
    const seconds = this.#globals.int("dns_retr_time");
    const tries = this.#globals.int("dns_retr_no");
    return (
      this.#options.dns ??
      new SystemDns({
        timeoutMs: 1000 * (seconds > 0 ? seconds : 5),
        tries: tries > 0 ? tries : 2,
      })
    );
  }

  #transport(): Transport {
    return (
      this.#options.transport ??
      new UdpTransport({
        receiveBufferSize: this.#globals.int("maxbuffer"),
        readers: this.#place?.inherited === null ? this.#place.group.count : 1,
        batch: this.#globals.int("udp_batch") !== 0,
        onFault: (error) => this.#log.error(error.message),
      })
    );
  }

  #error({ code, severity }: StartCode, message: string): void {
    this.#findings.diagnostics.push({ code, severity, message, span: this.#fallback });
  }
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === "error");
}

function localNetworks(): LocalNetwork[] {
  return Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
}
