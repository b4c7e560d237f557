/** Binds what a compiled script refers to: functions, variables, texts, words of the core. */
import type {
  BoundCall,
  CallSite,
  CoreComparison,
  Getter,
  Linker,
  RouteFunction,
  TextMatcher,
} from "../dsl/compile/abi.ts";
import { Positions } from "../dsl/diagnostics/positions.ts";
import { startCodes } from "../dsl/diagnostics/codes-start.ts";
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import { translateRegex } from "../dsl/regex/translate.ts";
import type { Span } from "../dsl/source.ts";
import type { CoreTerm, Select, Variable } from "../dsl/syntax/ast.ts";
import type { Value } from "../dsl/value.ts";
import type { ScriptContext } from "./context.ts";
import { InvariantError, messageOf } from "./errors.ts";
import { ArgumentBinder } from "./linker-arguments.ts";
import { bindCall } from "./linker-calls.ts";
import { CoreTerms } from "./linker-core.ts";
import type { ScriptExports } from "./linker-exports.ts";
import { RegexCache } from "./linker-regex.ts";
import { LinkProblem, VariableBinder } from "./linker-variables.ts";
import type { ScriptVariable } from "./module.ts";
import type { Counter, Services } from "./services.ts";

/** What of the engine the linker needs. */
export type LinkerServices = Pick<Services, "log" | "statistics" | "globals" | "isMyself">;

export interface LinkerOptions {
  readonly services: LinkerServices;
  readonly exports: ScriptExports;
  /** Positions of flags declared with `flags`. */
  readonly flags?: ReadonlyMap<string, number>;
}

/** Links one program. What cannot be bound becomes a diagnostic and, should it run all the same, a fault. */
export class ScriptLinker implements Linker<ScriptContext> {
  readonly diagnostics: Diagnostic[] = [];
  readonly variables: VariableBinder;
  readonly #services: LinkerServices;
  readonly #exports: ScriptExports;
  readonly #arguments: ArgumentBinder;
  readonly #core: CoreTerms;
  /** Patterns of `=~` that are computed. */
  readonly #patterns = new RegexCache({ ignoreCase: true });
  readonly #positions = new Positions();
  readonly #faults: Counter;
  #routes: ReadonlyMap<string, RouteFunction<ScriptContext>> = new Map();

  constructor({ services, exports, flags }: LinkerOptions) {
    this.#services = services;
    this.#exports = exports;
    this.variables = new VariableBinder(exports);
    this.#arguments = new ArgumentBinder(this.variables, flags ?? new Map());
    this.#core = new CoreTerms(services, this.#patterns);
    this.#faults = services.statistics.counter(
      "olelo",
      "script_faults",
      "Faults while running the script.",
    );
  }

  get maxWhileLoops(): number {
    const limit = this.#services.globals.int("max_while_loops");
    return limit > 0 ? limit : Infinity;
  }

  get maxRouteDepth(): number {
    const limit = this.#services.globals.int("max_recursive_level");
    return limit > 0 ? limit : Infinity;
  }

  /** The routes that computed names may mean: those of `route[NAME]`. */
  useRoutes(routes: ReadonlyMap<string, RouteFunction<ScriptContext>>): void {
    this.#routes = routes;
  }

  route(name: string): RouteFunction<ScriptContext> | undefined {
    return this.#routes.get(name);
  }

  call(site: CallSite<ScriptContext>): BoundCall<ScriptContext> {
    const { text, span } = site.call.name;
    return this.#orFault<number, Promise<number>>(span, -1, () => {
      const handler = this.#exports.handler(site.module, text, site.form);
      const args = site.args.map((argument) =>
        this.#orRefuse(argument.span, () => this.#arguments.bind(argument)),
      );
      return bindCall(handler, args, text);
    });
  }

  variable(node: Variable): ScriptVariable {
    try {
      return this.variables.variable(node);
    } catch (error) {
      this.#refuse(error, node.span);
      return { text: `$${node.name}`, isWritable: false, get: () => null, set: () => undefined };
    }
  }

  select(select: Select): Getter<ScriptContext> {
    return this.#orFault<Value, never>(select.span, null, () => {
      const getter = this.#exports.select(select.path);
      if (getter === undefined) {
        const path = select.path.map((part) => part.name).join(".");
        throw new LinkProblem(`there is no select @${path}`);
      }
      return getter;
    });
  }

  core(term: CoreTerm): Getter<ScriptContext> {
    return this.#orFault<Value, never>(term.span, null, () => this.#core.value(term));
  }

  compare(comparison: CoreComparison<ScriptContext>): Getter<ScriptContext, boolean> {
    return this.#orFault<boolean, never>(comparison.span, false, () =>
      this.#core.compare(comparison),
    );
  }

  regex(pattern: string, ignoreCase: boolean, span: Span): TextMatcher {
    const translation = translateRegex(pattern, { ignoreCase });
    if (translation.ok) return translation.regex;
    this.#report(`bad regular expression "${pattern}": ${translation.problem.message}`, span);
    return { test: () => false };
  }

  matches(context: ScriptContext, text: string, pattern: string, span: Span): boolean | undefined {
    const translation = this.#patterns.get(pattern);
    if (translation.ok) return translation.regex.test(text);
    this.fault(
      context,
      `bad regular expression "${pattern}": ${translation.problem.message}`,
      span,
    );
    return undefined;
  }

  fault(context: ScriptContext, message: string, span: Span): void {
    this.#faults.value++;
    this.#services.log.error(`${message} at ${this.placeOf(span)}`, {
      callId: context.msg.callId,
    });
  }

  /** `kamailio.cfg:12:5`. */
  placeOf(span: Span): string {
    const { line, column } = this.#positions.at(span.source, span.start);
    return `${span.source.name}:${line}:${column}`;
  }

  /** Binds; when that fails, a closure that reports the fault each time it runs. */
  #orFault<T, R>(
    span: Span,
    result: T,
    bind: () => Getter<ScriptContext, T | R>,
  ): Getter<ScriptContext, T | R> {
    try {
      return bind();
    } catch (error) {
      const message = this.#refuse(error, span);
      return (context) => {
        this.fault(context, message, span);
        return result;
      };
    }
  }

  /** Reports a problem at the place it has, and lets the one around it know. */
  #orRefuse<T>(span: Span, bind: () => T): T {
    try {
      return bind();
    } catch (error) {
      if (!(error instanceof LinkProblem)) throw error;
      throw new PlacedProblem(error.message, span);
    }
  }

  #refuse(error: unknown, span: Span): string {
    if (error instanceof InvariantError) throw error;
    const message = messageOf(error);
    this.#report(message, error instanceof PlacedProblem ? error.span : span);
    return message;
  }

  #report(message: string, span: Span): void {
    const { code, severity } = startCodes.linkFailed;
    this.diagnostics.push({ code, severity, message, span });
  }
}

/** A problem with its own place. */
class PlacedProblem extends LinkProblem {
  readonly span: Span;
  constructor(message: string, span: Span) {
    super(message);
    this.span = span;
  }
}
