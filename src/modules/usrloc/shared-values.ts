/** Values that many contacts share, known by small numbers as long as contacts have them. */
import { NONE } from "./contact-records.ts";

/** Counts how many have each value. */
export class SharedValues<T> {
  readonly #numbers = new Map<T, number>();
  readonly #values: (T | undefined)[] = [];
  readonly #counts: number[] = [];
  readonly #free: number[] = [];
  readonly #limit: number;
  readonly #copy: (value: T) => T;

  /** At most so many values; `copy` makes of a value the one that is kept. */
  constructor(limit = Number.POSITIVE_INFINITY, copy: (value: T) => T = (value) => value) {
    this.#limit = limit;
    this.#copy = copy;
  }

  /** Values that are in use. */
  get size(): number {
    return this.#numbers.size;
  }

  get(number: number): T {
    return this.#values[number] as T;
  }

  /** One more has this value; its number, or NONE when there are too many values. */
  take(value: T): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) {
      this.#counts[known] = (this.#counts[known] as number) + 1;
      return known;
    }
    if (this.#numbers.size >= this.#limit) return NONE;
    const number = this.#free.pop() ?? this.#values.length;
    const kept = this.#copy(value);
    this.#numbers.set(kept, number);
    this.#values[number] = kept;
    this.#counts[number] = 1;
    return number;
  }

  /** One less has the value of this number. NONE is no value. */
  drop(number: number): void {
    if (number === NONE) return;
    const count = (this.#counts[number] as number) - 1;
    this.#counts[number] = count;
    if (count > 0) return;
    this.#numbers.delete(this.#values[number] as T);
    this.#values[number] = undefined;
    this.#free.push(number);
  }
}
