/** Storage as modules see it: tables of a database named by URL, asked away from the message path. */

import { RouterError } from "../errors.ts";

/**
 * What a column holds. Numbers are safe, in integer columns whole; times in integer columns are wall clock seconds, in `datetime`
 * columns a Date, exact to the second. Texts are latin1: one character for each byte, as in messages.
 */
export type SqlValue = string | number | null | Uint8Array | Date;

/** One row of a result, by column. */
export type Row = Readonly<Record<string, SqlValue>>;

/** SQL that every driver understands, with `?` for each value. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** A column of a table, in the terms of Kamailio's database schema. */
export interface Column {
  readonly name: string;
  readonly type: "int" | "string" | "text" | "blob" | "datetime" | "double";
  /** Of strings: the longest value that other servers' schemas take; SQLite does not mind. */
  readonly size?: number;
  readonly isNullable?: boolean;
  readonly default?: string | number;
}

/** A table in Kamailio's layout: same names, same columns, same version in the table `version`. */
export interface TableLayout {
  readonly name: string;
  /** 0: not compared. */
  readonly version: number;
  /** Without the key `id`, which every table has. */
  readonly columns: readonly Column[];
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly (readonly string[])[];
}

/** A database that is open, or being opened again. */
export interface Database {
  /** The URL without its password. */
  readonly name: string;
  /** Makes tables that are missing, where the driver does that, and compares versions. Rejects with StorageError. */
  ensure(tables: readonly TableLayout[]): Promise<void>;
  /** Rows of a query. Rejects with StorageError. */
  query(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
  /**
   * Runs the statements in one transaction: all or nothing. What is asked for while another transaction runs may share the next
   * commit with others. Rejects with StorageError; nothing is tried again here (see `WriteQueue`).
   */
  write(statements: readonly Statement[]): Promise<void>;
  /**
   * Calls back when what was in the database is gone while the engine runs (a file was deleted, and made anew with its tables):
   * who has the state in memory writes it again. Not every driver can tell.
   */
  onReset?(listener: () => void): void;
}

/** What the surroundings did: the database cannot be reached, refuses, or has another layout. */
export class StorageError extends RouterError {
  /** Whether trying again later makes sense. */
  readonly isTransient: boolean;

  /** `code`: `STORAGE_UNAVAILABLE`, `STORAGE_REFUSED`, `STORAGE_LAYOUT`, `STORAGE_NO_DRIVER`. */
  constructor(
    code: string,
    message: string,
    options: { isTransient?: boolean; cause?: unknown } = {},
  ) {
    super(code, message, { cause: options.cause });
    this.isTransient = options.isTransient ?? false;
  }
}

/** What a driver module (`db_sqlite`) registers. */
export interface StorageDriver {
  /** First part of its URLs, `sqlite`. */
  readonly scheme: string;
  open(url: string): Database;
}

/** The databases of one engine; `Services.storage`. */
export interface Storage {
  /** A driver module calls it when it is set up; modules that store are set up after it, as in Kamailio. */
  register(driver: StorageDriver): void;
  /** Whether a driver for the URL is loaded. */
  knows(url: string): boolean;
  /** The database of a URL; the same one for all who name it. Throws StorageError without a driver. Opens nothing yet. */
  open(url: string): Database;
}
