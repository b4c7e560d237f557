/** The messages in the database. */
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/errors.ts";
import type { Logger, Services } from "../../runtime/services.ts";
import type { Database, Row, SqlValue, TableLayout } from "../../runtime/storage/storage.ts";
import { WriteQueue } from "../../runtime/storage/write-queue.ts";

/** Whose messages: user and domain, as they stand in the table. */
export interface Owner {
  readonly user: string;
  readonly host: string;
}

/** What is stored. Texts are those of packets: one character for each byte. */
export interface NewMessage {
  readonly owner: Owner;
  /** URIs of sender and recipient. */
  readonly from: string;
  readonly to: string;
  /** Wall clock seconds. `sendAt` is 0 but for reminders. */
  readonly storedAt: number;
  readonly expiresAt: number;
  readonly sendAt: number;
  readonly contentType: string;
  readonly body: string;
  /** Whole header lines. */
  readonly headers: string;
}

export interface StoredMessage extends NewMessage {
  readonly id: number;
}

/** Names of the table and its columns. */
export interface SiloNames {
  readonly table: string;
  readonly from: string;
  readonly to: string;
  readonly user: string;
  readonly host: string;
  readonly storedAt: string;
  readonly expiresAt: string;
  readonly sendAt: string;
  readonly contentType: string;
  readonly body: string;
  readonly headers: string;
}

/** Messages that are read at once. */
export const PAGE = 100;

/** The table as Kamailio has it. */
export function siloLayout(names: SiloNames): TableLayout {
  return {
    name: names.table,
    version: 8,
    columns: [
      { name: names.from, type: "string", size: 255, default: "" },
      { name: names.to, type: "string", size: 255, default: "" },
      { name: names.user, type: "string", size: 64, default: "" },
      { name: names.host, type: "string", size: 64, default: "" },
      { name: names.storedAt, type: "int", default: 0 },
      { name: names.expiresAt, type: "int", default: 0 },
      { name: names.sendAt, type: "int", default: 0 },
      { name: names.contentType, type: "string", size: 32, default: "text/plain" },
      { name: names.body, type: "blob", isNullable: true },
      { name: names.headers, type: "text", isNullable: true },
      { name: "callid", type: "string", size: 128, default: "" },
      { name: "status", type: "int", default: 0 },
    ],
    indexes: [[names.user, names.host]],
  };
}

/** Stores, reads and deletes messages. What fails is logged here. */
export class Silo {
  readonly #database: Database;
  readonly #names: SiloNames;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #deletions: WriteQueue;
  /** Delivered, but perhaps still in the database. */
  readonly #delivered = new Set<number>();
  /** By owner: the last store under way, while there is a limit. */
  readonly #storing = new Map<string, Promise<unknown>>();
  #isConfirming = false;
  #isAway = false;

