/** Pairs of connected streams, one end for each of two processes. */
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes pairs while it is open. The directory of its socket is for this user alone, and gone when it is closed. */
export class StreamPairs {
  readonly #server: Server;
  readonly #directory: string;
  readonly #path: string;

  private constructor(server: Server, directory: string, path: string) {
    this.#server = server;
    this.#directory = directory;
    this.#path = path;
  }

  static async open(): Promise<StreamPairs> {
    const directory = await mkdtemp(join(tmpdir(), "olelo-"));
    const path = join(directory, "workers");
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    return new StreamPairs(server, directory, path);
  }

  /** Two ends; nothing is read from either before it is used or sent away. */
  async make(): Promise<readonly [Socket, Socket]> {
    const accepted = new Promise<Socket>((resolve) => {
      this.#server.once("connection", resolve);
    });
    const own = connect({ path: this.#path, allowHalfOpen: false });
    own.pause();
    await new Promise<void>((resolve, reject) => {
      own.once("error", reject);
      own.once("connect", resolve);
    });
    return [own, await accepted];
  }

  async close(): Promise<void> {
    this.#server.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
