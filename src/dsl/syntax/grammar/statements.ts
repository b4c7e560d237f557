/** Chapter "Script statements": what stands in route blocks. */
import { EOF } from "../chevrotain.ts";
import type {
  Assign,
  Block,
  Case,
  Expression,
  ExpressionStatement,
  If,
  Jump,
  Statement,
  Switch,
  While,
} from "../ast.ts";
import type { ConfigToken } from "../lexer.ts";
import { AssignOperator } from "../tokens/categories.ts";
import * as signs from "../tokens/punctuation.ts";
import * as words from "../tokens/words.ts";
import { CallGrammar } from "./calls.ts";
import { findCaseFaults } from "./case-labels.ts";
import { nameToken } from "./fault.ts";

/** `if` or `else if` with what it governs. */
interface Branch {
  readonly first: ConfigToken;
  readonly condition: Expression;
  readonly body: Statement;
}

export abstract class StatementGrammar extends CallGrammar {
  // block = "{" statement { statement } "}"
  readonly block = this.RULE("block", (): Block => {
    const open = this.CONSUME(signs.LCurly) as ConfigToken;
    const statements = this.deeper(open, () => this.SUBRULE(this.statements, { ARGS: [false] }));
    this.closeBlock(2, open);
    const span = this.since(open);
    this.ACTION(() => {
      if (statements.length === 0 && this.isCleanBlock(open)) {
        this.report.add("E206", "a block needs at least one statement", span, {
          help: "a lone ';' is a statement that does nothing",
        });
      }
    });
    return { kind: "block", span, statements };
  });

  /** Whether nothing but blanks and comments stands in a block (rather than statements with faults). */
  protected isCleanBlock(open: ConfigToken): boolean {
    return this.LA(-1) === open;
  }

  /** Statements up to the end of the block, or to the next `case`. */
  readonly statements = this.RULE("statements", (isCase: boolean = false): Statement[] => {
    const list: Statement[] = [];
    for (;;) {
      this.MANY({
        GATE: () => !this.atItem(),
        DEF: () => {
          const statement = this.attempt(() => this.SUBRULE(this.statement));
          if (statement !== undefined) list.push(statement);
        },
      });
      if (this.RECORDING_PHASE || this.#isEndOfStatements(isCase)) return list;
      this.#passStranger();
    }
  });

  #isEndOfStatements(isCase: boolean): boolean {
    if (this.nextIs(signs.RCurly) || this.atItem()) return true;
    return isCase && (this.nextIs(words.Case) || this.nextIs(words.Default));
  }

