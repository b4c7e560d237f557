/** A SQLite file: tables, values, what goes wrong. */
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Library from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileFailure, SqliteFile } from "../../../src/modules/db_sqlite/file.ts";
import type { FileSettings } from "../../../src/modules/db_sqlite/protocol.ts";
import { handle } from "../../../src/modules/db_sqlite/requests.ts";
import type { TableLayout } from "../../../src/runtime/storage/storage.ts";

const layout: TableLayout = {
  name: "phones",
  version: 3,
  columns: [
    { name: "name", type: "string", size: 64, default: "" },
    { name: "seen", type: "datetime", default: "2000-01-01 00:00:01" },
    { name: "count", type: "int", default: 0 },
    { name: "q", type: "double", isNullable: true },
    { name: "body", type: "blob", isNullable: true },
    { name: "notes", type: "text", isNullable: true },
  ],
  unique: [["name"]],
  indexes: [["seen", "count"]],
};
const insert = "insert into phones (name, seen, count, q, body, notes) values (?, ?, ?, ?, ?, ?)";

let folder: string;
let open: SqliteFile[];
let notices: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "olelo-sqlite-"));
  open = [];
  notices = [];
});

afterEach(() => {
  for (const file of open) file.close();
  rmSync(folder, { recursive: true });
});

function fileAt(name = "a.db", settings: Partial<FileSettings> = {}): SqliteFile {
  const path = join(folder, name);
  const all = { path, isReadOnly: false, journalMode: "WAL", busyMs: 20, ...settings };
  const file = new SqliteFile(all, [], (text) => notices.push(text));
  open.push(file);
  return file;
}

function raw<T>(name: string, work: (library: Library.Database) => T): T {
  const library = new Library(join(folder, name));
  try {
    return work(library);
  } finally {
    library.close();
  }
}

function failureOf(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof FileFailure) return error.failure;
    throw error;
  }
  throw new Error("it did not fail");
}

function phone(name: string): { sql: string; values: (string | number | null | Date)[] } {
  return { sql: insert, values: [name, new Date(0), 1, null, null, null] };
}

describe("tables", () => {
  it("are made in Kamailio's words, with their line in the table version", () => {
    fileAt().ensure([layout]);
    const made = raw("a.db", (library) =>
      library.prepare("select sql from sqlite_master where name like 'phones%' and sql > ''").all(),
    ) as { sql: string }[];
    expect(made.map(({ sql }) => sql)).toEqual([
      "CREATE TABLE phones (id INTEGER PRIMARY KEY NOT NULL, name VARCHAR(64) DEFAULT '' NOT NULL, " +
        "seen TIMESTAMP WITHOUT TIME ZONE DEFAULT '2000-01-01 00:00:01' NOT NULL, count INTEGER DEFAULT 0 NOT NULL, " +
        "q REAL DEFAULT NULL, body BLOB DEFAULT NULL, notes TEXT DEFAULT NULL, " +
        "CONSTRAINT phones_name_idx UNIQUE (name))",
      "CREATE INDEX phones_seen_count_idx ON phones (seen, count)",
    ]);
    const versions = raw("a.db", (library) =>
      library.prepare("select table_name, table_version from version order by id").all(),
    );
    expect(versions).toEqual([
      { table_name: "version", table_version: 1 },
      { table_name: "phones", table_version: 3 },
    ]);
  });

  it("that are there are left as they are", () => {
    fileAt().ensure([layout]);
    const other = fileAt();
    other.write([[phone("a")]]);
    other.ensure([layout]);
    expect(other.query("select name from phones", [])).toEqual([{ name: "a" }]);
  });

  it("of another version are refused", () => {
    const file = fileAt();
    file.ensure([layout]);
    const failure = failureOf(() => file.ensure([{ ...layout, version: 4 }]));
    expect(failure.code).toBe("STORAGE_LAYOUT");
    expect(failure.message).toMatch(
      /^table phones in .*a\.db has version 3, and version 4 is needed: /,
    );
    file.ensure([{ ...layout, version: 0 }]);
  });

  it("without a line in the table version are refused", () => {
    const file = fileAt();
    file.ensure([]);
    raw("a.db", (library) => library.exec("create table phones (id integer)"));
    const failure = failureOf(() => file.ensure([layout]));
    expect(failure.message).toContain("has no line in the table version");
  });
});

