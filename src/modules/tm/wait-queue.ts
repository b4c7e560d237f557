/** Finished transactions in the order in which they finished, until they are forgotten: one timer for all of them. */
import type { Timer } from "../../runtime/clock.ts";
import type { TransactionLayer } from "./layer.ts";
import { Remains, remainsOf, type Waiting } from "./remains.ts";
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
  #first: Waiting | null = null;
  #last: Waiting | null = null;
  #timer: Timer | null = null;

  constructor(layer: TransactionLayer) {
    this.#layer = layer;
  }

  /** Keeps a transaction until its `destroyAt`. */
  add(transaction: Transaction): void {
    this.#settle();
    this.#newest = transaction;
    if (this.#first === null) this.#arm(transaction.destroyAt);
  }

  /** Lets go of most of what the newest one holds, and puts it behind the others. */
  #settle(): void {
    const newest = this.#newest;
    if (newest === null) return;
    this.#newest = null;
    const remains = remainsOf(this.#layer, newest);
    if (remains !== null) this.#layer.table.reduce(newest, remains);
    const waiting = remains ?? newest;
    if (this.#last === null) this.#first = waiting;
    else this.#last.nextWaiting = waiting;
    this.#last = waiting;
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
    let waiting = this.#first;
    while (waiting !== null && waiting.destroyAt <= now) {
      const next: Waiting | null = waiting.nextWaiting;
      // Else an old one that died would keep the younger ones alive until the next full garbage collection.
      waiting.nextWaiting = null;
      if (waiting instanceof Remains) this.#layer.forget(waiting);
      else applyServer(this.#layer, waiting, ServerInput.waitTimer);
      waiting = next;
    }
    this.#first = waiting;
    if (waiting === null) this.#last = null;
    else this.#arm(waiting.destroyAt);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#newest = null;
    this.#first = null;
    this.#last = null;
  }
}
