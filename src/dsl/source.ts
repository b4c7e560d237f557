/** A text that is being compiled, and positions in it. */

/** One file (or the command line, or a string given by a library user) with its text. */
export interface Source {
  /** Path as the author wrote it, or a name in angle brackets such as `<command line>`. */
  readonly name: string;
  /** The text, decoded as UTF-8 (invalid bytes become U+FFFD), without a byte order mark. */
  readonly text: string;
}

/** A stretch of a source: `start` inclusive, `end` exclusive, in UTF-16 units. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A place as people count it: line and column from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}
