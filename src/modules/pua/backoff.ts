/** How long to wait before trying again. */

const FIRST_MS = 2000;
const LONGEST_MS = 300_000;
/** How far tries are spread behind the time that a peer has named: one in twenty, five seconds at most. */
const SPREAD_MS_PER_SECOND = 50;
const MOST_SPREAD_MS = 5000;

/** Waiting times that grow, with chance in them so that many do not come back at once. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  /** `random` gives numbers from 0 to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds until the next try; at least what the peer asked for. */
  next(retryAfterSeconds: number): number {
    const grown = Math.min(FIRST_MS * 2 ** Math.min(this.#failures, 20), LONGEST_MS);
    this.#failures++;
    const chosen = grown / 2 + (grown / 2) * this.#random();
    if (retryAfterSeconds < 0) return Math.round(chosen);
    // Not all at the very moment that the peer named.
    const spread = Math.min(
      Math.max(retryAfterSeconds * SPREAD_MS_PER_SECOND, 1000),
      MOST_SPREAD_MS,
    );
    return Math.round(retryAfterSeconds * 1000 + spread * this.#random());
  }

  reset(): void {
    this.#failures = 0;
  }
}
