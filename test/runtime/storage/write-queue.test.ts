/** Rows that follow a state in memory: coalesced, in batches, tried again. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { EngineLogger, MemoryLog } from "../../../src/runtime/log.ts";
import { StatisticsRegistry } from "../../../src/runtime/statistics.ts";
import type { TableLayout } from "../../../src/runtime/storage/storage.ts";
import { WriteQueue, type WriteQueueOptions } from "../../../src/runtime/storage/write-queue.ts";
import { MemoryStore } from "../../support/memory-database.ts";

const layout: TableLayout = {
  name: "colours",
  version: 1,
  columns: [
    { name: "name", type: "string", size: 32 },
    { name: "shade", type: "int", default: 0 },
  ],
  unique: [["name"]],
};

function setUp(options: Partial<WriteQueueOptions> = {}) {
  const store = new MemoryStore();
  store.fill(layout, []);
  const clock = new VirtualClock();
  const sink = new MemoryLog();
  const statistics = new StatisticsRegistry();
  const log = new EngineLogger(sink);
  log.level = 3;
  const queue = new WriteQueue({
    database: store.database(),
    table: "colours",
    key: ["name"],
    clock,
    log,
    statistics,
    group: "test",
    ...options,
  });
  const shades = (): Record<string, unknown> =>
    Object.fromEntries(store.rows("colours").map((row) => [String(row["name"]), row["shade"]]));
  return { store, clock, sink, statistics, queue, shades };
}

describe("WriteQueue", () => {
  it("writes all changes of one turn in one transaction", async () => {
    const { store, clock, queue, shades } = setUp();
    queue.put({ name: "red", shade: 1 });
    queue.put({ name: "blue", shade: 2 });
    expect(store.rows("colours")).toEqual([]);
    await clock.settle();
    expect(shades()).toEqual({ red: 1, blue: 2 });
    expect(store.committed.length).toBe(1);
    expect(queue.waiting).toBe(0);
  });

  it("writes only the last of several changes to one row", async () => {
    const { store, clock, queue, shades } = setUp();
    queue.put({ name: "red", shade: 1 });
    queue.remove({ name: "red" });
    queue.put({ name: "red", shade: 3 });
    await clock.settle();
    expect(shades()).toEqual({ red: 3 });
    expect(store.committed.flat().length).toBe(2);
  });

  it("replaces all rows with one key", async () => {
    const store = new MemoryStore();
    const { name, version, columns } = layout;
    store.fill({ name, version, columns }, [
      { name: "red", shade: 1 },
      { name: "blue", shade: 2 },
    ]);
    const { queue } = setUp({ database: store.database() });
    const rows = [3, 4, 5].map((shade) => ({ name: "red", shade }));
    queue.replace({ name: "red" }, rows);
    expect(await queue.settled()).toBe(true);
    expect(store.rows("colours").map((row) => row["shade"])).toEqual([2, 3, 4, 5]);
    queue.replace({ name: "red" }, []);
    expect(await queue.settled()).toBe(true);
    expect(store.rows("colours").length).toBe(1);
  });

  it("replaces and deletes rows by their key", async () => {
    const { clock, queue, shades } = setUp();
    queue.put({ name: "red", shade: 1 });
    queue.put({ name: "blue", shade: 2 });
    await clock.settle();
    queue.put({ name: "red", shade: 9 });
    queue.remove({ name: "blue" });
    await clock.settle();
    expect(shades()).toEqual({ red: 9 });
  });

  it("keeps the order of changes to a row that is being written", async () => {
    const { store, clock, queue, shades } = setUp();
    store.hang();
    queue.put({ name: "red", shade: 1 });
    await clock.settle();
    queue.remove({ name: "red" });
    queue.put({ name: "red", shade: 2 });
    await clock.settle();
    expect(queue.waiting).toBe(2);
    store.work();
    await clock.settle();
    await clock.settle();
    expect(shades()).toEqual({ red: 2 });
  });

  it("has settled when all that was put is committed", async () => {
    const { store, queue, shades } = setUp();
    expect(await queue.settled()).toBe(true);
    queue.put({ name: "red", shade: 1 });
    expect(await queue.settled()).toBe(true);
    expect(shades()).toEqual({ red: 1 });

    store.hang();
    queue.put({ name: "red", shade: 2 });
    const first = queue.settled();
    queue.put({ name: "blue", shade: 3 });
    const second = queue.settled();
    store.work();
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(shades()).toEqual({ red: 2, blue: 3 });
  });

  it("settles changes that were put while others are being written", async () => {
    const { store, clock, queue, shades } = setUp();
    store.hang();
    queue.put({ name: "red", shade: 1 });
    await clock.settle();
    queue.put({ name: "blue", shade: 2 });
    const settled = queue.settled();
    store.work();
    expect(await settled).toBe(true);
    expect(shades()).toEqual({ red: 1, blue: 2 });
  });

  it("says that the database is away, and tries again more and more seldom", async () => {
    const { store, clock, queue, sink, statistics, shades } = setUp();
    store.fail();
    queue.put({ name: "red", shade: 1 });
    expect(await queue.settled()).toBe(false);
    expect(await queue.settled()).toBe(false);
    expect(store.writes).toBe(1);
    await clock.advance(999);
    expect(store.writes).toBe(1);
    await clock.advance(1);
    expect(store.writes).toBe(2);
    await clock.advance(2_000 + 4_000 + 8_000 + 16_000 + 30_000);
    expect(store.writes).toBe(7);
    expect(statistics.read("test", "colours_waiting")).toBe(1);
    queue.put({ name: "red", shade: 5 });
    queue.put({ name: "blue", shade: 6 });

    store.work();
    await clock.advance(30_000);
    expect(shades()).toEqual({ red: 5, blue: 6 });
    expect(statistics.read("test", "colours_waiting")).toBe(0);
    expect(statistics.read("test", "colours_written")).toBe(2);
    expect(await queue.settled()).toBe(true);
    const lines = sink.lines.map((line) => line.text);
    expect(lines).toEqual([
      "rows of table colours wait until memory: takes them",
      "memory: takes rows of table colours again",
    ]);
  });

  it("gives up rows that are refused, and only those", async () => {
    const { clock, queue, sink, statistics, shades } = setUp();
    queue.put({ name: "red", shade: 1 });
    queue.put({ name: "bad", colour: 7 });
    queue.put({ name: "blue", shade: 2 });
    expect(await queue.settled()).toBe(true);
    await clock.settle();
    expect(shades()).toEqual({ red: 1, blue: 2 });
    expect(statistics.read("test", "colours_refused")).toBe(1);
    expect(sink.lines.map((line) => line.text)).toEqual([
      "a row of table colours is given up (name bad): table colours has no column colour",
    ]);
  });

  it("waits for further changes when it is told to", async () => {
    const { store, clock, queue } = setUp({ delayMs: 60_000 });
    queue.put({ name: "red", shade: 1 });
    await clock.advance(59_999);
    queue.put({ name: "blue", shade: 2 });
    expect(store.committed.length).toBe(0);
    await clock.advance(1);
    expect(store.committed.length).toBe(1);
    expect(store.rows("colours").length).toBe(2);
  });

  it("writes many rows in batches, one after the other without waiting", async () => {
    const { store, clock, queue } = setUp({ delayMs: 60_000 });
    for (let i = 0; i < 1_200; i++) queue.put({ name: `c${i}`, shade: i });
    await clock.advance(60_000);
    for (let i = 0; i < 5; i++) await clock.settle();
    expect(store.committed.map((statements) => statements.length)).toEqual([1000, 1000, 400]);
  });

  it("settles all batches that wait", async () => {
    const { store, queue } = setUp({ delayMs: 60_000 });
    for (let i = 0; i < 1_200; i++) queue.put({ name: `c${i}`, shade: i });
    expect(await queue.settled()).toBe(true);
    expect(store.rows("colours").length).toBe(1_200);
  });

  it("gives up the oldest rows when too many wait", async () => {
    const { store, clock, queue, statistics, shades } = setUp({ limit: 2, delayMs: 1_000 });
    store.fail();
    for (const name of ["red", "green", "blue"]) queue.put({ name, shade: 1 });
    expect(queue.waiting).toBe(2);
    expect(statistics.read("test", "colours_dropped")).toBe(1);
    store.work();
    await clock.advance(1_000);
    expect(shades()).toEqual({ green: 1, blue: 1 });
  });

  it("writes what waits when it is stopped", async () => {
    const { store, clock, queue, shades } = setUp({ delayMs: 60_000 });
    queue.put({ name: "red", shade: 1 });
    await queue.stop();
    expect(shades()).toEqual({ red: 1 });
    expect(clock.pending).toBe(0);
    expect(store.writes).toBe(1);
  });

  it("says what is lost when it is stopped while the database is away", async () => {
    const { store, clock, queue, sink } = setUp();
    store.fail();
    queue.put({ name: "red", shade: 1 });
    await queue.settled();
    await queue.stop();
    expect(sink.lines.at(-1)?.text).toBe("1 changes of table colours are lost: memory: is away");
    expect(clock.pending).toBe(0);
  });
});
