/** Work that is asked for often and done now and then. */
import type { Clock, Timer } from "../../runtime/clock.ts";

/** Works at once, and for what is asked sooner than `intervalMs` afterwards once more at its end. */
export class Throttle {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #work: () => void;
  #timer: Timer | undefined;
  #lastAt: number;

  constructor(clock: Clock, intervalMs: number, work: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#work = work;
    this.#lastAt = -intervalMs;
  }

  ask(): void {
    if (this.#timer?.isPending === true) return;
    const now = this.#clock.now();
    const wait = Math.max(this.#lastAt + this.#intervalMs - now, 0);
    this.#lastAt = now + wait;
    if (wait === 0) this.#work();
    else this.#timer = this.#clock.after(wait, this.#work);
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}
