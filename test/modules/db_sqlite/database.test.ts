/** A database file through its thread: what modules see of it. */
import { EventEmitter } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Library from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteDatabase, type Thread } from "../../../src/modules/db_sqlite/database.ts";
import type { ThreadData } from "../../../src/modules/db_sqlite/protocol.ts";
import { startThread } from "../../../src/modules/db_sqlite/start-thread.ts";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { EngineLogger, MemoryLog } from "../../../src/runtime/log.ts";
import { declareModule, implementModule } from "../../../src/runtime/module.ts";
import { openDatabase, prepareTables } from "../../../src/runtime/storage/databases.ts";
import type { Database, Row, TableLayout } from "../../../src/runtime/storage/storage.ts";
import { testEngine } from "../../support/engine.ts";

const layout: TableLayout = {
  name: "colours",
  version: 1,
  columns: [{ name: "name", type: "string", size: 32 }],
  unique: [["name"]],
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "olelo-sqlite-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function setUp(path = join(folder, "a.db"), start: (data: ThreadData) => Thread = startThread) {
  const threads: Thread[] = [];
  const clock = new VirtualClock();
  const sink = new MemoryLog();
  const parts = {
    clock,
    log: new EngineLogger(sink),
    queries: { value: 0 },
    errors: { value: 0 },
    reconnects: { value: 0 },
    startThread: (data: ThreadData) => {
      const thread = start(data);
      threads.push(thread);
      return thread;
    },
  };
  const settings = { path, isReadOnly: false, journalMode: "WAL", busyMs: 10 };
  const database = new SqliteDatabase("sqlite:///a.db", settings, parts);
  return { clock, sink, parts, database, threads };
}

function colour(name: string): { sql: string; values: string[] } {
  return { sql: "insert into colours (name) values (?)", values: [name] };
}

async function names(database: Database): Promise<unknown[]> {
  const rows: readonly Row[] = await database.query("select name from colours order by id");
  return rows.map((row) => row["name"]);
}

describe("SqliteDatabase", () => {
  it("starts no thread and makes no file before it is asked for something", async () => {
    const { database } = setUp();
    await database.close();
    expect(existsSync(join(folder, "a.db"))).toBe(false);
  });

  it("writes and reads through its thread, and has written all when it is closed", async () => {
    const { database, parts } = setUp();
    await database.ensure([layout]);
    const writes = ["a", "b", "c"].map((name) => database.write([colour(name)]));
    expect(database.waiting).toBe(3);
    expect(await names(database)).toEqual(["a", "b", "c"]);
    await Promise.all(writes);
    const last = database.write([colour("d")]);
    await database.close();
    await last;
    await expect(database.query("select 1")).rejects.toThrow("is closed");
    expect(parts.queries.value).toBe(7);
    expect(parts.errors.value).toBe(1);

    const again = setUp();
    expect(await names(again.database)).toEqual(["a", "b", "c", "d"]);
    await again.database.close();
  });

  it("tells refused statements from a database that is away", async () => {
    const { database, sink } = setUp();
    await database.ensure([layout]);
    await expect(database.query("select nothing")).rejects.toMatchObject({
      code: "STORAGE_REFUSED",
      isTransient: false,
    });
    expect(sink.lines).toEqual([]);
    await database.close();
  });

  it("logs an outage once, asks again later and says that it is over", async () => {
    const path = join(folder, "later", "a.db");
    const { clock, sink, parts, database } = setUp(path);
    const away = { code: "STORAGE_UNAVAILABLE", isTransient: true };
    await expect(database.ensure([layout])).rejects.toMatchObject(away);
    mkdirSync(join(folder, "later"));
    // Not looked at again yet.
    await expect(database.ensure([layout])).rejects.toMatchObject(away);
    await clock.advance(1_000);
    await database.ensure([layout]);
    await database.write([colour("a")]);
    expect(await names(database)).toEqual(["a"]);
    expect(parts.reconnects.value).toBe(1);
    expect(sink.lines.map(({ text }) => text)).toEqual([
      `there is no directory ${join(folder, "later")}; it is tried again`,
      "sqlite:///a.db is there again",
    ]);
    await database.close();
  });

  it("waits longer and longer while the file is locked, and goes on afterwards", async () => {
    const { clock, sink, database } = setUp();
    await database.ensure([layout]);
    const other = new Library(join(folder, "a.db"));
    other.exec("begin immediate");
    for (const delay of [1_000, 2_000, 4_000]) {
      await expect(database.write([colour("a")])).rejects.toThrow("locked");
      await clock.advance(0.8 * delay);
      await expect(database.write([colour("a")])).rejects.toThrow("is away");
      await clock.advance(0.2 * delay);
    }
    other.exec("rollback");
    other.close();
    await database.write([colour("b")]);
    expect(sink.lines.length).toBe(2);
    await database.close();
  });

  it("says when its file was gone, so that all is written again", async () => {
    const { sink, database } = setUp();
    await database.ensure([layout]);
    await database.write([colour("a")]);
    const resets: string[] = [];
    database.onReset(() => resets.push("gone"));
    rmSync(join(folder, "a.db"));
    await database.write([colour("b")]);
    expect(resets).toEqual(["gone"]);
    expect(await names(database)).toEqual(["b"]);
    expect(sink.lines.map(({ text }) => text)).toEqual([
      `sqlite:///a.db: ${join(folder, "a.db")} was gone: it is made anew`,
    ]);
    await database.close();
  });

  it("starts its thread again when that has died", async () => {
    const { clock, sink, parts, database, threads } = setUp();
    await database.ensure([layout]);
    await database.write([colour("a")]);
    const asked = database.query("select name from colours");
    const failed = expect(asked).rejects.toThrow("its thread ended");
    await threads[0]?.terminate();
    await failed;
    await clock.advance(1_000);
    expect(await names(database)).toEqual(["a"]);
    expect(threads.length).toBe(2);
    expect(parts.reconnects.value).toBe(1);
    expect(sink.lines.length).toBe(2);
    await database.close();
  });

  it("gives up requests that are not answered", async () => {
    const { clock, sink, database } = setUp(undefined, deafThread);
    const asked = expect(database.query("select 1")).rejects.toMatchObject({
      code: "STORAGE_UNAVAILABLE",
      message: "sqlite:///a.db does not answer",
      isTransient: true,
    });
    await clock.advance(5_000);
    const later = expect(database.query("select 2")).rejects.toThrow("does not answer");
    await clock.advance(15_000);
    await asked;
    await later;
    expect(sink.lines.length).toBe(1);
    const closed = database.close();
    await clock.advance(3_000);
    await closed;
  });
});

