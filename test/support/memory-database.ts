/** A database in memory for tests: it outlives engines, and fails or hangs when it is told to. */
import type { AnyModule } from "../../src/runtime/module.ts";
import { declareModule, implementModule } from "../../src/runtime/module.ts";
import {
  type Column,
  type Database,
  type Row,
  type SqlValue,
  type Statement,
  StorageError,
  type TableLayout,
} from "../../src/runtime/storage/storage.ts";

type MutableRow = Record<string, SqlValue>;

interface MemoryTable {
  readonly layout: TableLayout;
  rows: MutableRow[];
  nextId: number;
}

interface Connection {
  isLive: boolean;
  readonly onReset: (() => void)[];
}

/** What a connection does when it is asked for something. */
type Mood = "works" | "fails" | "hangs";

/**
 * Tables in memory, reached as `memory:` by engines that load `db_memory`. Give each engine a module of its own:
 * `testEngine(config, { modules: [store.module()] })` with `loadmodule "db_memory.so"` in the configuration. After a simulated
 * crash call `disconnect`, so that the dead engine writes nothing any more.
 *
 * It knows the statements of `WriteQueue` and plain selects: `select * from T`, `select a, b from T`, `select count(*) as n from T`,
 * each with `where a = ? and b > ?`, `order by a` and `limit ?`. It holds rows to their layout: unknown columns, missing values
 * and keys that are there already are refused.
 */
export class MemoryStore {
  readonly #tables = new Map<string, MemoryTable>();
  #connections: Connection[] = [];
  #mood: Mood = "works";
  #released: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;
  /** Every statement of every transaction that was committed, oldest first. */
  readonly committed: Statement[][] = [];
  /** How often a transaction was asked for, failed ones too. */
  writes = 0;

