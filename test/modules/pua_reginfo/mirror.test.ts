/** Following other servers: subscriptions, NOTIFYs, contacts that belong to them. */
import { describe, expect, it } from "vitest";
import { REGINFO } from "../../../src/runtime/reginfo/document.ts";
import type { Sent } from "../../support/engine.ts";
import { ALICE, ReginfoEngine } from "./harness.ts";

interface ContactFields {
  id?: string;
  state?: string;
  event?: string;
  expires?: number | null;
  attributes?: string;
  inside?: string;
}

function contact(uri: string, fields: ContactFields = {}): string {
  const { id = uri, state = "active", event = "registered", expires = 600 } = fields;
  const lifetime = expires === null ? "" : ` expires="${expires}"`;
  return (
    `<contact id="${id}" state="${state}" event="${event}"${lifetime} callid="c" cseq="1"` +
    `${fields.attributes ?? ""}><uri>${uri}</uri>${fields.inside ?? ""}</contact>`
  );
}

interface DocumentFields {
  aor?: string;
  state?: string;
  version?: number;
  kind?: string;
  extra?: string;
}

function documentOf(contacts: string, fields: DocumentFields = {}): string {
  const { aor = ALICE, state = "active", version = 0, kind = "full", extra = "" } = fields;
  return (
    `<?xml version="1.0"?>\n<reginfo xmlns="${REGINFO}"${extra} version="${version}" state="${kind}">\n` +
    `  <registration aor="${aor}" id="r1" state="${state}">\n${contacts}\n  </registration>\n</reginfo>\n`
  );
}

/** An engine that follows alice, and the SUBSCRIBE that it sent. */
async function follower(settings: Record<string, string | number> = {}) {
  const engine = await ReginfoEngine.start(settings);
  const subscribe = (await engine.subscribe(ALICE)) as Sent;
  await engine.accept(subscribe);
  return { engine, subscribe };
}

const found = (...targets: string[]) => ["lookup 1", ...targets];

describe("reginfo_subscribe", () => {
  it("sends a SUBSCRIBE through the proxy", async () => {
    const { subscribe } = await follower();
    expect([subscribe.line, subscribe.to]).toEqual([`SUBSCRIBE ${ALICE} SIP/2.0`, "10.0.0.5:5060"]);
    expect(subscribe.header("Event")).toBe("reg");
    expect(subscribe.header("Expires")).toBe("3600");
    expect(subscribe.header("From")).toMatch(/^<sip:reginfo@10.0.0.100:5060>;tag=/);
    expect(subscribe.header("Contact")).toBe("<sip:reginfo@10.0.0.100:5060>");
    expect(subscribe.header("Accept")).toBe("application/reginfo+xml");
  });

  it("row 33: uses one dialog, and ends it with 0", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9")));
    const again = await engine.subscribe(ALICE, 600);
    expect([again?.message.callId, again?.message.cseqNumber]).toEqual([
      subscribe.message.callId,
      2,
    ]);
    await engine.accept(again as Sent);
    const end = await engine.subscribe(ALICE, 0);
    expect([end?.header("Expires"), end?.message.cseqNumber]).toEqual(["0", 3]);
    await engine.accept(end as Sent, 0);
    // Kamailio repeats the state in its last NOTIFY.
    const last = documentOf(contact("sip:a@9.9.9.9"));
    await engine.notify(subscribe, last, { state: "terminated;reason=timeout", cseq: 99 });
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });

  it("refuses what is no URI", async () => {
    const engine = await ReginfoEngine.start();
    expect(await engine.subscribe("foo")).toBeUndefined();
    expect(engine.notes.at(-1)).toBe("sub -1");
  });

  it("sends nothing to end what was never begun", async () => {
    const engine = await ReginfoEngine.start();
    expect(await engine.subscribe(ALICE, 0)).toBeUndefined();
    expect(engine.notes.at(-1)).toBe("sub 1");
  });

  it("row 32, row 33: refreshes for days, and takes everything back at stop", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(""));
    let refreshes = 0;
    for (; refreshes < 50; refreshes++) await engine.accept(await engine.nextRequest());
    expect(engine.net.clock.now()).toBeGreaterThan(50 * 1_600_000);
    const stopped = engine.net.stop();
    const [last] = await engine.net.advance(1);
    expect(last?.header("Expires")).toBe("0");
    await engine.accept(last as Sent, 0);
    await stopped;
  });
});

