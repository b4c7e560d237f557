/** Reads one variable out of a text: name, inner text, index and transformations. */
import type { Transformation, Variable } from "../syntax/ast.ts";
import { isNamePart } from "../syntax/scan.ts";
import type { Span } from "../source.ts";

/** Turns a stretch of a string's value into a place in a file. */
export type Locate = (start: number, end: number) => Span;

/** Variables inside variables (as index or argument) deeper than this are refused. */
const MAX_NESTING = 16;

const DOLLAR = 36;
const LEFT = 40;
const RIGHT = 41;
const COMMA = 44;
const DOT = 46;
const QUESTION = 63;
const LEFT_SQUARE = 91;
const LEFT_BRACE = 123;
const RIGHT_BRACE = 125;

function isVariableNamePart(code: number): boolean {
  return isNamePart(code) || code === DOT || code === QUESTION;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** A cursor over a text; after a failed `read`, `problem` says why and `isOpenEnded` whether the text ran out. */
export class VariableReader {
  readonly #text: string;
  readonly #locate: Locate;
  #nesting = 0;
  /** Where the cursor stands: behind the variable after a successful `read`. */
  position = 0;
  problem = "";
  isOpenEnded = false;

  constructor(text: string, locate: Locate) {
    this.#text = text;
    this.#locate = locate;
  }

  /** Reads the variable whose `$` is at `start`. */
  read(start: number): Variable | undefined {
    const first = this.#text.charCodeAt(start + 1);
    this.isOpenEnded = false;
    if (first === DOLLAR) {
      this.position = start + 2;
      return this.#variable(start, "$", undefined, {});
    }
    return first === LEFT ? this.#readBracketed(start) : this.#readPlain(start);
  }

  // $name or $name(inner)
  #readPlain(start: number): Variable | undefined {
    const name = this.#name(start + 1);
    if (name === undefined) return undefined;
    if (this.#text.charCodeAt(this.position) !== LEFT) {
      return this.#variable(start, name, undefined, {});
    }
    const inner = this.#inner();
    return inner === undefined ? undefined : this.#variable(start, name, inner, {});
  }

  // $(name(inner)[index]{transformation}...)
  #readBracketed(start: number): Variable | undefined {
    const name = this.#name(start + 2);
    if (name === undefined) return undefined;
    let inner: { start: number; end: number } | undefined;
    if (this.#text.charCodeAt(this.position) === LEFT) {
      inner = this.#inner();
      if (inner === undefined) return undefined;
    }
    let index: Variable["index"];
    if (this.#text.charCodeAt(this.position) === LEFT_SQUARE) {
      index = this.#index();
      if (index === undefined) return undefined;
    }
    const transformations: Transformation[] = [];
    while (this.#text.charCodeAt(this.position) === LEFT_BRACE) {
      const transformation = this.#transformation();
      if (transformation === undefined) return undefined;
      transformations.push(transformation);
      while (isBlank(this.#text.charCodeAt(this.position))) this.position += 1;
    }
    if (this.#text.charCodeAt(this.position) !== RIGHT) {
      this.#fail("')' expected at the end of this variable", this.position);
      return undefined;
    }
    this.position += 1;
    return this.#variable(start, name, inner, {
      ...(index === undefined ? {} : { index }),
      transformations,
    });
  }

  #variable(
    start: number,
    name: string,
    inner: { start: number; end: number } | undefined,
    rest: { index?: number | "*" | Variable; transformations?: readonly Transformation[] },
  ): Variable {
    return {
      kind: "variable",
      span: this.#locate(start, this.position),
      name,
      ...(inner === undefined
        ? {}
        : {
            inner: this.#text.slice(inner.start, inner.end),
            innerSpan: this.#locate(inner.start, inner.end),
          }),
      ...(rest.index === undefined ? {} : { index: rest.index }),
      transformations: rest.transformations ?? [],
    };
  }

  #fail(message: string, at: number): void {
    this.problem = message;
    this.isOpenEnded = at >= this.#text.length;
  }

  #name(start: number): string | undefined {
    let at = start;
    while (isVariableNamePart(this.#text.charCodeAt(at))) at += 1;
    if (at === start) {
      this.#fail(
        "'$' must be followed by the name of a variable; '$$' stands for a dollar sign",
        start,
      );
      return undefined;
    }
    this.position = at;
    return this.#text.slice(start, at);
  }

  /** The stretch between the parenthesis at the cursor and its partner. */
  #inner(): { start: number; end: number } | undefined {
    let depth = 0;
    for (let at = this.position; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === LEFT) depth += 1;
      else if (code === RIGHT) {
        depth -= 1;
        if (depth === 0) {
          const start = this.position + 1;
          this.position = at + 1;
          return { start, end: at };
        }
      }
    }
    this.#fail("the parenthesis of this variable is not closed", this.#text.length);
    return undefined;
  }

  #nested(at: number): Variable | undefined {
    if (this.#nesting >= MAX_NESTING) {
      this.#fail(`more than ${MAX_NESTING} variables inside each other`, this.#text.length);
      return undefined;
    }
    this.#nesting += 1;
    const variable = this.read(at);
    this.#nesting -= 1;
    return variable;
  }

  /** `[3]`, `[-1]`, `[*]` or `[$var(i)]`. */
  #index(): number | "*" | Variable | undefined {
    const start = this.position + 1;
    let index: number | "*" | Variable | undefined;
    if (this.#text.charCodeAt(start) === DOLLAR) {
      index = this.#nested(start);
      if (index === undefined) return undefined;
    } else {
      const close = this.#text.indexOf("]", start);
      const text = close < 0 ? "" : this.#text.slice(start, close);
      if (text === "*") index = "*";
      else if (/^-?\d{1,9}$/.test(text)) index = Number(text);
      this.position = Math.max(close, start);
    }
    if (index === undefined || this.#text[this.position] !== "]") {
      const end = this.#text.indexOf("]", start) < 0 ? this.#text.length : start;
      this.#fail("an index is a number, '*' or a variable between '[' and ']'", end);
      return undefined;
    }
    this.position += 1;
    return index;
  }

  /** The offset of the brace that closes the one at `start`, or -1. */
  #closingBrace(start: number): number {
    let depth = 0;
    let first = -1;
    for (let at = start; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === LEFT_BRACE) depth += 1;
      else if (code === RIGHT_BRACE) {
        if (first < 0) first = at;
        depth -= 1;
        if (depth === 0) return at;
      }
    }
    // A lone brace may be an argument: `{s.select,1,{}`.
    return first;
  }

  // {class.name,arg,arg}
  #transformation(): Transformation | undefined {
    const start = this.position;
    const close = this.#closingBrace(start);
    if (close < 0) {
      this.#fail("the brace of this transformation is not closed", this.#text.length);
      return undefined;
    }
    let comma = this.#text.indexOf(",", start);
    if (comma < 0 || comma > close) comma = close;
    const head = /^([A-Za-z_]\w*)\.([\w.]+)$/.exec(this.#text.slice(start + 1, comma));
    if (head === null) {
      this.#fail("a transformation is written {class.name} or {class.name,arguments}", start);
      return undefined;
    }
    const args = comma < close ? this.#arguments(comma + 1, close) : [];
    this.position = close + 1;
    return {
      span: this.#locate(start, close + 1),
      className: head[1] ?? "",
      name: head[2] ?? "",
      args,
      raw: comma < close ? this.#text.slice(comma + 1, close) : "",
    };
  }

  #arguments(from: number, close: number): (string | Variable)[] {
    const args: (string | Variable)[] = [];
    let start = from;
    for (;;) {
      while (start < close && isBlank(this.#text.charCodeAt(start))) start += 1;
      let end = -1;
      if (this.#text.charCodeAt(start) === DOLLAR && start < close) {
        const variable = this.#nested(start);
        const next = this.#text.charCodeAt(this.position);
        if (
          variable !== undefined &&
          this.position <= close &&
          (next === COMMA || this.position === close)
        ) {
          args.push(variable);
          end = this.position;
        }
      }
      if (end < 0) {
        end = this.#text.indexOf(",", start);
        if (end < 0 || end > close) end = close;
        args.push(this.#text.slice(start, end));
      }
      if (end >= close) return args;
      start = end + 1;
    }
  }
}
