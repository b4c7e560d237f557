/** Chapter "Operators" and "Core keywords": expressions. */
import type { TokenType } from "../chevrotain.ts";
import type { Binary, Cast, CoreTerm, Expression, NumberLiteral, Unary } from "../ast.ts";
import type { ConfigToken } from "../lexer.ts";
import {
  AnyNumber,
  AssignOperator,
  BinaryOperator,
  CoreWord,
  Protocol,
  Word,
} from "../tokens/categories.ts";
import { IPv4, IPv6, VariableToken } from "../tokens/literals.ts";
import * as signs from "../tokens/punctuation.ts";
import * as words from "../tokens/words.ts";
import { nameToken } from "./fault.ts";
import { ValueGrammar } from "./values.ts";

/** Operators from weak to strong, as Kamailio ranks them: all associate to the left. */
const RANKS: readonly (readonly TokenType[])[] = [
  [words.Or],
  [words.And],
  [signs.Bar],
  [signs.Ampersand],
  [signs.Caret],
  [signs.ShiftLeft],
  [signs.ShiftRight],
  [signs.EqualTo, signs.NotEqual, signs.Matches, signs.NotMatches, words.WordComparison],
  [signs.Less, signs.Greater, signs.LessEqual, signs.GreaterEqual],
  [signs.Plus, signs.Minus],
  [signs.Star, signs.Slash, words.Mod],
];
const EQUALITY_RANK = 8;
/** Longer chains would make the tree too deep for whoever walks it. */
const MAX_OPERATORS = 500;

function rankTable(): readonly number[] {
  const table: number[] = [];
  RANKS.forEach((types, index) => {
    for (const type of types) table[type.tokenTypeIdx ?? 0] = index + 1;
  });
  return table;
}

function operatorOf(token: ConfigToken): Binary["operator"] {
  if (token.tokenType === words.And) return "&&";
  if (token.tokenType === words.Or) return "||";
  if (token.tokenType === words.Mod) return "%";
  return token.image as Binary["operator"];
}

export abstract class ExpressionGrammar extends ValueGrammar {
  readonly #ranks = rankTable();

  // expression = unary { operator unary }
  readonly expression = this.RULE("expression", (): Expression =>
    this.SUBRULE(this.ranked, { ARGS: [0] }),
  );

  /** Operands joined by operators stronger than `weakest`. */
  readonly ranked = this.RULE("ranked", (weakest: number = 0): Expression => {
    let left = this.SUBRULE(this.unary);
    let count = 0;
    this.MANY({
      GATE: () => this.#rank() > weakest,
      DEF: () => {
        const rank = this.#rank();
        const operator = this.CONSUME(BinaryOperator) as ConfigToken;
        const right = this.SUBRULE(this.ranked, { ARGS: [rank] });
        left = this.ACTION(() => {
          count += 1;
          const operatorSpan = this.place(operator);
          if (count > MAX_OPERATORS) {
            const message = `more than ${MAX_OPERATORS} operators in one expression`;
            this.fault("E212", message, operatorSpan);
          }
          return this.#binary(left, operator, right);
        });
      },
    });
    return left;
  });

