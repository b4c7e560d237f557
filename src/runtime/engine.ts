/** The engine: a configuration that was read, checked, compiled and linked, between its network and its modules. */
import { networkInterfaces } from "node:os";
import { startCodes } from "../dsl/diagnostics/codes-start.ts";
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import type { Span } from "../dsl/source.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { DnsClient } from "./dns-client.ts";
import type { Engine, InjectOptions, SentPacket } from "./engine-options.ts";
import type { EngineServices } from "./engine-services.ts";
import { ConfigError, invariant, StartError, TransportError } from "./errors.ts";
import { isUsableAlias } from "./aliases.ts";
import { type ListenLine, planSockets } from "./listen.ts";
import type { ReadyModule } from "./module-setup.ts";
import type { ListenSocket, PacketReceiver, SocketOptions, Transport } from "./transport.ts";
import type { WorkerPlace } from "./workers/place.ts";

/** What `prepare` made of a configuration. */
export interface PreparedEngine {
  readonly services: EngineServices;
  readonly dispatcher: Dispatcher;
  readonly modules: readonly ReadyModule[];
  readonly listen: readonly ListenLine[];
  /** Where diagnostics about lines from the command line point. */
  readonly fallback: Span;
  readonly transport: Transport;
  readonly dns: DnsClient;
  /** Its place among several workers; null: it is the only one. */
  readonly place: WorkerPlace | null;
  readonly diagnostics: Diagnostic[];
  readonly files: ReadonlyMap<string, string>;
  /** Called when stopping, after all else. */
  readonly close: () => void;
}

/** How long asking for the names of the own addresses may take at the start. */
const reverseLookupLimitMs = 2_000;

/** Runs what was prepared. */
export class RunningEngine implements Engine {
  readonly services: EngineServices;
  readonly #parts: PreparedEngine;
  #state: "new" | "started" | "stopped" = "new";
  readonly #startedModules: ReadyModule[] = [];

  constructor(parts: PreparedEngine) {
    this.#parts = parts;
    this.services = parts.services;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#parts.diagnostics;
  }

  get hasErrors(): boolean {
    return this.#parts.diagnostics.some((one) => one.severity === "error");
  }

  get sockets(): readonly ListenSocket[] {
    return this.services.sockets;
  }

  get files(): ReadonlyMap<string, string> {
    return this.#parts.files;
  }

  get rpc(): EngineServices["rpc"] {
    return this.services.rpc;
  }

  async start(): Promise<void> {
    if (this.hasErrors) this.#refuse();
    if (this.#state !== "new")
      throw new StartError("ENGINE_STARTED", "the engine was started before");
    this.#state = "started";
    const { dispatcher } = this.#parts;
    dispatcher.hold();
    try {
      await this.#openSockets();
      await this.#addOwnNames();
      dispatcher.refreshRoutes();
      for (const module of this.#parts.modules) {
        this.#startedModules.push(module);
        await module.behaviour.start?.();
      }
      await this.#runStartRoutes();
      dispatcher.release();
      await this.#parts.place?.start(this.#parts.transport.shared?.() ?? []);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    const limitMs = 1000 * this.services.globals.int("exit_timeout");
    await this.#withinLimit(this.#stopOthers(), limitMs);
    await this.#withinLimit(this.#stopModules(), limitMs);
    await this.#parts.transport.close();
    this.#parts.close();
  }

  async inject(text: string, options: InjectOptions): Promise<SentPacket[]> {
    const { transport, dispatcher } = this.#parts;
    const socket = this.#socketNamed(options.to);
    if (this.#state !== "started" || socket === undefined || transport.intercept === undefined) {
      throw new StartError("ENGINE_NOT_READY", "there is no started socket to receive the packet");
    }
    const sent: SentPacket[] = [];
    const from = splitAddress(options.from);
    transport.intercept((packet) => {
      const { address, port } = packet;
      sent.push({
        ...packet,
        to: address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
      });
    });
    try {
      await dispatcher.receive(text, from.port, from.address, socket);
    } finally {
      transport.intercept(null);
    }
    return sent;
  }

  #refuse(): never {
    const errors = this.#parts.diagnostics.filter((one) => one.severity === "error");
    const first = errors[0]?.message ?? "";
    throw new ConfigError(`the configuration has ${errors.length} error(s): ${first}`, errors);
  }

  #socketNamed(name: string | number | undefined): ListenSocket | undefined {
    const { sockets } = this.services;
    if (name === undefined) return sockets[0];
    if (typeof name === "number") return sockets[name];
    return sockets.find((socket) => socket.text === name || socket.name === name);
  }

