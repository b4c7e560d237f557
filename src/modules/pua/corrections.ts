/** What a peer asks to be done differently before it takes a request: a longer time, credentials. */
import type { SipMessage } from "../../sip/message.ts";
import type { ChallengedRequest } from "./digest.ts";
import type { PuaSurroundings } from "./surroundings.ts";
import { minExpiresSeconds } from "./texts.ts";

/** Answers that ask for another form of a request, before it counts as a failure. */
const MAX_CORRECTIONS = 3;

/** How requests must look that the peer takes. */
export class Corrections {
  /** Seconds below which it takes none. */
  minExpires = 0;
  /** Header line with its line end, "" when nobody has asked. */
  credentials = "";
  readonly #around: PuaSurroundings;
  #count = 0;

  constructor(around: PuaSurroundings) {
    this.#around = around;
  }

  /** Learns from an answer; false when the same request would fail again. */
  learn(code: number, reply: SipMessage | undefined, request: ChallengedRequest): boolean {
    if (!this.#learn(code, reply, request)) return false;
    return this.again();
  }

  /** Whether there may be another try; counts it. */
  again(): boolean {
    return this.#count++ < MAX_CORRECTIONS;
  }

  /** The request was taken, or has failed. The shortest time stays. */
  reset(): void {
    this.#count = 0;
    this.credentials = "";
  }

  #learn(code: number, reply: SipMessage | undefined, request: ChallengedRequest): boolean {
    if (reply === undefined) return false;
    if (code === 423) {
      const seconds = minExpiresSeconds(reply);
      if (seconds <= this.minExpires) return false;
      this.minExpires = seconds;
      return true;
    }
    if ((code !== 401 && code !== 407) || this.credentials !== "") return false;
    const line = this.#around.answerChallenge(reply, request);
    if (line === undefined) return false;
    this.credentials = line;
    return true;
  }
}
