/** `ul.dump`: everything that is in the tables, of all workers, made while it is written. */
import {
  RpcError,
  type RpcReply,
  RpcStream,
  RpcStruct,
  type RpcValue,
} from "../../runtime/module.ts";
import { goneCode, WorkerError, type Workers } from "../../runtime/workers/group.ts";
import type { UsrlocApi } from "./api.ts";
import type { Contact } from "./contact.ts";

/** How many contacts are described without others having their turn: well under a millisecond. */
const BATCH = 16;
/** How many come from another worker at once. */
const PAGE = 64;
/** Dumps that may be under way for other workers; of more, the oldest ones have been given up. */
const MAX_CURSORS = 64;

const topic = "usrloc.dump";

/** Describes one address of record with its contacts. */
type Describe = (aor: string, first: Contact) => RpcStruct;
/** What is shown of addresses of record, and how many contacts each shows. */
type Records = Iterator<readonly [RpcStruct, number]>;

/** A question to another worker: which tables it has (no table named), or the next page of one. */
interface PageRequest {
  /** Tells dumps of one worker apart. */
  readonly dump: string;
  readonly table: string | null;
  readonly isBrief: boolean;
  readonly isStart: boolean;
}

type TableSize = readonly [name: string, users: number];

/** The command. */
export class Dump {
  readonly #api: UsrlocApi;
  readonly #workers: Workers | null;
  readonly #shownSize: number;
  readonly #describe: Describe;
  /** How far other workers have come with our contacts. */
  readonly #cursors = new Map<string, Records>();
  #serial = 0;

  // What the command is made of.
  // oxlint-disable-next-line max-params
  constructor(api: UsrlocApi, workers: Workers | null, shownSize: number, describe: Describe) {
    this.#api = api;
    this.#workers = workers;
    this.#shownSize = shownSize;
    this.#describe = describe;
    workers?.handle(topic, (request, from) => this.#answer(request as PageRequest, from));
  }

  run(isBrief: boolean): RpcReply | Promise<RpcReply> {
    const sizes = new Map(this.#sizes());
    if (this.#workers === null) return this.#reply(sizes, isBrief);
    const request: PageRequest = { dump: "", table: null, isBrief, isStart: true };
    return this.#workers.callOthers(topic, request).then((answers) => {
      for (const [name, users] of (answers as TableSize[][]).flat()) {
        sizes.set(name, (sizes.get(name) ?? 0) + users);
      }
      return this.#reply(sizes, isBrief);
    });
  }

  #sizes(): TableSize[] {
    return [...this.#api.tables()].map(({ name, users }) => [name, users]);
  }

  #reply(sizes: ReadonlyMap<string, number>, isBrief: boolean): RpcReply {
    const domains: RpcValue[] = [];
    for (const [name, users] of sizes) {
      const stats = new RpcStruct().add("Records", users).add("Max-Slots", 1);
      const table = new RpcStruct()
        .add("Domain", name)
        .add("Size", this.#shownSize)
        .add("AoRs", this.#stream(name, isBrief))
        .add("Stats", stats);
      domains.push(new RpcStruct().add("Domain", table));
    }
    return { values: [new RpcStruct().add("Domains", domains)] };
  }

  /** First our own, then what the others have, one worker after the other. */
  #stream(table: string, isBrief: boolean): RpcStream {
    const records = this.#described(table, isBrief);
    const dump = String(++this.#serial);
    let isOver = false;
    let worker = 0;
    let isStart = true;
    return new RpcStream(async () => {
      if (!isOver) {
        const batch = take(records, BATCH);
        isOver = batch.length === 0;
        if (!isOver) return batch;
      }
      const workers = this.#workers;
      if (workers === null) return undefined;
      if (worker === workers.index) worker++;
      if (worker >= workers.count) return undefined;
      const request: PageRequest = { dump, table, isBrief, isStart };
      const page = await this.#page(workers, worker, request);
      isStart = page.length === 0;
      if (page.length === 0) worker++;
      return page;
    });
  }

  /** The next page of another worker; nothing when it is gone, with its contacts. */
  async #page(
    workers: Workers,
    worker: number,
    request: PageRequest,
  ): Promise<readonly RpcStruct[]> {
    try {
      return (await workers.call(worker, topic, request)) as readonly RpcStruct[];
    } catch (error) {
      if (error instanceof WorkerError && error.code === goneCode) return [];
      throw error;
    }
  }

  #answer({ dump, table, isBrief, isStart }: PageRequest, from: number): unknown {
    if (table === null) return this.#sizes();
    const key = `${from} ${dump}`;
    if (isStart) this.#begin(key, table, isBrief);
    const records = this.#cursors.get(key);
    if (records === undefined) throw new RpcError(500, "This dump has been given up");
    const page = take(records, PAGE);
    if (page.length === 0) this.#cursors.delete(key);
    return page;
  }

  #begin(key: string, table: string, isBrief: boolean): void {
    for (const oldest of this.#cursors.keys()) {
      if (this.#cursors.size < MAX_CURSORS) break;
      this.#cursors.delete(oldest);
    }
    this.#cursors.set(key, this.#described(table, isBrief));
  }

  /** Everything in a table of ours. */
  *#described(name: string, isBrief: boolean): Generator<readonly [RpcStruct, number]> {
    const table = this.#api.findTable(name);
    if (table === undefined) return;
    if (isBrief) {
      for (const aor of table.aors()) yield [new RpcStruct().add("AoR", aor), 1];
      return;
    }
    for (const [aor, first] of table.records()) yield [this.#describe(aor, first), countOf(first)];
  }
}

/** Addresses of record that show together so many contacts; nothing at the end. */
function take(records: Records, contacts: number): RpcStruct[] {
  const aors: RpcStruct[] = [];
  for (let left = contacts; left > 0;) {
    const step = records.next();
    if (step.done === true) break;
    const [aor, count] = step.value;
    aors.push(aor);
    left -= count;
  }
  return aors;
}

function countOf(first: Contact): number {
  let count = 0;
  for (let one: Contact | null = first; one !== null; one = one.next) count++;
  return count;
}
