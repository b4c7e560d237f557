/** Rows of one table that follow a state in memory: written in batches, tried again while the database is away. */
import { atEndOfTurn, type Clock, type Timer } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Counter, Logger, Statistics } from "../services.ts";
import { type Database, type Row, type SqlValue, type Statement, StorageError } from "./storage.ts";

export interface WriteQueueOptions {
  readonly database: Database;
  readonly table: string;
  /** Columns that tell rows apart; never null. */
  readonly key: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly statistics: Statistics;
  /** Group of the statistics, the module's name: `TABLE_waiting`, `TABLE_written`, `TABLE_refused`, `TABLE_dropped`. */
  readonly group: string;
  /** How long changes may wait for others before they are written; 0: with the next commit. */
  readonly delayMs?: number;
  /** Rows that may wait while the database is away; the oldest are given up first. */
  readonly limit?: number;
}

/** What is to become of the rows with one key. */
interface Change {
  readonly key: Row;
  /** What there is to be afterwards. */
  readonly rows: readonly Row[];
}

/** Rows in one transaction. */
const BATCH = 500;
/** Waiting before the database is tried again: doubled from the first to the last. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
/** `limit` when it is not given. */
const WAITING_LIMIT = 1_000_000;

/**
 * Rows of one table that follow a state in memory. Of several changes to one row only the last is written. Rows are replaced as a
 * whole: a delete and an insert, which every database knows and no unique key is needed for.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #delayMs: number;
  readonly #limit: number;
  readonly #deleteSql: string;
  readonly #written: Counter;
  readonly #refused: Counter;
  readonly #dropped: Counter;
  /** By key; a row that changes again keeps its place. */
  #waiting = new Map<string, Change>();
  /** What is being written now. */
  #inFlight: Map<string, Change> | null = null;
  /** Ends with the batch that is in flight: whether the database took it. */
  #batch: Promise<boolean> = Promise.resolve(true);
  /** The batch that begins at the end of this turn. */
  #soon: Promise<boolean> | null = null;
  /** The next try, or the end of `delayMs`. */
  #timer: Timer | null = null;
  /** Whether rows were left over for the next batch. */
  #hasMore = false;
  /** Delay of the next try; 0 while the database is there. */
  #retryMs = 0;
  #isStopped = false;
  /** Statement of the last insert, for rows of the same columns. */
  #insert: { readonly columns: string; readonly sql: string } = { columns: "", sql: "" };

  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#delayMs = options.delayMs ?? 0;
    this.#limit = options.limit ?? WAITING_LIMIT;
    const { table, key, statistics, group } = options;
    this.#deleteSql = `delete from ${table} where ${key.map((column) => `${column} = ?`).join(" and ")}`;
    const counter = (name: string, doc: string): Counter =>
      statistics.counter(group, `${table}_${name}`, doc);
    statistics.gauge(group, `${table}_waiting`, () => this.waiting, "Rows to be written");
    this.#written = counter("written", "Rows written or deleted");
    this.#refused = counter("refused", "Rows that the database refused");
    this.#dropped = counter("dropped", "Rows given up because too many waited");
  }

  /** Rows that are not committed yet. */
  get waiting(): number {
    return this.#waiting.size + (this.#inFlight?.size ?? 0);
  }

  /** Inserts the row, or replaces the one with the same key. */
  put(row: Row): void {
    this.#change(row, [row]);
  }

  /** Deletes the row with this key. */
  remove(key: Row): void {
    this.#change(key, []);
  }

  /** For keys that several rows share: what there is with this key is replaced by these. */
  replace(key: Row, rows: readonly Row[]): void {
    this.#change(key, rows);
  }

  /**
   * True when all that was put so far is committed, false when the database does not take it now: then it stays queued and is
   * tried again. Rows that the database refuses for good are logged and given up, and do not count.
   */
  async settled(): Promise<boolean> {
    if (this.waiting === 0) return true;
    if (this.#retryMs > 0) return false;
    let left = this.#waiting.size;
    if (this.#inFlight !== null && !(await this.#batch)) return false;
    // The oldest go first, so after so many batches all that waited by now are written.
    for (; left > 0 && this.#waiting.size > 0; left -= BATCH) {
      if (!(await this.#flushSoon())) return false;
    }
    return true;
  }

  /** Writes what waits. What the database does not take at once is lost, and said to be. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#retryMs = 0;
    const isWritten = await this.settled();
    if (!isWritten && this.waiting > 0) {
      const { log, table, database } = this.#options;
      log.error(`${this.waiting} changes of table ${table} are lost: ${database.name} is away`);
    }
  }

  #change(key: Row, rows: readonly Row[]): void {
    const id = this.#id(key);
    this.#waiting.set(id, { key, rows });
    if (this.#waiting.size > this.#limit) this.#drop();
    if (this.#inFlight === null) this.#schedule();
  }

  #id(key: Row): string {
    let id = "";
    for (const column of this.#options.key) id += `${String(key[column])}\0`;
    return id;
  }

  #drop(): void {
    for (const id of this.#waiting.keys()) {
      this.#waiting.delete(id);
      break;
    }
    if (this.#dropped.value++ === 0) {
      const { log, table } = this.#options;
      log.error(`more than ${this.#limit} rows of table ${table} wait: the oldest are given up`);
    }
  }

  /** Sees to it that what waits is written: after the delay, or with the end of this turn. */
  #schedule(): void {
    if (this.#soon !== null || this.#timer?.isPending === true || this.#isStopped) return;
    let delay = this.#retryMs;
    if (delay === 0 && !this.#hasMore) delay = this.#delayMs;
    if (delay === 0) void this.#flushSoon();
    else if (this.#timer !== null) this.#timer.restart(delay);
    else this.#timer = this.#options.clock.after(delay, () => void this.#flush());
  }

  /** All that is changed within this turn goes together. */
  #flushSoon(): Promise<boolean> {
    this.#soon ??= new Promise((resolve) => {
      atEndOfTurn(() => {
        this.#soon = null;
        resolve(this.#flush());
      });
    });
    return this.#soon;
  }

  /** Writes one batch, or joins the one in flight: whether the database took it. */
  #flush(): Promise<boolean> {
    if (this.#inFlight === null && this.#waiting.size > 0) {
      this.#batch = this.#write(this.#takeBatch());
    }
    return this.#batch;
  }

  #takeBatch(): Map<string, Change> {
    let batch = this.#waiting;
    this.#hasMore = batch.size > BATCH;
    if (!this.#hasMore) this.#waiting = new Map();
    else {
      batch = new Map();
      for (const [id, change] of this.#waiting) {
        batch.set(id, change);
        this.#waiting.delete(id);
        if (batch.size === BATCH) break;
      }
    }
    this.#inFlight = batch;
    return batch;
  }

  async #write(batch: Map<string, Change>): Promise<boolean> {
    const isWritten = await this.#tryWrite(batch);
    this.#inFlight = null;
    if (isWritten) {
      if (this.#retryMs > 0) {
        const { log, table, database } = this.#options;
        log.info(`${database.name} takes rows of table ${table} again`);
      }
      this.#retryMs = 0;
    } else this.#putBack(batch);
    if (this.#waiting.size > 0) this.#schedule();
    return isWritten;
  }

  /** False when the database is away. */
  async #tryWrite(batch: Map<string, Change>): Promise<boolean> {
    const { database } = this.#options;
    try {
      await database.write(this.#statements(batch.values()));
      this.#written.value += batch.size;
      return true;
    } catch (error) {
      if (isAway(error)) return false;
    }
    // Something in it is refused: one by one, so that it is alone.
    for (const [id, change] of batch) {
      try {
        await database.write(this.#statements([change]));
        this.#written.value++;
      } catch (error) {
        if (isAway(error)) return false;
        this.#refuse(change, error);
      }
      batch.delete(id);
    }
    return true;
  }

  #refuse(change: Change, error: unknown): void {
    this.#refused.value++;
    const { log, table, key } = this.#options;
    const which = key.map((column) => `${column} ${String(change.key[column])}`).join(", ");
    const reason = messageOf(error);
    log.error(`a row of table ${table} is given up (${which}): ${reason}`);
  }

  /** The batch waits again, before all else, unless something newer is known of its rows. */
  #putBack(batch: Map<string, Change>): void {
    const { log, table, database } = this.#options;
    for (const [id, change] of this.#waiting) {
      batch.delete(id);
      batch.set(id, change);
    }
    this.#waiting = batch;
    if (this.#retryMs === 0) {
      log.info(`rows of table ${table} wait until ${database.name} takes them`);
    }
    this.#retryMs = Math.min(LAST_RETRY_MS, Math.max(FIRST_RETRY_MS, 2 * this.#retryMs));
  }

  #statements(changes: Iterable<Change>): Statement[] {
    const statements: Statement[] = [];
    for (const { key, rows } of changes) {
      const values = this.#options.key.map((column) => key[column] ?? null);
      statements.push({ sql: this.#deleteSql, values });
      for (const row of rows) statements.push(this.#insertOf(row));
    }
    return statements;
  }

  #insertOf(row: Row): Statement {
    const names = Object.keys(row);
    const columns = names.join(", ");
    if (this.#insert.columns !== columns) {
      const places = names.map(() => "?").join(", ");
      const sql = `insert into ${this.#options.table} (${columns}) values (${places})`;
      this.#insert = { columns, sql };
    }
    const values: SqlValue[] = [];
    for (const name of names) values.push(row[name] ?? null);
    return { sql: this.#insert.sql, values };
  }
}

function isAway(error: unknown): boolean {
  return error instanceof StorageError && error.isTransient;
}
