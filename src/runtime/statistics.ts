/** Counters and gauges by group and name. */
import type { Counter, Statistics } from "./services.ts";

interface Entry {
  readonly group: string;
  readonly name: string;
  readonly doc: string;
  /** The counter, or the one that stands in for a gauge. */
  readonly counter: Counter;
  readonly gauge: (() => number) | null;
  /** Whether it is the same in all workers, so that adding makes no sense. */
  readonly isCommon: boolean;
}

/** All statistics of an engine, in the order in which they were registered. */
export class StatisticsRegistry implements Statistics {
  readonly #entries = new Map<string, Entry>();
  /** For lookups by name alone, as `$stat(name)` does: the first one of that name. */
  readonly #byName = new Map<string, Entry>();
  /** What is added to values that remote commands show. */
  readonly #others = new Map<string, number>();

  counter(group: string, name: string, doc = ""): Counter {
    const known = this.#entries.get(key(group, name));
    if (known !== undefined) return known.counter;
    const entry: Entry = {
      group,
      name,
      doc,
      counter: { value: 0 },
      gauge: null,
      isCommon: false,
    };
    this.#add(entry);
    return entry.counter;
  }

  // As the interface has it.
  // oxlint-disable-next-line max-params
  gauge(group: string, name: string, read: () => number, doc = "", isCommon = false): void {
    this.#add({ group, name, doc, counter: { value: 0 }, gauge: read, isCommon });
  }

  /** What may be added up over several workers: `group\0name` and value. */
  *summable(): Iterable<[string, number]> {
    for (const [name, entry] of this.#entries) if (!entry.isCommon) yield [name, valueOf(entry)];
  }

  /** Adds the values of other workers to what `entries` gives, until called with none. */
  addOthers(all: readonly (readonly (readonly [string, number])[])[]): void {
    this.#others.clear();
    for (const [name, value] of all.flat()) {
      this.#others.set(name, (this.#others.get(name) ?? 0) + value);
    }
  }

  read(group: string, name: string): number | undefined {
    const entry = this.#entries.get(key(group, name));
    return entry === undefined ? undefined : valueOf(entry);
  }

  find(name: string): number | undefined {
    const entry = this.#byName.get(name);
    return entry === undefined ? undefined : valueOf(entry);
  }

  *entries(): Iterable<{ group: string; name: string; value: number; doc: string }> {
    for (const [id, entry] of this.#entries) {
      const value = valueOf(entry) + (this.#others.get(id) ?? 0);
      yield { group: entry.group, name: entry.name, value, doc: entry.doc };
    }
  }

  reset(group: string, name: string): boolean {
    const entry = this.#entries.get(key(group, name));
    if (entry === undefined || entry.gauge !== null) return false;
    entry.counter.value = 0;
    return true;
  }

  #add(entry: Entry): void {
    this.#entries.set(key(entry.group, entry.name), entry);
    if (!this.#byName.has(entry.name)) this.#byName.set(entry.name, entry);
  }
}

function key(group: string, name: string): string {
  return `${group}\0${name}`;
}

function valueOf(entry: Entry): number {
  return entry.gauge === null ? entry.counter.value : entry.gauge();
}
