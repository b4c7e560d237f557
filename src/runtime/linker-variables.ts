/** Binds variables with their inner names, indexes and transformations, and texts with variables in them. */
import type { Getter } from "../dsl/compile/abi.ts";
import { operations } from "../dsl/compile/operations.ts";
import { tellsPlace, variableText } from "../dsl/compile/sites.ts";
import { wireText } from "../dsl/compile/wire-text.ts";
import { parseFormat, parseVariable, type FormatPart } from "../dsl/format/format.ts";
import type { Transformation, Variable } from "../dsl/syntax/ast.ts";
import type { Span } from "../dsl/source.ts";
import type { Value } from "../dsl/value.ts";
import type { ScriptContext } from "./context.ts";
import { InvariantError, messageOf } from "./errors.ts";
import type { ScriptExports } from "./linker-exports.ts";
import type {
  BoundVariable,
  ScriptVariable,
  TransformationArgument,
  VariableReference,
} from "./module.ts";

/** Something in a script that cannot be bound; the linker reports it at the place where it stands. */
export class LinkProblem extends Error {}

type Get = Getter<ScriptContext>;
type GetText = Getter<ScriptContext, string>;

/** A text with variables in it: constant when there are none. */
export interface BoundFormat {
  readonly constant: string | undefined;
  /** `$null` reads as `<null>` within other text; alone it is empty. */
  readonly get: GetText;
  /** When the text is exactly one variable: its value as it is. */
  readonly single: ScriptVariable | undefined;
}

/** Variables that exist whatever modules are loaded. */
const builtIn: Readonly<Record<string, BoundVariable>> = {
  null: { get: () => null },
  rc: { get: (context) => context.rc },
  retcode: { get: (context) => context.rc },
  "?": { get: (context) => context.rc },
  $: { get: () => "$" },
};

function printed(value: Value): string {
  if (typeof value === "string") return value;
  return value === null ? "<null>" : `${value}`;
}

type Part = string | ScriptVariable;

function pair(a: Part, b: Part): GetText {
  if (typeof a === "string") {
    return typeof b === "string" ? () => a + b : (x) => a + printed(b.get(x));
  }
  if (typeof b === "string") return (x) => printed(a.get(x)) + b;
  return (x) => printed(a.get(x)) + printed(b.get(x));
}

function triple(a: Part, b: Part, c: Part): GetText | undefined {
  if (typeof a === "string" && typeof b === "object" && typeof c === "string") {
    return (x) => a + printed(b.get(x)) + c;
  }
  if (typeof a === "object" && typeof b === "string" && typeof c === "object") {
    return (x) => printed(a.get(x)) + b + printed(c.get(x));
  }
  return undefined;
}

/** Joins the texts of all parts; the usual numbers of parts have closures without a loop. */
function concatenation(parts: readonly Part[]): GetText {
  const [a, b, c] = parts;
  if (parts.length === 2) return pair(a as Part, b as Part);
  const three = parts.length === 3 ? triple(a as Part, b as Part, c as Part) : undefined;
  if (three !== undefined) return three;
  return (context) => {
    let text = "";
    for (const part of parts) text += typeof part === "string" ? part : printed(part.get(context));
    return text;
  };
}

/** Binds variables and texts for one set of modules. Equal texts are bound once. */
export class VariableBinder {
  readonly #exports: ScriptExports;
  readonly #bound = new Map<string, ScriptVariable>();
  /** Variables with transformations: their null reads otherwise in a text. */
  readonly #transformedOnes = new WeakSet<ScriptVariable>();

  constructor(exports: ScriptExports) {
    this.#exports = exports;
  }

  /** Throws a `LinkProblem` for what is no variable of a loaded module. */
  variable(node: Variable): ScriptVariable {
    const text = variableText(node);
    if (tellsPlace(node)) return this.#bind(node, text);
    const known = this.#bound.get(text);
    if (known !== undefined) return known;
    const variable = this.#bind(node, text);
    this.#bound.set(text, variable);
    return variable;
  }

  /** Binds a text that is exactly one variable. */
  variableFromText(text: string): ScriptVariable {
    const node = parseVariable(text);
    if (node === undefined) throw new LinkProblem(`"${text}" is no variable`);
    return this.variable(node);
  }

