/** Offsets to lines and columns. */
import type { Position, Source } from "../source.ts";

/** Knows the line starts of the sources it was asked about. */
export class Positions {
  readonly #tables = new WeakMap<Source, readonly number[]>();

  /** Line and column (both from 1) of an offset; offsets beyond the text count as its end. */
  at(source: Source, offset: number): Position {
    const starts = this.#lineStarts(source);
    const place = Math.min(Math.max(offset, 0), source.text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: place - (starts[low] ?? 0) + 1 };
  }

  /** The text of a line (from 1), without its line end. */
  line(source: Source, line: number): string {
    const starts = this.#lineStarts(source);
    const start = starts[line - 1];
    if (start === undefined) return "";
    const next = starts[line];
    const text = source.text.slice(start, next === undefined ? undefined : next - 1);
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }

  #lineStarts(source: Source): readonly number[] {
    const known = this.#tables.get(source);
    if (known !== undefined) return known;
    const starts = [0];
    const { text } = source;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      starts.push(at + 1);
    }
    this.#tables.set(source, starts);
    return starts;
  }
}
