/** The stream between this worker and another one: what goes out together, and what may wait. */
import type { Duplex } from "node:stream";
import { atEndOfTurn } from "../clock.ts";
import { FrameReader, type FrameReceiver, FrameWriter, type PacketSource } from "./frames.ts";

/** One peer. There is a link for each from the start, with or without a stream. */
export class WorkerLink {
  readonly #receiver: FrameReceiver;
  /** Most bytes that may wait for the peer. */
  readonly #limit: number;
  readonly #writer = new FrameWriter();
  #stream: Duplex | null = null;
  /** Whether what is written waits for a stream to come. */
  #isExpected = true;
  #isScheduled = false;
  readonly #flush = (): void => this.flush();

  constructor(receiver: FrameReceiver, limit: number) {
    this.#receiver = receiver;
    this.#limit = limit;
  }

  /** Uses a stream to the peer; `onEnd` is called when it is over. */
  connect(stream: Duplex, onEnd: () => void): void {
    this.#stream = stream;
    this.#isExpected = true;
    const reader = new FrameReader(this.#receiver);
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      stream.destroy();
      if (this.#stream !== stream) return;
      this.#stream = null;
      onEnd();
    };
    stream.on("data", (chunk: Buffer) => {
      if (!reader.read(chunk)) end();
    });
    stream.on("error", end);
    stream.on("close", end);
    stream.on("end", end);
    stream.resume();
    this.#schedule();
  }

  /** The peer is gone, and it is not known when it comes back: nothing is kept for it. */
  forget(): void {
    this.#isExpected = false;
    const stream = this.#stream;
    this.#stream = null;
    stream?.destroy();
    this.#writer.take();
  }

  /** A stream will come soon: what is written waits for it. */
  expect(): void {
    this.#isExpected = true;
  }

  /** False: there is no room, or nobody. */
  packet(text: string, from: PacketSource): boolean {
    if (!this.#hasRoom(text.length)) return false;
    this.#writer.packet(text, from);
    this.#schedule();
    return true;
  }

  /** Calls and answers are never dropped for lack of room: whoever calls waits. False: there is nobody. */
  text(kind: number, id: number, text: string): boolean {
    if (this.#stream === null && !this.#isExpected) return false;
    this.#writer.text(kind, id, text);
    this.#schedule();
    return true;
  }

  #hasRoom(more: number): boolean {
    const stream = this.#stream;
    if (stream === null) return this.#isExpected && this.#writer.size + more <= this.#limit;
    return stream.writableLength + this.#writer.size + more <= this.#limit;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#stream === null || this.#writer.size === 0) return;
    this.#isScheduled = true;
    atEndOfTurn(this.#flush);
  }

  /** One write for all that came up in this turn of the event loop. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#stream !== null && this.#writer.size > 0) this.#stream.write(this.#writer.take());
  }
}
