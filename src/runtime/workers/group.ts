/** The workers of one server as one of them sees them: who owns what, handing over packets, and asking each other. */
import type { Duplex } from "node:stream";
import type { Clock, Timer } from "../clock.ts";
import { hash32 } from "../../sip/ids.ts";
import { messageOf } from "../errors.ts";
import { FrameKind, type PacketSource } from "./frames.ts";
import { WorkerLink } from "./link.ts";
import { branchMark, ownerOf, ownerOfUser, type RoutingRule } from "./routing.ts";
import { fromWire, toWire } from "./wire.ts";

/** Answers what another worker asks. What is thrown or rejected reaches the asker as a `WorkerError`. */
export type WorkerHandler = (payload: unknown, from: number) => unknown;

/** What the engine and its modules use of the group. There is none where one worker does everything. */
export interface Workers {
  /** Number of this worker; 0 is the one that was started first, and does what is done once. */
  readonly index: number;
  readonly count: number;
  /** Goes behind the cookie of branches that this worker makes: replies come back to it. */
  readonly branchMark: string;
  /** Goes in front of tags that this worker makes: requests within their dialogs come back to it. */
  readonly tagMark: string;
  /** The worker that owns an address of record, by its user part. */
  ownerOfUser(user: string): number;
  /** Registers what answers calls and notices of this name. */
  handle(topic: string, handler: WorkerHandler): void;
  /** Asks another worker. Rejects with a `WorkerError` when it is gone, or says so itself. */
  call(worker: number, topic: string, payload: unknown): Promise<unknown>;
  /** Asks all others; in the order of their numbers. Those that are gone are left out. */
  callOthers(topic: string, payload: unknown): Promise<unknown[]>;
  /** Tells all others, without an answer. */
  tellOthers(topic: string, payload: unknown): void;
}

/** Another worker could not be asked, or refused. */
export class WorkerError extends Error {
  readonly code: number;
  constructor(message: string, code = 500) {
    super(message);
    this.code = code;
  }
}

export interface GroupOptions {
  readonly index: number;
  readonly count: number;
  /** Tells this group's tags from those of others; letters and digits, the same in all its workers. */
  readonly key: string;
  /** Most bytes of packets that may wait for one other worker. */
  readonly bufferLimit: number;
  /** How long an answer may take, milliseconds. */
  readonly callLimitMs: number;
}

/** What of its engine a group uses. */
export interface GroupEngine {
  readonly clock: Clock;
  /** Told of faults in handlers of notices. */
  readonly onFault: (error: unknown) => void;
}

/** Takes a packet that another worker received. */
export type ForeignPacket = (text: string, port: number, address: string, socket: number) => void;

interface Waiting {
  readonly worker: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: WorkerError) => void;
  readonly timer: Timer | undefined;
}

/** What is counted; read by gauges. */
export class GroupCounters {
  handedOver = 0;
  takenOver = 0;
  /** Packets for which the owner had no room, or that it was not there for. */
  dropped = 0;
  calls = 0;
}

/** One worker's side of its group. */
export class WorkerGroup implements Workers {
  readonly index: number;
  readonly count: number;
  readonly tagMark: string;
  readonly branchMark: string;
  readonly counters = new GroupCounters();
  /** Set by the engine. */
  onPacket: ForeignPacket = () => undefined;
  readonly #callLimitMs: number;
  #engine: GroupEngine | null = null;
  readonly #rule: RoutingRule;
  readonly #links: (WorkerLink | null)[];
  readonly #handlers = new Map<string, WorkerHandler>();
  readonly #waiting = new Map<number, Waiting>();
  #lastCall = 0;

  constructor(options: GroupOptions) {
    const { index, count, key, bufferLimit } = options;
    this.index = index;
    this.count = count;
    this.#callLimitMs = options.callLimitMs;
    this.tagMark = `${key}-${index}-`;
    this.branchMark = branchMark(index);
    this.#rule = { count, tagStart: `=${key}-` };
    this.#links = Array.from({ length: count }, (_, worker) =>
      worker === index ? null : new WorkerLink(this.#receiver(worker), bufferLimit),
    );
  }

  /** Before the engine starts. */
  attach(engine: GroupEngine): void {
    this.#engine = engine;
  }

