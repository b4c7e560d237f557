/** Converts arguments of functions by their kinds: constants once, the rest for each message. */
import type { ArgumentSpec, Kind } from "../dsl/catalog/spec.ts";
import type { Argument, Getter } from "../dsl/compile/abi.ts";
import { operations, parseInteger } from "../dsl/compile/operations.ts";
import { translateRegex, type RegexOptions } from "../dsl/regex/translate.ts";
import type { Value } from "../dsl/value.ts";
import type { ScriptContext } from "./context.ts";
import { InvariantError } from "./errors.ts";
import { RegexCache } from "./linker-regex.ts";
import { LinkProblem, type VariableBinder } from "./linker-variables.ts";
import type { BoundArgument } from "./module.ts";

type Arg = Argument<ScriptContext>;
type Bound = BoundArgument<unknown>;

function constant(value: unknown): Bound {
  return { constant: value, get: () => value };
}

function dynamic(get: Getter<ScriptContext, unknown>): Bound {
  return { constant: undefined, get };
}

/** How patterns in arguments are compiled unless their declaration says otherwise: any case, line feeds end lines. */
const patternOptions: RegexOptions = { ignoreCase: true, newline: true, longest: true };

function optionsOf(spec: ArgumentSpec): RegexOptions {
  const { regex } = spec;
  if (regex === undefined) return patternOptions;
  const { newline = false, longest = false, global = false, caseSensitive = false } = regex;
  return { ignoreCase: !caseSensitive, newline, longest, global };
}

/** Matches nothing: stands for a computed pattern that is none. */
const noMatch = /(?!)/;

export class ArgumentBinder {
  readonly #variables: VariableBinder;
  /** Positions of flags declared with `flags`. */
  readonly #flags: ReadonlyMap<string, number>;

  constructor(variables: VariableBinder, flags: ReadonlyMap<string, number>) {
    this.#variables = variables;
    this.#flags = flags;
  }

  /** Throws a `LinkProblem` when the argument cannot be what its kind says. */
  bind(argument: Arg): Bound {
    const { constant: value, get } = this.#binders[argument.spec.kind](argument);
    return { constant: value, span: argument.span, get };
  }

  readonly #binders: Readonly<Record<Kind, (argument: Arg) => Bound>> = {
    str: (argument) => this.#plainText(argument),
    fmt: (argument) => this.#text(argument),
    "fmt?": (argument) => this.#textOrNull(argument),
    int: (argument) => this.#integer(argument),
    flag: (argument) => this.#flag(argument),
    var: (argument) => this.#variable(argument),
    any: (argument) => this.#value(argument),
    regex: (argument) => this.#regex(argument),
    "regex-fmt": (argument) => this.#regex(argument),
    route: (argument) => this.#plainText(argument),
    subst: (argument) => this.#plainText(argument),
    status: (argument) => this.#integer(argument),
    methods: (argument) => this.#text(argument),
    header: (argument) => this.#text(argument),
    table: (argument) => this.#plainText(argument),
    uri: (argument) => this.#text(argument),
    host: (argument) => this.#text(argument),
  };

  #evaluator(argument: Arg): Getter<ScriptContext> {
    if (argument.evaluate !== undefined) return argument.evaluate;
    if (argument.variable !== undefined) return this.#variables.variable(argument.variable).get;
    throw new InvariantError(`argument ${argument.spec.name} has neither a value nor an evaluator`);
  }

  #plainText(argument: Arg): Bound {
    if (argument.constant !== undefined) return constant(String(argument.constant));
    const evaluate = this.#evaluator(argument);
    return dynamic((context) => operations.str(evaluate(context)));
  }

  #text(argument: Arg): Bound {
    if (argument.constant === undefined) return this.#plainText(argument);
    if (typeof argument.constant === "number") return constant(String(argument.constant));
    const format = this.#variables.format(argument.constant, argument.span);
    return format.constant === undefined ? dynamic(format.get) : constant(format.constant);
  }

  #textOrNull(argument: Arg): Bound {
    if (argument.constant === undefined) {
      const evaluate = this.#evaluator(argument);
      return dynamic((context) => textOrNull(evaluate(context)));
    }
    if (typeof argument.constant === "number") return constant(String(argument.constant));
    const format = this.#variables.format(argument.constant, argument.span);
    if (format.constant !== undefined) return constant(format.constant);
    const { single } = format;
    return dynamic(
      single === undefined ? format.get : (context) => textOrNull(single.get(context)),
    );
  }

  #integer(argument: Arg): Bound {
    const given = argument.constant;
    if (typeof given === "number") return constant(given);
    if (given === undefined) {
      const evaluate = this.#evaluator(argument);
      return dynamic((context) => operations.int(evaluate(context)));
    }
    const format = this.#variables.format(given, argument.span);
    if (format.constant !== undefined) return constant(this.#number(argument, format.constant));
    const { single, get } = format;
    return dynamic(
      single === undefined
        ? (context) => parseInteger(get(context))
        : (context) => operations.int(single.get(context)),
    );
  }

  #number(argument: Arg, text: string): number {
    if (!/^[+-]?\d+$|^0[xX][0-9A-Fa-f]+$/.test(text)) {
      throw new LinkProblem(`${argument.spec.name} must be a number, not "${text}"`);
    }
    return parseInteger(text);
  }

  #flag(argument: Arg): Bound {
    if (typeof argument.constant === "string") {
      const position = this.#flags.get(argument.constant);
      if (position !== undefined) return constant(position);
    }
    return this.#integer(argument);
  }

  #variable(argument: Arg): Bound {
    if (argument.variable !== undefined) {
      return constant(this.#variables.variable(argument.variable));
    }
    if (typeof argument.constant === "string") {
      return constant(this.#variables.variableFromText(argument.constant));
    }
    throw new LinkProblem(`${argument.spec.name} must be a variable`);
  }

  #value(argument: Arg): Bound {
    if (argument.constant !== undefined) return constant(argument.constant);
    return dynamic(this.#evaluator(argument));
  }

  #regex(argument: Arg): Bound {
    const options = optionsOf(argument.spec);
    const cache = new RegexCache(options, 100);
    if (argument.constant === undefined) {
      const evaluate = this.#evaluator(argument);
      return dynamic((context) => pattern(cache, operations.str(evaluate(context))));
    }
    const text = String(argument.constant);
    if (argument.spec.kind === "regex-fmt") {
      const format = this.#variables.format(text, argument.span);
      if (format.constant === undefined)
        return dynamic((context) => pattern(cache, format.get(context)));
    }
    const translation = translateRegex(text, options);
    if (!translation.ok) {
      throw new LinkProblem(`bad regular expression "${text}": ${translation.problem.message}`);
    }
    return constant(translation.regex);
  }
}

function pattern(cache: RegexCache, text: string): RegExp {
  const translation = cache.get(text);
  return translation.ok ? translation.regex : noMatch;
}

function textOrNull(value: Value): string | null {
  return value === null ? null : operations.str(value);
}
