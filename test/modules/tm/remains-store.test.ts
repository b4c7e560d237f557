/** Records of finished transactions: what goes in comes out, in order, and memory is used again. */
import { describe, expect, it } from "vitest";
import { RemainsStore } from "../../../src/modules/tm/remains-store.ts";
import { ServerState } from "../../../src/modules/tm/server-states.ts";
import { type Branch, Transaction } from "../../../src/modules/tm/transaction.ts";
import { AttributeLists } from "../../../src/runtime/lists.ts";
import type { ScriptContext } from "../../../src/runtime/context.ts";
import type { ListenSocket } from "../../../src/runtime/transport.ts";

const socket = { name: "one" } as unknown as ListenSocket;

interface Wanted {
  readonly reply: string;
  readonly at: number;
  readonly method?: string;
  readonly key?: string;
}

function finished(number: number, { reply, at, method = "MESSAGE", key }: Wanted): Transaction {
  const lists = new AttributeLists();
  const request = { method, lists, read: () => ({ socket }) } as unknown as ScriptContext;
  const label = (0xffff_ff00 + number) >>> 0;
  const token = `token${number}`;
  const identity = { index: number, label, token, branchBase: "", key: key ?? `key${number}` };
  const transaction = new Transaction(identity, request, key === "", 0);
  transaction.serverState = ServerState.completed;
  transaction.replyText = reply;
  transaction.status = 200;
  transaction.flags = 2048;
  transaction.relayedBranch = -2;
  transaction.destroyAt = at;
  transaction.lifetimeEnd = at + 0.5;
  transaction.branches.push({} as Branch, {} as Branch);
  if (key !== "") {
    transaction.replyDestination = { socket, address: "192.0.2.1", port: 5060, proto: "udp" };
  }
  return transaction;
}

describe("a store of finished transactions", () => {
  it("gives back what was put in", () => {
    const store = new RemainsStore();
    const far = 2 ** 40;
    const position = store.add(
      finished(7, { reply: "SIP/2.0 200 Gr\xfc\xdf", at: far }),
      9,
      "kept",
    );
    expect(store.read(position)).toMatchObject({
      slot: 9,
      label: 0xffff_ff07,
      key: "key7",
      token: "token7",
      method: "MESSAGE",
      branchCount: 2,
      flags: 2048,
      status: 200,
      relayedBranch: -2,
      replyText: "SIP/2.0 200 Gr\xfc\xdf",
      socket,
      address: "192.0.2.1",
      port: 5060,
      destroyAt: far,
      lifetimeEnd: far + 0.5,
      lists: null,
      requestSocket: socket,
    });
  });

  it("has nothing to send for a request of the engine itself", () => {
    const store = new RemainsStore();
    const position = store.add(finished(1, { reply: "", at: 5, key: "" }), 0, "");
    const read = store.read(position);
    expect(read).toMatchObject({ key: "", replyText: "", socket: null, port: 0, kept: null });
    expect(store.hasKey(position, "")).toBe(true);
    expect(store.oldestIsCancel).toBe(false);
  });

  it("knows keys by all of their characters", () => {
    const store = new RemainsStore();
    const position = store.add(finished(1, { reply: "r", at: 5, key: "abc" }), 0, "");
    expect(["abc", "abd", "ab", "abcd", "bbc"].map((key) => store.hasKey(position, key))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("forgets the oldest first, and knows what it was", () => {
    const store = new RemainsStore();
    store.add(finished(1, { reply: "r", at: 5, method: "CANCEL" }), 11, "");
    store.add(finished(2, { reply: "r", at: 6, method: "CUSTOM" }), 12, "");
    store.keepLists(store.add(finished(3, { reply: "r", at: 7 }), 13, ""), new AttributeLists());
    const seen: unknown[] = [];
    for (; store.dueAt < Infinity; store.dropOldest()) {
      seen.push([store.dueAt, store.oldestSlot, store.oldestIsCancel]);
    }
    expect(seen).toEqual([
      [5, 11, true],
      [6, 12, false],
      [7, 13, false],
    ]);
    const next = store.add(finished(4, { reply: "r", at: 8 }), 14, "");
    expect(store.read(next).lists).toBeNull();
  });

  it("takes no text that is longer than all packets", () => {
    const store = new RemainsStore();
    expect(store.add(finished(1, { reply: "x".repeat(300_000), at: 1 }), 0, "")).toBe(-1);
    expect(store.dueAt).toBe(Infinity);
    expect(store.add(finished(2, { reply: "x".repeat(65_535), at: 1 }), 0, "")).toBe(0);
  });

  it("uses memory again: positions stay low however many pass through", () => {
    const store = new RemainsStore();
    let highest = 0;
    const waiting: [number, string][] = [];
    for (let i = 0; i < 20_000; i++) {
      const reply = `${i} ${"y".repeat((i * 37) % 900)}`;
      const position = store.add(finished(i % 200, { reply, at: i }), i, "");
      highest = Math.max(highest, position);
      waiting.push([position, reply]);
      // A burst of some thousand, then a steady flow.
      if (i < 3000) continue;
      const [oldest, text] = waiting.shift() as [number, string];
      expect(store.read(oldest).replyText).toBe(text);
      store.dropOldest();
    }
    // 3,000 replies of 450 bytes, 120 bytes around each: seven chunks, and what is empty in between.
    expect(highest).toBeLessThan(4096 * 10);
    while (store.dueAt < Infinity) store.dropOldest();
    expect(store.add(finished(1, { reply: "", at: 1 }), 0, "")).toBeLessThan(4096 * 10);
  });
});
