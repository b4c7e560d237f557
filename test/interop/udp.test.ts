/** UDP sockets of the machine, packet by packet and in batches. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import type { ListenSocket } from "../../src/runtime/transport.ts";
import { loadSystemCalls } from "../../src/runtime/udp-calls.ts";
import { UdpTransport } from "../../src/runtime/udp.ts";

const canBatch = (await loadSystemCalls()) !== null;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Heard {
  readonly text: string;
  readonly address: string;
  readonly port: number;
}

async function open(
  batch: boolean,
  address: string,
  onPacket: (heard: Heard, socket: ListenSocket) => void,
  port = 0,
): Promise<{ socket: ListenSocket; transport: UdpTransport }> {
  const transport = new UdpTransport({ batch, receiveBufferSize: 1 << 20 });
  closers.push(() => transport.close());
  const socket = await transport.open(
    { proto: "udp", address, port, index: 0 },
    (text, from, host, own) => onPacket({ text, address: host, port: from }, own),
  );
  return { socket, transport };
}

/** Waits until something holds; the test's own time limit ends it otherwise. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe.each([
  ["packet by packet", false],
  ["in batches", true],
] as const)("%s", (_name, batch) => {
  describe.skipIf(batch && !canBatch)("on this machine", () => {
    it.each(["127.0.0.1", "::1"])("answers bursts of all sizes on %s", async (address) => {
      const { socket: echo } = await open(batch, address, (heard, own) =>
        own.send(`re:${heard.text}`, heard.port, heard.address),
      );
      const heard: Heard[] = [];
      const { socket: client } = await open(batch, address, (packet) => heard.push(packet));
      let sent = 0;
      for (const burst of [1, 2, 63, 64, 65, 150]) {
        for (let i = 0; i < burst; i++) client.send(`packet ${sent++} \u00e9`, echo.port, address);
        await until(() => heard.length === sent);
      }
      expect(heard.map((packet) => packet.text)).toEqual(
        Array.from({ length: sent }, (_, i) => `re:packet ${i} \u00e9`),
      );
      expect(new Set(heard.map((packet) => `${packet.address} ${packet.port}`))).toEqual(
        new Set([`${address} ${echo.port}`]),
      );
    });

    it("carries the largest packet, and empty ones", async () => {
      const heard: Heard[] = [];
      const { socket: server } = await open(batch, "127.0.0.1", (packet) => heard.push(packet));
      const { socket: client } = await open(batch, "127.0.0.1", () => undefined);
      const large = "0123456789".repeat(6_550);
      for (const text of ["", large, "end"]) client.send(text, server.port, "127.0.0.1");
      await until(() => heard.length === 3);
      expect(heard.map((packet) => packet.text)).toEqual(["", large, "end"]);
    });

    it("counts what cannot be sent and sends the rest", async () => {
      const heard: Heard[] = [];
      const { socket: server } = await open(batch, "127.0.0.1", (packet) => heard.push(packet));
      const { socket: client, transport } = await open(batch, "127.0.0.1", () => undefined);
      client.send("one", server.port, "127.0.0.1");
      client.send("nowhere", server.port, "255.255.255.255");
      client.send("no port", 0, "127.0.0.1");
      client.send("two", server.port, "127.0.0.1");
      await until(() => heard.length === 2 && transport.faults.count === 2);
      expect(heard.map((packet) => packet.text)).toEqual(["one", "two"]);
    });

    it("talks to sockets of others", async () => {
      const { socket } = await open(batch, "127.0.0.1", (heard, own) =>
        own.send(heard.text.toUpperCase(), heard.port, heard.address),
      );
      const other = createSocket("udp4");
      closers.push(async () => {
        other.close();
        await once(other, "close");
      });
      other.send("hello", socket.port, "127.0.0.1");
      const [bytes, from] = (await once(other, "message")) as [Buffer, { port: number }];
      expect(bytes.toString()).toBe("HELLO");
      expect(from.port).toBe(socket.port);
    });

    it("says why a port cannot be had, also to those that would share it", async () => {
      const { socket } = await open(batch, "127.0.0.1", () => undefined);
      await expect(open(batch, "127.0.0.1", () => undefined, socket.port)).rejects.toThrow(
        `cannot listen on udp:127.0.0.1:${socket.port}: the port is in use`,
      );
      await expect(open(batch, "203.0.113.77", () => undefined)).rejects.toThrow(
        "this machine does not have that address",
      );
      const sharing = createSocket({ type: "udp4", reuseAddr: true });
      sharing.bind(socket.port, "127.0.0.1");
      const [error] = (await once(sharing, "error")) as [NodeJS.ErrnoException];
      expect(error.code).toBe("EADDRINUSE");
      sharing.close();
    });

    it("is quiet after it was closed", async () => {
      const { socket, transport } = await open(batch, "127.0.0.1", () => undefined);
      await transport.close();
      socket.send("late", 5060, "127.0.0.1");
      await new Promise((resolve) => setImmediate(resolve));
      expect(transport.faults.count).toBe(1);
      // The port is free again.
      await open(batch, "127.0.0.1", () => undefined, socket.port);
    });
  });
});

it.skipIf(!canBatch)("may be closed by what a packet sets off", async () => {
  let count = 0;
  const { socket, transport } = await open(true, "127.0.0.1", () => {
    count++;
    void transport.close();
  });
  const { socket: client } = await open(true, "127.0.0.1", () => undefined);
  for (let i = 0; i < 10; i++) client.send("x", socket.port, "127.0.0.1");
  await until(() => count > 0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(count).toBe(1);
});