  /** Something that begins no statement. */
  #passStranger(): void {
    const next = this.next();
    const place = this.place(next);
    if (this.nextIs(words.Else)) {
      this.report.add("E201", "this 'else' belongs to no 'if'", place, {
        help: "no ';' may stand between the block and its 'else'",
      });
    } else if (this.nextIs(words.Case) || this.nextIs(words.Default)) {
      this.report.add("E201", `'${next.image}' stands outside a switch`, place);
    } else this.report.add("E201", `expected a statement, not ${nameToken(next)}`, place);
    this.SKIP_TOKEN();
    this.skipStatement();
  }

  /** Reads the brace that closes a block; a missing one is reported at the brace it belongs to. */
  protected closeBlock(index: number, open: ConfigToken): void {
    if (this.RECORDING_PHASE || this.nextIs(signs.RCurly)) {
      const close = this.consume(index, signs.RCurly) as ConfigToken;
      this.ACTION(() => this.#compareIndents(open, close));
      return;
    }
    if (this.#missingReported) return;
    this.#missingReported = true;
    const culprit = this.suspectBrace ?? open;
    const next = this.next();
    const related = this.nextIs(EOF)
      ? []
      : [{ span: this.place(next), message: "this can only stand outside of blocks" }];
    this.report.add("E204", "this '{' is never closed", this.place(culprit), { related });
  }

  /** Cases whose label is a fault of its own. */
  readonly #brokenCases = new WeakSet<Case>();

  /** One missing brace leaves all blocks around it open; only the first is worth a word. */
  #missingReported = false;

  /** Called where a route begins. */
  protected beginRoute(): void {
    this.#missingReported = false;
    this.suspectBrace = undefined;
  }

  #compareIndents(open: ConfigToken, close: ConfigToken): void {
    if (this.suspectBrace !== undefined || open.source !== close.source) return;
    const { text } = open.source;
    const closeIndent = indentOf(text, close.startOffset);
    if (closeIndent.isFirst && indentOf(text, open.startOffset).width > closeIndent.width) {
      this.suspectBrace = open;
    }
  }

  // statement = if | while | switch | jump | assignment | call ";" | ";"
  readonly statement = this.RULE("statement", (): Statement =>
    this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.callStatement) },
      { ALT: () => this.SUBRULE(this.ifStatement) },
      { ALT: () => this.SUBRULE(this.assignment) },
      { ALT: () => this.SUBRULE(this.jump) },
      { ALT: () => this.SUBRULE(this.switchStatement) },
      { ALT: () => this.SUBRULE(this.whileStatement) },
      { ALT: () => this.SUBRULE(this.strayBlock) },
      {
        ALT: () => {
          const token = this.CONSUME(signs.Semicolon) as ConfigToken;
          return { kind: "empty", span: this.place(token) };
        },
      },
    ]),
  );

  readonly strayBlock = this.RULE("strayBlock", (): Block => {
    const open = this.next();
    this.ACTION(() => {
      this.report.add("E207", "a block has to follow 'if', 'else' or 'while'", this.place(open));
    });
    return this.SUBRULE(this.block);
  });

  // call statement = (call | route call) ";"
  readonly callStatement = this.RULE("callStatement", (): ExpressionStatement => {
    const first = this.next();
    this.ACTION(() => this.#refuseForeignWords(first));
    const expression = this.OR<Expression>([
      { ALT: () => this.SUBRULE(this.call) },
      { ALT: () => this.SUBRULE(this.routeCall) },
    ]);
    const span = this.since(first);
    this.semicolon(1);
    return { kind: "expression", span, expression };
  });

  #refuseForeignWords(first: ConfigToken): void {
    if (/^else?if$/.test(first.image)) {
      this.fault("E216", `'${first.image}' is no word of this language`, this.place(first), {
        help: "write 'else if'",
      });
    }
  }

  // assignment = (variable | select) ("=" | "+=" | ...) expression ";"
  readonly assignment = this.RULE("assignment", (): Assign => {
    const first = this.next();
    const target = this.OR([
      { ALT: () => this.SUBRULE(this.variable) },
      { ALT: () => this.SUBRULE(this.select) },
    ]);
    this.ACTION(() => this.#expectAssignment(first));
    const operator = this.CONSUME(AssignOperator).image as Assign["operator"];
    const value = this.SUBRULE(this.expression);
    const span = this.since(first);
    this.semicolon(1);
    return { kind: "assign", span, target, operator, value };
  });

  #expectAssignment(target: ConfigToken): void {
    const next = this.next();
    if (this.nextIsKind(AssignOperator)) return;
    const place = this.place(next);
    if (this.nextIs(signs.Increment)) {
      const sign = next.image.charAt(0);
      this.fault("E216", `there is no '${next.image}'`, place, {
        help: `write ${target.image} = ${target.image} ${sign} 1;`,
      });
    }
    if (this.nextIs(signs.EqualTo)) {
      this.fault("E201", "a comparison is no statement", place, { help: "'=' assigns" });
    }
    this.fault("E201", `expected '=' behind this variable, not ${nameToken(next)}`, place);
  }

  // jump = "break" ";" | ("return" | "exit" | "drop") ["(" ")" | expression] ";"
  readonly jump = this.RULE("jump", (): Jump => {
    const first = this.next();
    let value: Expression | undefined;
    this.OR([
      { ALT: () => this.CONSUME(words.Break) },
      {
        ALT: () => {
          this.OR2([
            { ALT: () => this.CONSUME(words.Return) },
            { ALT: () => this.CONSUME(words.Exit) },
            { ALT: () => this.CONSUME(words.Drop) },
          ]);
          this.OPTION({
            GATE: () => !this.startsLine() || this.nextIs(signs.LParen),
            DEF: () => {
              value = this.SUBRULE(this.jumpValue);
            },
          });
        },
      },
    ]);
    const span = this.since(first);
    this.semicolon(1);
    const jump = first.image as Jump["jump"];
    return value === undefined ? { kind: "jump", span, jump } : { kind: "jump", span, jump, value };
  });

  readonly jumpValue = this.RULE("jumpValue", (): Expression | undefined =>
    this.OR<Expression | undefined>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(signs.LParen);
            this.CONSUME(signs.RParen);
            return undefined;
          },
        },
        { ALT: () => this.SUBRULE(this.expression) },
      ],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  /** A condition; after a fault in it, what it governs is still read. */
  readonly condition = this.RULE("condition", (): Expression => {
    const first = this.next();
    if (this.RECORDING_PHASE) return this.SUBRULE(this.expression);
    try {
      return this.SUBRULE(this.expression);
    } catch (error) {
      this.blame(error);
      this.skipCondition();
      return { kind: "number", span: this.place(first), value: 1 };
    }
  });

  // governed = block | statement
  readonly governed = this.RULE("governed", (): Statement =>
    this.OR<Statement>({
      DEF: [{ ALT: () => this.SUBRULE(this.block) }, { ALT: () => this.SUBRULE(this.statement) }],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  // if = "if" condition governed { "else" "if" condition governed } ["else" governed]
  readonly ifStatement = this.RULE("ifStatement", (): If => {
    const branches: Branch[] = [];
    const first = this.CONSUME(words.If) as ConfigToken;
    const condition = this.SUBRULE(this.condition);
    branches.push({ first, condition, body: this.#inside(first, 1) });
    // Read in a loop, so that long chains need no deep stack.
    this.MANY({
      GATE: () => this.nextIs(words.If, 2),
      DEF: () => {
        this.CONSUME(words.Else);
        const next = this.CONSUME2(words.If) as ConfigToken;
        const also = this.SUBRULE2(this.condition);
        branches.push({ first: next, condition: also, body: this.#inside(next, 2) });
      },
    });
    let otherwise: Statement | undefined;
    this.OPTION(() => {
      const token = this.CONSUME2(words.Else) as ConfigToken;
      otherwise = this.#inside(token, 3);
    });
    return this.ACTION(() => this.#chain(branches, otherwise));
  });

  #inside(first: ConfigToken, index: 1 | 2 | 3): Statement {
    return this.deeper(first, () => this.subrule(index, this.governed));
  }

  #chain(branches: readonly Branch[], last: Statement | undefined): If {
    let otherwise = last;
    for (let index = branches.length - 1; ; index--) {
      const branch = branches[index];
      if (branch === undefined) return otherwise as If;
      const { condition, body } = branch;
      const span = this.since(branch.first);
      // oxlint-disable-next-line unicorn/no-thenable -- the tree names the branch so; it holds no function
      const node: If = { kind: "if", span, condition, then: body };
      otherwise = otherwise === undefined ? node : { ...node, otherwise };
    }
  }

  // while = "while" condition governed
  readonly whileStatement = this.RULE("whileStatement", (): While => {
    const first = this.CONSUME(words.While) as ConfigToken;
    const condition = this.SUBRULE(this.condition);
    const body = this.#inside(first, 1);
    return { kind: "while", span: this.since(first), condition, body };
  });

  // switch = "switch" expression "{" { case } "}"
  readonly switchStatement = this.RULE("switchStatement", (): Switch => {
    const first = this.CONSUME(words.Switch) as ConfigToken;
    const subject = this.SUBRULE(this.condition);
    const open = this.CONSUME(signs.LCurly) as ConfigToken;
    const cases: Case[] = [];
    this.deeper(open, () => {
      for (;;) {
        this.MANY(() => cases.push(this.SUBRULE(this.caseClause)));
        if (this.RECORDING_PHASE || this.nextIs(signs.RCurly) || this.atItem()) return;
        const next = this.next();
        const message = `expected 'case', 'default' or '}', not ${nameToken(next)}`;
        this.report.add("E201", message, this.place(next));
        this.SKIP_TOKEN();
        this.skipStatement();
      }
    });
    this.closeBlock(1, open);
    this.ACTION(() => {
      const good = cases.filter((entry) => !this.#brokenCases.has(entry));
      for (const { code, message, span } of findCaseFaults(good)) {
        this.report.add(code, message, span);
      }
    });
    return { kind: "switch", span: this.since(first), subject, cases };
  });

  // case = ("case" ["/"] expression | "default") ":" { statement }
  readonly caseClause = this.RULE("caseClause", (): Case => {
    const first = this.next();
    const label = this.attempt(() => this.SUBRULE(this.caseLabel));
    if (label === undefined && !this.RECORDING_PHASE) {
      const broken: Case = {
        span: this.since(first),
        label: { kind: "number", span: this.place(first), value: 0 },
        isRegex: false,
        statements: this.SUBRULE(this.statements, { ARGS: [true] }),
      };
      this.#brokenCases.add(broken);
      return broken;
    }
    const statements = this.SUBRULE(this.statements, { ARGS: [true] });
    const span = this.since(first);
    const isRegex = label?.isRegex ?? false;
    return label?.value === undefined
      ? { span, isRegex, statements }
      : { span, label: label.value, isRegex, statements };
  });

  readonly caseLabel = this.RULE(
    "caseLabel",
    (): { value: Expression | undefined; isRegex: boolean } => {
      let value: Expression | undefined;
      let isRegex = false;
      this.OR([
        {
          ALT: () => {
            this.CONSUME(words.Case);
            this.OPTION(() => {
              this.CONSUME(signs.Slash);
              isRegex = true;
            });
            value = this.SUBRULE(this.expression);
          },
        },
        { ALT: () => this.CONSUME(words.Default) },
      ]);
      this.CONSUME(signs.Colon);
      return { value, isRegex };
    },
  );
}

function indentOf(text: string, offset: number): { width: number; isFirst: boolean } {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  let at = lineStart;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return { width: at - lineStart, isFirst: at === offset };
}
