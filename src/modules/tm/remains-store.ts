/** What is kept of finished transactions, in memory that V8's collector does not go through: first in, first out. */
import type { AttributeLists } from "../../runtime/lists.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import type { Latin1Buffer } from "../../runtime/udp-socket.ts";
import { Remains } from "./remains.ts";
import type { Transaction } from "./transaction.ts";

/** Bytes of a chunk: room for some hundred transactions. */
const chunkBytes = 262_144;

/** Bytes of a record without its texts: numbers, then times. */
const recordBytes = 80;

/** More records than fit into a chunk: positions of a chunk start at a multiple of it. */
const chunkPositions = 4096;

/** Numbers of a record, 32 bits each. */
const Field = {
  slot: 0,
  label: 1,
  flags: 2,
  status: 3,
  relayedBranch: 4,
  branchCount: 5,
  socket: 6,
  port: 7,
  /** Its texts lie one behind the other, in this order; where they start, and how long each is. */
  start: 8,
  token: 9,
  method: 10,
  address: 11,
  key: 12,
  reply: 13,
  kept: 14,
  requestSocket: 15,
} as const;

/** Times of a record behind its numbers, milliseconds. */
const Time = { destroyAt: 8, lifetimeEnd: 9 } as const;

/** Records that are filled and forgotten one after the other: from the start their numbers, from the end their texts. */
class Chunk {
  readonly number: number;
  /** Shared memory is no other than the usual one, but its growth does not make V8 collect garbage. */
  readonly bytes = Buffer.from(new SharedArrayBuffer(chunkBytes)) as Latin1Buffer;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  /** Records that were written, and of these those that are gone. */
  count = 0;
  gone = 0;
  /** Where the texts that were written last start. */
  textStart = chunkBytes;
  next: Chunk | null = null;
  /** Where the next text of the newest record is to go. */
  #at = 0;

  constructor(number: number) {
    this.number = number;
    const { buffer, byteOffset } = this.bytes;
    this.#words = new Int32Array(buffer, byteOffset, chunkBytes / 4);
    this.#times = new Float64Array(buffer, byteOffset, chunkBytes / 8);
  }

  clear(): void {
    this.count = 0;
    this.gone = 0;
    this.textStart = chunkBytes;
    this.next = null;
  }

  hasRoom(textLength: number): boolean {
    return (this.count + 1) * recordBytes + textLength <= this.textStart;
  }

  /** Makes room for a record with so much text; its number. */
  add(textLength: number): number {
    this.textStart -= textLength;
    this.#at = this.textStart;
    return this.count++;
  }

  word(record: number, field: number): number {
    return this.#words[record * (recordBytes / 4) + field] as number;
  }

  setWord(record: number, field: number, value: number): void {
    this.#words[record * (recordBytes / 4) + field] = value;
  }

  time(record: number, field: number): number {
    return this.#times[record * (recordBytes / 8) + field] as number;
  }

  setTime(record: number, field: number, value: number): void {
    this.#times[record * (recordBytes / 8) + field] = value;
  }

  /** Writes the next text of the newest record; its length. */
  put(text: string): number {
    const { bytes } = this;
    const at = this.#at;
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    this.#at = at + text.length;
    return text.length;
  }

  /** The same for one that a call into C++ is worth. */
  putLong(text: string): number {
    if (text === "") return 0;
    this.bytes.latin1Write(text, this.#at, text.length);
    this.#at += text.length;
    return text.length;
  }
}

/**
 * All wait equally long, so the oldest is the first to go. A record is known by its position; positions are used again later. Tens
 * of thousands of records on V8's heap would be copied twice and then be garbage of the kind that only a full collection finds.
 */
export class RemainsStore {
  /** By number; a number without a chunk is used again. */
  readonly #chunks: (Chunk | null)[] = [];
  #first: Chunk | null = null;
  #last: Chunk | null = null;
  /** Empty ones; no more than are in use, so that memory is given back after a burst. */
  #spare: Chunk | null = null;
  #spares = 0;
  #inUse = 0;
  readonly #sockets: (ListenSocket | null)[] = [];
  /** By position: lists that a reply_route may see, and that are no text. */
  readonly #lists = new Map<number, AttributeLists>();

  /** Time at which the oldest is to be forgotten; Infinity: there is none. */
  get dueAt(): number {
    const chunk = this.#first;
    return chunk === null ? Infinity : chunk.time(chunk.gone, Time.destroyAt);
  }

