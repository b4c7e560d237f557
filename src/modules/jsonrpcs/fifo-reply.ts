/** Writes a reply to the FIFO of a client, without waiting for one that does not read. */
import { closeSync, constants, lstatSync, openSync, write } from "node:fs";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/errors.ts";
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

/** Writes the pieces and a line feed, and closes; what goes wrong is logged. */
export function writeToFifo(
  path: string,
  pieces: AsyncIterator<string>,
  around: ReplySurroundings,
): void {
  new FifoReply(path, pieces, around).open(openTries);
}

class FifoReply {
  readonly #path: string;
  readonly #pieces: AsyncIterator<string>;
  readonly #around: ReplySurroundings;
  #bytes = Buffer.alloc(0);
  #isLast = false;
  #descriptor = -1;
  #at = 0;

  constructor(path: string, pieces: AsyncIterator<string>, around: ReplySurroundings) {
    this.#path = path;
    this.#pieces = pieces;
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
      else this.#failed(error);
      return;
    }
    this.#goOn();
  }

  /** The next piece, when the one before it has been written. */
  #goOn(): void {
    if (this.#isLast) {
      closeSync(this.#descriptor);
      return;
    }
    this.#pieces.next().then(
      (step) => {
        this.#isLast = step.done === true;
        this.#bytes = Buffer.from(step.done === true ? "\n" : step.value, "utf8");
        this.#at = 0;
        this.#write(writeTries);
      },
      (error: unknown) => this.#broke(error),
    );
  }

  #write(tries: number): void {
    write(this.#descriptor, this.#bytes, this.#at, (error, size) => {
      if (error === null) {
        this.#at += size;
        if (this.#at < this.#bytes.length) this.#write(writeTries);
        else this.#goOn();
      } else if (error.code === "EAGAIN" && tries > 1) {
        this.#around.clock.after(writeEveryMs, () => this.#write(tries - 1));
      } else this.#broke(error);
    });
  }

  #broke(error: unknown): void {
    closeSync(this.#descriptor);
    this.#failed(error);
  }

  #failed(error: unknown): void {
    const cause = messageOf(error);
    this.#around.log.warn("jsonrpcs: reply not written", { path: this.#path, cause });
  }
}
