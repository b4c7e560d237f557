/** How a good configuration is spoilt: places to do so, and what comes out. */
import { preprocess } from "../../../../src/dsl/preprocess/preprocessor.ts";
import { ConfigLexer, type ConfigToken } from "../../../../src/dsl/syntax/lexer.ts";

/** A configuration with one fault. */
export interface Mutant {
  readonly text: string;
  /** Lines (from 1) on which the fault may be named. */
  readonly lines: readonly number[];
}

/** One way to spoil a configuration; gives a mutant for each place where that can be done. */
export type Mutator = (site: Site) => Iterable<Mutant>;

const lexer = new ConfigLexer();

/** A good configuration, with its tokens as far as they stand in the text itself. */
export class Site {
  readonly text: string;
  readonly tokens: readonly ConfigToken[];
  /** Partner of each bracket, by position in the list of tokens. */
  readonly partners = new Map<number, number>();
  readonly #lineStarts: number[] = [0];

  constructor(text: string, defines: readonly string[]) {
    this.text = text;
    const source = { name: "mutant.cfg", text };
    const { tokens } = preprocess(source, lexer, { defines });
    this.tokens = tokens.filter((token) => token.source === source && token.define === undefined);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      this.#lineStarts.push(at + 1);
    }
    const open: number[] = [];
    this.tokens.forEach(({ image }, index) => {
      if ("([{".includes(image)) open.push(index);
      else if (")]}".includes(image)) {
        const partner = open.pop() ?? index;
        this.partners.set(partner, index);
        this.partners.set(index, partner);
      }
    });
  }

  lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  startOfLine(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length;
  }

  /** The text with `length` characters at `offset` replaced; the fault counts for that line and `others`. */
  edit(offset: number, length: number, put: string, others: readonly number[] = []): Mutant {
    const text = this.text.slice(0, offset) + put + this.text.slice(offset + length);
    return { text, lines: [this.lineAt(offset), ...others] };
  }

  /** Replaces a token. */
  replace(token: ConfigToken, put: string, others: readonly number[] = []): Mutant {
    return this.edit(token.startOffset, token.image.length, put, others);
  }
}

/** Behind the last character of a token. */
export function endOf(token: ConfigToken): number {
  return token.startOffset + token.image.length;
}

/** Numbers from 0 to 1 in a fixed sequence. */
export function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** At most `count` entries, chosen by a fixed sequence, in their order. */
export function sample<T>(list: readonly T[], count: number, seed: number): T[] {
  if (list.length <= count) return [...list];
  const next = sequence(seed);
  const keyed = list.map((entry, index) => ({ entry, index, key: next() }));
  return keyed
    .toSorted((a, b) => a.key - b.key)
    .slice(0, count)
    .toSorted((a, b) => a.index - b.index)
    .map(({ entry }) => entry);
}
