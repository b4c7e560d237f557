/** m_dump: stored messages on their way to a user. */
import { describe, expect, it } from "vitest";
import type { Sent } from "../../support/engine.ts";
import { MemoryStore } from "../../support/memory-database.ts";
import { BOB, messagesIn, SiloEngine } from "./harness.ts";

const bodies = (sent: readonly Sent[]): string[] => sent.map((one) => one.body);

/** An engine in which messages of these bodies are stored for bob, without dates. */
async function filled(texts: readonly string[], settings: Record<string, string | number> = {}) {
  const engine = await SiloEngine.start({ "msilo.add_date": 0, ...settings });
  for (const body of texts) await engine.message({ body });
  return engine;
}

describe("m_dump", () => {
  it("sends a message as it was stored, with the time of its arrival", async () => {
    const engine = await SiloEngine.start({ "msilo.extra_hdrs": String.raw`X-Extra: $tu\r\n` });
    await engine.message({ headers: "X-Foo: bar\r\n", from: "sip:alice@example.com;a=b" });
    await engine.net.advance(60_000);
    const [sent] = await engine.register();
    expect(engine.code).toBe("dump 1");
    expect(sent).toMatchObject({
      line: `MESSAGE ${BOB} SIP/2.0`,
      to: "10.0.0.1:5060",
      body: "[Offline message - Tue Nov 14 22:13:20 2023] hello",
    });
    expect(sent?.header("From")).toMatch(/^<sip:alice@example\.com;a=b>;tag=\S+$/);
    expect(sent?.header("To")).toBe(`<${BOB}>`);
    const names = ["Date", "Content-Type", "X-Extra", "X-Foo", "CSeq", "Contact"];
    expect(names.map((name) => sent?.header(name))).toEqual([
      "Tue, 14 Nov 2023 22:13:20 GMT",
      "text/plain",
      BOB,
      "bar",
      "10 MESSAGE",
      "",
    ]);
  });

  it("keeps the parameters of the content type, and dates plain text only", async () => {
    const engine = await SiloEngine.start({ "msilo.add_contact": 1 });
    await engine.message({ type: "text/html;charset=utf-8", body: "<b>" });
    const [sent] = await engine.register();
    expect([sent?.header("Content-Type"), sent?.body]).toEqual(["text/html;charset=utf-8", "<b>"]);
    expect(sent?.header("Contact")).toBe("<sip:alice@example.com>;msilo=yes");
  });

  it("sends one after the other, oldest first, and deletes each when it is answered with 2xx", async () => {
    const engine = await filled(["one", "two", "three"]);
    const first = await engine.register();
    expect(bodies(first)).toEqual(["one"]);
    expect(engine.rows()).toHaveLength(3);
    const second = await engine.answer(first[0], 200);
    expect(bodies(second)).toEqual(["two"]);
    expect(engine.rows()).toHaveLength(2);
    const third = await engine.answer(second[0], 202);
    expect(await engine.answer(third[0], 200)).toEqual([]);
    expect(engine.rows()).toEqual([]);
    expect([engine.statistic("dumped_messages"), engine.statistic("failed_messages")]).toEqual([
      3, 0,
    ]);
    expect(await engine.register()).toEqual([]);
  });

  it("sends more than it reads at once", async () => {
    const texts = Array.from({ length: 230 }, (_, i) => `m${i}`);
    const engine = await filled(texts);
    expect(await engine.deliver()).toEqual(texts);
    expect(engine.rows()).toEqual([]);
  });

  it("keeps a message that is refused, goes on, and tries again at the next registration", async () => {
    const engine = await filled(["one", "two"]);
    const [one] = await engine.register();
    const [two] = await engine.answer(one, 415);
    expect(two?.body).toBe("two");
    await engine.answer(two, 200);
    expect(engine.rows()).toHaveLength(1);
    expect(await engine.deliver()).toEqual(["one"]);
    expect([engine.statistic("dumped_messages"), engine.statistic("failed_messages")]).toEqual([
      2, 1,
    ]);
  });

  it.each([408, 480, 503])("does not try the others when the answer is %i", async (status) => {
    const engine = await filled(["one", "two"]);
    const [one] = await engine.register();
    expect(await engine.answer(one, status)).toEqual([]);
    expect(engine.rows()).toHaveLength(2);
    expect(await engine.deliver()).toEqual(["one", "two"]);
  });

  it("lets the others go first after three attempts that ended at one message", async () => {
    const engine = await filled(["poison", "two", "three"]);
    for (let i = 0; i < 3; i++) {
      const [one, ...more] = await engine.register();
      expect([one?.body, more]).toEqual(["poison", []]);
      await engine.answer(one, i === 0 ? 480 : 503);
    }
    const [two] = await engine.register();
    const [three] = await engine.answer(two, 200);
    const [last] = await engine.answer(three, 200);
    expect(bodies([two, three, last] as Sent[])).toEqual(["two", "three", "poison"]);
    await engine.answer(last, 480);
    expect(engine.rows()).toHaveLength(1);
    await engine.message({ body: "four" });
    expect(await engine.deliver()).toEqual(["four", "poison"]);
    expect(engine.rows()).toEqual([]);
  });

  it("finds a user in upper and lower case, and with escapes", async () => {
    const engine = await SiloEngine.start({ "msilo.add_date": 0 });
    await engine.message({ to: "sip:B%6Fb@Example.COM" });
    expect(await engine.deliver()).toEqual(["hello"]);
  });

  it("keeps messages when nobody answers", async () => {
    const engine = await filled(["one", "two"]);
    await engine.register();
    const again = messagesIn(await engine.net.advance(40_000));
    expect(again.length).toBeGreaterThan(2);
    expect(new Set(bodies(again))).toEqual(new Set(["one"]));
    expect(engine.rows()).toHaveLength(2);
    expect(await engine.deliver()).toEqual(["one", "two"]);
  });

  it("sends nothing twice when it is called again meanwhile", async () => {
    const engine = await filled(["one", "two"]);
    const [one] = await engine.register();
    expect(await engine.register()).toEqual([]);
    expect(await engine.register()).toEqual([]);
    expect(engine.code).toBe("dump 1");
    const [two, ...more] = await engine.answer(one, 200);
    expect([two?.body, more]).toEqual(["two", []]);
    expect(await engine.answer(two, 200)).toEqual([]);
    expect(engine.rows()).toEqual([]);
  });

  it("starts anew when the user has registered again while an attempt failed", async () => {
    const engine = await filled(["one", "two"]);
    await engine.register();
    await engine.net.advance(5000);
    expect(await engine.register()).toEqual([]);
    engine.net.take();
    const later = messagesIn(await engine.net.advance(32_000));
    const calls = new Set(later.map((one) => one.header("Call-ID")));
    // The old transaction until it gives up, and one new attempt.
    expect([calls.size, new Set(bodies(later))]).toEqual([2, new Set(["one"])]);
  });

  it("sends what is stored while others are on their way, when the user is reported again", async () => {
    const engine = await filled(["one"]);
    const [one] = await engine.register();
    await engine.message({ body: "late" });
    await engine.register();
    const [late] = await engine.answer(one, 200);
    expect(late?.body).toBe("late");
    await engine.answer(late, 200);
    expect(engine.rows()).toEqual([]);
  });

  it("sends nothing twice while the database cannot delete, and deletes later", async () => {
    const engine = await filled(["one"]);
    const [one] = await engine.register();
    engine.store.fail();
    await engine.answer(one, 200);
    await engine.register();
    expect(engine.code).toBe("dump -1");
    engine.store.work();
    expect(engine.rows()).toHaveLength(1);
    expect(await engine.register()).toEqual([]);
    await engine.net.advance(61_000);
    expect(engine.rows()).toEqual([]);
  });

  it("finds after a crash what has been stored before", async () => {
    const store = new MemoryStore();
    const first = await SiloEngine.start({}, store);
    await first.message();
    store.disconnect();
    const second = await SiloEngine.start({}, store);
    expect(await second.deliver()).toEqual(["[Offline message - Tue Nov 14 22:13:20 2023] hello"]);
  });

  it("asks whose messages: the owner or To, not those of others", async () => {
    const engine = await filled(["one"]);
    const contact = "Contact: <sip:x@10.0.0.1>\r\n";
    expect(await engine.register(contact, "sip:carol@example.com")).toEqual([]);
    expect(engine.code).toBe("dump 1");
    const owner = `X-Owner: sip:bob@EXAMPLE.com;x=y\r\n`;
    expect(bodies(await engine.register(contact + owner, "sip:carol@example.com"))).toEqual([
      "one",
    ]);
    await engine.register(`${contact}X-Owner: bad\r\n`);
    expect(engine.code).toBe("dump -1");
  });

  it.each([
    ["Contact: <sip:bob@10.0.0.1>\r\nExpires: 0\r\n", -1],
    ["Contact: <sip:bob@10.0.0.1>;expires=0\r\n", -1],
    ["Contact: *\r\nExpires: 0\r\n", -1],
    ["", -1],
    ["Contact: <sip:bob@10.0.0.1>;expires=60\r\nExpires: 0\r\n", 1],
  ])("for a REGISTER with %j: %i", async (headers, code) => {
    const engine = await filled(["one"]);
    const sent = await engine.register(headers);
    expect([engine.code, sent.length]).toEqual([`dump ${code}`, code > 0 ? 1 : 0]);
  });

  it("sends nothing that has expired, and cleans it away", async () => {
    const engine = await filled([], { "msilo.check_time": 30, "msilo.clean_period": 4 });
    await engine.message({ body: "short", headers: "Expires: 20\r\n" });
    await engine.message({ body: "long" });
    await engine.net.advance(30_000);
    expect(engine.rows()).toHaveLength(2);
    const sent = await engine.register();
    expect(bodies(sent)).toEqual(["long"]);
    await engine.answer(sent[0], 480);
    await engine.net.advance(95_000);
    expect(engine.rows().map((row) => String(row["body"]))).toEqual(["long"]);
  });

  it("does not send what another program has written without usable addresses", async () => {
    const engine = await filled(["one"]);
    const good = engine.rows()[0] ?? {};
    engine.store.rows("silo");
    await engine.store.database().write([
      {
        sql: "insert into silo (src_addr, dst_addr, username, domain, exp_time, body) values (?, ?, ?, ?, ?, ?)",
        values: ["sip:a@b>\r\nX: y", BOB, "bob", "example.com", good["exp_time"] ?? 0, "evil"],
      },
    ]);
    expect(await engine.deliver()).toEqual(["one"]);
    expect(engine.rows()).toHaveLength(1);
  });
});

