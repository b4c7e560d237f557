/** Rows of the table pua: written, read again, and those of other servers. */
import { describe, expect, it } from "vitest";
import { puaLayout } from "../../../src/modules/pua/layout.ts";
import { puaKey, PuaStore, type StoredSubscription } from "../../../src/modules/pua/store.ts";
import type { Row } from "../../../src/runtime/storage/storage.ts";

const NOW = 1_800_000_000;

/** A table that a store writes to. */
class Table {
  readonly rows = new Map<string, Row>();

  put(row: Row): void {
    this.rows.set(this.#id(row), row);
  }

  remove(row: Row): void {
    this.rows.delete(this.#id(row));
  }

  #id(row: Row): string {
    return puaKey.map((column) => row[column]).join("|");
  }
}

function stored(): { table: Table; store: PuaStore; again(now?: number): PuaStore } {
  const table = new Table();
  return {
    table,
    store: new PuaStore(table),
    again: (now = NOW) => {
      const store = new PuaStore(table);
      store.load([...table.rows.values()], now);
      return store;
    },
  };
}

const publication = {
  event: "reg",
  id: "REGINFO_PUBLISH.alice@location",
  resource: "sip:alice@example.test",
  etag: "e1",
  grantedUntil: NOW + 600,
  until: NOW + 3600,
  version: 3,
};

const subscription: StoredSubscription = {
  event: "reg",
  resource: "sip:alice@example.test",
  watcher: "sip:me@10.0.0.1",
  grantedUntil: NOW + 600,
  until: 0,
  dialog: {
    callId: "c1",
    localTag: "l1",
    remoteTag: "r1",
    localCseq: 7,
    remoteTarget: "sip:n@10.0.0.2",
    routes: "<sip:10.0.0.3;lr>",
  },
};

describe("a row", () => {
  it("has every column of the layout, and no other", () => {
    const { table, store } = stored();
    store.putPublication(publication);
    store.putSubscription(subscription);
    const columns = puaLayout("pua").columns.map(({ name }) => name);
    for (const row of table.rows.values()) expect(Object.keys(row)).toEqual(columns);
  });

  it("has no null, which Kamailio could not read, and differs where entity tags do not", () => {
    const { table, store } = stored();
    store.putPublication(publication);
    store.putPublication({ ...publication, id: "REGINFO_PUBLISH.bob@location" });
    store.putSubscription({ ...subscription, dialog: null });
    const rows = [...table.rows.values()];
    for (const row of rows) expect(Object.values(row)).not.toContain(null);
    const unique = rows.map((row) => [row["etag"], row["tuple_id"], row["call_id"]].join("|"));
    expect(new Set(unique).size).toBe(3);
  });

  it("of a publication is what was written, with a version that was not used", () => {
    const { store, again } = stored();
    store.putPublication(publication);
    const [one] = again().takePublications("reg");
    expect({ ...one, version: 0 }).toEqual({ ...publication, version: 0 });
    expect(one?.version).toBeGreaterThan(publication.version);
  });

  it("of a subscription is what was written, with a CSeq that was not used", () => {
    const { store, again } = stored();
    store.putSubscription(subscription);
    const [one] = again().takeSubscriptions("reg");
    const { dialog } = subscription;
    expect(one).toEqual({ ...subscription, dialog: { ...dialog, localCseq: expect.any(Number) } });
    expect(one?.dialog?.localCseq).toBeGreaterThan(dialog?.localCseq ?? 0);
  });

  it("without a dialog is a subscription that is to be begun", () => {
    const { store, again } = stored();
    store.putSubscription({ ...subscription, grantedUntil: 0, dialog: null });
    expect([...again().takeSubscriptions("reg")].map((one) => one.dialog)).toEqual([null]);
  });

  it("is deleted with what it stands for", () => {
    const { table, store } = stored();
    store.putPublication(publication);
    store.putSubscription(subscription);
    store.removePublication("reg", publication.id, publication.resource);
    store.removeSubscription("reg", subscription.resource);
    expect(table.rows.size).toBe(0);
  });
});

describe("the table at the start", () => {
  it("gives each thing out once, and to its package only", () => {
    const { store, again } = stored();
    store.putPublication(publication);
    store.putPublication({ ...publication, event: "presence" });
    const loaded = again();
    expect([...loaded.takePublications("dialog")]).toEqual([]);
    expect([...loaded.takePublications("reg")]).toHaveLength(1);
    expect([...loaded.takePublications("reg")]).toEqual([]);
    expect([...loaded.takePublications("presence")]).toHaveLength(1);
  });

  it("loses publications that have run out, but no subscriptions", () => {
    const { table, store, again } = stored();
    store.putPublication(publication);
    store.putSubscription(subscription);
    const loaded = again(NOW + 700);
    expect([...loaded.takePublications("reg")]).toEqual([]);
    expect([...loaded.takeSubscriptions("reg")]).toHaveLength(1);
    expect(table.rows.size).toBe(1);
  });

  it("may hold several dialogs for one resource: the one that lasts longest counts", () => {
    const { store, table } = stored();
    store.putSubscription(subscription);
    const [row] = table.rows.values();
    const other = { ...row, call_id: "c2", expires: NOW + 900 };
    const again = new PuaStore(table);
    again.load([row as Row, other, { ...other, call_id: "c3", expires: NOW + 800 }], NOW);
    const found = [...again.takeSubscriptions("reg")];
    expect(found.map((one) => one.dialog?.callId)).toEqual(["c2"]);
  });

  it("may hold rows of packages that nobody knows here: they stay", () => {
    const { store, table, again } = stored();
    store.putPublication(publication);
    const [row] = table.rows.values();
    table.put({ ...row, event: 4711, expires: 1 });
    expect([...again().takePublications("reg")]).toHaveLength(1);
    expect(table.rows.size).toBe(2);
  });
});
