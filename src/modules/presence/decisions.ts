/** What was decided over watchers, for others to read: a table in Kamailio's layout `watchers`. */
import type { Clock } from "../../runtime/clock.ts";
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import type { Database, TableLayout } from "../../runtime/storage/storage.ts";
import type { WriteQueue } from "../../runtime/storage/write-queue.ts";
import { parseUri } from "../../sip/uri.ts";
import type { WatcherStatus } from "./api.ts";
import { StatusCode } from "./subs-variable.ts";

/** Seconds for which somebody who waits for a decision is listed. */
const PENDING_SECONDS = 86_400;

/** Columns that tell rows apart. */
export const DECISION_KEY = ["presentity_uri", "watcher_username", "watcher_domain", "event"];

export function decisionsLayout(name: string): TableLayout {
  return {
    name,
    version: 3,
    columns: [
      { name: "presentity_uri", type: "string", size: 255 },
      { name: "watcher_username", type: "string", size: 64 },
      { name: "watcher_domain", type: "string", size: 64 },
      { name: "event", type: "string", size: 64, default: "presence" },
      { name: "status", type: "int" },
      { name: "reason", type: "string", size: 64, isNullable: true },
      { name: "inserted_time", type: "int" },
    ],
    unique: [DECISION_KEY],
  };
}

/** Writes decisions down; nothing is read back, for packages decide anew at each SUBSCRIBE. */
export class Decisions {
  readonly #database: Database;
  readonly #table: string;
  readonly #queue: WriteQueue;
  readonly #clock: Clock;

  constructor(database: Database, table: string, queue: WriteQueue, clock: Clock) {
    this.#database = database;
    this.#table = table;
    this.#queue = queue;
    this.#clock = clock;
  }

  note(subscription: WatcherSubscription, status: WatcherStatus): void {
    const watcher = parseUri(subscription.watcher);
    this.#queue.put({
      presentity_uri: subscription.resource,
      watcher_username: watcher?.user ?? "",
      watcher_domain: watcher?.host ?? "",
      event: subscription.package.name,
      status: StatusCode[status],
      reason: "",
      inserted_time: this.#now(),
    });
  }

  /** Removes those who have waited too long. */
  async clean(): Promise<void> {
    const sql = `delete from ${this.#table} where status = ? and inserted_time < ?`;
    const values = [StatusCode.pending, this.#now() - PENDING_SECONDS];
    // The next run does what this one cannot.
    await this.#database.write([{ sql, values }]).catch(() => undefined);
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #now(): number {
    return Math.floor(this.#clock.wallTime() / 1000);
  }
}
