/** Contacts in a database: written as they change, read at the start. */
import type { Counter, Services } from "../../runtime/services.ts";
import { PreparedDatabase } from "../../runtime/storage/prepared-database.ts";
import type { Database, TableLayout } from "../../runtime/storage/storage.ts";
import { WriteQueue } from "../../runtime/storage/write-queue.ts";
import type { UsrlocListener } from "./api.ts";
import { type Contact, Stored } from "./contact.ts";
import {
  attributeRows,
  attributesLayout,
  detailsLayout,
  detailsRow,
  isSqlName,
  locationLayout,
  locationRow,
  type RowRules,
} from "./layout.ts";
import { loadTable } from "./load.ts";
import type { Location } from "./location.ts";
import type { ContactChange, Table } from "./table.ts";

/** Values of `db_mode`; there is no mode without contacts in memory, so 3 is taken as 1. */
export const DbMode = {
  memory: 0,
  writeThrough: 1,
  writeBack: 2,
  databaseOnly: 3,
  load: 4,
} as const;

export interface StoreSettings {
  readonly mode: number;
  /** `db_load` */
  readonly loads: boolean;
  readonly rules: RowRules;
  readonly checksVersion: boolean;
  readonly keepsAttributes: boolean;
  /** Rows of sockets that are not ours are passed over. */
  readonly skipsRemoteSockets: boolean;
  /** Only rows with this server id; null: all. */
  readonly serverId: number | null;
  /** Rows read at once. */
  readonly pageSize: number;
  /** Of `timer_interval`: how long write-back may wait. */
  readonly intervalMs: number;
  /** How long the reply to a REGISTER waits for its commit at most, in milliseconds; 0: not at all. */
  readonly replyWaitMs: () => number;
}

/** What a table's contacts are written to. */
interface Queues {
  readonly contacts: WriteQueue;
  readonly details: WriteQueue;
  readonly attributes: WriteQueue | null;
}

/** Contacts written in one go when everything is written again. */
const AT_ONCE = 500;

/** The tables of a Location in a database. */
export class LocationStore implements UsrlocListener {
  readonly database: Database;
  readonly settings: StoreSettings;
  readonly services: Services;
  readonly location: Location;
  readonly #queues = new Map<Table, Queues>();
  /** One table for the attributes of all. */
  readonly #attributes: WriteQueue | null;
  readonly #unread: Counter;
  readonly #early: Counter;
  #isStarted = false;

