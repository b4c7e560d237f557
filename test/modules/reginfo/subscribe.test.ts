/** Who may watch registrations and for how long: the answers to SUBSCRIBE. */
import { describe, expect, it } from "vitest";
import type { Sent } from "../../support/engine.ts";
import { documentOf, summary, Watcher } from "../../support/watcher.ts";
import { ALICE, NotifierEngine } from "./harness.ts";

const A = "<sip:a@10.0.0.1>";
const TRUSTED = "X-Trusted: 1\r\n";

describe("a SUBSCRIBE", () => {
  it("makes a dialog with tag, Contact, route and the time granted", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    const extra =
      "Record-Route: <sip:10.0.0.61;lr>, <sip:10.0.0.62;lr>\r\nRecord-Route: <sip:10.0.0.63;lr>\r\n";
    await engine.net.send(watcher.request({ extra }), watcher.address);
    const [reply, notify] = engine.net.sent as [Sent, Sent];
    expect(reply.line).toBe("SIP/2.0 200 OK");
    expect(reply.header("Expires")).toBe("600");
    expect(reply.header("Contact")).toBe("<sip:reginfo@10.0.0.100:5060>");
    expect(reply.headers("Record-Route")).toHaveLength(2);
    expect(reply.message.toTag).not.toBe("");
    expect(notify.line).toBe(`NOTIFY sip:w@${watcher.address} SIP/2.0`);
    expect(notify.to).toBe("10.0.0.61:5060");
    expect(notify.header("Route")).toBe(
      "<sip:10.0.0.61;lr>, <sip:10.0.0.62;lr>, <sip:10.0.0.63;lr>",
    );
    expect(notify.message.fromTag).toBe(reply.message.toTag);
    expect(notify.header("From")).toContain(`<${ALICE}>`);
    expect(notify.message.toTag).toBe(watcher.tag);
    expect(notify.header("CSeq")).toBe("1 NOTIFY");
    expect(notify.header("Subscription-State")).toBe("active;expires=600");
    expect(notify.header("Event")).toBe("reg");
  });

  it("row 3: for a foreign domain is answered with 404", async () => {
    const engine = await NotifierEngine.start();
    const { reply, notifies } = await engine.watcher("sip:alice@elsewhere.org").subscribe();
    expect(reply?.message.statusCode).toBe(404);
    expect(notifies).toEqual([]);
    const noUser = await engine.watcher("sip:example.test").subscribe();
    expect(noUser.reply?.message.statusCode).toBe(404);
  });

  it("row 4: is for one's own address of record, unless the script allows more", async () => {
    const engine = await NotifierEngine.start();
    const status = async (from: string, extra = "") =>
      (await engine.watcher(ALICE, from).subscribe({ extra })).reply?.message.statusCode;
    expect(await status(ALICE)).toBe(200);
    expect(await status("sip:Alice@other.test")).toBe(200);
    expect(await status("sip:bob@example.test")).toBe(403);
    expect(await status("sip:alice@elsewhere.org")).toBe(403);
    expect(await status("sip:bob@example.test", TRUSTED)).toBe(200);
    expect(await status("sip:bob@example.test", `X-Identity: ${ALICE}\r\n`)).toBe(200);
    expect(await status(ALICE, "X-Identity: sip:bob@example.test\r\n")).toBe(403);
  });

  it("is open to everybody with policy any", async () => {
    const engine = await NotifierEngine.start({ "reginfo.policy": "any" });
    const { reply } = await engine.watcher(ALICE, "sip:x@elsewhere.org").subscribe();
    expect(reply?.message.statusCode).toBe(200);
  });

  it("row 5: without Expires is granted 3761 seconds", async () => {
    const engine = await NotifierEngine.start();
    const { reply, notifies } = await engine.watcher().subscribe({ expires: null });
    expect(reply?.header("Expires")).toBe("3761");
    expect(notifies[0]?.header("Subscription-State")).toBe("active;expires=3761");
  });

  it("row 6: for too short a time is answered with 423, a long one is shortened", async () => {
    const engine = await NotifierEngine.start({ "reginfo.max_expires": 1000 });
    const { reply } = await engine.watcher().subscribe({ expires: 20 });
    expect(reply?.message.statusCode).toBe(423);
    expect(reply?.header("Min-Expires")).toBe("60");
    const long = await engine.watcher().subscribe({ expires: 5000 });
    expect(long.reply?.header("Expires")).toBe("1000");
    const bad = await engine.watcher().subscribe({ expires: "soon" });
    expect(bad.reply?.message.statusCode).toBe(400);
  });

  it("row 7: that does not accept such documents is answered with 406", async () => {
    const engine = await NotifierEngine.start();
    const status = async (accept: string) =>
      (await engine.watcher().subscribe({ extra: `Accept: ${accept}\r\n` })).reply?.message
        .statusCode;
    expect(await status("application/pidf+xml")).toBe(406);
    expect(await status("text/*, application/xml")).toBe(406);
    expect(await status("application/reginfo+xml;q=0")).toBe(406);
    expect(await status("application/pidf+xml, Application/RegInfo+XML;v=1")).toBe(200);
    expect(await status("application/*")).toBe(200);
    expect(await status("*/*;q=0.1")).toBe(200);
  });

  it("row 8: with an Event id gets it back in NOTIFYs", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    const { reply, notifies } = await watcher.subscribe({ event: "reg;id=77" });
    expect(reply?.message.statusCode).toBe(200);
    expect(notifies[0]?.header("Event")).toBe("reg;id=77");
    const other = await watcher.subscribe({ event: "reg;id=78" });
    expect(other.reply?.message.statusCode).toBe(481);
    const same = await watcher.subscribe({ event: "reg;id=77" });
    expect(same.reply?.message.statusCode).toBe(200);
  });

  it("for another event is answered with 489 and Allow-Events", async () => {
    const engine = await NotifierEngine.start();
    for (const event of ["presence", null, "re g"]) {
      const { reply } = await engine.watcher().subscribe({ event });
      expect(reply?.message.statusCode).toBe(489);
      expect(reply?.header("Allow-Events")).toBe("reg");
    }
  });

  it("that is not in order is answered with 400, an unknown extension with 420", async () => {
    const engine = await NotifierEngine.start();
    const noContact = await engine.watcher().subscribe({ contact: null });
    expect(noContact.reply?.message.statusCode).toBe(400);
    const star = await engine.watcher().subscribe({ contact: "*" });
    expect(star.reply?.message.statusCode).toBe(400);
    const folded = await engine.watcher().subscribe({ contact: "<sip:a\r\n b@10.0.0.1>" });
    expect(folded.reply?.message.statusCode).toBe(400);
    const id = await engine.watcher().subscribe({ event: 'reg;id="a\r\n b"' });
    expect(id.reply?.message.statusCode).toBe(400);
    const required = await engine.watcher().subscribe({ extra: "Require: eventlist, x\r\n" });
    expect(required.reply?.message.statusCode).toBe(420);
    expect(required.reply?.header("Unsupported")).toBe("eventlist, x");
  });

  it("in a dialog that is not known is answered with 481", async () => {
    const engine = await NotifierEngine.start();
    const { reply } = await engine.watcher().subscribe({ toTag: "unknown" });
    expect(reply?.message.statusCode).toBe(481);
    const watcher = engine.watcher();
    await watcher.subscribe();
    const stranger = await watcher.subscribe({ fromTag: "stranger" });
    expect(stranger.reply?.message.statusCode).toBe(481);
  });

  it("that comes again is answered again, without another subscription", async () => {
    const engine = await NotifierEngine.start();
    for (const extra of ["", "X-No-Transaction: 1\r\n"]) {
      const watcher = engine.watcher();
      const text = watcher.request({ extra });
      const first = await engine.net.send(text, watcher.address);
      const again = await engine.net.send(text, watcher.address);
      expect(first.map((one) => one.message.statusCode)).toEqual([200, 0]);
      expect(again.map((one) => one.message.statusCode)).toEqual([200]);
      expect(again[0]?.message.toTag).toBe(first[0]?.message.toTag);
      await watcher.take(first);
    }
    expect(await engine.net.rpc("reginfo.list")).toHaveLength(2);
  });

  it("that comes on two ways is taken once", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    const text = watcher.request();
    await watcher.take(await engine.net.send(text, watcher.address));
    const other = text.replace("branch=", "branch=z9hG4bKother");
    const again = await engine.net.send(other, watcher.address);
    expect(again.map((one) => one.message.statusCode)).toEqual([482]);
  });

  it("is refused with 503 when there is no room", async () => {
    const engine = await NotifierEngine.start({ "reginfo.max_subscriptions": 1 });
    await engine.watcher().subscribe();
    const { reply } = await engine.watcher().subscribe();
    expect(reply?.message.statusCode).toBe(503);
    expect(reply?.header("Retry-After")).toBe("60");
    expect((await engine.watcher().subscribe({ expires: 0 })).reply?.message.statusCode).toBe(200);
  });
});

