/** The core's own statistics, under Kamailio's names. */
import { sipMethods } from "./method-ids.ts";
import type { Counter, Statistics } from "./services.ts";

/** Replies that are counted by their own code. */
const countedCodes = [401, 404, 407, 480, 486];

/** Requests of which replies are counted apart, by class. */
const repliedMethods = [
  "INVITE",
  "CANCEL",
  "BYE",
  "REGISTER",
  "MESSAGE",
  "PRACK",
  "UPDATE",
  "REFER",
];

/** Counters that the message path increments; made once. */
export class CoreCounters {
  readonly badMessages: Counter;
  readonly badUris: Counter;
  readonly droppedRequests: Counter;
  readonly droppedReplies: Counter;
  readonly failedRequests: Counter;
  readonly failedReplies: Counter;
  readonly forwardedRequests: Counter;
  readonly forwardedReplies: Counter;
  readonly unsupportedMethods: Counter;
  /** Messages given up for a fault of our own. */
  readonly faults: Counter;
  readonly #requests: Counter;
  readonly #replies: Counter;
  readonly #byMethod = new Map<string, Counter>();
  /** The method that was counted last: mostly the next one's, too. */
  #lastMethod = "";
  #ofLastMethod: Counter | undefined;
  readonly #byCode = new Map<number, Counter>();
  /** By hundreds of the status. */
  readonly #byClass: Counter[];
  readonly #ringing: Counter;
  readonly #byMethodAndClass = new Map<string, Counter[]>();

  constructor(statistics: Statistics) {
    const core = (name: string): Counter => statistics.counter("core", name);
    const classes = (suffix: string): Counter[] => [
      { value: 0 },
      ...[1, 2, 3, 4, 5, 6].map((digit) => core(`rcv_replies_${digit}xx${suffix}`)),
    ];
    this.badUris = core("bad_URIs_rcvd");
    this.badMessages = core("bad_msg_hdr");
    this.droppedReplies = core("drop_replies");
    this.droppedRequests = core("drop_requests");
    this.failedReplies = core("err_replies");
    this.failedRequests = core("err_requests");
    this.forwardedReplies = core("fwd_replies");
    this.forwardedRequests = core("fwd_requests");
    this.#replies = core("rcv_replies");
    this.#ringing = core("rcv_replies_18x");
    this.#byClass = classes("");
    for (const code of countedCodes) this.#byCode.set(code, core(`rcv_replies_${code}`));
    for (const method of repliedMethods) {
      this.#byMethodAndClass.set(method, classes(`_${shortName(method)}`));
    }
    this.#requests = core("rcv_requests");
    for (const method of sipMethods) {
      this.#byMethod.set(method, core(`rcv_requests_${method.toLowerCase()}`));
    }
    this.unsupportedMethods = core("unsupported_methods");
    this.faults = statistics.counter("olelo", "faults", "messages given up for a fault of our own");
  }

  request(method: string): void {
    this.#requests.value++;
    if (method !== this.#lastMethod) {
      this.#lastMethod = method;
      this.#ofLastMethod = this.#byMethod.get(method);
    }
    (this.#ofLastMethod ?? this.unsupportedMethods).value++;
  }

  reply(status: number, method: string): void {
    this.#replies.value++;
    const digit = Math.floor(status / 100);
    const counter = this.#byClass[digit];
    if (counter !== undefined) counter.value++;
    if (status >= 180 && status <= 189) this.#ringing.value++;
    const ofMethod = this.#byMethodAndClass.get(method)?.[digit];
    if (ofMethod !== undefined) ofMethod.value++;
    if (digit !== 4) return;
    const ofCode = this.#byCode.get(status);
    if (ofCode !== undefined) ofCode.value++;
  }
}

/** As the statistics are called: `reg` for REGISTER. */
function shortName(method: string): string {
  return method === "REGISTER" ? "reg" : method.toLowerCase();
}