describe("values", () => {
  it("come back as they were", () => {
    const file = fileAt();
    file.ensure([layout]);
    const row = {
      name: "J\u00c3\u00b6rg",
      seen: new Date(1_795_423_259_000),
      count: 9_007_199_254_740_991,
      q: 0.5,
      body: new Uint8Array([0, 255, 1]),
      notes: null,
    };
    file.write([[{ sql: insert, values: Object.values(row) }]]);
    expect(file.query("select name, seen, count, q, body, notes from phones", [])).toEqual([row]);
  });

  it("are what Kamailio writes: Julian days, UTF-8, integers", () => {
    const file = fileAt();
    file.ensure([layout]);
    const values = ["J\u00c3\u00b6rg", new Date(1_795_423_259_000), 7, 1, null, null];
    file.write([[{ sql: insert, values }]]);
    const sql =
      "select name, datetime(seen) as seen, typeof(seen) as st, typeof(count) as ct, typeof(q) as qt from phones";
    expect(raw("a.db", (library) => library.prepare(sql).get())).toMatchObject({
      name: "J\u00f6rg",
      seen: "2026-11-23 08:40:59",
      st: "real",
      ct: "integer",
      qt: "real",
    });
  });

  it("of every second survive the way through a Julian day", () => {
    const file = fileAt();
    file.ensure([layout]);
    const start = 1_795_423_259;
    const times = Array.from({ length: 500 }, (_, i) => new Date((start + 7 * i) * 1000));
    file.write([
      times.map((time, i) => ({ sql: insert, values: [`n${i}`, time, i, 1, null, null] })),
    ]);
    const rows = file.query("select seen from phones order by count", []);
    expect(rows.map(({ seen }) => seen)).toEqual(times);
  });

  it("reads times of Kamailio, which are half a second early", () => {
    const file = fileAt();
    file.ensure([layout]);
    const start = 1_795_426_893;
    const times = Array.from({ length: 300 }, (_, i) => start + 11 * i);
    raw("a.db", (library) => {
      const statement = library.prepare("insert into phones (name, seen) values (?, ?)");
      for (const time of times) statement.run(`n${time}`, 2_440_587.5 + (time - 0.5) / 86_400);
    });
    const rows = file.query("select seen from phones order by id", []);
    expect(rows.map(({ seen }) => (seen as Date).getTime() / 1000)).toEqual(times);
  });

  it("reads times that are written as text", () => {
    const file = fileAt();
    file.ensure([layout]);
    file.write([[{ sql: "insert into phones (name) values (?)", values: ["a"] }]]);
    const [row] = file.query("select seen from phones", []);
    expect(row).toEqual({ seen: new Date(Date.UTC(2000, 0, 1, 0, 0, 1)) });
  });

  it("numbers in text columns are written as whole numbers", () => {
    const file = fileAt();
    file.ensure([layout]);
    file.write([[{ sql: "insert into phones (name) values (?)", values: [17] }]]);
    expect(file.query("select name from phones where name = ?", ["17"])).toEqual([{ name: "17" }]);
  });

  it("bytes that are not UTF-8 do no harm", () => {
    const file = fileAt();
    file.ensure([layout]);
    file.write([[phone("a\u00ff\u00fe")]]);
    expect(file.query("select name from phones", [])).toEqual([
      { name: "a\u00c3\u00bf\u00c3\u00be" },
    ]);
  });
});

describe("writes that wait", () => {
  it("go into one transaction, between the queries around them", () => {
    const file = fileAt();
    file.ensure([layout]);
    const count = { kind: "query", sql: "select count(*) as n from phones", values: [] } as const;
    const answers = handle(file, [
      { id: 1, task: { kind: "write", statements: [phone("a")] } },
      { id: 2, task: { kind: "write", statements: [phone("b"), phone("c")] } },
      { id: 3, task: count },
      { id: 4, task: { kind: "write", statements: [phone("d")] } },
      { id: 5, task: count },
    ]);
    expect(answers).toEqual([
      { id: 1 },
      { id: 2 },
      { id: 3, rows: [{ n: 3 }] },
      { id: 4 },
      { id: 5, rows: [{ n: 4 }] },
    ]);
  });

  it("fail alone, and as a whole", () => {
    const file = fileAt();
    file.ensure([layout]);
    const answers = handle(file, [
      { id: 1, task: { kind: "write", statements: [phone("a")] } },
      { id: 2, task: { kind: "write", statements: [phone("b"), phone("a")] } },
      { id: 3, task: { kind: "write", statements: [phone("c")] } },
    ]);
    expect(answers[0]).toEqual({ id: 1 });
    expect(answers[1]?.failure?.code).toBe("STORAGE_REFUSED");
    expect(answers[1]?.failure?.message).toContain("UNIQUE constraint failed: phones.name");
    expect(answers[2]).toEqual({ id: 3 });
    expect(file.query("select name from phones order by name", [])).toEqual([
      { name: "a" },
      { name: "c" },
    ]);
  });
});