  #rank(): number {
    return this.#ranks[this.LA(1).tokenTypeIdx] ?? 0;
  }

  #binary(left: Expression, operator: ConfigToken, right: Expression): Binary {
    const { source, start } = left.span;
    const end = right.span.source === source ? Math.max(right.span.end, start) : left.span.end;
    return {
      kind: "binary",
      span: { source, start, end },
      operatorSpan: this.place(operator),
      operator: operatorOf(operator),
      left,
      right,
    };
  }

  // unary = ("!" | "not" | "-" | "~" | "defined" | "(int)" | "(str)") unary | primary
  readonly unary = this.RULE("unary", (): Expression => {
    const first = this.next();
    this.ACTION(() => this.#refuseForeign());
    return this.OR<Expression>([
      {
        ALT: () => {
          this.OR2([
            { ALT: () => this.CONSUME(words.Not) },
            { ALT: () => this.CONSUME(signs.Tilde) },
            { ALT: () => this.CONSUME(words.Defined) },
          ]);
          const operand = this.deeper(first, () => this.SUBRULE(this.unary));
          return this.#prefixed(first, operand);
        },
      },
      {
        ALT: () => {
          this.OR3([
            { ALT: () => this.CONSUME(signs.CastInt) },
            { ALT: () => this.CONSUME(signs.CastStr) },
          ]);
          const operand = this.deeper(first, () => this.SUBRULE2(this.unary));
          return this.#cast(first, operand);
        },
      },
      {
        ALT: () => {
          this.CONSUME(signs.Minus);
          const operand = this.deeper(first, () => this.SUBRULE3(this.unary));
          return this.#negative(first, operand);
        },
      },
      { ALT: () => this.SUBRULE(this.primary) },
    ]);
  });

  #prefixed(first: ConfigToken, operand: Expression): Unary {
    const type = first.tokenType;
    const operator = type === words.Not ? "!" : type === signs.Tilde ? "~" : "defined";
    return { kind: "unary", span: this.since(first), operator, operand };
  }

  #cast(first: ConfigToken, operand: Expression): Cast {
    const type = first.tokenType === signs.CastInt ? "int" : "str";
    return { kind: "cast", span: this.since(first), type, operand };
  }

  #negative(first: ConfigToken, operand: Expression): NumberLiteral | Unary {
    const span = this.since(first);
    if (operand?.kind === "number" && operand.value >= 0) {
      return { kind: "number", span, value: 0 - operand.value };
    }
    return { kind: "unary", span, operator: "-", operand };
  }

  // primary = number | string | variable | select | call | route call | length | comparison | "(" expression ")"
  readonly primary = this.RULE("primary", (): Expression => {
    return this.OR<Expression>([
      { ALT: () => this.SUBRULE(this.variable) },
      { ALT: () => this.SUBRULE(this.string) },
      { ALT: () => this.SUBRULE(this.numberLiteral) },
      { ALT: () => this.SUBRULE(this.familyWord) },
      { ALT: () => this.SUBRULE(this.select) },
      { ALT: () => this.SUBRULE(this.call) },
      { ALT: () => this.SUBRULE(this.routeCall) },
      { ALT: () => this.SUBRULE(this.length) },
      { ALT: () => this.SUBRULE(this.comparison) },
      { ALT: () => this.SUBRULE(this.parenthesis) },
    ]);
  });

  #refuseForeign(): void {
    const next = this.next();
    if (next.tokenType === signs.Plus) {
      this.fault("E216", "there is no '+' before a single operand", this.place(next));
    }
    if (next.tokenType === IPv4 || next.tokenType === IPv6) {
      this.fault(
        "E209",
        "an address can only be compared with src_ip and its like",
        this.place(next),
        {
          help: "write the address as a string",
        },
      );
    }
  }

  readonly numberLiteral = this.RULE("numberLiteral", (): NumberLiteral => {
    const token = this.CONSUME(AnyNumber) as ConfigToken;
    return this.ACTION(() => this.numberFrom(token, false, this.place(token)));
  });

  // INET | INET6: numbers to Kamailio
  readonly familyWord = this.RULE("familyWord", (): CoreTerm =>
    this.wordTerm(this.CONSUME(words.Family) as ConfigToken),
  );

  // length = ("strlen" | "strempty") "(" expression ")"
  readonly length = this.RULE("length", (): Unary => {
    const first = this.OR([
      { ALT: () => this.CONSUME(words.StrLen) },
      { ALT: () => this.CONSUME(words.StrEmpty) },
    ]) as ConfigToken;
    const open = this.CONSUME(signs.LParen) as ConfigToken;
    const operand = this.deeper(open, () => this.SUBRULE(this.expression));
    this.close(1, signs.RParen, open);
    const operator = first.tokenType === words.StrLen ? "strlen" : "strempty";
    return { kind: "unary", span: this.since(first), operator, operand };
  });

  // parenthesis = "(" expression ")"
  readonly parenthesis = this.RULE("parenthesis", (): Expression => {
    const open = this.CONSUME(signs.LParen) as ConfigToken;
    this.ACTION(() => {
      if (this.nextIs(VariableToken) && this.nextIsKind(AssignOperator, 2)) {
        this.fault(
          "E214",
          "a value cannot be assigned inside an expression",
          this.place(this.LA(2)),
          {
            help: "'==' compares; an assignment is a statement of its own",
          },
        );
      }
    });
    const inner = this.deeper(open, () => this.SUBRULE(this.expression));
    this.close(1, signs.RParen, open);
    return inner;
  });

  // comparison = core word operator (address | "myself" | name | expression)
  readonly comparison = this.RULE("comparison", (): Binary => {
    const first = this.OR([
      { ALT: () => this.CONSUME(CoreWord) },
      { ALT: () => this.CONSUME(words.Myself) },
    ]) as ConfigToken;
    const left: CoreTerm = { kind: "core", span: this.place(first), term: first.image };
    this.ACTION(() => {
      const rank = this.#rank();
      if (rank !== EQUALITY_RANK && rank !== EQUALITY_RANK + 1) {
        const message = `'${first.image}' can only be compared, but ${nameToken(this.next())} follows`;
        this.fault("E210", message, this.place(first));
      }
    });
    const rank = this.#rank();
    const operator = this.CONSUME(BinaryOperator) as ConfigToken;
    const right = this.SUBRULE(this.compared, { ARGS: [first, rank] });
    return this.ACTION(() => this.#binary(left, operator, right));
  });

  readonly compared = this.RULE("compared", (word?: ConfigToken, rank: number = 0): Expression => {
    const isAddress = word?.tokenType === words.AddressWord;
    return this.OR<Expression>({
      DEF: [
        { ALT: () => this.#core(this.CONSUME(words.Myself) as ConfigToken) },
        {
          GATE: () => word?.tokenType === words.Myself,
          ALT: () => this.#core(this.CONSUME(CoreWord) as ConfigToken),
        },
        { GATE: () => isAddress, ALT: () => this.SUBRULE(this.network) },
        { GATE: () => isAddress && this.#isBareWord(), ALT: () => this.SUBRULE(this.hostTerm) },
        {
          GATE: () => this.#takesWord(word) && this.#isBareWord(),
          ALT: () => this.wordTerm(this.CONSUME(Word) as ConfigToken),
        },
        { ALT: () => this.SUBRULE(this.ranked, { ARGS: [rank] }) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
  });

  #core(token: ConfigToken): CoreTerm {
    return { kind: "core", span: this.place(token), term: token.image };
  }

  /** Methods and protocols may be named without quotes. */
  #takesWord(compared: ConfigToken | undefined): boolean {
    if (compared?.tokenType === words.Method) return true;
    return compared?.tokenType === words.ProtoWord && this.nextIsKind(Protocol);
  }

  #isBareWord(): boolean {
    return this.nextIsKind(Word) && !this.nextIs(signs.LParen, 2);
  }

  readonly hostTerm = this.RULE("hostTerm", (): CoreTerm => {
    const first = this.next();
    const text = this.SUBRULE(this.host);
    return { kind: "core", span: this.since(first), term: "word", text };
  });

  abstract readonly call: (index?: number) => Expression;
  abstract readonly routeCall: (index?: number) => Expression;
}
