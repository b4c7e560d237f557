/** UDP sockets of the machine. */
import type { RemoteInfo, Socket } from "node:dgram";
import { turnClock } from "./clock.ts";
import { TransportError } from "./errors.ts";
import type {
  ListenSocket,
  PacketReceiver,
  PacketSink,
  SocketOptions,
  Transport,
} from "./transport.ts";
import { ReceiveBatch } from "./udp-batch.ts";
import { BatchedUdpSocket } from "./udp-batched-socket.ts";
import { loadSystemCalls, type SystemCalls } from "./udp-calls.ts";
import { Ipv4Names, Ipv6Names, type NameCodec } from "./udp-names.ts";
import { keepAlone, openDescriptor, openWithCalls, openWithNode } from "./udp-open.ts";
import { type Latin1Buffer, type SendFaults, type UdpShared, UdpSocket } from "./udp-socket.ts";
import type { InheritedSocket, SharedSocket } from "./workers/place.ts";
import { openForOthers } from "./workers/shared-address.ts";

export interface UdpOptions {
  /** Receive buffer in the system, bytes; 0 leaves the system's own. */
  readonly receiveBufferSize?: number;
  readonly sendBufferSize?: number;
  /** Only `::` sockets: whether they take IPv6 alone. */
  readonly ipv6Only?: boolean;
  /**
   * Receives and sends many packets with one system call: on Linux, when the optional library koffi is there. Without it, and with
   * false, Node.js does it packet by packet.
   */
  readonly batch?: boolean;
  /** How many workers read from each address; each gets a socket of its own where that can be. Default: 1. */
  readonly readers?: number;
  /** Told of faults of open sockets. */
  readonly onFault?: (error: TransportError) => void;
}

/** What the batched sockets of one address family have in common. */
interface BatchFamily {
  readonly codec: NameCodec;
  readonly received: ReceiveBatch;
}

/** A socket of Node.js whose descriptor is known. */
interface OpenDescriptor {
  readonly calls: SystemCalls;
  readonly node: Socket;
  readonly fd: number;
}

/** Opens UDP sockets; what goes wrong while sending is counted in `faults`. */
export class UdpTransport implements Transport {
  readonly #options: UdpOptions;
  readonly #sockets: Socket[] = [];
  readonly #opened: UdpSocket[] = [];
  readonly #shareable: SharedSocket[] = [];
  readonly #shared: UdpShared = {
    isClosed: false,
    sink: null,
    faults: { count: 0, lastError: null },
  };
  #calls: Promise<SystemCalls | null> | null = null;
  #ipv4: BatchFamily | null = null;
  #ipv6: BatchFamily | null = null;

  constructor(options: UdpOptions = {}) {
    this.#options = options;
  }

  get faults(): Readonly<SendFaults> {
    return this.#shared.faults;
  }

  async open(options: SocketOptions, receive: PacketReceiver): Promise<ListenSocket> {
    if (options.proto !== "udp") {
      throw new TransportError("TRANSPORT_PROTO", `transport ${options.proto} is not available`);
    }
    const calls = await this.#systemCalls();
    const ipv6Only = this.#options.ipv6Only ?? true;
    if (calls === null) {
      const node = await openWithNode(options, ipv6Only);
      const socket = this.#plain(node, options, receive);
      const real = { ...options, port: socket.port };
      this.#shareable.push({ options: real, socket: node, fds: [] });
      return socket;
    }
    const { codec } = this.#family(calls, options.address.includes(":"));
    const { socket: node, fd } = await openWithCalls(calls, codec, options, ipv6Only);
    const socket = this.#batched({ calls, node, fd }, options, receive);
    const { readers = 1 } = this.#options;
    if (readers > 1) {
      const real = { ...options, port: socket.port };
      const first = { calls, codec, fd, options: { ...real, ipv6Only } };
      this.#shareable.push({ options: real, socket: null, fds: openForOthers(first, readers) });
    }
    return socket;
  }

  async adopt(inherited: InheritedSocket, receive: PacketReceiver): Promise<ListenSocket> {
    const { options, fd } = inherited;
    const node = inherited.socket ?? (await openDescriptor(fd, options));
    const calls = fd < 0 ? null : await this.#systemCalls();
    if (calls === null) return this.#plain(node, options, receive);
    keepAlone(calls, fd);
    return this.#batched({ calls, node, fd }, options, receive);
  }

  shared(): readonly SharedSocket[] {
    return this.#shareable;
  }

  intercept(sink: PacketSink | null): void {
    this.#shared.sink = sink;
  }

  async close(): Promise<void> {
    for (const socket of this.#opened) socket.flush();
    this.#shared.isClosed = true;
    this.#opened.length = 0;
    await Promise.all(this.#sockets.map((socket) => closeSocket(socket)));
    const calls = await this.#calls;
    // The first of each is closed with its socket.
    for (const { fds } of this.#shareable.splice(0)) {
      for (const fd of fds.slice(1)) calls?.close(fd);
    }
    this.#sockets.length = 0;
  }

  #systemCalls(): Promise<SystemCalls | null> {
    return (this.#calls ??=
      this.#options.batch === false ? Promise.resolve(null) : loadSystemCalls());
  }

  #plain(node: Socket, options: SocketOptions, receive: PacketReceiver): UdpSocket {
    this.#adopt(node);
    const socket = new UdpSocket(node, options, this.#shared);
    node.on("message", (bytes: Buffer, from: RemoteInfo) => {
      receive((bytes as Latin1Buffer).latin1Slice(), from.port, from.address, socket);
    });
    this.#opened.push(socket);
    return socket;
  }

  #batched(open: OpenDescriptor, options: SocketOptions, receive: PacketReceiver): UdpSocket {
    const { calls, node, fd } = open;
    const { codec, received } = this.#family(calls, options.address.includes(":"));
    this.#adopt(node);
    const onFault = (error: Error): void => this.#fault(error);
    const parts = { calls, fd, codec, received, onFault, now: turnClock };
    const socket = new BatchedUdpSocket(node, options, this.#shared, parts);
    node.on("message", (bytes: Buffer, from: RemoteInfo) => socket.read(bytes, from, receive));
    this.#opened.push(socket);
    return socket;
  }

  #family(calls: SystemCalls, isIpv6: boolean): BatchFamily {
    if (isIpv6) return (this.#ipv6 ??= newFamily(calls, new Ipv6Names(calls)));
    return (this.#ipv4 ??= newFamily(calls, new Ipv4Names()));
  }

  #adopt(socket: Socket): void {
    this.#sockets.push(socket);
    socket.on("error", (error) => this.#fault(error));
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

function newFamily(calls: SystemCalls, codec: NameCodec): BatchFamily {
  return { codec, received: new ReceiveBatch(calls, codec) };
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