describe("what goes wrong", () => {
  it("a missing directory is said to be one", () => {
    const failure = failureOf(() => fileAt("no/a.db").ensure([layout]));
    expect(failure).toEqual({
      code: "STORAGE_UNAVAILABLE",
      message: `there is no directory ${join(folder, "no")}`,
    });
  });

  it("a file that is no database is left alone", () => {
    const text = "this is a letter and no database\n".repeat(100);
    writeFileSync(join(folder, "a.db"), text);
    const failure = failureOf(() => fileAt().ensure([layout]));
    expect(failure.code).toBe("STORAGE_UNAVAILABLE");
    expect(failure.message).toContain("file is not a database");
    expect(statSync(join(folder, "a.db")).size).toBe(text.length);
  });

  it("the file of another process that holds the lock works again later", () => {
    const file = fileAt();
    file.ensure([layout]);
    const other = new Library(join(folder, "a.db"));
    other.exec("begin immediate");
    const failure = failureOf(() => file.write([[phone("a")]]));
    expect(failure.code).toBe("STORAGE_UNAVAILABLE");
    expect(failure.message).toContain("locked");
    other.exec("rollback");
    other.close();
    file.write([[phone("a")]]);
    expect(file.query("select name from phones", [])).toEqual([{ name: "a" }]);
  });

  it("a full disk loses nothing of what is there, and works again when there is room", () => {
    const file = fileAt("a.db", { journalMode: "DELETE" });
    file.ensure([layout]);
    file.query("pragma max_page_count = 12", []);
    let failure: { code: string; message: string } | undefined;
    let written = 0;
    const big = "x".repeat(900);
    while (failure === undefined && written < 1_000) {
      const values = [`n${written}`, new Date(0), 1, null, null, big];
      try {
        file.write([[{ sql: insert, values }]]);
        written++;
      } catch (error) {
        failure = (error as FileFailure).failure;
      }
    }
    expect(failure?.code).toBe("STORAGE_UNAVAILABLE");
    expect(failure?.message).toContain("full");
    file.query("pragma max_page_count = 1000000", []);
    file.write([[phone("last")]]);
    expect(file.query("select count(*) as n from phones", [])).toEqual([{ n: written + 1 }]);
  });

  it("a file that is gone is made anew, with its tables", () => {
    const file = fileAt();
    file.ensure([layout]);
    file.write([[phone("a")]]);
    for (const end of ["", "-wal", "-shm"]) rmSync(join(folder, `a.db${end}`), { force: true });
    file.write([[phone("b")]]);
    expect(file.query("select name from phones", [])).toEqual([{ name: "b" }]);
    expect(notices).toEqual([`${join(folder, "a.db")} was gone: it is made anew`]);
    expect(existsSync(join(folder, "a.db"))).toBe(true);
  });

  it("a file that was replaced is the one that is used", () => {
    const replaced = fileAt("b.db", { journalMode: "DELETE" });
    replaced.ensure([layout]);
    replaced.write([[phone("other")]]);
    replaced.close();
    const file = fileAt("a.db", { journalMode: "DELETE" });
    file.ensure([layout]);
    renameSync(join(folder, "b.db"), join(folder, "a.db"));
    expect(file.query("select name from phones", [])).toEqual([{ name: "other" }]);
    expect(notices).toEqual([`${join(folder, "a.db")} is another file now`]);
  });

  it("a file that is only read is not written and not made", () => {
    const missing = failureOf(() => fileAt("a.db", { isReadOnly: true }).ensure([layout]));
    expect(missing.message).toBe(`there is no file ${join(folder, "a.db")}`);
    fileAt().ensure([layout]);
    const file = fileAt("a.db", { isReadOnly: true });
    file.ensure([layout]);
    const failure = failureOf(() => file.write([[phone("a")]]));
    expect(failure.code).toBe("STORAGE_REFUSED");
    expect(failure.message).toContain("readonly");
    const other = failureOf(() => file.ensure([{ ...layout, name: "others" }]));
    expect(other.code).toBe("STORAGE_LAYOUT");
  });

  it("is open to its owner only", () => {
    fileAt().ensure([layout]);
    expect(statSync(join(folder, "a.db")).mode & 0o777).toBe(0o600);
  });
});