describe("a NOTIFY", () => {
  it("row 38: brings contacts that lookup finds, with everything that is needed to reach them", async () => {
    const { engine, subscribe } = await follower();
    const attributes =
      ' q="0.7" x:path="&lt;sip:edge;lr&gt;" x:user-agent="U" x:instance="&lt;i&gt;" x:reg-id="2" x:cflags="64"';
    const body = documentOf(contact("sip:a@9.9.9.9", { attributes }), {
      extra: ' xmlns:x="urn:olelo:params:xml:ns:reginfo-ext"',
    });
    expect(await engine.notify(subscribe, body)).toEqual([200, `notify 1 200 |${ALICE}`]);
    expect(await engine.lookup()).toEqual(
      found("sip:a@9.9.9.9 dst=sip:edge;lr path=<sip:edge;lr> q=700 flags=64"),
    );
    const dump = JSON.stringify(await engine.net.rpc("ul.dump"));
    expect(dump).toContain('["Instance","<i>"]');
    expect(dump).toContain('["Reg-Id",2]');
    expect(dump).toContain(`["Source","subscription to ${ALICE}"]`);
  });

  it("row 38: of Kamailio brings received and path", async () => {
    const { engine, subscribe } = await follower();
    const attributes = ' received="sip:8.8.8.8:88" path="" user_agent="U"';
    await engine.notify(
      subscribe,
      documentOf(contact("sip:a@9.9.9.9", { event: "created", attributes })),
    );
    expect(await engine.lookup()).toEqual(found("sip:a@9.9.9.9 dst=sip:8.8.8.8:88"));
  });

  it("row 36: that is full replaces what came before; partial ones add and take away", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9") + contact("sip:b@9.9.9.9")));
    await engine.notify(subscribe, documentOf(contact("sip:b@9.9.9.9"), { version: 1 }));
    expect(await engine.lookup()).toEqual(found("sip:b@9.9.9.9"));
    await engine.notify(
      subscribe,
      documentOf(contact("sip:c@9.9.9.9"), { version: 2, kind: "partial" }),
    );
    expect(await engine.lookup()).toEqual(found("sip:b@9.9.9.9", "sip:c@9.9.9.9"));
    const gone = contact("sip:b@9.9.9.9", { state: "terminated", event: "unregistered" });
    await engine.notify(subscribe, documentOf(gone, { version: 3, kind: "partial" }));
    expect(await engine.lookup()).toEqual(found("sip:c@9.9.9.9"));
  });

  it("row 36: with a gap in its versions makes the engine ask for the full state; an old one is ignored", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9"), { version: 4 }));
    engine.net.take();
    await engine.notify(
      subscribe,
      documentOf(contact("sip:b@9.9.9.9"), { version: 7, kind: "partial" }),
    );
    const refresh = engine.net.sent.findLast((one) => one.line.startsWith("SUBSCRIBE"));
    expect(refresh?.message.cseqNumber).toBe(2);
    await engine.accept(refresh as Sent);
    await engine.notify(
      subscribe,
      documentOf(contact("sip:c@9.9.9.9"), { version: 7, kind: "partial" }),
    );
    expect(await engine.lookup()).toEqual(found("sip:a@9.9.9.9", "sip:b@9.9.9.9"));
  });

  it("row 36: that is full counts whatever its version: Kamailio's is always 0", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9"), { version: 9 }));
    await engine.notify(subscribe, documentOf(contact("sip:b@9.9.9.9")));
    expect(await engine.lookup()).toEqual(found("sip:b@9.9.9.9"));
  });

  const ends: [string, ContactFields][] = [
    ["unregistered", { state: "terminated", event: "unregistered", expires: 600 }],
    ["rejected", { state: "terminated", event: "rejected", expires: null }],
    ["expired, though active", { event: "expired" }],
    ["active with expires 0", { expires: 0 }],
    ["deactivated under a new id", { id: "new", state: "terminated", event: "deactivated" }],
  ];
  it.each(ends)("row 37: ends a contact that is %s at once", async (_what, fields) => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9")));
    const body = documentOf(contact("sip:a@9.9.9.9", fields));
    expect((await engine.notify(subscribe, body))[1]).toBe(`notify 2 200 |${ALICE}`);
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });

  it("row 37: never brings a contact that has ended", async () => {
    const { engine, subscribe } = await follower();
    const gone = contact("sip:a@9.9.9.9", {
      state: "terminated",
      event: "unregistered",
      expires: 500,
    });
    expect((await engine.notify(subscribe, documentOf(gone)))[1]).toBe(`notify 2 200 |${ALICE}`);
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });

  it("row 37: with a terminated registration ends all of it", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9") + contact("sip:b@9.9.9.9")));
    const over = documentOf("", { state: "terminated", version: 1, kind: "partial" });
    expect((await engine.notify(subscribe, over))[1]).toBe(`notify 2 200 |${ALICE}`);
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });

  it("without a body changes nothing", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9")));
    expect(await engine.notify(subscribe, "")).toEqual([200, `notify 1 200 |${ALICE}`]);
    expect(await engine.lookup()).toEqual(found("sip:a@9.9.9.9"));
  });

  it("without an expires attribute lets the contact live as long as the subscription", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9", { expires: null })), {
      state: "active;expires=100",
    });
    await engine.net.advance(99_000);
    expect(await engine.lookup()).toEqual(found("sip:a@9.9.9.9"));
    await engine.net.advance(2000);
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });
});

