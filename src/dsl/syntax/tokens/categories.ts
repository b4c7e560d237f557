/** Kinds of tokens that the grammar asks for as a group. */
import { createToken, Lexer } from "../chevrotain.ts";

/** A name wherever a plain identifier may stand, including words that mean something only in places. */
export const Word = createToken({ name: "Word", pattern: Lexer.NA, label: "a name" });

/** A number in any notation, and the words that stand for 1 and 0. */
export const AnyNumber = createToken({ name: "AnyNumber", pattern: Lexer.NA, label: "a number" });

/** An operator between two operands. */
export const BinaryOperator = createToken({
  name: "BinaryOperator",
  pattern: Lexer.NA,
  label: "an operator",
});

/** An operator that assigns. */
export const AssignOperator = createToken({
  name: "AssignOperator",
  pattern: Lexer.NA,
  label: "'='",
});

/** A word for a part of the message that can only be compared: `uri`, `method`, `src_ip`. */
export const CoreWord = createToken({ name: "CoreWord", pattern: Lexer.NA });

/** `udp`, `TCP` and their like. */
export const Protocol = createToken({ name: "Protocol", pattern: Lexer.NA, label: "a protocol" });

/** A keyword that begins a block of statements at the top level. */
export const RouteKeyword = createToken({ name: "RouteKeyword", pattern: Lexer.NA });

/** Words only for recognising a group; none is ever in a text itself. */
export const CATEGORIES = [
  Word,
  AnyNumber,
  BinaryOperator,
  AssignOperator,
  CoreWord,
  Protocol,
  RouteKeyword,
];
