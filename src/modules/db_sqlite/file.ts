/** One open SQLite file: synchronous, for the thread that owns it. */
import { closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Library from "libsql";
import type { Row, SqlValue, Statement, TableLayout } from "../../runtime/storage/storage.ts";
import type { Failure, FileSettings } from "./protocol.ts";
import { createStatements, versionTable } from "./schema.ts";
import { type FileValue, fromFile, isTimeType, toFile } from "./values.ts";

/** Prepared statements that are kept. */
const STATEMENTS = 200;

/** Carries a failure up to the answer. */
export class FileFailure extends Error {
  readonly failure: Failure;
  constructor(code: Failure["code"], message: string) {
    super(message);
    this.failure = { code, message };
  }
}

/** Codes of SQLite after which the file is opened anew. */
const lostCodes = /^SQLITE_(?:IOERR|CANTOPEN|CORRUPT|NOTADB|READONLY_DBMOVED|PROTOCOL)/;
/** Codes that say nothing about the statement: it may work later. */
const transientCodes = /^SQLITE_(?:BUSY|LOCKED|FULL|NOMEM|READONLY_)/;

/** Told what the operator should know; `isNew`: the file was gone, or was replaced. */
export type Notice = (text: string, isNew: boolean) => void;

/** The file, opened when it is needed and again when it was lost. */
export class SqliteFile {
  readonly #notice: Notice;
  readonly #settings: FileSettings;
  readonly #tables = new Map<string, TableLayout>();
  readonly #statements = new Map<string, Library.Statement<unknown[]>>();
  #library: Library.Database | null = null;
  /** Which file is open, or was last: another one may take its name. */
  #identity = "";

  constructor(settings: FileSettings, tables: readonly TableLayout[], notice: Notice) {
    this.#settings = settings;
    this.#notice = notice;
    for (const table of tables) this.#tables.set(table.name, table);
  }

  ensure(tables: readonly TableLayout[]): void {
    this.#guard(() => {
      this.#ensureAll(this.#open(), tables);
      for (const table of tables) this.#tables.set(table.name, table);
    });
  }

  query(sql: string, values: readonly SqlValue[]): Row[] {
    return this.#guard(() => {
      const statement = this.#open().prepare(sql);
      const columns = statement.columns();
      const isTime = columns.map((column) => isTimeType(column.type));
      const found = statement.raw(true).all(...values.map(toFile)) as FileValue[][];
      return found.map((cells) => {
        const row: Record<string, SqlValue> = {};
        for (let i = 0; i < columns.length; i++) {
          row[columns[i]?.name ?? ""] = fromFile(cells[i] ?? null, isTime[i] === true);
        }
        return row;
      });
    });
  }

  /** Runs several transactions as one. */
  write(transactions: readonly (readonly Statement[])[]): void {
    this.#guard(() => {
      const library = this.#open();
      this.#transaction(library, () => {
        for (const statements of transactions) {
          for (const { sql, values } of statements) {
            this.#prepared(library, sql).run(...values.map(toFile));
          }
        }
      });
    });
  }

  close(): void {
    const library = this.#library;
    this.#library = null;
    this.#statements.clear();
    try {
      library?.close();
    } catch (error) {
      this.#notice(`closing ${this.#settings.path}: ${reasonOf(error)}`, false);
    }
  }

  /** What the library and the system throw becomes a FileFailure; a lost file is closed. */
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof FileFailure) throw error;
      const code = codeOf(error);
      const isLost = this.#library === null || lostCodes.test(code);
      if (isLost) this.close();
      const text = `${this.#settings.path}: ${reasonOf(error)}`;
      const isTransient = isLost || transientCodes.test(code);
      throw new FileFailure(isTransient ? "STORAGE_UNAVAILABLE" : "STORAGE_REFUSED", text);
    }
  }

  #open(): Library.Database {
    const { path, busyMs } = this.#settings;
    if (this.#library !== null) {
      if (identityOf(path) === this.#identity) return this.#library;
      this.close();
    }
    const isNew = this.#makeFile();
    const library = new Library(path, { timeout: busyMs });
    const identity = identityOf(path);
    try {
      this.#configure(library);
      // The first time, `ensure` is asked for them.
      if (this.#identity !== "") this.#ensureAll(library, this.#tables.values());
    } catch (error) {
      this.#statements.clear();
      library.close();
      throw error;
    }
    this.#library = library;
    if (this.#identity !== "" && this.#identity !== identity) {
      this.#notice(`${path} ${isNew ? "was gone: it is made anew" : "is another file now"}`, true);
    }
    this.#identity = identity;
    return library;
  }

  #ensureAll(library: Library.Database, tables: Iterable<TableLayout>): void {
    this.#transaction(library, () => {
      for (const table of [versionTable, ...tables]) this.#ensureOne(library, table);
    });
  }

  /** Makes an empty file that only this user reads; whether it was not there. */
  #makeFile(): boolean {
    const { path, isReadOnly } = this.#settings;
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return false;
    if (isReadOnly) throw new FileFailure("STORAGE_UNAVAILABLE", `there is no file ${path}`);
    if (statSync(dirname(path), { throwIfNoEntry: false }) === undefined) {
      throw new FileFailure("STORAGE_UNAVAILABLE", `there is no directory ${dirname(path)}`);
    }
    closeSync(openSync(path, "a", 0o600));
    return true;
  }

  #configure(library: Library.Database): void {
    const { journalMode, isReadOnly } = this.#settings;
    // The first look into the file: what is no database fails here.
    library.prepare("select count(*) from sqlite_master").get();
    if (isReadOnly) {
      library.exec("pragma query_only = 1");
      return;
    }
    try {
      library.exec(`pragma journal_mode = ${journalMode}`);
    } catch (error) {
      // Another process has the file open: its mode is used.
      if (!codeOf(error).startsWith("SQLITE_BUSY")) throw error;
    }
    library.exec("pragma synchronous = full");
  }

  #transaction(library: Library.Database, work: () => void): void {
    if (this.#settings.isReadOnly) {
      // Checks tables; what is written is refused by the file.
      work();
      return;
    }
    this.#prepared(library, "begin immediate").run();
    try {
      work();
      this.#prepared(library, "commit").run();
    } catch (error) {
      if (library.inTransaction) library.exec("rollback");
      throw error;
    }
  }

  #prepared(library: Library.Database, sql: string): Library.Statement<unknown[]> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= STATEMENTS) this.#statements.clear();
      statement = library.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #ensureOne(library: Library.Database, table: TableLayout): void {
    const { path, isReadOnly } = this.#settings;
    const known = library.prepare("select 1 from sqlite_master where type = 'table' and name = ?");
    if (known.get(table.name) === undefined) {
      if (isReadOnly) throw layoutFailure(`${path} has no table ${table.name}, and is only read`);
      for (const sql of createStatements(table)) library.exec(sql);
      library.prepare("delete from version where table_name = ?").run(table.name);
      library
        .prepare("insert into version (table_name, table_version) values (?, ?)")
        .run(table.name, BigInt(table.version));
      return;
    }
    if (table.version === 0 || table.name === versionTable.name) return;
    const line = library.prepare("select table_version from version where table_name = ?");
    const found = line.raw(true).get(table.name) as [number] | undefined;
    if (found?.[0] === table.version) return;
    const has = found === undefined ? "no line in the table version" : `version ${found[0]}`;
    throw layoutFailure(
      `table ${table.name} in ${path} has ${has}, and version ${table.version} is needed: ` +
        `convert the file as Kamailio's documentation says, or name another file`,
    );
  }
}

function layoutFailure(message: string): FileFailure {
  return new FileFailure("STORAGE_LAYOUT", message);
}

function identityOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? "" : `${found.dev}:${found.ino}`;
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** The reason in words. The library's own errors of opening hold only a number of SQLite in a sentence for programs. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error && error.message !== "" ? error.message : codeOf(error);
  return message.startsWith("ConnectionFailed") ? "it cannot be opened" : message;
}
