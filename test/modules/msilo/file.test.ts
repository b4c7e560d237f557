/** Stored messages in a real SQLite file: what a phone sent comes back byte by byte. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Library from "libsql";
import { expect, it } from "vitest";
import { SqliteFile } from "../../../src/modules/db_sqlite/file.ts";
import { Silo, type SiloNames, siloLayout } from "../../../src/modules/msilo/silo.ts";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import type { Services } from "../../../src/runtime/services.ts";
import type { Database } from "../../../src/runtime/storage/storage.ts";

const names: SiloNames = {
  table: "silo",
  from: "src_addr",
  to: "dst_addr",
  user: "username",
  host: "domain",
  storedAt: "inc_time",
  expiresAt: "exp_time",
  sendAt: "snd_time",
  contentType: "ctype",
  body: "body",
  headers: "extra_hdrs",
};

/** Bytes of a packet that are UTF-8. */
function packetText(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

it("keeps texts beyond ASCII as they came, and as others read them in the file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "olelo-silo-"));
  const path = join(folder, "silo.db");
  const settings = { path, isReadOnly: false, journalMode: "WAL", busyMs: 100 };
  const file = new SqliteFile(settings, [], () => undefined);
  const database: Database = {
    name: "silo",
    ensure: async (tables) => file.ensure(tables),
    query: async (sql, values = []) => file.query(sql, values),
    write: async (statements) => file.write([statements]),
  };
  await database.ensure([siloLayout(names)]);
  const services = {
    clock: new VirtualClock(),
    log: { error: () => undefined, info: () => undefined },
    statistics: { counter: () => ({ value: 0 }), gauge: () => undefined },
  } as unknown as Services;
  const silo = new Silo(services, database, names);
  const message = {
    owner: { user: packetText("jürgen"), host: "example.com" },
    from: "sip:a@example.com",
    to: "sip:b@example.com",
    storedAt: 1,
    expiresAt: silo.now() + 100,
    sendAt: 0,
    contentType: "text/plain",
    body: `${packetText("für €")}\0\xff`,
    headers: packetText("X-Who: grüße \u{1f600}\r\n"),
  };
  expect(await silo.store(message, 1)).toBe(true);
  expect(await silo.messages(message.owner, 0)).toEqual([{ ...message, id: 1 }]);
  expect(await silo.store(message, 1)).toBe(false);
  file.close();

  const library = new Library(path);
  const row = library.prepare("select username, extra_hdrs from silo").get();
  library.close();
  expect(row).toMatchObject({ username: "jürgen", extra_hdrs: "X-Who: grüße \u{1f600}\r\n" });
  rmSync(folder, { recursive: true });
});
