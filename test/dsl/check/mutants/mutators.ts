/** The ways in which configurations are spoilt, by the kind of slip. */
import type { ConfigToken } from "../../../../src/dsl/syntax/lexer.ts";
import {
  chosen,
  edits,
  type Choose,
  inDirectives,
  inRoute,
  isDoubleLine,
  isSingle,
} from "./choose.ts";
import { operators, others, variables, words } from "./words.ts";
import { endOf, type Mutator, type Site } from "./mutant.ts";

const quotes: Record<string, Mutator> = {
  "opening quote lost": edits(isDoubleLine, (site, token) => site.edit(token.startOffset, 1, "")),
  "closing quote lost": edits(isDoubleLine, (site, token) => site.edit(endOf(token) - 1, 1, "")),
  "quote too much before": edits(isDoubleLine, (site, token) =>
    site.edit(token.startOffset, 0, '"'),
  ),
  "quote too much behind": edits(isDoubleLine, (site, token) => site.edit(endOf(token), 0, '"')),
  "quote too much inside": edits(
    (token) => isDoubleLine(token, 0, []) && token.image.length > 3,
    (site, token) => site.edit(token.startOffset + (token.image.length >> 1), 0, '"'),
  ),
  "single quote for a double one": edits(isDoubleLine, (site, token) =>
    site.edit(endOf(token) - 1, 1, "'"),
  ),
  "opening single quote lost": edits(isSingle, (site, token) =>
    site.edit(token.startOffset, 1, ""),
  ),
  "closing single quote lost": edits(isSingle, (site, token) => site.edit(endOf(token) - 1, 1, "")),
  "quote of another alphabet": edits(isDoubleLine, (site, token) =>
    site.replace(token, `\u201c${token.image.slice(1, -1)}\u201d`),
  ),
  *"quote lost in a define"(site) {
    for (const { offset, text } of inDirectives(site, /^#!define\s+\w+\s+"[^"\n]*"/gm)) {
      yield site.edit(offset + text.length - 1, 1, "");
      yield site.edit(offset + text.indexOf('"'), 1, "");
    }
  },
  *"quote lost in a substitution"(site) {
    for (const { offset, text } of inDirectives(site, /^#!substdefs?\s+"[^"\n]*"/gm)) {
      yield site.edit(offset + text.length - 1, 1, "");
      yield site.edit(offset + text.indexOf('"'), 1, "");
    }
  },
};

/** The line of the partner of a bracket. */
function partnerLine(site: Site, index: number): number {
  const partner = site.tokens[site.partners.get(index) ?? index];
  return site.lineAt(partner?.startOffset ?? 0);
}

/** The line of the `if` or the route before a brace. */
function headLine(site: Site, index: number): number {
  for (let at = index - 1; at >= 0; at--) {
    const { image, startOffset } = site.tokens[at] as ConfigToken;
    if (/^(if|else|while|switch|\w*route)$/.test(image)) return site.lineAt(startOffset);
    if (";{}".includes(image)) break;
  }
  return site.lineAt(site.tokens[index]?.startOffset ?? 0);
}

const braces: Record<string, Mutator> = {
  *"opening brace lost"(site) {
    for (const [token, index] of chosen(site, ({ image }) => image === "{")) {
      yield site.replace(token, "", [headLine(site, index)]);
    }
  },
  *"closing brace lost"(site) {
    for (const [token, index] of chosen(site, ({ image }) => image === "}")) {
      const open = site.partners.get(index) ?? index;
      yield site.replace(token, "", [partnerLine(site, index), headLine(site, open)]);
    }
  },
  "opening brace twice": edits(
    ({ image }) => image === "{",
    (site, token) => site.replace(token, "{ {"),
  ),
  "opening brace behind a statement": edits(
    ({ image }) => image === ";",
    (site, token) => site.replace(token, "; {"),
  ),
  "closing brace twice": edits(
    ({ image }) => image === "}",
    (site, token) => site.replace(token, "} }"),
  ),
  *"closing brace twice on lines of their own"(site) {
    for (const [token] of chosen(site, ({ image }) => image === "}")) {
      const line = site.lineAt(token.startOffset);
      const start = site.startOfLine(line);
      const indent = site.text.slice(start, token.startOffset);
      if (indent.trim() === "") yield site.replace(token, `}\n${indent}}`, [line + 1]);
    }
  },
  *"closing brace behind a statement"(site) {
    for (const [token] of chosen(site, ({ image }) => image === ";")) {
      const line = site.lineAt(token.startOffset);
      const isOneLine = site.text.slice(site.startOfLine(line), token.startOffset).includes("{");
      if (!isOneLine) yield site.replace(token, "; }");
    }
  },
  *"empty block"(site) {
    for (const [token, index] of chosen(site, ({ image }) => image === "{")) {
      const close = site.tokens[site.partners.get(index) ?? index];
      if (close === undefined || close.startOffset - token.startOffset > 60) continue;
      const inner = site.text.slice(token.startOffset, close.startOffset);
      if (inner.includes("{", 1) || inner.includes("#")) continue;
      const lines = inner.split("\n").length - 1;
      const put = `{${"\n".repeat(lines)}}`;
      yield site.edit(token.startOffset, close.startOffset + 1 - token.startOffset, put);
    }
  },
};

/** The lines from the beginning of the statement that a token is in. */
function statementLines(site: Site, index: number): number[] {
  let first = index;
  while (first > 0 && !isStart(site.tokens, first)) first -= 1;
  const from = site.lineAt(site.tokens[first]?.startOffset ?? 0);
  const to = site.lineAt(site.tokens[index]?.startOffset ?? 0);
  return Array.from({ length: to - from + 1 }, (_, line) => from + line);
}

function isStart(tokens: readonly ConfigToken[], index: number): boolean {
  if (/^(modparam|loadmodule)$/.test(tokens[index]?.image ?? "")) return true;
  return ";{}".includes(tokens[index - 1]?.image ?? ";");
}

const brackets: Record<string, Mutator> = {
  *"opening parenthesis lost"(site) {
    for (const [token, index] of chosen(site, ({ image }) => image === "(")) {
      yield site.replace(token, "", [partnerLine(site, index)]);
    }
  },
  *"closing parenthesis lost"(site) {
    for (const [token, index] of chosen(site, ({ image }) => image === ")")) {
      yield site.replace(token, "", statementLines(site, index));
    }
  },
  *"opening parenthesis twice"(site) {
    for (const [token, index] of chosen(site, ({ image }) => image === "(")) {
      yield site.replace(token, "((", [partnerLine(site, index)]);
    }
  },
  *"closing parenthesis twice"(site) {
    for (const [token, index] of chosen(site, ({ image }) => image === ")")) {
      yield site.replace(token, "))", statementLines(site, index));
    }
  },
  "bracket lost behind a name": edits(
    ({ image }) => image === "]",
    (site, token) => site.replace(token, ""),
  ),
  "bracket lost before a name": edits(
    ({ image }) => image === "[",
    (site, token) => site.replace(token, " "),
  ),
};

const isLast: Choose = (token) => token.image === ";";

const signs: Record<string, Mutator> = {
  "semicolon lost": edits(isLast, (site, token) => site.replace(token, "")),
  "semicolon behind a condition": edits(
    ({ image }, index, tokens) => image === "{" && tokens[index - 1]?.image === ")",
    (site, token) => site.replace(token, "; {"),
  ),
  "comma lost": edits(
    ({ image }) => image === ",",
    (site, token) => site.replace(token, ""),
  ),
  "comma twice": edits(
    ({ image }) => image === ",",
    (site, token) => site.replace(token, ",,"),
  ),
  "semicolon for comma": edits(
    ({ image }) => image === ",",
    (site, token) => site.replace(token, ";"),
  ),
  "comma for semicolon": edits(isLast, (site, token) => site.replace(token, ",")),
  "colon for semicolon": edits(isLast, (site, token) => site.replace(token, ":")),
  "colon lost": edits(
    ({ image }, index, tokens) =>
      image === ":" &&
      /^(case|default)$/.test(tokens[index - 2]?.image ?? tokens[index - 1]?.image ?? ""),
    (site, token) => site.replace(token, ""),
  ),
  "stray character": edits(
    ({ image }, index, tokens) =>
      image === ";" && inRoute(tokens[index] as ConfigToken, index, tokens),
    (site, token) => site.replace(token, " \u00a7;"),
  ),
  "stray letter": edits(isLast, (site, token) => site.replace(token, "; x")),
  "stray sign": edits(isLast, (site, token) => site.replace(token, " ?;")),
  "value of a modparam lost": edits(
    ({ image }, index, tokens) => image === "modparam" && tokens[index + 7]?.image === ")",
    (site, token) => {
      const at = site.tokens.indexOf(token);
      const comma = site.tokens[at + 5] as ConfigToken;
      const close = site.tokens[at + 7] as ConfigToken;
      return site.edit(comma.startOffset, close.startOffset - comma.startOffset, "");
    },
  ),
};

/** All mutators in groups. */
export const MUTATORS: Readonly<Record<string, Readonly<Record<string, Mutator>>>> = {
  quotes,
  braces,
  brackets,
  signs,
  operators,
  words,
  variables,
  others,
};
