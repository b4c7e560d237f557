/** A database file as modules see it: requests to its thread, outages, statistics. */
import { resolve } from "node:path";
import type { Worker } from "node:worker_threads";
import { atEndOfTurn, type Clock, type Timer } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/errors.ts";
import type { Counter, Logger } from "../../runtime/services.ts";
import {
  type Database,
  type Row,
  type SqlValue,
  type Statement,
  StorageError,
  type TableLayout,
} from "../../runtime/storage/storage.ts";
import type {
  Answer,
  FileSettings,
  FromThread,
  Request,
  Task,
  ThreadData,
  ToThread,
} from "./protocol.ts";

/** What databases of one engine share. */
export interface DatabaseParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly queries: Counter;
  readonly errors: Counter;
  readonly reconnects: Counter;
  readonly startThread: (data: ThreadData) => Thread;
}

/** What is needed of a worker thread. */
export type Thread = Pick<Worker, "on" | "once" | "postMessage" | "terminate">;

/** Waiting before the file is tried again: doubled from the first to the last. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
/** A request that is not answered for so long has failed; whatever comes later is not asked then. */
const ANSWER_LIMIT_MS = 20_000;
/** How long the thread may take to close the file. */
const CLOSE_LIMIT_MS = 3_000;

interface Pending {
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: StorageError) => void;
  readonly since: number;
}

/** One file and its thread, which is started with the first request. */
export class SqliteDatabase implements Database {
  readonly name: string;
  readonly #settings: FileSettings;
  readonly #parts: DatabaseParts;
  readonly #tables = new Map<string, TableLayout>();
  readonly #resetListeners: (() => void)[] = [];
  #thread: Thread | null = null;
  readonly #pending = new Map<number, Pending>();
  #outgoing: Request[] = [];
  #lastId = 0;
  #watch: Timer | null = null;
  /** Delay of the present outage; 0: there is none. */
  #retryMs = 0;
  #retryAt = 0;
  #isClosed = false;

  constructor(name: string, settings: FileSettings, parts: DatabaseParts) {
    this.name = name;
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Requests without an answer. */
  get waiting(): number {
    return this.#pending.size;
  }

  async ensure(tables: readonly TableLayout[]): Promise<void> {
    await this.#ask({ kind: "ensure", tables });
    for (const table of tables) this.#tables.set(table.name, table);
  }

  query(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return this.#ask({ kind: "query", sql, values });
  }

  async write(statements: readonly Statement[]): Promise<void> {
    await this.#ask({ kind: "write", statements });
  }

  onReset(listener: () => void): void {
    this.#resetListeners.push(listener);
  }

  /** Lets the thread do what it was asked for, close the file and end. */
  async close(): Promise<void> {
    this.#post();
    this.#isClosed = true;
    this.#watch?.cancel();
    const thread = this.#thread;
    if (thread === null) return;
    const limit = this.#parts.clock.after(CLOSE_LIMIT_MS, () => void thread.terminate());
    await new Promise<void>((ended) => {
      thread.once("exit", () => ended());
      thread.postMessage("end" satisfies ToThread);
    });
    limit.cancel();
  }

  #ask(task: Task): Promise<readonly Row[]> {
    this.#parts.queries.value++;
    if (this.#isClosed) return this.#refuse(`${this.name} is closed`);
    if (this.#retryMs > 0 && this.#parts.clock.now() < this.#retryAt) {
      return this.#refuse(`${this.name} is away`);
    }
    return new Promise((done, reject) => {
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve: done, reject, since: this.#parts.clock.now() });
      if (this.#outgoing.push({ id, task }) === 1) atEndOfTurn(() => this.#post());
      if (this.#watch?.isPending !== true) this.#watchAgain(ANSWER_LIMIT_MS);
    });
  }

  #refuse(message: string): Promise<never> {
    this.#parts.errors.value++;
    return Promise.reject(new StorageError("STORAGE_UNAVAILABLE", message, { isTransient: true }));
  }

  #post(): void {
    if (this.#outgoing.length === 0 || this.#isClosed) return;
    const requests = this.#outgoing;
    this.#outgoing = [];
    this.#thread ??= this.#startThread();
    this.#thread.postMessage(requests satisfies ToThread);
  }

  #startThread(): Thread {
    const { path } = this.#settings;
    const thread = this.#parts.startThread({
      settings: { ...this.#settings, path: resolve(path) },
      tables: [...this.#tables.values()],
    });
    let reason = "its thread ended";
    thread.on("message", (message: FromThread) => this.#receive(message));
    thread.on("error", (error) => {
      reason = `its thread failed: ${messageOf(error)}`;
    });
    thread.on("exit", () => {
      if (this.#thread === thread) this.#thread = null;
      if (!this.#isClosed || this.#pending.size > 0) this.#failAll(`${this.name}: ${reason}`);
    });
    return thread;
  }

  #receive({ answers, notice, isNew }: FromThread): void {
    if (notice !== undefined) this.#parts.log.error(`${this.name}: ${notice}`);
    for (const answer of answers) this.#settle(answer);
    if (isNew === true) for (const listener of this.#resetListeners) listener();
  }

  #settle({ id, rows, failure }: Answer): void {
    const isAway = failure?.code === "STORAGE_UNAVAILABLE";
    if (isAway) this.#outage(failure.message);
    else this.#recovered();
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    if (failure === undefined) {
      pending.resolve(rows ?? []);
      return;
    }
    this.#parts.errors.value++;
    const { code, message } = failure;
    pending.reject(new StorageError(code, message, { isTransient: isAway }));
  }

  /** One line for each outage. */
  #outage(message: string): void {
    const { clock, log } = this.#parts;
    const now = clock.now();
    if (this.#retryMs === 0) log.error(`${message}; it is tried again`);
    else if (now < this.#retryAt) return;
    this.#retryMs = Math.min(LAST_RETRY_MS, Math.max(FIRST_RETRY_MS, 2 * this.#retryMs));
    // A little earlier than those who wait as long before they try again.
    this.#retryAt = now + 0.9 * this.#retryMs;
  }

  #recovered(): void {
    if (this.#retryMs === 0) return;
    this.#retryMs = 0;
    this.#parts.reconnects.value++;
    this.#parts.log.warn(`${this.name} is there again`);
  }

  #failAll(message: string): void {
    if (!this.#isClosed) this.#outage(message);
    const all = [...this.#pending.values()];
    this.#pending.clear();
    this.#outgoing = [];
    this.#parts.errors.value += all.length;
    const error = new StorageError("STORAGE_UNAVAILABLE", message, { isTransient: true });
    for (const { reject } of all) reject(error);
  }

  /** Requests are answered in order: the first one that waits is the oldest. */
  #watchAgain(afterMs: number): void {
    this.#watch?.cancel();
    this.#watch = this.#parts.clock.after(afterMs, () => {
      for (const { since } of this.#pending.values()) {
        const left = since + ANSWER_LIMIT_MS - this.#parts.clock.now();
        if (left > 0) this.#watchAgain(left);
        else this.#failAll(`${this.name} does not answer`);
        return;
      }
    });
  }
}