describe("a NOTIFY that is not believed", () => {
  const evil = documentOf(contact("sip:evil@6.6.6.6"));

  it("row 34: outside of a subscription gets 481 and changes nothing", async () => {
    const { engine, subscribe } = await follower();
    expect(await engine.notify(subscribe, evil, { callId: "other" })).toEqual([
      481,
      "notify -2 481 no-subscription|",
    ]);
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });

  it("is applied when the operator wants it so", async () => {
    const { engine, subscribe } = await follower({ "pua_reginfo.trust_any_notify": 1 });
    expect(await engine.notify(subscribe, evil, { callId: "other" })).toEqual([
      200,
      "notify 1 200 |",
    ]);
    expect(await engine.lookup()).toEqual(found("sip:evil@6.6.6.6"));
    const gone = documentOf(
      contact("sip:evil@6.6.6.6", { state: "terminated", event: "unregistered" }),
    );
    expect((await engine.notify(subscribe, gone, { callId: "other" }))[1]).toBe("notify 2 200 |");
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });

  const broken: [string, string, Record<string, unknown>, [number, string]][] = [
    ["malformed XML", "<reginfo", {}, [400, "malformed"]],
    ["a document type", `<!DOCTYPE a>${evil}`, {}, [400, "forbidden"]],
    ["another type", evil, { type: "text/plain" }, [415, "wrong-type"]],
    ["less body than it says", evil, { length: 5000 }, [400, "wrong-content-length"]],
    ["a body cut by its length", evil, { length: 40 }, [400, "malformed"]],
  ];
  it.each(broken)("row 40: has %s", async (_what, body, fields, [status, problem]) => {
    const { engine, subscribe } = await follower();
    expect(await engine.notify(subscribe, body, fields)).toEqual([
      status,
      `notify -1 ${status} ${problem}|${ALICE}`,
    ]);
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });

  it("row 40: without Content-Length is read to its end", async () => {
    const { engine, subscribe } = await follower();
    const body = documentOf(contact("sip:a@9.9.9.9"));
    expect((await engine.notify(subscribe, body, { length: null }))[0]).toBe(200);
    expect(await engine.lookup()).toEqual(found("sip:a@9.9.9.9"));
  });
});

