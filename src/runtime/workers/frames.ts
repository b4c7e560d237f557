/** Frames between two workers: packets handed over, and calls, on one stream of bytes. */

/** Kinds of frames. */
export const FrameKind = { packet: 1, call: 2, answer: 3, failure: 4, notice: 5 } as const;

/** Length and kind in front of each frame. */
const HEAD = 5;
/** Socket, port and length of the address in front of a packet's text. */
const PACKET_HEAD = 4;
/** Number of the call in front of its text. */
const CALL_HEAD = 4;

const FIRST_ROOM = 65_536;

/** No frame is longer; a peer that says otherwise is not one of ours. */
const LONGEST_FRAME = 256 * 1024 * 1024;

/** The fast ways of `Buffer`, without looking up the encoding for each frame. */
interface Latin1Buffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  latin1Slice(start: number, end: number): string;
}

/** Where a handed over packet came from. */
export interface PacketSource {
  readonly port: number;
  readonly address: string;
  /** Number of the socket that received it. */
  readonly socket: number;
}

/** Gathers frames until they are sent together. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_ROOM) as Latin1Buffer;
  #start = 0;
  #used = 0;

  /** Bytes that wait. */
  get size(): number {
    return this.#used - this.#start;
  }

  packet(text: string, from: PacketSource): void {
    const { address } = from;
    const length = PACKET_HEAD + address.length + text.length;
    let at = this.#begin(length, FrameKind.packet);
    const buffer = this.#buffer;
    buffer[at] = from.socket;
    buffer[at + 1] = from.port >>> 8;
    buffer[at + 2] = from.port & 255;
    buffer[at + 3] = address.length;
    at += PACKET_HEAD;
    buffer.latin1Write(address, at, address.length);
    buffer.latin1Write(text, at + address.length, text.length);
  }

  /** A call, its answer or failure, or a notice (whose number is 0). */
  text(kind: number, id: number, text: string): void {
    const length = Buffer.byteLength(text, "utf8");
    const at = this.#begin(CALL_HEAD + length, kind);
    this.#buffer.writeUInt32LE(id, at);
    this.#buffer.write(text, at + CALL_HEAD, length, "utf8");
  }

  /** What was gathered. The writer does not touch these bytes again: the stream may hold on to them. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(this.#start, this.#used);
    this.#start = this.#used;
    return bytes;
  }

  #begin(length: number, kind: number): number {
    const whole = HEAD + length;
    if (this.#used + whole > this.#buffer.length) this.#makeRoom(whole);
    const at = this.#used;
    this.#used = at + whole;
    this.#buffer.writeUInt32LE(length, at);
    this.#buffer[at + 4] = kind;
    return at + HEAD;
  }

  #makeRoom(needed: number): void {
    const waiting = this.size;
    const length = Math.max(FIRST_ROOM, 2 * (waiting + needed));
    const larger = Buffer.allocUnsafeSlow(length) as Latin1Buffer;
    this.#buffer.copy(larger, 0, this.#start, this.#used);
    this.#buffer = larger;
    this.#start = 0;
    this.#used = waiting;
  }
}

/** Gets what a stream of frames says. */
export interface FrameReceiver {
  packet(text: string, port: number, address: string, socket: number): void;
  text(kind: number, id: number, text: string): void;
}

/** Takes a stream of bytes apart. */
export class FrameReader {
  readonly #receiver: FrameReceiver;
  /** The beginning of a frame that is not whole yet. */
  #rest: Buffer[] = [];
  #restLength = 0;
  /** Length of the whole frame that `#rest` begins, 0: not known yet. */
  #wanted = 0;
  /** Most packets come from few places. */
  #lastAddress = "";

  constructor(receiver: FrameReceiver) {
    this.#receiver = receiver;
  }

  /** False: this is no stream of frames. */
  read(chunk: Buffer): boolean {
    if (this.#restLength === 0) return this.#readAll(chunk);
    this.#rest.push(chunk);
    this.#restLength += chunk.length;
    // A long frame comes in many pieces: they are put together once.
    if (this.#restLength < this.#wanted) return true;
    const whole = Buffer.concat(this.#rest, this.#restLength);
    this.#rest = [];
    this.#restLength = 0;
    this.#wanted = 0;
    return this.#readAll(whole);
  }

  #readAll(bytes: Buffer): boolean {
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const length = bytes.readUInt32LE(at);
      if (length > LONGEST_FRAME) return false;
      if (bytes.length - at < HEAD + length) {
        this.#wanted = HEAD + length;
        break;
      }
      this.#one(bytes as Latin1Buffer, at + HEAD, length);
      at += HEAD + length;
    }
    if (at < bytes.length) {
      this.#rest = [bytes.subarray(at)];
      this.#restLength = bytes.length - at;
    }
    return true;
  }

  #one(bytes: Latin1Buffer, at: number, length: number): void {
    const kind = bytes[at - 1] as number;
    if (kind !== FrameKind.packet) {
      const text = bytes.toString("utf8", at + CALL_HEAD, at + length);
      this.#receiver.text(kind, bytes.readUInt32LE(at), text);
      return;
    }
    const port = ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    const start = at + PACKET_HEAD;
    const middle = start + (bytes[at + 3] as number);
    const address = bytes.latin1Slice(start, middle);
    if (address !== this.#lastAddress) this.#lastAddress = address;
    const text = bytes.latin1Slice(middle, at + length);
    this.#receiver.packet(text, port, this.#lastAddress, bytes[at] as number);
  }
}
