/** System calls made up for tests: they read and write rows of packets as the kernel does. */
import { expect } from "vitest";
import { Linux, type SystemCalls } from "../../../src/runtime/udp-calls.ts";
import { Ipv4Names } from "../../../src/runtime/udp-names.ts";

/** The machine's memory as far as rows of packets lie in it: finds what an address means. */
class Memory {
  readonly #areas: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  #next = 0x7f12_ffff_f000;

  add(bytes: Uint8Array): number {
    const start = this.#next;
    this.#next += bytes.length + 4096;
    this.#areas.push({ start, bytes });
    return start;
  }

  at(address: number, length: number): Buffer {
    const area = this.#areas.find(
      ({ start, bytes }) => address >= start && address + length <= start + bytes.length,
    );
    if (area === undefined) throw new Error(`no memory at ${address}`);
    return Buffer.from(area.bytes.buffer, area.bytes.byteOffset + address - area.start, length);
  }
}

/** Plays the system: takes packets apart as the kernel does. */
export class System {
  readonly memory = new Memory();
  readonly sent: { text: string; to: string }[] = [];
  readonly waiting: { text: string; from: [string, number] }[] = [];
  /** What the next calls of sendmmsg give back; above zero: at most so many packets; below: an error. */
  readonly script: number[] = [];
  #errno = 0;

  readonly calls: SystemCalls = {
    sendmmsg: (_fd, headers, count) => {
      const result = this.script.shift() ?? count;
      if (result < 0) return this.#fail(-result);
      const done = Math.min(count, result);
      for (let i = 0; i < done; i++) this.#take(headers + i * 64);
      return done;
    },
    recvmmsg: (_fd, headers, count) => {
      const packets = this.waiting.splice(0, count);
      if (packets.length === 0) return this.#fail(Linux.EAGAIN);
      packets.forEach((packet, i) => this.#put(headers + i * 64, packet));
      return packets.length;
    },
    addressOf: (bytes) => this.memory.add(bytes),
    errno: () => this.#errno,
    socket: () => -1,
    setsockopt: () => -1,
    bind: () => -1,
    close: () => -1,
    inet_ntop: () => null,
    inet_pton: () => 0,
  };

  #fail(error: number): number {
    this.#errno = error;
    return -1;
  }

  #parts(header: number): { name: Buffer; data: number; length: number } {
    const bytes = this.memory.at(header, 64);
    const vector = this.memory.at(Number(bytes.readBigUInt64LE(16)), 16);
    expect(bytes.readBigUInt64LE(24)).toBe(1n);
    const name = this.memory.at(Number(bytes.readBigUInt64LE(0)), bytes.readUInt32LE(8));
    return {
      name,
      data: Number(vector.readBigUInt64LE(0)),
      length: Number(vector.readBigUInt64LE(8)),
    };
  }

  #take(header: number): void {
    const { name, data, length } = this.#parts(header);
    const to = `${[...name.subarray(4, 8)].join(".")}:${name.readUInt16BE(2)}`;
    this.sent.push({ text: this.memory.at(data, length).toString("latin1"), to });
  }

  #put(header: number, packet: { text: string; from: [string, number] }): void {
    const { name, data, length } = this.#parts(header);
    expect(length).toBeGreaterThanOrEqual(packet.text.length);
    this.memory.at(data, packet.text.length).write(packet.text, "latin1");
    const words = new Int32Array(name.buffer, name.byteOffset, 4);
    new Ipv4Names().put(words, 0, packet.from[1], packet.from[0]);
    this.memory.at(header, 64).writeUInt32LE(packet.text.length, 56);
  }
}
