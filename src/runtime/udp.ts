/** UDP sockets of the machine. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { BaseSocket } from "./base-socket.ts";
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

class UdpSocket extends BaseSocket {
  readonly #socket: Socket;
  readonly #shared: UdpShared;
  /** Written anew for each packet; replaced only while the system still holds on to it. */
  #buffer = Buffer.allocUnsafeSlow(largestDatagram);
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
    const length = this.#buffer.write(text, 0, "latin1");
    if (this.#untilAsked > 0) {
      this.#untilAsked--;
      this.#socket.send(this.#buffer, 0, length, port, address);
    } else {
      this.#untilAsked = this.#untilAsked < -1 ? this.#untilAsked + 1 : sampledSends;
      this.#socket.send(this.#buffer, 0, length, port, address, this.#onSent);
    }
    if (this.#socket.getSendQueueCount() > 0) {
      // The socket's buffer in the system is full: these bytes are still to be sent.
      this.#buffer = Buffer.allocUnsafeSlow(largestDatagram);
    }
  }
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
        socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
          receive(bytes.toString("latin1"), from.port, from.address, open);
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
