/** The first worker's process: starts the others, gives them the sockets, and starts them again when they end. */
import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import type { Clock, Timer } from "../../runtime/clock.ts";
import { messageOf, StartError } from "../../runtime/errors.ts";
import { WorkerGroup } from "../../runtime/workers/group.ts";
import type { SharedSocket, WorkerPlace, WorkerSettings } from "../../runtime/workers/place.ts";
import type { Logger, Statistics } from "../../runtime/services.ts";
import { firstSharedDescriptor, type FromWorker, type ToWorker, workerMarker } from "./messages.ts";
import { StreamPairs } from "./pairs.ts";

/** Pauses before a worker that ended soon after its start is started again: doubled each time, up to the longest. */
const shortestPauseMs = 1_000;
const longestPauseMs = 30_000;
/** A worker that lived so long is started again at once. */
const steadyMs = 10_000;

/** What becomes known when the engine is there. */
export interface SupervisorEngine {
  readonly log: Logger;
  readonly clock: Clock;
  readonly statistics: Statistics;
  /** The configuration: all workers run the same one, whatever has become of its files. */
  readonly files: ReadonlyMap<string, string>;
}

interface Member {
  readonly index: number;
  process: ChildProcess | null;
  isReady: boolean;
  startedAt: number;
  pauseMs: number;
  timer: Timer | null;
}

