/** Slips in operators, words, variables, comments and directives. */
import type { ConfigToken } from "../../../../src/dsl/syntax/lexer.ts";
import { chosen, edits, type Choose, inDirectives, inRoute } from "./choose.ts";
import { endOf, type Mutator } from "./mutant.ts";

function swapped(from: string, put: string): Mutator {
  return edits(
    (token, index, tokens) => token.image === from && inRoute(token, index, tokens),
    (site, token) => site.replace(token, put),
  );
}

const isComparison: Choose = (token, index, tokens) =>
  token.image === "==" && inRoute(token, index, tokens);

export const operators: Record<string, Mutator> = {
  "= for ==": edits(isComparison, (site, token) => site.replace(token, "=")),
  "===": edits(isComparison, (site, token) => site.replace(token, "===")),
  "= =": edits(isComparison, (site, token) => site.replace(token, "= =")),
  "!== for !=": swapped("!=", "!=="),
  "<> for !=": swapped("!=", "<>"),
  "=< for <=": swapped("<=", "=<"),
  "=> for >=": swapped(">=", "=>"),
  "~= for =~": swapped("=~", "~="),
  "&&&": swapped("&&", "&&&"),
  "and and": swapped("&&", "&& &&"),
  "|||": swapped("||", "|||"),
  "or or": swapped("||", "or or"),
  "operand lost": edits(
    (token, index, tokens) =>
      /^(==|!=|=~|&&|\|\|)$/.test(token.image) && inRoute(token, index, tokens),
    (site, token) => {
      const next = site.tokens[site.tokens.indexOf(token) + 1] as ConfigToken;
      return site.replace(next, "");
    },
  ),
  "operator lost": edits(
    (token, index, tokens) =>
      /^(==|!=|=~|&&|\|\||<|>)$/.test(token.image) && inRoute(token, index, tokens),
    (site, token) => site.replace(token, ""),
  ),
  "== for = in an assignment": edits(
    ({ image }, index, tokens) =>
      image === "=" && tokens[index - 1]?.image.startsWith("$") === true,
    (site, token) => site.replace(token, "=="),
  ),
  "= lost in an assignment": edits(
    ({ image }, index, tokens) =>
      image === "=" && tokens[index - 1]?.image.startsWith("$") === true,
    (site, token) => site.replace(token, ""),
  ),
  "= lost in a parameter": edits(
    ({ image }, index, tokens) =>
      image === "=" &&
      tokens[index - 1]?.image.startsWith("$") !== true &&
      !inRoute(tokens[index] as ConfigToken, index, tokens),
    (site, token) => site.replace(token, ""),
  ),
  "value of a parameter lost": edits(
    (token, index, tokens) =>
      tokens[index - 1]?.image === "=" &&
      !/\n/.test(token.source.text.slice(tokens[index - 1]?.startOffset, token.startOffset)) &&
      tokens[index - 2]?.image.startsWith("$") !== true &&
      !inRoute(token, index, tokens),
    (site, token) => site.replace(token, ""),
  ),
  *"condition lost"(site) {
    for (const [token, index] of chosen(
      site,
      ({ image }, at, tokens) => image === "(" && tokens[at - 1]?.image === "if",
    )) {
      const close = site.tokens[site.partners.get(index) ?? index];
      if (close === undefined) continue;
      const length = close.startOffset - token.startOffset;
      if (site.text.slice(token.startOffset, close.startOffset).includes("\n")) continue;
      yield site.edit(token.startOffset + 1, length - 1, "");
      yield site.edit(token.startOffset, length + 1, "");
    }
  },
  *elseif(site) {
    for (const [token, index] of chosen(site, ({ image }) => image === "else")) {
      const next = site.tokens[index + 1];
      if (next?.image !== "if") continue;
      const length = endOf(next) - token.startOffset;
      for (const word of ["elseif", "elsif", "elif"])
        yield site.edit(token.startOffset, length, word);
    }
  },
};

/** A word with two letters swapped, with one lost and with one doubled. */
function slips(word: string): string[] {
  const at = word.length >> 1;
  const swap = word.slice(0, at - 1) + word.charAt(at) + word.charAt(at - 1) + word.slice(at + 1);
  return [
    swap,
    word.slice(0, at) + word.slice(at + 1),
    word.slice(0, at) + word.charAt(at) + word.slice(at),
  ].filter((slip) => slip !== word && slip.length > 1);
}

const KEYWORDS =
  /^(request_route|route|failure_route|onreply_route|reply_route|branch_route|event_route|if|else|switch|case|default|break|return|exit|drop|while|modparam|loadmodule|listen|flags)$/;

