/** A socket that works with rows of packets: order, turns, and what the system has no room for. */
import type { RemoteInfo, Socket } from "node:dgram";
import { beforeEach, expect, it } from "vitest";
import { ReceiveBatch } from "../../../src/runtime/udp-batch.ts";
import { BatchedUdpSocket } from "../../../src/runtime/udp-batched-socket.ts";
import { Linux } from "../../../src/runtime/udp-calls.ts";
import { Ipv4Names } from "../../../src/runtime/udp-names.ts";
import type { UdpShared } from "../../../src/runtime/udp-socket.ts";
import { System } from "./system.ts";

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What Node.js was given to send, and how much of it still waits. */
const viaNode: string[] = [];
let waiting = 0;
let system: System;
let shared: UdpShared;
let socket: BatchedUdpSocket;
let faults: string[];
/** Milliseconds, and how many of them each packet takes. */
let now: number;
let msPerPacket: number;

beforeEach(() => {
  now = 0;
  msPerPacket = 0;
  viaNode.length = 0;
  waiting = 0;
  faults = [];
  system = new System();
  shared = { isClosed: false, sink: null, faults: { count: 0, lastError: null } };
  const node = {
    address: () => ({ port: 5060 }),
    getSendQueueCount: () => waiting,
    send: (bytes: Buffer, start: number, length: number) => {
      viaNode.push(bytes.toString("latin1", start, start + length));
    },
  };
  const codec = new Ipv4Names();
  const received = new ReceiveBatch(system.calls, codec);
  const onFault = (error: Error): void => void faults.push(error.message);
  socket = new BatchedUdpSocket(
    node as unknown as Socket,
    { proto: "udp", address: "10.0.0.9", port: 5060, index: 0 },
    shared,
    { calls: system.calls, fd: 7, codec, received, onFault, now: () => now },
  );
});

const from = { address: "10.0.0.1", port: 5060 } as RemoteInfo;
const sentTexts = (): string[] => system.sent.map((packet) => packet.text);
/** Node.js has read a packet; each one is answered. */
const arrives = (text: string): void =>
  socket.read(Buffer.from(text), from, (read, port, address, own) => {
    now += msPerPacket;
    own.send(`re:${read}`, port, address);
  });

it("sends what packets caused when they have been read, before the turn ends", () => {
  system.waiting.push({ text: "2", from: ["10.0.0.2", 1] }, { text: "3", from: ["10.0.0.3", 1] });
  arrives("1");
  expect(sentTexts()).toEqual(["re:1", "re:2", "re:3"]);
});

it("sends what else is sent at the end of the turn", async () => {
  socket.send("a", 5060, "10.0.0.1");
  socket.send("b", 5060, "10.0.0.1");
  expect(sentTexts()).toEqual([]);
  await endOfTurn();
  expect(sentTexts()).toEqual(["a", "b"]);
});

it("sends in between when many packets are read", () => {
  for (let i = 0; i < 150; i++) system.waiting.push({ text: String(i), from: ["10.0.0.2", 1] });
  arrives("first");
  expect(sentTexts()).toHaveLength(151);
  expect(sentTexts().at(-1)).toBe("re:149");
});

it.each([
  { msPerPacket: 0.05, inOneTurn: 512 },
  { msPerPacket: 0.01, inOneTurn: 2048 },
  { msPerPacket: 1, inOneTurn: 128 },
])(
  "leaves packets for the next turn after 20 ms ($msPerPacket ms each)",
  async ({ msPerPacket: each, inOneTurn }) => {
    msPerPacket = each;
    for (let i = 0; i < 5000; i++) system.waiting.push({ text: String(i), from: ["10.0.0.2", 1] });
    arrives("a");
    expect(system.waiting).toHaveLength(5000 - inOneTurn);
    arrives("b");
    expect(system.waiting).toHaveLength(5000 - inOneTurn);
    await endOfTurn();
    expect(sentTexts().at(-1)).toBe("re:b");
    arrives("c");
    expect(system.waiting).toHaveLength(5000 - 2 * inOneTurn);
  },
);

it("hands to Node.js what the system has no room for, and what comes after it until that is gone", async () => {
  system.script.push(1, -Linux.EAGAIN);
  system.waiting.push({ text: "2", from: ["10.0.0.2", 1] }, { text: "3", from: ["10.0.0.3", 1] });
  arrives("1");
  expect(sentTexts()).toEqual(["re:1"]);
  waiting = 2;
  socket.send("4", 5060, "10.0.0.4");
  await endOfTurn();
  expect(viaNode).toEqual(["re:2", "re:3", "4"]);
  socket.send("5", 5060, "10.0.0.4");
  await endOfTurn();
  expect(viaNode).toEqual(["re:2", "re:3", "4", "5"]);
  waiting = 0;
  socket.send("6", 5060, "10.0.0.4");
  await endOfTurn();
  expect(viaNode).toHaveLength(4);
  expect(sentTexts()).toEqual(["re:1", "6"]);
});

it("counts what the system refuses", async () => {
  system.script.push(-1);
  socket.send("refused", 5060, "10.0.0.1");
  socket.send("taken", 5060, "10.0.0.1");
  await endOfTurn();
  expect(sentTexts()).toEqual(["taken"]);
  expect(shared.faults.count).toBe(1);
  expect(shared.faults.lastError?.message).toContain("EPERM");
});

it("sends what was answered even if a receiver throws", () => {
  const receive = (): never => {
    socket.send("x", 5060, "10.0.0.1");
    throw new Error("a mistake");
  };
  expect(() => socket.read(Buffer.from("1"), from, receive)).toThrow("a mistake");
  expect(sentTexts()).toEqual(["x"]);
});

it("reads no more once it was closed", () => {
  system.waiting.push({ text: "2", from: ["10.0.0.2", 1] });
  socket.read(Buffer.from("1"), from, () => {
    shared.isClosed = true;
  });
  expect(system.waiting).toHaveLength(1);
});
