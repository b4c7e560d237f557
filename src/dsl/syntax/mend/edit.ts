/** A change to a stream of tokens that may cure a fault, with what is to be said about it. */
import type { SyntaxCode } from "../../diagnostics/codes.ts";
import type { ReportExtras } from "../../diagnostics/report.ts";
import type { Span } from "../../source.ts";
import type { TokenType } from "../chevrotain.ts";
import type { ConfigToken } from "../lexer.ts";
import { spanOf } from "../string-literal.ts";

/** What is said when the change cures the fault. */
export interface Finding {
  readonly code: SyntaxCode;
  readonly message: string;
  readonly span: Span;
  readonly extras?: ReportExtras;
}

/** `remove` tokens at `at` give way to those in `insert`. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly ConfigToken[];
  /** Nothing when the fault is best told as the grammar tells it, and only what follows from it is to be left out. */
  readonly finding?: Finding;
}

/** The tokens with a change. */
export function applyEdit(tokens: readonly ConfigToken[], edit: Edit): ConfigToken[] {
  const after = tokens.slice(edit.at + edit.remove);
  return [...tokens.slice(0, edit.at), ...edit.insert, ...after];
}

/** A token that is not in the text; it stands, without length, behind or before one that is. */
export function made(
  type: TokenType,
  image: string,
  near: ConfigToken,
  before = false,
): ConfigToken {
  const end = (near.endOffset ?? near.startOffset) + 1;
  const offset = before ? near.startOffset : end;
  return {
    image,
    startOffset: offset,
    endOffset: offset - 1,
    tokenType: type,
    tokenTypeIdx: type.tokenTypeIdx ?? 0,
    source: near.source,
    define: undefined,
    value: undefined,
  };
}

/** The point behind a token. */
export function behind(token: ConfigToken): Span {
  const { source, end } = spanOf(token);
  return { source, start: end, end };
}
