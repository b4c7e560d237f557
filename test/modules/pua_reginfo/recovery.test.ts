/** Publishing on a network that fails: every kind of answer, none at all, and servers that start anew. */
import { describe, expect, it } from "vitest";
import type { Sent } from "../../support/engine.ts";
import { ALICE, ReginfoEngine, SERVER } from "./harness.ts";

const ok = (tag: string, expires = 3600) => `SIP-ETag: ${tag}\r\nExpires: ${expires}\r\n`;

const isPublish = (one: Sent): boolean => one.line.startsWith("PUBLISH");

/** PUBLISH requests without their retransmissions. */
function publishes(sent: readonly Sent[]): Sent[] {
  const seen = new Set<string>();
  return sent.filter((one) => {
    const isNew = isPublish(one) && !seen.has(one.message.callId);
    if (isNew) seen.add(one.message.callId);
    return isNew;
  });
}

/** Waits for the next PUBLISH; with the milliseconds that it took. */
async function nextPublish(engine: ReginfoEngine, before: Sent): Promise<[Sent, number]> {
  for (let waited = 0; waited < 4_000_000;) {
    const step = waited < 60_000 ? 100 : 5000;
    waited += step;
    const sent = publishes(await engine.net.advance(step));
    const found = sent.find((one) => one.message.callId !== before.message.callId);
    if (found !== undefined) return [found, waited];
  }
  throw new Error("nothing is published any more");
}

/** An engine that has published alice's registration. */
async function published(settings: Record<string, string | number> = {}) {
  const engine = await ReginfoEngine.start(settings);
  const [first] = await engine.register("<sip:a@1.1.1.1>;expires=7200");
  await engine.answer(first as Sent, 200, ok("e1", 600));
  return { engine, first: first as Sent };
}

describe("many changes at once", () => {
  it("row 24: never have two requests of one user on their way, and end with the last state", async () => {
    const engine = await ReginfoEngine.start();
    let outstanding: Sent | undefined = (await engine.register("<sip:a@1.1.1.1>"))[0];
    let requests = 1;
    let tag = 0;
    for (let i = 0; i < 100; i++) {
      const sent: Sent[] = await engine.register(
        `<sip:c${i % 7}@1.1.1.1>;expires=${i % 3 === 0 ? 0 : 600}`,
      );
      expect(sent.filter(isPublish)).toEqual([]);
      if (i % 10 !== 9) continue;
      const [next, ...more] = await engine.answer(outstanding as Sent, 200, ok(`e${++tag}`));
      expect(more).toEqual([]);
      expect(next?.header("SIP-If-Match")).toBe(`e${tag}`);
      outstanding = next;
      requests++;
    }
    expect(requests).toBe(11);
    expect(await engine.answer(outstanding as Sent, 200, ok("last"))).toEqual([]);
    const active = [
      ...(outstanding?.body ?? "").matchAll(/state="active" event[^>]*><uri>(.*?)</g),
    ];
    const now = (await engine.lookup()).slice(1).map((line) => line.split(" ")[0]);
    expect(active.map((one) => one[1]).sort()).toEqual(now.sort());
  });

  it("row 24: of different users do not wait for each other", async () => {
    const engine = await ReginfoEngine.start();
    for (const user of ["alice", "bob", "carol"]) {
      const sent = await engine.register(`<sip:${user}@1.1.1.1>`, {
        aor: `sip:${user}@example.test`,
      });
      expect(sent.map((one) => one.line)).toEqual([`PUBLISH sip:${user}@example.test SIP/2.0`]);
    }
  });
});

describe("without a new REGISTER", () => {
  it("row 25: 412 to a refresh is followed by the full state", async () => {
    const { engine, first } = await published();
    const [refresh] = await nextPublish(engine, first);
    expect([refresh.body, refresh.header("SIP-If-Match")]).toEqual(["", "e1"]);
    const [again] = await engine.answer(refresh, 412);
    expect(again?.header("SIP-If-Match")).toBe("");
    expect(again?.body).toContain("<uri>sip:a@1.1.1.1</uri>");
  });

  it("row 25: 423 is followed by a longer time", async () => {
    const engine = await ReginfoEngine.start();
    const [first] = await engine.register("<sip:a@1.1.1.1>;expires=60");
    const [again] = await engine.answer(first as Sent, 423, "Min-Expires: 900\r\n");
    expect(again?.header("Expires")).toBe("900");
    expect(again?.body).toContain("sip:a@1.1.1.1");
  });

  it("row 25: challenges are answered, also when the state is taken back", async () => {
    const engine = await ReginfoEngine.start({
      "pua.auth_user": "olelo",
      "pua.auth_password": "secret",
    });
    const challenge = 'Proxy-Authenticate: Digest realm="r", nonce="n", algorithm=MD5\r\n';
    const [first] = await engine.register("<sip:a@1.1.1.1>");
    const [second] = await engine.answer(first as Sent, 407, challenge);
    expect(second?.header("Proxy-Authorization")).toMatch(/^Digest username="olelo"/);
    await engine.answer(second as Sent, 200, ok("e1"));
    const stopped = engine.net.stop();
    const [removal] = await engine.net.advance(1);
    const [again] = await engine.answer(removal as Sent, 407, challenge);
    expect(["Expires", "SIP-If-Match"].map((name) => again?.header(name))).toEqual(["0", "e1"]);
    expect(again?.header("Proxy-Authorization")).toMatch(/^Digest username="olelo"/);
    await engine.answer(again as Sent, 200, "Expires: 0\r\n");
    await stopped;
  });

  it.each([500, 503, 480, 408])(
    "row 25: %i is followed by another try, again and again",
    async (code) => {
      const engine = await ReginfoEngine.start();
      let [publish] = await engine.register("<sip:a@1.1.1.1>;expires=7200");
      const waits: number[] = [];
      for (let i = 0; i < 4; i++) {
        await engine.answer(publish as Sent, code);
        const [next, waited] = await nextPublish(engine, publish as Sent);
        expect(next.body).toContain("sip:a@1.1.1.1");
        waits.push(waited);
        publish = next;
      }
      for (const [i, wait] of waits.entries()) {
        expect(wait).toBeGreaterThanOrEqual(1000 * 2 ** i);
        expect(wait).toBeLessThanOrEqual(2000 * 2 ** i + 100);
      }
      await engine.answer(publish as Sent, 200, ok("e1", 7200));
      expect(publishes(await engine.net.advance(600_000))).toEqual([]);
    },
  );

  it("row 25: 503 with Retry-After is followed by another try after that time", async () => {
    const { engine, first } = await published();
    const [refresh] = await nextPublish(engine, first);
    await engine.answer(refresh, 503, "Retry-After: 90\r\n");
    const [again, waited] = await nextPublish(engine, refresh);
    expect(waited).toBeGreaterThanOrEqual(90_000);
    expect(waited).toBeLessThanOrEqual(96_000);
    expect([again.header("SIP-If-Match"), again.body !== ""]).toEqual(["e1", true]);
  });

  it("row 25: no answer at all is followed by another try", async () => {
    const { engine, first } = await published();
    const [refresh] = await nextPublish(engine, first);
    const [again] = await nextPublish(engine, refresh);
    expect(again.body).toContain("sip:a@1.1.1.1");
    await engine.answer(again, 200, ok("e2"));
  });
});

