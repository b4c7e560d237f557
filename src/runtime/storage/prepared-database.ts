/** A database whose tables are made before it is used for the first time. */
import type { Database, Row, SqlValue, Statement, TableLayout } from "./storage.ts";

/** For tables that become known while the engine runs: what fails now is tried again with the next use. */
export class PreparedDatabase implements Database {
  readonly #database: Database;
  readonly #tables: readonly TableLayout[];
  #ready: Promise<void> | null = null;

  constructor(database: Database, tables: readonly TableLayout[]) {
    this.#database = database;
    this.#tables = tables;
  }

  get name(): string {
    return this.#database.name;
  }

  ensure(tables: readonly TableLayout[]): Promise<void> {
    return this.#database.ensure(tables);
  }

  async query(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]> {
    await this.#prepare();
    return this.#database.query(sql, values);
  }

  async write(statements: readonly Statement[]): Promise<void> {
    await this.#prepare();
    await this.#database.write(statements);
  }

  onReset(listener: () => void): void {
    this.#database.onReset?.(listener);
  }

  async #prepare(): Promise<void> {
    this.#ready ??= this.#database.ensure(this.#tables);
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = null;
      throw error;
    }
  }
}
