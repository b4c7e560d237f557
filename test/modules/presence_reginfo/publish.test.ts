/** Registrations that are published, checked, merged and told: presence with presence_reginfo. */
import { describe, expect, it } from "vitest";
import { documentOf, summary } from "../../support/watcher.ts";
import { ALICE, PresenceServer, published } from "../presence/harness.ts";

const A = "c1 sip:a@10.0.0.1 registered 500";
const B = "c1 sip:b@10.0.0.1 registered 500";

describe("a PUBLISH", () => {
  it("is answered with Expires and an entity tag, and told to watchers", async () => {
    const server = await PresenceServer.start();
    const watcher = server.watcher();
    await watcher.subscribe();
    const { reply, tag, notifies } = await server.publish(published([A]), {}, watcher);
    expect(reply?.line).toBe("SIP/2.0 200 OK");
    expect(reply?.header("Expires")).toBe("600");
    expect(tag).toMatch(/^a\./);
    expect(notifies).toHaveLength(1);
    expect(summary(notifies[0])).toEqual([
      "1 full",
      `${ALICE} active; registered sip:a@10.0.0.1 500`,
    ]);
  });

  it("row 30: of another type is answered with 415 and Accept", async () => {
    const server = await PresenceServer.start();
    const { reply } = await server.publish("hello", { type: "text/plain" });
    expect(reply?.message.statusCode).toBe(415);
    expect(reply?.header("Accept")).toBe("application/reginfo+xml");
    const coded = await server.publish(published([A]), { extra: "Content-Encoding: gzip\r\n" });
    expect(coded.reply?.message.statusCode).toBe(415);
    expect(coded.reply?.header("Accept-Encoding")).toBe("identity");
  });

  it("row 30: that is not sound is answered with 400", async () => {
    const server = await PresenceServer.start();
    const status = async (body: string) => (await server.publish(body)).reply?.message.statusCode;
    expect(await status("<reginfo")).toBe(400);
    expect(await status("<other/>")).toBe(400);
    expect(await status(published([A]).replace("urn:ietf", "urn:other"))).toBe(400);
    expect(await status(`<!DOCTYPE a [<!ENTITY b "c">]>${published([A])}`)).toBe(400);
    expect(await status(published([A], { kind: "partial" }))).toBe(400);
    expect(await status("")).toBe(400);
    expect(await status(published(Array.from({ length: 300 }, () => A)))).toBe(400);
    expect(await server.net.rpc("presence.presentity_list")).toEqual([]);
  });

  it("row 30: about somebody else is answered with 403", async () => {
    const server = await PresenceServer.start();
    const other = await server.publish(published([A], { aor: "sip:bob@example.test" }));
    expect(other.reply?.message.statusCode).toBe(403);
    const domain = await server.publish(published([A], { aor: "sip:alice@elsewhere.org" }));
    expect(domain.reply?.message.statusCode).toBe(403);
    const same = await server.publish(published([A], { aor: "sip:%61lice@EXAMPLE.test" }));
    expect(same.reply?.message.statusCode).toBe(200);
  });

  it("row 30: with an unknown tag of any form is answered with 412", async () => {
    const server = await PresenceServer.start();
    const { tag } = await server.publish(published([A]));
    for (const wrong of ["a.1795401530.22112.2.0", "x", `${tag}x`]) {
      for (const body of [published([A]), ""]) {
        const { reply } = await server.publish(body, { tag: wrong });
        expect(reply?.message.statusCode).toBe(412);
      }
    }
    const other = await server.publish("", { tag, resource: "sip:bob@example.test" });
    expect(other.reply?.message.statusCode).toBe(412);
    expect((await server.publish("", { tag })).reply?.message.statusCode).toBe(200);
  });

  it("without Expires gets the time of the package", async () => {
    const server = await PresenceServer.start({ settings: { "presence.max_expires": 7200 } });
    expect((await server.publish(published([A]), { expires: null })).reply?.header("Expires")).toBe(
      "3761",
    );
  });
});

