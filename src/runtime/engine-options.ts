/** What an engine is made from, and what it offers to the command and to library users. */
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import type { FileReader } from "../dsl/preprocess/result.ts";
import type { Clock } from "./clock.ts";
import type { DnsClient } from "./dns-client.ts";
import type { LogSink } from "./log.ts";
import type { AnyModule } from "./module.ts";
import type { Rpc, Services } from "./services.ts";
import type { ListenSocket, Transport } from "./transport.ts";
import type { WorkerPlaces } from "./workers/place.ts";

/** A parameter set from outside of the configuration, as `--modparam` does. */
export interface OutsideParam {
  readonly module: string;
  readonly name: string;
  readonly value: string | number;
}

export interface EngineOptions {
  /** The configuration as text, ... */
  readonly configText?: string;
  /** (with the name under which diagnostics show it) */
  readonly configName?: string;
  /** ... or as a file. */
  readonly configPath?: string;
  /** Where files of the configuration are read; the disk when not given. */
  readonly files?: FileReader;
  /** The network; UDP sockets of this machine when not given. */
  readonly transport?: Transport;
  readonly clock?: Clock;
  /** Where log lines go; nowhere when not given. */
  readonly log?: LogSink;
  /** Source of randomness; the machine's when not given. */
  readonly random?: (bytes: number) => Buffer;
  /** Name service; the machine's when not given. */
  readonly dns?: DnsClient;
  /** Names for the preprocessor, as `-A` takes them: `NAME` or `NAME=value`. */
  readonly defines?: readonly string[];
  /** Preprocessor lines from the command line, without `#!`: `substdef "!X!y!"`. */
  readonly substitutions?: readonly string[];
  /** Modules of the user, found under their own names by `loadmodule`. */
  readonly modules?: readonly AnyModule[];
  /** Modules that are loaded before those of the configuration. */
  readonly loadModules?: readonly string[];
  readonly params?: readonly OutsideParam[];
  /** Global parameters that win over the configuration (`debug`, `children`). */
  readonly globals?: Readonly<Record<string, number | string>>;
  /** Sockets as `-l` takes them; they replace the configuration's. */
  readonly listen?: readonly string[];
  readonly aliases?: readonly string[];
  /** Run-time directory (`-Y`). */
  readonly runDirectory?: string;
  /** Makes this engine one of several workers, when the parameter `workers` asks for more than one. */
  readonly workers?: WorkerPlaces;
  /** Also collects advice (`info`): what has no effect here, which routes are never run. */
  readonly advice?: boolean;
  /** Environment variables for `#!defenv`; none when not given. */
  readonly environment?: (name: string) => string | undefined;
  /** Called when the engine was asked to stop from inside (`core.kill`), with the reason. */
  readonly onStopRequest?: (reason: string) => void;
}

/** A packet that the engine sent. */
export interface SentPacket {
  readonly text: string;
  /** Where it goes: `10.0.0.1:5060`, IPv6 in brackets. */
  readonly to: string;
  readonly address: string;
  readonly port: number;
  readonly socket: ListenSocket;
}

export interface InjectOptions {
  /** Where the packet comes from: `10.0.0.1:5060`. */
  readonly from: string;
  /** Which socket receives it: `udp:10.0.0.2:5060`, its name, or its number; the first when not given. */
  readonly to?: string | number;
}

/** A router made from one configuration. */
export interface Engine {
  /** Everything that reading, checking and setting up had to say. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether there is an error among them; then `start` throws a `ConfigError`. */
  readonly hasErrors: boolean;
  /** Opens the sockets and starts the modules. */
  start(): Promise<void>;
  /** Stops the modules and closes the sockets, within `shutdown_timeout`. */
  stop(): Promise<void>;
  /**
   * Hands in one packet as if it had been received, and gives back what was sent until its script had ended. Only for started
   * engines; other traffic in the meantime is not told apart.
   */
  inject(text: string, options: InjectOptions): Promise<SentPacket[]>;
  readonly services: Services;
  readonly sockets: readonly ListenSocket[];
  /** The files of the configuration as they were read, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly rpc: Rpc;
}
