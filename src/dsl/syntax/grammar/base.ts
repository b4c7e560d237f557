/** What all chapters of the grammar share: spans, closing signs, and going on after a fault. */
import {
  EmbeddedActionsParser,
  EOF,
  type IRecognitionException,
  isRecognitionException,
  type IToken,
  tokenMatcher,
  type TokenType,
} from "../chevrotain.ts";
import { Report } from "../../diagnostics/report.ts";
import type { Source, Span } from "../../source.ts";
import { ALL_TOKENS, type ConfigToken } from "../lexer.ts";
import { spanOf } from "../string-literal.ts";
import { BinaryOperator, RouteKeyword } from "../tokens/categories.ts";
import { SelectToken, VariableToken } from "../tokens/literals.ts";
import {
  Dot,
  LBracket,
  LCurly,
  LParen,
  Percent,
  RCurly,
  RParen,
  Semicolon,
} from "../tokens/punctuation.ts";
import * as words from "../tokens/words.ts";
import { FAULT_MESSAGES, nameToken, SyntaxFault } from "./fault.ts";

/** Blocks, parentheses and operators before their operand: together not deeper than this. */
const MAX_DEPTH = 100;

const EMPTY: Source = { name: "", text: "" };

/** Words that begin a statement and nothing else. */
const STATEMENT_STARTS: readonly TokenType[] = [
  words.If,
  words.While,
  words.Switch,
  words.Break,
  words.Return,
  words.Exit,
  words.Drop,
];
/** Words of the top level. */
const ITEM_STARTS: readonly TokenType[] = [
  words.EventRoute,
  words.LoadModule,
  words.LoadModuleX,
  words.LoadPath,
  words.ModParam,
  words.ModParamX,
  words.CfgEngine,
  words.Flags,
  words.AvpFlags,
];

/** The parser's foundation. Rules of the chapters are typed fields of the classes that extend this one. */
export abstract class GrammarBase extends EmbeddedActionsParser {
  protected report = new Report();
  #depth = 0;
  #source: Source = EMPTY;
  #last: ConfigToken | undefined;
  /** A brace whose partner is indented differently: the likely culprit when one is missing. */
  protected suspectBrace: ConfigToken | undefined;

  constructor(validate: boolean) {
    super(ALL_TOKENS, {
      recoveryEnabled: false,
      maxLookahead: 2,
      skipValidations: !validate,
      errorMessageProvider: FAULT_MESSAGES,
    });
  }

  /** Makes the parser ready for a stream of tokens. */
  protected begin(tokens: ConfigToken[], report: Report, source: Source): void {
    // Chevrotain appends marks of its own to the list while it reads.
    this.#last = tokens.at(-1);
    this.input = tokens;
    this.report = report;
    this.#source = source;
    this.#depth = 0;
    this.suspectBrace = undefined;
  }

  protected next(ahead = 1): ConfigToken {
    return this.LA(ahead) as ConfigToken;
  }

  protected nextIs(type: TokenType, ahead = 1): boolean {
    return this.LA(ahead).tokenType === type;
  }

  protected nextIsKind(category: TokenType, ahead = 1): boolean {
    return tokenMatcher(this.LA(ahead), category);
  }

  /** The place of a token; the end of the input stands behind its last token. */
  protected place(token: IToken): Span {
    if (token.tokenType !== EOF) return spanOf(token as ConfigToken);
    const last = this.#last;
    const source = last?.source ?? this.#source;
    const end = last === undefined ? source.text.length : (last.endOffset ?? 0) + 1;
    return { source, start: end, end };
  }

  /** The point right behind the token that was read last. */
  protected behind(): Span {
    const previous = this.LA(0);
    if (previous.tokenType === EOF) return this.place(this.LA(1));
    const { source, end } = spanOf(previous as ConfigToken);
    return { source, start: end, end };
  }

  /** From the beginning of a token to the end of the one that was read last. */
  protected since(first: ConfigToken): Span {
    const start = this.place(first);
    const last = this.LA(0);
    if (last.tokenType === EOF) return start;
    const end = spanOf(last as ConfigToken);
    return end.source === start.source && end.end >= start.start
      ? { source: start.source, start: start.start, end: end.end }
      : start;
  }

  /** Whether the token is the first one on its line. */
  protected startsLine(ahead = 1): boolean {
    const token = this.next(ahead);
    const previous = this.LA(ahead - 1) as ConfigToken;
    if (token.tokenType === EOF || previous.tokenType === EOF) return true;
    if (previous.source !== token.source) return true;
    return token.source.text.slice((previous.endOffset ?? 0) + 1, token.startOffset).includes("\n");
  }

  protected fault(...args: ConstructorParameters<typeof SyntaxFault>): never {
    throw new SyntaxFault(...args);
  }