  constructor(services: Services, database: Database, names: SiloNames) {
    this.#database = database;
    this.#names = names;
    this.#clock = services.clock;
    this.#log = services.log;
    this.#deletions = new WriteQueue({
      database,
      table: names.table,
      key: ["id"],
      clock: services.clock,
      log: services.log,
      statistics: services.statistics,
      group: "msilo",
    });
  }

  /** Wall clock seconds. */
  now(): number {
    return Math.floor(this.#clock.wallTime() / 1000);
  }

  /** Whether the message is in the database now; `limit` (0: none) is how many its owner may have. */
  async store(message: NewMessage, limit: number): Promise<boolean> {
    if (limit === 0) return this.#insert(message);
    const key = keyOf(message.owner);
    const before = this.#storing.get(key);
    // One after the other: two at once would both see the last free place.
    const stored = (async () => {
      await before;
      return (await this.#hasPlace(message.owner, limit)) && (await this.#insert(message));
    })();
    this.#storing.set(key, stored);
    const isStored = await stored;
    if (this.#storing.get(key) === stored) this.#storing.delete(key);
    return isStored;
  }

  /** Messages of an owner in order of arrival, from behind the one with this id; undefined when the database is away. */
  async messages(owner: Owner, afterId: number): Promise<StoredMessage[] | undefined> {
    const { table, user, host, sendAt, expiresAt } = this.#names;
    return this.#read(
      `select * from ${table} where ${user} = ? and ${host} = ? and ${sendAt} = 0 and ${expiresAt} > ? and id > ? order by id limit ${PAGE}`,
      [owner.user, owner.host, this.now(), afterId],
    );
  }

  /** Reminders that are due, from behind the one with this id. */
  async reminders(afterId: number): Promise<StoredMessage[] | undefined> {
    const { table, sendAt, expiresAt } = this.#names;
    return this.#read(
      `select * from ${table} where ${sendAt} > 0 and ${sendAt} <= ? and ${expiresAt} > ? and id > ? order by id limit ${PAGE}`,
      [this.now(), this.now(), afterId],
    );
  }

  wasDelivered(id: number): boolean {
    return this.#delivered.has(id);
  }

  /** Deletes a message that has been delivered; sooner or later, if the database is away. */
  delivered(id: number): void {
    this.#delivered.add(id);
    this.#deletions.remove({ id });
    void this.confirm();
  }

  /** Forgets what has been delivered and deleted. */
  async confirm(): Promise<void> {
    if (this.#isConfirming) return;
    this.#isConfirming = true;
    while (this.#delivered.size > 0) {
      const ids = [...this.#delivered];
      if (!(await this.#deletions.settled())) break;
      for (const id of ids) this.#delivered.delete(id);
    }
    this.#isConfirming = false;
  }

  /** Deletes what has expired. */
  async clean(): Promise<void> {
    const sql = `delete from ${this.#names.table} where ${this.#names.expiresAt} <= ?`;
    await this.#attempt(() => this.#database.write([{ sql, values: [this.now()] }]));
  }

  /** Writes what waits. */
  stop(): Promise<void> {
    return this.#deletions.stop();
  }

  async #hasPlace(owner: Owner, limit: number): Promise<boolean> {
    const { table, user, host, expiresAt } = this.#names;
    const sql = `select count(*) as n from ${table} where ${user} = ? and ${host} = ? and ${expiresAt} > ?`;
    const values = [owner.user, owner.host, this.now()];
    const rows = await this.#attempt(() => this.#database.query(sql, values));
    const count = rows?.[0]?.["n"];
    if (typeof count !== "number") return false;
    if (count < limit) return true;
    this.#log.info(`max_messages (${limit}) reached: ${keyOf(owner)}`);
    return false;
  }

  async #insert(message: NewMessage): Promise<boolean> {
    const names = this.#names;
    const row: Record<string, SqlValue> = {
      [names.from]: message.from,
      [names.to]: message.to,
      [names.user]: message.owner.user,
      [names.host]: message.owner.host,
      [names.storedAt]: message.storedAt,
      [names.expiresAt]: message.expiresAt,
      [names.sendAt]: message.sendAt,
      [names.contentType]: message.contentType,
      [names.body]: Buffer.from(message.body, "latin1"),
      [names.headers]: message.headers,
    };
    const columns = Object.keys(row);
    const places = columns.map(() => "?").join(", ");
    const sql = `insert into ${names.table} (${columns.join(", ")}) values (${places})`;
    const write = async (): Promise<boolean> => {
      await this.#database.write([{ sql, values: Object.values(row) }]);
      return true;
    };
    return (await this.#attempt(write)) ?? false;
  }

  async #read(sql: string, values: SqlValue[]): Promise<StoredMessage[] | undefined> {
    const rows = await this.#attempt(() => this.#database.query(sql, values));
    return rows?.map((row) => readRow(this.#names, row));
  }

  /** Undefined when the database does not do it; said once until it does again. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.#isAway = false;
      return result;
    } catch (error) {
      const reason = messageOf(error);
      if (!this.#isAway) this.#log.error(`messages cannot be stored or read: ${reason}`);
      this.#isAway = true;
      return undefined;
    }
  }
}

/** `alice@example.com` */
export function keyOf(owner: Owner): string {
  return `${owner.user}@${owner.host}`;
}

function readRow(names: SiloNames, row: Row): StoredMessage {
  const text = (name: string): string => textOf(row[name] ?? null);
  const number = (name: string): number => Number(row[name] ?? 0);
  return {
    id: number("id"),
    owner: { user: text(names.user), host: text(names.host) },
    from: text(names.from),
    to: text(names.to),
    storedAt: number(names.storedAt),
    expiresAt: number(names.expiresAt),
    sendAt: number(names.sendAt),
    contentType: text(names.contentType),
    body: text(names.body),
    headers: text(names.headers),
  };
}

/** Texts are those of packets already; bodies, and what other programs stored so, come as bytes. */
function textOf(value: SqlValue): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  return value === null ? "" : String(value);
}
