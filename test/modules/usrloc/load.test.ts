/** Contacts read from a database at the start, and settings of the database. */
import { afterEach, describe, expect, it } from "vitest";
import type { Row } from "../../../src/runtime/storage/storage.ts";
import type { UsrlocApi } from "../../../src/modules/usrloc/spec.ts";
import { testEngine } from "../../support/engine.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { params } from "../registrar/harness.ts";
import { columns, epoch, Kept, start } from "./kept.ts";

let kept: Kept;

afterEach(async () => {
  kept.store.work();
  await kept.net.stop();
});

describe("reading at the start", () => {
  async function filled(
    rows: Row[],
    settings: Record<string, string | number> = {},
  ): Promise<Kept> {
    const first = await new Kept().start(settings);
    await first.net.stop();
    first.store.fill(
      { name: "location", version: 9, columns: [] },
      rows.map((row, i) => ({ ...columns, ruid: `r${i}`, ...row })),
    );
    await first.start(settings);
    return first;
  }

  it("leaves out what has run out, and deletes it", async () => {
    kept = await filled([
      { username: "old", expires: new Date(epoch - 1_000) },
      { username: "new", contact: "sip:n@1.1.1.1", expires: new Date(epoch + 1_000) },
      { username: "ever", contact: "sip:e@1.1.1.1", expires: new Date(0) },
    ]);
    await kept.clock.settle();
    expect(kept.contact("old")).toBeUndefined();
    expect(kept.contact("new")).toMatchObject({ expires: start + 1 });
    expect(kept.contact("ever")).toMatchObject({ expires: 0 });
    expect(kept.users()).toEqual(["new", "ever"]);
    await kept.net.advance(3_000);
    expect(kept.users()).toEqual(["ever"]);
  });

  it("reads more rows than fit on a page", async () => {
    const rows = Array.from({ length: 25 }, (_, i) => ({
      username: `u${i}`,
      contact: `sip:u${i}@1.1.1.1`,
    }));
    kept = await filled(rows, { "usrloc.fetch_rows": 10 });
    expect(kept.net.engine.services.statistics.read("usrloc", "location_contacts")).toBe(25);
  });

  it("passes over rows that are no contacts, and counts them", async () => {
    kept = await filled([{ username: "" }, { contact: "" }, { username: "x" }]);
    expect(kept.net.engine.services.statistics.read("usrloc", "unread_rows")).toBe(2);
    expect(kept.net.engine.services.statistics.read("usrloc", "location_contacts")).toBe(1);
  });

  it("takes of rows for the same contact one, and deletes the others", async () => {
    kept = await filled([
      { contact: "sip:a@1.1.1.1", instance: null },
      { contact: "sip:a@1.1.1.1", instance: null },
    ]);
    await kept.clock.settle();
    expect(kept.store.rows("location").map(({ ruid }) => ruid)).toEqual(["r0"]);
  });

  it("takes contacts of other sockets without theirs, or not at all", async () => {
    const rows = [{ socket: "udp:9.9.9.9:5060" }];
    kept = await filled(rows);
    expect(kept.contact("alice")).toMatchObject({ socket: null });
    await kept.restart({ "usrloc.skip_remote_socket": 1 });
    expect(kept.contact("alice")).toBeUndefined();
    expect(kept.users()).toEqual(["alice"]);
  });

  it("reads only rows of its own server id when it is told to", async () => {
    kept = await filled(
      [
        { username: "mine", contact: "sip:m@1.1.1.1" },
        { username: "yours", contact: "sip:y@1.1.1.1", server_id: 7, instance: null },
      ],
      { "usrloc.server_id_filter": 1 },
    );
    expect(kept.contact("mine")).toBeDefined();
    expect(kept.contact("yours")).toBeUndefined();
    expect(kept.users().length).toBe(2);
  });

  it("reads nothing with db_load 0", async () => {
    kept = await filled([{}], { "usrloc.db_load": 0 });
    expect(kept.contact("alice")).toBeUndefined();
    expect(kept.users()).toEqual(["alice"]);
  });

  it("has handled no packet before it is done", async () => {
    kept = await new Kept().start();
    await kept.register("alice", "<sip:a@1.1.1.1>");
    kept.crash();
    kept.store.hang();
    const starting = kept.start();
    await kept.clock.settle();
    kept.store.work();
    await starting;
    expect(await kept.lookup("alice")).toEqual(["sip:a@1.1.1.1 socket=udp:10.0.0.100:5060"]);
  });

  it("reads a table that is named later when it is named", async () => {
    const other = 'if ($tU == "other") { $var(table) = "others"; save($var(table)); exit; }';
    kept = await new Kept().start({}, other);
    await kept.register("other", "<sip:o@1.1.1.1>");
    expect(kept.store.rows("others").length).toBe(1);
    await kept.net.advance(1_000);
    await kept.restart({}, other);
    await kept.register("other", "<sip:o@2.2.2.2>");
    await kept.clock.settle();
    const api = kept.net.engine.services.api("usrloc") as UsrlocApi;
    expect(api.table("others").contacts).toBe(2);
    expect(kept.store.rows("others").length).toBe(2);
  });

  it("is refused when the table has another version, at the line of db_url", async () => {
    kept = await new Kept().start();
    kept.store.fill({ name: "aliases", version: 8, columns: [] }, []);
    const settings = { "usrloc.preload": "aliases" };
    const again = new Kept(kept.store);
    await expect(again.start(settings)).rejects.toMatchObject({
      diagnostics: [{ code: "E521", message: "usrloc: table aliases has version 8, not 9" }],
    });
    const unchecked = new Kept(kept.store);
    await unchecked.start({ "usrloc.version_table": 0 });
    await unchecked.net.stop();
  });
});

describe("settings", () => {
  it("that are no names of columns or tables are refused", async () => {
    kept = await new Kept().start();
    const refusals = async (settings: Record<string, string | number>): Promise<string[]> => {
      const text = `loadmodule "db_memory.so"\nloadmodule "usrloc.so"\nmodparam("usrloc", "db_url", "memory:")\n${params({ "usrloc.db_mode": 1, ...settings })}request_route { exit; }\n`;
      const net = await testEngine(text, {
        modules: [new MemoryStore().module()],
        allowErrors: true,
      });
      return net.engine.diagnostics.map(({ message }) => message);
    };
    expect(await refusals({ "usrloc.user_column": "a; drop" })).toEqual([
      'usrloc: "a; drop" is no name of a column',
    ]);
    expect(await refusals({ "usrloc.preload": "my table" })).toEqual([
      'usrloc: "my table" is no name of a table in a database',
    ]);
  });

  it("name columns", async () => {
    kept = await new Kept().start({ "usrloc.user_column": "who", "usrloc.ruid_column": "key" });
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=600");
    expect(kept.store.rows("location")[0]).toMatchObject({ who: "alice" });
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=600");
    expect(kept.store.rows("location").length).toBe(1);
    await kept.restart({ "usrloc.user_column": "who", "usrloc.ruid_column": "key" });
    expect(kept.contact("alice")).toBeDefined();
  });

  it("make times numbers", async () => {
    kept = await new Kept().start({ "usrloc.expires_type": 1 });
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=600");
    expect(kept.store.rows("location")[0]).toMatchObject({
      expires: start + 600,
      last_modified: start,
    });
    await kept.restart({ "usrloc.expires_type": 1 });
    expect(kept.contact("alice")).toMatchObject({ expires: start + 600 });
  });
});
