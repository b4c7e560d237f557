/** What the first process and the other workers tell each other while they start and stop. Sockets travel with the messages. */
import type { SocketOptions } from "../../runtime/transport.ts";

/** Set in the environment of a worker: its number. */
export const workerMarker = "OLELO_WORKER";

/** The first of the descriptors that a worker finds open; those before are the usual ones and the channel of these messages. */
export const firstSharedDescriptor = 4;

/** A socket that is shared: by its descriptor, or with a message of its own. */
export interface SharedPlan {
  readonly options: SocketOptions;
  /** In the new process; -1: it follows. */
  readonly fd: number;
}

/** From the first process. */
export type ToWorker =
  | {
      readonly kind: "join";
      readonly index: number;
      readonly count: number;
      readonly key: string;
      readonly sockets: readonly SharedPlan[];
      /** The configuration as the first process has read it, by path. */
      readonly files: readonly (readonly [string, string])[];
    }
  /** The socket with this number among those of `join` comes with it. */
  | { readonly kind: "socket"; readonly number: number }
  /** The stream to another worker comes with it. */
  | { readonly kind: "peer"; readonly worker: number }
  | { readonly kind: "begin" }
  /** Another worker ended; or is being started again. */
  | { readonly kind: "gone"; readonly worker: number }
  | { readonly kind: "coming"; readonly worker: number }
  | { readonly kind: "stop" };

/** From a worker. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "stop-request"; readonly reason: string };
