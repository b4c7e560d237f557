/** Finished transactions in the order in which they finished, until they are forgotten: one timer for all of them. */
import type { Timer } from "../../runtime/clock.ts";
import type { TransactionLayer } from "./layer.ts";
import { reduceToRemains } from "./remains.ts";
import { applyServer } from "./server.ts";
import { ServerInput } from "./server-states.ts";
import type { Transaction } from "./transaction.ts";

/**
 * All wait equally long, so that the first in is the first out (when `wt_timer` is made shorter, those that come after wait
 * as long as those before them).
 */
export class WaitQueue {
  readonly #layer: TransactionLayer;
  /** The last one to come: what runs for it may not have ended, so it is still whole. */
  #newest: Transaction | null = null;
  /** Those that stay whole. */
  #first: Transaction | null = null;
  #last: Transaction | null = null;
  #timer: Timer | null = null;

  constructor(layer: TransactionLayer) {
    this.#layer = layer;
  }

  /** Keeps a transaction until its `destroyAt`. */
  add(transaction: Transaction): void {
    this.#settle();
    this.#newest = transaction;
    if (this.#timer?.isPending !== true) this.#arm(transaction.destroyAt);
  }

  /** Lets go of most of what the newest one holds, and puts it behind the others. */
  #settle(): void {
    const newest = this.#newest;
    if (newest === null) return;
    this.#newest = null;
    if (reduceToRemains(this.#layer, newest)) return;
    if (this.#last === null) this.#first = newest;
    else this.#last.nextWaiting = newest;
    this.#last = newest;
  }

  #arm(at: number): void {
    const { clock } = this.#layer.services;
    const delay = Math.max(0, at - clock.now());
    if (this.#timer === null) this.#timer = clock.after(delay, () => this.#forget());
    else if (!this.#timer.isPending) this.#timer.restart(delay);
  }

  #forget(): void {
    this.#settle();
    const now = this.#layer.now();
    const { table } = this.#layer;
    while (table.remainsDueAt <= now) this.#layer.forgetOldest();
    let waiting = this.#first;
    while (waiting !== null && waiting.destroyAt <= now) {
      const next: Transaction | null = waiting.nextWaiting;
      // Else an old one that died would keep the younger ones alive until the next full garbage collection.
      waiting.nextWaiting = null;
      applyServer(this.#layer, waiting, ServerInput.waitTimer);
      waiting = next;
    }
    this.#first = waiting;
    if (waiting === null) this.#last = null;
    const next = Math.min(table.remainsDueAt, waiting?.destroyAt ?? Infinity);
    if (next !== Infinity) this.#arm(next);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#newest = null;
    this.#first = null;
    this.#last = null;
  }
}
