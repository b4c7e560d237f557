/** Small changes right where the grammar stumbles, to see whether the rest is good. */
import type { TokenType } from "../chevrotain.ts";
import type { ConfigToken } from "../lexer.ts";
import * as signs from "../tokens/punctuation.ts";
import * as words from "../tokens/words.ts";
import { type Edit, made } from "./edit.ts";

const SIGNS: readonly (readonly [TokenType, string])[] = [
  [signs.Semicolon, ";"],
  [signs.RParen, ")"],
  [signs.LParen, "("],
  [signs.LCurly, "{"],
  [signs.RCurly, "}"],
  [signs.Comma, ","],
  [signs.Colon, ":"],
  [signs.RBracket, "]"],
  [words.And, "&&"],
];

/** One token less or one sign more, at the token at `index` and right before it. */
export function localEdits(tokens: readonly ConfigToken[], index: number): Edit[] {
  const edits: Edit[] = [];
  for (const at of [index, index - 1, index + 1]) {
    if (at < 0 || at >= tokens.length) continue;
    edits.push({ at, remove: 1, insert: [] });
  }
  for (const at of [index, index - 1, index + 1]) {
    const near = tokens[at - 1] ?? tokens[0];
    if (at < 0 || at > tokens.length || near === undefined) continue;
    for (const [type, image] of SIGNS) {
      edits.push({ at, remove: 0, insert: [made(type, image, near)] });
      if (at < tokens.length) edits.push({ at, remove: 1, insert: [made(type, image, near)] });
    }
  }
  return edits;
}
