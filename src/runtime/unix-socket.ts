/** Stream sockets in the file system: made private from the first moment, and taken away again. */
import { chmodSync, chownSync, lstatSync, unlinkSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { withPrivateUmask } from "./private-umask.ts";
import { restOfTurn } from "./rpc-stream.ts";
import { makeFolderOf } from "./run-directory.ts";

/** Who may use a socket or FIFO; -1 leaves the owner as it is. */
export interface FileOwner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Listens at a path. A socket that an earlier process left there is replaced; anything else stays, and this rejects. */
export async function listenAtPath(server: Server, path: string, owner: FileOwner): Promise<void> {
  makeFolderOf(path);
  removeIf(path, "isSocket");
  const isListening = listening(server);
  // With no rights for others when it is made; the mode may widen them afterwards.
  withPrivateUmask(() => server.listen(path));
  await isListening;
  setOwner(path, owner);
}

/** Permissions and owner of a socket or FIFO. */
export function setOwner(path: string, owner: FileOwner): void {
  chmodSync(path, owner.mode);
  if (owner.uid >= 0 || owner.gid >= 0) chownSync(path, owner.uid, owner.gid);
}

/** Removes a file of that kind; does nothing when there is another one or none. */
export function removeIf(path: string, kind: "isSocket" | "isFIFO"): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.[kind]() === true) unlinkSync(path);
}

/** Resolves when the server listens, rejects when it cannot. */
export async function listening(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

/** Writes all pieces, no faster than they are read at the other end; in between, others have their turn. */
export async function writeAll(
  socket: Socket,
  pieces: AsyncIterable<string | Buffer>,
): Promise<void> {
  let isFirst = true;
  for await (const piece of pieces) {
    if (!isFirst) await restOfTurn();
    isFirst = false;
    if (socket.destroyed) return;
    if (!socket.write(piece)) await drained(socket);
  }
}

/** Ends when there is room again, or when the connection is gone. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      socket.off("drain", end);
      socket.off("close", end);
      resolve();
    };
    socket.on("drain", end);
    socket.on("close", end);
  });
}
