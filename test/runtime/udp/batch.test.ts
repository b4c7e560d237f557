/** Rows of packets, with system calls made up for the test. */
import { beforeEach, describe, expect, it } from "vitest";
import { ReceiveBatch, SendBatch } from "../../../src/runtime/udp-batch.ts";
import { Linux } from "../../../src/runtime/udp-calls.ts";
import { Ipv4Names } from "../../../src/runtime/udp-names.ts";
import { System } from "./system.ts";

let system: System;
beforeEach(() => {
  system = new System();
});

describe("sending", () => {
  const outcome = (): {
    refused: (n: number) => void;
    blocked: (n: number) => void;
    seen: string[];
  } => {
    const seen: string[] = [];
    return {
      seen,
      refused: (error) => seen.push(`refused ${error}`),
      blocked: (packet) => seen.push(`blocked from ${packet}`),
    };
  };
  const filled = (count: number): SendBatch => {
    const batch = new SendBatch(system.calls, new Ipv4Names());
    for (let i = 0; i < count; i++) {
      expect(batch.isFull(10)).toBe(false);
      expect(batch.add(`packet ${i}\u00ff`, 5000 + i, `10.0.0.${i}`)).toBe(true);
    }
    return batch;
  };

  it("sends all packets in their order, and is empty then", () => {
    const batch = filled(3);
    batch.send(7, outcome());
    expect(system.sent).toEqual([
      { text: "packet 0\u00ff", to: "10.0.0.0:5000" },
      { text: "packet 1\u00ff", to: "10.0.0.1:5001" },
      { text: "packet 2\u00ff", to: "10.0.0.2:5002" },
    ]);
    expect(batch.count).toBe(0);
    expect(batch.add("again", 1, "1.1.1.1")).toBe(true);
    batch.send(7, outcome());
    expect(system.sent.at(-1)).toEqual({ text: "again", to: "1.1.1.1:1" });
  });

  it("goes on where the system stopped", () => {
    system.script.push(2, 1, -Linux.EINTR);
    filled(5).send(7, outcome());
    expect(system.sent.map((packet) => packet.to)).toEqual([
      "10.0.0.0:5000",
      "10.0.0.1:5001",
      "10.0.0.2:5002",
      "10.0.0.3:5003",
      "10.0.0.4:5004",
    ]);
  });

  it("leaves out a packet that the system refuses", () => {
    system.script.push(1, -90, -1);
    const told = outcome();
    filled(4).send(7, told);
    expect(system.sent.map((packet) => packet.to)).toEqual(["10.0.0.0:5000", "10.0.0.3:5003"]);
    expect(told.seen).toEqual(["refused 90", "refused 1"]);
  });

  it.each([Linux.EAGAIN, Linux.ENOBUFS])(
    "hands back what the system has no room for (%i)",
    (error) => {
      system.script.push(2, -error);
      const told = outcome();
      const rest: object[] = [];
      const batch = filled(4);
      batch.send(7, {
        refused: told.refused,
        blocked: (packet) => {
          for (let i = packet; i < batch.count; i++) rest.push(batch.packet(i));
        },
      });
      expect(system.sent).toHaveLength(2);
      expect(rest).toEqual([
        { text: "packet 2\u00ff", port: 5002, address: "10.0.0.2" },
        { text: "packet 3\u00ff", port: 5003, address: "10.0.0.3" },
      ]);
    },
  );

  it("has room for a packet of any size, and for many small ones", () => {
    const batch = new SendBatch(system.calls, new Ipv4Names());
    expect(batch.isFull(65_507)).toBe(false);
    let count = 0;
    while (!batch.isFull(65_507)) {
      batch.add("x".repeat(65_507), 5060, "10.0.0.1");
      count++;
    }
    expect(count).toBe(4);
    batch.send(7, outcome());
    expect(system.sent.map((packet) => packet.text.length)).toEqual([
      65_507, 65_507, 65_507, 65_507,
    ]);
    const small = new SendBatch(system.calls, new Ipv4Names());
    while (!small.isFull(1)) small.add("x", 5060, "10.0.0.1");
    expect(small.count).toBe(64);
  });

  it("does not take what is no address of its family", () => {
    const batch = new SendBatch(system.calls, new Ipv4Names());
    expect(batch.add("x", 5060, "::1")).toBe(false);
    expect(batch.count).toBe(0);
  });
});

describe("receiving", () => {
  it("gives text, port and address of each packet", () => {
    const batch = new ReceiveBatch(system.calls, new Ipv4Names());
    system.waiting.push(
      { text: "one\u00e4", from: ["10.0.0.1", 5060] },
      { text: "", from: ["10.0.0.2", 1] },
      { text: "y".repeat(65_507), from: ["255.0.0.1", 65_535] },
    );
    expect(batch.receive(7)).toBe(3);
    const read = [0, 1, 2].map((i) => [batch.text(i), batch.address(i), batch.port(i)]);
    expect(read).toEqual([
      ["one\u00e4", "10.0.0.1", 5060],
      ["", "10.0.0.2", 1],
      ["y".repeat(65_507), "255.0.0.1", 65_535],
    ]);
    expect(batch.receive(7)).toBe(0);
  });

  it("brings no more than its capacity at once", () => {
    const batch = new ReceiveBatch(system.calls, new Ipv4Names());
    for (let i = 0; i < 100; i++) system.waiting.push({ text: `p${i}`, from: ["10.0.0.1", 5060] });
    expect(batch.receive(7)).toBe(64);
    expect(batch.text(63)).toBe("p63");
    expect(batch.receive(7)).toBe(36);
    expect(batch.text(35)).toBe("p99");
  });

  it("tells the system's error", () => {
    const batch = new ReceiveBatch(
      { ...system.calls, recvmmsg: () => -1, errno: () => 9 },
      new Ipv4Names(),
    );
    expect(batch.receive(7)).toBe(-9);
  });
});
