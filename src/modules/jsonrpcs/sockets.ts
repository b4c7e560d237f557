/** The datagram transport: UDP, and in place of Unix datagrams a Unix stream. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Logger } from "../../runtime/services.ts";
import { type FileOwner, listenAtPath } from "../../runtime/unix-socket.ts";
import type { DocumentHandler } from "./requests.ts";
import { DocumentSplitter } from "./splitter.ts";

export interface SocketOptions extends FileOwner {
  readonly maxRequestSize: number;
}

/** Answers each datagram with one; resolves with the function that closes the socket. */
export async function serveUdp(
  address: { readonly host: string; readonly port: number },
  handle: DocumentHandler,
  log: Logger,
): Promise<() => void> {
  const socket = createSocket(address.host.includes(":") ? "udp6" : "udp4");
  socket.bind(address.port, address.host);
  await once(socket, "listening");
  socket.on("error", (error) => log.error("jsonrpcs: socket", { cause: error.message }));
  socket.on("message", (bytes, from) => {
    void handle(bytes.toString("latin1")).then((reply) => {
      // What is no request gets no answer: two servers that answered each other's errors would never end.
      if (!reply.isRequest) return;
      socket.send(Buffer.from(reply.body, "utf8"), from.port, from.address, (error) => {
        if (error !== null) log.warn("jsonrpcs: reply not sent", { cause: error.message });
      });
    });
  });
  return () => socket.close();
}

/** Answers each document on a connection with a document and a line feed. */
export async function serveUnixStream(
  path: string,
  options: SocketOptions,
  handle: DocumentHandler,
  log: Logger,
): Promise<() => void> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    serve(socket, options.maxRequestSize, handle);
  });
  await listenAtPath(server, path, options);
  server.on("error", (error) => log.error("jsonrpcs: socket", { cause: error.message }));
  return () => {
    for (const socket of open) socket.destroy();
    server.close();
  };
}

function serve(socket: Socket, maxRequestSize: number, handle: DocumentHandler): void {
  const splitter = new DocumentSplitter(maxRequestSize);
  let earlier: Promise<unknown> = Promise.resolve();
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    for (const document of splitter.push(bytes.toString("latin1")))
      // Answers leave in the order of the requests.
      earlier = earlier.then(async () => socket.write(`${(await handle(document)).body}\n`));
    if (splitter.isTooLarge) socket.destroy();
  });
}
