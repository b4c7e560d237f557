/** Finds braces that are missing or too many: those where the indentation tells another story than the braces do. */
import type { TokenType } from "../chevrotain.ts";
import type { ConfigToken } from "../lexer.ts";
import { spanOf } from "../string-literal.ts";
import { LBracket, LCurly, LParen, RCurly, RParen, Semicolon } from "../tokens/punctuation.ts";
import { RouteKeyword } from "../tokens/categories.ts";
import * as words from "../tokens/words.ts";
import { behind, type Edit, type Finding, made } from "./edit.ts";
import { onSameLine, type Place, placeOf } from "./layout.ts";

/** More guesses than these are not worth the time. */
const MAX_EDITS = 12;
/** So far is looked for what belongs to a brace, so that the time does not grow with the square of the text. */
const MAX_DISTANCE = 5000;
const MAX_OPEN = 200;

interface Open {
  readonly index: number;
  readonly token: ConfigToken;
  readonly place: Place;
}

/** Guesses at which brace is wrong, the most likely ones first. */
export function braceEdits(tokens: readonly ConfigToken[]): Edit[] {
  return new BraceWalk(tokens).run();
}

class BraceWalk {
  readonly #tokens: readonly ConfigToken[];
  readonly #open: Open[] = [];
  /** Braces behind a statement on its line, and what they closed: these may be too many. */
  readonly #doubtful: { readonly index: number; readonly closed: Open }[] = [];
  readonly #strays: Edit[] = [];
  readonly #edits: Edit[] = [];
  /** What is only worth trying when nothing else helps. */
  readonly #late: Edit[] = [];

  constructor(tokens: readonly ConfigToken[]) {
    this.#tokens = tokens;
  }

  run(): Edit[] {
    this.#tokens.forEach((token, index) => {
      const { tokenType } = token;
      if (tokenType === LCurly) {
        this.#noteStray(token, index);
        this.#open.push({ index, token, place: this.#placeOfHead(token, index) });
      } else if (tokenType === RCurly) this.#close(token, index);
      else if (tokenType === words.Else) this.#else(token, index);
      else if (this.#open.length > 0 && isItemStart(this.#tokens, index)) this.#item(token, index);
    });
    if (this.#open.length > 0) this.#missing(0, this.#tokens.length);
    return [...this.#strays, ...this.#edits, ...this.#late].slice(0, MAX_EDITS);
  }

  /** The place of a brace; with a condition over several lines before it, that of the first line. */
  #placeOfHead(brace: ConfigToken, index: number): Place {
    const place = placeOf(brace);
    if (place.isFirst || this.#tokens[index - 1]?.tokenType !== RParen) return place;
    let depth = 0;
    for (let at = index - 1; at >= 0; at--) {
      const type = this.#tokens[at]?.tokenType;
      if (type === RParen) depth += 1;
      else if (type === LParen) depth -= 1;
      else if (type === LCurly || type === RCurly || type === Semicolon) return place;
      if (depth > 0) continue;
      const head = this.#tokens[at - 1];
      return head === undefined || head.source !== brace.source ? place : placeOf(head);
    }
    return place;
  }

  /** A block belongs to a head; behind a statement or another brace it is one too much. */
  #noteStray(token: ConfigToken, index: number): void {
    const previous = this.#tokens[index - 1]?.tokenType;
    if (previous !== Semicolon && previous !== LCurly && previous !== RCurly) return;
    const finding = {
      code: "E207",
      message: "a block has to follow 'if', 'else' or 'while'",
      span: spanOf(token),
    } as const;
    if (previous === Semicolon && this.#tokens[index - 2]?.tokenType === RParen) {
      this.#strays.push({ at: index - 1, remove: 1, insert: [], finding });
    }
    this.#strays.push({ at: index, remove: 1, insert: [], finding });
  }

