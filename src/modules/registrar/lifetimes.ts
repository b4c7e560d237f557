/** How long a contact is stored (RFC 3261, 10.3, steps 6 and 7). */
import type { XavpNode } from "../../runtime/lists.ts";
import { numberSetting, type Surroundings } from "./settings.ts";

/** The longest lifetime that fits a 32-bit time for some years to come: more than three years. */
const LONGEST = 100_000_000;

/** Works out lifetimes by the module's parameters. */
export class Lifetimes {
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /**
   * Time of expiry in wall clock seconds, 0 for removal. `ofContact` and `ofMessage` are seconds, -1 not given, -2
   * malformed. `exact`: not shortened at random.
   */
  of(ofContact: number, ofMessage: number, settings: XavpNode | undefined, exact: boolean): number {
    const { params, location } = this.#around;
    let seconds = numberSetting(settings, "expires") ?? ofContact;
    if (seconds === -1) seconds = ofMessage;
    let range = params.expires_range;
    if (seconds < 0) {
      seconds = params.default_expires;
      range = params.default_expires_range;
    }
    if (seconds === 0) return 0;
    if (range > 0 && !exact) seconds = this.#shortened(seconds, range);
    if (params.min_expires_mode === 0 && seconds < params.min_expires) {
      seconds = params.min_expires;
    }
    if (params.max_expires > 0 && seconds > params.max_expires) seconds = params.max_expires;
    return location.now() + Math.min(seconds, LONGEST);
  }

  /** Whether a time of expiry must be refused with 423. */
  isTooBrief(expires: number, now: number): boolean {
    const { params } = this.#around;
    return params.min_expires_mode === 1 && expires > 0 && expires - now < params.min_expires;
  }

  #shortened(seconds: number, percent: number): number {
    const most = Math.floor((seconds * percent) / 100);
    return seconds - (this.#around.services.random32() % (most + 1));
  }
}
