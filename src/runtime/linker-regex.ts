/** Translated patterns that become known only while messages are handled. */
import { translateRegex, type RegexOptions, type Translation } from "../dsl/regex/translate.ts";

/** Translates patterns and remembers the last ones used. */
export class RegexCache {
  /** A Map keeps the order of insertion: the first entry is the one unused for longest. */
  readonly #entries = new Map<string, Translation>();
  readonly #limit: number;
  readonly #options: RegexOptions;

  constructor(options: RegexOptions, limit = 500) {
    this.#options = options;
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(pattern: string): Translation {
    const known = this.#entries.get(pattern);
    if (known !== undefined) {
      this.#entries.delete(pattern);
      this.#entries.set(pattern, known);
      return known;
    }
    const made = translateRegex(pattern, this.#options);
    this.#entries.set(pattern, made);
    if (this.#entries.size > this.#limit) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    return made;
  }
}