describe("contacts of other servers", () => {
  it("row 39: are never published", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9", { expires: 60 })));
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9", { expires: 50 })));
    await engine.net.advance(70_000);
    expect(engine.net.sent.filter((one) => one.line.startsWith("PUBLISH"))).toEqual([]);
  });

  it("row 39: give way to a registration made here, and never override one", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(
      subscribe,
      documentOf(contact("sip:a@9.9.9.9", { attributes: ' q="0.1"' })),
    );
    const sent = await engine.register("<sip:a@9.9.9.9>;q=0.9");
    expect(sent.map((one) => one.line)).toEqual([`PUBLISH ${ALICE} SIP/2.0`]);
    const socket = "socket=udp:10.0.0.100:5060";
    expect(await engine.lookup()).toEqual(found(`sip:a@9.9.9.9 q=900 ${socket}`));
    await engine.notify(
      subscribe,
      documentOf(contact("sip:a@9.9.9.9", { attributes: ' q="0.2"' })),
    );
    await engine.notify(subscribe, documentOf("", { state: "terminated" }));
    expect(await engine.lookup()).toEqual(found(`sip:a@9.9.9.9 q=900 ${socket}`));
  });

  it("row 39: take the place of a registration that its client has renewed at the other server", async () => {
    const { engine, subscribe } = await follower();
    const [publish] = await engine.register("<sip:a@9.9.9.9>");
    await engine.answer(publish as Sent, 200, "SIP-ETag: e1\r\nExpires: 600\r\n");
    const there = (cseq: number): string =>
      documentOf(
        contact("sip:a@9.9.9.9").replace(
          'callid="c" cseq="1"',
          `callid="call-of-phone" cseq="${cseq}"`,
        ),
      );
    await engine.notify(subscribe, there(0));
    const kept = engine.net.sent.filter((one) => one.line.startsWith("PUBLISH"));
    expect(kept.length).toBe(1);
    await engine.notify(subscribe, there(99));
    expect(await engine.lookup()).toEqual(found("sip:a@9.9.9.9"));
    const told = engine.net.sent.filter((one) => one.line.startsWith("PUBLISH")).at(-1);
    expect(told?.body).toContain('event="unregistered"');
    await engine.notify(subscribe, documentOf("", { state: "terminated" }));
    expect(await engine.lookup()).toEqual(["lookup -1"]);
  });

  it("row 39: do not appear in what is published of a user with contacts on both sides", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9")));
    const [publish] = await engine.register("<sip:b@1.1.1.1>");
    expect(publish?.body).toContain("sip:b@1.1.1.1");
    expect(publish?.body).not.toContain("9.9.9.9");
    expect((await engine.lookup())[0]).toBe("lookup 1");
  });

  it("row 39: go with their subscription, or stay, as configured", async () => {
    for (const keep of [0, 1]) {
      const { engine, subscribe } = await follower({ "pua_reginfo.keep_contacts": keep });
      await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9")));
      await engine.notify(subscribe, "", { state: "terminated;reason=rejected" });
      expect(await engine.lookup()).toEqual(keep === 1 ? found("sip:a@9.9.9.9") : ["lookup -1"]);
    }
  });

  it("row 39: outlive a notifier that is away, until they run out; then it brings them back", async () => {
    const { engine, subscribe } = await follower();
    await engine.notify(subscribe, documentOf(contact("sip:a@9.9.9.9", { expires: 3000 })));
    await engine.answer(await engine.nextRequest(), 481);
    expect(await engine.lookup()).toEqual(found("sip:a@9.9.9.9"));
    const again = await engine.nextRequest();
    expect(again.message.callId).not.toBe(subscribe.message.callId);
    await engine.accept(again);
    await engine.notify(again, documentOf(contact("sip:b@9.9.9.9")), { cseq: 1 });
    expect(await engine.lookup()).toEqual(found("sip:b@9.9.9.9"));
  });
});