/** A thread whose disk never answers. */
function deafThread(): Thread {
  const events = new EventEmitter();
  return Object.assign(events, {
    postMessage: () => undefined,
    terminate: async () => {
      events.emit("exit", 1);
      return 1;
    },
  }) as unknown as Thread;
}

const spec = declareModule()({
  name: "keeper",
  doc: "Keeps colours.",
  params: { db_url: { type: "str", doc: "Where." } },
});

function keeper(): ReturnType<typeof implementModule<typeof spec>> {
  return implementModule(spec, (env) => {
    const database = openDatabase(env, "db_url", env.params.db_url ?? "");
    return { start: () => prepareTables(env, "db_url", database, [layout]) };
  });
}

function config(url: string, driver = 'loadmodule "db_sqlite.so"\n'): string {
  return `loadmodule "keeper.so"\n${driver}modparam("keeper", "db_url", "${url}")\nrequest_route { exit; }\n`;
}

async function refusals(text: string): Promise<string[]> {
  const test = await testEngine(text, { modules: [keeper()], allowErrors: true });
  return test.engine.diagnostics.map(
    ({ code, message, span }) =>
      `${code} ${span.source.text.slice(span.start, span.end).slice(0, 8)}: ${message}`,
  );
}

describe("the module db_sqlite", () => {
  it("is set up before the modules that were loaded before it, and makes their tables", async () => {
    const test = await testEngine(config(`sqlite:///${folder}/a.db`), { modules: [keeper()] });
    const database = test.engine.services.storage.open(`sqlite:///${folder}/a.db`);
    await database.write([colour("a")]);
    expect(await names(database)).toEqual(["a"]);
    expect(test.engine.services.statistics.read("db_sqlite", "queries")).toBe(3);
    await test.stop();
  });

  it("opens nothing when a configuration is only checked", async () => {
    const { createEngine } = await import("../../../src/modules/create-engine.ts");
    const configText = config(`sqlite:///${folder}/a.db`);
    const engine = await createEngine({ configText, modules: [keeper()] });
    expect(engine.diagnostics).toEqual([]);
    expect(existsSync(join(folder, "a.db"))).toBe(false);
  });

  it("refuses URLs without a driver or without a file, at their line", async () => {
    expect(await refusals(config("mysql://a:secret@host/db"))).toEqual([
      'E521 "mysql:/: keeper: no driver for mysql:// is loaded, only for sqlite://: databases are SQLite files here, loadmodule "db_sqlite.so" and a URL as sqlite:////var/lib/olelo/olelo.db',
    ]);
    expect(await refusals(config("sqlite:////a.db", ""))).toEqual([
      'E521 "sqlite:: keeper: no database driver is loaded for sqlite://: databases are SQLite files here, loadmodule "db_sqlite.so" and a URL as sqlite:////var/lib/olelo/olelo.db',
    ]);
    const [noFile] = await refusals(config("sqlite://a.db"));
    expect(noFile).toContain("sqlite://a.db names no file: write sqlite:////");
    const [memory] = await refusals(config("sqlite:///:memory:"));
    expect(memory).toContain("would be empty at each start");
  });

  it("refuses the start at the line of a database that cannot be opened", async () => {
    const path = `${folder}/no/a.db`;
    await expect(
      testEngine(config(`sqlite:///${path}`), { modules: [keeper()] }),
    ).rejects.toMatchObject({
      diagnostics: [{ code: "E521", message: `keeper: there is no directory ${folder}/no` }],
    });
  });

  it("opens files as its parameters say, named by their paths", async () => {
    const modes =
      `modparam("db_sqlite", "db_set_journal_mode", "${folder}/a.db=TRUNCATE;")\n` +
      `modparam("db_sqlite", "db_set_readonly", "${folder}/b.db")\n`;
    const test = await testEngine(config(`sqlite:///${folder}/a.db`) + modes, {
      modules: [keeper()],
    });
    const { storage } = test.engine.services;
    const [mode] = await storage.open(`sqlite:///${folder}/a.db`).query("pragma journal_mode");
    expect(mode).toEqual({ journal_mode: "truncate" });
    const readOnly = storage.open(`sqlite:///${folder}/b.db`).ensure([layout]);
    await expect(readOnly).rejects.toThrow(`there is no file ${folder}/b.db`);
    await test.stop();
  });

  it("refuses journal modes that do not exist", async () => {
    const text =
      config("sqlite:////a.db") + 'modparam("db_sqlite", "db_set_journal_mode", "/a.db=FAST")\n';
    const [refused] = await refusals(text);
    expect(refused).toContain('"/a.db=FAST" is not PATH=MODE');
  });
});
