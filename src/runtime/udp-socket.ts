/** A UDP socket that sends through Node.js, packet by packet. */
import type { Socket } from "node:dgram";
import { BaseSocket } from "./base-socket.ts";
import { atEndOfTurn } from "./clock.ts";
import { TransportError } from "./errors.ts";
import type { PacketSink, SocketOptions } from "./transport.ts";

/** Largest payload of a UDP datagram over IPv4. */
const largestDatagram = 65_507;

/** Room for some hundred usual packets. */
const bufferLength = 131_072;

/**
 * Of how many sends one is asked for its outcome. Being told costs a tenth of a whole send; a fault that lasts is still seen, and
 * from then on every send is watched until `watchedSends` of them went well.
 */
const sampledSends = 64;
const watchedSends = 1024;

/** Sends that the system refused, and what it said last. Of single faults among good sends only a sample may be seen. */
export interface SendFaults {
  count: number;
  lastError: Error | null;
}

/** What the sockets of a transport have in common. */
export interface UdpShared {
  isClosed: boolean;
  sink: PacketSink | null;
  readonly faults: SendFaults;
}

/** What `write` and `toString` end in, without looking up the encoding for each packet. */
export interface Latin1Buffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  latin1Slice(start?: number, end?: number): string;
}

/** A packet that is ready to go. */
interface Outgoing {
  readonly buffer: Buffer;
  readonly start: number;
  readonly length: number;
  readonly port: number;
  readonly address: string;
}

/**
 * Packets leave at the end of the turn of the event loop in which they were made, all in a row. Under load a turn reads some dozens
 * of packets: code that reads and code that sends then take turns less often, and a peer on this machine is woken once for
 * many packets instead of for each.
 */
export class UdpSocket extends BaseSocket {
  protected readonly node: Socket;
  protected readonly shared: UdpShared;
  /** Packets are written into it one behind the other, never twice in a place: the system may still hold on to them. */
  #buffer = newBuffer();
  #used = 0;
  #outgoing: Outgoing[] = [];
  readonly #flush = (): void => this.#sendAll();
  /** Sends until the next one whose outcome is asked for; below 0: all are, so many times more. */
  #untilAsked = 0;
  readonly #onSent = (error: Error | null): void => {
    if (error === null) return;
    this.#untilAsked = -watchedSends;
    this.fault(error);
  };

  constructor(node: Socket, options: SocketOptions, shared: UdpShared) {
    super(options, node.address().port);
    this.node = node;
    this.shared = shared;
  }

  send(text: string, port: number, address: string): void {
    if (this.shared.sink !== null) {
      this.shared.sink({ text, address, port, socket: this });
    } else if (
      this.shared.isClosed ||
      port <= 0 ||
      port > 65_535 ||
      text.length > largestDatagram
    ) {
      this.#onSent(new TransportError("TRANSPORT_SEND_REFUSED", "packet cannot be sent"));
    } else {
      this.enqueue(text, port, address);
    }
  }

  /** Hands to the system what is ready. */
  flush(): void {
    this.#sendAll();
  }

  /** Takes a packet that can be sent. */
  protected enqueue(text: string, port: number, address: string): void {
    const { length } = text;
    if (this.#used + length > this.#buffer.length) {
      this.#buffer = newBuffer();
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = start + this.#buffer.latin1Write(text, start, length);
    this.#outgoing.push({ buffer: this.#buffer, start, length, port, address });
    if (this.#outgoing.length === 1) atEndOfTurn(this.#flush);
  }

  protected fault(error: Error): void {
    this.shared.faults.count++;
    this.shared.faults.lastError = error;
  }

  /** Whether packets wait for Node.js to send them. */
  protected get isWaiting(): boolean {
    return this.#outgoing.length > 0 || this.node.getSendQueueCount() > 0;
  }

  #sendAll(): void {
    const all = this.#outgoing;
    this.#outgoing = [];
    for (const packet of all) {
      try {
        this.#sendNow(packet);
      } catch (error) {
        this.#onSent(error as Error);
      }
    }
  }

  #sendNow({ buffer, start, length, port, address }: Outgoing): void {
    if (this.#untilAsked > 0) {
      this.#untilAsked--;
      this.node.send(buffer, start, length, port, address);
    } else {
      this.#untilAsked = this.#untilAsked < -1 ? this.#untilAsked + 1 : sampledSends;
      this.node.send(buffer, start, length, port, address, this.#onSent);
    }
  }
}

function newBuffer(): Latin1Buffer {
  return Buffer.allocUnsafeSlow(bufferLength) as Latin1Buffer;
}