  /**
   * Keeps what is needed of a transaction (`kept`: see `keptText`, or ""); its position, or -1 when its texts are longer than those
   * of packets could be.
   */
  add(transaction: Transaction, slot: number, kept: string): number {
    const { token, method, key, replyText, replyDestination: to } = transaction;
    const address = to === null ? "" : to.address;
    const short = token.length + method.length + address.length + key.length;
    const length = short + replyText.length + kept.length;
    if (length > chunkBytes - recordBytes) return -1;
    const chunk = this.#chunkFor(length);
    const start = chunk.textStart - length;
    const record = chunk.add(length);
    chunk.setWord(record, Field.slot, slot);
    chunk.setWord(record, Field.label, transaction.label);
    chunk.setWord(record, Field.flags, transaction.flags);
    chunk.setWord(record, Field.status, transaction.status);
    chunk.setWord(record, Field.relayedBranch, transaction.relayedBranch);
    chunk.setWord(record, Field.branchCount, transaction.branches.length);
    chunk.setWord(record, Field.socket, this.#socketNumber(to === null ? null : to.socket));
    chunk.setWord(record, Field.port, to === null ? 0 : to.port);
    chunk.setWord(record, Field.start, start);
    chunk.setWord(record, Field.token, chunk.put(token));
    chunk.setWord(record, Field.method, chunk.put(method));
    chunk.setWord(record, Field.address, chunk.put(address));
    chunk.setWord(record, Field.key, chunk.put(key));
    chunk.setWord(record, Field.reply, chunk.putLong(replyText));
    chunk.setWord(record, Field.kept, chunk.putLong(kept));
    const requestSocket = kept === "" ? null : transaction.request.socket;
    chunk.setWord(record, Field.requestSocket, this.#socketNumber(requestSocket));
    chunk.setTime(record, Time.destroyAt, transaction.destroyAt);
    chunk.setTime(record, Time.lifetimeEnd, transaction.lifetimeEnd);
    return chunk.number * chunkPositions + record;
  }

  /** Keeps the lists of a record as they are. */
  keepLists(position: number, lists: AttributeLists): void {
    this.#lists.set(position, lists);
  }

  /** A record as it can be worked with: a copy. */
  read(position: number): Remains {
    const chunk = this.#chunkOf(position);
    const record = position % chunkPositions;
    let at = chunk.word(record, Field.start);
    const next = (field: number): string => {
      const start = at;
      at += chunk.word(record, field);
      return chunk.bytes.latin1Slice(start, at);
    };
    return new Remains({
      slot: chunk.word(record, Field.slot),
      label: chunk.word(record, Field.label) >>> 0,
      flags: chunk.word(record, Field.flags),
      status: chunk.word(record, Field.status),
      relayedBranch: chunk.word(record, Field.relayedBranch),
      branchCount: chunk.word(record, Field.branchCount),
      socket: this.#sockets[chunk.word(record, Field.socket)] ?? null,
      port: chunk.word(record, Field.port),
      token: next(Field.token),
      method: next(Field.method),
      address: next(Field.address),
      key: next(Field.key),
      replyText: next(Field.reply),
      destroyAt: chunk.time(record, Time.destroyAt),
      lifetimeEnd: chunk.time(record, Time.lifetimeEnd),
      keptText: next(Field.kept),
      lists: this.#lists.get(position) ?? null,
      requestSocket: this.#sockets[chunk.word(record, Field.requestSocket)] ?? null,
    });
  }

  /** Whether the transaction of a record has this key. */
  hasKey(position: number, key: string): boolean {
    const chunk = this.#chunkOf(position);
    const record = position % chunkPositions;
    if (chunk.word(record, Field.key) !== key.length) return false;
    const start =
      chunk.word(record, Field.start) +
      chunk.word(record, Field.token) +
      chunk.word(record, Field.method) +
      chunk.word(record, Field.address);
    for (let i = 0; i < key.length; i++) {
      if (chunk.bytes[start + i] !== key.charCodeAt(i)) return false;
    }
    return true;
  }

  /** Place of the oldest in the table; there must be one. */
  get oldestSlot(): number {
    const chunk = this.#first as Chunk;
    return chunk.word(chunk.gone, Field.slot);
  }

  /** Whether the oldest is a CANCEL that was received; there must be one. */
  get oldestIsCancel(): boolean {
    const chunk = this.#first as Chunk;
    const record = chunk.gone;
    if (chunk.word(record, Field.key) === 0) return false;
    const start = chunk.word(record, Field.start) + chunk.word(record, Field.token);
    // Six letters of which the first is a C: only then it is worth a look.
    if (chunk.word(record, Field.method) !== 6 || chunk.bytes[start] !== 67) return false;
    return chunk.bytes.latin1Slice(start, start + 6) === "CANCEL";
  }

  /** Forgets the oldest. */
  dropOldest(): void {
    const chunk = this.#first;
    if (chunk === null) return;
    if (this.#lists.size > 0) this.#lists.delete(chunk.number * chunkPositions + chunk.gone);
    chunk.gone++;
    if (chunk.gone < chunk.count) return;
    // The last one may have room left, but starting from its beginning touches less memory.
    this.#first = chunk.next;
    if (this.#first === null) this.#last = null;
    this.#release(chunk);
  }

  #chunkOf(position: number): Chunk {
    return this.#chunks[Math.floor(position / chunkPositions)] as Chunk;
  }

  #chunkFor(length: number): Chunk {
    const last = this.#last;
    if (last !== null && last.hasRoom(length)) return last;
    const chunk = this.#spare ?? this.#newChunk();
    if (chunk === this.#spare) {
      this.#spare = chunk.next;
      this.#spares--;
    }
    chunk.clear();
    if (last === null) this.#first = chunk;
    else last.next = chunk;
    this.#last = chunk;
    this.#inUse++;
    return chunk;
  }

  #newChunk(): Chunk {
    const unused = this.#chunks.indexOf(null);
    const number = unused < 0 ? this.#chunks.length : unused;
    return (this.#chunks[number] = new Chunk(number));
  }

  #release(chunk: Chunk): void {
    this.#inUse--;
    chunk.next = null;
    if (this.#spares > this.#inUse) {
      this.#chunks[chunk.number] = null;
      return;
    }
    chunk.next = this.#spare;
    this.#spare = chunk;
    this.#spares++;
  }

  #socketNumber(socket: ListenSocket | null): number {
    const known = this.#sockets.indexOf(socket);
    return known >= 0 ? known : this.#sockets.push(socket) - 1;
  }
}