/** The place of the first worker. */
export class Supervisor implements WorkerPlace {
  readonly group: WorkerGroup;
  readonly inherited = null;
  #restarts = 0;
  readonly #key: string;
  readonly #directory = process.cwd();
  readonly #members: Member[];
  readonly #onStopRequest: (reason: string) => void;
  #engine: SupervisorEngine | null = null;
  #sockets: readonly SharedSocket[] = [];
  #isStopping = false;
  /** Streams are made for one worker after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(settings: WorkerSettings, key: string, onStopRequest: (reason: string) => void) {
    this.#key = key;
    this.#onStopRequest = onStopRequest;
    this.group = new WorkerGroup({ ...settings, index: 0, key });
    this.#members = Array.from({ length: settings.count - 1 }, (_, i) => ({
      index: i + 1,
      process: null,
      isReady: false,
      startedAt: 0,
      pauseMs: 0,
      timer: null,
    }));
  }

  /** Before the engine starts. */
  attach(engine: SupervisorEngine): void {
    this.#engine = engine;
    const doc = "Workers that were started again.";
    engine.statistics.gauge("workers", "restarts", () => this.#restarts, doc);
  }

  async start(shared: readonly SharedSocket[]): Promise<void> {
    this.#sockets = shared;
    try {
      await Promise.all(this.#members.map((member) => this.#launch(member)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const ended = this.#members.map(async (member) => {
      member.timer?.cancel();
      const child = member.process;
      if (child === null) return;
      const exit = new Promise<void>((resolve) => {
        child.once("exit", () => resolve());
      });
      this.#tell(member, { kind: "stop" });
      await exit;
    });
    await Promise.all(ended);
    this.group.close();
  }

  /** Resolves when the worker is ready. */
  #launch(member: Member): Promise<void> {
    const launched = this.#turn.then(() => this.#fork(member));
    this.#turn = launched.then(ignore, ignore);
    return launched.then((child) => this.#ready(member, child));
  }

  async #fork(member: Member): Promise<ChildProcess> {
    const descriptors = this.#sockets.flatMap(({ fds }) => fds[member.index] ?? []);
    const program = process.argv[1] ?? "";
    const child = fork(program, process.argv.slice(2), {
      cwd: this.#directory,
      env: { ...process.env, [workerMarker]: String(member.index) },
      stdio: ["ignore", "inherit", "inherit", "ipc", ...descriptors],
    });
    member.process = child;
    member.isReady = false;
    member.startedAt = this.#engine?.clock.now() ?? 0;
    // Such as a working directory that the user that the server has become must not enter.
    child.on("error", (error) =>
      this.#engine?.log.error(`worker ${member.index}: ${error.message}`),
    );
    child.once("exit", (code, signal) => this.#exited(member, child, signal ?? `code ${code}`));
    child.on("message", (message) => {
      const told = message as FromWorker;
      if (told.kind === "stop-request") this.#onStopRequest(told.reason);
    });
    this.group.expect(member.index);
    await this.#introduce(member, child);
    return child;
  }

  /** Gives a new worker its number, the sockets, and a stream to each of the others. */
  async #introduce(member: Member, child: ChildProcess): Promise<void> {
    let fd = firstSharedDescriptor;
    const sockets = this.#sockets.map((one) => ({
      options: one.options,
      fd: one.fds.length === 0 ? -1 : fd++,
    }));
    const { index } = member;
    const files = [...(this.#engine?.files ?? [])];
    send(child, { kind: "join", index, count: this.group.count, key: this.#key, sockets, files });
    this.#sockets.forEach(({ socket }, number) => {
      if (socket !== null) send(child, { kind: "socket", number }, socket);
    });
    const pairs = await StreamPairs.open();
    try {
      const [own, theirs] = await pairs.make();
      this.group.connect(index, own);
      send(child, { kind: "peer", worker: 0 }, theirs);
      for (const other of this.#members) {
        if (other === member || other.process === null) continue;
        // One after the other: each takes the next connection.
        // oxlint-disable-next-line no-await-in-loop
        const [one, two] = await pairs.make();
        this.#tell(other, { kind: "coming", worker: index });
        this.#tell(other, { kind: "peer", worker: index }, one);
        send(child, { kind: "peer", worker: other.index }, two);
      }
    } finally {
      await pairs.close();
    }
    send(child, { kind: "begin" });
  }

  #ready(member: Member, child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (reason: string): void =>
        reject(new StartError("WORKER_FAILED", `worker ${member.index} did not start: ${reason}`));
      child.once("exit", (code, signal) => failed(`it ended (${signal ?? `code ${code}`})`));
      if (child.pid === undefined) failed("the process could not be made");
      if (child.exitCode !== null || child.signalCode !== null) failed("it ended");
      child.on("message", (message) => {
        const told = message as FromWorker;
        if (told.kind === "failed") failed(told.reason);
        if (told.kind !== "ready") return;
        member.isReady = true;
        resolve();
      });
    });
  }

  #exited(member: Member, child: ChildProcess, how: string): void {
    if (member.process !== child) return;
    const wasReady = member.isReady;
    member.process = null;
    member.isReady = false;
    this.group.forget(member.index);
    for (const other of this.#members) {
      this.#tell(other, { kind: "gone", worker: member.index });
    }
    // A worker that never was ready fails the start, or a start again that sees to it itself.
    if (this.#isStopping || !wasReady) return;
    const engine = this.#engine;
    if (engine === null) return;
    const lived = engine.clock.now() - member.startedAt;
    if (lived >= steadyMs) member.pauseMs = 0;
    engine.log.error(`worker ${member.index} (process ${child.pid}) ended: ${how}`);
    this.#again(member, engine);
  }

  #again(member: Member, engine: SupervisorEngine): void {
    const pause = member.pauseMs;
    member.pauseMs = Math.min(longestPauseMs, Math.max(shortestPauseMs, 2 * pause));
    const start = (): void => {
      if (this.#isStopping) return;
      this.#restarts++;
      this.#launch(member).then(
        () => engine.log.log(1, `worker ${member.index} was started again`),
        (error: unknown) => {
          engine.log.error(messageOf(error));
          member.process?.kill("SIGKILL");
          if (!this.#isStopping) this.#again(member, engine);
        },
      );
    };
    member.timer = engine.clock.after(pause, start);
  }

  #tell(member: Member, message: ToWorker, socket?: Socket): void {
    if (member.process !== null) send(member.process, message, socket);
    else socket?.destroy();
  }
}

/** What cannot be sent does not matter: the process has ended, and that is told otherwise. */
function send(
  child: ChildProcess,
  message: ToWorker,
  handle?: Parameters<ChildProcess["send"]>[1],
): void {
  if (child.connected) child.send(message, handle, {}, ignore);
}

function ignore(): void {}
