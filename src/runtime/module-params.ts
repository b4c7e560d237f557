/** Gives modules their parameters: defaults from the declaration, values from `modparam` and the command line. */
import type { ModuleSpec, ParamSpec } from "../dsl/catalog/spec.ts";
import type { Span } from "../dsl/source.ts";
import type { Config, ModParam } from "../dsl/syntax/ast.ts";

type Values = Record<string, unknown>;

/** The values of all loaded modules, and where they were set. */
export class ModuleParams {
  readonly #values = new Map<string, Values>();
  readonly #specs = new Map<string, ModuleSpec>();
  readonly #spans = new Map<string, Span>();

  constructor(specs: readonly ModuleSpec[]) {
    for (const spec of specs) {
      const values: Values = {};
      for (const [name, param] of Object.entries(spec.params ?? {})) values[name] = initial(param);
      // The copy has a fixed shape: one that grew name by name would be looked up as a dictionary at each read.
      this.#values.set(spec.name, { ...values });
      this.#specs.set(spec.name, spec);
    }
  }

  /** The live object of a module. */
  of(module: string): Values | undefined {
    return this.#values.get(module);
  }

  /** Where a parameter was set last. */
  spanOf(module: string, param: string): Span | undefined {
    return this.#spans.get(`${module}.${param}`);
  }

  /** Takes over the `modparam` lines. What the checker has found wrong with them is left out. */
  readConfig(config: Config): void {
    for (const item of config.items) {
      if (item.kind === "modparam") this.#readLine(item);
    }
  }

  #readLine(item: ModParam): void {
    for (const module of modulesNamed(item.modules.text, this.#specs.keys())) {
      const spec = this.#specs.get(module)?.params?.[item.param.text];
      if (spec === undefined) continue;
      if (this.#set(module, item.param.text, spec, item.value)) {
        this.#spans.set(`${module}.${item.param.text}`, item.valueSpan);
      }
    }
  }

  #set(module: string, name: string, spec: ParamSpec, value: string | number): boolean {
    const values = this.#values.get(module);
    const converted = convert(spec, value);
    if (values === undefined || converted === undefined) return false;
    const before = values[name];
    if (spec.multiple === true && Array.isArray(before)) before.push(converted);
    else values[name] = converted;
    return true;
  }
}

/** Modules that a `modparam` means: the name, or all whose names fit the alternatives. */
export function modulesNamed(pattern: string, loaded: Iterable<string>): string[] {
  const names = [...loaded];
  if (names.includes(pattern)) return [pattern];
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`, "i");
  } catch {
    return [];
  }
  return names.filter((name) => expression.test(name));
}

function initial(spec: ParamSpec): unknown {
  if (spec.multiple === true) return spec.default === undefined ? [] : [spec.default];
  if (spec.type === "flag") return isOn(spec.default ?? false);
  if (spec.default !== undefined) return spec.default;
  return spec.type === "int" ? 0 : undefined;
}

function isOn(value: string | number | boolean): boolean {
  return typeof value === "boolean" ? value : Number(value) !== 0;
}

/** As Kamailio: a number is no text, unless the parameter takes both, and a text is no number. */
function convert(spec: ParamSpec, value: string | number): unknown {
  if (spec.type === "str")
    return typeof value === "string" || spec.orNumber === true ? String(value) : undefined;
  if (typeof value !== "number") return undefined;
  return spec.type === "flag" ? value !== 0 : value;
}
