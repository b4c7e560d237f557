/** Finds keywords that are misspelt near a fault. */
import { didYouMean } from "../../diagnostics/did-you-mean.ts";
import type { TokenType } from "../chevrotain.ts";
import type { ConfigToken } from "../lexer.ts";
import { spanOf } from "../string-literal.ts";
import * as words from "../tokens/words.ts";
import type { Edit } from "./edit.ts";
import { placeOf } from "./layout.ts";

/** How many tokens before the place where the grammar stumbles a misspelt word is looked for. */
const BEFORE = 6;
const MAX_EDITS = 10;
/** The same for a word at the beginning of a line. */
const FAR_BEFORE = 80;

function keywordTable(): ReadonlyMap<string, TokenType> {
  const types = [
    ...words.STATEMENT_WORDS,
    ...words.ROUTE_WORDS,
    words.LoadModule,
    words.ModParam,
    words.LoadPath,
    words.Flags,
  ];
  return new Map(types.map((type) => [keywordOf(type), type]));
}

function keywordOf(type: TokenType): string {
  return type.LABEL === undefined ? type.name.toLowerCase() : type.LABEL.replaceAll("'", "");
}

/** Words too short to be compared. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ["fi", "if"],
  ["iff", "if"],
]);

/** Guesses at which words near the token at `index` should be keywords. */
export function keywordEdits(tokens: readonly ConfigToken[], index: number): Edit[] {
  const table = keywordTable();
  const edits: Edit[] = [];
  for (let at = index + 1; at >= Math.max(0, index - FAR_BEFORE); at--) {
    const token = tokens[at];
    if (token?.tokenType !== words.Identifier || token.define !== undefined) continue;
    if (at < index - BEFORE && !placeOf(token).isFirst) continue;
    const meant = SHORT.get(token.image.toLowerCase()) ?? didYouMean(token.image, table.keys());
    const type = meant === undefined ? undefined : table.get(meant);
    if (meant === undefined || type === undefined) continue;
    edits.push({
      at,
      remove: 1,
      insert: [{ ...token, image: meant, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 }],
      finding: {
        code: "E224",
        message: `'${token.image}' is no word of this language`,
        span: spanOf(token),
        extras: { help: `did you mean '${meant}'?` },
      },
    });
  }
  return edits.slice(0, MAX_EDITS);
}
