/** Work that a restart brings all at once, done little by little. */
import type { Clock, Timer } from "../../runtime/clock.ts";

/** Milliseconds between two rounds. */
const ROUND_MS = 100;
/** Nothing begins before a time up to this has gone by, so that servers that start together do not ask together. */
const HEAD_START_MS = 1000;

/** Does so many jobs a second, in order. */
export class Pace {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #perSecond: number;
  readonly #jobs: Iterator<() => void>[] = [];
  #timer: Timer | undefined;
  #isStopped = false;
  /** Jobs that may be done now; parts of a job add up. */
  #allowance = 0;

  /** `random` gives numbers from 0 to 1. */
  constructor(clock: Clock, perSecond: number, random: () => number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#random = random;
  }

  /** Jobs are taken from the list when their turn has come. */
  add(jobs: Iterable<() => void>): void {
    this.#jobs.push(jobs[Symbol.iterator]());
    if (this.#timer !== undefined || this.#isStopped) return;
    this.#timer = this.#clock.after(HEAD_START_MS * this.#random(), () => this.#round());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#jobs.length = 0;
  }

  #round(): void {
    this.#allowance += (this.#perSecond * ROUND_MS) / 1000;
    while (this.#allowance >= 1) {
      const list = this.#jobs[0];
      if (list === undefined) {
        this.#timer = undefined;
        this.#allowance = 0;
        return;
      }
      const step = list.next();
      if (step.done === true) this.#jobs.shift();
      else {
        this.#allowance--;
        step.value();
      }
    }
    this.#timer = this.#clock.after(ROUND_MS, () => this.#round());
  }
}
