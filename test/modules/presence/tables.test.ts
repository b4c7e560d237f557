/** The tables of the server: their layout, rows of other servers, and what a configuration may say about them. */
import { describe, expect, it } from "vitest";
import { presentityLayout } from "../../../src/modules/presence/publication-journal.ts";
import { presence } from "../../../src/modules/presence/spec.ts";
import { watchersLayout } from "../../../src/runtime/notifier/rows.ts";
import { declareModule, implementModule } from "../../../src/runtime/module.ts";
import { testEngine } from "../../support/engine.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { isNotify, summary } from "../../support/watcher.ts";
import {
  ALICE,
  PresenceServer,
  published,
  serverConfig,
  startStored,
  type Settings,
} from "./harness.ts";

const A = "c1 sip:a@10.0.0.1 registered 500";

describe("tables", () => {
  it("have Kamailio's layout, and its values", async () => {
    const { server, store } = await startStored();
    const watcher = server.watcher();
    await watcher.subscribe({ extra: "User-Agent: phone\r\n" });
    const { tag } = await server.publish(published([A]), {}, watcher);
    const now = Math.floor(server.net.clock.wallTime() / 1000);
    expect(store.rows("active_watchers")).toEqual([
      {
        id: expect.any(Number) as number,
        presentity_uri: ALICE,
        watcher_username: "w",
        watcher_domain: "example.test",
        to_user: "alice",
        to_domain: "example.test",
        event: "reg",
        event_id: "",
        to_tag: watcher.toTag,
        from_tag: watcher.tag,
        callid: watcher.callId,
        local_cseq: 1000,
        remote_cseq: 1,
        contact: `sip:w@${watcher.address}`,
        record_route: "",
        expires: now + 600,
        status: 1,
        reason: "",
        version: 1000,
        socket_info: "udp:10.0.0.100:5060",
        local_contact: "sip:presence@10.0.0.100:5060",
        from_user: "w",
        from_domain: "example.test",
        updated: -1,
        updated_winfo: -1,
        flags: 0,
        user_agent: "phone",
      },
    ]);
    expect(store.rows("presentity")).toEqual([
      {
        id: expect.any(Number) as number,
        username: "alice",
        domain: "example.test",
        event: "reg",
        etag: tag,
        expires: now + 600,
        received_time: now,
        body: Buffer.from(published([A])),
        sender: "",
        priority: 0,
        ruid: expect.stringMatching(/^pres-/) as string,
      },
    ]);
  });

  it("that another server has written are taken over", async () => {
    const store = new MemoryStore();
    const expires = 1_800_000_000;
    store.fill(presentityLayout("presentity"), [
      {
        username: "alice",
        domain: "example.test",
        event: "reg",
        etag: "a.1700000000.1.2.3",
        expires,
        received_time: 1_700_000_000,
        body: published([A]),
        sender: "",
        priority: 0,
        ruid: null,
      },
      {
        username: "alice",
        domain: "example.test",
        event: "reg",
        etag: "a.1700000000.1.2.4",
        expires,
        received_time: 1_700_000_000,
        body: "no document",
        sender: "",
        priority: 0,
        ruid: "uloc-1",
      },
    ]);
    const row = {
      presentity_uri: ALICE,
      watcher_username: "w",
      watcher_domain: "example.test",
      to_user: "alice",
      to_domain: "example.test",
      to_tag: "local",
      from_tag: "remote",
      local_cseq: 4,
      remote_cseq: 2,
      contact: "sip:w@10.0.1.77",
      record_route: null,
      expires,
      status: 1,
      version: 0,
      socket_info: "udp:10.9.9.9:5060",
      local_contact: "sip:10.0.0.100",
      from_user: "w",
      from_domain: "example.test",
      updated: -1,
      updated_winfo: -1,
    };
    store.fill(watchersLayout("active_watchers"), [
      { ...row, event: "reg", callid: "known" },
      { ...row, event: "presence", callid: "unknown-package" },
      { ...row, event: "reg", callid: "over", status: 3 },
      { ...row, event: "reg", callid: "" },
    ]);
    const { server } = await startStored({}, store);
    const notifies = (await server.net.advance(500)).filter(isNotify);
    expect(notifies).toHaveLength(1);
    expect(notifies[0]?.line).toBe("NOTIFY sip:w@10.0.1.77 SIP/2.0");
    expect(notifies[0]?.header("CSeq")).toBe("5 NOTIFY");
    expect(summary(notifies[0])[1]).toMatch(/active; .*sip:a@10.0.0.1/);
    const { reply } = await server.publish("", { tag: "a.1700000000.1.2.3" });
    expect(reply?.message.statusCode).toBe(200);
    expect(store.rows("presentity")).toHaveLength(1);
    // Rows of packages that are not loaded now stay for the day when they are.
    expect(store.rows("active_watchers").map(({ callid }) => callid)).toEqual([
      "unknown-package",
      "known",
    ]);
  });

  it("leave room for the numbers of many NOTIFYs, and more before it is used up", async () => {
    const { server, store } = await startStored();
    const watcher = server.watcher();
    await watcher.subscribe();
    const first = store.writes;
    const reserved = (): unknown => store.rows("active_watchers")[0]?.["local_cseq"];
    for (let i = 0; i < 499; i++) {
      await server.net.rpc("presence.refreshWatchers", ALICE, "reg", 1);
      await watcher.take(server.net.take());
    }
    expect(watcher.notifies).toHaveLength(500);
    expect([reserved(), store.writes]).toEqual([1000, first]);
    await server.net.rpc("presence.refreshWatchers", ALICE, "reg", 1);
    await watcher.take(await server.net.advance(0));
    expect(reserved()).toBe(1501);
  });

  it("of decisions over watchers are kept for others to read", async () => {
    const status = { value: "pending" as "active" | "pending" | "terminated" };
    const spec = declareModule()({ name: "notes", doc: "Notes.", needs: { presence } });
    const module = implementModule(spec, ({ use }) => {
      use.presence.addEvent({
        name: "note",
        contentType: "text/plain",
        defaultExpires: 1000,
        authorise: () => status.value,
      });
      return {};
    });
    const store = new MemoryStore();
    const settings = { "presence.db_url": "memory:", "presence.clean_period": 10 };
    const modules = [{ name: "notes", module }];
    const server = await PresenceServer.start({ settings, store, modules });
    const watcher = server.watcher();
    await watcher.subscribe({ event: "note", expires: 3000 });
    await watcher.wait(1000);
    const rows = () => store.rows("watchers").map((row) => row["status"]);
    expect(rows()).toEqual([2]);
    status.value = "active";
    await server.net.rpc("presence.updateWatchers", ALICE, "note");
    await watcher.wait(1000);
    expect(rows()).toEqual([1]);
    expect(store.rows("active_watchers")[0]?.["status"]).toBe(1);
    status.value = "pending";
    await server.net.rpc("presence.updateWatchers", ALICE, "note");
    await watcher.wait(1000);
    expect(rows()).toEqual([2]);
    await server.net.advance(86_500_000);
    expect(rows()).toEqual([]);
  });
});

describe("a configuration", () => {
  const messages = async (settings: Settings, store?: MemoryStore): Promise<string[]> => {
    const config = serverConfig(store === undefined ? { settings } : { settings, store });
    const modules = store === undefined ? [] : [store.module()];
    const net = await testEngine(config, { modules, allowErrors: true });
    return net.engine.diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
  };

  it("with a database needs its driver", async () => {
    const [first] = await messages({ "presence.db_url": "mysql://h/db" });
    expect(first).toMatch(/^error: presence: .*mysql.*db_sqlite/);
  });

  it("is told that servers cannot share a database", async () => {
    const settings = { "presence.db_url": "memory:", "presence.subs_db_mode": 3 };
    expect(await messages(settings, new MemoryStore())).toEqual([
      "warning: presence: subscriptions are held in memory too, so servers cannot share them: as subs_db_mode 1",
    ]);
  });

  it("must name tables with names", async () => {
    const settings = { "presence.db_url": "memory:", "presence.presentity_table": "a; drop" };
    expect(await messages(settings, new MemoryStore())).toEqual([
      'error: presence: "a; drop" cannot name a table',
    ]);
  });
});
