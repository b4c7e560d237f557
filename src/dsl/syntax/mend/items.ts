/** Finds module statements and routes that stand inside a route. */
import type { ConfigToken } from "../lexer.ts";
import { spanOf } from "../string-literal.ts";
import { DoubleQuoted, SingleQuoted } from "../tokens/literals.ts";
import { LBracket, LCurly, LParen, RCurly, RParen } from "../tokens/punctuation.ts";
import { LoadModule, ModParam } from "../tokens/words.ts";
import { isRouteKeyword } from "./braces.ts";
import type { Edit } from "./edit.ts";

const MAX_EDITS = 3;
/** A `modparam` has at most so many tokens. */
const MAX_LENGTH = 12;

/** Guesses that a `modparam`, a `loadmodule` or a whole route inside of braces is the fault. */
export function itemEdits(tokens: readonly ConfigToken[]): Edit[] {
  const edits: Edit[] = [];
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    const { tokenType } = token;
    if (tokenType === LCurly) depth += 1;
    else if (tokenType === RCurly) depth = Math.max(0, depth - 1);
    else if (depth > 0 && isItem(tokens, at)) {
      const isRoute = tokenType !== ModParam && tokenType !== LoadModule;
      const remove = isRoute ? lengthOfRoute(tokens, at) : lengthOf(tokens, at);
      const message = isRoute
        ? "a route cannot stand inside another one"
        : `'${token.image}' can only stand outside of routes`;
      const finding = { code: "E201", message, span: spanOf(token) } as const;
      edits.push({ at, remove, insert: [], finding });
      if (edits.length === MAX_EDITS) break;
    }
  }
  return edits;
}

function isItem(tokens: readonly ConfigToken[], at: number): boolean {
  const { tokenType: type } = tokens[at] as ConfigToken;
  if (type === ModParam || type === LoadModule) return true;
  const next = tokens[at + 1]?.tokenType;
  return isRouteKeyword(type) && (next === LBracket || next === LCurly);
}

/** Up to the brace that closes the route. */
function lengthOfRoute(tokens: readonly ConfigToken[], at: number): number {
  let depth = 0;
  for (let end = at + 1; end < tokens.length; end++) {
    const type = tokens[end]?.tokenType;
    if (type === LCurly) depth += 1;
    else if (type === RCurly) {
      depth -= 1;
      if (depth <= 0) return end + 1 - at;
    }
  }
  return 1;
}

function lengthOf(tokens: readonly ConfigToken[], at: number): number {
  const next = tokens[at + 1]?.tokenType;
  if (next === DoubleQuoted || next === SingleQuoted) return 2;
  if (next !== LParen) return 1;
  const close = tokens
    .slice(at, at + MAX_LENGTH)
    .findIndex(({ tokenType }) => tokenType === RParen);
  return close < 0 ? 1 : close + 1;
}
