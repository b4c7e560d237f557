/** Frames, links and questions between workers. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { RpcDouble, RpcStruct } from "../../../src/runtime/module.ts";
import { atOwner } from "../../../src/runtime/workers/at-owner.ts";
import { FrameKind, FrameReader, FrameWriter } from "../../../src/runtime/workers/frames.ts";
import { WorkerError, WorkerGroup } from "../../../src/runtime/workers/group.ts";
import { fromWire, toWire } from "../../../src/runtime/workers/wire.ts";
import { connect, streamPair, userOf } from "./several.ts";

const from = { port: 5080, address: "10.0.0.1", socket: 3 };

/** Reads a stream in pieces of a length and gives back what was in it. */
function readInPieces(bytes: Buffer, length: number): string[] {
  const seen: string[] = [];
  const reader = new FrameReader({
    packet: (text, port, address, socket) =>
      seen.push(`packet ${text} ${address}:${port} ${socket}`),
    text: (kind, id, text) => seen.push(`${kind} ${id} ${text}`),
  });
  for (let at = 0; at < bytes.length; at += length) {
    expect(reader.read(bytes.subarray(at, at + length))).toBe(true);
  }
  return seen;
}

describe("frames", () => {
  it.each([1, 2, 7, 64, 100_000])("come out as they went in, in pieces of %i bytes", (length) => {
    const writer = new FrameWriter();
    writer.packet("INVITE \u00e4\r\n", from);
    writer.text(FrameKind.call, 77, "topic\n{\u20ac}");
    writer.packet("x".repeat(3000), { ...from, address: "fe80::1" });
    writer.packet("", from);
    expect(readInPieces(writer.take(), length)).toEqual([
      "packet INVITE \u00e4\r\n 10.0.0.1:5080 3",
      "2 77 topic\n{\u20ac}",
      `packet ${"x".repeat(3000)} fe80::1:5080 3`,
      "packet  10.0.0.1:5080 3",
    ]);
  });

  it("leave what was taken alone", () => {
    const writer = new FrameWriter();
    writer.packet("one", from);
    const first = writer.take();
    for (let i = 0; i < 100; i++) writer.packet("y".repeat(2000), from);
    expect(readInPieces(first, 1000)).toEqual(["packet one 10.0.0.1:5080 3"]);
    expect(readInPieces(writer.take(), 4096)).toHaveLength(100);
    expect(writer.size).toBe(0);
  });

  it("of impossible length end the stream", () => {
    const reader = new FrameReader({ packet: () => undefined, text: () => undefined });
    expect(reader.read(Buffer.from([255, 255, 255, 255, 1]))).toBe(false);
  });
});

it("values keep their structure on the way", () => {
  const struct = new RpcStruct().add("a", 1).add("a", [new RpcDouble(2), "\u0000struct"]);
  const value = { list: [struct, null, "x"], plain: { deep: true } };
  expect(fromWire(toWire(value))).toEqual(value);
  expect(fromWire(toWire(undefined))).toBeNull();
});

const clock = new VirtualClock();

function groupsOf(count: number, bufferLimit = 100_000): WorkerGroup[] {
  return Array.from({ length: count }, (_, index) => {
    const group = new WorkerGroup({ index, count, key: "k", bufferLimit, callLimitMs: 1000 });
    group.attach({ clock, onFault: () => undefined });
    return group;
  });
}

async function quiet(): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop
  for (let i = 0; i < 10; i++) await clock.settle();
}

describe("a group", () => {
  it("answers questions, and says what went wrong", async () => {
    const [a, b, c] = groupsOf(3) as [WorkerGroup, WorkerGroup, WorkerGroup];
    connect([a, b, c]);
    for (const group of [b, c]) {
      group.handle("sum", (payload, asker) => {
        const [x, y] = payload as [number, number];
        return Promise.resolve({ sum: x + y, asker, by: group.index });
      });
      group.handle("fail", () => {
        throw new WorkerError("no such thing", 404);
      });
    }
    expect(await a.call(1, "sum", [1, 2])).toEqual({ sum: 3, asker: 0, by: 1 });
    expect(await a.callOthers("sum", [2, 2])).toEqual([
      { sum: 4, asker: 0, by: 1 },
      { sum: 4, asker: 0, by: 2 },
    ]);
    await expect(a.call(2, "fail", null)).rejects.toMatchObject({
      message: "no such thing",
      code: 404,
    });
    await expect(a.call(2, "unknown", null)).rejects.toThrow("nobody answers unknown");
  });

  it("keeps what is for a worker that is being started, and no more than its limit", async () => {
    const [a, b] = groupsOf(2, 5000) as [WorkerGroup, WorkerGroup];
    const seen: string[] = [];
    b.onPacket = (text) => seen.push(text.slice(0, 2));
    b.handle("ping", () => "pong");
    const answer = a.call(1, "ping", null);
    for (let i = 0; i < 6; i++) a.handOver(1, `${i}`.padEnd(1000), from);
    expect(a.counters).toMatchObject({ handedOver: 4, dropped: 2 });
    connect([a, b]);
    expect(await answer).toBe("pong");
    await quiet();
    expect(seen.map(Number)).toEqual([0, 1, 2, 3]);
    expect(b.counters.takenOver).toBe(4);
  });

  it("does not wait for a worker that is gone, and goes on with its successor", async () => {
    const [a, b] = groupsOf(2) as [WorkerGroup, WorkerGroup];
    connect([a, b]);
    b.handle("never", () => new Promise(() => undefined));
    const asked = a.call(1, "never", null);
    asked.catch(() => undefined);
    await quiet();
    a.forget(1);
    await expect(asked).rejects.toThrow("worker 1 is not there");
    a.handOver(1, "x", from);
    expect(a.counters.dropped).toBe(1);
    await expect(a.call(1, "never", null)).rejects.toThrow("worker 1 is not there");
    expect(await a.callOthers("never", null)).toEqual([]);
    const [, next] = groupsOf(2) as [WorkerGroup, WorkerGroup];
    next.handle("ping", () => "pong");
    a.expect(1);
    const [one, two] = streamPair();
    a.connect(1, one);
    next.connect(0, two);
    expect(await a.call(1, "ping", null)).toBe("pong");
  });

  it("gives up when there is no answer in time", async () => {
    const [a, b] = groupsOf(2) as [WorkerGroup, WorkerGroup];
    connect([a, b]);
    b.handle("never", () => new Promise(() => undefined));
    const asked = a.call(1, "never", null);
    asked.catch(() => undefined);
    await clock.advance(1100);
    await expect(asked).rejects.toThrow("worker 1 is not there");
  });
});

it("functions about a user run in the worker that the user belongs to", async () => {
  const groups = groupsOf(2);
  connect(groups);
  const ran: string[] = [];
  const [here] = groups.map((group) =>
    atOwner(group, "ring", (uri, times: number) => {
      ran.push(`${group.index} ${uri}`);
      return times;
    }),
  );
  const [own, foreign] = [userOf(0), userOf(1)].map((user) => `sip:${user}@example.com`) as [
    string,
    string,
  ];
  expect(here?.(own, 2)).toBe(2);
  expect(await here?.(foreign, 3)).toBe(3);
  expect(ran).toEqual([`0 ${own}`, `1 ${foreign}`]);
  groups[0]?.forget(1);
  expect(await here?.(foreign, 4)).toBe(-1);
});