describe("watchers", () => {
  it("row 2: hear init for a user that nobody knows of", async () => {
    const server = await PresenceServer.start();
    const { reply, notifies } = await server.watcher().subscribe({ expires: null });
    expect(reply?.header("Expires")).toBe("3600");
    expect(summary(notifies[0])).toEqual(["0 full", `${ALICE} init`]);
  });

  it("row 9: have versions of their own", async () => {
    const server = await PresenceServer.start();
    const first = server.watcher();
    await first.subscribe();
    const { tag } = await server.publish(published([A]), {}, first);
    const second = server.watcher();
    await second.subscribe();
    await server.publish(published([B]), { tag }, first, second);
    expect(first.notifies.map((one) => documentOf(one).version)).toEqual([0, 1, 2]);
    expect(second.notifies.map((one) => documentOf(one).version)).toEqual([0, 1]);
  });

  it("row 28: hear nothing of a refresh", async () => {
    const server = await PresenceServer.start();
    const watcher = server.watcher();
    await watcher.subscribe();
    const first = await server.publish(published([A]), {}, watcher);
    const second = await server.publish("", { tag: first.tag, expires: 800 }, watcher);
    expect(second.reply?.header("Expires")).toBe("800");
    expect(second.tag).not.toBe(first.tag);
    expect(second.notifies).toEqual([]);
    expect((await server.publish("", { tag: first.tag })).reply?.message.statusCode).toBe(412);
    await watcher.subscribe({ expires: 3000 });
    const gone = await watcher.wait(801_000);
    expect(summary(gone[0])[1]).toBe(`${ALICE} terminated; expired sip:a@10.0.0.1 0`);
  });

  it("row 28, row 29: see several publishers as one registration", async () => {
    const server = await PresenceServer.start();
    const watcher = server.watcher();
    await watcher.subscribe();
    const one = await server.publish(published([A]), {}, watcher);
    const two = await server.publish(published([B]), {}, watcher);
    const merged = documentOf(two.notifies[0]);
    expect(merged.registrations).toHaveLength(1);
    const ids = merged.registrations[0]?.contacts.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(2);
    expect(summary(two.notifies[0])[1]).toBe(
      `${ALICE} active; registered sip:b@10.0.0.1 500; registered sip:a@10.0.0.1 500`,
    );
    const removed = await server.publish("", { tag: one.tag, expires: 0 }, watcher);
    expect(removed.reply?.header("Expires")).toBe("0");
    expect(summary(removed.notifies[0])[1]).toBe(
      `${ALICE} active; registered sip:b@10.0.0.1 500; unregistered sip:a@10.0.0.1 0`,
    );
    const last = await server.publish("", { tag: two.tag, expires: 0 }, watcher);
    expect(summary(last.notifies[0])[1]).toBe(`${ALICE} terminated; unregistered sip:b@10.0.0.1 0`);
    expect(summary((await watcher.subscribe()).notifies[0])[1]).toBe(`${ALICE} init`);
    expect(await server.net.rpc("presence.presentity_list")).toEqual([]);
  });

  it("see a contact that two publishers know once, as active as one of them says", async () => {
    const server = await PresenceServer.start();
    const watcher = server.watcher();
    await server.publish(published([A]));
    await server.publish(published(["x9 sip:a@10.0.0.1 unregistered 0"], { state: "terminated" }));
    await server.publish(published(["x8 sip:a@10.0.0.1 refreshed 900"]));
    const { notifies } = await watcher.subscribe();
    expect(summary(notifies[0])[1]).toBe(`${ALICE} active; refreshed sip:a@10.0.0.1 900`);
  });

  it("hear that a contact is gone when its publisher does not mention it any more", async () => {
    const server = await PresenceServer.start();
    const watcher = server.watcher();
    await watcher.subscribe();
    const { tag } = await server.publish(published([A, "c2 sip:b@10.0.0.1"]), {}, watcher);
    const { notifies } = await server.publish(published([A]), { tag }, watcher);
    expect(summary(notifies[0])[1]).toBe(
      `${ALICE} active; registered sip:a@10.0.0.1 500; unregistered sip:b@10.0.0.1 0`,
    );
  });

  it("hear of terminated once: its removal is no news", async () => {
    const server = await PresenceServer.start();
    const watcher = server.watcher();
    await watcher.subscribe();
    const first = await server.publish(published([A]), {}, watcher);
    const gone = published(["c1 sip:a@10.0.0.1 unregistered 0"], { state: "terminated" });
    const second = await server.publish(gone, { tag: first.tag }, watcher);
    expect(summary(second.notifies[0])[1]).toBe(
      `${ALICE} terminated; unregistered sip:a@10.0.0.1 0`,
    );
    const third = await server.publish("", { tag: second.tag, expires: 0 }, watcher);
    expect(third.notifies).toEqual([]);
  });

  it("that come late see lifetimes as they are by then", async () => {
    const server = await PresenceServer.start();
    await server.publish(published([A, "c2 sip:b@10.0.0.1 registered 50"]));
    await server.net.advance(100_000);
    const { notifies } = await server.watcher().subscribe();
    expect(summary(notifies[0])[1]).toBe(
      `${ALICE} active; registered sip:a@10.0.0.1 400; expired sip:b@10.0.0.1 0`,
    );
  });

  it("see the latest publication only without aggregate_presentities", async () => {
    const server = await PresenceServer.start({
      settings: { "presence_reginfo.aggregate_presentities": 0 },
    });
    const watcher = server.watcher();
    await server.publish(published([A]));
    const two = await server.publish(published([B]));
    expect(summary((await watcher.subscribe()).notifies[0])[1]).toBe(
      `${ALICE} active; registered sip:b@10.0.0.1 500`,
    );
    const { notifies } = await server.publish("", { tag: two.tag, expires: 0 }, watcher);
    expect(summary(notifies[0])[1]).toContain("active; registered sip:a@10.0.0.1");
  });
});