describe("a subscription", () => {
  it("is refreshed in its dialog, with a new target", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    await watcher.subscribe({ expires: 100 });
    await watcher.wait(60_000);
    const { reply, notifies } = await watcher.subscribe({
      expires: 200,
      contact: `<sip:moved@${watcher.address};x=1>`,
      uri: "sip:reginfo@10.0.0.100:5060",
    });
    expect(reply?.header("Expires")).toBe("200");
    expect(notifies[0]?.line).toBe(`NOTIFY sip:moved@${watcher.address};x=1 SIP/2.0`);
    expect(notifies[0]?.header("CSeq")).toBe("2 NOTIFY");
    expect(summary(notifies[0])).toEqual(["1 full", `${ALICE} init`]);
    expect(await watcher.wait(150_000)).toEqual([]);
  });

  it("with an older CSeq is refused with 500", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    await watcher.subscribe({ cseq: 5 });
    const { reply } = await watcher.subscribe({ cseq: 4 });
    expect(reply?.message.statusCode).toBe(500);
  });

  it("ends at its time, with a last NOTIFY", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    await watcher.subscribe({ expires: 100 });
    const notifies = await watcher.wait(101_000);
    expect(notifies.map((one) => one.header("Subscription-State"))).toEqual([
      "terminated;reason=timeout",
    ]);
    expect(documentOf(notifies[0]).isFull).toBe(true);
    expect((await watcher.subscribe()).reply?.message.statusCode).toBe(481);
    expect(await engine.told(watcher, A)).toEqual([]);
  });

  it("is ended by Expires 0, with the full state", async () => {
    const engine = await NotifierEngine.start();
    await engine.register(A);
    const watcher = engine.watcher();
    await watcher.subscribe();
    const { reply, notifies } = await watcher.subscribe({ expires: 0 });
    expect(reply?.header("Expires")).toBe("0");
    expect(notifies[0]?.header("Subscription-State")).toBe("terminated;reason=timeout");
    expect(summary(notifies[0])).toEqual([
      "1 full",
      `${ALICE} active; registered sip:a@10.0.0.1 600`,
    ]);
    expect(await engine.net.rpc("reginfo.list")).toEqual([]);
  });

  it("with Expires 0 from the start is one look at the state", async () => {
    const engine = await NotifierEngine.start();
    await engine.register(A);
    const watcher = engine.watcher();
    const { reply, notifies } = await watcher.subscribe({ expires: 0 });
    expect(reply?.header("Expires")).toBe("0");
    expect(notifies.map((one) => one.header("Subscription-State"))).toEqual([
      "terminated;reason=timeout",
    ]);
    expect(summary(notifies[0])[1]).toContain("active");
    expect(await engine.told(watcher, "<sip:b@10.0.0.1>")).toEqual([]);
  });

  it("is known to the script", async () => {
    const engine = await NotifierEngine.start();
    const ask = async () =>
      (
        await engine.net.send(
          `OPTIONS ${ALICE} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK${engine.net.sent.length}\r\n` +
            "From: <sip:x@y>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\n\r\n",
        )
      )[0]?.message.statusCode;
    expect(await ask()).toBe(404);
    await engine.watcher().subscribe();
    expect(await ask()).toBe(200);
  });

  it("is told to come back when the engine stops", async () => {
    const engine = await NotifierEngine.start();
    const watcher = engine.watcher();
    await watcher.subscribe();
    await engine.net.stop();
    expect(engine.net.take().map((one) => one.header("Subscription-State"))).toEqual([
      "terminated;reason=probation;retry-after=10",
    ]);
  });
});