  /** The rows of a table, as copies. */
  rows(table: string): Row[] {
    return (this.#tables.get(table)?.rows ?? []).map((row) => ({ ...row }));
  }

  /** Puts rows into a table as another program would; makes the table when it is not there. */
  fill(layout: TableLayout, rows: readonly Row[]): void {
    const table = this.#make(layout);
    for (const row of rows) insert(table, row);
  }

  /** From now on everything is refused as when the database is away. */
  fail(): void {
    this.#mood = "fails";
  }

  /** From now on nothing is answered; what was asked meanwhile is done after `work`. */
  hang(): void {
    this.#mood = "hangs";
    this.#released = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  /** Works again. */
  work(): void {
    this.#mood = "works";
    this.#release();
  }

  /** Loses all rows, as when a file was deleted, and tells who is connected. */
  reset(): void {
    for (const table of this.#tables.values()) table.rows = [];
    for (const connection of this.#connections) {
      for (const listener of connection.onReset) listener();
    }
  }

  /** Whoever is connected now is never answered again, and what it asks for is not done. */
  disconnect(): void {
    for (const connection of this.#connections) connection.isLive = false;
    this.#connections = [];
  }

  /** A connection, for tests without an engine. */
  database(): Database {
    const connection: Connection = { isLive: true, onReset: [] };
    this.#connections.push(connection);
    const turn = async <T>(work: () => T): Promise<T> => {
      await Promise.resolve();
      if (this.#mood === "hangs") await this.#released;
      if (!connection.isLive) await new Promise<never>(() => undefined);
      if (this.#mood === "fails") {
        throw new StorageError("STORAGE_UNAVAILABLE", "memory: is away", { isTransient: true });
      }
      return work();
    };
    return {
      name: "memory:",
      ensure: (tables) =>
        turn(() => {
          for (const layout of tables) this.#check(layout);
        }),
      query: (sql, values = []) => turn(() => this.#query(sql, values)),
      write: (statements) => {
        this.writes++;
        return turn(() => this.#commit(statements));
      },
      onReset: (listener) => {
        connection.onReset.push(listener);
      },
    };
  }

  /** The driver, as a module: for one engine. */
  module(): AnyModule {
    const spec = declareModule()({
      name: "db_memory",
      doc: "Tables in the memory of a test.",
      storage: "memory",
    });
    return implementModule(spec, (env) => {
      env.services.storage.register({ scheme: "memory", open: () => this.database() });
      return {};
    });
  }

  #make(layout: TableLayout): MemoryTable {
    let table = this.#tables.get(layout.name);
    if (table === undefined) {
      table = { layout, rows: [], nextId: 1 };
      this.#tables.set(layout.name, table);
    }
    return table;
  }

  #check(layout: TableLayout): void {
    const has = this.#make(layout).layout.version;
    if (has === layout.version || layout.version === 0) return;
    const message = `table ${layout.name} has version ${has}, not ${layout.version}`;
    throw new StorageError("STORAGE_LAYOUT", message);
  }

  #table(name: string): MemoryTable {
    const table = this.#tables.get(name);
    if (table === undefined) refuse(`no such table: ${name}`);
    return table;
  }

  #commit(statements: readonly Statement[]): void {
    const before = new Map([...this.#tables].map(([name, table]) => [name, table.rows]));
    for (const table of this.#tables.values()) table.rows = [...table.rows];
    try {
      for (const statement of statements) this.#run(statement);
      this.committed.push([...statements]);
    } catch (error) {
      for (const [name, rows] of before) this.#table(name).rows = rows;
      throw error;
    }
  }

  #run({ sql, values }: Statement): void {
    const inserted = /^insert into (\w+) \((.+?)\) values \([?, ]+\)$/.exec(sql);
    if (inserted !== null) {
      const names = (inserted[2] ?? "").split(", ");
      const row = Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
      insert(this.#table(inserted[1] ?? ""), row);
      return;
    }
    const deleted = /^delete from (\w+)(?: where (.+))?$/.exec(sql);
    if (deleted === null) refuse(`the memory database does not know: ${sql}`);
    const table = this.#table(deleted[1] ?? "");
    const goes = condition(table, deleted[2], [...values]);
    table.rows = table.rows.filter((row) => !goes(row));
  }

  #query(sql: string, values: readonly SqlValue[]): Row[] {
    const parts =
      /^select (.+?) from (\w+)(?: where (.+?))?(?: order by (\w+))?(?: limit (\?|\d+))?$/.exec(
        sql,
      );
    if (parts === null) refuse(`the memory database does not know: ${sql}`);
    const [, wanted = "*", name = "", where, order, limit] = parts;
    const table = this.#table(name);
    const left = [...values];
    const matches = condition(table, where, left);
    let rows = table.rows.filter(matches);
    const counted = /^count\(\*\) as (\w+)$/.exec(wanted);
    if (counted !== null) return [{ [counted[1] ?? ""]: rows.length }];
    if (order !== undefined) {
      rows = rows.toSorted((a, b) => compare(a[order] ?? null, b[order] ?? null));
    }
    if (limit !== undefined) rows = rows.slice(0, Number(limit === "?" ? left.shift() : limit));
    if (wanted === "*") return rows.map((row) => ({ ...row }));
    const names = wanted.split(", ");
    for (const column of names) known(table, column);
    return rows.map((row) =>
      Object.fromEntries(names.map((column) => [column, row[column] ?? null])),
    );
  }
}

/** Takes the values of its places off the list. */
function condition(
  table: MemoryTable,
  where: string | undefined,
  values: SqlValue[],
): (row: Row) => boolean {
  if (where === undefined) return () => true;
  const tests = where.split(" and ").map((text) => {
    const parts = /^(\w+) (=|<|>|<=|>=|<>) (\?|\d+)$/.exec(text);
    if (parts === null) refuse(`the memory database does not know: where ${text}`);
    const [, column = "", operator = "", right = ""] = parts;
    known(table, column);
    const value = right === "?" ? (values.shift() ?? null) : Number(right);
    return (row: Row) => holds(row[column] ?? null, operator, value);
  });
  return (row) => tests.every((test) => test(row));
}

function holds(left: SqlValue, operator: string, right: SqlValue): boolean {
  if (left === null || right === null) return false;
  const order = compare(left, right);
  if (operator === "=") return order === 0;
  if (operator === "<>") return order !== 0;
  if (operator.startsWith("<")) return order < 0 || (operator === "<=" && order === 0);
  return order > 0 || (operator === ">=" && order === 0);
}

function compare(left: SqlValue, right: SqlValue): number {
  if (left === right) return 0;
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (left instanceof Date && right instanceof Date) return left.getTime() - right.getTime();
  return String(left) < String(right) ? -1 : 1;
}

function known(table: MemoryTable, name: string): void {
  const isThere = name === "id" || table.layout.columns.some((column) => column.name === name);
  if (!isThere) refuse(`table ${table.layout.name} has no column ${name}`);
}

function insert(table: MemoryTable, row: Row): void {
  const { layout } = table;
  for (const name of Object.keys(row)) known(table, name);
  const full: MutableRow = { id: row["id"] ?? table.nextId };
  for (const column of layout.columns) full[column.name] = valueOf(layout, column, row);
  for (const key of [["id"], ...(layout.unique ?? [])]) {
    const isTaken = table.rows.some((other) =>
      key.every((name) => full[name] !== null && full[name] === other[name]),
    );
    if (isTaken) refuse(`table ${layout.name} has this ${key.join(", ")} already`);
  }
  table.nextId = Math.max(table.nextId, Number(full["id"])) + 1;
  table.rows.push(full);
}

function valueOf(layout: TableLayout, column: Column, row: Row): SqlValue {
  const value = row[column.name] === undefined ? (column.default ?? null) : row[column.name];
  if (value === undefined || value === null) {
    if (column.isNullable !== true) refuse(`${layout.name}.${column.name} must have a value`);
    return null;
  }
  if (!fits(column.type, value))
    refuse(`${layout.name}.${column.name} is of type ${column.type}, not ${typeof value}`);
  return value;
}

function fits(type: Column["type"], value: SqlValue): boolean {
  if (type === "int") return Number.isSafeInteger(value);
  if (type === "double") return typeof value === "number";
  if (type === "datetime") return value instanceof Date;
  return typeof value === "string" || (type === "blob" && value instanceof Uint8Array);
}

function refuse(message: string): never {
  throw new StorageError("STORAGE_REFUSED", message);
}
