/** What is read otherwise than it is written, to find out where the fault lies and to read on behind it. */
import { endOfLine } from "./active-text.ts";
import { plausibleEnd } from "./broken-string.ts";
import type { Span } from "../source.ts";

/** Something that may be the fault: read differently, the rest of the text may be good. */
export interface Suspect {
  /** `string`: probably lacks its closing quote; `comment`: is never closed; `directive`: is probably misspelt. */
  readonly kind: "string" | "comment" | "directive";
  readonly span: Span;
  /** Whether little else can be the case, so that a reading with the remedy need only be as good as one without. */
  readonly isStrong: boolean;
  /** Whether the text is broken anyhow: a string that goes on to the end of the file. */
  readonly isCertain: boolean;
}

type Ends = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** A set of remedies; never changed, only extended by making another one. */
export class Remedies {
  static readonly none = new Remedies(new Map(), false);
  /** Where strings and comments end that are not closed: offset of the end by offset of the beginning, by source. */
  readonly #ends: Ends;
  /** Whether misspelt directives count as what was probably meant. */
  readonly directives: boolean;

  private constructor(ends: Ends, directives: boolean) {
    this.#ends = ends;
    this.directives = directives;
  }

  endsIn(source: string): ReadonlyMap<number, number> | undefined {
    return this.#ends.get(source);
  }

  /** Whether the suspect is cured already. */
  covers({ kind, span }: Suspect): boolean {
    if (kind === "directive") return this.directives;
    return this.#ends.get(span.source.name)?.has(span.start) === true;
  }

  /** These remedies and one for the suspect. */
  and({ kind, span }: Suspect): Remedies {
    if (kind === "directive") return new Remedies(this.#ends, true);
    const { source, start } = span;
    const end =
      kind === "string" ? plausibleEnd(source.text, start) : endOfLine(source.text, start);
    const here = new Map(this.#ends.get(source.name)).set(start, end);
    return new Remedies(new Map(this.#ends).set(source.name, here), this.directives);
  }
}
