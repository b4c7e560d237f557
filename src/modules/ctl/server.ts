/** Listens on control sockets and answers binrpc requests. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { messageOf } from "../../runtime/errors.ts";
import { RpcError, type RpcReply, type RpcValue } from "../../runtime/module.ts";
import type { Services } from "../../runtime/services.ts";
import { type FileOwner, listenAtPath, listening } from "../../runtime/unix-socket.ts";
import type { ControlAddress } from "./addresses.ts";
import {
  type BinrpcProblem,
  type BinrpcReply,
  type BinrpcRequest,
  readRequest,
  writeFault,
  writeLongReply,
} from "./binrpc.ts";

/** Limits, and the owner of Unix sockets. */
export interface ServerLimits extends FileOwner {
  readonly maxConnections: number;
  readonly maxRequestSize: number;
  readonly maxReplySize: number;
}

/** One end of a socket: an address and its port, or a path and "". */
export type End = readonly [address: string, port: string];

/** One open stream connection. */
export interface Connection {
  readonly protocol: "unix_stream" | "tcp";
  readonly from: End;
  readonly to: End;
}

/** What fits into a UDP packet with the head of a reply, in bytes. */
const MAX_DATAGRAM = 65_000;

const anonymous: End = ["<anonymous unix socket>", ""];

/** What is told to a client before its connection is closed. */
const refusals: Readonly<Record<Exclude<BinrpcProblem, "incomplete">, string>> = {
  "not-binrpc": "bad request: corrupted packet",
  "too-large": "bad request: too large",
  malformed: "bad request: values that cannot be read, or structures, which no command takes",
};

export class ControlServer {
  readonly connections = new Map<Socket, Connection>();
  readonly listening: { readonly protocol: string; readonly at: End }[] = [];
  readonly #services: Services;
  readonly #limits: ServerLimits;
  readonly #closers: (() => void)[] = [];

  constructor(services: Services, limits: ServerLimits) {
    this.#services = services;
    this.#limits = limits;
  }

  /** Opens a socket; rejects with the system's error when that fails. */
  async open(address: ControlAddress): Promise<void> {
    if (address.kind === "unixs") await this.#openUnix(address.path);
    else if (address.kind === "udp") await this.#openUdp(address.host, address.port);
    else await this.#openTcp(address.host, address.port);
  }

  close(): void {
    for (const connection of this.connections.keys()) connection.destroy();
    for (const close of this.#closers.splice(0)) close();
  }

  async #openUnix(path: string): Promise<void> {
    const at: End = [path, ""];
    const server = createServer((socket) => {
      this.#serve(socket, { protocol: "unix_stream", from: anonymous, to: at });
    });
    await listenAtPath(server, path, this.#limits);
    this.#opened(server, "unix_stream", at);
  }

  async #openTcp(host: string, port: number): Promise<void> {
    const at: End = [host, String(port)];
    const server = createServer((socket) => {
      const from: End = [socket.remoteAddress ?? "?", String(socket.remotePort ?? 0)];
      this.#serve(socket, { protocol: "tcp", from, to: at });
    });
    server.listen(port, host);
    await listening(server);
    this.#opened(server, "tcp", at);
  }

  #opened(server: Server, protocol: string, at: End): void {
    server.on("error", (error) => this.#failed(error));
    this.listening.push({ protocol, at });
    this.#closers.push(() => server.close());
  }

  async #openUdp(host: string, port: number): Promise<void> {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    socket.bind(port, host);
    await once(socket, "listening");
    socket.on("error", (error) => this.#failed(error));
    socket.on("message", (bytes, from) => {
      const read = readRequest(bytes, this.#limits.maxRequestSize);
      // Without a word: two servers that answered each other's errors would never end.
      if (!read.ok) return;
      void this.#answer(read.request, MAX_DATAGRAM).then((reply) => {
        socket.send([...reply], from.port, from.address, (error) => {
          if (error !== null) this.#failed(error);
        });
      });
    });
    this.listening.push({ protocol: "udp", at: [host, String(port)] });
    this.#closers.push(() => socket.close());
  }

  #failed(error: Error): void {
    this.#services.log.error("ctl: control socket", { cause: error.message });
  }

  #serve(socket: Socket, connection: Connection): void {
    if (this.connections.size >= this.#limits.maxConnections) {
      socket.destroy();
      return;
    }
    this.connections.set(socket, connection);
    let pending: Buffer = Buffer.alloc(0);
    let earlier: Promise<unknown> = Promise.resolve();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.connections.delete(socket));
    socket.on("data", (bytes: Buffer) => {
      pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
      for (;;) {
        const read = readRequest(pending, this.#limits.maxRequestSize);
        if (!read.ok) {
          if (read.problem !== "incomplete") {
            socket.removeAllListeners("data");
            const fault = writeFault(read.cookie, 400, refusals[read.problem]);
            void earlier.then(() => socket.end(fault));
          }
          return;
        }
        pending = pending.subarray(read.request.size);
        // Answers leave in the order of the requests.
        earlier = earlier.then(async () =>
          this.#write(socket, await this.#answer(read.request, this.#limits.maxReplySize)),
        );
      }
    });
  }

  #write(socket: Socket, reply: BinrpcReply): void {
    socket.cork();
    for (const bytes of reply) socket.write(bytes);
    socket.uncork();
  }

  async #answer(request: BinrpcRequest, maxSize: number): Promise<BinrpcReply> {
    const { cookie, command, params } = request;
    try {
      const reply = await this.#services.rpc.open(command, params);
      const bytes = await writeLongReply(cookie, valuesOf(reply), maxSize);
      if (bytes !== undefined) return bytes;
      throw new RpcError(500, `the reply is larger than ${maxSize} bytes`);
    } catch (error) {
      const code = error instanceof RpcError ? error.code : 500;
      return [writeFault(cookie, code, messageOf(error))];
    }
  }
}

function valuesOf(reply: RpcReply | Iterable<RpcValue>): Iterable<RpcValue> {
  return Symbol.iterator in reply ? reply : reply.values;
}
