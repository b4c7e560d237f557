/** A network in memory for tests: packets between named nodes, with losses and delays when asked for. */
import { BaseSocket } from "./base-socket.ts";
import type { Clock } from "./clock.ts";
import { TransportError } from "./errors.ts";
import type {
  ListenSocket,
  PacketReceiver,
  PacketSink,
  SocketOptions,
  Transport,
} from "./transport.ts";
import type { InheritedSocket, SharedSocket } from "./workers/place.ts";

/** A packet on its way. */
export interface MemoryPacket {
  readonly text: string;
  readonly fromAddress: string;
  readonly fromPort: number;
  readonly toAddress: string;
  readonly toPort: number;
}

/** Where packets for an address and port go. */
type Receiver = (packet: MemoryPacket) => void;

/**
 * Delivers each packet in a turn of its own, in the order of sending. `drop` and `delayMs` decide over each; packets to where
 * nobody listens are kept in `lost`.
 */
export class MemoryNetwork {
  /** True: this packet is lost. */
  drop: (packet: MemoryPacket) => boolean = () => false;
  /** Time on the way in milliseconds; 0 needs no advance of the clock. */
  delayMs: (packet: MemoryPacket) => number = () => 0;
  /** Every packet that was sent, lost ones too. */
  readonly packets: MemoryPacket[] = [];
  /** Packets for which there was nobody. */
  readonly lost: MemoryPacket[] = [];
  readonly #clock: Clock;
  readonly #receivers = new Map<string, Receiver>();
  #nextPort = 40_000;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A transport for an engine. */
  transport(): Transport {
    return new MemoryTransport(this);
  }

  /** A plain node: gets packets for `address:port` and can send. */
  node(address: string, port: number, receive: Receiver = () => undefined): MemoryNode {
    const packets: MemoryPacket[] = [];
    this.attach(address, port, (packet) => {
      packets.push(packet);
      receive(packet);
    });
    return {
      address,
      port,
      packets,
      send: (text, toAddress, toPort) =>
        this.send({ text, fromAddress: address, fromPort: port, toAddress, toPort }),
    };
  }

  attach(address: string, port: number, receive: Receiver): number {
    const chosen = port === 0 ? this.#nextPort++ : port;
    const key = `${address}|${chosen}`;
    if (this.#receivers.has(key)) {
      throw new TransportError("TRANSPORT_BIND_FAILED", `${address}:${chosen} is in use`);
    }
    this.#receivers.set(key, receive);
    return chosen;
  }

  detach(address: string, port: number): void {
    this.#receivers.delete(`${address}|${port}`);
  }

  send(packet: MemoryPacket): void {
    this.packets.push(packet);
    if (this.drop(packet)) return;
    const delay = this.delayMs(packet);
    if (delay > 0) this.#clock.after(delay, () => this.#deliver(packet));
    else queueMicrotask(() => this.#deliver(packet));
  }

  #deliver(packet: MemoryPacket): void {
    const receive = this.#receivers.get(`${packet.toAddress}|${packet.toPort}`);
    if (receive === undefined) this.lost.push(packet);
    else receive(packet);
  }
}

/** A peer in a memory network. */
export interface MemoryNode {
  readonly address: string;
  readonly port: number;
  /** What came in. */
  readonly packets: MemoryPacket[];
  send(text: string, toAddress: string, toPort: number): void;
}

class MemorySocket extends BaseSocket {
  readonly #transport: MemoryTransport;
  constructor(options: SocketOptions, port: number, transport: MemoryTransport) {
    super(options, port);
    this.#transport = transport;
  }

  send(text: string, port: number, address: string): void {
    this.#transport.send(this, text, port, address);
  }
}

class MemoryTransport implements Transport {
  readonly #network: MemoryNetwork;
  readonly #sockets: MemorySocket[] = [];
  #sink: PacketSink | null = null;

  constructor(network: MemoryNetwork) {
    this.#network = network;
  }

  open(options: SocketOptions, receive: PacketReceiver): Promise<ListenSocket> {
    const open: MemorySocket[] = [];
    let port: number;
    try {
      port = this.#network.attach(options.address, options.port, (packet) => {
        for (const socket of open) {
          receive(packet.text, packet.fromPort, packet.fromAddress, socket);
        }
      });
    } catch (error) {
      return Promise.reject(error as Error);
    }
    const socket = new MemorySocket(options, port, this);
    open.push(socket);
    this.#sockets.push(socket);
    return Promise.resolve(socket);
  }

  /** Sends from the address of another worker's socket; what comes in is handed over by that one. */
  adopt({ options }: InheritedSocket): Promise<ListenSocket> {
    return Promise.resolve(new MemorySocket(options, options.port, this));
  }

  shared(): readonly SharedSocket[] {
    return this.#sockets.map((socket) => ({
      options: {
        proto: socket.proto,
        address: socket.address,
        port: socket.port,
        index: socket.index,
      },
      socket: null,
      fds: [],
    }));
  }

  send(socket: ListenSocket, text: string, port: number, address: string): void {
    if (this.#sink !== null) {
      this.#sink({ text, address, port, socket });
      return;
    }
    this.#network.send({
      text,
      fromAddress: socket.address,
      fromPort: socket.port,
      toAddress: address,
      toPort: port,
    });
  }

  intercept(sink: PacketSink | null): void {
    this.#sink = sink;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) this.#network.detach(socket.address, socket.port);
    this.#sockets.length = 0;
    return Promise.resolve();
  }
}
