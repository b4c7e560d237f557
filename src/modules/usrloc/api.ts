/** What usrloc offers to other modules. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { Contact, ContactOwner, RemovalCause } from "./contact.ts";
import type { ContactChange, Table } from "./table.ts";

export { aorHash } from "./aor-hash.ts";
export { Contact, ContactInfo } from "./contact.ts";
export type { ContactOwner, ForeignGruu, RemovalCause } from "./contact.ts";
export { Order } from "./table.ts";
export type { ContactChange, Table } from "./table.ts";

/** Is told of every change, in order. */
export interface UsrlocListener {
  /** `contact` shows the state after the change; for removals the last one. */
  changed(contact: Contact, change: ContactChange, cause: RemovalCause | undefined): void;
  /** All changes that belong together (one REGISTER, one NOTIFY, one tick of the clock) have been told. */
  settled?(): void;
}

/** The API of the module. */
export interface UsrlocApi {
  /** The table of this name, made when it is first asked for. */
  table(name: string): Table;
  /** The table of this name, if there is one. */
  findTable(name: string): Table | undefined;
  tables(): Iterable<Table>;
  /** The worker that has the contacts of an address of record (a key); -1: this one, so they are in its tables. */
  ownerOf(aor: string): number;
  /**
   * The contacts of an address of record, whichever worker has them; a promise when it is another one. Contacts of another one are
   * copies and in no table: they cannot be changed.
   */
  find(table: Table, aor: string): Contact | undefined | Promise<Contact | undefined>;
  /** The same for the contact with this ruid, among those that have an instance. */
  findTemporary(table: Table, ruid: string): Contact | undefined | Promise<Contact | undefined>;
  /** The contact of this `id`, if it is still in its table. */
  contactById(id: number): Contact | undefined;
  /** Who that contact was learnt from (null: it was registered here); undefined when it is not there any more. */
  contactOwner(id: number): ContactOwner | null | undefined;
  /** Whether addresses of record contain the domain. */
  readonly useDomain: boolean;
  readonly matchingMode: number;
  /** Whether contacts are in order of time (`desc_time_order`). */
  readonly newestFirst: boolean;
  /** Branch flags (a mask) that mark contacts behind NAT; 0 when there is none. */
  readonly natFlags: number;
  /** Name of the `$xavp` kept with each contact. */
  readonly xavpContact: string | undefined;
  /** Identity of this engine in its ruids: `uloc-6b03d278-2dbf`. */
  readonly instanceId: string;
  /** Wall clock in seconds, as contacts count. */
  now(): number;
  nextRuid(): string;
  listen(listener: UsrlocListener): void;
  /** Runs `work` so that listeners hear `settled` once, at its end. */
  together<T>(work: () => T, context?: ScriptContext): T;
  /** The same without a function: each `begin` needs its `end`. */
  begin(context?: ScriptContext): void;
  end(): void;
  /** The message whose processing makes the present changes; null when they come from elsewhere (expiry, RPC). */
  readonly context: ScriptContext | null;
  /** How long contacts stay in their table after they ran out, in seconds; asked on every tick. */
  keepExpired(seconds: () => number): void;
  /**
   * Ends when the changes of a table that were made so far are in the database: true; or false when the database does not take
   * them now (they are written later). Null: nothing is to be waited for.
   */
  committed(table: Table): Promise<boolean> | null;
  /** `timer_interval` in seconds. */
  readonly timerInterval: number;
}
