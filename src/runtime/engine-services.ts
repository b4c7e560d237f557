/** What the engine offers to its modules, put together while it is being made. */
import type { ModuleSpec } from "../dsl/catalog/spec.ts";
import type { Span } from "../dsl/source.ts";
import type { Value } from "../dsl/value.ts";
import { ServerLine } from "../sip/build.ts";
import { parseMessage, type SipMessage } from "../sip/message.ts";
import type { Clock } from "./clock.ts";
import { ScriptContext } from "./context.ts";
import { CoreCounters } from "./core-counters.ts";
import { invariant } from "./errors.ts";
import type { GlobalValues } from "./globals.ts";
import { HookLists } from "./hooks.ts";
import type { EngineLogger } from "./log.ts";
import type { ModuleParams } from "./module-params.ts";
import type { ModuleSetup, ScriptBinder } from "./module-setup.ts";
import { OwnHosts } from "./myself.ts";
import { RpcRegistry } from "./rpc.ts";
import { StatelessSender } from "./sender.ts";
import type { Resolver, Routes, Sender, Services } from "./services.ts";
import { type LocalNetwork, SocketChoice } from "./socket-choice.ts";
import { StatisticsRegistry } from "./statistics.ts";
import { Databases } from "./storage/databases.ts";
import type { ListenSocket, Proto } from "./transport.ts";
import { signature } from "./version.ts";
import type { WorkerGroup } from "./workers/group.ts";
import { RpcSpreader } from "./workers/rpc-spread.ts";

/** What comes from outside of the services. */
export interface ServicesParts {
  readonly clock: Clock;
  readonly log: EngineLogger;
  readonly globals: GlobalValues;
  readonly random: (bytes: number) => Buffer;
  readonly runDirectory: string;
  readonly configDirectory: string;
  readonly defines: ReadonlyMap<string, string | undefined>;
  readonly resolver: (services: EngineServices) => Resolver;
  /** Networks of this machine, for `mhomed`. */
  readonly networks: () => readonly LocalNetwork[];
  readonly requestStop: (reason: string) => void;
  readonly workers: WorkerGroup | null;
}

/** The services of one engine. What becomes known later (script, modules, sockets) is put in by the engine. */
export class EngineServices implements Services {
  readonly clock: Clock;
  readonly log: EngineLogger;
  readonly globals: GlobalValues;
  readonly statistics = new StatisticsRegistry();
  readonly rpc = new RpcRegistry();
  readonly hooks = new HookLists();
  readonly counters = new CoreCounters(this.statistics);
  readonly own = new OwnHosts();
  readonly storage = new Databases();
  readonly sockets: ListenSocket[] = [];
  readonly resolver: Resolver;
  readonly sender: Sender;
  readonly random: (bytes: number) => Buffer;
  readonly runDirectory: string;
  readonly configDirectory: string;
  readonly defines: ReadonlyMap<string, string | undefined>;
  readonly requestStop: (reason: string) => void;
  readonly workers: WorkerGroup | null;
  serverLine = new ServerLine("");
  userAgentHeader = "";
  routes: Routes = noRoutes;
  loadedModules: readonly ModuleSpec[] = [];
  /** Set when the modules are. */
  moduleParams: ModuleParams | undefined;
  moduleSetup: ModuleSetup | undefined;
  /** Set when the script is linked. */
  binder: ScriptBinder | undefined;
  #randomState: number;

