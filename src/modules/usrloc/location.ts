/** All tables of one engine, with what they share: expiry, ids, listeners. */
import type { Clock, Timer } from "../../runtime/clock.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { UsrlocApi, UsrlocListener } from "./api.ts";
import type { Contact, ContactOwner, RemovalCause } from "./contact.ts";
import { ContactMemory } from "./contact-memory.ts";
import { NONE } from "./contact-records.ts";
import { ExpiryWheel } from "./expiry-wheel.ts";
import type { LocationStore } from "./store.ts";
import { type ContactChange, Table, type TableShared } from "./table.ts";
import { TextHash } from "./text-hash.ts";
import type { SharedLocation } from "./workers.ts";

/** Settings of the module. */
export interface LocationSettings {
  readonly matchingMode: number;
  readonly newestFirst: boolean;
  readonly cseqDelay: number;
  readonly useDomain: boolean;
  readonly natFlags: number;
  readonly xavpContact: string | undefined;
  readonly timerInterval: number;
  /** Random number that tells this engine's ruids from those of others started in the same second. */
  readonly seed: number;
  /** Random number of 32 bits that is shown to nobody: where keys lie in the tables follows from it. */
  readonly hashSeed: number;
  /** How many contacts are kept as objects as well. */
  readonly cachedContacts: number;
}

/** Contacts removed in one go, by how many at a time, and how long that may take; the rest waits until other work has been done. */
const EXPIRE_AT_ONCE = 500;
const EXPIRE_STEP = 50;
const EXPIRE_MS = 3;

/** The tables and their common state. */
export class Location implements UsrlocApi, TableShared {
  readonly matchingMode: number;
  readonly newestFirst: boolean;
  readonly cseqDelay: number;
  readonly useDomain: boolean;
  readonly natFlags: number;
  readonly xavpContact: string | undefined;
  readonly timerInterval: number;
  readonly instanceId: string;
  readonly wheel: ExpiryWheel;
  readonly memory: ContactMemory;
  readonly hash: TextHash;
  readonly #clock: Clock;
  readonly #tables = new Map<string, Table>();
  readonly #listeners: UsrlocListener[] = [];
  readonly #onTable: (table: Table) => void;
  context: ScriptContext | null = null;
  /** Where contacts are kept as well; null: in memory only. */
  store: LocationStore | null = null;
  /** Contacts of other workers; null: there is one worker. */
  shared: SharedLocation | null = null;
  #serial = 0;
  #depth = 0;
  /** Time within what is done together; below 0: not asked for yet. */
  #nowTogether = -1;
  #hasChanges = false;
  #grace: () => number = () => 0;
  #tick: Timer | undefined;
  /** The next go, when one was not enough. */
  #rest: Timer | undefined;

  constructor(clock: Clock, settings: LocationSettings, onTable: (table: Table) => void) {
    this.#clock = clock;
    this.#onTable = onTable;
    this.matchingMode = settings.matchingMode;
    this.newestFirst = settings.newestFirst;
    this.cseqDelay = settings.cseqDelay;
    this.useDomain = settings.useDomain;
    this.natFlags = settings.natFlags;
    this.xavpContact = settings.xavpContact;
    this.timerInterval = settings.timerInterval;
    const started = Math.floor(clock.wallTime() / 1000);
    this.instanceId = `uloc-${started.toString(16)}-${(settings.seed & 0xffff).toString(16)}`;
    this.hash = new TextHash(settings.hashSeed);
    this.memory = new ContactMemory(settings.cachedContacts);
    this.wheel = new ExpiryWheel(this.memory.records, started, () => this.#grace());
  }

  /** Wall clock seconds; the same throughout what is done together. */
  now(): number {
    if (this.#depth === 0) return this.#seconds();
    if (this.#nowTogether < 0) this.#nowTogether = this.#seconds();
    return this.#nowTogether;
  }

  #seconds(): number {
    return Math.floor(this.#clock.wallTime() / 1000);
  }

  nextRuid(): string {
    return `${this.instanceId}-${(++this.#serial).toString(16)}`;
  }

  table(name: string): Table {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new Table(name, this);
      this.#tables.set(name, table);
      this.#onTable(table);
      this.store?.add(table);
    }
    return table;
  }

  findTable(name: string): Table | undefined {
    return this.#tables.get(name);
  }

  ownerOf(aor: string): number {
    return this.shared === null ? -1 : this.shared.ownerOf(aor);
  }

  find(table: Table, aor: string): Contact | undefined | Promise<Contact | undefined> {
    const { shared } = this;
    if (shared === null) return table.first(aor);
    const owner = shared.ownerOf(aor);
    return owner < 0 ? table.first(aor) : shared.find(table, aor, owner);
  }

  findTemporary(table: Table, ruid: string): Contact | undefined | Promise<Contact | undefined> {
    const contact = table.byRuid(ruid);
    if (contact !== undefined && contact.instance !== null) return contact;
    return this.shared?.findTemporary(table, ruid);
  }

  contactById(id: number): Contact | undefined {
    const record = this.memory.records.find(id);
    return record === NONE ? undefined : this.memory.contact(record);
  }

  contactOwner(id: number): ContactOwner | null | undefined {
    const record = this.memory.records.find(id);
    return record === NONE ? undefined : this.memory.ownerOf(record);
  }

  tables(): Iterable<Table> {
    return this.#tables.values();
  }

  listen(listener: UsrlocListener): void {
    this.#listeners.push(listener);
  }

  changed(contact: Contact, change: ContactChange, cause: RemovalCause | undefined): void {
    const listeners = this.#listeners;
    if (listeners.length === 0) return;
    this.begin();
    this.#hasChanges = true;
    for (const listener of listeners) listener.changed(contact, change, cause);
    this.end();
  }

  begin(context?: ScriptContext): void {
    if (this.#depth++ === 0) this.#nowTogether = -1;
    if (context !== undefined) this.context = context;
  }

  end(): void {
    if (--this.#depth > 0) return;
    if (this.#hasChanges) {
      this.#hasChanges = false;
      for (const listener of this.#listeners) listener.settled?.();
    }
    this.context = null;
  }

  together<T>(work: () => T, context?: ScriptContext): T {
    this.begin(context);
    try {
      return work();
    } finally {
      this.end();
    }
  }

  keepExpired(seconds: () => number): void {
    this.#grace = seconds;
  }

  /** How long contacts stay after they ran out, in seconds. */
  get graceSeconds(): number {
    return this.#grace();
  }

  committed(table: Table): Promise<boolean> | null {
    return this.store === null ? null : this.store.committed(table);
  }

  /** Starts the clock of expiry. */
  start(): void {
    this.#tick = this.#clock.every(1000, () => {
      if (this.#rest?.isPending !== true) this.expire();
    });
  }

  stop(): void {
    this.#tick?.cancel();
    this.#rest?.cancel();
  }

  /** Removes what has run out, in several goes when it is much. */
  expire(): void {
    const until = this.#clock.now() + EXPIRE_MS;
    this.begin();
    let hasMore = true;
    for (let count = 0; hasMore && count < EXPIRE_AT_ONCE; count += EXPIRE_STEP) {
      hasMore = this.wheel.advance(this.now(), EXPIRE_STEP, this.#removeExpired);
      if (this.#clock.now() > until) break;
    }
    this.end();
    if (hasMore) this.#rest = this.#clock.after(1, () => this.expire());
  }

  readonly #removeExpired = (record: number): void => {
    const contact = this.memory.passingContact(record);
    contact.table.removeExpired(contact);
  };
}
