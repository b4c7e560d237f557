/** Contacts in a database: what is written when, what is there after a restart. */
import { afterEach, describe, expect, it } from "vitest";
import type { Row } from "../../../src/runtime/storage/storage.ts";
import { type Contact, ContactInfo, type UsrlocApi } from "../../../src/modules/usrloc/spec.ts";
import { columns, Kept, start } from "./kept.ts";

let kept: Kept;

afterEach(async () => {
  kept.store.work();
  await kept.net.stop();
});

const fullContact = `"Alice" <${columns.contact}>;q=0.5;expires=600;+sip.instance="<urn:uuid:1>";reg-id=1;audio`;
const fullHeaders = "User-Agent: Phone 1\r\nAllow: INVITE, ACK, BYE\r\n";

function withoutKeys(row: Row | undefined): Row {
  const { id, ruid, ...rest } = row ?? {};
  expect(typeof id).toBe("number");
  expect(ruid).toMatch(/^uloc-/);
  return rest;
}

describe("a contact in the database", () => {
  it("is a row as Kamailio writes it", async () => {
    kept = await new Kept().start();
    await kept.register("alice", fullContact, fullHeaders);
    expect(kept.store.rows("location").map(withoutKeys)).toEqual([columns]);
  });

  it("has its domain in a column of its own, and no values where none are known", async () => {
    kept = await new Kept().start({ "usrloc.use_domain": 1 });
    await kept.register("bob", "<sip:bob@10.0.0.1>");
    expect(kept.store.rows("location")[0]).toMatchObject({
      username: "bob",
      domain: "a.test",
      q: -1,
      methods: null,
      instance: null,
      reg_id: 0,
    });
  });

  it("is back after a crash as it was, and nobody is told", async () => {
    kept = await new Kept().start();
    await kept.register("alice", fullContact, fullHeaders);
    const before = kept.contact("alice");
    await kept.net.advance(10_000);
    kept.notes.length = 0;
    await kept.restart();
    expect(kept.notes).toEqual([]);
    const after = kept.contact("alice");
    const { ruid, uri, q, callId, cseq, userAgent, methods, instance, regId } = before as Contact;
    expect(after).toMatchObject({
      ruid,
      uri,
      q,
      callId,
      cseq,
      userAgent,
      methods,
      instance,
      regId,
    });
    expect(after).toMatchObject({
      expires: start + 600,
      modified: start,
      created: start,
      displayName: "Alice",
      features: "audio",
      socket: kept.net.engine.sockets[0],
    });
    expect(await kept.lookup("alice")).toEqual([
      "sip:alice@10.0.0.1:5060;ob q=500 socket=udp:10.0.0.100:5060",
    ]);
  });

  it("keeps the time of its first registration through refreshes", async () => {
    kept = await new Kept().start();
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=600");
    await kept.net.advance(100_000);
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=600");
    await kept.restart();
    expect(kept.contact("alice")).toMatchObject({ created: start, modified: start + 100 });
    expect(kept.store.rows("location_details").length).toBe(1);
  });

  it("changes its details when they change", async () => {
    kept = await new Kept().start();
    await kept.register("alice", '"One" <sip:a@1.1.1.1>;expires=600');
    await kept.register("alice", '"Two" <sip:a@1.1.1.1>;expires=600');
    expect(kept.store.rows("location_details")).toMatchObject([{ display_name: "Two" }]);
    await kept.restart();
    await kept.register("alice", '"One" <sip:a@1.1.1.1>;expires=600');
    expect(kept.store.rows("location_details")).toMatchObject([{ display_name: "One" }]);
  });

  it("goes when it is unregistered, removed or runs out", async () => {
    kept = await new Kept().start();
    for (const user of ["a", "b", "c", "d"])
      await kept.register(user, `<sip:${user}@1.1.1.1>;expires=60`);
    expect(kept.users()).toEqual(["a", "b", "c", "d"]);
    await kept.register("a", "<sip:a@1.1.1.1>;expires=0");
    expect(kept.users()).toEqual(["b", "c", "d"]);
    await kept.net.rpc("ul.rm", "location", "b");
    await kept.clock.settle();
    expect(kept.users()).toEqual(["c", "d"]);
    await kept.register("c", "<sip:c@1.1.1.1>;expires=600");
    await kept.net.advance(62_000);
    expect(kept.users()).toEqual(["c"]);
    expect(kept.store.rows("location_details").length).toBe(1);
  });

  it("is found by a REGISTER after a restart, and only once", async () => {
    kept = await new Kept().start();
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=600");
    await kept.restart();
    const reply = await kept.register("alice", "<sip:a@1.1.1.1>;expires=900");
    expect(reply?.headers("Contact")).toEqual(["<sip:a@1.1.1.1>;expires=900"]);
    expect(kept.store.rows("location").length).toBe(1);
  });

  it("has the attributes of its xavp", async () => {
    const settings = { "usrloc.xavp_contact": "kept" };
    const keep = '$xavp(kept=>name) = "value"; $xavp(kept[0]=>count) = 17;';
    kept = await new Kept().start(settings, keep);
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=600");
    const found = kept.store.rows("location_attrs").map(({ username, aname, atype, avalue }) => {
      return [username, aname, atype, avalue];
    });
    expect(found.sort()).toEqual([
      ["alice", "count", 1, "17"],
      ["alice", "name", 0, "value"],
    ]);
    await kept.restart(settings, keep);
    const attributes = kept.contact("alice")?.attributes?.[0] as { fields: Map<string, unknown> };
    expect(Object.fromEntries(attributes.fields)).toEqual({ name: ["value"], count: [17] });
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=0");
    expect(kept.store.rows("location_attrs")).toEqual([]);
  });

  it("that is in memory only is not written", async () => {
    kept = await new Kept().start();
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=600", "X-Mode: memory\r\n");
    await kept.net.advance(1_000);
    expect(kept.store.rows("location")).toEqual([]);
    expect(kept.contact("alice")).toBeDefined();
  });
});

