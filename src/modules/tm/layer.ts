/** The transaction layer of one engine: its table, counters and listeners, and what all parts of tm share. */
import { ScriptContext } from "../../runtime/context.ts";
import type { ParamValues, ScriptVariable } from "../../runtime/module.ts";
import type { Counter, Services } from "../../runtime/services.ts";
import type { RouteScope } from "../../dsl/catalog/spec.ts";
import { IdSource } from "../../sip/ids.ts";
import type { TransactionListener } from "./api.ts";
import type { tm } from "./spec.ts";
import { TransactionTable } from "./table.ts";
import { WaitQueue } from "./wait-queue.ts";
import { type Branch, type Job, Transaction, TransactionFlag } from "./transaction.ts";

export type TmParams = ParamValues<typeof tm>;

/** What `tm.stats` and the statistics of tmx show. */
export class TmCounters {
  readonly received: Counter = { value: 0 };
  readonly generated: Counter = { value: 0 };
  readonly sent: Counter = { value: 0 };
  readonly relayed: Counter = { value: 0 };
  readonly absorbed: Counter = { value: 0 };
  /** Made for received requests, and for the engine's own. */
  readonly server: Counter = { value: 0 };
  readonly client: Counter = { value: 0 };
  /** Completed, by class of the final reply: index 2 to 6. */
  readonly completed: readonly Counter[] = Array.from({ length: 7 }, () => ({ value: 0 }));
  freed = 0;
  /** Finished, kept for what comes late. */
  waiting = 0;

  complete(status: number): void {
    const counter = this.completed[Math.floor(status / 100)];
    if (counter !== undefined) counter.value++;
  }
}

/** The variables that may hold the timeouts of a transaction, in seconds. */
export interface TimeoutVariables {
  readonly fr: ScriptVariable | null;
  readonly frInv: ScriptVariable | null;
}

export class TransactionLayer {
  readonly services: Services;
  readonly params: TmParams;
  readonly timeouts: TimeoutVariables;
  readonly ids: IdSource;
  readonly table: TransactionTable;
  readonly counters: TmCounters;
  readonly listeners: TransactionListener[] = [];
  readonly waiting: WaitQueue;
  /** Some listener is told of what happens to finished transactions. */
  watchesFinished = false;
  /** CANCELs without an INVITE that have a transaction: only then INVITEs are checked for having been cancelled before. */
  earlyCancels = 0;
  #idle: ScriptContext | null = null;

  constructor(services: Services, params: TmParams, timeouts: TimeoutVariables) {
    this.services = services;
    this.params = params;
    this.timeouts = timeouts;
    this.ids = new IdSource((pool) => {
      const bytes = services.random(pool.length * 4);
      for (let i = 0; i < pool.length; i++) pool[i] = bytes.readUInt32LE(i * 4);
    }, services.workers?.tagMark);
    this.table = new TransactionTable(this.ids, services.workers);
    this.counters = new TmCounters();
    this.waiting = new WaitQueue(this);
  }

  now(): number {
    return this.services.clock.now();
  }

  /** A context of no message, for choices that want one; what it is used for has to be set each time. */
  idleContext(): ScriptContext {
    return (this.#idle ??= this.services.eventContext());
  }

  /** The transaction of the message at hand. */
  current(context: ScriptContext): Transaction | null {
    const transaction = context.transaction;
    return transaction instanceof Transaction && !transaction.isDestroyed ? transaction : null;
  }

  /** A context for a route that works on the transaction's request, as it was when the transaction was made. */
  requestContext(transaction: Transaction, scope: RouteScope): ScriptContext {
    const request = transaction.request;
    const context = new ScriptContext(
      this.services,
      scope,
      request.msg,
      request,
      transaction.lists,
    );
    context.newUri = transaction.newUri;
    context.dstUri = transaction.dstUri;
    context.path = transaction.path;
    context.forcedSocket = transaction.forcedSocket;
    context.flags = transaction.messageFlags;
    context.forceRport = request.forceRport;
    context.addLocalRport = request.addLocalRport;
    context.advertisedHost = request.advertisedHost;
    context.advertisedPort = request.advertisedPort;
    context.transaction = transaction;
    context.borrowEdits(transaction.edits);
    context.uriIsTarget = false;
    return context;
  }

  /** Does something with a transaction, now or when the route that runs for it has ended. */
  whenFree(transaction: Transaction, job: Job): void | Promise<void> {
    if (transaction.isBusy) {
      (transaction.jobs ??= []).push(job);
      return;
    }
    const work = job();
    if (work instanceof Promise) return this.holdWhile(transaction, work);
  }

  /** Holds back everything else for this transaction while a route of it waits for something. */
  async holdWhile(transaction: Transaction, work: Promise<void>): Promise<void> {
    transaction.isBusy = true;
    try {
      await work;
      for (let jobs = transaction.jobs; jobs !== null && jobs.length > 0; jobs = transaction.jobs) {
        // One after the other, in the order in which they came.
        // oxlint-disable-next-line no-await-in-loop
        await jobs.shift()?.();
      }
    } finally {
      transaction.isBusy = false;
      transaction.jobs = null;
    }
  }

  addListener(listener: TransactionListener): void {
    this.listeners.push(listener);
    const { replyIn, retransmissionIn, destroyed } = listener;
    if (replyIn ?? retransmissionIn ?? destroyed) this.watchesFinished = true;
  }

  /** Forgets the oldest of those that only the remains are left of; there must be one. */
  forgetOldest(): void {
    this.#removed(this.table.dropOldestRemains(), true);
  }

  #removed(isCancel: boolean, isWaiting: boolean): void {
    this.counters.freed++;
    if (isWaiting) this.counters.waiting--;
    if (isCancel) this.earlyCancels = Math.max(0, this.earlyCancels - 1);
  }

  /** Forgets a transaction. */
  destroy(transaction: Transaction): void {
    if (transaction.isDestroyed) return;
    transaction.isDestroyed = true;
    transaction.timer?.cancel();
    for (const branch of transaction.branches) stopBranch(branch);
    this.table.remove(transaction);
    const isCancel = transaction.method === "CANCEL" && transaction.key !== "";
    this.#removed(isCancel, transaction.destroyAt !== Infinity);
    for (const listener of this.listeners) listener.destroyed?.(transaction);
  }
}

/** Ends all waiting for a branch. */
export function stopBranch(branch: Branch): void {
  branch.retransmitAt = Infinity;
  branch.finalAt = Infinity;
  branch.timer?.cancel();
  branch.cancelTimer?.cancel();
}

/** Whether replies of a transaction go nowhere upstream: it is the engine's own, or a copy. */
export function isOwn(transaction: Transaction): boolean {
  return transaction.isLocal || transaction.has(TransactionFlag.replicated);
}
