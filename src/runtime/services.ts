/** What the engine offers to its modules. */
import type { ModuleSpec } from "../dsl/catalog/spec.ts";
import type { Span } from "../dsl/source.ts";
import type { RouteKind } from "../dsl/syntax/ast.ts";
import type { Value } from "../dsl/value.ts";
import type { ServerLine, ViaStamp } from "../sip/build.ts";
import type { SipMessage } from "../sip/message.ts";
import type { Clock } from "./clock.ts";
import type { ScriptContext, SendContext } from "./context.ts";
import type { RpcReply, RpcValue } from "./module.ts";
import type { Storage } from "./storage/storage.ts";
import type { Destination, ListenSocket, Proto } from "./transport.ts";
import type { Workers } from "./workers/group.ts";

/** Log levels of Kamailio, most severe first: -5 alert, -4 bug, -3 and -2 critical, -1 error, 0 warning, 1 notice, 2 info, 3 debug. */
export type LogLevel = -5 | -4 | -3 | -2 | -1 | 0 | 1 | 2 | 3;

/** Where the engine writes. Formatting is done only for what will be written: ask `enabled` first on the message path. */
export interface Logger {
  enabled(level: LogLevel): boolean;
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /**
   * A line of the script (`xlog`): text is written as it is, `log_prefix` put on. `label` stands in front of it in text logs
   * (`<script>: ` when not given).
   */
  script(level: LogLevel, text: string, context: ScriptContext | undefined, label?: string): void;
  /** Current `debug` level. */
  level: number;
}

/** A counter or gauge by group and name (`sl`, `1xx_replies`). */
export interface Statistics {
  /** A counter of this name; the same object each time. Increment its `value`. */
  counter(group: string, name: string, doc?: string): Counter;
  /** A value worked out when asked. `isCommon`: the same in all workers, so never added up. */
  gauge(group: string, name: string, read: () => number, doc?: string, isCommon?: boolean): void;
  read(group: string, name: string): number | undefined;
  /** By name alone, as `$stat(name)`: the first one registered under that name in any group. */
  find(name: string): number | undefined;
  /** All, for `stats.get_statistics`, in order of registration. */
  entries(): Iterable<{ group: string; name: string; value: number; doc: string }>;
  reset(group: string, name: string): boolean;
}

export interface Counter {
  value: number;
}

/** Global parameters by name: what the config set, or the default. A live object: `cfg.set_now_*` changes it. */
export interface Globals {
  int(name: string): number;
  str(name: string): string | undefined;
  /** `custom` group parameters, as `$sel(cfg_get.group.name)`. */
  readonly custom: Map<string, Map<string, number | string>>;
  set(name: string, value: number | string): void;
  /** Calls back at once if there is a value, and at each change: for what is asked for each message. */
  watch(name: string, listener: (value: number | string) => void): void;
}

/** Names to addresses. Answers from cache come at once, else a promise. Never throws: null is "cannot be resolved". */
export interface Resolver {
  /** Literal addresses and cached names come at once. NAPTR, SRV and A/AAAA as RFC 3263 and the dns_* parameters say. */
  resolve(
    host: string,
    port: number | undefined,
    proto: Proto | undefined,
  ): ResolvedTargets | Promise<ResolvedTargets>;
}

export interface ResolvedTarget {
  readonly address: string;
  readonly port: number;
  readonly proto: Proto;
}
/** In order of preference; empty when it cannot be resolved. */
export type ResolvedTargets = readonly ResolvedTarget[];

/** The compiled script. */
export interface Routes {
  has(kind: RouteKind, name: string): boolean;
  /**
   * Runs a route to its end for a context (the `scope` is set by the caller). Resolves `exit`/`drop`: afterwards `context.dropped`
   * tells whether `drop` was used. Faults inside are logged with their place in the config; the code is then -1.
   */
  run(kind: RouteKind, name: string, context: ScriptContext): number | Promise<number>;
}

/** RPC commands of all modules, for ctl, jsonrpcs, xhttp... */
export interface Rpc {
  /** Resolves with the reply; rejects with RpcError. */
  call(
    command: string,
    params: readonly (string | number)[],
  ): Promise<RpcReply | Iterable<RpcValue>>;
  /** The same, with lists of any length as `RpcStream`, still to be read. */
  open(
    command: string,
    params: readonly (string | number)[],
  ): Promise<RpcReply | Iterable<RpcValue>>;
  commands(): readonly { readonly name: string; readonly doc: string }[];
}

/** Points in the life of a message where modules step in; called in order of registration. */
export interface Hooks {
  /** Before request_route; false stops the processing of the message. */
  beforeRequest(handler: (context: ScriptContext) => boolean): void;
  /** After request_route ended (also by exit); the transaction module lets go of the context here. */
  afterRequest(handler: (context: ScriptContext) => void): void;
  /** Before the global reply_route; false stops. */
  beforeReply(handler: (context: ScriptContext) => boolean): void;
  /** After the global reply_route: true when the reply has been handled (matched a transaction), so it is not forwarded statelessly. */
  onReply(handler: (context: ScriptContext) => boolean | Promise<boolean>): void;
  /** Every local reply to a request that is about to be sent statelessly: `sl` counts and event routes. */
  onLocalReply(handler: (context: ScriptContext, status: number, text: string) => void): void;
}

