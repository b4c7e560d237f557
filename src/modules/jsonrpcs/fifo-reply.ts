/** Writes a reply to the FIFO of a client, without waiting for one that does not read. */
import { closeSync, constants, lstatSync, openSync, write } from "node:fs";
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/services.ts";

export interface ReplySurroundings {
  readonly clock: Clock;
  readonly log: Logger;
}

/** A client opens its FIFO at about the time at which it writes its request. */
const openTries = 5;
const openEveryMs = 80;

/** A reader that is slower than we are is waited for: this often, and so many times without any progress. */
const writeEveryMs = 20;
const writeTries = 100;

/** Writes and closes; what goes wrong is logged. */
export function writeToFifo(path: string, text: string, around: ReplySurroundings): void {
  new FifoReply(path, Buffer.from(text, "utf8"), around).open(openTries);
}

class FifoReply {
  readonly #path: string;
  readonly #bytes: Buffer;
  readonly #around: ReplySurroundings;
  #descriptor = -1;
  #at = 0;

  constructor(path: string, bytes: Buffer, around: ReplySurroundings) {
    this.#path = path;
    this.#bytes = bytes;
    this.#around = around;
  }

  open(tries: number): void {
    try {
      if (!lstatSync(this.#path).isFIFO()) throw new Error("not a FIFO");
      const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
      this.#descriptor = openSync(this.#path, flags);
    } catch (error) {
      // Nobody has opened it for reading.
      const mayCome = (error as NodeJS.ErrnoException).code === "ENXIO" && tries > 1;
      if (mayCome) this.#around.clock.after(openEveryMs, () => this.open(tries - 1));
      else this.#failed(error as Error);
      return;
    }
    this.#write(writeTries);
  }

  #write(tries: number): void {
    write(this.#descriptor, this.#bytes, this.#at, (error, size) => {
      if (error === null) {
        this.#at += size;
        if (this.#at < this.#bytes.length) this.#write(writeTries);
        else closeSync(this.#descriptor);
      } else if (error.code === "EAGAIN" && tries > 1) {
        this.#around.clock.after(writeEveryMs, () => this.#write(tries - 1));
      } else {
        closeSync(this.#descriptor);
        this.#failed(error);
      }
    });
  }

  #failed(error: Error): void {
    const { message: cause } = error;
    this.#around.log.warn("jsonrpcs: reply not written", { path: this.#path, cause });
  }
}