  /** The worker that a packet belongs to; this one, if anyone can deal with it. */
  ownerOf(text: string): number {
    const owner = ownerOf(text, this.#rule);
    return owner < 0 ? this.index : owner;
  }

  ownerOfUser(user: string): number {
    return ownerOfUser(user, this.count);
  }

  /** Gives a packet to the worker that it belongs to. */
  handOver(worker: number, text: string, from: PacketSource): void {
    if (this.#links[worker]?.packet(text, from) === true) this.counters.handedOver++;
    else this.counters.dropped++;
  }

  /** Uses a stream to another worker. */
  connect(worker: number, stream: Duplex): void {
    this.#links[worker]?.connect(stream, () => this.#ended(worker));
  }

  /** Another worker is gone; what it was asked has failed. */
  forget(worker: number): void {
    this.#links[worker]?.forget();
    this.#ended(worker);
  }

  /** Another worker is being started: what is for it waits. */
  expect(worker: number): void {
    this.#links[worker]?.expect();
  }

  /** Ends all streams. */
  close(): void {
    for (const link of this.#links) link?.forget();
  }

  handle(topic: string, handler: WorkerHandler): void {
    this.#handlers.set(topic, handler);
  }

  call(worker: number, topic: string, payload: unknown): Promise<unknown> {
    this.counters.calls++;
    if (worker === this.index) return this.#answer(topic, payload, worker);
    const id = (this.#lastCall = (this.#lastCall + 1) >>> 0);
    return new Promise((resolve, reject) => {
      const fail = (): void => this.#fail(id, gone(worker));
      const timer = this.#engine?.clock.after(this.#callLimitMs, fail);
      this.#waiting.set(id, { worker, resolve, reject, timer });
      const text = `${topic}\n${toWire(payload)}`;
      if (this.#links[worker]?.text(FrameKind.call, id, text) !== true) fail();
    });
  }

  async callOthers(topic: string, payload: unknown): Promise<unknown[]> {
    const asked: Promise<unknown>[] = [];
    for (let worker = 0; worker < this.count; worker++) {
      if (worker !== this.index) asked.push(this.call(worker, topic, payload));
    }
    const answers: unknown[] = [];
    for (const settled of await Promise.allSettled(asked)) {
      if (settled.status === "fulfilled") answers.push(settled.value);
      else if ((settled.reason as WorkerError).code !== goneCode) throw settled.reason;
    }
    return answers;
  }

  tellOthers(topic: string, payload: unknown): void {
    const text = `${topic}\n${toWire(payload)}`;
    for (const link of this.#links) link?.text(FrameKind.notice, 0, text);
  }

  #receiver(worker: number): ConstructorParameters<typeof WorkerLink>[0] {
    return {
      packet: (text, port, address, socket) => {
        this.counters.takenOver++;
        this.onPacket(text, port, address, socket);
      },
      text: (kind, id, text) => this.#text(worker, kind, id, text),
    };
  }

  // The parts of a frame.
  // oxlint-disable-next-line max-params
  #text(worker: number, kind: number, id: number, text: string): void {
    if (kind === FrameKind.call) {
      void this.#serve(worker, id, text);
      return;
    }
    if (kind === FrameKind.notice) {
      const [topic, payload] = split(text);
      this.#answer(topic, fromWire(payload), worker).catch((error: unknown) =>
        this.#engine?.onFault(error),
      );
      return;
    }
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || waiting.worker !== worker) return;
    if (kind === FrameKind.answer) {
      this.#waiting.delete(id);
      waiting.timer?.cancel();
      waiting.resolve(fromWire(text));
      return;
    }
    const [code, message] = split(text);
    this.#fail(id, new WorkerError(message, Number(code)));
  }

  #fail(id: number, error: WorkerError): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.timer?.cancel();
    waiting.reject(error);
  }

  async #serve(worker: number, id: number, text: string): Promise<void> {
    const [topic, payload] = split(text);
    const link = this.#links[worker];
    try {
      const answer = await this.#answer(topic, fromWire(payload), worker);
      link?.text(FrameKind.answer, id, toWire(answer));
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      const message = messageOf(error);
      link?.text(FrameKind.failure, id, `${typeof code === "number" ? code : 500}\n${message}`);
    }
  }

  async #answer(topic: string, payload: unknown, from: number): Promise<unknown> {
    const handler = this.#handlers.get(topic);
    if (handler === undefined) throw new WorkerError(`nobody answers ${topic}`);
    return await handler(payload, from);
  }

  #ended(worker: number): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.worker === worker) this.#fail(id, gone(worker));
    }
  }
}

/** Code of a `WorkerError` that says that the worker is not there. */
export const goneCode = 503;

function gone(worker: number): WorkerError {
  return new WorkerError(`worker ${worker} is not there`, goneCode);
}

function split(text: string): [string, string] {
  const at = text.indexOf("\n");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Seven letters and digits for a group's tags, from what tells its server from others. */
export function groupKey(identity: string): string {
  return hash32(identity).toString(36).padStart(7, "0");
}
