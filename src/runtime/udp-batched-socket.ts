/** A UDP socket that receives and sends many packets with one system call. */
import type { RemoteInfo, Socket } from "node:dgram";
import { getSystemErrorName } from "node:util";
import { atEndOfTurn } from "./clock.ts";
import { TransportError } from "./errors.ts";
import type { PacketReceiver, SocketOptions } from "./transport.ts";
import { type ReceiveBatch, SendBatch, type SendOutcome } from "./udp-batch.ts";
import type { SystemCalls } from "./udp-calls.ts";
import type { NameCodec } from "./udp-names.ts";
import { type Latin1Buffer, UdpSocket, type UdpShared } from "./udp-socket.ts";

/**
 * How long packets are read in a row before other sockets and timers get their turn, in milliseconds. What is left then comes
 * through Node.js, which reads up to 32 in a turn, each at several times the cost.
 */
const turnMs = 20;

/** Packets after which the time is looked at. */
const packetsPerLook = 128;

/** What a batched socket works with. */
export interface BatchParts {
  readonly calls: SystemCalls;
  /** Descriptor of the socket; Node.js has it too, and closes it. */
  readonly fd: number;
  readonly codec: NameCodec;
  readonly received: ReceiveBatch;
  /** Told of faults while receiving. */
  readonly onFault: (error: Error) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Node.js says when packets are there and reads the first one; the others are fetched at once. What is sent meanwhile leaves when
 * they have been worked through; what is sent at other times, at the end of the turn.
 */
export class BatchedUdpSocket extends UdpSocket implements SendOutcome {
  readonly #fd: number;
  readonly #received: ReceiveBatch;
  readonly #sending: SendBatch;
  readonly #onFault: (error: Error) => void;
  readonly #now: () => number;
  /** Packets are being read: what is sent leaves afterwards. */
  #isReading = false;
  #isScheduled = false;
  /** The system took no more; until it took what Node.js holds now, all goes through Node.js, so that the order is kept. */
  #isBlocked = false;
  /** Packets until the time is looked at; 0: this turn is over. */
  #left = packetsPerLook;
  #turnStart: number;
  readonly #endTurn = (): void => {
    this.#left = packetsPerLook;
    this.#turnStart = this.#now();
    this.flush();
  };

  constructor(node: Socket, options: SocketOptions, shared: UdpShared, parts: BatchParts) {
    super(node, options, shared);
    this.#fd = parts.fd;
    this.#received = parts.received;
    this.#sending = new SendBatch(parts.calls, parts.codec);
    this.#onFault = parts.onFault;
    this.#now = parts.now;
    this.#turnStart = parts.now();
  }

  /** Takes the packet that Node.js read, and those behind it. */
  read(bytes: Buffer, from: RemoteInfo, receive: PacketReceiver): void {
    const readsOthers = this.#left > 0;
    this.#isReading = readsOthers;
    try {
      receive((bytes as Latin1Buffer).latin1Slice(), from.port, from.address, this);
      if (readsOthers) this.#readOthers(receive);
    } finally {
      this.#isReading = false;
      if (readsOthers) this.flush();
    }
  }

  override flush(): void {
    this.#isScheduled = false;
    super.flush();
    if (this.#sending.count > 0) this.#sending.send(this.#fd, this);
  }

  refused(error: number): void {
    const name = getSystemErrorName(-error);
    this.fault(new TransportError("TRANSPORT_SEND_REFUSED", `packet refused: ${name}`));
  }

  blocked(packet: number): void {
    this.#isBlocked = true;
    const { count } = this.#sending;
    for (let i = packet; i < count; i++) {
      const { text, port, address } = this.#sending.packet(i);
      super.enqueue(text, port, address);
    }
  }

  protected override enqueue(text: string, port: number, address: string): void {
    if (this.#isBlocked) {
      this.#isBlocked = this.isWaiting;
      if (this.#isBlocked) {
        super.enqueue(text, port, address);
        return;
      }
    }
    if (this.#sending.isFull(text.length)) {
      this.#sending.send(this.#fd, this);
      this.enqueue(text, port, address);
      return;
    }
    if (!this.#sending.add(text, port, address)) {
      super.enqueue(text, port, address);
      return;
    }
    if (this.#isReading || this.#isScheduled) return;
    this.#isScheduled = true;
    atEndOfTurn(this.#endTurn);
  }

  #readOthers(receive: PacketReceiver): void {
    const received = this.#received;
    // A script may have closed the transport: the descriptor may be someone else's by now.
    while (this.#left > 0 && !this.shared.isClosed) {
      const count = received.receive(this.#fd);
      if (count <= 0) {
        if (count < 0) this.#onFault(new Error(getSystemErrorName(count)));
        return;
      }
      for (let i = 0; i < count; i++) {
        receive(received.text(i), received.port(i), received.address(i), this);
      }
      this.#left -= count;
      if (this.#left <= 0) this.#look();
      if (count < received.capacity) return;
    }
  }

  /** Ends the turn when its time is over. */
  #look(): void {
    const isOver = this.#now() - this.#turnStart >= turnMs;
    this.#left = isOver ? 0 : packetsPerLook;
    if (isOver) atEndOfTurn(this.#endTurn);
  }
}
