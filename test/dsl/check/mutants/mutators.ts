/** The ways in which configurations are spoilt, by the kind of slip. */
import type { ConfigToken } from "../../../../src/dsl/syntax/lexer.ts";
import { endOf, type Mutant, type Mutator, type Site } from "./mutant.ts";

type Choose = (token: ConfigToken, index: number, tokens: readonly ConfigToken[]) => boolean;

/** All tokens that a question chooses. */
function* chosen(site: Site, choose: Choose): Iterable<[ConfigToken, number]> {
  for (const [index, token] of site.tokens.entries()) {
    if (choose(token, index, site.tokens)) yield [token, index];
  }
}

function isDouble({ image }: ConfigToken): boolean {
  return image.startsWith('"') && image.indexOf('"', 1) === image.length - 1;
}

function isSingle({ image }: ConfigToken): boolean {
  return image.startsWith("'");
}

function isOneLine(token: ConfigToken): boolean {
  return !token.image.includes("\n");
}

function edits(choose: Choose, edit: (site: Site, token: ConfigToken) => Mutant): Mutator {
  return function* spoil(site) {
    for (const [token] of chosen(site, choose)) yield edit(site, token);
  };
}

const isDoubleLine: Choose = (token) => isDouble(token) && isOneLine(token);

/** Words in directives: the value of a definition in quotes. */
function* inDirectives(site: Site, pattern: RegExp): Iterable<{ offset: number; text: string }> {
  for (const found of site.text.matchAll(pattern)) {
    yield { offset: found.index, text: found[0] };
  }
}

