/** What all kinds of sockets have in common: their names. */
import type { ListenSocket, Proto, SocketOptions } from "./transport.ts";

/** Works out the texts of a socket once. */
export abstract class BaseSocket implements ListenSocket {
  readonly proto: Proto;
  readonly address: string;
  readonly port: number;
  readonly family: 4 | 6;
  readonly name: string | undefined;
  readonly advertisedHost: string | undefined;
  readonly advertisedPort: number | undefined;
  readonly index: number;
  readonly text: string;
  readonly viaHost: string;
  readonly viaPort: number;

  /** `port` is the real one, when the system chose it. */
  constructor(options: SocketOptions, port: number) {
    this.proto = options.proto;
    this.address = options.address;
    this.port = port;
    this.family = options.address.includes(":") ? 6 : 4;
    this.name = options.name;
    this.advertisedHost = options.advertisedHost;
    this.advertisedPort = options.advertisedPort;
    this.index = options.index;
    const host = this.family === 6 ? `[${options.address}]` : options.address;
    this.text = `${options.proto}:${host}:${port}`;
    this.viaHost = options.advertisedHost ?? host;
    this.viaPort = options.advertisedPort ?? port;
  }

  abstract send(text: string, port: number, address: string): void;
}
