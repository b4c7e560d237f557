/** Compiles scripts and runs them with a linker that knows a few variables and functions. */
import type { Catalog } from "../../../src/dsl/catalog/catalog.ts";
import type { FunctionSpec, ModuleSpec } from "../../../src/dsl/catalog/spec.ts";
import type {
  Argument,
  BoundCall,
  CallSite,
  CoreComparison,
  Getter,
  Linker,
  RouteFunction,
  ScriptState,
} from "../../../src/dsl/compile/abi.ts";
import { compile } from "../../../src/dsl/compile/compile.ts";
import { operations } from "../../../src/dsl/compile/operations.ts";
import type { CompiledProgram } from "../../../src/dsl/compile/program.ts";
import { parseFormat } from "../../../src/dsl/format/format.ts";
import { readConfig } from "../../../src/dsl/read.ts";
import { translateRegex } from "../../../src/dsl/regex/translate.ts";
import type { Span } from "../../../src/dsl/source.ts";
import type { Config, Variable } from "../../../src/dsl/syntax/ast.ts";
import type { Value } from "../../../src/dsl/value.ts";
import { loadProgram, type LoadedProgram } from "../../../src/runtime/program.ts";

export interface ProbeContext extends ScriptState {
  readonly vars: Map<string, Value>;
  readonly avps: Map<string, Value>;
  /** What `xlog` wrote. */
  readonly log: string[];
}

export function probeContext(vars: Readonly<Record<string, Value>> = {}): ProbeContext {
  return { rc: 0, stop: 0, vars: new Map(Object.entries(vars)), avps: new Map(), log: [] };
}

const fixed: Readonly<Record<string, Value>> = {
  null: null,
  rU: "bob",
  rm: "OPTIONS",
  ua: "test 12abc",
  hdr: null,
  $: "$",
};

function plain(name: string, extra: Partial<FunctionSpec> = {}): [string, FunctionSpec] {
  const args = ["a", "b"].map((argument) => ({
    name: argument,
    kind: "fmt" as const,
    optional: true,
    doc: "",
  }));
  return [name, { doc: "", routes: ["any"], args, ...extra }];
}

const probeModule: ModuleSpec = {
  name: "probe",
  doc: "",
  functions: Object.fromEntries([
    plain("is_method"),
    plain("xlog"),
    plain("code"),
    plain("broken"),
    plain("wait_code", { async: true }),
    plain("answers", { async: true }),
  ]),
};

const coreModule: ModuleSpec = {
  name: "core",
  doc: "",
  functions: Object.fromEntries([plain("setflag"), plain("isflagset"), plain("force_rport")]),
};

export const probeCatalog: Catalog = {
  core: coreModule,
  modules: new Map([["probe", probeModule]]),
};

type Handler = (context: ProbeContext, args: readonly Value[]) => number | Promise<number>;

const handlers: Readonly<Record<string, Handler>> = {
  is_method: (_, [method]) => (method === "OPTIONS" ? 1 : -1),
  xlog: (context, args) => {
    context.log.push(String(args.at(-1)));
    return 1;
  },
  code: (_, [code]) => operations.int(code ?? null),
  broken: () => {
    throw new Error("broken on purpose");
  },
  wait_code: async (_, [code]) => {
    await Promise.resolve();
    return operations.int(code ?? null);
  },
  answers: (_, [code]) => operations.int(code ?? null),
  setflag: () => 1,
  force_rport: () => 1,
  isflagset: () => -1,
};

/** Knows `$var`, `$avp` and a few fixed variables. */
export class ProbeLinker implements Linker<ProbeContext> {
  readonly faults: string[] = [];
  maxWhileLoops = 100;
  maxRouteDepth = 256;
  program: LoadedProgram<ProbeContext> | undefined;

  call(site: CallSite<ProbeContext>): BoundCall<ProbeContext> {
    const handler = handlers[site.call.name.text] as Handler;
    const getters = site.args.map((argument) => this.#text(argument));
    return (context) =>
      handler(
        context,
        getters.map((get) => get(context)),
      );
  }

  #text(argument: Argument<ProbeContext>): Getter<ProbeContext> {
    const { constant, evaluate } = argument;
    if (evaluate !== undefined) return evaluate;
    if (typeof constant === "number" || constant === undefined) return () => constant ?? null;
    const parts = parseFormat(constant).map((part) =>
      part.kind === "variable" ? this.variable(part.variable).get : () => part.text,
    );
    return (context) => parts.map((get) => get(context) ?? "<null>").join("");
  }

  variable(variable: Variable): {
    text: string;
    isWritable: boolean;
    get(context: ProbeContext): Value;
    set(context: ProbeContext, value: Value): void;
  } {
    const { name, inner = "" } = variable;
    const isLength = variable.transformations[0]?.name === "len";
    const get = (context: ProbeContext): Value => {
      if (name === "rc") return context.rc;
      if (name === "var") return context.vars.get(inner) ?? 0;
      if (name === "avp") return context.avps.get(inner) ?? null;
      return fixed[name] ?? null;
    };
    return {
      text: name,
      isWritable: true,
      get: isLength ? (context) => operations.str(get(context)).length : get,
      set: (context, value) => {
        if (name === "avp") context.avps.set(inner, value);
        else context.vars.set(inner, value ?? 0);
      },
    };
  }

  select(): Getter<ProbeContext> {
    return () => "selected";
  }

  core(): Getter<ProbeContext> {
    return () => "core";
  }

  compare(comparison: CoreComparison<ProbeContext>): Getter<ProbeContext, boolean> {
    return () => comparison.left.term === "uri";
  }

  route(name: string): RouteFunction<ProbeContext> | undefined {
    return this.program?.named.get(name);
  }

  fault(_: ProbeContext, message: string, span: Span): void {
    const line = span.source.text.slice(0, span.start).split("\n").length;
    this.faults.push(`${message} (line ${line})`);
  }

  regex(pattern: string, ignoreCase: boolean): RegExp {
    const translation = translateRegex(pattern, { ignoreCase });
    return translation.ok ? translation.regex : /(?!)/;
  }

  matches(context: ProbeContext, text: string, pattern: string, span: Span): boolean | undefined {
    const translation = translateRegex(pattern, { ignoreCase: true });
    if (translation.ok) return translation.regex.test(text);
    this.fault(context, `bad pattern ${pattern}`, span);
    return undefined;
  }
}

export function readScript(text: string): Config {
  const read = readConfig({ text, name: "script.cfg" });
  const errors = read.diagnostics.filter((one) => one.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((one) => one.message).join("; "));
  return read.config;
}

export interface Script {
  readonly compiled: CompiledProgram;
  readonly program: LoadedProgram<ProbeContext>;
  readonly linker: ProbeLinker;
  /** Runs `request_route`, or another route by its id. */
  run(context: ProbeContext, id?: string): number | Promise<number>;
}

/** Compiles a script whose functions are those of the probe module, and links it. */
export function script(text: string): Script {
  const config = readScript(`loadmodule "probe.so"\n${text}`);
  const compiled = compile(config, probeCatalog);
  const linker = new ProbeLinker();
  const program = loadProgram(compiled, linker);
  linker.program = program;
  return {
    compiled,
    program,
    linker,
    run: (context, id = "request_route") => {
      const found = program.routes.find(({ route }) => route.id === id);
      if (found === undefined) throw new Error(`no route ${id}`);
      return found.run(context);
    },
  };
}
