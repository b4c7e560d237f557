/** Publications as rows of a table in Kamailio's layout `presentity`. */
import type { Clock } from "../../runtime/clock.ts";
import { committedWithin, type CommitWait } from "../../runtime/notifier/commit.ts";
import { allRows } from "../../runtime/notifier/rows.ts";
import type { Database, Row, TableLayout } from "../../runtime/storage/storage.ts";
import type { WriteQueue } from "../../runtime/storage/write-queue.ts";
import { escapeUser } from "../../sip/uri-compare.ts";
import type { Presentity, StoredPublication } from "./presentity.ts";

export function presentityLayout(name: string): TableLayout {
  return {
    name,
    version: 5,
    columns: [
      { name: "username", type: "string", size: 64 },
      { name: "domain", type: "string", size: 64 },
      { name: "event", type: "string", size: 64 },
      { name: "etag", type: "string", size: 128 },
      { name: "expires", type: "int" },
      { name: "received_time", type: "int" },
      { name: "body", type: "blob" },
      { name: "sender", type: "string", size: 255 },
      { name: "priority", type: "int", default: 0 },
      { name: "ruid", type: "string", size: 64, isNullable: true },
    ],
    unique: [["username", "domain", "event", "etag"], ["ruid"]],
    indexes: [["expires"], ["username", "domain", "event"]],
  };
}

/** What a row says. */
export interface KeptPublication {
  readonly event: string;
  /** URI of the resource. */
  readonly resource: string;
  readonly etag: string;
  readonly body: string;
  readonly sender: string;
  readonly priority: number;
  /** Wall clock seconds. */
  readonly receivedAt: number;
  readonly expiresAt: number;
  /** "" when it has none. */
  readonly ruid: string;
}

/** What it works with. */
export interface PublicationJournalParts {
  readonly database: Database;
  readonly table: string;
  readonly queue: WriteQueue;
  readonly clock: Clock;
  readonly wait: () => CommitWait;
}

/** Writes publications, and reads them when the engine starts. */
export class PublicationJournal {
  readonly #parts: PublicationJournalParts;

  constructor(parts: PublicationJournalParts) {
    this.#parts = parts;
  }

  /** All of them, in the order in which they came; also those that ran out meanwhile. */
  async load(): Promise<KeptPublication[]> {
    const { database, table } = this.#parts;
    const rows = await allRows(database, table);
    // Older servers wrote none: these are written anew with one.
    const sql = `delete from ${table} where id = ?`;
    const nameless = rows.filter((row) => row["ruid"] === null);
    if (nameless.length > 0) {
      await database.write(nameless.map((row) => ({ sql, values: [row["id"] ?? null] })));
    }
    return rows.map(readRow).sort((a, b) => a.receivedAt - b.receivedAt);
  }

  /** Writes a publication; its ruid stays the same for as long as it lives, its tag does not. */
  keep(presentity: Presentity, stored: StoredPublication): void {
    this.#parts.queue.put({
      username: escapeUser(presentity.user),
      domain: presentity.domain,
      event: presentity.event.name,
      etag: stored.etag,
      expires: stored.expiresAt,
      received_time: stored.receivedAt,
      body: Buffer.from(stored.body, "latin1"),
      sender: stored.sender,
      priority: stored.priority,
      ruid: stored.ruid,
    });
  }

  forget(ruid: string): void {
    this.#parts.queue.remove({ ruid });
  }

  /** Ends when what was written is safe, or cannot be now; undefined: there is nothing to wait for. */
  committed(): Promise<void> | undefined {
    const { queue, clock, wait } = this.#parts;
    return committedWithin(queue, clock, wait());
  }

  stop(): Promise<void> {
    return this.#parts.queue.stop();
  }
}

function readRow(row: Row): KeptPublication {
  const text = (name: string): string => {
    const value = row[name];
    return value instanceof Uint8Array
      ? Buffer.from(value).toString("latin1")
      : String(value ?? "");
  };
  const user = text("username");
  const domain = text("domain");
  return {
    event: text("event"),
    resource: user === "" ? `sip:${domain}` : `sip:${user}@${domain}`,
    etag: text("etag"),
    body: text("body"),
    sender: text("sender"),
    priority: Number(row["priority"] ?? 0),
    receivedAt: Number(row["received_time"] ?? 0),
    expiresAt: Number(row["expires"] ?? 0),
    ruid: text("ruid"),
  };
}
