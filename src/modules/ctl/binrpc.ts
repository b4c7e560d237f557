/** The binrpc wire format: requests read, replies and faults written. Pure functions on bytes. */
import { RpcDouble, RpcStream, type RpcStruct, type RpcValue } from "../../runtime/module.ts";
import { entriesOf, hasStream, isArray, restOfTurn } from "../../runtime/rpc-stream.ts";

const MAGIC = 0xa1;
const Kind = { request: 0, reply: 1, fault: 3 } as const;
const Type = { int: 0, str: 1, double: 2, struct: 3, array: 4, name: 5, bytes: 6 } as const;
/** A value's first byte: bit 7 says that bits 4-6 hold the size of the size (or an end mark), else the size itself. */
const LONG = 0x80;
/** Size of the buffers of a long reply. */
const CHUNK = 65_536;
/** Bytes of a long reply that are written before others have their turn. */
const BYTES_AT_ONCE = 16_384;

export interface BinrpcRequest {
  readonly cookie: Buffer;
  readonly command: string;
  readonly params: readonly (string | number)[];
  /** Bytes it took. */
  readonly size: number;
}

/** `incomplete`: more bytes are needed. */
export type BinrpcProblem = "incomplete" | "not-binrpc" | "too-large" | "malformed";

export type BinrpcRead =
  | { readonly ok: true; readonly request: BinrpcRequest }
  | { readonly ok: false; readonly problem: BinrpcProblem; readonly cookie: Buffer };

/** Stands in a fault for a request whose own cookie could not be read. */
const noCookie = Buffer.alloc(1);

/** Reads one request from the start of the bytes. */
export function readRequest(bytes: Buffer, maxSize: number): BinrpcRead {
  const problem = (name: BinrpcProblem, cookie = noCookie): BinrpcRead => ({
    ok: false,
    problem: name,
    cookie,
  });
  if (bytes.length > 0 && bytes[0] !== MAGIC) return problem("not-binrpc");
  if (bytes.length < 2) return problem("incomplete");
  if ((bytes[1] ?? 0) >> 4 !== Kind.request) return problem("not-binrpc");
  const lengthSize = (((bytes[1] ?? 0) >> 2) & 3) + 1;
  const cookieSize = ((bytes[1] ?? 0) & 3) + 1;
  const head = 2 + lengthSize + cookieSize;
  if (bytes.length < head) return problem("incomplete");
  const length = bytes.readUIntBE(2, lengthSize);
  const cookie = Buffer.from(bytes.subarray(2 + lengthSize, head));
  if (length > maxSize) return problem("too-large", cookie);
  if (bytes.length < head + length) return problem("incomplete", cookie);
  const values = readValues(bytes.subarray(head, head + length));
  const command = values?.[0];
  if (values === undefined || typeof command !== "string") return problem("malformed", cookie);
  return { ok: true, request: { cookie, command, params: values.slice(1), size: head + length } };
}

/** Plain values one after the other; undefined when one is cut off, or is a structure, which no command takes. */
function readValues(bytes: Buffer): (string | number)[] | undefined {
  const values: (string | number)[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at++] ?? 0;
    const type = first & 0xf;
    let size = (first >> 4) & 7;
    if ((first & LONG) !== 0) {
      if (size > 4 || at + size > bytes.length) return undefined;
      const sizeOfSize = size;
      size = sizeOfSize === 0 ? 0 : bytes.readUIntBE(at, sizeOfSize);
      at += sizeOfSize;
    }
    if (at + size > bytes.length) return undefined;
    const value = readPlain(type, bytes.subarray(at, at + size));
    if (value === undefined) return undefined;
    values.push(value);
    at += size;
  }
  return values;
}

function readPlain(type: number, bytes: Buffer): string | number | undefined {
  if (type === Type.str || type === Type.bytes) {
    const end =
      type === Type.str && bytes[bytes.length - 1] === 0 ? bytes.length - 1 : bytes.length;
    return bytes.toString("latin1", 0, end);
  }
  if (type === Type.int) return readInt(bytes);
  if (type === Type.double) return readInt(bytes) / 1000;
  return undefined;
}

/** Big endian without leading zeros; four bytes with the top bit set are negative. */
function readInt(bytes: Buffer): number {
  if (bytes.length === 4) return bytes.readInt32BE();
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** A reply as it is to be sent: packets begin with their size, so all of it has to be there. */
export type BinrpcReply = readonly Buffer[];

/** Writes a reply with these values; of a list, what is in it. There must be no stream in them. */
export function writeReply(cookie: Buffer, values: Iterable<RpcValue>): Buffer {
  const writer = new Writer();
  for (const value of values) if (!isArray(value) || value.length > 0) writer.value(value);
  return Buffer.concat(frame(Kind.reply, cookie, writer));
}

/** The same with streams, read bit by bit; undefined when it would be larger than `maxSize`. */
export async function writeLongReply(
  cookie: Buffer,
  values: Iterable<RpcValue>,
  maxSize: number,
): Promise<BinrpcReply | undefined> {
  const writer = new Writer();
  let rested = 0;
  for (const value of values) {
    if (isArray(value) && value.length === 0) continue;
    const walk = writer.parts(value);
    for (let step = walk.next(); step.done !== true;) {
      // oxlint-disable-next-line no-await-in-loop
      const batch = await step.value.next();
      step = walk.next(batch);
      if (writer.length > maxSize) return undefined;
      if (writer.length - rested < BYTES_AT_ONCE) continue;
      rested = writer.length;
      // oxlint-disable-next-line no-await-in-loop
      await restOfTurn();
    }
  }
  return frame(Kind.reply, cookie, writer);
}

/** Writes an error reply. */
export function writeFault(cookie: Buffer, code: number, message: string): Buffer {
  const writer = new Writer();
  writer.value(code);
  writer.value(message);
  return Buffer.concat(frame(Kind.fault, cookie, writer));
}

function frame(kind: number, cookie: Buffer, body: Writer): Buffer[] {
  const length = Math.max(1, sizeOfUint(body.length));
  const head = Buffer.alloc(2 + length);
  head[0] = MAGIC;
  head[1] = (kind << 4) | ((length - 1) << 2) | (cookie.length - 1);
  head.writeUIntBE(body.length, 2, length);
  return [head, cookie, ...body.chunks()];
}

function sizeOfUint(value: number): number {
  let size = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) size++;
  return size;
}

