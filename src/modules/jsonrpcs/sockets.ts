/** The datagram transport: UDP, and in place of Unix datagrams a Unix stream. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Logger } from "../../runtime/services.ts";
import { type FileOwner, listenAtPath, writeAll } from "../../runtime/unix-socket.ts";
import { bodyPieces, type DocumentHandler, type JsonReply } from "./requests.ts";
import { DocumentSplitter } from "./splitter.ts";

/** More does not fit into a UDP packet over IPv4, in bytes. */
const MAX_DATAGRAM = 65_507;

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
    void datagram(bytes, handle).then(
      (body) => {
        if (body === null) return;
        socket.send(body, from.port, from.address, (error) => {
          if (error !== null) log.warn("jsonrpcs: reply not sent", { cause: error.message });
        });
      },
      (error: unknown) => log.warn("jsonrpcs: reply not sent", { cause: String(error) }),
    );
  });
  return () => socket.close();
}

/** The answer to a datagram; none when it does not fit into one, or when nothing is to be answered. */
async function datagram(bytes: Buffer, handle: DocumentHandler): Promise<Buffer | null> {
  const reply = await handle(bytes.toString("latin1"));
  // What is no request gets no answer: two servers that answered each other's errors would never end.
  if (!reply.isRequest) return null;
  let body = "";
  for await (const piece of bodyPieces(reply)) {
    body += piece;
    if (body.length > MAX_DATAGRAM) throw new Error("it does not fit into a datagram");
  }
  return Buffer.from(body, "utf8");
}

/** Answers each document on a connection with a document and a line feed. */
export async function serveUnixStream(
  path: string,
  options: SocketOptions,
  handle: DocumentHandler,
  log: Logger,
): Promise<() => void> {
  const open = new Set<Socket>();
  // Who has said everything may still want to read a long answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    serve(socket, options.maxRequestSize, { handle, log });
  });
  await listenAtPath(server, path, options);
  server.on("error", (error) => log.error("jsonrpcs: socket", { cause: error.message }));
  return () => {
    for (const socket of open) socket.destroy();
    server.close();
  };
}

function serve(
  socket: Socket,
  maxRequestSize: number,
  { handle, log }: { readonly handle: DocumentHandler; readonly log: Logger },
): void {
  const splitter = new DocumentSplitter(maxRequestSize);
  let earlier: Promise<unknown> = Promise.resolve();
  const answer = async (document: string): Promise<void> => {
    if (socket.destroyed) return;
    await writeAll(socket, pieces(await handle(document)));
  };
  const failed = (error: unknown): void => {
    log.warn("jsonrpcs: a reply breaks off", { cause: String(error) });
    socket.destroy();
  };
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    for (const document of splitter.push(bytes.toString("latin1"))) {
      // Answers leave in the order of the requests.
      earlier = earlier.then(() => answer(document)).catch(failed);
    }
    if (splitter.isTooLarge) socket.destroy();
  });
  socket.on("end", () => void earlier.then(() => socket.end()));
}

async function* pieces(reply: JsonReply): AsyncGenerator<string> {
  let last = "";
  for await (const piece of bodyPieces(reply)) {
    if (last !== "") yield last;
    last = piece;
  }
  yield `${last}\n`;
}
