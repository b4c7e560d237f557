/** What is shown of contacts: parameters, GRUUs, texts of any kind, administrative events. */
import { describe, expect, it } from "vitest";
import { ContactInfo, type UsrlocApi } from "../../../src/modules/usrloc/spec.ts";
import type { ContactState } from "../../../src/runtime/reginfo/document.ts";
import type { Sent } from "../../support/engine.ts";
import { documentOf, summary } from "../../support/watcher.ts";
import { ALICE, NotifierEngine } from "./harness.ts";

const A = "<sip:a@10.0.0.1>";
const INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"';

function contactsOf(notify: Sent | undefined): readonly ContactState[] {
  return documentOf(notify).registrations[0]?.contacts ?? [];
}

describe("an operator", () => {
  async function watched(contacts = `${A}, <sip:b@10.0.0.1>`, settings = {}) {
    const engine = await NotifierEngine.start(settings);
    await engine.register(contacts);
    const watcher = engine.watcher();
    await watcher.subscribe();
    const rpc = async (command: string, ...args: (string | number)[]) => {
      await engine.net.rpc(command, ...args);
      return watcher.take(engine.net.take());
    };
    return { engine, watcher, rpc };
  }

  it("row 17: takes contacts away with the event of choice", async () => {
    const { rpc, watcher } = await watched();
    const [one] = await rpc("reginfo.reject", "location", "alice", "sip:b@10.0.0.1");
    expect(summary(one)[1]).toBe(`${ALICE} active; rejected sip:b@10.0.0.1 0`);
    const [rest] = await rpc("reginfo.probation", "location", "alice", 90);
    expect(summary(rest)[1]).toBe(`${ALICE} terminated; probation sip:a@10.0.0.1 0`);
    expect(contactsOf(rest)[0]?.retryAfter).toBe(90);
    expect(rest?.body).toContain('retry-after="90"');
    expect(summary((await watcher.subscribe()).notifies[0])[1]).toBe(`${ALICE} init`);
  });

  it("row 17: shortens lifetimes", async () => {
    const { engine, rpc, watcher } = await watched();
    const [one] = await rpc("reginfo.shorten", "location", "alice", 40, "sip:a@10.0.0.1");
    expect(summary(one)).toEqual(["1 partial", `${ALICE} active; shortened sip:a@10.0.0.1 40`]);
    const full = summary((await watcher.subscribe()).notifies[0])[1];
    expect(full).toContain("shortened sip:a@10.0.0.1 40");
    expect(full).toContain("registered sip:b@10.0.0.1 600");
    const gone = await watcher.wait(42_000);
    expect(summary(gone[0])[1]).toBe(`${ALICE} active; expired sip:a@10.0.0.1 0`);
    await expect(engine.net.rpc("reginfo.shorten", "location", "alice", 5000)).rejects.toThrow(
      "No such contact",
    );
  });

  it("row 17: deactivates, which is also what other removals are called", async () => {
    const { rpc } = await watched();
    const [one] = await rpc("reginfo.deactivate", "location", "alice", "sip:b@10.0.0.1");
    expect(summary(one)[1]).toBe(`${ALICE} active; deactivated sip:b@10.0.0.1 0`);
    const [two] = await rpc("ul.rm", "location", "alice");
    expect(summary(two)[1]).toBe(`${ALICE} terminated; deactivated sip:a@10.0.0.1 0`);
    const other = await watched(A, { "reginfo.admin_event": "unregistered" });
    const [three] = await other.rpc("ul.rm", "location", "alice");
    expect(summary(three)[1]).toBe(`${ALICE} terminated; unregistered sip:a@10.0.0.1 0`);
  });

  it("ends subscriptions", async () => {
    const { engine, rpc } = await watched();
    const [last] = await rpc("reginfo.end", ALICE, "noresource");
    expect(last?.header("Subscription-State")).toBe("terminated;reason=noresource");
    await expect(engine.net.rpc("reginfo.end", ALICE)).rejects.toThrow("No such subscription");
    await expect(engine.net.rpc("reginfo.end", ALICE, "because")).rejects.toThrow("No such reason");
  });

  it("is told when something is missing or not there", async () => {
    const { engine } = await watched();
    await expect(engine.net.rpc("reginfo.reject", "location")).rejects.toThrow("Too few");
    await expect(engine.net.rpc("reginfo.reject", "location", "bob")).rejects.toThrow(
      "No such contact",
    );
    await expect(engine.net.rpc("reginfo.probation", "location", "alice", "x")).rejects.toThrow(
      "no whole number",
    );
  });

  it("sees subscriptions", async () => {
    const { engine, watcher } = await watched();
    const [one] = (await engine.net.rpc("reginfo.list")) as { entries: [string, unknown][] }[];
    expect(Object.fromEntries(one?.entries ?? [])).toMatchObject({
      resource: ALICE,
      watcher: ALICE,
      state: "active",
      expires: 600,
      version: 1,
      callid: watcher.callId,
    });
  });
});