export const words: Record<string, Mutator> = {
  *"misspelt keyword"(site) {
    for (const [token] of chosen(site, ({ image }) => KEYWORDS.test(image))) {
      for (const slip of slips(token.image)) yield site.replace(token, slip);
    }
  },
  *"keyword in capitals"(site) {
    for (const [token] of chosen(site, ({ image }) => KEYWORDS.test(image))) {
      yield site.replace(token, token.image.charAt(0).toUpperCase() + token.image.slice(1));
    }
  },
  *"misspelt directive"(site) {
    for (const { offset, text } of inDirectives(
      site,
      /^#!(?:ifdef|ifndef|endif|else|define|substdef)\b/gm,
    )) {
      const others = text.startsWith("#!if") || text === "#!endif" ? [] : [];
      for (const slip of slips(text.slice(2)))
        yield site.edit(offset, text.length, `#!${slip}`, others);
    }
  },
  *"lone else"(site) {
    for (const [token] of chosen(site, ({ image }) => image === "else")) {
      yield site.edit(token.startOffset, 0, "; ");
    }
  },
};

export const variables: Record<string, Mutator> = {
  "variable not closed": edits(
    ({ image }) => image.startsWith("$") && image.endsWith(")"),
    (site, token) => site.edit(endOf(token) - 1, 1, ""),
  ),
  "variable not opened": edits(
    ({ image }) => /^\$\w+\(/.test(image),
    (site, token) => site.edit(token.startOffset + token.image.indexOf("("), 1, ""),
  ),
  "transformation not closed": edits(
    ({ image }) => image.startsWith("$") && image.includes("}"),
    (site, token) => site.edit(token.startOffset + token.image.lastIndexOf("}"), 1, ""),
  ),
  "transformation not opened": edits(
    ({ image }) => image.startsWith("$") && image.includes("{"),
    (site, token) => site.edit(token.startOffset + token.image.lastIndexOf("{"), 1, ""),
  ),
};

/** Offsets of the beginnings of statements: behind `;`, `{` and `}` inside of routes. */
const startsStatement: Choose = (_token, index, tokens) => tokens[index]?.image === ";";

export const others: Record<string, Mutator> = {
  "comment not closed": edits(startsStatement, (site, token) =>
    site.edit(endOf(token), 0, " /* here"),
  ),
  *"comment without end"(site) {
    for (const found of site.text.matchAll(/\*\//g)) {
      const open = site.text.lastIndexOf("/*", found.index);
      if (open >= 0) yield site.edit(found.index, 2, "", [site.lineAt(open)]);
    }
  },
  "end of a comment alone": edits(startsStatement, (site, token) =>
    site.edit(endOf(token), 0, " */"),
  ),
  *"statement outside of routes"(site) {
    for (const [token] of chosen(site, ({ image }) => /^\w*route$/.test(image))) {
      if (site.startOfLine(site.lineAt(token.startOffset)) !== token.startOffset) continue;
      for (const put of [
        'xlog("L_INFO", "a\\n");',
        "exit;",
        "$var(x) = 1;",
        'if (is_method("ACK")) exit;',
        "route(X);",
      ]) {
        yield site.edit(token.startOffset, 0, `${put}\n`);
      }
    }
  },
  *"missing file"(site) {
    for (const [token] of chosen(site, ({ image }) => /^\w*route$/.test(image))) {
      if (site.startOfLine(site.lineAt(token.startOffset)) !== token.startOffset) continue;
      yield site.edit(token.startOffset, 0, 'include_file "nowhere.cfg"\n');
      yield site.edit(token.startOffset, 0, "include_file 'nowhere.cfg'\n");
      yield site.edit(token.startOffset, 0, "include_file nowhere.cfg\n");
    }
  },
  "item inside of a route": edits(startsStatement, (site, token) =>
    site.edit(endOf(token), 0, ' modparam("tm", "fr_timer", 3000)'),
  ),
  "statement of the preamble inside of a route": edits(startsStatement, (site, token) =>
    site.edit(endOf(token), 0, " children=4"),
  ),
  *"condition without end"(site) {
    for (const { offset } of inDirectives(site, /^#!endif/gm)) {
      const before = site.text.slice(0, offset);
      let depth = 0;
      const openings: number[] = [];
      for (const found of before.matchAll(/^#!(ifn?def|ifexp|endif)/gm)) {
        if (found[1] === "endif") openings.pop();
        else openings.push(found.index);
        depth += 1;
      }
      if (depth === 0) continue;
      const opening = openings.at(-1) ?? 0;
      yield site.edit(
        offset,
        "#!endif".length,
        "",
        openings.map((at) => site.lineAt(at)).concat(site.lineAt(opening)),
      );
    }
  },
  *"condition without beginning"(site) {
    for (const { offset, text } of inDirectives(site, /^#!ifn?def.*/gm)) {
      const later = [...site.text.slice(offset).matchAll(/^#!(endif|else)/gm)];
      yield site.edit(
        offset,
        text.length,
        "",
        later.map((found) => site.lineAt(offset + found.index)),
      );
    }
  },
};
