/** The server with a database: what outlives a crash or a stop, and what happens while the database is away. */
import { describe, expect, it } from "vitest";
import type { Sent } from "../../support/engine.ts";
import { documentOf, isNotify, summary, type Watcher } from "../../support/watcher.ts";
import { ALICE, published, startStored } from "./harness.ts";

const A = "c1 sip:a@10.0.0.1 registered 500";
const B = "c2 sip:b@10.0.0.1 registered 500";

/** CSeq and version of each NOTIFY. */
function numbers(watcher: Watcher): [number, number][] {
  return watcher.notifies.map((one) => [one.message.cseqNumber, documentOf(one).version]);
}

/** Whether numbers only go up. */
function rises(list: readonly number[]): boolean {
  return list.every((value, i) => i === 0 || value > (list[i - 1] ?? 0));
}

function dialog(notify: Sent | undefined): string[] {
  return ["From", "To", "Call-ID"].map((name) => notify?.header(name) ?? "");
}

describe("after a crash", () => {
  it("a publication is known by its entity tag, and can be refreshed, changed and removed", async () => {
    const { server, store } = await startStored();
    const { tag } = await server.publish(published([A]));
    await server.restart("crash", 1000);
    const refresh = await server.publish("", { tag });
    expect(refresh.reply?.message.statusCode).toBe(200);
    await server.restart("crash", 1000);
    expect((await server.publish("", { tag })).reply?.message.statusCode).toBe(412);
    const change = await server.publish(published([B]), { tag: refresh.tag });
    expect(change.reply?.message.statusCode).toBe(200);
    await server.restart("crash", 1000);
    const { notifies } = await server.watcher().subscribe();
    expect(summary(notifies[0])[1]).toBe(`${ALICE} active; registered sip:b@10.0.0.1 499`);
    const removal = await server.publish("", { tag: change.tag, expires: 0 });
    expect(removal.reply?.message.statusCode).toBe(200);
    expect(store.rows("presentity")).toEqual([]);
  });

  it("watchers hear more in their dialogs, with numbers that never come twice", async () => {
    const { server } = await startStored();
    const watcher = server.watcher();
    await watcher.subscribe();
    const { tag } = await server.publish(published([A]), {}, watcher);
    const before = dialog(watcher.notifies[0]);
    expect(numbers(watcher)).toEqual([
      [1, 0],
      [2, 1],
    ]);
    await server.restart("crash", 5000, watcher);
    const told = await watcher.wait(900);
    expect(told).toHaveLength(1);
    expect(dialog(told[0])).toEqual(before);
    expect(summary(told[0])[1]).toBe(`${ALICE} active; registered sip:a@10.0.0.1 495`);
    expect(told[0]?.header("Subscription-State")).toBe("active;expires=595");
    await server.publish(published([B]), { tag }, watcher);
    await server.restart("crash", 0, watcher);
    await watcher.wait(900);
    expect(watcher.notifies).toHaveLength(5);
    expect(rises(numbers(watcher).map(([cseq]) => cseq))).toBe(true);
    expect(rises(numbers(watcher).map(([, version]) => version))).toBe(true);
    const { reply, notifies } = await watcher.subscribe({ expires: 100 });
    expect(reply?.message.statusCode).toBe(200);
    expect(notifies).toHaveLength(1);
  });

  it("a SUBSCRIBE that is older than one before it is still refused", async () => {
    const { server } = await startStored();
    const watcher = server.watcher();
    await watcher.subscribe({ cseq: 10 });
    await server.restart("crash", 0, watcher);
    const { reply } = await watcher.subscribe({ cseq: 5 });
    expect(reply?.message.statusCode).toBe(500);
  });

  it("what ran out meanwhile is ended: publications with a word, subscriptions without", async () => {
    const { server, store } = await startStored();
    const stays = server.watcher();
    const goes = server.watcher();
    await stays.subscribe({ expires: 600 });
    await goes.subscribe({ expires: 60 });
    await server.publish(published([A]), { expires: 50 }, stays, goes);
    await server.restart("crash", 100_000, stays, goes);
    const told = await stays.wait(2000);
    expect(told).toHaveLength(1);
    expect(summary(told[0])[1]).toBe(`${ALICE} terminated; expired sip:a@10.0.0.1 0`);
    expect(await goes.wait(2000)).toEqual([]);
    expect((await goes.subscribe()).reply?.message.statusCode).toBe(481);
    expect(store.rows("presentity")).toEqual([]);
    expect(store.rows("active_watchers")).toHaveLength(1);
  });

  it("route set, contact, event id and socket are as they were", async () => {
    const { server } = await startStored();
    const watcher = server.watcher("sip:al%20ice@example.test:5070;x=1", "tel:+123");
    const extra = "Record-Route: <sip:10.0.0.7;lr>, <sip:10.0.0.8;lr>\r\n";
    await watcher.subscribe({ event: "reg;id=77", extra });
    const first = server.net.sent.find(isNotify);
    await server.restart("crash", 0, watcher);
    const sent = await server.net.advance(900);
    const [notify] = sent.filter(isNotify);
    expect(first?.headers("Route")).toHaveLength(1);
    for (const name of ["Event", "Route", "Contact", "From", "To", "Call-ID"]) {
      expect([name, notify?.headers(name)]).toEqual([name, first?.headers(name)]);
    }
    expect(notify?.line).toBe(first?.line);
    expect(notify?.header("Event")).toBe("reg;id=77");
    expect(notify?.to).toBe("10.0.0.7:5060");
  });

  it("watchers are told a few at a time", async () => {
    const { server } = await startStored({ "presence.restore_rate": 20 });
    const watchers = Array.from({ length: 30 }, () => server.watcher());
    for (const watcher of watchers) await watcher.subscribe();
    await server.restart("crash", 0, ...watchers);
    const heard = async (ms: number): Promise<number> => {
      let count = 0;
      for (let left = ms; left > 0; left -= 100) {
        const sent = await server.net.advance(100);
        for (const watcher of watchers) count += (await watcher.take(sent)).length;
      }
      return count;
    };
    expect(await heard(1000)).toBe(20);
    expect(await heard(1000)).toBe(10);
  });
});

