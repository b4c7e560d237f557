/** What the notifier of registrations says: states, events, versions, full and partial documents. */
import { describe, expect, it } from "vitest";
import { documentOf, isNotify, summary } from "../../support/watcher.ts";
import { ALICE, NotifierEngine } from "./harness.ts";

const A = "<sip:a@10.0.0.1>";
const B = "<sip:b@10.0.0.1>";

describe("documents after a SUBSCRIBE", () => {
  it("row 1: come from the registrar itself, without a PUBLISH", async () => {
    const engine = await NotifierEngine.start();
    await engine.register(A);
    const { reply, notifies } = await engine.watcher().subscribe();
    expect(reply?.line).toBe("SIP/2.0 200 OK");
    expect(notifies).toHaveLength(1);
    expect(notifies[0]?.header("Content-Type")).toBe("application/reginfo+xml");
    expect(summary(notifies[0])).toEqual([
      "0 full",
      `${ALICE} active; registered sip:a@10.0.0.1 600`,
    ]);
    expect(engine.net.sent.filter((one) => one.line.startsWith("PUBLISH"))).toEqual([]);
  });

  it("row 2: say init for a user who is not registered", async () => {
    const engine = await NotifierEngine.start();
    const { notifies } = await engine.watcher().subscribe();
    expect(summary(notifies[0])).toEqual(["0 full", `${ALICE} init`]);
  });

  it("row 9: versions count from 0 in each subscription and never go back", async () => {
    const engine = await NotifierEngine.start();
    const first = engine.watcher();
    await first.subscribe();
    await engine.told(first, A);
    await engine.told(first, B);
    await first.subscribe();
    expect(first.notifies.map((one) => documentOf(one).version)).toEqual([0, 1, 2, 3]);
    const second = engine.watcher();
    await second.subscribe();
    expect(documentOf(second.notifies[0]).version).toBe(0);
  });

  it("row 10: are full, later ones carry the changed contacts only", async () => {
    const engine = await NotifierEngine.start();
    await engine.register(A);
    const watcher = engine.watcher();
    await watcher.subscribe();
    expect(summary((await engine.told(watcher, B))[0])).toEqual([
      "1 partial",
      `${ALICE} active; registered sip:b@10.0.0.1 600`,
    ]);
    expect(summary((await engine.told(watcher, A))[0])).toEqual([
      "2 partial",
      `${ALICE} active; refreshed sip:a@10.0.0.1 600`,
    ]);
    const { notifies } = await watcher.subscribe();
    expect(summary(notifies[0])).toEqual([
      "3 full",
      `${ALICE} active; registered sip:a@10.0.0.1 600; registered sip:b@10.0.0.1 600`,
    ]);
  });

  it("are always full when partial is off", async () => {
    const engine = await NotifierEngine.start({ "reginfo.partial": 0 });
    await engine.register(A);
    const watcher = engine.watcher();
    await watcher.subscribe();
    expect(summary((await engine.told(watcher, B))[0])).toEqual([
      "1 full",
      `${ALICE} active; registered sip:b@10.0.0.1 600; registered sip:a@10.0.0.1 600`,
    ]);
    expect(summary((await engine.told(watcher, A, { expires: 0 }))[0])).toEqual([
      "2 full",
      `${ALICE} active; unregistered sip:a@10.0.0.1 0; registered sip:b@10.0.0.1 600`,
    ]);
  });
});

