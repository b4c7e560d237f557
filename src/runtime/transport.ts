/** Sockets as the engine sees them: where packets come from and go to. */
import type { InheritedSocket, SharedSocket } from "./workers/place.ts";

export type Proto = "udp" | "tcp" | "tls" | "sctp" | "ws" | "wss";

/** One `listen`: an address that the engine receives on and sends from. */
export interface ListenSocket {
  readonly proto: Proto;
  /** Literal address, IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
  readonly family: 4 | 6;
  /** `name "x"` of the listen line. */
  readonly name: string | undefined;
  /** What to write into Via and Record-Route instead, when given. */
  readonly advertisedHost: string | undefined;
  readonly advertisedPort: number | undefined;
  /** Position among the engine's sockets. */
  readonly index: number;
  /** `udp:127.0.0.1:5060`, ready made. */
  readonly text: string;
  /** `127.0.0.1` or `[::1]`, advertised when given; ready made for Via and Record-Route. */
  readonly viaHost: string;
  /** Advertised port or the real one. */
  readonly viaPort: number;
  /** Sends one datagram; text is written as latin1. Never throws: faults are counted. */
  send(text: string, port: number, address: string): void;
}

/** A packet that came in. Reused for each one: copy what you keep. */
export interface Packet {
  /** latin1 reading of the bytes. */
  text: string;
  sourceAddress: string;
  sourcePort: number;
  socket: ListenSocket;
}

/** What a socket is opened with. */
export interface SocketOptions {
  readonly proto: Proto;
  /** Literal address, IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
  readonly name?: string;
  readonly advertisedHost?: string;
  readonly advertisedPort?: number;
  readonly index: number;
}

/** Called for each datagram. */
export type PacketReceiver = (
  text: string,
  port: number,
  address: string,
  socket: ListenSocket,
) => void;

/** Opens sockets and hands in packets. The engine's only way to the network. */
export interface Transport {
  /** Opens a socket; `receive` is called for each datagram. */
  open(options: SocketOptions, receive: PacketReceiver): Promise<ListenSocket>;
  close(): Promise<void>;
  /** Uses a socket that another process opened and shares. */
  adopt?(inherited: InheritedSocket, receive: PacketReceiver): Promise<ListenSocket>;
  /** What was opened, to be shared with other processes. */
  shared?(): readonly SharedSocket[];
  /** Hands what is sent to `sink` instead of sending it, until called with null. For `Engine.inject`. */
  intercept?(sink: PacketSink | null): void;
  /** Sends that the system refused, as far as they were seen. */
  readonly faults?: { readonly count: number };
}

/** Gets packets that would have been sent. */
export type PacketSink = (packet: {
  readonly text: string;
  readonly address: string;
  readonly port: number;
  readonly socket: ListenSocket;
}) => void;

/** Where a request is sent. */
export interface Destination {
  readonly address: string;
  readonly port: number;
  readonly proto: Proto;
  readonly socket: ListenSocket;
}