describe("row 42: the extensions of RFC 5839 and RFC 6446, and a whole domain", () => {
  it("a watcher that knows the state gets 204 and no NOTIFY (RFC 5839)", async () => {
    const engine = await NotifierEngine.start();
    await engine.register(A);
    const watcher = engine.watcher();
    const { notifies } = await watcher.subscribe();
    const tag = notifies[0]?.header("SIP-ETag") ?? "";
    expect(tag).not.toBe("");
    const known = await watcher.subscribe({ extra: `Suppress-If-Match: ${tag}\r\n` });
    expect(known.reply?.message.statusCode).toBe(204);
    expect(known.notifies).toEqual([]);
    const [change] = await engine.told(watcher, A);
    expect(change?.header("SIP-ETag")).not.toBe(tag);
    const stale = await watcher.subscribe({ extra: `Suppress-If-Match: ${tag}\r\n` });
    expect(stale.reply?.message.statusCode).toBe(200);
    expect(stale.notifies).toHaveLength(1);
    const any = await watcher.subscribe({ expires: 0, extra: "Suppress-If-Match: *\r\n" });
    expect(any.reply?.message.statusCode).toBe(204);
    expect(any.notifies).toEqual([]);
    expect(await engine.net.rpc("reginfo.list")).toEqual([]);
  });

  it("a new subscription of such a watcher gets a NOTIFY without the document", async () => {
    const engine = await NotifierEngine.start();
    await engine.register(A);
    const first = await engine.watcher().subscribe();
    const tag = first.notifies[0]?.header("SIP-ETag") ?? "";
    const { reply, notifies } = await engine
      .watcher()
      .subscribe({ extra: `Suppress-If-Match: ${tag}\r\n` });
    expect(reply?.message.statusCode).toBe(200);
    expect(notifies[0]?.body).toBe("");
    expect(notifies[0]?.header("Content-Type")).toBe("");
    expect(notifies[0]?.header("SIP-ETag")).toBe(tag);
  });

  it("max-rate makes NOTIFYs rarer, min-rate makes them come without a change (RFC 6446)", async () => {
    const engine = await NotifierEngine.start();
    const slow = engine.watcher();
    const { notifies } = await slow.subscribe({ event: "reg;max-rate=0.1" });
    expect(notifies[0]?.header("Subscription-State")).toBe("active;expires=600;max-rate=0.1");
    expect(await engine.told(slow, A)).toEqual([]);
    expect(await slow.wait(9000)).toEqual([]);
    expect(await slow.wait(1500)).toHaveLength(1);

    const fast = engine.watcher();
    const first = await fast.subscribe({ event: "reg;min-rate=0.05" });
    expect(first.notifies[0]?.header("Subscription-State")).toContain(";min-rate=0.05");
    const regular = await fast.wait(61_000);
    expect(regular).toHaveLength(3);
    expect(regular.every((one) => documentOf(one).isFull)).toBe(true);
  });

  it("all users of a domain are watched with one subscription", async () => {
    const engine = await NotifierEngine.start({ "reginfo.domain_resource": "all" });
    await engine.register(A);
    await engine.register("<sip:b@10.0.0.1>", { aor: "sip:bob@example.test", callId: "b" });
    const all = new Watcher(engine.net, "sip:all@example.test", "sip:admin@example.test");
    expect((await all.subscribe()).reply?.message.statusCode).toBe(403);
    const watcher = new Watcher(engine.net, "sip:all@example.test", "sip:admin@example.test");
    const { notifies } = await watcher.subscribe({ extra: TRUSTED });
    expect(summary(notifies[0])).toEqual([
      "0 full",
      "sip:alice@example.test active; registered sip:a@10.0.0.1 600",
      "sip:bob@example.test active; registered sip:b@10.0.0.1 600",
    ]);
    const [gone] = await engine.told(watcher, "<sip:b@10.0.0.1>", {
      aor: "sip:bob@example.test",
      callId: "b",
      expires: 0,
    });
    expect(summary(gone)).toEqual([
      "1 partial",
      "sip:bob@example.test terminated; unregistered sip:b@10.0.0.1 0",
    ]);
  });

  it("the users of other domains do not belong to it when addresses have domains", async () => {
    const engine = await NotifierEngine.start({
      "reginfo.domain_resource": "all",
      "usrloc.use_domain": 1,
    });
    const other = { aor: "sip:alice@other.test", callId: "o" };
    await engine.register(A);
    await engine.register("<sip:o@10.0.0.1>", other);
    const watcher = new Watcher(engine.net, "sip:all@example.test", "sip:admin@example.test");
    const { notifies } = await watcher.subscribe({ extra: TRUSTED });
    expect(summary(notifies[0])).toEqual([
      "0 full",
      "sip:alice@example.test active; registered sip:a@10.0.0.1 600",
    ]);
    expect(await engine.told(watcher, "<sip:o@10.0.0.2>", other)).toEqual([]);
    expect(await engine.told(watcher, "<sip:a@10.0.0.2>")).toHaveLength(1);
    const own = new Watcher(engine.net, "sip:alice@other.test", "sip:alice@example.test");
    expect((await own.subscribe()).reply?.message.statusCode).toBe(403);
  });

  it("a document that grows too long is continued in the next NOTIFY", async () => {
    const engine = await NotifierEngine.start({
      "reginfo.domain_resource": "all",
      "reginfo.max_domain_body": 1500,
    });
    for (let i = 0; i < 20; i++) {
      const aor = `sip:u${i}@example.test`;
      await engine.register(`<sip:c${i}@10.0.0.1>`, { aor, callId: `u${i}` });
    }
    const watcher = new Watcher(engine.net, "sip:all@example.test", "sip:admin@example.test");
    const { notifies } = await watcher.subscribe({ extra: TRUSTED });
    expect(notifies.length).toBeGreaterThan(4);
    expect(notifies.map((one) => documentOf(one).isFull)).toEqual(
      notifies.map((_one, index) => index === 0),
    );
    const aors = notifies.flatMap((one) => documentOf(one).registrations.map(({ aor }) => aor));
    expect(new Set(aors).size).toBe(20);
    expect(aors).toHaveLength(20);
    expect(notifies.every((one) => one.body.length < 3000)).toBe(true);
  });
});
