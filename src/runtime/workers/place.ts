/** How an engine that is one of several workers is told so, and how it shares its sockets. */
import { availableParallelism } from "node:os";
import type { Socket } from "node:dgram";
import type { Globals } from "../services.ts";
import type { SocketOptions } from "../transport.ts";
import type { WorkerGroup } from "./group.ts";

/** A socket of the first worker that others are to use as well. */
export interface SharedSocket {
  /** With the real port. */
  readonly options: SocketOptions;
  /** One for all; null where there are descriptors. */
  readonly socket: Socket | null;
  /** Descriptors of sockets on this address, one for each worker; none where only Node.js knows them. */
  readonly fds: readonly number[];
}

/** A socket that this worker was given. */
export interface InheritedSocket {
  readonly options: SocketOptions;
  readonly socket: Socket | null;
  /** -1: it is the one of Node.js. */
  readonly fd: number;
}

/** What the global parameters ask for. */
export interface WorkerSettings {
  readonly count: number;
  /** Most bytes of packets that may wait for one worker. */
  readonly bufferLimit: number;
  /** How long an answer may take, milliseconds. */
  readonly callLimitMs: number;
}

/** The place of an engine among several. Made by whoever runs the processes. */
export interface WorkerPlace {
  readonly group: WorkerGroup;
  /** Sockets that the first worker opened; null in the first worker itself. */
  readonly inherited: readonly InheritedSocket[] | null;
  /** Called in the first worker when it is ready: starts the others. */
  start(shared: readonly SharedSocket[]): Promise<void>;
  /** Called before the modules stop: stops the others. */
  stop(): Promise<void>;
}

/** Makes the place once the settings are known; null: this engine does everything alone. */
export type WorkerPlaces = (settings: WorkerSettings) => WorkerPlace | null;

/** Most workers: their numbers have two digits. */
const MOST_WORKERS = 64;

/** Reads the parameters that start with `workers`. A sentence says what is wrong. */
export function workerSettings(globals: Globals): WorkerSettings | string {
  const text = globals.str("workers") ?? "1";
  const count =
    text.toLowerCase() === "auto" ? Math.min(MOST_WORKERS, availableParallelism()) : Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MOST_WORKERS) {
    return `workers must be a number from 1 to ${MOST_WORKERS} or auto, not ${text}`;
  }
  const bufferLimit = 1024 * globals.int("workers_buffer");
  return { count, bufferLimit, callLimitMs: globals.int("workers_timeout") };
}
