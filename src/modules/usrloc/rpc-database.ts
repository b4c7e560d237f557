/** The ul.* commands about contacts in the database. */
import { messageOf } from "../../runtime/errors.ts";
import { RpcError, type RpcReply } from "../../runtime/module.ts";
import { timeValue } from "./layout.ts";
import type { LocationStore } from "./store.ts";

type Params = readonly (string | number)[];

/** Asks the database about a table of contacts. */
class DatabaseQuestions {
  readonly #store: LocationStore;
  readonly #table: string;

  constructor(store: LocationStore, table: string) {
    this.#store = store;
    this.#table = table;
  }

  async count(what: string, where: string): Promise<number> {
    const { rules } = this.#store.settings;
    const times = [timeValue(0, rules), timeValue(this.#store.location.now(), rules)];
    const sql = `select ${what} from ${this.#table} where ${where}`;
    try {
      const rows = await this.#store.database.query(sql, times);
      return Number(rows[0]?.["n"] ?? 0);
    } catch (error) {
      throw new RpcError(500, messageOf(error));
    }
  }
}

/** The commands; without a database they say so. */
export function databaseCommands(store: LocationStore | null) {
  const ask = async (
    params: Params,
    question: (table: DatabaseQuestions, expires: string) => Promise<number>,
  ): Promise<RpcReply> => {
    if (store === null) {
      throw new RpcError(500, "Contacts are in memory (db_mode 0): there is no database to ask");
    }
    const name = String(params[0] ?? "");
    if (store.location.findTable(name) === undefined) {
      throw new RpcError(500, "No location table of this name");
    }
    const { expires } = store.settings.rules.names;
    return { values: [await question(new DatabaseQuestions(store, name), expires)] };
  };
  return {
    "ul.flush": async (): Promise<RpcReply> => {
      if (store !== null && !(await store.flush())) {
        throw new RpcError(500, "The database does not take the changes now");
      }
      return { values: [] };
    },
    "ul.db_users": (params: Params) =>
      ask(params, (table, expires) => {
        const { user, domain } = (store as LocationStore).settings.rules.names;
        const users = `count(distinct ${user} || '@' || coalesce(${domain}, '')) as n`;
        return table.count(users, `${expires} = ? or ${expires} > ?`);
      }),
    "ul.db_contacts": (params: Params) =>
      ask(params, (table, expires) =>
        table.count("count(*) as n", `${expires} = ? or ${expires} > ?`),
      ),
    "ul.db_expired_contacts": (params: Params) =>
      ask(params, (table, expires) =>
        table.count("count(*) as n", `${expires} <> ? and ${expires} <= ?`),
      ),
  };
}
