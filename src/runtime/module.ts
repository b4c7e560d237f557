/** How a module is declared (`spec.ts`, data) and implemented (`index.ts`), with the types of every handler inferred. */
import type {
  ArgumentSpec,
  FunctionSpec,
  Kind,
  KindTypes,
  ModuleSpec,
  ParamSpec,
} from "../dsl/catalog/spec.ts";
import type { Getter } from "../dsl/compile/abi.ts";
import type { Select, Transformation, Variable } from "../dsl/syntax/ast.ts";
import type { Span } from "../dsl/source.ts";
import type { Value } from "../dsl/value.ts";
import type { ScriptContext } from "./context.ts";
import type { Services } from "./services.ts";

export { optional, required } from "../dsl/catalog/spec.ts";

/** A variable as handlers get it for an argument of kind `var`. */
export interface ScriptVariable {
  readonly text: string;
  readonly isWritable: boolean;
  get(context: ScriptContext): Value;
  set(context: ScriptContext, value: Value): void;
}

type ArgumentType<K extends Kind> = K extends "var" ? ScriptVariable : KindTypes[K];

/** The value types of an argument list; optional ones may be undefined. */
export type ArgumentValues<A extends readonly ArgumentSpec[]> = {
  -readonly [I in keyof A]: A[I] extends {
    readonly kind: infer K extends Kind;
    readonly optional: true;
  }
    ? ArgumentType<K> | undefined
    : A[I] extends { readonly kind: infer K extends Kind }
      ? ArgumentType<K>
      : never;
};

/** Positive: true, negative: false, 0: ends the script. */
export type ReturnCode = number;

/** A plain handler: called with the evaluated arguments. */
export type Handler<A extends readonly ArgumentSpec[]> = (
  context: ScriptContext,
  ...args: ArgumentValues<A>
) => ReturnCode | Promise<ReturnCode>;

/** An argument for a handler that is made once per call site. */
export interface BoundArgument<T> {
  /** Its value when it is written as a constant. */
  readonly constant: T | undefined;
  /** Where it stands in the configuration. */
  readonly span?: Span;
  get(context: ScriptContext): T;
}

/** A handler made once per call site, so that constants are worked out when linking. Made with `bound`. */
export interface BindingHandler<A extends readonly ArgumentSpec[]> {
  readonly bind: (
    ...args: {
      [I in keyof ArgumentValues<A>]: undefined extends ArgumentValues<A>[I]
        ? BoundArgument<Exclude<ArgumentValues<A>[I], undefined>> | undefined
        : BoundArgument<ArgumentValues<A>[I]>;
    }
  ) => (context: ScriptContext) => ReturnCode | Promise<ReturnCode>;
}

type HandlerOf<A extends readonly ArgumentSpec[]> = Handler<A> | BindingHandler<A>;

/** What must be implemented for a function: one handler, or one per form. Not for those marked `implemented: false`. */
export type FunctionImplementation<F extends FunctionSpec> =
  F["forms"] extends Readonly<Record<string, readonly ArgumentSpec[]>>
    ? { readonly [N in keyof F["forms"]]: HandlerOf<F["forms"][N]> }
    : F["args"] extends readonly ArgumentSpec[]
      ? HandlerOf<F["args"]>
      : HandlerOf<readonly []>;

type Implemented<T> = {
  [N in keyof T as T[N] extends { readonly implemented: false } ? never : N]: T[N];
};

/** How a variable is bound: `$hdr(X)[1]` gives one binder call when linking. */
export interface VariableReference {
  /** The node: name, inner text as written, index, transformations are applied by the linker. */
  readonly node: Variable;
  /** Inner text when it holds no variables. */
  readonly inner: string | undefined;
  /** Evaluates the inner text (constant or not) as a format string. */
  readonly innerText: Getter<ScriptContext, string>;
  /** The inner text as a variable (`$T_req($ru)`), bound. */
  innerVariable(): ScriptVariable;
  /** No index: undefined. Constant: the number or "*". Else an evaluator. */
  readonly index: number | "*" | Getter<ScriptContext> | undefined;
}

