/** Rows of packets that one system call receives or sends. */
import { Linux, type SystemCalls } from "./udp-calls.ts";
import { type NameCodec, nameStride } from "./udp-names.ts";
import type { Latin1Buffer } from "./udp-socket.ts";

/** Packets of one call. More gain little: what is around a packet costs ten times what is left of the call. */
const packetsPerCall = 64;

/** Largest payload of a UDP datagram. */
const largestPayload = 65_535;

/**
 * From one packet's place to the next. Not a power of two: the first lines of all packets would fall into the same few sets of
 * the processor's cache. Pages that no packet was long enough for are never touched, so take no memory.
 */
const receiveStride = 65_536 + 4_096 + 192;

/** Room for what is sent with one call: at least one packet of any size. */
const sendRoom = 262_144;

/** `struct mmsghdr`, in words of four bytes. */
const Header = { words: 16, name: 0, nameLength: 2, vector: 4, vectors: 6, length: 14 } as const;
/** `struct iovec`, in words of four bytes. */
const Vector = { words: 4, base: 0, length: 2 } as const;

/** Memory that a call reads and writes; `address` is where it is. */
class Memory {
  readonly bytes: Buffer;
  readonly words: Int32Array;
  readonly address: number;

  constructor(calls: SystemCalls, length: number) {
    this.bytes = Buffer.allocUnsafeSlow(length);
    this.words = new Int32Array(this.bytes.buffer, this.bytes.byteOffset, length >> 2);
    this.address = calls.addressOf(this.bytes);
  }
}

/** Headers, vectors and names for a row of packets. */
class Row {
  readonly headers: Memory;
  readonly vectors: Memory;
  readonly names: Memory;

  constructor(calls: SystemCalls, codec: NameCodec) {
    this.headers = new Memory(calls, packetsPerCall * Header.words * 4);
    this.vectors = new Memory(calls, packetsPerCall * Vector.words * 4);
    this.names = new Memory(calls, packetsPerCall * nameStride);
    for (const memory of [this.headers, this.vectors, this.names]) memory.words.fill(0);
    const { words } = this.headers;
    for (let i = 0; i < packetsPerCall; i++) {
      const at = i * Header.words;
      putPointer(words, at + Header.name, this.names.address + i * nameStride);
      words[at + Header.nameLength] = codec.length;
      putPointer(words, at + Header.vector, this.vectors.address + i * Vector.words * 4);
      words[at + Header.vectors] = 1;
    }
  }
}

/** Low half, then high half; an address is below 2^53, so a number holds it. */
function putPointer(words: Int32Array, at: number, address: number): void {
  words[at] = address | 0;
  words[at + 1] = Math.floor(address / 0x1_0000_0000);
}

/** Receives up to `packetsPerCall` packets at once. One socket's packets are read before the next one's are received: sockets share it. */
export class ReceiveBatch {
  /** How many packets a call brings at most. */
  readonly capacity = packetsPerCall;
  readonly #calls: SystemCalls;
  readonly #codec: NameCodec;
  readonly #row: Row;
  readonly #data: Latin1Buffer;

  constructor(calls: SystemCalls, codec: NameCodec) {
    this.#calls = calls;
    this.#codec = codec;
    this.#row = new Row(calls, codec);
    const data = new Memory(calls, packetsPerCall * receiveStride);
    this.#data = data.bytes as Latin1Buffer;
    const { words } = this.#row.vectors;
    for (let i = 0; i < packetsPerCall; i++) {
      const at = i * Vector.words;
      putPointer(words, at + Vector.base, data.address + i * receiveStride);
      words[at + Vector.length] = largestPayload;
    }
  }

  /** How many packets came in; 0 when none is there. Below zero: the system's error number, negative. */
  receive(fd: number): number {
    const { headers } = this.#row;
    const count = this.#calls.recvmmsg(fd, headers.address, packetsPerCall, Linux.MSG_DONTWAIT, 0);
    if (count >= 0) return count;
    const error = this.#calls.errno();
    return error === Linux.EAGAIN || error === Linux.EINTR ? 0 : -error;
  }

  text(packet: number): string {
    const start = packet * receiveStride;
    return this.#data.latin1Slice(start, start + this.#header(packet, Header.length));
  }

  port(packet: number): number {
    return this.#codec.port(this.#row.names.words, packet);
  }

  address(packet: number): string {
    return this.#codec.address(this.#row.names.words, packet);
  }

  #header(packet: number, field: number): number {
    return this.#row.headers.words[packet * Header.words + field] as number;
  }
}

/** What became of a row of packets. */
export interface SendOutcome {
  /** Told of each packet that the system refused, with its error number. */
  refused(error: number): void;
  /** The system takes no more for now: the packets from this one on, in order, are to be sent another way. */
  blocked(packet: number): void;
}

/** Collects packets and sends them with one call. */
export class SendBatch {
  readonly #calls: SystemCalls;
  readonly #codec: NameCodec;
  readonly #row: Row;
  readonly #data: Latin1Buffer;
  readonly #start: number;
  #used = 0;
  #count = 0;

  constructor(calls: SystemCalls, codec: NameCodec) {
    this.#calls = calls;
    this.#codec = codec;
    this.#row = new Row(calls, codec);
    const data = new Memory(calls, sendRoom);
    this.#data = data.bytes as Latin1Buffer;
    this.#start = data.address;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether a packet of this length must wait for those before it to be sent. */
  isFull(length: number): boolean {
    return this.#count === packetsPerCall || this.#used + length > sendRoom;
  }

  /** Puts a packet into the row, which has room; false when the address is none of the socket's family. */
  add(text: string, port: number, address: string): boolean {
    const packet = this.#count;
    if (!this.#codec.put(this.#row.names.words, packet, port, address)) return false;
    const { words } = this.#row.vectors;
    const at = packet * Vector.words;
    const length = this.#data.latin1Write(text, this.#used, text.length);
    putPointer(words, at + Vector.base, this.#start + this.#used);
    words[at + Vector.length] = length;
    this.#used += length;
    this.#count = packet + 1;
    return true;
  }

  /** Sends all that was added; the row is empty afterwards. */
  send(fd: number, outcome: SendOutcome): void {
    const count = this.#count;
    const { address } = this.#row.headers;
    let sent = 0;
    while (sent < count) {
      const from = address + sent * Header.words * 4;
      const done = this.#calls.sendmmsg(fd, from, count - sent, Linux.MSG_DONTWAIT);
      if (done > 0) {
        sent += done;
        continue;
      }
      const error = this.#calls.errno();
      if (error === Linux.EINTR) continue;
      if (error === Linux.EAGAIN || error === Linux.ENOBUFS) {
        outcome.blocked(sent);
        break;
      }
      outcome.refused(error);
      sent++;
    }
    this.#count = 0;
    this.#used = 0;
  }

  /** A packet of the row, to be sent another way: while `blocked` is told. */
  packet(packet: number): { text: string; port: number; address: string } {
    const { words } = this.#row.vectors;
    const at = packet * Vector.words;
    // Differences of low halves are right even if the row of packets crosses a multiple of 4 GB.
    const start = ((words[at + Vector.base] as number) - (this.#start | 0)) >>> 0;
    const names = this.#row.names.words;
    return {
      text: this.#data.latin1Slice(start, start + (words[at + Vector.length] as number)),
      port: this.#codec.port(names, packet),
      address: this.#codec.address(names, packet),
    };
  }
}
