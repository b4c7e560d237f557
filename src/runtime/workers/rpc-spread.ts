/** Remote commands where there are several workers: which of them run a command, and how their replies become one. */
import type { RpcSpread } from "../../dsl/catalog/spec.ts";
import { RpcDouble, RpcError, type RpcReply, RpcStruct, type RpcValue } from "../module.ts";
import type { StatisticsRegistry } from "../statistics.ts";
import { WorkerError, type Workers } from "./group.ts";

const Topic = { run: "rpc.run", statistics: "rpc.statistics" } as const;

type Params = readonly (string | number)[];
export type RpcResult = RpcReply | Iterable<RpcValue>;

/** Runs a command in this worker alone. */
export type LocalRun = (command: string, params: Params) => Promise<RpcResult>;

interface RunRequest {
  readonly command: string;
  readonly params: Params;
}

/** Spreads commands over the workers; whichever gets a command sees to it. */
export class RpcSpreader {
  readonly #workers: Workers;
  readonly #statistics: StatisticsRegistry;
  readonly #run: LocalRun;

  constructor(workers: Workers, statistics: StatisticsRegistry, run: LocalRun) {
    this.#workers = workers;
    this.#statistics = statistics;
    this.#run = run;
    workers.handle(Topic.run, async (payload) => {
      const { command, params } = payload as RunRequest;
      return valuesOf(await run(command, params));
    });
    workers.handle(Topic.statistics, () => [...statistics.summable()]);
  }

  run(command: string, params: Params, spread: RpcSpread): Promise<RpcResult> {
    switch (spread) {
      case "statistics":
        return this.#withStatistics(command, params);
      case "owner":
        return this.#byOwner(command, params);
      default:
        return this.#everywhere(command, params, spread);
    }
  }

  async #withStatistics(command: string, params: Params): Promise<RpcResult> {
    const others = await this.#workers.callOthers(Topic.statistics, null);
    this.#statistics.addOthers(others as [string, number][][]);
    try {
      // Statistics are read when the command starts: nobody else sees those of the others.
      return await this.#run(command, params);
    } finally {
      this.#statistics.addOthers([]);
    }
  }

  async #byOwner(command: string, params: Params): Promise<RpcResult> {
    const aor = String(params[1] ?? "");
    const at = aor.indexOf("@");
    const owner = this.#workers.ownerOfUser(at < 0 ? aor : aor.slice(0, at));
    if (owner === this.#workers.index) return this.#run(command, params);
    return { values: await this.#ask(owner, { command, params }) };
  }

  async #everywhere(
    command: string,
    params: Params,
    spread: "sum" | "join" | "every",
  ): Promise<RpcResult> {
    const all: Promise<readonly RpcValue[]>[] = [this.#run(command, params).then(valuesOf)];
    for (let worker = 0; worker < this.#workers.count; worker++) {
      if (worker !== this.#workers.index) all.push(this.#ask(worker, { command, params }));
    }
    const settled = await Promise.allSettled(all);
    const replies = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const [first, ...others] = replies;
    // What only one of them knows is an error for the others.
    if (first === undefined) throw (settled[0] as PromiseRejectedResult).reason;
    if (spread === "every") return { values: first };
    if (spread === "join") return { values: joined(replies) };
    return { values: others.reduce(sumOf, first) };
  }

  async #ask(worker: number, request: RunRequest): Promise<readonly RpcValue[]> {
    try {
      return (await this.#workers.call(worker, Topic.run, request)) as readonly RpcValue[];
    } catch (error) {
      if (error instanceof WorkerError) throw new RpcError(error.code, error.message);
      throw error;
    }
  }
}

function valuesOf(result: RpcResult): readonly RpcValue[] {
  return "values" in result ? result.values : [...result];
}

/** Lists become one list; several values stand behind each other. */
function joined(replies: readonly (readonly RpcValue[])[]): readonly RpcValue[] {
  const isList = replies.every((values) => values.length === 1 && Array.isArray(values[0]));
  return isList ? [replies.flat(2) as RpcValue[]] : replies.flat();
}

/** Numbers of the same place or name are added; for the rest the first reply speaks. */
function sumOf(a: readonly RpcValue[], b: readonly RpcValue[]): RpcValue[] {
  return a.map((value, i) => sumOfTwo(value, b[i]));
}

function sumOfTwo(a: RpcValue, b: RpcValue | undefined): RpcValue {
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (a instanceof RpcDouble && b instanceof RpcDouble) return new RpcDouble(a.value + b.value);
  if (a instanceof RpcStruct && b instanceof RpcStruct) {
    const sum = new RpcStruct();
    const byName = new Map(b.entries);
    for (const [name, value] of a.entries) sum.add(name, sumOfTwo(value, byName.get(name)));
    return sum;
  }
  if (isPlain(a) && isPlain(b)) {
    return Object.fromEntries(
      Object.entries(a).map(([name, value]) => [name, sumOfTwo(value, b[name])]),
    );
  }
  return a;
}

function isPlain(value: RpcValue | undefined): value is { readonly [name: string]: RpcValue } {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof RpcStruct) &&
    !(value instanceof RpcDouble)
  );
}