export interface BoundVariable {
  get(context: ScriptContext): Value;
  /** Only for writable ones. */
  set?(context: ScriptContext, value: Value): void;
}

/** Binds a reference to a variable; may refuse it with a sentence (then it is a start-up error). */
export type VariableImplementation = (reference: VariableReference) => BoundVariable;

/** An argument of a transformation. */
export interface TransformationArgument {
  readonly constant: string | undefined;
  get(context: ScriptContext): Value;
}

export type TransformationImplementation = (
  args: readonly TransformationArgument[],
  node: Transformation,
) => (value: Value, context: ScriptContext) => Value;

/** The reply to an RPC call: plain data. */
export type RpcValue =
  | string
  | number
  | boolean
  | null
  | readonly RpcValue[]
  | { readonly [name: string]: RpcValue }
  | RpcStruct
  | RpcDouble
  | RpcStream;

/** A list of any length, made while the reply is written, so that neither memory nor the event loop has all of it at once. */
export class RpcStream {
  /**
   * Some more members, none of them with a stream in it, and as much as is made without holding up anything else; undefined at
   * the end. May hand out nothing for once.
   */
  readonly next: () => readonly RpcStruct[] | undefined | Promise<readonly RpcStruct[] | undefined>;
  constructor(next: RpcStream["next"]) {
    this.next = next;
  }
}