/** Sending without a transaction, shared by core, sl and tm. */
export interface Sender {
  /** Where replies to this request go: received/rport (RFC 3261 18.2.2, RFC 3581). */
  replyDestination(context: ScriptContext): Destination;
  /** Builds and sends a reply without a transaction, with the context's reply headers and edits as Kamailio's sl does. */
  replyStateless(context: ScriptContext, status: number, reason: string, toTag: string): void;
  /** Forwards the request without a transaction to the current target. 1, or negative as Kamailio's `forward()`. */
  forwardStateless(
    context: ScriptContext,
    destination?: {
      host: string;
      port?: number | undefined;
      proto?: Proto | undefined;
    },
  ): number | Promise<number>;
  /** Sends the reply on to where its second Via says (RFC 3261 16.11). */
  forwardReply(context: ScriptContext): void;
  /** The socket to send from to a destination: forced one, or the received one, or one of the same family. */
  socketFor(
    context: ScriptContext | undefined,
    proto: Proto,
    address: string,
  ): ListenSocket | undefined;
  /**
   * Via header line value for a request leaving through a socket: `SIP/2.0/UDP host:port;branch=...`; `context` for what the
   * script advertises on this message.
   */
  via(socket: ListenSocket, branch: string, withRport: boolean, context?: ScriptContext): string;
  /**
   * Runs `onsend_route` for a request that is about to be sent, if there is one; false: the script dropped it. Cheap
   * without that route. tm asks for each request that it sends.
   */
  beforeSend(context: ScriptContext, send: SendContext, text: string): boolean;
  /** Whole Warning header line for local replies (`sip_warning`); undefined when switched off. */
  warning(context: ScriptContext): string | undefined;
  /** received and rport as they have to show in the topmost Via of this request, here and in its replies. */
  stamp(context: ScriptContext): ViaStamp;
}

export interface Services {
  readonly clock: Clock;
  readonly log: Logger;
  readonly statistics: Statistics;
  readonly globals: Globals;
  readonly resolver: Resolver;
  readonly routes: Routes;
  readonly rpc: Rpc;
  readonly hooks: Hooks;
  readonly sender: Sender;
  /** The other event loops of this server; null where there is only one. */
  readonly workers: Workers | null;
  /** Databases by URL; see also `openDatabase` and `prepareTables`. */
  readonly storage: Storage;
  /** In the order of the `listen` lines. Filled before modules start. */
  readonly sockets: readonly ListenSocket[];
  /** Random bytes, from outside so that tests repeat. Not for every message: take a seed once. */
  random(bytes: number): Buffer;
  /** Unsigned 32-bit random number, cheap. */
  random32(): number;
  /** True for the engine's own addresses, aliases and what modules registered. Port 0: any. */
  isMyself(host: string, port: number, proto: Proto | undefined): boolean;
  /** A module's own test for `myself` (the domain module). */
  addMyselfCheck(check: (host: string, port: number, proto: Proto | undefined) => boolean): void;
  /** The run directory (`-Y`), for sockets and FIFOs. */
  readonly runDirectory: string;
  /** Working directory of files named in the config: the config's own. */
  readonly configDirectory: string;
  /** `Server: olelo (...)`, as `buildReply` takes it; empty when switched off. */
  readonly serverLine: ServerLine;
  /** Whole header line without line end; "" when switched off. */
  readonly userAgentHeader: string;
  /** A new request context for a request that this engine makes itself (event_route[tm:local-request], timers). */
  localContext(message: SipMessage): ScriptContext;
  /** A context on a made-up request from this engine to itself: for event routes that belong to no message. */
  eventContext(): ScriptContext;
  /** Evaluates text with variables for a context; for parameters read at run time. */
  format(text: string): (context: ScriptContext) => string;
  /** Binds a select by its path (`via[1].host`, with or without the `@`), for `$sel(...)`; undefined when there is no such one. */
  select?(path: string): ((context: ScriptContext) => Value) | undefined;
  /** Name of the route block around a place in the configuration (`DEFAULT_ROUTE`: the main one); null outside of routes. */
  routeAt?(place: Span): string | null;
  /** Declarations of the loaded modules, in the order of loading, the core first. */
  readonly loadedModules: readonly ModuleSpec[];
  /** Live parameter values of a loaded module, for `cfg.get` and its like. */
  params(module: string): Record<string, unknown> | undefined;
  /** Aliases for `myself`, as given (`alias=`, `-a`). */
  readonly aliases: readonly { host: string; port: number; proto: Proto | undefined }[];
  /** Names and values of the preprocessor, for `core.ppdefines`. */
  readonly defines: ReadonlyMap<string, string | undefined>;
  /** Stops the engine cleanly, as SIGTERM does. */
  requestStop(reason: string): void;
  /** A module's published API by module name, for RPC and library users. */
  api(module: string): unknown;
  /** Value of a variable by its text for `pv.*` RPC commands and the library. */
  variable(text: string): {
    get(context: ScriptContext): Value;
    set(context: ScriptContext, value: Value): void;
  };
}
