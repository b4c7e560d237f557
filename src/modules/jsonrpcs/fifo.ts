/** The FIFO transport: documents are read from one FIFO, each reply is written to the one that the request names. */
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, read } from "node:fs";
import { join } from "node:path";
import type { Clock, Timer } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/services.ts";
import { type FileOwner, removeIf, setOwner } from "../../runtime/unix-socket.ts";
import { makeFolderOf } from "../../runtime/run-directory.ts";
import { writeToFifo } from "./fifo-reply.ts";
import { bodyPieces, type DocumentHandler } from "./requests.ts";
import { DocumentSplitter } from "./splitter.ts";

export interface FifoOptions extends FileOwner {
  readonly path: string;
  readonly replyDirectory: string;
  readonly maxRequestSize: number;
}

export interface FifoSurroundings {
  readonly handle: DocumentHandler;
  readonly log: Logger;
  readonly clock: Clock;
}

/** How often the FIFO is looked at: Node.js has no event for a FIFO that works in threads too. */
const lookEveryMs = 50;

/** How long the rest of a document may take to come; after that the next writer starts afresh. */
const restOfDocumentMs = 2000;

export class RpcFifo {
  readonly #options: FifoOptions;
  readonly #around: FifoSurroundings;
  readonly #splitter: DocumentSplitter;
  readonly #buffer = Buffer.alloc(16_384);
  #descriptor = -1;
  #isReading = false;
  #isClosed = false;
  #looking: Timer | null = null;
  #lastCameAt = 0;

  constructor(options: FifoOptions, around: FifoSurroundings) {
    this.#options = options;
    this.#around = around;
    this.#splitter = new DocumentSplitter(options.maxRequestSize);
  }

  /** Creates the FIFO and reads it. Throws when it cannot be made. */
  open(): void {
    const { path, mode } = this.#options;
    makeFolderOf(path);
    removeIf(path, "isFIFO");
    // Node.js cannot make a FIFO itself; this runs once, before packets come in.
    const made = spawnSync("mkfifo", ["-m", mode.toString(8), path], { encoding: "utf8" });
    if (made.status !== 0) {
      const cause = made.error?.message ?? made.stderr.trim();
      throw new Error(`cannot make the FIFO ${path}: ${cause}`);
    }
    setOwner(path, this.#options);
    // Opened for writing too, so that it does not end when a writer closes it.
    this.#descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#looking = this.#around.clock.every(lookEveryMs, () => {
      this.#forgetUnfinished();
      this.#read();
    });
  }

  close(): void {
    if (this.#looking === null || this.#isClosed) return;
    this.#isClosed = true;
    this.#looking.cancel();
    removeIf(this.#options.path, "isFIFO");
    if (!this.#isReading) closeSync(this.#descriptor);
  }

  /** Reads what there is, piece by piece. */
  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    read(this.#descriptor, this.#buffer, 0, this.#buffer.length, null, (error, size) => {
      this.#isReading = false;
      if (this.#isClosed) {
        closeSync(this.#descriptor);
        return;
      }
      if (error !== null) {
        if (error.code !== "EAGAIN")
          this.#around.log.error("jsonrpcs: FIFO", { cause: error.message });
        return;
      }
      this.#take(this.#buffer.toString("latin1", 0, size));
      this.#read();
    });
  }

  #take(text: string): void {
    this.#lastCameAt = this.#around.clock.now();
    for (const document of this.#splitter.push(text)) void this.#serve(document);
    if (this.#splitter.isTooLarge) this.#giveUp("a document is larger than max_request_size");
  }

  /** All writers share the FIFO: what one left unfinished must not swallow what the next one says. */
  #forgetUnfinished(): void {
    if (this.#splitter.pending === 0) return;
    if (this.#around.clock.now() - this.#lastCameAt >= restOfDocumentMs)
      this.#giveUp("the rest of a document has not come");
  }

  #giveUp(reason: string): void {
    const bytes = this.#splitter.pending;
    this.#splitter.clear();
    this.#around.log.warn(`jsonrpcs: ${reason}`, { bytes });
  }

  async #serve(document: string): Promise<void> {
    const reply = await this.#around.handle(document);
    const { replyName } = reply;
    if (replyName === undefined) return;
    // A name only: a request must not make the server write elsewhere.
    if (!/^[\w.-]+$/.test(replyName) || /^\.{1,2}$/.test(replyName)) {
      this.#around.log.warn("jsonrpcs: refused the name of a reply FIFO", { replyName });
      return;
    }
    const path = join(this.#options.replyDirectory, replyName);
    const { clock, log } = this.#around;
    writeToFifo(path, bodyPieces(reply), { clock, log });
  }
}
