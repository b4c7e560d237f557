/** All tables of one engine, with what they share: expiry, ids, listeners. */
import type { Clock, Timer } from "../../runtime/clock.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { UsrlocApi, UsrlocListener } from "./api.ts";
import type { Contact, RemovalCause } from "./contact.ts";
import { ExpiryWheel } from "./expiry-wheel.ts";
import { Interner } from "./interner.ts";
import { type ContactChange, Table, type TableShared } from "./table.ts";

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
}

/** Contacts removed in one go; the rest waits until other work has been done. */
const EXPIRE_AT_ONCE = 500;
/** Distinct User-Agent values kept once. */
const USER_AGENTS = 4096;

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
  readonly userAgents = new Interner(USER_AGENTS);
  readonly #clock: Clock;
  readonly #tables = new Map<string, Table>();
  readonly #listeners: UsrlocListener[] = [];
  readonly #onTable: (table: Table) => void;
  context: ScriptContext | null = null;
  #serial = 0;
  #depth = 0;
  /** Time within what is done together; below 0: not asked for yet. */
  #nowTogether = -1;
  #hasChanges = false;
  #grace: () => number = () => 0;
  #tick: Timer | undefined;

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
    this.wheel = new ExpiryWheel(started, () => this.#grace());
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
    }
    return table;
  }

  findTable(name: string): Table | undefined {
    return this.#tables.get(name);
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

  /** Starts the clock of expiry. */
  start(): void {
    this.#tick = this.#clock.every(1000, () => this.expire());
  }

  stop(): void {
    this.#tick?.cancel();
  }

  /** Removes what has run out. */
  expire(): void {
    this.begin();
    const hasMore = this.wheel.advance(this.now(), EXPIRE_AT_ONCE, (contact) => {
      contact.table.remove(contact, "expired");
    });
    this.end();
    if (hasMore) this.#clock.after(1, () => this.expire());
  }
}
