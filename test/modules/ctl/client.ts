/** A binrpc client for tests: writes requests and reads replies, with nothing of the module's own code. */
import { connect } from "node:net";

/** A value that a client sends: numbers as ints, `{ double }` as thousandths. */
export type Sendable = string | number | { readonly double: number };

/** A structure that came, with its members in order; names may repeat. */
export interface Struct {
  readonly members: [string, Received][];
}
export type Received = string | number | { readonly double: number } | Struct;

/** The bytes of a request. */
export function requestBytes(values: readonly Sendable[], cookie = "12345678"): Buffer {
  const body = Buffer.concat(values.map(valueBytes));
  return frame(0, body, Buffer.from(cookie, "hex"));
}

/** A packet of any kind: 0 request, 1 reply, 3 fault. */
export function frame(kind: number, body: Buffer, cookie = Buffer.from("12345678", "hex")): Buffer {
  const length = uint(body.length);
  const flags = (kind << 4) | ((length.length - 1) << 2) | (cookie.length - 1);
  return Buffer.concat([Buffer.from([0xa1, flags]), length, cookie, body]);
}

function valueBytes(value: Sendable): Buffer {
  if (typeof value === "object") return sized(2, integer(Math.round(value.double * 1000)));
  if (typeof value === "number") return sized(0, integer(value));
  return sized(1, Buffer.from(`${value}\0`, "latin1"));
}

function sized(type: number, bytes: Buffer): Buffer {
  if (bytes.length < 8) return Buffer.concat([Buffer.from([(bytes.length << 4) | type]), bytes]);
  const size = uint(bytes.length);
  return Buffer.concat([Buffer.from([0x80 | (size.length << 4) | type]), size, bytes]);
}

function integer(value: number): Buffer {
  if (value === 0) return Buffer.alloc(0);
  if (value > 0) return uint(value);
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function uint(value: number): Buffer {
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
}

/** A reply or fault as it came. */
export interface Packet {
  readonly kind: number;
  readonly cookie: string;
  readonly values: Received[];
  readonly size: number;
}

/** Reads one packet; undefined when more bytes are needed. */
export function readPacket(bytes: Buffer): Packet | undefined {
  if (bytes.length < 2) return undefined;
  const flags = bytes[1] ?? 0;
  const lengthSize = ((flags >> 2) & 3) + 1;
  const head = 2 + lengthSize + (flags & 3) + 1;
  if (bytes.length < head) return undefined;
  const size = head + bytes.readUIntBE(2, lengthSize);
  if (bytes.length < size) return undefined;
  const cookie = bytes.toString("hex", 2 + lengthSize, head);
  const reader = { bytes: bytes.subarray(head, size), at: 0 };
  return { kind: flags >> 4, cookie, values: readAll(reader), size };
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function readAll(reader: Reader): Received[] {
  const values: Received[] = [];
  while (reader.at < reader.bytes.length) {
    const value = readOne(reader);
    if (value === undefined) throw new Error("an end without a start");
    values.push(value);
  }
  return values;
}

/** Undefined: the end of a structure. */
function readOne(reader: Reader): Received | undefined {
  const first = reader.bytes[reader.at++] ?? 0;
  const type = first & 15;
  let size = (first >> 4) & 7;
  if ((first & 0x80) !== 0) {
    if (type === 3) return undefined;
    const sizeOfSize = size;
    size = reader.bytes.readUIntBE(reader.at, sizeOfSize);
    reader.at += sizeOfSize;
  }
  if (type === 3) return { members: readMembers(reader) };
  const bytes = reader.bytes.subarray(reader.at, reader.at + size);
  reader.at += size;
  if (type === 1 || type === 5) return bytes.toString("latin1", 0, size - 1);
  const number = size === 4 ? bytes.readInt32BE() : size === 0 ? 0 : bytes.readUIntBE(0, size);
  return type === 2 ? { double: number / 1000 } : number;
}

function readMembers(reader: Reader): [string, Received][] {
  const members: [string, Received][] = [];
  for (;;) {
    const name = readOne(reader);
    if (name === undefined) return members;
    const value = readOne(reader);
    if (typeof name !== "string" || value === undefined) throw new Error("no name and value");
    members.push([name, value]);
  }
}

/** Sends pieces over a stream and reads that many packets, or until the server closes. */
export async function exchange(
  path: string,
  pieces: readonly Buffer[],
  count = 1,
): Promise<{ readonly packets: Packet[]; readonly isClosed: boolean }> {
  return await new Promise((resolve, reject) => {
    const packets: Packet[] = [];
    let pending: Buffer = Buffer.alloc(0);
    const socket = connect(path);
    const end = (isClosed: boolean): void => {
      socket.destroy();
      resolve({ packets, isClosed });
    };
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // Refused after it was accepted: closed by the server.
      if (error.code === "EPIPE" || error.code === "ECONNRESET") end(true);
      else reject(error);
    });
    socket.on("end", () => end(true));
    socket.on("data", (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      for (let packet = readPacket(pending); packet; packet = readPacket(pending)) {
        packets.push(packet);
        pending = pending.subarray(packet.size);
      }
      if (packets.length >= count) end(false);
    });
    socket.on("connect", () => sendPieces(pieces, (piece, sent) => socket.write(piece, sent)));
  });
}

/** Each piece after the one before has left, so that they arrive apart. */
function sendPieces(
  pieces: readonly Buffer[],
  write: (piece: Buffer, sent: () => void) => void,
): void {
  const [first, ...rest] = pieces;
  if (first !== undefined) write(first, () => setImmediate(() => sendPieces(rest, write)));
}