describe("contacts of other servers", () => {
  it("are not written; a registration made here is, and one that goes there is deleted", async () => {
    kept = await new Kept().start();
    const api = kept.net.engine.services.api("usrloc") as UsrlocApi;
    const table = api.table("location");
    const info = new ContactInfo();
    Object.assign(info, { uri: "sip:a@1.1.1.1", expires: start + 600, owner: { label: "there" } });
    api.together(() => table.insert("alice", info));
    await kept.clock.settle();
    expect(kept.store.rows("location")).toEqual([]);

    await kept.register("alice", '"Here" <sip:a@1.1.1.1>;expires=600');
    expect(kept.users()).toEqual(["alice"]);
    expect(kept.store.rows("location_details")).toMatchObject([{ display_name: "Here" }]);

    api.together(() => table.update(kept.contact("alice") as Contact, info));
    await kept.clock.settle();
    expect(kept.store.rows("location")).toEqual([]);
    expect(kept.store.rows("location_details")).toEqual([]);
  });
});

describe("db_mode 1", () => {
  it("answers a REGISTER when its contact is in the database", async () => {
    kept = await new Kept().start();
    kept.store.hang();
    expect(await kept.register("alice", "<sip:a@1.1.1.1>")).toBeUndefined();
    expect(await kept.lookup("alice")).toEqual(["sip:a@1.1.1.1 socket=udp:10.0.0.100:5060"]);
    kept.store.work();
    const [reply] = await kept.net.advance(1);
    expect(reply?.line).toBe("SIP/2.0 200 OK");
    expect(kept.users()).toEqual(["alice"]);
  });

  it("does not wait to answer a question", async () => {
    kept = await new Kept().start();
    await kept.register("alice", "<sip:a@1.1.1.1>");
    kept.store.hang();
    void (await kept.register("bob", "<sip:b@1.1.1.1>"));
    expect((await kept.register("alice", ""))?.headers("Contact").length).toBe(1);
  });

  it("waits for db_reply_wait milliseconds at most", async () => {
    kept = await new Kept().start();
    kept.store.hang();
    await kept.register("alice", "<sip:a@1.1.1.1>");
    expect(await kept.net.advance(499)).toEqual([]);
    const [reply] = await kept.net.advance(1);
    expect(reply?.line).toBe("SIP/2.0 200 OK");
    expect(kept.net.engine.services.statistics.read("usrloc", "early_replies")).toBe(1);
    kept.store.work();
    await kept.net.advance(1_000);
    expect(kept.net.engine.services.statistics.read("usrloc", "early_replies")).toBe(1);
  });

  it("does not wait at all with db_reply_wait 0", async () => {
    kept = await new Kept().start({ "usrloc.db_reply_wait": 0 });
    kept.store.hang();
    expect((await kept.register("alice", "<sip:a@1.1.1.1>"))?.line).toBe("SIP/2.0 200 OK");
  });

  it("registers without a database that is away, and writes when it is back", async () => {
    kept = await new Kept().start();
    kept.store.fail();
    expect((await kept.register("alice", "<sip:a@1.1.1.1>"))?.line).toBe("SIP/2.0 200 OK");
    expect((await kept.register("bob", "<sip:b@1.1.1.1>"))?.line).toBe("SIP/2.0 200 OK");
    expect(kept.net.engine.services.statistics.read("usrloc", "location_waiting")).toBe(2);
    kept.store.work();
    await kept.net.advance(1_000);
    expect(kept.users()).toEqual(["alice", "bob"]);
  });

  it("writes what waits when it is stopped", async () => {
    kept = await new Kept().start();
    kept.store.fail();
    await kept.register("alice", "<sip:a@1.1.1.1>");
    kept.store.work();
    await kept.net.stop();
    expect(kept.users()).toEqual(["alice"]);
  });
});