  /** Runs `read` one level deeper. */
  protected deeper<T>(first: ConfigToken, read: () => T): T {
    if (this.RECORDING_PHASE) return read();
    if (this.#depth >= MAX_DEPTH) {
      this.fault("E211", `more than ${MAX_DEPTH} levels inside each other`, this.place(first));
    }
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** Whether a token of the top level follows, so that any block must have ended before. */
  protected atItem(): boolean {
    const { tokenType } = this.LA(1);
    if (tokenType === EOF) return true;
    if (ITEM_STARTS.includes(tokenType)) return true;
    if (!this.nextIsKind(RouteKeyword)) return false;
    return this.nextIs(LBracket, 2) || this.nextIs(LCurly, 2);
  }

  /** Whether what follows can only be the beginning of a statement. */
  protected atStatement(): boolean {
    const { tokenType } = this.LA(1);
    if (STATEMENT_STARTS.includes(tokenType)) return true;
    if (tokenType === words.Identifier || tokenType === words.Route) return this.nextIs(LParen, 2);
    return tokenType === VariableToken || tokenType === SelectToken ? this.startsLine() : false;
  }

  /** Reads a closing bracket; a missing one is reported where it should stand. */
  protected close(index: number, type: TokenType, open: ConfigToken): void {
    if (this.RECORDING_PHASE || this.nextIs(type)) {
      this.consume(index, type);
      return;
    }
    const sign = type.LABEL ?? type.name;
    const related = [{ span: this.place(open), message: "opened here" }];
    const goesOn =
      this.nextIs(Semicolon) || this.nextIs(LCurly) || this.nextIs(RCurly) || this.startsLine();
    if (!goesOn) {
      const next = this.next();
      const message = `expected ${sign}, not ${nameToken(next)}`;
      this.fault("E203", message, this.place(next), { related });
    }
    this.report.add("E203", `expected ${sign} here`, this.behind(), { related });
  }

  /** Reads the semicolon of a statement; a missing one is reported at the end of the statement. */
  protected semicolon(index: number): void {
    if (this.RECORDING_PHASE || this.nextIs(Semicolon)) {
      this.consume(index, Semicolon);
      return;
    }
    if (this.nextIs(RCurly) || this.startsLine() || this.atItem() || this.atStatement()) {
      this.report.add("E202", "expected ';' after this statement", this.behind());
      return;
    }
    const next = this.next();
    if (this.nextIs(RParen)) {
      this.fault("E203", "this ')' closes nothing", this.place(next));
    }
    if (this.nextIs(Percent)) {
      this.fault("E216", "'%' is no operator", this.place(next), { help: "write 'mod'" });
    }
    if (this.nextIs(Dot)) {
      this.fault("E216", "'.' is no operator", this.place(next), { help: "'+' joins texts" });
    }
    this.fault(
      "E201",
      `expected ';' after this statement, not ${nameToken(next)}`,
      this.place(next),
    );
  }

  /** Reads something; after a fault, reports it and goes on behind the statement. */
  protected attempt<T>(read: () => T): T | undefined {
    if (this.RECORDING_PHASE) return read();
    const first = this.LA(1);
    const depth = this.#depth;
    try {
      return read();
    } catch (error) {
      this.#depth = depth;
      this.blame(error);
      if (this.LA(1) === first && !this.nextIs(RCurly)) this.SKIP_TOKEN();
      this.skipStatement();
      return undefined;
    }
  }

  /** Reports what was caught at the top level, where nothing is nested any more. */
  protected recover(error: unknown): void {
    this.#depth = 0;
    this.blame(error);
  }

  /** Reports what was caught. */
  protected blame(error: unknown): void {
    if (error instanceof SyntaxFault) {
      this.report.add(error.code, error.message, error.span, error.extras);
    } else if (error instanceof Error && isRecognitionException(error)) {
      const { token, previousToken } = error as IRecognitionException & { previousToken?: IToken };
      // What is missing at the end of a line is shown there, not on the next line.
      const isNext = token === this.LA(1) && previousToken === this.LA(0) && this.startsLine();
      this.report.add("E201", error.message, isNext ? this.behind() : this.place(token));
    } else throw error;
  }

  /** Skips to behind the next semicolon or block on this level, or to where another statement begins. */
  protected skipStatement(): void {
    let braces = 0;
    let parentheses = 0;
    while (!this.nextIs(EOF) && !(this.atItem() && this.startsLine())) {
      if (braces === 0 && this.#endsSkipping(parentheses)) return;
      const { tokenType } = this.LA(1);
      this.SKIP_TOKEN();
      if (tokenType === LParen) parentheses += 1;
      else if (tokenType === RParen) parentheses -= 1;
      else if (tokenType === LCurly) braces += 1;
      else if (tokenType === RCurly) braces -= 1;
      const isEnd = tokenType === RCurly || tokenType === Semicolon;
      if (isEnd && braces === 0 && !this.nextIs(words.Else)) return;
    }
  }

  #endsSkipping(parentheses: number): boolean {
    if (this.nextIs(RCurly)) return true;
    return parentheses <= 0 && this.startsLine() && this.atStatement();
  }

  /** Skips the rest of a condition: to its brace, or to where a statement begins. */
  protected skipCondition(): void {
    while (!this.nextIs(EOF) && !this.nextIs(LCurly) && !this.nextIs(RCurly)) {
      if (this.nextIs(Semicolon) || (this.startsLine() && !this.#goesOnInCondition())) return;
      this.SKIP_TOKEN();
    }
  }

  /** Whether the line goes on with the condition of the line before. */
  #goesOnInCondition(): boolean {
    if (this.nextIsKind(BinaryOperator) || this.nextIs(RParen)) return true;
    const { tokenType } = this.LA(0);
    if (tokenType === LParen || tokenType === words.Not) return true;
    return tokenMatcher(this.LA(0), BinaryOperator) || !(this.atStatement() || this.atItem());
  }
}