  /** Binds a text in which variables are evaluated; `span` is where it stands in the configuration. */
  format(text: string, span?: Span): BoundFormat {
    const parts = parseFormat(wireText(text)).map((part) => this.#part(part, span));
    const joined: (string | ScriptVariable)[] = [];
    for (const part of parts) {
      const last = joined.at(-1);
      if (typeof part === "string" && typeof last === "string")
        joined[joined.length - 1] = last + part;
      else joined.push(part);
    }
    const [first] = joined;
    if (first === undefined) return { constant: "", get: () => "", single: undefined };
    if (joined.length > 1) {
      const shown = joined.map((part) => this.#printable(part));
      return { constant: undefined, get: concatenation(shown), single: undefined };
    }
    if (typeof first === "string") return { constant: first, get: () => first, single: undefined };
    return {
      constant: undefined,
      get: (context) => operations.str(first.get(context)),
      single: first,
    };
  }

  /** As Kamailio: a transformation that fails leaves nothing in a text, where `$null` alone would read `<null>`. */
  #printable(part: string | ScriptVariable): string | ScriptVariable {
    if (typeof part === "string" || !this.#transformedOnes.has(part)) return part;
    return { ...part, get: (context) => part.get(context) ?? "" };
  }

  #part(part: FormatPart, span: Span | undefined): string | ScriptVariable {
    if (part.kind !== "variable") return part.text;
    const { variable } = part;
    // `$$` is how a text says `$`.
    if (variable.name === "$") return "$";
    return this.variable(
      span !== undefined && tellsPlace(variable) ? { ...variable, span } : variable,
    );
  }

  #bind(node: Variable, text: string): ScriptVariable {
    const base = this.#base(node, text);
    const get = this.#transformed(node.transformations, base);
    const isWritable = base.set !== undefined && node.transformations.length === 0;
    const variable: ScriptVariable = {
      text,
      isWritable,
      get,
      set: (context, value) => {
        if (!isWritable) throw new InvariantError(`${text} cannot be assigned to`);
        base.set?.(context, value);
      },
    };
    if (node.transformations.length > 0) this.#transformedOnes.add(variable);
    return variable;
  }

  #base(node: Variable, text: string): BoundVariable {
    const found = this.#exports.variable(node.name);
    if (found !== undefined) {
      try {
        return found.bind(this.#reference(node, found.spec.innerForm));
      } catch (error) {
        if (error instanceof LinkProblem) throw error;
        throw new LinkProblem(`${text}: ${messageOf(error)}`);
      }
    }
    const own = Object.hasOwn(builtIn, node.name) ? builtIn[node.name] : undefined;
    if (own === undefined) throw new LinkProblem(`no loaded module has the variable $${node.name}`);
    return own;
  }

  #reference(node: Variable, innerForm: string | undefined): VariableReference {
    const inner = node.inner === undefined ? undefined : wireText(node.inner);
    const isPlain = inner !== undefined && (innerForm === "text" || !inner.includes("$"));
    let format: BoundFormat | undefined;
    const innerText: GetText = (context) => (format ??= this.format(inner ?? "")).get(context);
    // Only what holds variables needs evaluation; it is bound now, so that problems show at the start.
    if (!isPlain && inner !== undefined && innerForm !== "variable") format = this.format(inner);
    return {
      node,
      inner: isPlain ? inner : undefined,
      innerText: isPlain ? () => inner : format === undefined ? innerText : format.get,
      innerVariable: () => this.variableFromText(inner ?? ""),
      index: typeof node.index === "object" ? this.variable(node.index).get : node.index,
    };
  }

  #transformed(transformations: readonly Transformation[], base: BoundVariable): Get {
    const steps = transformations.map((node) => this.#transformation(node));
    const [first, second] = steps;
    if (first === undefined) return (context) => base.get(context);
    if (second === undefined) return (context) => first(base.get(context), context);
    if (steps.length === 2) {
      return (context) => second(first(base.get(context), context), context);
    }
    return (context) => {
      let value = base.get(context);
      for (const step of steps) value = step(value, context);
      return value;
    };
  }

  #transformation(node: Transformation): (value: Value, context: ScriptContext) => Value {
    const implementation = this.#exports.transformation(node.className, node.name);
    if (implementation === undefined) {
      const name = `{${node.className}.${node.name}}`;
      throw new LinkProblem(`no loaded module has the transformation ${name}`);
    }
    const args = node.args.map((arg): TransformationArgument => {
      if (typeof arg === "string") {
        const constant = wireText(arg);
        return { constant, get: () => constant };
      }
      return { constant: undefined, get: this.variable(arg).get };
    });
    try {
      return implementation(args, node);
    } catch (error) {
      throw new LinkProblem(messageOf(error));
    }
  }
}