const quotes: Record<string, Mutator> = {
  "opening quote lost": edits(isDoubleLine, (site, token) => site.edit(token.startOffset, 1, "")),
  "closing quote lost": edits(isDoubleLine, (site, token) => site.edit(endOf(token) - 1, 1, "")),
  "quote too much before": edits(isDoubleLine, (site, token) => site.edit(token.startOffset, 0, '"')),
  "quote too much behind": edits(isDoubleLine, (site, token) => site.edit(endOf(token), 0, '"')),
  "quote too much inside": edits(
    (token) => isDoubleLine(token, 0, []) && token.image.length > 3,
    (site, token) => site.edit(token.startOffset + (token.image.length >> 1), 0, '"'),
  ),
  "single quote for a double one": edits(isDoubleLine, (site, token) =>
    site.edit(endOf(token) - 1, 1, "'"),
  ),
  "opening single quote lost": edits(isSingle, (site, token) => site.edit(token.startOffset, 1, "")),
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

const inRoute: Choose = (token, index, tokens) => {
  for (let at = index; at > 0; at--) {
    const { image } = tokens[at] as ConfigToken;
    if (/^(modparam|loadmodule|listen)$/.test(image)) return false;
    if (";{}".includes(image)) return true;
  }
  return false;
};

/** The lines from the beginning of the statement that a token is in. */
function statementLines(site: Site, index: number): number[] {
  let first = index;
  while (first > 0 && !";{}".includes(site.tokens[first - 1]?.image ?? ";")) first -= 1;
  const from = site.lineAt(site.tokens[first]?.startOffset ?? 0);
  const to = site.lineAt(site.tokens[index]?.startOffset ?? 0);
  return Array.from({ length: to - from + 1 }, (_, line) => from + line);
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
      image === ":" && /^(case|default)$/.test(tokens[index - 2]?.image ?? tokens[index - 1]?.image ?? ""),
    (site, token) => site.replace(token, ""),
  ),
  "stray character": edits(
    ({ image }, index, tokens) => image === ";" && inRoute(tokens[index] as ConfigToken, index, tokens),
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

function swapped(from: string, put: string): Mutator {
  return edits(
    (token, index, tokens) => token.image === from && inRoute(token, index, tokens),
    (site, token) => site.replace(token, put),
  );
}

const isComparison: Choose = (token, index, tokens) => token.image === "==" && inRoute(token, index, tokens);

const operators: Record<string, Mutator> = {
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
    ({ image }, index, tokens) => image === "=" && tokens[index - 1]?.image.startsWith("$") === true,
    (site, token) => site.replace(token, "=="),
  ),
  "= lost in an assignment": edits(
    ({ image }, index, tokens) => image === "=" && tokens[index - 1]?.image.startsWith("$") === true,
    (site, token) => site.replace(token, ""),
  ),
  "= lost in a parameter": edits(
    ({ image }, index, tokens) =>
      image === "=" && tokens[index - 1]?.image.startsWith("$") !== true && !inRoute(tokens[index] as ConfigToken, index, tokens),
    (site, token) => site.replace(token, ""),
  ),
  "value of a parameter lost": edits(
    (_, index, tokens) =>
      tokens[index - 1]?.image === "=" && tokens[index - 2]?.image.startsWith("$") !== true && !inRoute(tokens[index] as ConfigToken, index, tokens),
    (site, token) => site.replace(token, ""),
  ),
  *"condition lost"(site) {
    for (const [token, index] of chosen(site, ({ image }, at, tokens) => image === "(" && tokens[at - 1]?.image === "if")) {
      const close = site.tokens[site.partners.get(index) ?? index];
      if (close === undefined) continue;
      const length = close.startOffset - token.startOffset;
      if (site.text.slice(token.startOffset, close.startOffset).includes("\n")) continue;
      yield site.edit(token.startOffset + 1, length - 1, "");
      yield site.edit(token.startOffset, length + 1, "");
    }
  },
  *"elseif"(site) {
    for (const [token, index] of chosen(site, ({ image }) => image === "else")) {
      const next = site.tokens[index + 1];
      if (next?.image !== "if") continue;
      const length = endOf(next) - token.startOffset;
      for (const word of ["elseif", "elsif", "elif"]) yield site.edit(token.startOffset, length, word);
    }
  },
};

/** A word with two letters swapped, with one lost and with one doubled. */
function slips(word: string): string[] {
  const at = word.length >> 1;
  const swap =
    word.slice(0, at - 1) + word.charAt(at) + word.charAt(at - 1) + word.slice(at + 1);
  return [swap, word.slice(0, at) + word.slice(at + 1), word.slice(0, at) + word.charAt(at) + word.slice(at)]
    .filter((slip) => slip !== word && slip.length > 1);
}

const KEYWORDS =
  /^(request_route|route|failure_route|onreply_route|reply_route|branch_route|event_route|if|else|switch|case|default|break|return|exit|drop|while|modparam|loadmodule|listen|flags)$/;

const words: Record<string, Mutator> = {
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
    for (const { offset, text } of inDirectives(site, /^#!(?:ifdef|ifndef|endif|else|define|substdef)\b/gm)) {
      const others = text.startsWith("#!if") || text === "#!endif" ? [] : [];
      for (const slip of slips(text.slice(2))) yield site.edit(offset, text.length, `#!${slip}`, others);
    }
  },
  *"lone else"(site) {
    for (const [token] of chosen(site, ({ image }) => image === "else")) {
      yield site.edit(token.startOffset, 0, "; ");
    }
  },
};

const variables: Record<string, Mutator> = {
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

const others: Record<string, Mutator> = {
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
      for (const put of ['xlog("L_INFO", "a\\n");', "exit;", "$var(x) = 1;", "if (is_method(\"ACK\")) exit;", "route(X);"]) {
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
      yield site.edit(offset, "#!endif".length, "", openings.map((at) => site.lineAt(at)).concat(site.lineAt(opening)));
    }
  },
  *"condition without beginning"(site) {
    for (const { offset, text } of inDirectives(site, /^#!ifn?def.*/gm)) {
      const later = [...site.text.slice(offset).matchAll(/^#!(endif|else)/gm)];
      yield site.edit(offset, text.length, "", later.map((found) => site.lineAt(offset + found.index)));
    }
  },
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