describe("the lifetime", () => {
  it("row 26: is that of the contact that lasts longest", async () => {
    const engine = await ReginfoEngine.start({ "registrar.max_expires": 0 });
    const [first] = await engine.register(
      "<sip:a@1.1.1.1>;expires=60, <sip:b@1.1.1.1>;expires=9000",
    );
    expect(first?.header("Expires")).toBe("9000");
    await engine.answer(first as Sent, 200, ok("e1", 9000));
    const [second] = await engine.register("<sip:b@1.1.1.1>;expires=0");
    expect(second?.header("Expires")).toBe("60");
  });

  it("row 26: is kept up through the same proxy for as long as a contact lasts, and no longer", async () => {
    const { engine, first } = await published();
    let publish = first;
    let at = engine.net.clock.now();
    let refreshes = 0;
    for (;;) {
      const [next] = await nextPublish(engine, publish);
      expect(next.to).toBe(SERVER);
      const now = engine.net.clock.now();
      expect(now - at).toBeLessThan(600_000);
      at = now;
      publish = next;
      if (next.body !== "") break;
      refreshes++;
      expect(next.header("SIP-If-Match")).toBe(`e${refreshes}`);
      const left = Number(next.header("Expires"));
      expect(left).toBeLessThanOrEqual(7200 - refreshes * 500);
      await engine.answer(next, 200, ok(`e${refreshes + 1}`, Math.min(600, left)));
    }
    expect(refreshes).toBeGreaterThan(10);
    expect(publish.body).toContain('event="expired"');
  });
});

describe("the end", () => {
  it("row 27: comes after a grace time that can be set, unless the user is back by then", async () => {
    const { engine } = await published({ "pua_reginfo.publish_grace": 10 });
    const [gone] = await engine.register("<sip:a@1.1.1.1>;expires=0");
    expect(gone?.body).toContain('state="terminated"');
    await engine.answer(gone as Sent, 200, ok("e2"));
    await engine.net.advance(9000);
    const [back] = await engine.register("<sip:a@1.1.1.1>;expires=3600");
    expect([back?.header("SIP-If-Match"), back?.body.includes('state="active"')]).toEqual([
      "e2",
      true,
    ]);
    await engine.answer(back as Sent, 200, ok("e3"));
    expect(publishes(await engine.net.advance(30_000))).toEqual([]);
    const [again] = await engine.register("<sip:a@1.1.1.1>;expires=0");
    await engine.answer(again as Sent, 200, ok("e4"));
    expect(publishes(await engine.net.advance(9800))).toEqual([]);
    const [removal] = publishes(await engine.net.advance(400));
    expect(["Expires", "SIP-If-Match"].map((name) => removal?.header(name))).toEqual(["0", "e4"]);
    await engine.answer(removal as Sent, 200, "Expires: 0\r\n");
    expect(publishes(await engine.net.advance(600_000))).toEqual([]);
  });

  it("row 27: waits for the answer to what was sent before", async () => {
    const { engine } = await published({ "pua_reginfo.publish_grace": 1 });
    const [gone] = await engine.register("<sip:a@1.1.1.1>;expires=0");
    expect(publishes(await engine.net.advance(5000)).map((one) => one.message.callId)).toEqual([
      gone?.message.callId,
    ]);
    const [removal] = await engine.answer(gone as Sent, 200, ok("e2"));
    expect([removal?.line, removal?.header("Expires"), removal?.header("SIP-If-Match")]).toEqual([
      `PUBLISH ${ALICE} SIP/2.0`,
      "0",
      "e2",
    ]);
  });
});