describe("reminders", () => {
  const settings = {
    "msilo.snd_time_avp": "$avp(when)",
    "msilo.reminder": "sip:calendar@example.com",
    "msilo.send_time": 10,
  };

  it("are sent when they are due, and not by m_dump", async () => {
    const engine = await SiloEngine.start(settings);
    await engine.message({ body: "tea", headers: "X-When: 20231114221500\r\n" });
    expect(engine.rows()[0]).toMatchObject({ snd_time: 1_700_000_100, exp_time: 1_700_259_300 });
    expect(await engine.register()).toEqual([]);
    expect(messagesIn(await engine.net.advance(99_000))).toEqual([]);
    const [sent, ...more] = messagesIn(await engine.net.advance(1400));
    expect(more).toEqual([]);
    expect(sent).toMatchObject({
      line: `MESSAGE ${BOB} SIP/2.0`,
      body: "[Reminder message - Tue Nov 14 22:15:00 2023] tea",
    });
    expect(sent?.header("From")).toMatch(/^<sip:calendar@example\.com>;tag=/);
    expect([sent?.header("Date"), sent?.header("X-When")]).toEqual(["", ""]);
    await engine.answer(sent, 200);
    expect([engine.rows(), engine.statistic("dumped_reminders")]).toEqual([[], 1]);
  });

  it("that fail are kept for the next time, and are not sent twice at once", async () => {
    const engine = await SiloEngine.start(settings);
    await engine.message({ headers: "X-When: 20200101000000\r\n" });
    const tries = messagesIn(await engine.net.advance(35_000));
    expect(new Set(tries.map((one) => one.header("Call-ID"))).size).toBe(1);
    await engine.net.advance(20_000);
    expect(engine.statistic("failed_reminders")).toBe(1);
    expect(engine.rows()).toHaveLength(1);
  });

  it("go to users with any characters", async () => {
    const engine = await SiloEngine.start(settings);
    await engine.message({ to: "sip:a%20b@example.com", headers: "X-When: 20200101000000\r\n" });
    const [sent] = messagesIn(await engine.net.advance(11_000));
    expect(sent?.line).toBe("MESSAGE sip:a%20b@example.com SIP/2.0");
  });

  it("are ordinary messages when their time cannot be read", async () => {
    const engine = await SiloEngine.start(settings);
    for (const when of ["tomorrow", "20231314000000", "20231114256199", "2023"]) {
      await engine.message({ headers: `X-When: ${when}\r\n` });
    }
    expect(engine.rows().map((row) => row["snd_time"])).toEqual([0, 0, 0, 0]);
  });
});
