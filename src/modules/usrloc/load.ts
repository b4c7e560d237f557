/** Reads the contacts of a table from a database, page by page. */
import { XavpNode, type XavpValue } from "../../runtime/lists.ts";
import type { Database, Row } from "../../runtime/storage/storage.ts";
import { ContactInfo, Stored } from "./contact.ts";
import { addAttribute, numberOf, readRow, secondsOf, textOf } from "./layout.ts";
import type { LocationStore } from "./store.ts";
import type { Table } from "./table.ts";
import { userOf } from "./workers.ts";

/** What was found. */
export interface LoadResult {
  readonly contacts: number;
  /** Rows that make no sense as contacts. */
  readonly unread: number;
}

/** What is known of a contact beside its row. */
interface Details {
  readonly created: number;
  readonly displayName: string | null;
  readonly features: string | null;
}

/** One reading of a table. */
class Loading {
  readonly #store: LocationStore;
  readonly #table: Table;
  readonly #database: Database;
  readonly #info = new ContactInfo();
  readonly #details = new Map<string, Details>();
  readonly #attributes = new Map<string, readonly XavpValue[]>();
  readonly #now: number;
  /** Contacts that ran out before it are not wanted. */
  readonly #oldest: number;
  contacts = 0;
  unread = 0;

  constructor(store: LocationStore, table: Table, database: Database) {
    this.#store = store;
    this.#table = table;
    this.#database = database;
    this.#now = store.location.now();
    this.#oldest = this.#now - store.location.graceSeconds;
  }

  async run(): Promise<void> {
    const { keepsAttributes } = this.#store.settings;
    await this.#pages(`${this.#table.name}_details`, (row) => {
      const ruid = textOf(row["ruid"]);
      if (ruid === null) return;
      const displayName = textOf(row["display_name"]);
      const features = textOf(row["features"]);
      this.#details.set(ruid, { created: numberOf(row["created"]), displayName, features });
    });
    if (keepsAttributes) await this.#pages("location_attrs", (row) => this.#readAttribute(row));
    await this.#pages(this.#table.name, (row) => this.#restore(row));
    for (const ruid of this.#details.keys()) this.#store.forgetDetails(this.#table, ruid);
  }

  /** Between pages the event loop goes on. */
  async #pages(table: string, take: (row: Row) => void): Promise<void> {
    const { pageSize } = this.#store.settings;
    const sql = `select * from ${table} where id > ? order by id limit ?`;
    let last = 0;
    for (;;) {
      const rows = await this.#database.query(sql, [last, pageSize]);
      for (const row of rows) take(row);
      if (rows.length < pageSize) return;
      last = numberOf(rows.at(-1)?.["id"]);
    }
  }

  #readAttribute(row: Row): void {
    const ruid = textOf(row["ruid"]);
    if (ruid === null) return;
    let attributes = this.#attributes.get(ruid);
    if (attributes === undefined) {
      attributes = [new XavpNode()];
      this.#attributes.set(ruid, attributes);
    }
    addAttribute(attributes, row);
  }

  #restore(row: Row): void {
    const info = this.#info;
    const { rules } = this.#store.settings;
    const aor = readRow(row, rules, info);
    if (aor === null || info.ruid === null) {
      this.unread++;
      return;
    }
    const details = this.#details.get(info.ruid);
    this.#details.delete(info.ruid);
    if (!this.#isOurs(aor, textOf(row[rules.names.socket]))) return;
    info.displayName = details?.displayName ?? null;
    info.features = details?.features ?? null;
    info.attributes = this.#attributes.get(info.ruid) ?? null;
    const isOver = info.expires !== 0 && info.expires <= this.#oldest;
    // It may have been registered again meanwhile, or be there twice.
    if (isOver || this.#table.match(aor, info) !== null) {
      this.#store.forget(this.#table, info.ruid);
      return;
    }
    const modified = secondsOf(row["last_modified"]);
    const created = details?.created ?? modified;
    const contact = this.#table.restore(aor, info, { modified, created });
    this.#table.mark(contact, Stored.contact | Stored.details);
    this.contacts++;
  }

  /** Whether this engine, and among several workers this one, is to have the contact; finds its socket. */
  #isOurs(aor: string, socket: string | null): boolean {
    const info = this.#info;
    const { rules, serverId, skipsRemoteSockets } = this.#store.settings;
    const { sockets, workers } = this.#store.services;
    if (serverId !== null && info.serverId !== serverId) return false;
    const user = userOf(aor, rules.useDomain);
    if (workers !== null && workers.ownerOfUser(user) !== workers.index) return false;
    info.socket = sockets.find((one) => one.text === socket) ?? null;
    return info.socket !== null || socket === null || !skipsRemoteSockets;
  }
}

/** Reads the contacts of a table; those that have run out are taken out of the database. */
export async function loadTable(
  store: LocationStore,
  table: Table,
  database: Database,
): Promise<LoadResult> {
  const loading = new Loading(store, table, database);
  await loading.run();
  return { contacts: loading.contacts, unread: loading.unread };
}
