/** UDP sockets of the machine. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { BaseSocket } from "./base-socket.ts";
import { atEndOfTurn } from "./clock.ts";
import { TransportError } from "./errors.ts";
import type {
  ListenSocket,
  PacketReceiver,
  PacketSink,
  SocketOptions,
  Transport,
} from "./transport.ts";

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

/** Sends that the system refused, and what it said last. Of single faults among good sends only a sample is seen. */
export interface SendFaults {
  count: number;
  lastError: Error | null;
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
class UdpSocket extends BaseSocket {
  readonly #socket: Socket;
  readonly #shared: UdpShared;
  /** Packets are written into it one behind the other, never twice in a place: the system may still hold on to them. */
  #buffer = newBuffer();
  #used = 0;
  #outgoing: Outgoing[] = [];
  readonly #flush = (): void => this.flush();
  /** Sends until the next one whose outcome is asked for; below 0: all are, so many times more. */
  #untilAsked = 0;
  readonly #onSent = (error: Error | null): void => {
    if (error === null) return;
    this.#untilAsked = -watchedSends;
    this.#shared.faults.count++;
    this.#shared.faults.lastError = error;
  };

  constructor(socket: Socket, options: SocketOptions, shared: UdpShared) {
    super(options, socket.address().port);
    this.#socket = socket;
    this.#shared = shared;
  }

  send(text: string, port: number, address: string): void {
    if (this.#shared.sink !== null) {
      this.#shared.sink({ text, address, port, socket: this });
      return;
    }
    if (this.#shared.isClosed || port <= 0 || port > 65_535 || text.length > largestDatagram) {
      this.#onSent(new TransportError("TRANSPORT_SEND_REFUSED", "packet cannot be sent"));
      return;
    }
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

  /** Hands to the system what is ready. */
  flush(): void {
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
      this.#socket.send(buffer, start, length, port, address);
    } else {
      this.#untilAsked = this.#untilAsked < -1 ? this.#untilAsked + 1 : sampledSends;
      this.#socket.send(buffer, start, length, port, address, this.#onSent);
    }
  }
}

/** What `write` and `toString` end in, without looking up the encoding for each packet. */
interface Latin1Buffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  latin1Slice(): string;
}

function newBuffer(): Latin1Buffer {
  return Buffer.allocUnsafeSlow(bufferLength) as Latin1Buffer;
}

interface UdpShared {
  isClosed: boolean;
  sink: PacketSink | null;
  readonly faults: SendFaults;
}

export interface UdpOptions {
  /** Receive buffer in the system, bytes; 0 leaves the system's own. */
  readonly receiveBufferSize?: number;
  readonly sendBufferSize?: number;
  /** Only `::` sockets: whether they take IPv6 alone. */
  readonly ipv6Only?: boolean;
  /** Told of faults of open sockets. */
  readonly onFault?: (error: TransportError) => void;
}

/** Opens UDP sockets; what goes wrong while sending is counted in `faults`. */
export class UdpTransport implements Transport {
  readonly #options: UdpOptions;
  readonly #sockets: Socket[] = [];
  readonly #opened: UdpSocket[] = [];
  readonly #shared: UdpShared = {
    isClosed: false,
    sink: null,
    faults: { count: 0, lastError: null },
  };

  constructor(options: UdpOptions = {}) {
    this.#options = options;
  }

  get faults(): Readonly<SendFaults> {
    return this.#shared.faults;
  }

  open(options: SocketOptions, receive: PacketReceiver): Promise<ListenSocket> {
    if (options.proto !== "udp") {
      return Promise.reject(
        new TransportError("TRANSPORT_PROTO", `transport ${options.proto} is not available`),
      );
    }
    const isIpv6 = options.address.includes(":");
    const socket = createSocket({
      type: isIpv6 ? "udp6" : "udp4",
      ipv6Only: isIpv6 && (this.#options.ipv6Only ?? true),
      lookup: literalLookup,
    });
    this.#sockets.push(socket);
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => reject(bindError(options, error));
      socket.once("error", failed);
      socket.bind({ address: options.address, port: options.port }, () => {
        socket.off("error", failed);
        socket.on("error", (error) => this.#fault(error));
        this.#setBuffers(socket);
        const open = new UdpSocket(socket, options, this.#shared);
        this.#opened.push(open);
        socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
          receive((bytes as Latin1Buffer).latin1Slice(), from.port, from.address, open);
        });
        resolve(open);
      });
    });
  }

  intercept(sink: PacketSink | null): void {
    this.#shared.sink = sink;
  }

  async close(): Promise<void> {
    this.#shared.isClosed = true;
    for (const socket of this.#opened) socket.flush();
    this.#opened.length = 0;
    await Promise.all(this.#sockets.map((socket) => closeSocket(socket)));
    this.#sockets.length = 0;
  }

  #setBuffers(socket: Socket): void {
    const { receiveBufferSize = 0, sendBufferSize = 0 } = this.#options;
    try {
      if (receiveBufferSize > 0) socket.setRecvBufferSize(receiveBufferSize);
      if (sendBufferSize > 0) socket.setSendBufferSize(sendBufferSize);
    } catch (error) {
      this.#fault(error as Error);
    }
  }

  #fault(cause: Error): void {
    this.#options.onFault?.(new TransportError("TRANSPORT_FAULT", cause.message, { cause }));
  }
}

type LookupCallback = (error: Error | null, address: string, family: number) => void;

/** Destinations are literal addresses: hands them back at once, without a thread of the resolver. */
function literalLookup(host: string, _options: object, callback: LookupCallback): void {
  callback(null, host, host.includes(":") ? 6 : 4);
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(resolve);
    } catch {
      // It never came to be open.
      resolve();
    }
  });
}

function bindError(options: SocketOptions, cause: NodeJS.ErrnoException): TransportError {
  const where = `udp:${options.address}:${options.port}`;
  const why = reasons[cause.code ?? ""] ?? cause.message;
  return new TransportError("TRANSPORT_BIND_FAILED", `cannot listen on ${where}: ${why}`, {
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use by another process",
  EADDRNOTAVAIL: "this machine does not have that address",
  EACCES: "not permitted (ports below 1024 need a privilege)",
};