  /** What can only stand outside of blocks: everything before should be closed. */
  #item(token: ConfigToken, index: number): void {
    const outermost = this.#open[0];
    if (outermost === undefined) return;
    if (placeOf(token).indent > outermost.place.indent) return;
    this.#missing(0, index);
    this.#open.length = 0;
  }

  /** An `else` behind a statement may lack the brace before it. */
  #else(token: ConfigToken, index: number): void {
    const top = this.#open.at(-1);
    if (top === undefined || this.#tokens[index - 1]?.tokenType !== Semicolon) return;
    const insert = [this.#brace(RCurly, "}", index)];
    this.#late.push({ at: index, remove: 0, insert, finding: neverClosed(top.token, token) });
  }

  #close(token: ConfigToken, index: number): void {
    const top = this.#open.at(-1);
    const place = placeOf(token);
    if (top === undefined) this.#surplus(index, place);
    else if (!place.isFirst || top.token.source !== token.source) this.#closeBehind(top, index);
    else if (place.indent === top.place.indent) this.#open.pop();
    else if (place.indent > top.place.indent) this.#surplus(index, place);
    else {
      const partner = this.#partner(place.indent);
      if (partner >= 0) {
        this.#missing(partner + 1, index);
        this.#open.length = partner;
      } else this.#open.pop();
    }
  }

  /** The innermost open brace with an indentation. */
  #partner(indent: number): number {
    const least = Math.max(0, this.#open.length - MAX_OPEN);
    for (let at = this.#open.length - 1; at >= least; at--) {
      if (this.#open[at]?.place.indent === indent) return at;
    }
    return -1;
  }

  /** A brace behind something else on its line. */
  #closeBehind(top: Open, index: number): void {
    this.#open.pop();
    const token = this.#tokens[index] as ConfigToken;
    if (onSameLine(top.token, token)) return;
    this.#doubtful.push({ index, closed: top });
    if (this.#doubtful.length > MAX_OPEN) this.#doubtful.shift();
    const head = this.#headOnLine(index);
    if (head !== undefined) this.#headless(head);
  }

  /** Blocks from `first` on are not closed when the token at `index` comes. */
  #missing(first: number, index: number): void {
    const culprit = this.#open.at(-1);
    if (culprit === undefined || this.#edits.length >= MAX_EDITS) return;
    const at = this.#endByIndent(culprit, index);
    const insert = this.#open.slice(first).map(() => this.#brace(RCurly, "}", at));
    const finding = neverClosed(culprit.token, this.#tokens[at]);
    this.#edits.push({ at, remove: 0, insert, finding });
    if (at !== index) this.#edits.push({ at: index, remove: 0, insert, finding });
  }

  #brace(type: TokenType, image: string, at: number): ConfigToken {
    const before = this.#tokens[at - 1] ?? this.#tokens[at];
    return made(type, image, before as ConfigToken);
  }

  /** The first token behind a brace that stands on a line no deeper than it, up to `limit`. */
  #endByIndent(open: Open, limit: number): number {
    for (let at = open.index + 1; at < limit; at++) {
      const token = this.#tokens[at] as ConfigToken;
      if (
        token.source !== open.token.source ||
        onSameLine(this.#tokens[at - 1] as ConfigToken, token)
      )
        continue;
      // Before an `else`, the brace may have stood with a blank.
      const slack = token.tokenType === words.Else ? 2 : 0;
      if (placeOf(token).indent <= open.place.indent + slack) return at;
    }
    return limit;
  }

  /** A brace that closes nothing, or something that is not indented like it. */
  #surplus(index: number, place: Place): void {
    if (this.#edits.length >= MAX_EDITS) return;
    const isOutside = this.#open.length === 0;
    const doubt = this.#doubtful.findLast(({ closed: { place: before } }) =>
      isOutside ? before.indent === 0 : before.indent === place.indent,
    );
    if (doubt !== undefined) this.#edits.push(this.#dropping(doubt.index));
    const head = place.isFirst ? this.#headAbove(index, place.indent) : undefined;
    if (head !== undefined) this.#headless(head);
    if (!isOutside && doubt === undefined && head === undefined && this.#endsBody(index, place)) {
      this.#open.pop();
      this.#late.push(this.#dropping(index));
    } else this.#edits.push(this.#dropping(index));
  }

  /** Whether what stands on the lines before a brace is indented deeper, as the body of a block should be. */
  #endsBody(index: number, place: Place): boolean {
    for (let at = index - 1; at >= 0; at--) {
      const before = placeOf(this.#tokens[at] as ConfigToken);
      if (before.isFirst) return before.indent > place.indent;
    }
    return false;
  }

  #dropping(index: number): Edit {
    const token = this.#tokens[index] as ConfigToken;
    const finding = {
      code: "E205",
      message: "this '}' closes nothing",
      span: spanOf(token),
    } as const;
    return { at: index, remove: 1, insert: [], finding };
  }

  /** The end of a head lacks its brace. */
  #headless(end: number): void {
    const finding = {
      code: "E203",
      message: "expected '{' here",
      span: behind(this.#tokens[end - 1] as ConfigToken),
    } as const;
    this.#edits.push({ at: end, remove: 0, insert: [this.#brace(LCurly, "{", end)], finding });
  }

  /** Where the brace is missing behind the nearest head that is indented like a closing brace. */
  #headAbove(index: number, indent: number): number | undefined {
    for (let at = index - 1; at >= Math.max(0, index - MAX_DISTANCE); at--) {
      const token = this.#tokens[at] as ConfigToken;
      const place = placeOf(token);
      if (!place.isFirst || place.indent > indent) continue;
      const isHead = place.indent === indent || isRouteKeyword(token.tokenType);
      return isHead ? this.#endOfHead(token.tokenType === RCurly ? at + 1 : at) : undefined;
    }
    return undefined;
  }

  #headOnLine(index: number): number | undefined {
    const token = this.#tokens[index] as ConfigToken;
    for (let at = index - 1; at >= 0; at--) {
      const before = this.#tokens[at] as ConfigToken;
      if (!onSameLine(before, token) || before.tokenType === LCurly) return undefined;
      const end = this.#endOfHead(at);
      if (end !== undefined) return end;
    }
    return undefined;
  }

  /** The position behind a head that has no brace. */
  #endOfHead(index: number): number | undefined {
    const end = this.#behindHead(index);
    if (end === undefined || end > this.#tokens.length) return undefined;
    return this.#tokens[end]?.tokenType === LCurly ? undefined : end;
  }

  #behindHead(index: number): number | undefined {
    const token = this.#tokens[index];
    if (token === undefined) return undefined;
    const { tokenType: type } = token;
    if (type === words.If || type === words.While || type === words.Switch) {
      return this.#behindParentheses(index + 1);
    }
    const next = this.#tokens[index + 1];
    if (type === words.Else) {
      const isChain = next?.tokenType === words.If && onSameLine(token, next);
      return isChain ? this.#behindHead(index + 1) : index + 1;
    }
    if (!isRouteKeyword(type)) return undefined;
    return next?.tokenType === LBracket ? index + 4 : index + 1;
  }

  #behindParentheses(index: number): number | undefined {
    let depth = 0;
    for (let at = index; at < Math.min(index + MAX_DISTANCE, this.#tokens.length); at++) {
      const type = this.#tokens[at]?.tokenType;
      if (type === LParen) depth += 1;
      else if (type === RParen) depth -= 1;
      else if (type === Semicolon || type === RCurly) return undefined;
      if (depth === 0) return at + 1;
    }
    return undefined;
  }
}

function neverClosed(open: ConfigToken, next: ConfigToken | undefined): Finding {
  const message = "its '}' is missing before this";
  const extras = next === undefined ? {} : { related: [{ span: spanOf(next), message }] };
  return { code: "E204", message: "this '{' is never closed", span: spanOf(open), extras };
}

/** Whether a route block begins with it. */
export function isRouteKeyword(type: TokenType): boolean {
  return type === words.EventRoute || type.CATEGORIES?.includes(RouteKeyword) === true;
}

/** Whether something of the top level begins at a token, at the beginning of its line. */
function isItemStart(tokens: readonly ConfigToken[], index: number): boolean {
  const { tokenType } = tokens[index] as ConfigToken;
  const next = tokens[index + 1]?.tokenType;
  const isItem =
    tokenType === words.LoadModule ||
    (tokenType === words.ModParam && next === LParen) ||
    (isRouteKeyword(tokenType) && (next === LBracket || next === LCurly));
  return isItem && placeOf(tokens[index] as ConfigToken).isFirst;
}