  constructor(database: Database, location: Location, services: Services, settings: StoreSettings) {
    this.database = database;
    this.location = location;
    this.services = services;
    this.settings = settings;
    const counter = (name: string, doc: string): Counter =>
      services.statistics.counter("usrloc", name, doc);
    this.#unread = counter("unread_rows", "Rows of the database that are no contacts");
    this.#early = counter(
      "early_replies",
      "Replies that did not wait until the database had their contacts",
    );
    const { keepsAttributes, rules } = settings;
    this.#attributes =
      keepsAttributes && this.#writes
        ? this.#queue(
            "location_attrs",
            "ruid",
            new PreparedDatabase(database, [attributesLayout(rules)]),
          )
        : null;
    location.store = this;
    location.listen(this);
    if (this.#writes) database.onReset?.(() => this.#writeAll());
  }

  get #writes(): boolean {
    return this.settings.mode !== DbMode.load;
  }

  /** A table that is named for the first time. After the start its contacts come a little later. */
  add(table: Table): void {
    if (!this.#isStarted || !this.#canKeep(table)) return;
    const database = new PreparedDatabase(this.database, this.#layouts(table));
    this.#open(table, database);
    this.#load(table, database).catch((error: unknown) => {
      this.services.log.error(`table ${table.name} is not read: ${String(error)}`);
    });
  }

  /** Reads all tables that are known by now. `prepare` makes or checks them in the database. */
  async start(prepare: (tables: readonly TableLayout[]) => Promise<void>): Promise<void> {
    for (const table of this.location.tables()) {
      if (!this.#canKeep(table)) continue;
      await prepare(this.#layouts(table));
      this.#open(table, this.database);
      await this.#load(table, this.database);
    }
    this.#isStarted = true;
  }

  async stop(): Promise<void> {
    for (const queues of this.#queues.values()) {
      await Promise.all(all(queues).map((queue) => queue.stop()));
    }
  }

  changed(contact: Contact, change: ContactChange): void {
    const isForeign = contact.owner !== null;
    // Contacts of other servers come back from there.
    if (change !== "removed" && !isForeign) {
      if (!contact.memoryOnly) this.#put(contact);
    } else if (contact.stored !== 0) {
      contact.table.mark(contact, 0);
      this.forget(contact.table, contact.ruid);
    }
  }

  #put(contact: Contact): void {
    const queues = this.#queues.get(contact.table);
    if (queues === undefined) return;
    const { rules } = this.settings;
    queues.contacts.put(locationRow(contact, rules));
    if ((contact.stored & Stored.details) === 0) {
      contact.table.mark(contact, Stored.contact | Stored.details);
      queues.details.put(detailsRow(contact));
    }
    queues.attributes?.replace({ ruid: contact.ruid }, attributeRows(contact, rules));
  }

  /** See `UsrlocApi`. */
  committed(table: Table): Promise<boolean> | null {
    const queues = this.#queues.get(table);
    const waitMs = this.settings.replyWaitMs();
    const waits = this.settings.mode === DbMode.writeThrough && waitMs > 0;
    if (!waits || queues === undefined) return null;
    const waiting = all(queues).filter((queue) => queue.waiting > 0);
    if (waiting.length === 0) return null;
    return new Promise((resolve) => {
      const end = (isCommitted: boolean): void => {
        if (!isCommitted) this.#early.value++;
        resolve(isCommitted);
      };
      const limit = this.services.clock.after(waitMs, () => end(false));
      void Promise.all(waiting.map((queue) => queue.settled())).then((settled) => {
        if (limit.isPending) end(settled.every((one) => one));
        limit.cancel();
      });
    });
  }

  /** Writes everything now (`ul.flush`). */
  async flush(): Promise<boolean> {
    const queues = [...this.#queues.values()].flatMap(all);
    const settled = await Promise.all(queues.map((queue) => queue.settled()));
    return settled.every((one) => one);
  }

  /** Takes a row out that is not wanted any more. */
  forget(table: Table, ruid: string): void {
    const queues = this.#queues.get(table);
    queues?.contacts.remove({ [this.settings.rules.names.ruid]: ruid });
    queues?.details.remove({ ruid });
    queues?.attributes?.remove({ ruid });
  }

  /** Takes out details whose contact is gone. */
  forgetDetails(table: Table, ruid: string): void {
    this.#queues.get(table)?.details.remove({ ruid });
  }

  #canKeep({ name }: Table): boolean {
    if (isSqlName(name)) return true;
    this.services.log.error(`"${name}" is no name of a table in a database: kept in memory only`);
    return false;
  }

  /** Everything again, a part at a time: the database has lost it. */
  #writeAll(): void {
    const contacts = allContacts(this.#queues.keys());
    const writeSome = (): void => {
      for (let count = 0; count < AT_ONCE; count++) {
        const { value: contact, done } = contacts.next();
        if (done === true) return;
        contact.table.mark(contact, 0);
        this.changed(contact, "updated");
      }
      this.services.clock.after(1, writeSome);
    };
    writeSome();
  }

  #layouts(table: Table): TableLayout[] {
    const { rules, checksVersion, keepsAttributes } = this.settings;
    const layouts = [locationLayout(table.name, rules, checksVersion), detailsLayout(table.name)];
    if (keepsAttributes) layouts.push(attributesLayout(rules));
    return layouts;
  }

  #open(table: Table, database: Database): void {
    if (!this.#writes) return;
    this.#queues.set(table, {
      contacts: this.#queue(table.name, this.settings.rules.names.ruid, database),
      details: this.#queue(`${table.name}_details`, "ruid", database),
      attributes: this.#attributes,
    });
  }

  #queue(table: string, key: string, database: Database): WriteQueue {
    const { clock, log, statistics } = this.services;
    const { mode, intervalMs } = this.settings;
    const delayMs = mode === DbMode.writeBack ? intervalMs : 0;
    const group = "usrloc";
    return new WriteQueue({ database, table, key: [key], clock, log, statistics, group, delayMs });
  }

  async #load(table: Table, database: Database): Promise<void> {
    const { loads, mode } = this.settings;
    if (!loads && mode !== DbMode.load) return;
    const result = await loadTable(this, table, database);
    this.#unread.value += result.unread;
    this.services.log.info(
      `${result.contacts} contacts of table ${table.name} are read from ${database.name}`,
    );
  }
}

function* allContacts(tables: Iterable<Table>): Generator<Contact, undefined> {
  for (const table of tables) yield* table.all();
}

function all(queues: Queues): WriteQueue[] {
  const { contacts, details, attributes } = queues;
  return attributes === null ? [contacts, details] : [contacts, details, attributes];
}
