/** Tells watchers of restored subscriptions where things stand, a few at a time. */
import type { Clock, Timer } from "../clock.ts";
import type { WatcherSubscription } from "./subscription.ts";

const STEP_MS = 100;

/** A list of watchers that is worked off. */
export class Resumption {
  readonly #clock: Clock;
  readonly #perSecond: () => number;
  #waiting: WatcherSubscription[] = [];
  #at = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, perSecond: () => number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  get waiting(): number {
    return this.#waiting.length - this.#at;
  }

  /**
   * All of these get the full state; with `unheard` only those that have not been told anything by then. A list that was begun
   * before is not gone on with.
   */
  begin(subscriptions: Iterable<WatcherSubscription>, unheard: boolean): void {
    this.stop();
    this.#waiting = [...subscriptions];
    if (this.waiting === 0) return;
    this.#timer = this.#clock.every(STEP_MS, () => this.#step(unheard));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#waiting = [];
    this.#at = 0;
  }

  #step(unheard: boolean): void {
    let left = Math.max(Math.round((this.#perSecond() * STEP_MS) / 1000), 1);
    for (; left > 0 && this.#at < this.#waiting.length; this.#at++) {
      const subscription = this.#waiting[this.#at] as WatcherSubscription;
      if (subscription.isEnded || (unheard && subscription.hasSpoken)) continue;
      subscription.answer(false);
      left--;
    }
    if (this.waiting === 0) this.stop();
  }
}
