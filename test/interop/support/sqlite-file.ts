/** SQLite files as Kamailio's scripts make them, and what their tables look like. */
import Library from "libsql";
import { run } from "./commands.ts";

const SCHEMAS = "/usr/share/kamailio/db_sqlite";

/** Makes the tables of Kamailio's scripts in a file: `standard` and others. */
export async function makeKamailioTables(file: string, ...names: string[]): Promise<void> {
  for (const name of ["standard", ...names]) {
    const made = await run("sqlite3", [file, `.read ${SCHEMAS}/${name}-create.sql`]);
    if (made.status !== 0 || made.output !== "") throw new Error(`${name}: ${made.output}`);
  }
}

/** What a table looks like: columns with types, keys, and its version. `default null` may count as no default. */
export function schemaOf(file: string, table: string, nullIsNoDefault = false): unknown {
  const defaults = nullIsNoDefault ? "nullif(dflt_value, 'NULL')" : "dflt_value";
  const library = new Library(file);
  try {
    const all = (sql: string): unknown => library.prepare(sql).raw(true).all();
    return {
      columns: all(
        `select name, type, "notnull", ${defaults}, pk from pragma_table_info('${table}') order by name`,
      ),
      keys: all(
        `select l."unique", group_concat(i.name) from pragma_index_list('${table}') l, pragma_index_info(l.name) i group by l.name order by 1, 2`,
      ),
      version: all(`select table_version from version where table_name = '${table}'`),
    };
  } finally {
    library.close();
  }
}
