/** The conditions (`#!ifdef` and its like) that are open at a place. */
import type { Report } from "../diagnostics/report.ts";
import type { Span } from "../source.ts";

/** Kamailio's limit, too. */
const MAX_OPEN = 512;

interface Condition {
  readonly span: Span;
  holds: boolean;
}

/** A stack of conditions; text counts while all of them hold. */
export class Conditions {
  readonly #open: Condition[] = [];
  readonly #report: Report;
  #falseOnes = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  get isActive(): boolean {
    return this.#falseOnes === 0;
  }

  /** Enters a condition. */
  begin(holds: boolean, span: Span): void {
    if (this.#open.length === MAX_OPEN) {
      this.#report.add("E107", `more than ${MAX_OPEN} conditions inside each other`, span);
    }
    this.#open.push({ span, holds });
    if (!holds) this.#falseOnes += 1;
  }

  /** `#!else`: turns the innermost condition round (a second one turns it back, as in Kamailio). */
  turn(span: Span): void {
    const condition = this.#open.at(-1);
    if (condition === undefined) {
      this.#report.add("W123", "this #!else belongs to no condition and has no effect", span);
      return;
    }
    condition.holds = !condition.holds;
    this.#falseOnes += condition.holds ? -1 : 1;
  }

  /** `#!endif`. */
  end(span: Span): void {
    const condition = this.#open.pop();
    if (condition === undefined) {
      this.#report.add("E108", "this #!endif belongs to no condition", span);
    } else if (!condition.holds) this.#falseOnes -= 1;
  }

  /** Names every condition that is still open at the end of the whole text. */
  finish(): void {
    for (const condition of this.#open) {
      this.#report.add("E107", "this condition is never closed with #!endif", condition.span);
    }
  }
}
