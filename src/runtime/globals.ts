/** Values of global parameters: what the configuration or the command line set, else the defaults. */
import { coreGlobals, GlobalIndex } from "../dsl/catalog/globals.ts";
import type { Config, GlobalValue } from "../dsl/syntax/ast.ts";
import type { Globals } from "./services.ts";

type Listener = (value: number | string) => void;

/** Parameters by their main names; other spellings are understood. */
export class GlobalValues implements Globals {
  readonly custom = new Map<string, Map<string, number | string>>();
  /** Descriptions of custom parameters, by `group.name`. */
  readonly descriptions = new Map<string, string>();
  readonly #index = new GlobalIndex();
  readonly #ints = new Map<string, number>();
  readonly #texts = new Map<string, string>();
  readonly #listeners = new Map<string, Listener[]>();

  constructor() {
    for (const [name, spec] of Object.entries(coreGlobals)) {
      if (spec.default !== undefined) this.#put(name, spec.default);
    }
  }

  /** Takes over what a configuration sets. `listen` and `alias`, which add up, are read elsewhere. */
  readConfig(config: Config): void {
    for (const item of config.items) {
      if (item.kind === "custom") {
        let group = this.custom.get(item.group.text);
        if (group === undefined) this.custom.set(item.group.text, (group = new Map()));
        group.set(item.name.text, item.value);
        if (item.description !== undefined) {
          this.descriptions.set(`${item.group.text}.${item.name.text}`, item.description);
        }
      } else if (item.kind === "global") {
        const value = item.values[0];
        const plain = value === undefined ? undefined : plainValue(value);
        if (plain !== undefined) this.set(item.name.text, plain);
      }
    }
  }

  int(name: string): number {
    return this.#ints.get(name) ?? this.#ints.get(this.#mainName(name)) ?? 0;
  }

  str(name: string): string | undefined {
    return this.#texts.get(name) ?? this.#texts.get(this.#mainName(name));
  }

  set(name: string, value: number | string): void {
    const main = this.#mainName(name);
    this.#put(main, value);
    const known = this.#ints.get(main) ?? value;
    for (const listener of this.#listeners.get(main) ?? []) listener(known);
  }

  watch(name: string, listener: Listener): void {
    const list = this.#listeners.get(name);
    if (list === undefined) this.#listeners.set(name, [listener]);
    else list.push(listener);
    const value = this.#ints.get(name) ?? this.#texts.get(name);
    if (value !== undefined) listener(value);
  }

  #mainName(name: string): string {
    return this.#index.find(name)?.name ?? name;
  }

  #put(name: string, value: number | string): void {
    this.#ints.delete(name);
    this.#texts.delete(name);
    if (typeof value === "number") {
      this.#ints.set(name, value);
      this.#texts.set(name, String(value));
      return;
    }
    this.#texts.set(name, value);
    const number = switchWords[value.toLowerCase()] ?? Number(value);
    if (value !== "" && Number.isInteger(number)) this.#ints.set(name, number);
  }
}

const switchWords: Readonly<Record<string, number>> = {
  yes: 1,
  on: 1,
  true: 1,
  enable: 1,
  no: 0,
  off: 0,
  false: 0,
  disable: 0,
};

function plainValue(value: GlobalValue): number | string | undefined {
  switch (value.kind) {
    case "int":
    case "string":
    case "id":
      return value.value;
    case "socket":
      return value.hosts[0];
  }
}
