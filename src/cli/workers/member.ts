/** A worker's process other than the first: gets its place from the first one, and ends with it. */
import { Socket as UdpHandle } from "node:dgram";
import { Socket } from "node:net";
import type { FileReader } from "../../dsl/preprocess/result.ts";
import { keptFiles } from "../../runtime/file-reader.ts";
import { WorkerGroup } from "../../runtime/workers/group.ts";
import type { InheritedSocket, WorkerPlace, WorkerSettings } from "../../runtime/workers/place.ts";
import { type FromWorker, type ToWorker, workerMarker } from "./messages.ts";

/** Whether this process was started as a worker. */
export function isMember(): boolean {
  return process.env[workerMarker] !== undefined && process.send !== undefined;
}

/** What the first process has given. */
export class Member {
  readonly #join: Extract<ToWorker, { kind: "join" }>;
  readonly #sockets: readonly InheritedSocket[];
  readonly #streams: Map<number, Socket>;
  #group: WorkerGroup | null = null;
  /** Resolves when the first process says that it is over. */
  readonly stopped: Promise<void>;
  #stop: () => void = () => undefined;

  private constructor(
    join: Extract<ToWorker, { kind: "join" }>,
    sockets: readonly InheritedSocket[],
    streams: Map<number, Socket>,
  ) {
    this.#join = join;
    this.#sockets = sockets;
    this.#streams = streams;
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  /** Where its configuration is read. */
  get files(): FileReader {
    return keptFiles(new Map(this.#join.files));
  }

  get count(): number {
    return this.#join.count;
  }

  /** Waits for what the first process has to give. Ends this process when the first one does. */
  static async join(): Promise<Member> {
    process.once("disconnect", () => process.exit(1));
    let joined: Extract<ToWorker, { kind: "join" }> | undefined;
    const handles = new Map<number, UdpHandle>();
    const streams = new Map<number, Socket>();
    return new Promise((resolve) => {
      let member: Member | undefined;
      process.on("message", (message, handle) => {
        const told = message as ToWorker;
        if (told.kind === "join") joined = told;
        else if (told.kind === "socket" && handle instanceof UdpHandle) {
          handles.set(told.number, handle);
        } else if (member !== undefined) {
          member.#told(told, handle);
        } else if (told.kind === "peer" && handle instanceof Socket) {
          streams.set(told.worker, handle);
        } else if (told.kind === "begin" && joined !== undefined) {
          const sockets = joined.sockets.map(({ options, fd }, number) => ({
            options,
            fd,
            socket: handles.get(number) ?? null,
          }));
          member = new Member(joined, sockets, streams);
          resolve(member);
        }
      });
    });
  }

  /** The place of this process' engine. */
  place(settings: WorkerSettings): WorkerPlace {
    const { index, count, key } = this.#join;
    const group = new WorkerGroup({ ...settings, index, count, key });
    this.#group = group;
    for (const [worker, stream] of this.#streams) group.connect(worker, stream);
    return {
      group,
      inherited: this.#sockets,
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    };
  }

  tell(message: FromWorker): void {
    if (process.connected) process.send?.(message);
  }

  #told(told: ToWorker, handle: unknown): void {
    switch (told.kind) {
      case "peer":
        if (!(handle instanceof Socket)) return;
        if (this.#group === null) this.#streams.set(told.worker, handle);
        else this.#group.connect(told.worker, handle);
        return;
      case "gone":
        this.#group?.forget(told.worker);
        return;
      case "coming":
        this.#group?.expect(told.worker);
        return;
      case "stop":
        this.#stop();
        return;
      case "join":
      case "socket":
      case "begin":
      // Taken before there was a member.
    }
  }
}
