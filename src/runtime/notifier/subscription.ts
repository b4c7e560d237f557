/** One subscription at its notifier: NOTIFYs in order, one at a time, not too often (RFC 6665, 4.2). */
import type { SipMessage } from "../../sip/message.ts";
import { GZIP, packBody } from "../body-coding.ts";
import type { Clock, Timer } from "../clock.ts";
import type { ScriptContext } from "../context.ts";
import type { ListenSocket } from "../transport.ts";
import type { NotifierDialog } from "./dialog.ts";
import type { NotifyDocument, NotifySender, WatchedPackage } from "./package.ts";
import type { WantedRates } from "./request.ts";

/** Answers that end a subscription (RFC 6665, 4.2.2). */
const ENDING_CODES: ReadonlySet<number> = new Set([
  404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604,
]);
/** Nothing came back: no answer in time, or it could not be sent. */
const TIMEOUT_CODES: ReadonlySet<number> = new Set([408, 477, 478]);
/** No watcher is told more often than this on its own wish, in milliseconds. */
const SHORTEST_LEAST_MS = 1000;

/** Longest time in which an answer is seen as that to the first sending, in milliseconds. */
const LONGEST_ANSWER_MS = 400;
/** How much longer than answers take an unanswered NOTIFY waits before it is repeated, and its share of the average. */
const REPEAT_FACTOR = 4;
const ANSWER_WEIGHT = 1 / 8;

/** The answer to a NOTIFY. */
export interface NotifyAnswer {
  readonly code: number;
  readonly reply: SipMessage | undefined;
  readonly context: ScriptContext | undefined;
}

/** What the registry does for its subscriptions. */
export interface SubscriptionHost {
  readonly clock: Clock;
  readonly sender: NotifySender;
  /** Whether a NOTIFY that nobody answers ends the subscription. */
  readonly removesOnTimeout: boolean;
  /** It is over: requests in its dialog find nothing any more. `isTold`: a last NOTIFY follows. */
  closed(subscription: WatcherSubscription, isTold: boolean): void;
  /** A NOTIFY has taken numbers of its dialog. */
  numbered(subscription: WatcherSubscription): void;
  /** Something that has to outlive the process is different now. */
  altered(subscription: WatcherSubscription): void;
  /** True when the subscription is to be forgotten whatever the answer is. */
  answered(subscription: WatcherSubscription, answer: NotifyAnswer): boolean;
}

/** What a subscription is made from. */
export interface SubscriptionParts {
  readonly package: WatchedPackage;
  readonly dialog: NotifierDialog;
  readonly resource: string;
  readonly watcher: string;
  readonly eventId: string;
  /** URI for Contact. */
  readonly contact: string;
  readonly socket: ListenSocket;
  readonly userAgent: string;
  readonly data: object | null;
}

/** A watcher's subscription to a resource. */
export class WatcherSubscription {
  readonly package: WatchedPackage;
  readonly dialog: NotifierDialog;
  readonly resource: string;
  readonly watcher: string;
  readonly eventId: string;
  readonly contact: string;
  readonly socket: ListenSocket;
  readonly userAgent: string;
  /** The package's own state. */
  readonly data: object | null;
  state: "active" | "pending" | "terminated" = "active";
  /** Why it has ended (RFC 6665, 4.1.3). */
  reason = "";
  /** Number of documents sent: the version of the next one. */
  version = 0;
  /** Whether its watcher can read packed bodies, and the package packs them. */
  takesGzip = false;
  /** Numbers that what is stored promises not to be used yet; 0 when nothing is stored. */
  reservedCseq = 0;
  reservedVersion = 0;
  readonly #host: SubscriptionHost;
  #rates: WantedRates = { most: 0, least: 0 };
  /** Times of the clock. */
  #expiresAt = 0;
  #lastSentAt = -Infinity;
  /** How long answers take on average, in milliseconds; -1: not known. */
  #answerMs = -1;
  #blockedUntil = -Infinity;
  #retryAfter = -1;
  /** A NOTIFY is to be sent whatever has changed; with the full state. */
  #isDue = false;
  #isFull = true;
  #isChanged = false;
  #hasMore = false;
  #isSuppressed = false;
  #isOutstanding = false;
  #isFinished = false;
  #expiry: Timer | undefined;
  #pacing: Timer | undefined;
  #keeping: Timer | undefined;

  constructor(parts: SubscriptionParts, host: SubscriptionHost) {
    this.package = parts.package;
    this.dialog = parts.dialog;
    this.resource = parts.resource;
    this.watcher = parts.watcher;
    this.eventId = parts.eventId;
    this.contact = parts.contact;
    this.socket = parts.socket;
    this.userAgent = parts.userAgent;
    this.data = parts.data;
    this.#host = host;
  }

