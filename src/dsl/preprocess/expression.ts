/** Evaluates the expressions of `#!ifexp`, `#!defexp` and `#!defexps`. */

/** Numbers and texts; truth is 1 and 0. */
export type ExpressionValue = number | string;

export type ExpressionResult =
  | { readonly ok: true; readonly value: ExpressionValue }
  | { readonly ok: false; readonly problem: string };

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z_]\w*)|(\*\*|<<|>>|&&|\|\||[=!<>]=|[-+*/%<>!~&|^()]))/y;

const PRECEDENCE: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "|": 3,
  "^": 4,
  "&": 5,
  "==": 6,
  "!=": 6,
  "<": 7,
  "<=": 7,
  ">": 7,
  ">=": 7,
  "<<": 8,
  ">>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "%": 10,
  "**": 11,
};

const MAX_DEPTH = 64;

interface Token {
  readonly kind: "value" | "name" | "sign" | "end";
  readonly text: string;
  readonly value: ExpressionValue;
}

const END: Token = { kind: "end", text: "", value: 0 };

function truth(value: ExpressionValue): boolean {
  return typeof value === "number" ? value !== 0 : value !== "";
}

function numeric(value: ExpressionValue): number {
  const number = typeof value === "number" ? value : Number(value);
  return Number.isNaN(number) ? 0 : number;
}

function compare(operator: string, left: ExpressionValue, right: ExpressionValue): boolean {
  const texts = typeof left === "string" && typeof right === "string";
  const a = texts ? left : numeric(left);
  const b = texts ? right : numeric(right);
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "&": (a, b) => a & b,
  "<<": (a, b) => a << b,
  ">>": (a, b) => a >> b,
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (b === 0 ? 0 : a / b),
  "%": (a, b) => (b === 0 ? 0 : a % b),
  "**": (a, b) => a ** b,
};

function apply(operator: string, left: ExpressionValue, right: ExpressionValue): ExpressionValue {
  if (operator === "&&") return truth(left) && truth(right) ? 1 : 0;
  if (operator === "||") return truth(left) || truth(right) ? 1 : 0;
  if (operator === "+" && (typeof left === "string" || typeof right === "string")) {
    return String(left) + String(right);
  }
  const arithmetic = ARITHMETIC[operator];
  if (arithmetic !== undefined) return arithmetic(numeric(left), numeric(right));
  return compare(operator, left, right) ? 1 : 0;
}

class Evaluator {
  readonly #tokens: readonly Token[];
  readonly #lookup: (name: string) => ExpressionValue;
  #at = 0;
  #depth = 0;
  problem = "";

  constructor(tokens: readonly Token[], lookup: (name: string) => ExpressionValue) {
    this.#tokens = tokens;
    this.#lookup = lookup;
  }

  get current(): Token {
    return this.#tokens[this.#at] ?? END;
  }

  // binary = unary { operator unary }
  binary(minimum: number): ExpressionValue {
    let left = this.unary();
    for (;;) {
      const operator = this.current.kind === "sign" ? this.current.text : "";
      const precedence = PRECEDENCE[operator] ?? 0;
      if (precedence <= minimum || this.problem !== "") return left;
      this.#at += 1;
      left = apply(operator, left, this.binary(precedence));
    }
  }

  // unary = ("!" | "-" | "+" | "~") unary | value | name | "(" binary ")"
  unary(): ExpressionValue {
    const token = this.current;
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) return this.#fail("this expression is nested too deep");
    this.#at += 1;
    const value = token.kind === "sign" ? this.#signed(token.text) : this.#operand(token);
    this.#depth -= 1;
    return value;
  }

  #signed(sign: string): ExpressionValue {
    switch (sign) {
      case "!":
        return truth(this.unary()) ? 0 : 1;
      case "-":
        return -numeric(this.unary());
      case "+":
        return numeric(this.unary());
      case "~":
        return ~numeric(this.unary());
      case "(": {
        const value = this.binary(0);
        if (this.current.text !== ")") return this.#fail("')' expected");
        this.#at += 1;
        return value;
      }
      default:
        return this.#fail(`'${sign}' has no value before it`);
    }
  }

  #operand(token: Token): ExpressionValue {
    if (token.kind === "end") return this.#fail("the expression ends too early");
    return token.kind === "name" ? this.#lookup(token.text) : token.value;
  }

  #fail(problem: string): ExpressionValue {
    if (this.problem === "") this.problem = problem;
    return 0;
  }
}

/** Computes an expression; `lookup` gives the value of a name (0 for a name that is not defined). */
export function evaluateExpression(
  text: string,
  lookup: (name: string) => ExpressionValue,
): ExpressionResult {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null || tokens.length > 1000) {
      return { ok: false, problem: `'${text.slice(at).trim().slice(0, 20)}' is not understood` };
    }
    at = TOKEN.lastIndex;
    const [, number, quoted, raw, name, sign] = found;
    if (number !== undefined) tokens.push({ kind: "value", text: "", value: Number(number) });
    else if (name !== undefined) tokens.push({ kind: "name", text: name, value: 0 });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign, value: 0 });
    else
      tokens.push({
        kind: "value",
        text: "",
        value: raw ?? (quoted ?? "").replace(/\\(.)/g, "$1"),
      });
  }
  const evaluator = new Evaluator(tokens, lookup);
  const value = evaluator.binary(0);
  if (evaluator.problem !== "") return { ok: false, problem: evaluator.problem };
  if (evaluator.current.kind !== "end") {
    return { ok: false, problem: "an operator is missing between two values" };
  }
  return { ok: true, value };
}