describe("a contact", () => {
  it("row 18: is shown with q, Call-ID, CSeq, name and age", async () => {
    const engine = await NotifierEngine.start();
    await engine.register('"Alice & Co" <sip:a@10.0.0.1>;q=0.5', { callId: "c1", cseq: 7 });
    await engine.net.advance(30_000);
    const { notifies } = await engine.watcher().subscribe();
    expect(contactsOf(notifies[0])[0]).toMatchObject({
      q: 500,
      callId: "c1",
      cseq: 7,
      displayName: "Alice & Co",
      durationRegistered: 30,
      expires: 570,
    });
    expect(notifies[0]?.body).toContain('q="0.5');
    expect(notifies[0]?.body).toContain("<display-name>Alice &amp; Co</display-name>");
  });

  it("row 19: shows its feature tags, quotes included", async () => {
    const engine = await NotifierEngine.start();
    const features = `${INSTANCE};reg-id=1;audio;methods="INVITE, BYE";+g.3gpp.icsi-ref="urn%3Aurn-7"`;
    await engine.register(`${A};${features}`, { extra: "Supported: path\r\n" });
    const { notifies } = await engine.watcher().subscribe();
    const params = contactsOf(notifies[0])[0]?.unknownParams ?? [];
    expect(Object.fromEntries(params.map(({ name, value }) => [name, value]))).toMatchObject({
      "+sip.instance": '"<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"',
      audio: "",
      "+g.3gpp.icsi-ref": '"urn%3Aurn-7"',
    });
    const plain = await NotifierEngine.start({ "reginfo.unknown_params": 0 });
    await plain.register(`${A};${features}`);
    expect((await plain.watcher().subscribe()).notifies[0]?.body).not.toContain("unknown-param");
  });

  it("row 20: shows GRUUs of clients that support them, temporary ones to the user alone", async () => {
    const engine = await NotifierEngine.start();
    const supported = { extra: "Supported: gruu\r\n" };
    await engine.register(`${A};${INSTANCE}`, { callId: "g", cseq: 3, ...supported });
    await engine.register(`${A};${INSTANCE}`, { callId: "g", cseq: 4, ...supported });
    const own = (await engine.watcher().subscribe()).notifies[0];
    const gruu = `${ALICE};gr=urn:uuid:00000000-0000-1000-8000-000a95a0e128`;
    expect(contactsOf(own)[0]).toMatchObject({ publicGruu: gruu, firstCseq: 3, cseq: 4 });
    expect(contactsOf(own)[0]?.temporaryGruu).toMatch(/^sip:uloc-.*@example\.test;gr$/);
    const other = engine.watcher(ALICE, "sip:bob@example.test");
    const seen = (await other.subscribe({ extra: "X-Trusted: 1\r\n" })).notifies[0];
    expect(contactsOf(seen)[0]).toMatchObject({ publicGruu: gruu, temporaryGruu: undefined });

    await engine.register(`${A};${INSTANCE}`, { callId: "new", cseq: 1, ...supported });
    expect(contactsOf((await engine.watcher().subscribe()).notifies[0])[0]?.firstCseq).toBe(1);
    await engine.register(`${A};${INSTANCE}`, { callId: "new", cseq: 2 });
    const without = (await engine.watcher().subscribe()).notifies[0];
    expect(contactsOf(without)[0]).toMatchObject({ publicGruu: undefined });
  });

  it("row 21: may have any text", async () => {
    const engine = await NotifierEngine.start({
      "registrar.contact_max_size": 5000,
      "reginfo.extension": 2,
    });
    const long = "x".repeat(4000);
    const uri = `sip:a@10.0.0.1;x=a&b;y='%3C${long}`;
    await engine.register(`"J\xc3\xbcrgen <\\"1\\">" <${uri}>`, {
      callId: "a<b>&'c@h",
      extra: 'User-Agent: caf\xe9 "2"\r\n',
    });
    const { notifies } = await engine.watcher().subscribe();
    const [contact] = contactsOf(notifies[0]);
    expect(contact?.uri).toBe(uri);
    expect(contact?.callId).toBe("a<b>&'c@h");
    expect(contact?.displayName).toBe('J\xc3\xbcrgen <"1">');
    // Latin1 from an old client is sent as UTF-8.
    expect(contact?.userAgent).toBe('caf\xc3\xa9 "2"');
  });

  it("row 22: that has no end is shown without expires, or with what is configured", async () => {
    const permanent = async (settings: Record<string, number>) => {
      const engine = await NotifierEngine.start(settings);
      await engine.net.rpc("ul.add", "location", "alice", "sip:p@10.0.0.9", 0, "1", "0", 0, 0, -1);
      return (await engine.watcher().subscribe()).notifies[0];
    };
    expect((await permanent({}))?.body).not.toContain("expires=");
    const [contact] = contactsOf(await permanent({}));
    expect(contact).toMatchObject({ isActive: true, expires: -1 });
    expect(contactsOf(await permanent({ "reginfo.permanent_expires": 7200 }))[0]?.expires).toBe(
      7200,
    );
  });

  it("shows Path and received address only to those that are meant to see them", async () => {
    const show = async (extension: number, extra: string) => {
      const engine = await NotifierEngine.start({
        "reginfo.extension": extension,
        "registrar.use_path": 1,
      });
      await engine.register(A, { extra: "Path: <sip:edge@10.0.0.7;lr>\r\nSupported: path\r\n" });
      const { notifies } = await engine.watcher().subscribe({ extra });
      return contactsOf(notifies[0])[0]?.path;
    };
    expect(await show(1, "")).toBeUndefined();
    expect(await show(1, "X-Trusted: 1\r\n")).toBe("<sip:edge@10.0.0.7;lr>");
    expect(await show(2, "")).toBe("<sip:edge@10.0.0.7;lr>");
    expect(await show(0, "X-Trusted: 1\r\n")).toBeUndefined();
  });

  it("that another server has is shown with foreign_contacts only", async () => {
    for (const [shown, count] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const engine = await NotifierEngine.start({ "reginfo.foreign_contacts": shown });
      const watcher = engine.watcher();
      await watcher.subscribe();
      const location = engine.net.engine.services.api("usrloc") as UsrlocApi;
      const info = new ContactInfo();
      info.uri = "sip:far@10.0.0.9";
      info.expires = location.now() + 100;
      info.owner = { label: "a test" };
      location.table("location").insert("alice", info);
      expect(await watcher.take(engine.net.take())).toHaveLength(count);
      const { notifies } = await watcher.subscribe();
      expect(contactsOf(notifies[0])).toHaveLength(count);
    }
  });

  it("with another URI is another one: the old id ends, a new one begins", async () => {
    const engine = await NotifierEngine.start();
    await engine.register(`${A};${INSTANCE}`);
    const watcher = engine.watcher();
    const before = contactsOf((await watcher.subscribe()).notifies[0])[0];
    const [notify] = await engine.told(watcher, `<sip:a@10.0.0.2>;${INSTANCE}`);
    expect(summary(notify)[1]).toBe(
      `${ALICE} active; unregistered sip:a@10.0.0.1 0; refreshed sip:a@10.0.0.2 600`,
    );
    expect(contactsOf(notify)[0]?.id).toBe(before?.id);
    expect(contactsOf(notify)[1]?.id).not.toBe(before?.id);
  });
});
