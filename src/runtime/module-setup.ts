/** Sets up the loaded modules in their order and keeps what they gave back. */
import { startCodes } from "../dsl/diagnostics/codes-start.ts";
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import type { Span } from "../dsl/source.ts";
import type { Value } from "../dsl/value.ts";
import type { ScriptContext } from "./context.ts";
import { ConfigError, invariant, messageOf } from "./errors.ts";
import type { LoadedModule } from "./module-loader.ts";
import type { ModuleParams } from "./module-params.ts";
import type {
  ModuleBehaviour,
  ModuleEnvironment,
  RpcImplementation,
  ScriptVariable,
} from "./module.ts";
import type { ModuleSpec } from "../dsl/catalog/spec.ts";
import type { RpcRegistry } from "./rpc.ts";
import type { Services } from "./services.ts";

/** What a module's setup gave back, without its types. */
export type AnyBehaviour = ModuleBehaviour<ModuleSpec> & {
  readonly api?: unknown;
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
  readonly rpc?: Readonly<Record<string, RpcImplementation>>;
};

export interface ReadyModule {
  readonly spec: ModuleSpec;
  readonly behaviour: AnyBehaviour;
}

/** Texts that modules gave in their parameters; they can be bound only when all modules are there. */
export interface ScriptBinder {
  format(text: string): (context: ScriptContext) => string;
  variable(text: string): ScriptVariable;
  /** Binds a select by its path, with or without its `@`; nothing when no module has such one. */
  select(path: string): ((context: ScriptContext) => Value) | undefined;
  /** Name of the route block around a place in the configuration; null outside of routes. */
  routeAt(place: Span): string | null;
}

export interface SetupContext {
  readonly services: Services;
  readonly params: ModuleParams;
  readonly rpc: RpcRegistry;
  /** Place for findings without a line of their own. */
  readonly fallback: Span;
}

/** Runs the setups. Findings end up in `diagnostics`; a module that refuses does not stop the others from saying theirs. */
export class ModuleSetup {
  readonly ready: ReadyModule[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly apis = new Map<string, unknown>();
  readonly #context: SetupContext;
  /** Binds what the setups asked for. */
  readonly #pending: ((binder: ScriptBinder) => void)[] = [];
  #binder: ScriptBinder | undefined;

  constructor(context: SetupContext) {
    this.#context = context;
  }

  setUp(modules: readonly LoadedModule[]): void {
    const refused = new Set<string>();
    for (const module of modules) {
      const { name, needs = {} } = module.definition.spec;
      try {
        // The fault is with the module that it needs, and has been told.
        if (Object.keys(needs).some((needed) => refused.has(needed))) refused.add(name);
        else this.#setUpOne(module);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        refused.add(name);
        this.diagnostics.push(...error.diagnostics);
      }
    }
  }

  /** Binds the variables and format strings that setups asked for: all modules are known now. */
  bind(binder: ScriptBinder): void {
    this.#binder = binder;
    for (const bindOne of this.#pending) {
      try {
        bindOne(binder);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        this.diagnostics.push(...error.diagnostics);
      }
    }
    this.#pending.length = 0;
  }

  #setUpOne(module: LoadedModule): void {
    const { definition } = module;
    const { spec } = definition;
    // The types of a module's own environment and behaviour are known in its file only.
    const setup = definition.setup as (environment: ModuleEnvironment<ModuleSpec>) => AnyBehaviour;
    const behaviour = setup(this.#environment(module));
    this.ready.push({ spec, behaviour });
    if (behaviour.api !== undefined) this.apis.set(spec.name, behaviour.api);
    for (const [name, run] of Object.entries(behaviour.rpc ?? {})) {
      // Kamailio's core offers some commands that a module's manual lists as its own.
      if (this.#context.rpc.has(name)) continue;
      const declared = spec.rpc?.[name];
      this.#context.rpc.add(name, declared?.doc ?? "", run, declared?.workers);
    }
  }

  #environment(module: LoadedModule): ModuleEnvironment<ModuleSpec> {
    const { spec } = module.definition;
    const { services, params } = this.#context;
    const use: Record<string, unknown> = {};
    for (const name of [...Object.keys(spec.needs ?? {}), ...Object.keys(spec.uses ?? {})]) {
      use[name] = this.apis.get(name);
    }
    const say = (
      code: (typeof startCodes)[keyof typeof startCodes],
      param: string | undefined,
      message: string,
    ): Diagnostic => ({
      code: code.code,
      severity: code.severity,
      message: `${spec.name}: ${message}`,
      span: this.#span(module, param),
    });
    return {
      params: (params.of(spec.name) ?? {}) as never,
      use: use as never,
      services,
      format: (text) => this.#format(module, text),
      variable: (text) => this.#variable(module, text),
      fail: (param, message) => {
        const diagnostic = say(startCodes.moduleRefused, param, message);
        throw new ConfigError(diagnostic.message, [diagnostic]);
      },
      warn: (param, message) => {
        this.diagnostics.push(say(startCodes.moduleWarns, param, message));
      },
    };
  }

  #span(module: LoadedModule, param: string | undefined): Span {
    const set =
      param === undefined
        ? undefined
        : this.#context.params.spanOf(module.definition.spec.name, param);
    return set ?? module.span ?? this.#context.fallback;
  }

  #format(module: LoadedModule, text: string): (context: ScriptContext) => string {
    let bound: ((context: ScriptContext) => string) | undefined;
    this.#later((binder) => {
      bound = this.#orRefuse(module, text, () => binder.format(text));
    });
    return (context) => {
      invariant(bound !== undefined, "a format string is used before all modules are set up");
      return bound(context);
    };
  }

  #variable(module: LoadedModule, text: string): ScriptVariable {
    let bound: ScriptVariable | undefined;
    this.#later((binder) => {
      bound = this.#orRefuse(module, text, () => binder.variable(text));
    });
    const use = (): ScriptVariable => {
      invariant(bound !== undefined, "a variable is used before all modules are set up");
      return bound;
    };
    return {
      text,
      get isWritable() {
        return use().isWritable;
      },
      get: (context) => use().get(context),
      set: (context, value) => use().set(context, value),
    };
  }

  #later(bindOne: (binder: ScriptBinder) => void): void {
    if (this.#binder === undefined) this.#pending.push(bindOne);
    else bindOne(this.#binder);
  }

  /** What cannot be bound is a fault at the parameter whose value holds the text. */
  #orRefuse<T>(module: LoadedModule, text: string, bindOne: () => T): T {
    try {
      return bindOne();
    } catch (error) {
      const reason = messageOf(error);
      const { name } = module.definition.spec;
      const values = this.#context.params.of(name) ?? {};
      const param = Object.keys(values).find((key) => values[key] === text);
      const diagnostic: Diagnostic = {
        code: startCodes.moduleRefused.code,
        severity: "error",
        message: `${name}: ${reason}`,
        span: this.#span(module, param),
      };
      throw new ConfigError(diagnostic.message, [diagnostic]);
    }
  }
}