/** A number with decimals: clients get it as one even when it is whole. */
export class RpcDouble {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Ordered name/value pairs in which names may repeat, as in Kamailio's structures. */
export class RpcStruct {
  readonly entries: [string, RpcValue][] = [];
  add(name: string, value: RpcValue): this {
    this.entries.push([name, value]);
    return this;
  }
}

export class RpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What an RPC command hands back: one value for each line that `kamcmd` prints, or one structure. */
export interface RpcReply {
  readonly values: readonly RpcValue[];
}

export type RpcImplementation = (
  params: readonly (string | number)[],
) => RpcReply | Promise<RpcReply> | Iterable<RpcValue>;

type ParamValue<P extends ParamSpec> = P["multiple"] extends true
  ? (P["type"] extends "int" ? number : string)[]
  : P["type"] extends "int"
    ? number
    : P["type"] extends "flag"
      ? boolean
      : P extends { readonly default: string }
        ? string
        : string | undefined;

/** The values of a module's parameters: a live object (`cfg.set` changes it). */
export type ParamValues<S extends ModuleSpec> =
  S["params"] extends Readonly<Record<string, ParamSpec>>
    ? { -readonly [N in keyof S["params"]]: ParamValue<S["params"][N]> }
    : Record<never, never>;

/** Names the type of the API that a module publishes to others. Carried by the spec, has no value. */
export interface Api<T> {
  readonly api?: T;
}

/** The API type of a spec that was declared with `declareModule<Api>()`. */
export type ApiOf<S> = S extends { readonly publishes?: Api<infer T> } ? T : undefined;

type Apis<S extends ModuleSpec> = (S["needs"] extends Readonly<Record<string, ModuleSpec>>
  ? { readonly [N in keyof S["needs"]]: ApiOf<S["needs"][N]> }
  : Record<never, never>) &
  (S["uses"] extends Readonly<Record<string, ModuleSpec>>
    ? { readonly [N in keyof S["uses"]]: ApiOf<S["uses"][N]> | undefined }
    : Record<never, never>);

/** What a module gets when it is set up: after all parameters are known, before scripts are linked. */
export interface ModuleEnvironment<S extends ModuleSpec> {
  readonly params: ParamValues<S>;
  /** APIs of the modules named in `needs` and `uses`. */
  readonly use: Apis<S>;
  /** Clock, logger, sockets, routes, statistics, events: what the engine offers. */
  readonly services: Services;
  /** Reads a format string given in a parameter (`"src=$si;dst=$rU"`). Throws a ConfigError that names the parameter. */
  format(text: string): Getter<ScriptContext, string>;
  /** Reads a variable given in a parameter (`"$avp(received)"`). Throws a ConfigError that names the parameter. */
  variable(text: string): ScriptVariable;
  /** Fails the start with a diagnostic at the modparam line (or the loadmodule line). */
  fail(param: string | undefined, message: string): never;
  /** Says something about the configuration at start (a warning at the modparam's line). */
  warn(param: string | undefined, message: string): void;
}

type OptionalWhenEmpty<N extends string, T> = keyof T extends never
  ? { readonly [K in N]?: T }
  : { readonly [K in N]: T };

export type ModuleBehaviour<S extends ModuleSpec> = OptionalWhenEmpty<
  "functions",
  S["functions"] extends Readonly<Record<string, FunctionSpec>>
    ? {
        readonly [N in keyof Implemented<S["functions"]>]: FunctionImplementation<
          S["functions"][N]
        >;
      }
    : Record<never, never>
> &
  OptionalWhenEmpty<
    "variables",
    { readonly [N in keyof Implemented<NonNullable<S["variables"]>>]: VariableImplementation }
  > &
  OptionalWhenEmpty<
    "transformations",
    {
      readonly [C in keyof NonNullable<S["transformations"]>]: {
        readonly [
          N in keyof Implemented<NonNullable<S["transformations"]>[C]>
        ]: TransformationImplementation;
      };
    }
  > &
  OptionalWhenEmpty<
    "rpc",
    { readonly [N in keyof Implemented<NonNullable<S["rpc"]>>]: RpcImplementation }
  > & {
    /** Binds a select (`@from.uri`); nothing when this module has no such one. */
    readonly selects?: (path: Select["path"]) => Getter<ScriptContext> | undefined;
    /** What other modules may call; the type is named in the spec. */
    readonly api?: ApiOf<S>;
    /** After all modules are set up and the script is linked, before packets come in. */
    start?(): void | Promise<void>;
    /** At a clean stop, in reverse order; the sockets still work. Bounded by `shutdown_timeout`. */
    stop?(): void | Promise<void>;
  };

/** A loaded module: its declaration and its code. */
export interface ModuleDefinition<S extends ModuleSpec = ModuleSpec> {
  readonly spec: S;
  readonly setup: (environment: ModuleEnvironment<S>) => ModuleBehaviour<S>;
}

/** A module of any type, as lists of modules hold it. Only the engine runs its setup. */
export interface AnyModule {
  readonly spec: ModuleSpec;
  readonly setup: (environment: never) => unknown;
}

/** Declares a module. `T` is the API that it publishes: `declareModule<TmApi>()({...})`. */
export function declareModule<T = undefined>(): <const S extends ModuleSpec>(
  spec: S,
) => S & { readonly publishes?: Api<T> } {
  return (spec) => spec;
}

/** Ties code to a declaration. A declared function without code, or code without declaration, does not compile. */
export function implementModule<S extends ModuleSpec>(
  spec: S,
  setup: (environment: ModuleEnvironment<S>) => ModuleBehaviour<S>,
): ModuleDefinition<S> {
  return { spec, setup };
}

/** A handler that is made once per call site. */
export function bound<A extends readonly ArgumentSpec[]>(
  bind: BindingHandler<A>["bind"],
): BindingHandler<A> {
  return { bind };
}

/** A read-only variable without inner name or index. */
export function reads(get: (context: ScriptContext) => Value): VariableImplementation {
  const variable = { get };
  return () => variable;
}

/** A writable variable without inner name or index. */
export function readsAndWrites(
  get: (context: ScriptContext) => Value,
  set: (context: ScriptContext, value: Value) => void,
): VariableImplementation {
  const variable = { get, set };
  return () => variable;
}