  async #stopOthers(): Promise<void> {
    await this.#parts.place?.stop();
  }

  async #openSockets(): Promise<void> {
    const { services, transport, place } = this.#parts;
    const receive = this.#receiver();
    if (place !== null && place.inherited !== null) {
      for (const shared of place.inherited) {
        invariant(transport.adopt !== undefined, "sockets cannot be shared by this transport");
        this.#opened(await transport.adopt(shared, receive));
      }
      return;
    }
    for (const options of await this.#plan()) {
      const socket = await transport.open(options, receive);
      this.#opened(socket);
      services.log.info(`listening on ${socket.text}`);
    }
  }

  #opened(socket: ListenSocket): void {
    const { services } = this.#parts;
    services.sockets.push(socket);
    services.own.addSocket(socket);
  }

  /** Where packets go: with several workers, to the one that they belong to. */
  #receiver(): PacketReceiver {
    const { dispatcher, place, services } = this.#parts;
    if (place === null) {
      return (text, port, address, socket) => void dispatcher.receive(text, port, address, socket);
    }
    const { group } = place;
    group.onPacket = (text, port, address, index) => {
      const socket = services.sockets[index];
      if (socket !== undefined) void dispatcher.receive(text, port, address, socket);
    };
    return (text, port, address, socket) => {
      const owner = group.ownerOf(text);
      if (owner === group.index) void dispatcher.receive(text, port, address, socket);
      else group.handOver(owner, text, { port, address, socket: socket.index });
    };
  }

  async #plan(): Promise<SocketOptions[]> {
    const { services, dns, diagnostics, listen } = this.#parts;
    const plan = await planSockets(listen, {
      interfaces: networkInterfaces(),
      dns,
      defaultPort: services.globals.int("port"),
      takesIpv6: services.globals.int("auto_bind_ipv6") !== 0,
    });
    for (const problem of plan.problems) {
      const { code, severity } = problem.isWarning
        ? startCodes.listenLeftOut
        : startCodes.listenFailed;
      const span = problem.line.span ?? this.#parts.fallback;
      diagnostics.push({ code, severity, message: problem.message, span });
      if (problem.isWarning) services.log.warn(problem.message);
    }
    if (this.hasErrors) this.#refuse();
    if (plan.sockets.length === 0) {
      throw new TransportError("TRANSPORT_NONE", "there is no address to listen on");
    }
    const advertised = services.globals.str("advertised_address");
    const advertisedPort = services.globals.int("advertised_port");
    return plan.sockets.map((options) => ({
      ...(advertised === undefined ? {} : { advertisedHost: advertised }),
      ...(advertisedPort === 0 ? {} : { advertisedPort }),
      ...options,
    }));
  }

  /** `auto_aliases`: the names of the own addresses count as this server's, when the name service says them in time. */
  async #addOwnNames(): Promise<void> {
    const { services, dns } = this.#parts;
    if (services.globals.int("auto_aliases") === 0) return;
    const addresses = new Set(services.sockets.map((socket) => socket.address));
    const asked = [...addresses].map(async (address) => {
      try {
        for (const host of await dns.reverse(address)) {
          if (isUsableAlias(host)) services.own.addAlias({ host, port: 0, proto: undefined });
        }
      } catch (error) {
        services.log.debug(`no name for ${address}: ${String(error)}`);
      }
    });
    await this.#withinLimit(Promise.all(asked), reverseLookupLimitMs);
  }

  /** As Kamailio: `event_route[core:worker-one-init]` runs once before the first packet. */
  async #runStartRoutes(): Promise<void> {
    const { routes, workers } = this.services;
    if (workers !== null && workers.index !== 0) return;
    const name = "core:worker-one-init";
    if (routes.has("event", name)) await routes.run("event", name, this.services.eventContext());
  }

  async #stopModules(): Promise<void> {
    for (const module of this.#startedModules.reverse()) {
      try {
        await module.behaviour.stop?.();
      } catch (error) {
        this.services.log.error(`stopping ${module.spec.name}: ${String(error)}`);
      }
    }
  }

  /** Waits, but not longer than that; 0 is without limit. */
  async #withinLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
    if (limitMs <= 0) {
      await work;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = this.services.clock.after(limitMs, resolve);
      const done = (): void => {
        timer.cancel();
        resolve();
      };
      work.then(done, done);
    });
  }
}

function splitAddress(text: string): { address: string; port: number } {
  const at = text.lastIndexOf(":");
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(text.slice(at + 1)) };
}
