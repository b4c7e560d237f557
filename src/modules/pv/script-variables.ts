/** `$var`, `$vz`, `$vn` and `$shv`: variables of the script itself. */
import type { Value } from "../../dsl/value.ts";
import { ownText } from "../../sip/chars.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { VariableImplementation } from "../../runtime/module.ts";
import type { Workers } from "../../runtime/workers/group.ts";

/** `name=i:5` or `name=s:text`, as the parameters varset and shvset write it; undefined when it is neither. */
export function parseInitialValue(text: string): { name: string; value: Value } | undefined {
  const equals = text.indexOf("=");
  const name = text.slice(0, equals).trim();
  const rest = text.slice(equals + 1).trim();
  if (equals < 1 || name === "" || rest.charCodeAt(1) !== 58) return undefined;
  const value = rest.slice(2);
  if (rest.startsWith("s:")) return { name, value };
  if (!rest.startsWith("i:") || !/^[+-]?\d+$/.test(value)) return undefined;
  return { name, value: Number(value) };
}

/** One family of variables that live as long as the run of a script: slots in `context.vars`, numbered by name. */
class Slots {
  readonly byName = new Map<string, number>();
  readonly initial: Value[];

  constructor(initial: Value[]) {
    this.initial = initial;
  }

  of(name: string, value: Value): number {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const slot = this.initial.length;
    this.initial.push(value);
    this.byName.set(name, slot);
    return slot;
  }
}

/** `$var(...)` (0 until set, never null) and `$vn(...)` (null until set). Both start afresh for every message. */
export class ScriptVariables {
  readonly #initial: Value[] = [];
  readonly #zero = new Slots(this.#initial);
  readonly #nullable = new Slots(this.#initial);

  /** Sets the value that `$var(name)` starts with. */
  initialise(name: string, value: Value): void {
    this.#initial[this.#zero.of(name, 0)] = value;
  }

  /** Reads `$var(name)` for other parts of the module. */
  get(context: ScriptContext, name: string): Value {
    const slot = this.#zero.byName.get(name);
    return slot === undefined ? 0 : this.#read(context, slot);
  }

  set(context: ScriptContext, name: string, value: Value): void {
    context.vars[this.#zero.of(name, 0)] = value ?? 0;
  }

  /** Names of all `$var(...)` that the script mentions. */
  names(): Iterable<string> {
    return this.#zero.byName.keys();
  }

  #read(context: ScriptContext, slot: number): Value {
    const value = context.vars[slot];
    return value === undefined ? (this.#initial[slot] as Value) : value;
  }

  readonly zero: VariableImplementation = (reference) => {
    const name = reference.inner;
    if (name === undefined) {
      return {
        get: (context) => this.get(context, reference.innerText(context)),
        set: (context, value) => this.set(context, reference.innerText(context), value),
      };
    }
    const slot = this.#zero.of(name, 0);
    const initial = this.#initial;
    return {
      get: (context) => {
        const value = context.vars[slot];
        return value === undefined ? (initial[slot] as Value) : value;
      },
      set: (context, value) => {
        context.vars[slot] = value ?? 0;
      },
    };
  };

  readonly nullable: VariableImplementation = (reference) => {
    const slot = this.#nullable.of(reference.inner ?? reference.node.inner ?? "", null);
    return {
      get: (context) => this.#read(context, slot),
      set: (context, value) => {
        context.vars[slot] = value;
      },
    };
  };
}

const Topic = { set: "pv.shv", all: "pv.shv.all" } as const;

/**
 * `$shv(...)`: variables of the engine, seen by all messages. 0 until set. Each worker has a copy; what one sets, the others are told
 * at the end of the turn, and the last one to set a variable wins.
 */
export class SharedVariables {
  readonly #values = new Map<string, Value>();
  #workers: Workers | null = null;

  /** Keeps up with the other workers from now on. */
  share(workers: Workers): void {
    this.#workers = workers;
    workers.handle(Topic.set, (change) => {
      const [name, value] = change as [string, Value];
      this.#values.set(name, value);
    });
    workers.handle(Topic.all, () => [...this.#values]);
  }

  /** Takes over what was set before this worker was there. */
  async catchUp(): Promise<void> {
    if (this.#workers === null || this.#workers.index === 0) return;
    const all = (await this.#workers.call(0, Topic.all, null)) as [string, Value][];
    for (const [name, value] of all) this.#values.set(name, value);
  }

  get(name: string): Value {
    return this.#values.get(name) ?? 0;
  }

  set(name: string, value: Value): void {
    // Text may be a slice of a packet, which would keep the packet in memory.
    const own = typeof value === "string" ? ownText(value) : (value ?? 0);
    this.#values.set(name, own);
    this.#workers?.tellOthers(Topic.set, [name, own]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  entries(): Iterable<[string, Value]> {
    return this.#values;
  }

  readonly variable: VariableImplementation = (reference) => {
    const name = reference.inner;
    if (name === undefined) {
      return {
        get: (context) => this.get(reference.innerText(context)),
        set: (context, value) => this.set(reference.innerText(context), value),
      };
    }
    if (!this.#values.has(name)) this.#values.set(name, 0);
    const values = this.#values;
    return {
      get: () => values.get(name) as Value,
      set: (_context, value) => this.set(name, value),
    };
  };
}
