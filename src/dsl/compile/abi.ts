/**
 * The contract between compiled scripts and the runtime.
 *
 * A compiled program is one JavaScript text. Run, it is a factory that takes a `Linker` and gives back one function per
 * route. What a script refers to (functions, variables, core terms, regular expressions) is bound once, by site number, when
 * the program is linked; what runs for a message is plain calls of bound closures.
 */
import type { Call, CoreTerm, Select, Variable } from "../syntax/ast.ts";
import type { ArgumentSpec, FunctionSpec, VariableHandle } from "../catalog/spec.ts";
import type { Span } from "../source.ts";
import type { Value } from "../value.ts";

/** How a script goes on after a statement. Bits in `ScriptState.stop`. */
export const Stop = {
  /** `return`: ends this route. Never left set when a route function hands back. */
  none: 0,
  /** `exit`, or a function that returned 0: ends the script. */
  exit: 1,
  /** `drop`: ends the script, and the message is not sent on (branch, onreply, failure, local-request routes). */
  drop: 2,
} as const;

/** The part of a message context that compiled code itself touches. Everything else goes through bound closures. */
export interface ScriptState {
  /** `$rc`, `$retcode`, `$?`: the code of the last function or route. */
  rc: number;
  /** 0 while running; see `Stop`. */
  stop: number;
}

/** Evaluates something for a message. */
export type Getter<C, T = Value> = (context: C) => T;

/** A compiled route: hands back its return code (1 when it falls off its end, see the compiler). */
export type RouteFunction<C> = (context: C) => number | Promise<number>;

/** A bound call site: runs the function and hands back its code. */
export type BoundCall<C> = (context: C) => number | Promise<number>;

/** One argument as it stands in the config. */
export interface Argument<C> {
  readonly spec: ArgumentSpec;
  readonly span: Span;
  /** The text or number when it is known now. */
  readonly constant?: string | number;
  /** Evaluates it otherwise: strings with variables, variables, expressions. Never hands back a promise. */
  readonly evaluate?: Getter<C>;
  /** When it is exactly one variable: its node, for kind `var`. */
  readonly variable?: Variable;
}

/** A call site of a module's or the core's function. */
export interface CallSite<C> {
  readonly call: Call;
  /** Module that exports it (`core` for the core). */
  readonly module: string;
  readonly function: FunctionSpec;
  /** Name of the form in `forms`, when there are several. */
  readonly form?: string;
  readonly args: readonly Argument<C>[];
}

/** A comparison or truth test with a core term on either side (`uri==myself`, `src_ip!=10.0.0.0/8`, `method=~"INV"`). */
export interface CoreComparison<C> {
  readonly left: CoreTerm;
  readonly operator: "==" | "!=" | "=~" | "!~" | "<" | ">" | "<=" | ">=" | "truth";
  readonly right?: CoreTerm | Argument<C>;
  readonly span: Span;
}

/** Tells whether a text matches. */
export interface TextMatcher {
  test(text: string): boolean;
}

/** What the runtime offers to a program that is being linked. */
export interface Linker<C extends ScriptState> {
  call(site: CallSite<C>): BoundCall<C>;
  variable(variable: Variable): Omit<VariableHandle, "get" | "set"> & {
    get(context: C): Value;
    set(context: C, value: Value): void;
  };
  select(select: Select): Getter<C>;
  /** The value of a core term in an expression (`$x = status + 1`, `method`). */
  core(term: CoreTerm): Getter<C>;
  compare(comparison: CoreComparison<C>): Getter<C, boolean>;
  /** The route of that name at the time of the call (for computed names); undefined when there is none. */
  route(name: string): RouteFunction<C> | undefined;
  /** Called with a run-time fault (division by zero, loop bound, unknown computed route, an invariant): logs it, counted, with file:line. */
  fault(context: C, message: string, span: Span): void;
  /** A pattern that stands in the config, for `=~` (letters in any case) or a `case` (as written). */
  regex(pattern: string, ignoreCase: boolean, span: Span): TextMatcher;
  /** Matches against a pattern known only now, as `=~` does. Undefined: not a pattern; the fault has been reported. */
  matches(context: C, text: string, pattern: string, span: Span): boolean | undefined;
  /** `max_while_loops`; `Infinity` when there is no limit. */
  readonly maxWhileLoops: number;
  /** `max_recursive_level`: how deep routes may call themselves; `Infinity` when there is no limit. */
  readonly maxRouteDepth: number;
}
