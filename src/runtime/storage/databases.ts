/** The databases of one engine, and how modules open theirs. */
import type { ModuleSpec } from "../../dsl/catalog/spec.ts";
import type { ModuleEnvironment } from "../module.ts";
import {
  type Database,
  type Storage,
  type StorageDriver,
  StorageError,
  type TableLayout,
} from "./storage.ts";

/** Drivers by scheme, databases by URL. */
export class Databases implements Storage {
  readonly #drivers = new Map<string, StorageDriver>();
  readonly #open = new Map<string, Database>();

  register(driver: StorageDriver): void {
    this.#drivers.set(driver.scheme, driver);
  }

  knows(url: string): boolean {
    return this.#drivers.has(schemeOf(url));
  }

  open(url: string): Database {
    const driver = this.#drivers.get(schemeOf(url));
    if (driver === undefined) throw new StorageError("STORAGE_NO_DRIVER", this.#noDriver(url));
    let database = this.#open.get(url);
    if (database === undefined) {
      database = driver.open(url);
      this.#open.set(url, database);
    }
    return database;
  }

  #noDriver(url: string): string {
    const loaded = [...this.#drivers.keys()].map((scheme) => `${scheme}://`).join(", ");
    const what =
      loaded === ""
        ? `no database driver is loaded for ${scheme(url)}`
        : `no driver for ${scheme(url)} is loaded, only for ${loaded}`;
    return `${what}: databases are SQLite files here, loadmodule "db_sqlite.so" and a URL as sqlite:////var/lib/olelo/olelo.db`;
  }
}

/** `sqlite` of `sqlite:////var/lib/x.db`; "" when there is none. */
function schemeOf(url: string): string {
  const end = url.indexOf(":");
  return end < 0 ? "" : url.slice(0, end);
}

/** How a URL is named to the operator: without what may hold a password. */
function scheme(url: string): string {
  const name = schemeOf(url);
  return name === "" ? `"${url}"` : `${name}://`;
}

/** Only what the functions below need of a module's environment. */
type Refuses = Pick<ModuleEnvironment<ModuleSpec>, "fail" | "services">;

/**
 * The database that a parameter (`db_url`) names; for `setup`. Without a driver for it the start is refused at that parameter.
 * Nothing is opened yet, so that a configuration can be checked without its database.
 */
export function openDatabase(env: Refuses, param: string, url: string): Database {
  try {
    return env.services.storage.open(url);
  } catch (error) {
    if (error instanceof StorageError) env.fail(param, error.message);
    throw error;
  }
}

/** Makes or checks the tables of a module; for `start`. What is wrong with the database refuses the start at that parameter. */
export async function prepareTables(
  env: Refuses,
  param: string,
  database: Database,
  tables: readonly TableLayout[],
): Promise<void> {
  try {
    await database.ensure(tables);
  } catch (error) {
    if (error instanceof StorageError) env.fail(param, error.message);
    throw error;
  }
}