  /** Whether a NOTIFY has been sent, or is about to be, since it was made or restored. */
  get hasSpoken(): boolean {
    return this.#lastSentAt > -Infinity;
  }

  /** Whole seconds left. */
  get secondsLeft(): number {
    if (this.state === "terminated") return 0;
    return Math.max(Math.round((this.#expiresAt - this.#host.clock.now()) / 1000), 0);
  }

  get isEnded(): boolean {
    return this.state === "terminated";
  }

  /** Nothing is sent any more. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Milliseconds between NOTIFYs about changes. */
  get #intervalMs(): number {
    const own = this.package.notifyIntervalMs;
    return this.#rates.most > 0 ? Math.max(own, 1000 / this.#rates.most) : own;
  }

  /** It goes on where an earlier process has left it. Nothing is sent yet; the next document says everything. */
  restore(state: "active" | "pending", version: number, seconds: number): void {
    this.state = state;
    this.version = version;
    this.grant(seconds, this.#rates);
  }

  /** The watcher has (again) so many seconds. */
  grant(seconds: number, rates: WantedRates): void {
    const { clock } = this.#host;
    this.#rates = rates;
    this.#expiresAt = clock.now() + seconds * 1000;
    this.#expiry?.cancel();
    this.#expiry = clock.after(seconds * 1000, () => this.end("timeout"));
    if (rates.least <= 0) this.#keeping?.cancel();
  }

  /** A SUBSCRIBE came: the full state goes out at once (RFC 6665, 4.2.1.2), without the body when it is known. */
  answer(withoutBody: boolean): void {
    if (this.isEnded) return;
    this.#isDue = true;
    this.#isFull = true;
    this.#isSuppressed = withoutBody;
    this.#blockedUntil = -Infinity;
    this.#pump();
  }

  /** A SUBSCRIBE came from a watcher that knows the state: no NOTIFY is sent (RFC 5839, 5.2). */
  suppressed(): void {
    if (!this.isEnded) this.#armLeast();
  }

  /** The next document has to say everything. */
  needsAll(): void {
    this.#isFull = true;
  }

  /** The state has changed. */
  changed(): void {
    if (this.isEnded) return;
    this.#isChanged = true;
    this.#pump();
  }

  /** Lets it wait for a decision, or go on after one. */
  decide(state: "active" | "pending"): void {
    if (this.isEnded || this.state === state) return;
    this.state = state;
    this.#host.altered(this);
    this.#isDue = true;
    this.#isFull = true;
    this.#pump();
  }

  /** Ends it and says so. `retryAfter` in seconds goes with `probation` and `giveup`. */
  end(reason: string, retryAfter = -1): void {
    if (this.isEnded) return;
    this.state = "terminated";
    this.reason = reason;
    this.#retryAfter = retryAfter;
    this.#cancelTimers();
    this.#host.closed(this, true);
    this.#isDue = true;
    this.#isFull = true;
    this.#pump();
  }

  /** Forgets it without a word. */
  abandon(): void {
    this.#isFinished = true;
    this.#cancelTimers();
    this.state = "terminated";
    this.#host.closed(this, false);
  }

  #cancelTimers(): void {
    this.#expiry?.cancel();
    this.#pacing?.cancel();
    this.#keeping?.cancel();
  }

  #pump(): void {
    if (this.#isOutstanding || this.#isFinished) return;
    if (this.#isDue) {
      this.#send();
      return;
    }
    if (!this.#isChanged || this.state === "pending") return;
    const now = this.#host.clock.now();
    const wait = Math.max(this.#lastSentAt + this.#intervalMs, this.#blockedUntil) - now;
    if (wait <= 0) this.#send();
    else if (this.#pacing === undefined) {
      this.#pacing = this.#host.clock.after(wait, () => this.#pump());
    } else if (!this.#pacing.isPending) this.#pacing.restart(wait);
  }

  #send(): void {
    const { dialog, package: watched } = this;
    const isSilent = this.#isSuppressed || this.state === "pending";
    const document = isSilent ? null : watched.document(this, this.#isFull);
    const packed = document !== null && this.takesGzip ? packBody(document.body) : undefined;
    if (document !== null) this.version++;
    this.#isDue = false;
    this.#isChanged = false;
    this.#isFull = false;
    this.#isSuppressed = false;
    this.#hasMore = document !== null && document.hasMore;
    this.#isOutstanding = true;
    this.#lastSentAt = this.#host.clock.now();
    this.#pacing?.cancel();
    dialog.localCseq++;
    this.#host.numbered(this);
    this.#host.sender.request({
      method: "NOTIFY",
      uri: dialog.remoteTarget,
      from: `<${dialog.localUri}>;tag=${dialog.localTag}`,
      to: `<${dialog.remoteUri}>;tag=${dialog.remoteTag}`,
      callId: dialog.callId,
      cseq: dialog.localCseq,
      headers: this.#headers(document, packed !== undefined),
      body: packed ?? document?.body ?? "",
      socket: this.socket,
      ...this.#repeat(),
      onFinal: (code, reply, context) => this.#answered({ code, reply, context }),
    });
    if (this.isEnded) this.#isFinished = true;
    else this.#armLeast();
  }

  /** RFC 3261, 17.1.1.1: a shorter T1 where round trips are known to be short. */
  #repeat(): { readonly repeatMs?: number } {
    const least = this.package.repeatMs?.(this) ?? 0;
    if (least <= 0 || this.#answerMs < 0) return {};
    return { repeatMs: Math.max(least, REPEAT_FACTOR * this.#answerMs) };
  }

  #timeAnswer(code: number): void {
    const ms = this.#host.clock.now() - this.#lastSentAt;
    if (TIMEOUT_CODES.has(code) || ms > LONGEST_ANSWER_MS) this.#answerMs = -1;
    else if (this.#answerMs < 0) this.#answerMs = ms;
    else this.#answerMs += (ms - this.#answerMs) * ANSWER_WEIGHT;
  }

  #headers(document: NotifyDocument | null, isPacked: boolean): string {
    const { routeSet } = this.dialog;
    const id = this.eventId === "" ? "" : `;id=${this.eventId}`;
    const tag = this.package.entityTag?.(this) ?? "";
    return (
      `${routeSet === "" ? "" : `Route: ${routeSet}\r\n`}Event: ${this.package.name}${id}\r\n` +
      `Contact: <${this.contact}>\r\nSubscription-State: ${this.#stateText()}\r\n` +
      (tag === "" ? "" : `SIP-ETag: ${tag}\r\n`) +
      (document === null ? "" : `Content-Type: ${document.contentType}\r\n`) +
      (isPacked ? `Content-Encoding: ${GZIP}\r\n` : "")
    );
  }

  #stateText(): string {
    if (this.isEnded) {
      const later = this.#retryAfter < 0 ? "" : `;retry-after=${this.#retryAfter}`;
      return `terminated;reason=${this.reason}${later}`;
    }
    const { most, least } = this.#rates;
    return (
      `${this.state};expires=${this.secondsLeft}` +
      (most > 0 ? `;max-rate=${formatRate(1000 / this.#intervalMs)}` : "") +
      (least > 0 ? `;min-rate=${formatRate(1000 / this.#leastMs)}` : "")
    );
  }

  get #leastMs(): number {
    return Math.max(1000 / this.#rates.least, this.#intervalMs, SHORTEST_LEAST_MS);
  }

  /** RFC 6446, 5.3: something comes at least so often. */
  #armLeast(): void {
    if (this.#rates.least <= 0) return;
    this.#keeping ??= this.#host.clock.after(this.#leastMs, () => this.#tellAgain());
    this.#keeping.restart(this.#leastMs);
  }

  #tellAgain(): void {
    this.#isDue = true;
    this.#isFull = true;
    this.#pump();
  }

  #answered(answer: NotifyAnswer): void {
    this.#isOutstanding = false;
    this.#timeAnswer(answer.code);
    const isUnwanted = this.#host.answered(this, answer);
    if (this.#isFinished) return;
    const { code, reply } = answer;
    const isSuccess = code >= 200 && code < 300;
    if (isSuccess) this.#isDue ||= this.#hasMore;
    const retryAfter = isSuccess ? undefined : (reply?.retryAfter ?? undefined);
    if (isUnwanted || (!isSuccess && this.#isLost(answer, retryAfter !== undefined))) {
      this.abandon();
      return;
    }
    if (!isSuccess) {
      // What was in it is not known there: the next document says everything.
      this.#isFull = true;
      if (retryAfter !== undefined) {
        this.#isChanged = true;
        this.#blockedUntil = this.#host.clock.now() + retryAfter.seconds * 1000;
      }
    }
    this.#pump();
  }

  /** RFC 6665, 4.2.2. */
  #isLost(answer: NotifyAnswer, mayRetry: boolean): boolean {
    if (answer.code === 481) return true;
    if (mayRetry) return false;
    if (ENDING_CODES.has(answer.code)) return true;
    return TIMEOUT_CODES.has(answer.code) && this.#host.removesOnTimeout;
  }
}

/** A rate as it stands in Subscription-State: at most six decimals. */
function formatRate(perSecond: number): string {
  return String(Number(perSecond.toFixed(6)));
}