describe("changes", () => {
  it("row 11: one NOTIFY for a REGISTER that changes several contacts", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    await watcher.subscribe();
    const notifies = await engine.told(watcher, `${A}, ${B}, <sip:c@10.0.0.1>`);
    expect(notifies).toHaveLength(1);
    expect(documentOf(notifies[0]).registrations[0]?.contacts).toHaveLength(3);
    const gone = await engine.told(watcher, "*", { expires: 0 });
    expect(gone).toHaveLength(1);
    expect(summary(gone[0])[1]).toMatch(
      /^sip:alice@example\.test terminated(; unregistered .*){3}/,
    );
  });

  it("row 12: come no faster than notify_interval; the last state wins, nothing is left out", async () => {
    const engine = await NotifierEngine.start({ "reginfo.notify_interval": 5 });
    const watcher = engine.watcher();
    await watcher.subscribe();
    expect(await engine.told(watcher, A)).toEqual([]);
    expect(await engine.told(watcher, B)).toEqual([]);
    expect(await engine.told(watcher, A)).toEqual([]);
    expect(await engine.told(watcher, B, { expires: 0 })).toEqual([]);
    expect(await watcher.wait(4900)).toEqual([]);
    const notifies = await watcher.wait(200);
    expect(notifies.map(summary)).toEqual([
      [
        "1 partial",
        `${ALICE} active; registered sip:a@10.0.0.1 595; unregistered sip:b@10.0.0.1 0`,
      ],
    ]);
    expect(await watcher.wait(20_000)).toEqual([]);
    expect(await engine.told(watcher, B)).toHaveLength(1);
  });

  it("row 13: ids are opaque, stable, and the same in a new subscription", async () => {
    const engine = await NotifierEngine.start();
    await engine.register(A);
    const watcher = engine.watcher();
    await watcher.subscribe();
    await engine.told(watcher, A);
    await engine.told(watcher, A, { expires: 0 });
    await engine.told(watcher, A);
    const registrations = watcher.notifies.map((one) => documentOf(one).registrations[0]);
    expect(new Set(registrations.map((one) => one?.id)).size).toBe(1);
    expect(new Set(registrations.map((one) => one?.contacts[0]?.id)).size).toBe(1);
    expect(registrations[0]?.id).toMatch(/^r[0-9a-z]+$/);
    expect(registrations[0]?.contacts[0]?.id).toMatch(/^c[0-9a-z]+$/);
    const other = engine.watcher();
    await other.subscribe();
    expect(documentOf(other.notifies[0]).registrations[0]?.id).toBe(registrations[0]?.id);
  });

  it("row 14: created is for contacts that no REGISTER made", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    await watcher.subscribe();
    await engine.net.rpc("ul.add", "location", "alice", "sip:x@10.0.0.9", 100, "1", "0", 0, 0, -1);
    const [notify] = await watcher.take(engine.net.take());
    expect(summary(notify)[1]).toBe(`${ALICE} active; created sip:x@10.0.0.9 100`);
    const { notifies } = await watcher.subscribe();
    expect(summary(notifies[0])[1]).toBe(`${ALICE} active; created sip:x@10.0.0.9 100`);
  });

  it("row 15: a contact that runs out is listed as expired, with the registration terminated", async () => {
    const engine = await NotifierEngine.start({ "registrar.min_expires": 0 });
    const watcher = engine.watcher();
    await watcher.subscribe();
    await engine.told(watcher, A, { expires: 30 });
    const notifies = await watcher.wait(32_000);
    expect(notifies.map(summary)).toEqual([
      ["2 partial", `${ALICE} terminated; expired sip:a@10.0.0.1 0`],
    ]);
    expect(summary((await watcher.subscribe()).notifies[0])[1]).toBe(`${ALICE} init`);
  });

  it("row 16: contacts that ended have no time left", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    await watcher.subscribe();
    await engine.told(watcher, A);
    const [notify] = await engine.told(watcher, A, { expires: 0 });
    const contact = documentOf(notify).registrations[0]?.contacts[0];
    expect(contact).toMatchObject({ isActive: false, event: "unregistered", expires: 0 });
  });

  it("row 23: are never reordered: the last NOTIFY is the present state after a thousand requests", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    await watcher.subscribe();
    // The watcher answers late: what happens meanwhile goes out in one document.
    watcher.answer = () => null;
    for (let i = 0; i < 1000; i++) {
      await engine.register(`<sip:c${i % 7}@10.0.0.1>`, { expires: i % 3 === 0 ? 0 : 600 });
    }
    const first = engine.net.sent.filter((one) => isNotify(one) && one.to === watcher.address);
    expect(first.length).toBeLessThan(12);
    watcher.answer = () => ({ code: 200 });
    await watcher.take(first.slice(-1));
    const { notifies } = await watcher.subscribe();
    const known = new Map<string, string>();
    for (const notify of watcher.notifies) {
      const document = documentOf(notify);
      if (document.isFull) known.clear();
      for (const contact of document.registrations[0]?.contacts ?? []) {
        if (contact.isActive) known.set(contact.id, contact.uri);
        else known.delete(contact.id);
      }
    }
    const listed = documentOf(notifies.at(-1)).registrations[0]?.contacts.map((one) => one.uri);
    expect([...known.values()].sort()).toEqual([...(listed ?? [])].sort());
    const cseqs = watcher.notifies.map((one) => one.message.cseqNumber);
    expect(cseqs).toEqual([...cseqs].sort((a, b) => a - b));
  });

  it("a NOTIFY waits for the answer to the one before", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    await watcher.subscribe();
    watcher.answer = () => null;
    const [second] = await engine.told(watcher, A);
    expect(await engine.told(watcher, B)).toEqual([]);
    watcher.answer = () => ({ code: 200 });
    const [third] = await watcher.take(second === undefined ? [] : [second]);
    expect(summary(third)).toEqual(["2 partial", `${ALICE} active; registered sip:b@10.0.0.1 600`]);
  });
});
