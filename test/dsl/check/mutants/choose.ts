/** Choosing tokens of a configuration and changing them. */
import type { ConfigToken } from "../../../../src/dsl/syntax/lexer.ts";
import type { Mutant, Mutator, Site } from "./mutant.ts";

export type Choose = (token: ConfigToken, index: number, tokens: readonly ConfigToken[]) => boolean;

/** All tokens that a question chooses. */
export function* chosen(site: Site, choose: Choose): Iterable<[ConfigToken, number]> {
  for (const [index, token] of site.tokens.entries()) {
    if (choose(token, index, site.tokens)) yield [token, index];
  }
}

export function isDouble({ image }: ConfigToken): boolean {
  return image.startsWith('"') && image.indexOf('"', 1) === image.length - 1;
}

export function isSingle({ image }: ConfigToken): boolean {
  return image.startsWith("'");
}

export function isOneLine(token: ConfigToken): boolean {
  return !token.image.includes("\n");
}

export function edits(choose: Choose, edit: (site: Site, token: ConfigToken) => Mutant): Mutator {
  return function* spoil(site) {
    for (const [token] of chosen(site, choose)) yield edit(site, token);
  };
}

export const isDoubleLine: Choose = (token) => isDouble(token) && isOneLine(token);

/** Words in directives: the value of a definition in quotes. */
export function* inDirectives(
  site: Site,
  pattern: RegExp,
): Iterable<{ offset: number; text: string }> {
  for (const found of site.text.matchAll(pattern)) {
    yield { offset: found.index, text: found[0] };
  }
}

export const inRoute: Choose = (token, index, tokens) => {
  for (let at = index; at > 0; at--) {
    const { image } = tokens[at] as ConfigToken;
    if (/^(modparam|loadmodule|listen)$/.test(image)) return false;
    if (";{}".includes(image)) return true;
  }
  return false;
};