describe("a database that has lost everything", () => {
  it("gets all contacts again", async () => {
    kept = await new Kept().start();
    for (let i = 0; i < 600; i++) await kept.register(`u${i}`, `"U" <sip:u${i}@1.1.1.1>`);
    kept.store.reset();
    await kept.net.advance(20);
    expect(kept.users().length).toBe(600);
    expect(kept.store.rows("location_details").length).toBe(600);
  });
});

describe("db_mode 2", () => {
  it("writes every timer_interval seconds, and when it is told to", async () => {
    kept = await new Kept().start({ "usrloc.db_mode": 2, "usrloc.timer_interval": 30 });
    expect((await kept.register("alice", "<sip:a@1.1.1.1>"))?.line).toBe("SIP/2.0 200 OK");
    await kept.net.advance(29_000);
    expect(kept.users()).toEqual([]);
    await kept.net.advance(1_000);
    expect(kept.users()).toEqual(["alice"]);
    await kept.register("bob", "<sip:b@1.1.1.1>");
    await kept.net.rpc("ul.flush");
    expect(kept.users()).toEqual(["alice", "bob"]);
  });

  it("writes when it is stopped", async () => {
    kept = await new Kept().start({ "usrloc.db_mode": 2 });
    await kept.register("alice", "<sip:a@1.1.1.1>");
    await kept.net.stop();
    expect(kept.users()).toEqual(["alice"]);
  });
});

describe("other modes", () => {
  it("4 reads and does not write", async () => {
    kept = await new Kept().start();
    await kept.register("alice", "<sip:a@1.1.1.1>");
    await kept.restart({ "usrloc.db_mode": 4, "usrloc.db_load": 0 });
    expect(kept.contact("alice")).toBeDefined();
    await kept.register("bob", "<sip:b@1.1.1.1>");
    await kept.register("alice", "<sip:a@1.1.1.1>;expires=0");
    await kept.net.advance(60_000);
    expect(kept.users()).toEqual(["alice"]);
  });

  it("3 is taken as 1, and says so", async () => {
    kept = await new Kept().start({ "usrloc.db_mode": 3 });
    const found = kept.net.engine.diagnostics.map(
      ({ severity, message }) => `${severity} ${message}`,
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^warning usrloc: .*db_mode 3 is taken as 1/),
    );
    await kept.register("alice", "<sip:a@1.1.1.1>");
    expect(kept.users()).toEqual(["alice"]);
  });
});
