/** How many replies were sent without a transaction, by status. */
import type { Counter, Statistics } from "../../runtime/services.ts";

/** Codes that have a counter of their own beside that of their class. */
const ownCodes = [200, 202, 300, 301, 302, 400, 401, 403, 404, 407, 408, 483, 500] as const;

export class SlStatistics {
  /** By status: a list, as each reply is counted. */
  readonly #byCode: Counter[];
  readonly #other: Counter;
  readonly #sent: Counter;
  readonly #errors: Counter;
  readonly failures: Counter;
  readonly acks: Counter;

  constructor(statistics: Statistics) {
    const counter = (name: string, doc: string): Counter => statistics.counter("sl", name, doc);
    this.#other = counter("xxx_replies", "Replies of no known class.");
    this.#byCode = Array.from({ length: 700 }, () => this.#other);
    for (let kind = 1; kind <= 6; kind++) {
      const ofClass = counter(`${kind}xx_replies`, `${kind}xx replies.`);
      this.#byCode.fill(ofClass, kind * 100, kind * 100 + 100);
    }
    for (const code of ownCodes) {
      this.#byCode[code] = counter(`${code}_replies`, `${code} replies.`);
    }
    this.#sent = counter("sent_replies", "All replies.");
    this.#errors = counter("sent_err_replies", "Replies by sl_reply_error().");
    this.failures = counter("failures", "Replies that could not be sent.");
    this.acks = counter("received_ACKs", "ACKs of such replies, absorbed.");
  }

  /** As Kamailio: a class counts only what has no counter of its own. */
  count(status: number): void {
    this.#sent.value++;
    (this.#byCode[status] ?? this.#other).value++;
  }

  countError(): void {
    this.#errors.value++;
  }
}
