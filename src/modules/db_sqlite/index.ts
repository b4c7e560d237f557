/** The module db_sqlite: databases in SQLite files. */
import { implementModule } from "../../runtime/module.ts";
import { SqliteDatabase } from "./database.ts";
import { dbSqlite } from "./spec.ts";
import { startThread } from "./start-thread.ts";
import { pathOfUrl } from "./url.ts";

/** How long a statement waits for the lock of another process. */
const BUSY_MS = 3_000;

export default implementModule(dbSqlite, ({ params, services, fail }) => {
  const { statistics } = services;
  const group = "db_sqlite";
  const parts = {
    clock: services.clock,
    log: services.log,
    queries: statistics.counter(group, "queries", "Requests to databases"),
    errors: statistics.counter(group, "errors", "Requests that failed"),
    reconnects: statistics.counter(group, "reconnects", "Outages that ended"),
    startThread,
  };
  const files = new Map<string, SqliteDatabase>();
  const waiting = (): number => {
    let sum = 0;
    for (const file of files.values()) sum += file.waiting;
    return sum;
  };
  statistics.gauge(group, "waiting", waiting, "Requests without an answer");

  const modes = new Map<string, string>();
  for (const text of params.db_set_journal_mode) {
    const [, path = "", mode = ""] = /^\s*(.+?)\s*=\s*(\w+)\s*;?\s*$/.exec(text) ?? [];
    if (!/^(?:DELETE|TRUNCATE|PERSIST|MEMORY|WAL|OFF)$/i.test(mode)) {
      fail(
        "db_set_journal_mode",
        `"${text}" is not PATH=MODE with a mode DELETE, TRUNCATE, PERSIST, MEMORY, WAL or OFF`,
      );
    }
    modes.set(path, mode);
  }
  services.storage.register({
    scheme: "sqlite",
    open(url) {
      const path = pathOfUrl(url);
      let file = files.get(path);
      if (file === undefined) {
        const settings = {
          path,
          isReadOnly: params.db_set_readonly.includes(path),
          journalMode: modes.get(path) ?? "WAL",
          busyMs: BUSY_MS,
        };
        file = new SqliteDatabase(url, settings, parts);
        files.set(path, file);
      }
      return file;
    },
  });
  return {
    stop: async () => {
      await Promise.all([...files.values()].map((file) => file.close()));
    },
  };
});