describe("a clean stop", () => {
  it("ends no subscription that is stored, and numbers go on without a gap", async () => {
    const { server } = await startStored();
    const watcher = server.watcher();
    await watcher.subscribe();
    await server.restart("stop", 1000, watcher);
    await watcher.wait(900);
    expect(numbers(watcher)).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });

  it("ends subscriptions that are not stored", async () => {
    const { server, store } = await startStored({ "presence.subs_db_mode": 0 });
    const watcher = server.watcher();
    await watcher.subscribe();
    await server.publish(published([A]), {}, watcher);
    await server.restart("stop", 1000, watcher);
    expect(watcher.notifies.at(-1)?.header("Subscription-State")).toMatch(/^terminated/);
    expect((await watcher.subscribe()).reply?.message.statusCode).toBe(481);
    expect(store.rows("presentity")).toHaveLength(1);
  });
});

describe("replies", () => {
  const statuses = (sent: readonly Sent[]): number[] =>
    sent.filter((one) => !isNotify(one)).map((one) => one.message.statusCode);

  it("wait until the state is stored, NOTIFYs come after them", async () => {
    const { server, store } = await startStored({ "presence.db_reply_wait": 3000 });
    const watcher = server.watcher();
    store.hang();
    expect(await server.net.send(watcher.request(), watcher.address)).toEqual([]);
    expect(await server.send(published([A]))).toEqual([]);
    await server.net.advance(2000);
    store.work();
    const sent = await server.net.advance(0);
    expect(statuses(sent)).toEqual([200, 200]);
    expect(sent.findIndex(isNotify)).toBeGreaterThan(0);
    expect(await server.net.rpc("presence.watcher_list")).toHaveLength(1);
    expect(server.net.script).toContain("publish 1");
    expect(server.net.script.some((line) => line.startsWith(`subscribe 1 uri=${ALICE}`))).toBe(
      true,
    );
  });

  it("do not wait for ever for a database that hangs", async () => {
    const { server, store } = await startStored();
    store.hang();
    expect(await server.send(published([A]))).toEqual([]);
    expect(statuses(await server.net.advance(500))).toEqual([200]);
    expect(server.net.engine.services.statistics.read("presence", "early_replies")).toBe(1);
    store.work();
    await server.net.advance(0);
    expect(store.rows("presentity")).toHaveLength(1);
  });

  it("do not wait for a database that is away; it gets the state when it is back", async () => {
    const { server, store } = await startStored();
    store.fail();
    const { reply, tag } = await server.publish(published([A]));
    expect(reply?.message.statusCode).toBe(200);
    const watcher = server.watcher();
    expect((await watcher.subscribe()).notifies).toHaveLength(1);
    expect((await server.publish("", { tag })).reply?.message.statusCode).toBe(200);
    store.work();
    await server.net.advance(60_000);
    expect(store.rows("presentity")).toHaveLength(1);
    expect(store.rows("active_watchers")).toHaveLength(1);
  });

  it("to SUBSCRIBE do not wait with write-back; it is written within a second", async () => {
    const { server, store } = await startStored({ "presence.subs_db_mode": 2 });
    store.hang();
    expect((await server.watcher().subscribe()).reply?.message.statusCode).toBe(200);
    store.work();
    expect(store.rows("active_watchers")).toHaveLength(0);
    await server.net.advance(1000);
    expect(store.rows("active_watchers")).toHaveLength(1);
  });

  it("with write-back and no period, subscriptions are written at a clean stop only", async () => {
    const settings = { "presence.subs_db_mode": 2, "presence.db_update_period": 0 };
    const { server, store } = await startStored(settings);
    const watcher = server.watcher();
    await watcher.subscribe();
    await watcher.wait(100_000);
    expect(store.rows("active_watchers")).toEqual([]);
    await server.restart("stop", 0, watcher);
    expect(store.rows("active_watchers")).toHaveLength(1);
    expect(await watcher.wait(900)).toHaveLength(1);
  });
});
