/** Finds the one change to the tokens that explains what the grammar complains of, so that each fault is told once. */
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../source.ts";
import type { Config } from "../ast.ts";
import type { ConfigToken } from "../lexer.ts";
import { braceEdits } from "./braces.ts";
import { applyEdit, type Edit } from "./edit.ts";
import { itemEdits } from "./items.ts";
import { keywordEdits } from "./keywords.ts";
import { localEdits } from "./local.ts";

/** How many faults are explained one after the other. */
const MAX_ROUNDS = 12;
/** All readings together see no more tokens than these. */
const MAX_TOKENS = 600_000;
/** With more errors than these it is not one slip near the first of them. */
const MAX_ERRORS = 30;

/** What the grammar made of tokens. */
export interface Parsed {
  readonly config: Config;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses tokens; only findings that count are handed back. */
type Parse = (tokens: ConfigToken[]) => Parsed;

interface State extends Parsed {
  readonly tokens: ConfigToken[];
  /** What was found out so far. */
  readonly told: readonly Diagnostic[];
}

/** After faults in `parsed`, looks for changes to the tokens that make sense of them. */
export function mend(tokens: ConfigToken[], parsed: Parsed, parse: Parse): Parsed {
  return new Mender(parse).run(tokens, parsed);
}

class Mender {
  readonly #parse: Parse;
  #seen = 0;

  constructor(parse: Parse) {
    this.#parse = parse;
  }

  run(tokens: ConfigToken[], parsed: Parsed): Parsed {
    let state: State = { ...parsed, tokens, told: [] };
    for (let round = 0; round < MAX_ROUNDS && errorsOf(state) > 0; round++) {
      const better = this.#improve(state);
      if (better === undefined) break;
      state = better;
    }
    const { config, diagnostics, told } = state;
    return { config, diagnostics: told.length === 0 ? diagnostics : [...told, ...diagnostics] };
  }

  #read(tokens: ConfigToken[]): Parsed {
    this.#seen += tokens.length;
    return this.#parse(tokens);
  }

  #improve(state: State): State | undefined {
    const { tokens } = state;
    const first = firstError(state);
    if (first === undefined) return undefined;
    const index = indexAt(tokens, first.span);
    const known = this.#best(state, [...itemEdits(tokens), ...braceEdits(tokens)]);
    if (known !== undefined) return known;
    if (errorsOf(state) > MAX_ERRORS) return undefined;
    const keywords = this.#best(state, keywordEdits(tokens, index));
    if (keywords !== undefined) return keywords;
    if (errorsOf(state) < 2) return undefined;
    const local = this.#best(state, localEdits(tokens, index), first);
    // By chance, something may be better after any change: only a full explanation counts.
    return local !== undefined && errorsOf(local) === 0 ? local : undefined;
  }

  /** The change with which the fewest faults remain, if it explains more than it adds. */
  #best(state: State, edits: readonly Edit[], told?: Diagnostic): State | undefined {
    const before = errorsOf(state);
    let best: State | undefined;
    let least = before;
    for (const edit of edits) {
      if (this.#seen + state.tokens.length > MAX_TOKENS) break;
      const tokens = applyEdit(state.tokens, edit);
      const parsed = this.#read(tokens);
      const remaining = errorsOf(parsed);
      // What is told about the change counts as one more.
      if (remaining >= least || (remaining > 0 && remaining + 1 >= before)) continue;
      least = remaining;
      const finding = told ?? findingOf(edit);
      best = { ...parsed, tokens, told: finding ? [...state.told, finding] : state.told };
      if (remaining === 0) break;
    }
    return best;
  }
}

function errorsOf({ diagnostics }: Parsed): number {
  return diagnostics.filter(({ severity }) => severity === "error").length;
}

/** The error that stands first in the text (of the first file). */
function firstError({ diagnostics }: Parsed): Diagnostic | undefined {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const source = errors[0]?.span.source;
  return errors
    .filter(({ span }) => span.source === source)
    .toSorted((a, b) => a.span.start - b.span.start)[0];
}

function findingOf({ finding }: Edit): Diagnostic | undefined {
  if (finding === undefined) return undefined;
  const { code, message, span, extras = {} } = finding;
  const { related, help } = extras;
  return {
    code,
    severity: "error",
    message,
    span,
    ...(related === undefined ? {} : { related }),
    ...(help === undefined ? {} : { help }),
  };
}

/** The first token at or behind a place. */
function indexAt(tokens: readonly ConfigToken[], { source, start }: Span): number {
  const index = tokens.findIndex((token) => token.source === source && token.startOffset >= start);
  return index < 0 ? tokens.length : index;
}
