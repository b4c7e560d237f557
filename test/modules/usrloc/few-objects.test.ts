/** Engines that keep no or hardly any contacts as objects: nothing may rely on seeing the same object again. */
import { describe, expect, it } from "vitest";
import { REGINFO } from "../../../src/runtime/reginfo/document.ts";
import type { Sent } from "../../support/engine.ts";
import { summary } from "../../support/watcher.ts";
import { ALICE, ReginfoEngine } from "../pua_reginfo/harness.ts";
import { NotifierEngine } from "../reginfo/harness.ts";
import { Registrar } from "../registrar/harness.ts";
import { Kept } from "./kept.ts";

describe.each([0, 1])("with contact_cache %i", (cached) => {
  const few = { "usrloc.contact_cache": cached };
  const INSTANCE = '+sip.instance="<urn:uuid:1>"';

  it("a contact takes the place of all others with flag 4", async () => {
    const registrar = await Registrar.start(few);
    await registrar.register("<sip:a@1.1.1.1>, <sip:b@1.1.1.1>", { cseq: 1 });
    const reply = await registrar.register("<sip:b@1.1.1.1>", { cseq: 2, extra: "X-Flags: 4\r\n" });
    expect(reply?.headers("Contact")).toEqual(["<sip:b@1.1.1.1>;expires=3600"]);
    await registrar.stop();
  });

  it("a client that has been restarted loses its other flows, and nothing else", async () => {
    const registrar = await Registrar.start({ ...few, "registrar.outbound_mode": 1 });
    const flow = (uri: string, id: number) => `<sip:${uri}@1.1.1.1>;${INSTANCE};reg-id=${id}`;
    const extra = "Supported: outbound\r\n";
    await registrar.register("<sip:other@2.2.2.2>", { callId: "other" });
    await registrar.register(flow("one", 1), { callId: "old", extra });
    await registrar.register(flow("two", 2), { callId: "old", cseq: 2, extra });
    const reply = await registrar.register(flow("new", 1), { callId: "new", extra });
    const uris = [...(reply?.header("Contact") ?? "").matchAll(/<(sip:[^>]*)>/g)].map(
      ([, uri]) => uri,
    );
    expect(uris.toSorted()).toEqual(["sip:new@1.1.1.1", "sip:other@2.2.2.2"]);
    await registrar.stop();
  });

  it("answers of contacts are known to belong to them", async () => {
    const registrar = await Registrar.start({
      ...few,
      "usrloc.ka_mode": 1,
      "usrloc.timer_interval": 10,
      "usrloc.ka_timeout": 30,
    });
    await registrar.register("<sip:a@10.0.0.7:5070>", { cseq: 1 });
    await registrar.register("<sip:b@10.0.0.8:5070>", { cseq: 2 });
    for (let i = 0; i < 45; i++) {
      for (const sent of await registrar.net.advance(1000)) {
        if (sent.to !== "10.0.0.7:5070") continue;
        const names = ["Via", "From", "To", "Call-ID", "CSeq"];
        const head = names.map((name) => `${name}: ${sent.header(name)}\r\n`);
        await registrar.net.send(`SIP/2.0 200 OK\r\n${head.join("")}\r\n`, "10.0.0.7:5070");
      }
    }
    const dump = JSON.stringify(await registrar.net.rpc("ul.dump"));
    expect(dump).toContain("sip:a@10.0.0.7:5070");
    expect(dump).not.toContain("sip:b@10.0.0.8:5070");
    await registrar.stop();
  });

  it("the database has what changes, and is told when a contact goes", async () => {
    const kept = await new Kept().start(few);
    await kept.register("alice", '"One" <sip:a@1.1.1.1>;expires=600');
    await kept.register("bob", "<sip:b@1.1.1.1>;expires=600");
    await kept.register("alice", '"Two" <sip:a@1.1.1.1>;expires=600');
    const names = () => kept.store.rows("location_details").map((row) => row["display_name"]);
    expect(names()).toEqual([null, "Two"]);
    await kept.restart(few);
    await kept.register("bob", "<sip:b@1.1.1.1>;expires=0");
    expect([kept.users(), names()]).toEqual([["alice"], ["Two"]]);
    await kept.net.stop();
  });

  it("watchers are told which contact went when a client has another URI", async () => {
    const engine = await NotifierEngine.start(few);
    await engine.register(`<sip:a@10.0.0.1>;${INSTANCE}`);
    const watcher = engine.watcher();
    await watcher.subscribe();
    await engine.register("<sip:b@10.0.0.9>", { aor: "sip:bob@example.test", callId: "bob" });
    const [notify] = await engine.told(watcher, `<sip:a@10.0.0.2>;${INSTANCE}`);
    expect(summary(notify)[1]).toBe(
      `${ALICE} active; unregistered sip:a@10.0.0.1 0; refreshed sip:a@10.0.0.2 600`,
    );
    const [last] = await engine.told(watcher, "<sip:a@10.0.0.2>;expires=0");
    expect(summary(last)[1]).toBe(`${ALICE} terminated; unregistered sip:a@10.0.0.2 0`);
  });

  it("what is published tells all that happened since, each contact once", async () => {
    const engine = await ReginfoEngine.start(few);
    const [first] = await engine.register("<sip:a@1.1.1.1>;expires=600");
    await engine.register("<sip:b@1.1.1.1>;expires=600");
    await engine.register("<sip:a@1.1.1.1>;expires=0");
    const [next] = await engine.answer(first as Sent, 200, "SIP-ETag: e1\r\nExpires: 600\r\n");
    const shown = [...(next?.body ?? "").matchAll(/event="(\w+)".*?<uri>(.*?)<\/uri>/g)];
    expect(shown.map(([, event, uri]) => `${event} ${uri}`)).toEqual([
      "registered sip:b@1.1.1.1",
      "unregistered sip:a@1.1.1.1",
    ]);
  });

  it("contacts of another server change, and go with what it says", async () => {
    const engine = await ReginfoEngine.start(few);
    const subscribe = (await engine.subscribe(ALICE)) as Sent;
    await engine.accept(subscribe);
    const tell = (version: number, state: string, ...uris: string[]) => {
      const contacts = uris.map(
        (uri) =>
          `<contact id="${uri[4]}" state="active" event="registered" expires="600" callid="c" cseq="1"><uri>${uri}</uri></contact>`,
      );
      return engine.notify(
        subscribe,
        `<?xml version="1.0"?>\n<reginfo xmlns="${REGINFO}" version="${version}" state="${state}">` +
          `<registration aor="${ALICE}" id="r1" state="active">${contacts.join("")}</registration></reginfo>`,
      );
    };
    await tell(0, "full", "sip:a@9.9.9.1", "sip:b@9.9.9.2");
    await tell(1, "partial", "sip:a@9.9.9.3");
    expect((await engine.lookup()).toSorted()).toEqual([
      "lookup 1",
      "sip:a@9.9.9.3",
      "sip:b@9.9.9.2",
    ]);
    await tell(2, "full", "sip:b@9.9.9.2");
    expect(await engine.lookup()).toEqual(["lookup 1", "sip:b@9.9.9.2"]);
    await tell(3, "full");
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });
});
