/** Chapter "Values": numbers, strings, variables, selects, addresses. */
import { readVariable } from "../../format/format.ts";
import type { Span } from "../../source.ts";
import type { CoreTerm, NumberLiteral, Select, StringLiteral, Variable } from "../ast.ts";
import type { ConfigToken } from "../lexer.ts";
import { spanOf, stringLiteral, stringValue } from "../string-literal.ts";
import { AnyNumber, Word } from "../tokens/categories.ts";
import {
  Binary,
  Decimal,
  DoubleQuoted,
  Hexadecimal,
  IPv4,
  IPv6,
  NumberedName,
  Octal,
  SelectToken,
  SingleQuoted,
  VariableToken,
} from "../tokens/literals.ts";
import { Dot, LBracket, Minus, RBracket, Slash } from "../tokens/punctuation.ts";
import { Family, No, ProtocolWord, Yes } from "../tokens/words.ts";
import { GrammarBase } from "./base.ts";

/** The number a token stands for, before it is cut to 32 bits. */
function numberValue(token: ConfigToken): number {
  switch (token.tokenType) {
    case Yes:
      return 1;
    case No:
      return 0;
    case Hexadecimal:
      return Number.parseInt(token.image.slice(2), 16);
    case Octal:
      return Number.parseInt(token.image, 8);
    case Binary:
      return Number.parseInt(token.image, 2);
    case Decimal:
      return Number(token.image);
    default:
      return 0;
  }
}

/** As C cuts a long to an int; beyond 64 bits the largest long is taken, whose lower half is -1. */
function toInt32(value: number): number {
  return value >= 2 ** 63 ? -1 : Number(BigInt.asIntN(32, BigInt(value)));
}

const SELECT_PART = /([A-Za-z_]\w*)(?:\[(?:(-?\d+)|"([^"\n]*)")\])?/g;

export abstract class ValueGrammar extends GrammarBase {
  // string = double-quoted | single-quoted
  readonly string = this.RULE("string", (): StringLiteral => {
    const token = this.OR([
      { ALT: () => this.CONSUME(DoubleQuoted) },
      { ALT: () => this.CONSUME(SingleQuoted) },
    ]) as ConfigToken;
    return this.ACTION(() => stringLiteral(token));
  });

  // number = ["-"] (decimal | hexadecimal | octal | binary | "yes" | "no" | ...)
  readonly signedNumber = this.RULE("signedNumber", (): NumberLiteral => {
    const first = this.next();
    const minus = this.OPTION(() => this.CONSUME(Minus));
    const token = this.CONSUME(AnyNumber) as ConfigToken;
    return this.ACTION(() => this.numberFrom(token, minus !== undefined, this.since(first)));
  });

  // address = IPv4 | IPv6 | "[" IPv6 "]", with ["/" (number | IPv4)]
  readonly network = this.RULE("network", (): CoreTerm => {
    const first = this.next();
    let text = this.SUBRULE(this.address);
    this.OPTION(() => {
      this.CONSUME(Slash);
      const mask = this.OR([
        { ALT: () => this.CONSUME(AnyNumber) },
        { ALT: () => this.CONSUME(IPv4) },
      ]);
      text = `${text}/${mask.image}`;
    });
    return { kind: "core", span: this.since(first), term: "ip", text };
  });

  readonly address = this.RULE("address", (): string =>
    this.OR([
      { ALT: () => this.ipv4(this.CONSUME(IPv4) as ConfigToken) },
      { ALT: () => this.CONSUME(IPv6).image },
      {
        ALT: () => {
          this.CONSUME(LBracket);
          const { image } = this.CONSUME2(IPv6);
          this.CONSUME(RBracket);
          return image;
        },
      },
    ]),
  );

  // host = part { ("." | "-") part }
  readonly host = this.RULE("host", (): string => {
    let text = this.SUBRULE(this.hostPart);
    this.MANY(() => {
      const sign = this.OR([{ ALT: () => this.CONSUME(Dot) }, { ALT: () => this.CONSUME(Minus) }]);
      text += sign.image + this.SUBRULE2(this.hostPart);
    });
    return text;
  });

  // part = name | number | name with a digit first
  readonly hostPart = this.RULE("hostPart", (): string =>
    this.OR([
      { ALT: () => this.CONSUME(Word).image },
      { ALT: () => this.CONSUME(AnyNumber).image },
      { ALT: () => this.CONSUME(NumberedName).image },
    ]),
  );

  // variable = "$" name ["(" text ")"] | "$(" ... ")"
  readonly variable = this.RULE("variable", (): Variable => {
    const token = this.CONSUME(VariableToken) as ConfigToken;
    return this.ACTION(() => this.#variableFrom(token));
  });

  // select = "@" part { "." part }
  readonly select = this.RULE("select", (): Select => {
    const token = this.CONSUME(SelectToken) as ConfigToken;
    return this.ACTION(() => {
      const path = Array.from(token.image.matchAll(SELECT_PART), ([, name, number, text]) => {
        const index = number === undefined ? text : Number(number);
        return index === undefined ? { name: name ?? "" } : { name: name ?? "", index };
      });
      return { kind: "select", span: spanOf(token), path };
    });
  });

  protected numberFrom(token: ConfigToken, isNegative: boolean, span: Span): NumberLiteral {
    const exact = isNegative ? -numberValue(token) : numberValue(token);
    const value = toInt32(exact);
    if (value !== exact && exact > 0xffff_ffff) {
      this.report.add("W215", `this number does not fit into 32 bits; ${value} is taken`, span);
    }
    return { kind: "number", span, value };
  }

  /** A word that stands for itself; families and protocols are named in capitals. */
  protected wordTerm(token: ConfigToken): CoreTerm {
    const span = this.place(token);
    if (token.tokenType === ProtocolWord) {
      return { kind: "core", span, term: token.image.toUpperCase(), text: token.image };
    }
    if (token.tokenType === Family) {
      const term = token.image.endsWith("6") ? "INET6" : "INET";
      return { kind: "core", span, term, text: token.image };
    }
    return { kind: "core", span, term: "word", text: token.image };
  }

  protected ipv4(token: ConfigToken): string {
    return this.ACTION(() => {
      if (token.image.split(".").some((part) => Number(part) > 255)) {
        this.report.add("E219", `'${token.image}' is no IPv4 address`, spanOf(token));
      }
      return token.image;
    });
  }

  /** The text of a string token. */
  protected textOf(token: ConfigToken): string {
    return token.value ?? stringValue(token.image);
  }

  #variableFrom(token: ConfigToken): Variable {
    const whole = spanOf(token);
    const isPlain = token.define === undefined && token.value === undefined;
    const result = readVariable(token.value ?? token.image, (start, end) =>
      isPlain ? { ...whole, start: whole.start + start, end: whole.start + end } : whole,
    );
    if ("variable" in result) return result.variable;
    return this.fault("E213", result.problem, whole);
  }
}