/** Collects values in buffers. */
class Writer {
  readonly #full: Buffer[] = [];
  #fullBytes = 0;
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#fullBytes + this.#length;
  }

  chunks(): Buffer[] {
    return [...this.#full, this.#buffer.subarray(0, this.#length)];
  }

  /** Writes what may have streams in it; of each, batch after batch is asked for. */
  *parts(value: RpcValue): Generator<RpcStream, void, readonly RpcStruct[] | undefined> {
    if (!hasStream(value)) {
      this.value(value);
      return;
    }
    this.#byte(Type.struct);
    if (value instanceof RpcStream) {
      for (let batch = yield value; batch !== undefined; batch = yield value) {
        for (const member of batch) this.#members(member);
      }
    } else {
      for (const part of isArray(value) ? value : [value]) yield* this.#memberParts(part);
    }
    this.#byte(LONG | Type.struct);
  }

  *#memberParts(value: RpcValue): Generator<RpcStream, void, readonly RpcStruct[] | undefined> {
    for (const [name, member] of entriesOf(value) ?? []) {
      if (hasStream(member)) {
        this.#text(Type.name, name);
        yield* this.parts(member);
      } else this.#member(name, member);
    }
  }

  #members(value: RpcValue): void {
    for (const [name, member] of entriesOf(value) ?? []) this.#member(name, member);
  }

  #member(name: string, value: RpcValue): void {
    this.#text(Type.name, name);
    if (isArray(value) && !value.every(isStruct)) this.#listed(value);
    else this.value(value);
  }

  value(value: RpcValue): void {
    if (typeof value === "string") this.#text(Type.str, value);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "boolean") this.#number(value ? 1 : 0);
    else if (value === null) this.#text(Type.str, "");
    else if (value instanceof RpcDouble) this.#integer(Type.double, Math.round(value.value * 1000));
    else if (isArray(value)) this.#array(value);
    else this.#struct([value]);
  }

  /** A list of structures goes out as one structure with all their members: kamcmd knows no lists. */
  #array(values: readonly RpcValue[]): void {
    if (values.every(isStruct)) this.#struct(values);
    else for (const value of values) this.value(value);
  }

  #struct(parts: readonly RpcValue[]): void {
    this.#byte(Type.struct);
    for (const part of parts) this.#members(part);
    this.#byte(LONG | Type.struct);
  }

  /** A list of plain values as a member: one structure with the members named by position. */
  #listed(values: readonly RpcValue[]): void {
    this.#byte(Type.struct);
    for (const [index, value] of values.entries()) {
      this.#text(Type.name, String(index));
      this.value(value);
    }
    this.#byte(LONG | Type.struct);
  }

  #number(value: number): void {
    if (Number.isInteger(value)) this.#integer(Type.int, value);
    else this.#integer(Type.double, Math.round(value * 1000));
  }

  /** Negative numbers as 32-bit two's complement; larger than 32 bits in as many bytes as needed. */
  #integer(type: number, value: number): void {
    const finite = Number.isFinite(value) ? value : 0;
    const unsigned = finite < 0 ? finite >>> 0 : finite;
    const size = Math.min(6, sizeOfUint(unsigned));
    this.#room(1 + size);
    this.#buffer[this.#length++] = (size << 4) | type;
    if (size > 0) this.#buffer.writeUIntBE(unsigned % 2 ** 48, this.#length, size);
    this.#length += size;
  }

  #text(type: number, text: string): void {
    const size = text.length + 1;
    const sizeOfSize = size < 8 ? 0 : sizeOfUint(size);
    this.#room(1 + sizeOfSize + size);
    this.#buffer[this.#length++] =
      sizeOfSize === 0 ? (size << 4) | type : LONG | (sizeOfSize << 4) | type;
    if (sizeOfSize > 0) this.#buffer.writeUIntBE(size, this.#length, sizeOfSize);
    this.#length += sizeOfSize;
    this.#length += this.#buffer.write(text, this.#length, "latin1");
    this.#buffer[this.#length++] = 0;
  }

  #byte(byte: number): void {
    this.#room(1);
    this.#buffer[this.#length++] = byte;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    this.#full.push(this.#buffer.subarray(0, this.#length));
    this.#fullBytes += this.#length;
    this.#buffer = Buffer.allocUnsafe(Math.max(CHUNK, bytes));
    this.#length = 0;
  }
}

/** What goes into a structure as its members. */
function isStruct(value: RpcValue): boolean {
  return entriesOf(value) !== undefined;
}
