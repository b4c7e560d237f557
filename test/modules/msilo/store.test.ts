/** m_store: what is kept of a MESSAGE, what is refused, and what the sender is told. */
import { describe, expect, it } from "vitest";
import { testEngine } from "../../support/engine.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { SiloEngine, siloConfig } from "./harness.ts";

/** Wall clock seconds at the start of a virtual clock. */
const NOW = 1_700_000_000;

describe("m_store", () => {
  it("stores a message in Kamailio's columns", async () => {
    const engine = await SiloEngine.start();
    await engine.message({
      to: "sip:bob@Example.com:5070;a=b",
      from: "sip:alice@example.com;x=y",
      headers: "X-Foo: bar\r\nSubject: no\r\np-low: a\r\n b\r\n",
    });
    expect(engine.code).toBe("store 1");
    expect(engine.rows()).toEqual([
      {
        id: 1,
        src_addr: "sip:alice@example.com;x=y",
        dst_addr: "sip:bob@Example.com:5070;a=b",
        username: "bob",
        domain: "example.com",
        inc_time: NOW,
        exp_time: NOW + 259_200,
        snd_time: 0,
        ctype: "text/plain",
        body: Buffer.from("hello"),
        extra_hdrs: "X-Foo: bar\r\np-low: a\r\n b\r\n",
        callid: "",
        status: 0,
      },
    ]);
    expect(engine.statistic("stored_messages")).toBe(1);
  });

  it("stores for the owner that the script names", async () => {
    const engine = await SiloEngine.start();
    await engine.message({ headers: "X-Owner: sip:d%61ve@example.com;a=b\r\n" });
    expect(engine.rows()[0]).toMatchObject({ username: "dave", dst_addr: "sip:bob@example.com" });
  });

  it.each([
    ["an empty message", { body: "" }],
    ["a message without Content-Type", { type: "" }],
    ["a Request-URI without a user", { uri: "sip:example.com" }],
    ["a message that would not fit into a datagram later", { body: "x".repeat(60_001) }],
    ["an owner that is no URI", { headers: "X-Owner: bad\r\n" }],
  ])("refuses %s", async (_what, fields) => {
    const engine = await SiloEngine.start();
    await engine.message(fields);
    expect(engine.code).toBe("store -1");
    expect(engine.rows()).toEqual([]);
    expect(engine.statistic("stored_messages")).toBe(0);
  });

  it("keeps a message for as long as its sender wants, but not longer than expire_time", async () => {
    const engine = await SiloEngine.start({ "msilo.expire_time": 600 });
    for (const expires of [30, 0, 9_999_999]) {
      await engine.message({ headers: `Expires: ${expires}\r\n` });
    }
    expect(engine.rows().map((row) => Number(row["exp_time"]) - NOW)).toEqual([30, 600, 600]);
  });

  it("stores the headers of the AVP instead of those of the message", async () => {
    const engine = await SiloEngine.start({ "msilo.extra_hdrs_avp": "$avp(headers)" });
    await engine.message({ headers: "X-Stored: foo\r\n" });
    await engine.message({ headers: "X-Other: foo\r\n" });
    const kept = engine.rows().map((row) => row["extra_hdrs"]);
    expect(kept).toEqual(["X-Kept: foo\r\n", "X-Other: foo\r\n"]);
  });

  it("keeps bytes as they are, in the body and in headers", async () => {
    const engine = await SiloEngine.start();
    const bytes = Buffer.from("grüße \u{1f600}", "utf8").toString("latin1");
    const body = `${bytes}\0\xff\r\n`;
    await engine.message({ body, type: "text/html", headers: `X-Who: ${bytes}\r\n` });
    expect(engine.rows()[0]).toMatchObject({
      body: Buffer.from(body, "latin1"),
      extra_hdrs: `X-Who: ${bytes}\r\n`,
    });
    const [sent] = await engine.register();
    expect(sent?.body).toBe(body);
    expect(sent?.header("X-Who")).toBe(bytes);
  });

  it("takes no more than max_messages for one user, also when they come at once", async () => {
    const engine = await SiloEngine.start({ "msilo.max_messages": 2 });
    engine.store.hang();
    for (let i = 0; i < 4; i++) await engine.message();
    await engine.message({ to: "sip:carol@example.com" });
    engine.store.work();
    await engine.net.clock.settle();
    await engine.net.clock.settle();
    const codes = engine.notes.toSorted();
    expect(codes).toEqual(["store -1", "store -1", "store 1", "store 1", "store 1"]);
    expect(
      engine
        .rows()
        .map((row) => row["username"])
        .toSorted(),
    ).toEqual(["bob", "bob", "carol"]);
  });

  it("says no while the database is away, and yes when it is back", async () => {
    const engine = await SiloEngine.start();
    engine.store.fail();
    await engine.message();
    expect(engine.code).toBe("store -1");
    engine.store.work();
    await engine.message();
    expect([engine.code, engine.rows().length]).toEqual(["store 1", 1]);
  });

  it("answers only when the message is in the database", async () => {
    const engine = await SiloEngine.start();
    engine.store.hang();
    await engine.message();
    expect(engine.net.sent).toEqual([]);
    engine.store.work();
    await engine.net.clock.settle();
    expect(engine.net.take().map((one) => one.line)).toEqual(["SIP/2.0 202 Accepted"]);
  });
});

