/** Tables in SQLite's words. */
import type { Column, TableLayout } from "../../runtime/storage/storage.ts";

/** The table that names the versions of all tables; as every table it has a key `id`. */
export const versionTable: TableLayout = {
  name: "version",
  version: 1,
  columns: [
    { name: "table_name", type: "string", size: 32 },
    { name: "table_version", type: "int", default: 0 },
  ],
  unique: [["table_name"]],
};

/** Longest text of a `string` column without a size. */
const USUAL_SIZE = 255;

/** The statements that make a table and its indexes. */
export function createStatements(table: TableLayout): string[] {
  const { name } = table;
  const parts = ["id INTEGER PRIMARY KEY NOT NULL", ...table.columns.map(columnText)];
  for (const columns of table.unique ?? []) {
    parts.push(`CONSTRAINT ${indexName(name, columns)} UNIQUE (${columns.join(", ")})`);
  }
  const statements = [`CREATE TABLE ${name} (${parts.join(", ")})`];
  for (const columns of table.indexes ?? []) {
    statements.push(`CREATE INDEX ${indexName(name, columns)} ON ${name} (${columns.join(", ")})`);
  }
  return statements;
}

function indexName(table: string, columns: readonly string[]): string {
  return `${table}_${columns.join("_")}_idx`;
}

function columnText(column: Column): string {
  const { name, isNullable = false, default: value } = column;
  const shown =
    value === undefined
      ? isNullable
        ? " DEFAULT NULL"
        : ""
      : ` DEFAULT ${literal(column, value)}`;
  return `${name} ${typeText(column)}${shown}${isNullable ? "" : " NOT NULL"}`;
}

function typeText(column: Column): string {
  switch (column.type) {
    case "int":
      return "INTEGER";
    case "double":
      return "REAL";
    case "text":
      return "TEXT";
    case "blob":
      return "BLOB";
    case "datetime":
      return "TIMESTAMP WITHOUT TIME ZONE";
    case "string":
      return `VARCHAR(${column.size ?? USUAL_SIZE})`;
  }
}

function literal({ type }: Column, value: string | number): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  return type === "double" && Number.isInteger(value) ? value.toFixed(1) : String(value);
}
