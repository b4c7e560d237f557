/** What a process is among the workers of a server: the first one, or one that was started by it. */
import { hostname } from "node:os";
import type { Engine, EngineOptions } from "../../runtime/engine-options.ts";
import { groupKey } from "../../runtime/workers/group.ts";
import type { WorkerPlace, WorkerSettings } from "../../runtime/workers/place.ts";
import { isBackground, tellReady } from "../background.ts";
import { isMember, Member } from "./member.ts";
import { Supervisor } from "./supervisor.ts";

/** One of the two roles. Nothing is started for a server with a single worker. */
export class WorkerProcesses {
  readonly #member: Member | null;
  readonly #onStopRequest: (reason: string) => void;
  readonly #key: string;
  #supervisor: Supervisor | null = null;

  private constructor(member: Member | null, key: string, onStopRequest: (reason: string) => void) {
    this.#member = member;
    this.#key = key;
    this.#onStopRequest = onStopRequest;
  }

  /**
   * Finds out what this process is. `identity` tells this server from all others, also after it was started again: its dialogs may
   * go on then. `onStopRequest` is called when another process asks for the server to stop.
   */
  static async find(
    identity: string,
    onStopRequest: (reason: string) => void,
  ): Promise<WorkerProcesses> {
    const member = isMember() ? await Member.join() : null;
    return new WorkerProcesses(member, groupKey(`${hostname()}\n${identity}`), onStopRequest);
  }

  get isFirst(): boolean {
    return this.#member === null;
  }

  /** What the first process decides for all. */
  options(own: EngineOptions): Pick<EngineOptions, "globals" | "files"> {
    if (this.#member === null) return {};
    const { count, files } = this.#member;
    return { globals: { ...own.globals, workers: count }, files };
  }

  place(settings: WorkerSettings): WorkerPlace {
    if (this.#member !== null) return this.#member.place(settings);
    this.#supervisor = new Supervisor(settings, this.#key, this.#onStopRequest);
    return this.#supervisor;
  }

  attach({ services, files }: Engine): void {
    const { log, clock, statistics } = services;
    this.#supervisor?.attach({ log, clock, statistics, files });
  }

  /** The engine was asked to stop from inside. */
  requestStop(reason: string): void {
    if (this.#member === null) this.#onStopRequest(reason);
    else this.#member.tell({ kind: "stop-request", reason });
  }

  /** Signals are for the first process: it stops the others, also when a terminal sends the signal to all. */
  onStop(stop: (reason: string) => void): void {
    const signals = ["SIGTERM", "SIGINT"] as const;
    if (this.#member === null) {
      for (const signal of signals) process.once(signal, () => stop(signal));
      return;
    }
    for (const signal of signals) process.on(signal, () => undefined);
    void this.#member.stopped.then(() => stop("the first worker said so"));
  }

  /** Tells whoever waits for this process. */
  tellReady(): void {
    if (this.#member !== null) this.#member.tell({ kind: "ready" });
    else if (isBackground()) tellReady();
  }

  tellFailed(reason: string): void {
    this.#member?.tell({ kind: "failed", reason });
  }
}
