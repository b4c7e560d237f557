/** Operators, brackets, white space and comments. */
import {
  type CustomPatternMatcherReturn,
  createToken,
  Lexer,
  type TokenType,
} from "../chevrotain.ts";
import { AssignOperator, BinaryOperator } from "./categories.ts";
import { endOfBlockComment } from "../scan.ts";

function sign(name: string, pattern: string, categories: TokenType[] = []): TokenType {
  return createToken({ name, pattern, categories, label: `'${pattern}'` });
}

export const LCurly = sign("LCurly", "{");
export const RCurly = sign("RCurly", "}");
export const LParen = sign("LParen", "(");
export const RParen = sign("RParen", ")");
export const LBracket = sign("LBracket", "[");
export const RBracket = sign("RBracket", "]");
export const Semicolon = sign("Semicolon", ";");
export const Comma = sign("Comma", ",");
export const Colon = sign("Colon", ":");
export const Dot = sign("Dot", ".");
export const BRACKETS = [
  LCurly,
  RCurly,
  LParen,
  RParen,
  LBracket,
  RBracket,
  Semicolon,
  Comma,
  Colon,
  Dot,
];

/** `(int)` and `(str)` are casts only when nothing else stands between the brackets. */
export const CastInt = sign("CastInt", "(int)");
export const CastStr = sign("CastStr", "(str)");

export const Increment = createToken({ name: "Increment", pattern: /(?:\+\+|--)(?=\s*;)/ });
export const CompoundAssign = createToken({
  name: "CompoundAssign",
  pattern: /[+\-*/:]=/,
  categories: [AssignOperator],
});
export const EqualTo = sign("EqualTo", "==", [BinaryOperator]);
export const NotEqual = sign("NotEqual", "!=", [BinaryOperator]);
export const Matches = sign("Matches", "=~", [BinaryOperator]);
export const NotMatches = sign("NotMatches", "!~", [BinaryOperator]);
export const LessEqual = sign("LessEqual", "<=", [BinaryOperator]);
export const GreaterEqual = sign("GreaterEqual", ">=", [BinaryOperator]);
export const ShiftLeft = sign("ShiftLeft", "<<", [BinaryOperator]);
export const ShiftRight = sign("ShiftRight", ">>", [BinaryOperator]);
export const Less = sign("Less", "<", [BinaryOperator]);
export const Greater = sign("Greater", ">", [BinaryOperator]);
export const Equal = sign("Equal", "=", [AssignOperator]);
export const Plus = sign("Plus", "+", [BinaryOperator]);
export const Minus = sign("Minus", "-", [BinaryOperator]);
export const Star = sign("Star", "*", [BinaryOperator]);
export const Slash = sign("Slash", "/", [BinaryOperator]);
export const Ampersand = sign("Ampersand", "&", [BinaryOperator]);
export const Bar = sign("Bar", "|", [BinaryOperator]);
export const Caret = sign("Caret", "^", [BinaryOperator]);
export const Tilde = sign("Tilde", "~");
/** Of no meaning to Kamailio as an operator; read, so that the error can name the right word. */
export const Percent = sign("Percent", "%");

/** Two characters before one. */
export const OPERATORS = [
  CastInt,
  CastStr,
  Increment,
  EqualTo,
  NotEqual,
  Matches,
  NotMatches,
  LessEqual,
  GreaterEqual,
  ShiftLeft,
  ShiftRight,
  CompoundAssign,
  Less,
  Greater,
  Equal,
  Plus,
  Minus,
  Star,
  Slash,
  Ampersand,
  Bar,
  Caret,
  Tilde,
  Percent,
];

function matchBlockComment(text: string, offset: number): CustomPatternMatcherReturn | null {
  if (text.charCodeAt(offset) !== 47 || text.charCodeAt(offset + 1) !== 42) return null;
  const end = endOfBlockComment(text, offset);
  return [text.slice(offset, end < 0 ? text.length : end)];
}

export const WhiteSpace = createToken({
  name: "WhiteSpace",
  pattern: /(?:[ \t\b\r\n\f\v]|\\\r?\n)+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
export const LineComment = createToken({
  name: "LineComment",
  pattern: /(?:#|\/\/)[^\n]*/,
  group: "comments",
});
export const BlockComment = createToken({
  name: "BlockComment",
  pattern: { exec: matchBlockComment },
  start_chars_hint: ["/"],
  group: Lexer.SKIPPED,
  line_breaks: true,
});
export const BLANKS = [WhiteSpace, LineComment, BlockComment];
