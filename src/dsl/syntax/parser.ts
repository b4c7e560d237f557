/** The parser: a stream of tokens becomes the tree of a configuration. */
import { EOF } from "./chevrotain.ts";
import type { Report } from "../diagnostics/report.ts";
import type { Source } from "../source.ts";
import type { Config, Item } from "./ast.ts";
import { ModuleGrammar } from "./grammar/modules.ts";
import type { ConfigToken } from "./lexer.ts";
import { RouteKeyword, Word } from "./tokens/categories.ts";
import { SelectToken, VariableToken } from "./tokens/literals.ts";
import { Dot, Equal, LBracket, LParen, RCurly, Semicolon } from "./tokens/punctuation.ts";
import { Default, Else, EventRoute, STATEMENT_WORDS } from "./tokens/words.ts";
import { nameToken } from "./grammar/fault.ts";

/** Builds trees; one instance reads one configuration after the other. */
export class ConfigParser extends ModuleGrammar {
  /** With `validate`, the grammar is checked for mistakes of its own (slow). */
  constructor(validate = false) {
    super(validate);
    this.performSelfAnalysis();
  }

  /** Reads the tokens of a whole configuration; faults go to the report. */
  parse(tokens: ConfigToken[], report: Report, source: Source): Config {
    this.begin(tokens, report, source);
    const items = this.config();
    if (tokens.length === 0 && !report.hasErrors) {
      report.add("E220", "there is nothing in this configuration", this.place(this.LA(1)));
    }
    return { kind: "config", items };
  }

  // config = { item | ";" }
  readonly config = this.RULE("config", (): Item[] => {
    const items: Item[] = [];
    for (;;) {
      this.MANY({
        GATE: () => this.#isItem(),
        DEF: () => {
          this.OR([
            {
              ALT: () => {
                const item = this.attemptItem(() => this.SUBRULE(this.item));
                if (item !== undefined) items.push(item);
              },
            },
            { ALT: () => this.CONSUME(Semicolon) },
          ]);
        },
      });
      if (this.RECORDING_PHASE || this.nextIs(EOF)) return items;
      this.#passStranger(items.at(-1));
    }
  });

  /** A name begins an item only with what goes on behind it. */
  #isItem(): boolean {
    if (!this.nextIsKind(Word)) return true;
    return this.nextIs(Equal, 2) || this.nextIs(Dot, 2) || this.nextIs(LBracket, 2);
  }

  readonly item = this.RULE("item", (): Item =>
    this.OR<Item>([
      { ALT: () => this.SUBRULE(this.routeBlock) },
      { ALT: () => this.SUBRULE(this.modParam) },
      { ALT: () => this.SUBRULE(this.loadModule) },
      { ALT: () => this.SUBRULE(this.globalAssign) },
      { ALT: () => this.SUBRULE(this.customGlobal) },
      { ALT: () => this.SUBRULE(this.loadPath) },
      { ALT: () => this.SUBRULE(this.flags) },
      { ALT: () => this.SUBRULE(this.avpFlags) },
      { ALT: () => this.SUBRULE(this.cfgEngine) },
    ]),
  );

  /** Reads an item; after a fault, goes on with the next one. */
  protected attemptItem<T>(read: () => T): T | undefined {
    if (this.RECORDING_PHASE) return read();
    const first = this.LA(1);
    try {
      return read();
    } catch (error) {
      this.recover(error);
      if (this.LA(1) === first) this.SKIP_TOKEN();
      this.#skipToItem();
      return undefined;
    }
  }

  /** Something that begins no item. */
  #passStranger(before: Item | undefined): void {
    const next = this.next();
    const place = this.place(next);
    const related =
      before?.kind === "route"
        ? [
            {
              span: { ...before.span, start: before.span.end - 1 },
              message: "the block before ended here",
            },
          ]
        : undefined;
    const { tokenType } = next;
    if (tokenType === RCurly) {
      this.report.add("E205", "this '}' closes nothing", place, { related });
      this.SKIP_TOKEN();
      this.#skipToItem();
      return;
    }
    const isStatement =
      tokenType === VariableToken ||
      tokenType === SelectToken ||
      ((STATEMENT_WORDS.includes(tokenType) || tokenType === Else) && tokenType !== Default) ||
      (this.nextIsKind(Word) && this.nextIs(LParen, 2));
    if (isStatement) {
      const message = `${nameToken(next)} can only stand inside a route`;
      this.report.add("E208", message, place, { related });
    } else if (this.nextIsKind(Word)) {
      this.report.add("E201", `expected '=' behind ${nameToken(next)}`, place);
    } else {
      const message = `expected a parameter, a module statement or a route, not ${nameToken(next)}`;
      this.report.add("E201", message, place);
    }
    this.SKIP_TOKEN();
    this.#skipToItem();
  }

  /** Skips to the beginning of a line that can be an item. */
  #skipToItem(): void {
    while (!this.nextIs(EOF)) {
      if (this.startsLine()) {
        if (this.atItem()) return;
        if (this.nextIsKind(RouteKeyword) && !this.nextIs(LParen, 2)) return;
        if (this.nextIs(EventRoute) || (this.nextIsKind(Word) && this.nextIs(Equal, 2))) return;
      }
      this.SKIP_TOKEN();
    }
  }
}
