/** Publications: the life of an ETag, one request at a time, recovery from every kind of failure. */
import { describe, expect, it } from "vitest";
import type { PublicationSource } from "../../../src/modules/pua/api.ts";
import { EventPublisher } from "../../../src/modules/pua/publisher.ts";
import type { PuaSurroundings } from "../../../src/modules/pua/surroundings.ts";
import { FakeTm } from "./fake-tm.ts";
import { surroundings } from "./surroundings.ts";

const ALICE = "sip:alice@example.test";

function setup(settings: Partial<PuaSurroundings> = {}) {
  const made = surroundings(settings);
  const state = { body: "one", lifetime: 600, ended: 0, accepted: 0 };
  const source: PublicationSource = {
    body: (_publication, version) => `${state.body}/${version}`,
    lifetime: () => state.lifetime,
    accepted: () => state.accepted++,
    ended: () => state.ended++,
  };
  const publisher = new EventPublisher(
    {
      event: "reg",
      contentType: "application/x",
      source,
      nextHop: "sip:proxy",
      countsVersions: true,
      idPrefix: "TEST.",
    },
    made.around,
  );
  const change = (body: string): void => {
    state.body = body;
    publisher.publish("k", ALICE);
  };
  return { ...made, state, publisher, change };
}

const header = FakeTm.header;
const ok = (tag: string, expires = 600) => `SIP-ETag: ${tag}\r\nExpires: ${expires}\r\n`;

describe("a publication", () => {
  it("begins with a body and without an entity-tag", () => {
    const { tm, change } = setup();
    change("one");
    const { last } = tm;
    expect([last.method, last.uri, last.body, last.nextHop]).toEqual([
      "PUBLISH",
      ALICE,
      "one/0",
      "sip:proxy",
    ]);
    expect(header(last, "Event")).toBe("reg");
    expect(header(last, "Expires")).toBe("600");
    expect(header(last, "Content-Type")).toBe("application/x");
    expect(header(last, "SIP-If-Match")).toBe("");
  });

  it("has one request on its way, and the newest state after it", () => {
    const { tm, change, state } = setup();
    change("one");
    change("two");
    change("three");
    expect(tm.requests).toHaveLength(1);
    tm.answer(200, ok("a"));
    expect(tm.requests).toHaveLength(2);
    expect([tm.last.body, header(tm.last, "SIP-If-Match")]).toEqual(["three/1", "a"]);
    tm.answer(200, ok("b"));
    expect(tm.requests).toHaveLength(2);
    expect(state.accepted).toBe(2);
  });

  it("adopts every entity-tag", () => {
    const { tm, change } = setup();
    for (const tag of ["a", "b", "c"]) {
      change(tag);
      tm.answer(200, ok(tag));
    }
    change("d");
    expect(header(tm.last, "SIP-If-Match")).toBe("c");
  });

  it("row 26: is refreshed without a body when the server grants less than the state lasts", async () => {
    const { tm, change, clock, state } = setup();
    state.lifetime = 3600;
    change("one");
    tm.answer(200, ok("a", 600));
    await clock.advance(540_000);
    expect(tm.requests).toHaveLength(1);
    await clock.advance(30_000);
    expect(tm.requests).toHaveLength(2);
    expect([
      tm.last.body,
      header(tm.last, "SIP-If-Match"),
      header(tm.last, "Content-Type"),
    ]).toEqual(["", "a", ""]);
    tm.answer(200, ok("b", 600));
    await clock.advance(600_000);
    expect(header(tm.last, "SIP-If-Match")).toBe("b");
  });

  it("repeats the body in refreshes when told to", async () => {
    const { tm, change, clock, state } = setup({ refreshesWithBody: true });
    state.lifetime = 0;
    change("one");
    tm.answer(200, ok("a", 100));
    await clock.advance(100_000);
    expect([tm.requests.length, tm.last.body]).toEqual([2, "one/1"]);
  });

  it("is not refreshed when the state ends first, and is forgotten then", async () => {
    const { tm, change, clock, state, publisher } = setup();
    change("one");
    tm.answer(200, ok("a", 600));
    await clock.advance(700_000);
    expect([tm.requests.length, publisher.size, state.ended]).toEqual([1, 0, 1]);
  });

  it("is taken back after a while, unless there is new state", async () => {
    const { tm, change, clock, publisher } = setup();
    change("one");
    tm.answer(200, ok("a"));
    publisher.removeAfter("k", 30);
    await clock.advance(29_000);
    change("two");
    tm.answer(200, ok("b"));
    await clock.advance(60_000);
    expect(tm.requests).toHaveLength(2);
    publisher.removeAfter("k", 30);
    await clock.advance(30_000);
    expect([tm.last.body, header(tm.last, "Expires"), header(tm.last, "SIP-If-Match")]).toEqual([
      "",
      "0",
      "b",
    ]);
    tm.answer(200, "Expires: 0\r\n");
    expect(publisher.size).toBe(0);
  });

  it("begins anew when there is new state while it is taken back", async () => {
    const { tm, change, clock, publisher } = setup();
    change("one");
    tm.answer(200, ok("a"));
    publisher.removeAfter("k", 0);
    await clock.advance(1);
    expect(header(tm.last, "Expires")).toBe("0");
    change("two");
    tm.answer(200, "Expires: 0\r\n");
    expect([tm.last.body, header(tm.last, "SIP-If-Match")]).toEqual(["two/1", ""]);
  });

  it("is taken back at stop", async () => {
    const { tm, change, publisher } = setup();
    change("one");
    tm.answer(200, ok("a"));
    const gone = publisher.removeAll();
    expect(header(tm.last, "Expires")).toBe("0");
    tm.answer(200, "Expires: 0\r\n");
    await gone;
    expect(publisher.size).toBe(0);
  });
});