  constructor(parts: ServicesParts) {
    this.clock = parts.clock;
    this.log = parts.log;
    this.globals = parts.globals;
    this.random = parts.random;
    this.runDirectory = parts.runDirectory;
    this.configDirectory = parts.configDirectory;
    this.defines = parts.defines;
    this.requestStop = parts.requestStop;
    this.workers = parts.workers;
    if (parts.workers !== null) {
      this.rpc.spreader = new RpcSpreader(parts.workers, this.statistics, (command, params) =>
        this.rpc.callHere(command, params),
      );
    }
    this.#randomState = parts.random(4).readUInt32LE(0) | 1;
    this.resolver = parts.resolver(this);
    const isMultihomed = (): boolean => parts.globals.int("mhomed") !== 0;
    const choice = new SocketChoice(this.sockets, isMultihomed, parts.networks);
    this.sender = new StatelessSender(this, choice, this.hooks, this.counters);
    const header = (): void => this.#readHeaders();
    for (const name of ["server_header", "user_agent_header", "server_signature"]) {
      parts.globals.watch(name, header);
    }
    parts.globals.watch("debug", (value) => {
      parts.log.level = Number(value);
    });
    header();
  }

  /** Xorshift; for what must differ, not for what must not be guessed. */
  random32(): number {
    let x = this.#randomState;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#randomState = x;
    return x >>> 0;
  }

  isMyself(host: string, port: number, proto: Proto | undefined): boolean {
    return this.own.has(host, port, proto);
  }

  addMyselfCheck(check: (host: string, port: number, proto: Proto | undefined) => boolean): void {
    this.own.addCheck(check);
  }

  get aliases(): readonly { host: string; port: number; proto: Proto | undefined }[] {
    return this.own.aliases;
  }

  params(module: string): Record<string, unknown> | undefined {
    return this.moduleParams?.of(module);
  }

  api(module: string): unknown {
    return this.moduleSetup?.apis.get(module);
  }

  localContext(message: SipMessage): ScriptContext {
    const socket = this.sockets[0];
    invariant(socket !== undefined, "a request is made before there are sockets");
    const from = { sourceAddress: socket.address, sourcePort: socket.port, socket };
    return new ScriptContext(this, "local", message, from);
  }

  eventContext(): ScriptContext {
    const socket = this.sockets[0];
    invariant(socket !== undefined, "an event route is run before there are sockets");
    const parsed = parseMessage(madeUpRequest(socket));
    invariant(parsed.ok, "the made-up request cannot be read");
    const from = { sourceAddress: socket.address, sourcePort: socket.port, socket };
    return new ScriptContext(this, "event", parsed.message, from);
  }

  format(text: string): (context: ScriptContext) => string {
    return this.#linked().format(text);
  }

  variable(text: string): {
    get(context: ScriptContext): Value;
    set(context: ScriptContext, value: Value): void;
  } {
    return this.#linked().variable(text);
  }

  select(path: string): ((context: ScriptContext) => Value) | undefined {
    return this.#linked().select(path);
  }

  routeAt(place: Span): string | null {
    return this.#linked().routeAt(place);
  }

  #linked(): ScriptBinder {
    invariant(this.binder !== undefined, "the script is not linked yet");
    return this.binder;
  }

  #readHeaders(): void {
    const isOn = this.globals.int("server_signature") !== 0;
    const line = (name: string, set: string | undefined): string =>
      isOn ? (set ?? `${name}: ${signature()}`) : "";
    this.serverLine = new ServerLine(line("Server", this.globals.str("server_header")));
    this.userAgentHeader = line("User-Agent", this.globals.str("user_agent_header"));
  }
}

/** As Kamailio: event routes without a message see a request that asks the server itself for its options. */
function madeUpRequest(socket: ListenSocket): string {
  const here = `${socket.viaHost}:${socket.viaPort}`;
  return [
    `OPTIONS sip:olelo@${here} SIP/2.0`,
    `Via: SIP/2.0/UDP ${here};branch=z9hG4bKevent`,
    `From: <sip:olelo@${here}>;tag=event`,
    `To: <sip:olelo@${here}>`,
    `Call-ID: event@${here}`,
    "CSeq: 1 OPTIONS",
    "Max-Forwards: 70",
    "Content-Length: 0",
    "\r\n",
  ].join("\r\n");
}

/** The script before it is linked. */
const noRoutes: Routes = { has: () => false, run: () => -1 };
