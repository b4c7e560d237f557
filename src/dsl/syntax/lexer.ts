/** Turns a stretch of text without directives into tokens. */
import { type ILexingError, type IToken, Lexer, type TokenType } from "./chevrotain.ts";
import type { Source } from "../source.ts";
import type { Define } from "../preprocess/result.ts";
import { CATEGORIES } from "./tokens/categories.ts";
import { NUMBER_LITERALS, TEXT_LITERALS } from "./tokens/literals.ts";
import { BLANKS, BRACKETS, OPERATORS } from "./tokens/punctuation.ts";
import {
  CORE_WORDS,
  Identifier,
  MODULE_WORDS,
  OPERATOR_WORDS,
  ROUTE_WORDS,
  STATEMENT_WORDS,
  VALUE_WORDS,
} from "./tokens/words.ts";

/** A token that knows its source; offsets are those of the source. */
export interface ConfigToken extends IToken {
  source: Source;
  /** The definition that it stands for; its place is then where the name was used. */
  define: Define | undefined;
  /** The value of a string after `#!subst`, when that changed it. */
  value: string | undefined;
}

/** All tokens in the order in which the lexer tries them. */
export const LEXED_TOKENS: readonly TokenType[] = [
  ...BLANKS,
  ...TEXT_LITERALS,
  ...NUMBER_LITERALS,
  // `not`, `and` and their like are tried before the signs they share a token with.
  ...OPERATORS.slice(0, 3),
  ...OPERATORS.slice(3).filter((type) => type.name === "NotEqual" || type.name === "NotMatches"),
  ...OPERATOR_WORDS,
  ...STATEMENT_WORDS,
  ...ROUTE_WORDS,
  ...MODULE_WORDS,
  ...CORE_WORDS,
  ...VALUE_WORDS,
  Identifier,
  ...BRACKETS,
  ...OPERATORS.slice(3).filter((type) => type.name !== "NotEqual" && type.name !== "NotMatches"),
];

/** All tokens and groups of tokens: the vocabulary of the parser. */
export const ALL_TOKENS: TokenType[] = [...CATEGORIES, ...LEXED_TOKENS];

/** What the lexer made of a stretch. */
export interface Lexed {
  readonly tokens: ConfigToken[];
  readonly errors: readonly ILexingError[];
  readonly comments: readonly IToken[];
}

/** The lexer; building one takes some milliseconds, so a reader keeps it. */
export class ConfigLexer {
  readonly #lexer: Lexer;

  constructor(validate = false) {
    this.#lexer = new Lexer([...LEXED_TOKENS], {
      positionTracking: "onlyOffset",
      ensureOptimizations: false,
      skipValidations: !validate,
      deferDefinitionErrorsHandling: true,
    });
  }

  /** Problems of the token definitions themselves; only filled when built with `validate`. */
  get definitionErrors(): readonly string[] {
    return this.#lexer.lexerDefinitionErrors.map((error) => error.message);
  }

  /** Tokens of `source.text` from `start` to `end`. */
  lex(source: Source, start: number, end: number): Lexed {
    const whole = start === 0 && end === source.text.length;
    const text = whole ? source.text : source.text.slice(start, end);
    const result = this.#lexer.tokenize(text);
    const tokens = result.tokens as ConfigToken[];
    for (const token of tokens) {
      token.startOffset += start;
      token.endOffset = token.startOffset + token.image.length - 1;
      token.source = source;
      token.define = undefined;
      token.value = undefined;
    }
    return { tokens, errors: result.errors, comments: result.groups["comments"] ?? [] };
  }
}