describe("a failure", () => {
  it("row 25: 412: begins anew with the full state", () => {
    const { tm, change } = setup();
    change("one");
    tm.answer(200, ok("a"));
    change("two");
    tm.answer(412, "");
    expect([tm.requests.length, tm.last.body, header(tm.last, "SIP-If-Match")]).toEqual([
      3,
      "two/1",
      "",
    ]);
  });

  it("row 25: 412 for a refresh: the state is published again", async () => {
    const { tm, change, clock, state } = setup();
    state.lifetime = 0;
    change("one");
    tm.answer(200, ok("a", 100));
    await clock.advance(90_000);
    tm.answer(412, "");
    expect([tm.last.body, header(tm.last, "SIP-If-Match")]).toEqual(["one/1", ""]);
  });

  it("row 25: 423: asks for as long as the server wants", () => {
    const { tm, change } = setup();
    change("one");
    tm.answer(423, "Min-Expires: 1800\r\n");
    expect([tm.requests.length, header(tm.last, "Expires"), tm.last.body]).toEqual([
      2,
      "1800",
      "one/0",
    ]);
    tm.answer(423, "Min-Expires: 1800\r\n");
    expect(tm.requests).toHaveLength(2);
  });

  it.each([
    [401, "WWW-Authenticate", "Authorization"],
    [407, "Proxy-Authenticate", "Proxy-Authorization"],
  ])("row 25: %i: answers the challenge once", (code, asks, says) => {
    const { tm, change, publisher } = setup();
    change("one");
    const challenge = `${asks}: Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"\r\n`;
    tm.answer(code, challenge);
    expect(tm.requests).toHaveLength(2);
    expect(header(tm.last, says)).toMatch(
      /^Digest username="olelo", realm="r", nonce="n", uri="sip:alice@example.test", response="[0-9a-f]{64}"/,
    );
    tm.answer(code, challenge);
    expect([tm.requests.length, publisher.size]).toEqual([2, 0]);
  });

  it("row 25: 503 with Retry-After: waits, and sends the newest state", async () => {
    const { tm, change, clock } = setup();
    change("one");
    tm.answer(503, "Retry-After: 30\r\n");
    change("two");
    await clock.advance(29_900);
    expect(tm.requests).toHaveLength(1);
    await clock.advance(1500);
    expect([tm.requests.length, tm.last.body]).toEqual([2, "two/0"]);
  });

  it("row 25: timeout: tries again after ever longer waits", async () => {
    const { tm, change, clock } = setup();
    change("one");
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      const before = tm.requests.length;
      tm.answer(408);
      let waited = 0;
      while (tm.requests.length === before) {
        await clock.advance(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([1500, 3000, 6000, 12_000]);
    tm.answer(200, ok("a"));
    change("two");
    expect(header(tm.last, "SIP-If-Match")).toBe("a");
  });

  it.each([403, 415, 489])("%i: nothing more until the state changes", async (code) => {
    const { tm, change, clock, publisher } = setup();
    change("one");
    tm.answer(code, "");
    await clock.advance(3_600_000);
    expect([tm.requests.length, publisher.size]).toEqual([1, 0]);
    change("two");
    expect([tm.requests.length, tm.last.body]).toEqual([2, "two/0"]);
  });

  it("a 2xx without an entity-tag makes the next change an initial publication", () => {
    const { tm, change } = setup();
    change("one");
    tm.answer(200, "");
    change("two");
    expect([tm.last.body, header(tm.last, "SIP-If-Match")]).toEqual(["two/1", ""]);
  });
});
