/** NOTIFYs that are not accepted (RFC 6665, 4.2.2). */
import { describe, expect, it } from "vitest";
import { ContactInfo, type UsrlocApi } from "../../../src/modules/usrloc/spec.ts";
import { documentOf, summary, type Watcher } from "../../support/watcher.ts";
import { ALICE, NotifierEngine } from "./harness.ts";

const A = "<sip:a@10.0.0.1>";
const B = "<sip:b@10.0.0.1>";

async function watched(settings = {}): Promise<{ engine: NotifierEngine; watcher: Watcher }> {
  const engine = await NotifierEngine.start(settings);
  const watcher = engine.watcher();
  await watcher.subscribe();
  return { engine, watcher };
}

describe("row 31: a NOTIFY answered with", () => {
  for (const code of [404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]) {
    it(`${code} ends the subscription`, async () => {
      const { engine, watcher } = await watched();
      watcher.answer = () => ({ code });
      expect(await engine.told(watcher, A)).toHaveLength(1);
      watcher.answer = () => ({ code: 200 });
      expect(await engine.told(watcher, B)).toEqual([]);
      expect(await engine.net.rpc("reginfo.list")).toEqual([]);
    });
  }

  for (const code of [400, 403, 500, 503, 600]) {
    it(`${code} leaves the subscription, and the next document says everything`, async () => {
      const { engine, watcher } = await watched();
      watcher.answer = () => ({ code });
      await engine.told(watcher, A);
      watcher.answer = () => ({ code: 200 });
      const [next] = await engine.told(watcher, B);
      expect(summary(next)).toEqual([
        "2 full",
        `${ALICE} active; registered sip:b@10.0.0.1 600; registered sip:a@10.0.0.1 600`,
      ]);
      expect(documentOf((await engine.told(watcher, A))[0]).isFull).toBe(false);
    });
  }

  it("503 and Retry-After is sent again after that time, with the state of then", async () => {
    const { engine, watcher } = await watched();
    watcher.answer = () => ({ code: 503, extra: "Retry-After: 30\r\n" });
    await engine.told(watcher, A);
    watcher.answer = () => ({ code: 200 });
    expect(await engine.told(watcher, B)).toEqual([]);
    expect(await watcher.wait(29_000)).toEqual([]);
    const [again] = await watcher.wait(2000);
    expect(documentOf(again)).toMatchObject({ version: 2, isFull: true });
    expect(documentOf(again).registrations[0]?.contacts).toHaveLength(2);
  });

  it("480 and Retry-After is sent again too, 481 is the end in any case", async () => {
    const { engine, watcher } = await watched();
    watcher.answer = () => ({ code: 480, extra: "Retry-After: 5\r\n" });
    await engine.told(watcher, A);
    watcher.answer = () => ({ code: 481, extra: "Retry-After: 5\r\n" });
    expect(await watcher.wait(6000)).toHaveLength(1);
    expect(await engine.net.rpc("reginfo.list")).toEqual([]);
  });

  it("nothing ends the subscription, unless timeout_removes is off", async () => {
    const { engine, watcher } = await watched();
    watcher.answer = () => null;
    await engine.told(watcher, A);
    await watcher.wait(40_000);
    expect(await engine.net.rpc("reginfo.list")).toEqual([]);

    const kept = await watched({ "reginfo.timeout_removes": 0 });
    kept.watcher.answer = () => null;
    await kept.engine.told(kept.watcher, A);
    await kept.watcher.wait(40_000);
    kept.watcher.answer = () => ({ code: 200 });
    const [next] = await kept.engine.told(kept.watcher, B);
    expect(documentOf(next)).toMatchObject({ isFull: true });
  });

  it("an error, with a SUBSCRIBE afterwards, is answered at once", async () => {
    const { engine, watcher } = await watched();
    watcher.answer = () => ({ code: 503, extra: "Retry-After: 300\r\n" });
    await engine.told(watcher, A);
    watcher.answer = () => ({ code: 200 });
    expect((await watcher.subscribe()).notifies).toHaveLength(1);
  });
});

describe("a watcher that is slow", () => {
  it("does not make memory grow: beyond a limit it is told everything anew", async () => {
    const { engine, watcher } = await watched({ "registrar.max_contacts": 0 });
    watcher.answer = () => ({ code: 503, extra: "Retry-After: 500\r\n" });
    await engine.told(watcher, A);
    watcher.answer = () => ({ code: 200 });
    const usrloc = engine.net.engine.services.api("usrloc") as UsrlocApi;
    usrloc.together(() => {
      const table = usrloc.table("location");
      const info = new ContactInfo();
      info.expires = usrloc.now() + 1000;
      for (let i = 0; i < 21_000; i++) {
        info.uri = `sip:${i}@10.0.0.1`;
        table.remove(table.insert("alice", info), "unregistered");
      }
    });
    const notifies = await watcher.wait(501_000);
    expect(notifies).toHaveLength(1);
    expect(summary(notifies[0])[0]).toBe("2 full");
  });
});
