/** What the preprocessor needs from outside and what it hands on besides the tokens. */
import type { Source, Span } from "../source.ts";

/** Access to files; the language itself touches none. Paths given to `read` come from `resolve` or `glob`. */
export interface FileReader {
  /** The text of a file (decoded as UTF-8), or nothing when it cannot be read. */
  read(path: string): string | undefined;
  /** Paths to try, in this order, for a file named `relative` in the file `from`. */
  resolve(from: string, relative: string): readonly string[];
  /** Files that match a pattern named in the file `from`, sorted; for `import_files`. */
  glob(from: string, pattern: string): readonly string[];
}

/** How a name came to be defined. */
export type DefineOrigin = "predefined" | "command-line" | "environment" | "text" | "module";

/** A name set by `#!define` and its like, from the command line or in advance. */
export interface Define {
  readonly name: string;
  /** The replacement text; nothing for a plain flag. */
  readonly value: string | undefined;
  readonly origin: DefineOrigin;
  /** Where it is defined, if in a file. */
  readonly span?: Span;
  /** The value was written without one of its quotes. */
  readonly lacksQuote?: boolean;
}

/** A question asked with `#!ifdef`, `#!ifndef` or in `#!ifexp`. */
export interface TestedName {
  readonly name: string;
  readonly span: Span;
  /** Whether it was defined when it was asked for. */
  readonly defined: boolean;
}

/** `#!subst`, `#!substdef` or `#!substdefs`. */
export interface Substitution {
  readonly pattern: RegExp;
  readonly replacement: string;
  readonly span: Span | undefined;
  /** How many strings or names it has changed. */
  uses: number;
}

/** What became known while the text was put together. */
export interface PreprocessResult {
  /** All texts that were read, the main one first. */
  readonly sources: readonly Source[];
  /** Every name that was ever defined, in its last state (also those undefined again). */
  readonly defines: ReadonlyMap<string, Define>;
  /** Names asked for in conditions, in the order of the text. */
  readonly tested: readonly TestedName[];
  /** Names that were replaced by their value at least once or asked for. */
  readonly used: ReadonlySet<string>;
  readonly substitutions: readonly Substitution[];
  /** Stretches left out by conditions, for editors. */
  readonly skipped: readonly Span[];
  /** Stretches that stand for a define's value: the use and what it stands for. */
  readonly expansions: readonly { readonly span: Span; readonly define: Define }[];
  /** Files that `import_file` did not find (no error). */
  readonly missingImports: readonly Span[];
}