describe("what the sender is told", () => {
  const settings = {
    "msilo.from_address": "sip:office@$rd",
    "msilo.contact_hdr": String.raw`Contact: <sip:null@example.com>\r\n`,
    "msilo.content_type_hdr": String.raw`Content-Type: text/plain\r\n`,
    "msilo.offline_message": "*** User $rU is offline!",
    "msilo.skip_notification_flag": 18,
  };

  it("goes to the sender's Contact, from the address of the parameter", async () => {
    const engine = await SiloEngine.start(settings);
    const [notice, ...more] = await engine.message({
      headers: "Contact: <sip:alice@10.0.0.9:5062>\r\n",
    });
    expect(more).toEqual([]);
    expect(notice).toMatchObject({
      line: "MESSAGE sip:alice@10.0.0.9:5062 SIP/2.0",
      to: "10.0.0.1:5060",
      body: "*** User bob is offline!",
    });
    expect(notice?.header("From")).toMatch(/^<sip:office@example\.com>;tag=/);
    expect(notice?.header("To")).toBe("<sip:alice@example.com>");
    expect(notice?.header("Contact")).toBe("<sip:null@example.com>");
    expect(notice?.header("Content-Type")).toBe("text/plain");
    expect(await engine.answer(notice, 200)).toEqual([]);
    expect(engine.rows()).toHaveLength(1);
  });

  it("goes to From without a Contact, and with use_contact off", async () => {
    const engine = await SiloEngine.start({ ...settings, "msilo.use_contact": 0 });
    const [notice] = await engine.message({ headers: "Contact: <sip:alice@10.0.0.9>\r\n" });
    expect(notice?.line).toBe("MESSAGE sip:alice@example.com SIP/2.0");
    const other = await SiloEngine.start(settings);
    expect((await other.message())[0]?.line).toBe("MESSAGE sip:alice@example.com SIP/2.0");
  });

  it("is nothing with the flag, and when nothing has been stored", async () => {
    const engine = await SiloEngine.start(settings);
    expect(await engine.message({ headers: "X-Quiet: 1\r\n" })).toEqual([]);
    engine.store.fail();
    expect(await engine.message()).toEqual([]);
  });
});

describe("the configuration", () => {
  const store = new MemoryStore();

  it.each([
    [{ "msilo.db_url": "mysql://u:secret@h/d" }, "no driver for mysql://"],
    [{ "msilo.db_table": "silo; drop" }, "no name of a table"],
    [{ "msilo.sc_mid": "mid" }, "must be called id"],
    [
      { "msilo.from_address": "sip:a@b", "msilo.offline_message": "x" },
      "content_type_hdr must be set",
    ],
    [{ "msilo.from_address": "sip:a@b" }, "senders are told nothing"],
    [{ "msilo.snd_time_avp": "$avp(when)" }, "reminders need"],
  ])("%j: %s", async (settings, says) => {
    const { engine } = await testEngine(
      siloConfig(settings).replace(/^.*probe.*$|note\(.*\);/gm, ""),
      {
        modules: [store.module()],
        allowErrors: true,
      },
    );
    const found = engine.diagnostics.map((one) => one.message).join("\n");
    expect(found).toContain(says);
    expect(found).not.toContain("secret");
  });

  it("needs a database", async () => {
    const text = 'loadmodule "tm.so"\nloadmodule "msilo.so"\nrequest_route { m_dump(); }\n';
    const { engine } = await testEngine(text, { allowErrors: true });
    expect(engine.diagnostics.map((one) => one.message).join()).toContain("db_url must be set");
  });

  it("uses the names of table and columns that it is given", async () => {
    const names = {
      "msilo.db_table": "letters",
      "msilo.sc_body": "text_of",
      "msilo.sc_uri_user": "u",
    };
    const engine = await SiloEngine.start(names);
    await engine.message();
    expect(engine.store.rows("letters")[0]).toMatchObject({
      text_of: Buffer.from("hello"),
      u: "bob",
    });
    expect((await engine.register())[0]?.body).toContain("hello");
  });
});
