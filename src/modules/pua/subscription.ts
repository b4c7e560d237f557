/** One subscription: kept alive, begun anew when it is lost, ended properly (RFC 6665, 4.1). */
import type { Timer } from "../../runtime/clock.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { NotifyMatch, SubscribeRequest, Subscription, SubscriptionPhase } from "./api.ts";
import { Backoff } from "./backoff.ts";
import { Dialog } from "./dialog.ts";
import type { PuaSurroundings } from "./surroundings.ts";
import { minExpiresSeconds, retryAfterSeconds } from "./texts.ts";

const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 300_000;
/** Timer N: how long to wait for the first NOTIFY, and for the last one (RFC 6665, 4.1.2.4). */
const TIMER_N_MS = 32_000;
const MAX_CORRECTIONS = 3;
/** Time between two requests for documents that are missing. */
const RESYNC_MS = 5000;

/** Codes that end a dialog usage (RFC 6665, 4.1.2.2; RFC 5057, 5.1). */
const ENDS_DIALOG: ReadonlySet<number> = new Set([
  404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604,
]);
/** Codes after which a new subscription makes no sense. */
const REFUSALS: ReadonlySet<number> = new Set([
  400, 401, 403, 405, 406, 407, 415, 416, 420, 489, 501, 505, 603, 604, 606,
]);

/** What the registry of subscriptions does for one of them. */
export interface SubscriptionHost {
  /** NOTIFYs of this dialog belong to the subscription from now on. */
  dialogOpened(subscription: FollowedState, dialog: Dialog): void;
  dialogClosed(dialog: Dialog): void;
  ended(subscription: FollowedState): void;
}

/** A subscription of the engine. */
export class FollowedState implements Subscription {
  readonly resource: string;
  readonly event: string;
  data: object | null = null;
  phase: SubscriptionPhase = "starting";
  grantedUntil = 0;
  #request: SubscribeRequest;
  readonly #around: PuaSurroundings;
  readonly #host: SubscriptionHost;
  readonly #backoff: Backoff;
  #dialog: Dialog | null = null;
  #isOutstanding = false;
  #refreshesAgain = false;
  #corrections = 0;
  #credentials = "";
  #minExpires = 0;
  /** Refresh, retry or wait for a NOTIFY: one at a time. */
  #timer: Timer | undefined;
  #notifyTimer: Timer | undefined;
  #resyncTimer: Timer | undefined;
  #resyncedAt = -RESYNC_MS;
  #whenEnded: (() => void)[] = [];

  constructor(request: SubscribeRequest, around: PuaSurroundings, host: SubscriptionHost) {
    this.resource = request.resource;
    this.event = request.event;
    this.#request = request;
    this.#around = around;
    this.#host = host;
    this.#backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, around.random);
  }

  /** Sends the first SUBSCRIBE of a new dialog. */
  start(): void {
    this.#dropDialog();
    this.phase = "starting";
    const { tm } = this.#around;
    this.#dialog = new Dialog(tm.newCallId(), tm.newTag(), this.resource);
    this.#host.dialogOpened(this, this.#dialog);
    this.#send(this.#asked());
  }

  /** Takes over new wishes of the caller, and asks the notifier again. */
  renew(request: SubscribeRequest): void {
    this.#request = request;
    this.refresh();
  }

  refresh(): void {
    if (this.#isOutstanding) this.#refreshesAgain = true;
    else if (this.phase === "active") this.#send(this.#asked());
  }

  resync(): void {
    const { clock } = this.#around;
    if (this.#resyncTimer?.isPending === true) return;
    const wait = Math.max(this.#resyncedAt + RESYNC_MS - clock.now(), 0);
    this.#resyncedAt = clock.now() + wait;
    if (wait === 0) this.refresh();
    else this.#resyncTimer = clock.after(wait, () => this.refresh());
  }

  end(): void {
    void this.finish();
  }

  /** Ends it; resolves when the notifier has answered. */
  finish(): Promise<void> {
    if (this.phase === "ended") return Promise.resolve();
    const done = new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    const hadDialog = this.phase === "active";
    this.phase = "ending";
    this.#cancelTimers();
    if (hadDialog && !this.#isOutstanding) this.#send(0);
    else if (!this.#isOutstanding) this.#finished("ended here");
    return done;
  }

  describe(): Readonly<Record<string, string | number>> {
    return {
      resource: this.resource,
      event: this.event,
      phase: this.phase,
      callid: this.#dialog?.callId ?? "",
      target: this.#dialog?.remoteTarget ?? "",
      expires: Math.max(0, this.grantedUntil - this.#around.now()),
      failures: this.#backoff.failures,
    };
  }

  /** Seconds to ask for. */
  #asked(): number {
    const { expires, until } = this.#request;
    const left = until === 0 ? expires : Math.min(expires, until - this.#around.now());
    return Math.max(left, this.#around.minExpires, this.#minExpires, 1);
  }

  #send(expires: number): void {
    const dialog = this.#dialog as Dialog;
    const { accept, watcher, nextHop } = this.#request;
    const isInitial = dialog.remoteTag === "";
    this.#isOutstanding = true;
    this.#refreshesAgain = false;
    this.#timer?.cancel();
    dialog.localCseq++;
    const headers =
      `${dialog.route}Event: ${this.event}\r\nAccept: ${accept}\r\nContact: <${watcher}>\r\n` +
      `Expires: ${expires}\r\n${this.#credentials}`;
    this.#around.tm.request({
      method: "SUBSCRIBE",
      uri: dialog.remoteTarget,
      from: `<${watcher}>;tag=${dialog.localTag}`,
      to: isInitial ? `<${this.resource}>` : `<${this.resource}>;tag=${dialog.remoteTag}`,
      callId: dialog.callId,
      cseq: dialog.localCseq,
      headers,
      nextHop: isInitial ? (nextHop ?? this.#around.outboundProxy) : undefined,
      onFinal: (code, reply) => this.#answered(dialog, { code, reply, asked: expires, isInitial }),
    });
  }

  #answered(dialog: Dialog, answer: Answer): void {
    if (dialog !== this.#dialog) return;
    this.#isOutstanding = false;
    if (this.phase === "ended") return;
    this.#around.counters.subscribeReplies(answer.code);
    if (answer.code < 300) this.#accepted(dialog, answer);
    else if (this.phase === "ending" && answer.asked === 0) this.#finished("ended here");
    else this.#failed(answer);
  }

  #accepted(dialog: Dialog, answer: Answer): void {
    const { reply, asked } = answer;
    // Only what has lasted until a refresh is proven: a notifier that accepts and ends at once is asked ever less often.
    if (!answer.isInitial) this.#backoff.reset();
    this.#corrections = 0;
    this.#credentials = "";
    if (reply !== undefined) dialog.answered(reply);
    if (this.phase === "ending") {
      if (asked !== 0) this.#send(0);
      else this.#awaitLastNotify();
      return;
    }
    this.phase = "active";
    const granted = reply === undefined || reply.expires < 0 ? asked : reply.expires;
    this.#granted(granted);
    if (!dialog.isConfirmed) {
      this.#notifyTimer?.cancel();
      this.#notifyTimer = this.#around.clock.after(TIMER_N_MS, () => this.#noNotify());
    }
    if (this.#refreshesAgain) this.#send(this.#asked());
  }

  /** The notifier holds the subscription for so long from now on. */
  #granted(seconds: number): void {
    this.grantedUntil = this.#around.now() + seconds;
    this.#timer?.cancel();
    // About half of the time, and not all subscriptions at once.
    const delay = Math.max(seconds * (0.45 + 0.1 * this.#around.random()), 1);
    this.#timer = this.#around.clock.after(delay * 1000, () => this.#refreshDue());
  }

  #refreshDue(): void {
    const { until } = this.#request;
    if (until !== 0 && this.grantedUntil >= until) {
      const left = Math.max(until - this.#around.now(), 0);
      this.#timer = this.#around.clock.after(left * 1000, () => this.end());
      return;
    }
    if (!this.#isOutstanding) this.#send(this.#asked());
  }

  #noNotify(): void {
    if (this.phase !== "active" || this.#dialog?.isConfirmed === true) return;
    this.#around.log.warn(`no NOTIFY came for the subscription to ${this.resource}`);
    this.#startLater(-1);
  }

  #failed(answer: Answer): void {
    const { code, reply } = answer;
    if (this.#corrections < MAX_CORRECTIONS && this.#correct(code, reply)) {
      this.#corrections++;
      this.#send(this.phase === "ending" ? 0 : this.#asked());
      return;
    }
    this.#corrections = 0;
    this.#credentials = "";
    if (this.phase === "ending") {
      this.#finished("ended here");
      return;
    }
    const isInitial = this.phase === "starting";
    if (REFUSALS.has(code) && (isInitial || code === 403)) {
      this.#around.log.warn(`the subscription to ${this.resource} was refused with ${code}`);
      this.#finished(`refused with ${code}`);
      return;
    }
    const retryAfter = retryAfterSeconds(reply);
    const isLost = isInitial || ENDS_DIALOG.has(code) || this.#around.now() >= this.grantedUntil;
    if (isLost) this.#startLater(retryAfter);
    else this.#refreshLater(retryAfter);
  }

  #correct(code: number, reply: SipMessage | undefined): boolean {
    if (reply === undefined) return false;
    if (code === 423) {
      const seconds = minExpiresSeconds(reply);
      if (seconds <= this.#minExpires) return false;
      this.#minExpires = seconds;
      return true;
    }
    if ((code !== 401 && code !== 407) || this.#credentials !== "") return false;
    const uri = (this.#dialog as Dialog).remoteTarget;
    const line = this.#around.answerChallenge(reply, { method: "SUBSCRIBE", uri });
    if (line === undefined) return false;
    this.#credentials = line;
    return true;
  }

  /** A new dialog after a while. */
  #startLater(retryAfter: number): void {
    this.#dropDialog();
    this.phase = "waiting";
    this.grantedUntil = 0;
    this.#cancelTimers();
    const { until } = this.#request;
    if (until !== 0 && until <= this.#around.now()) {
      this.#finished("its time is over");
      return;
    }
    const wait = this.#backoff.next(retryAfter);
    this.#around.log.info(`subscription to ${this.resource} lost, next try in ${wait} ms`);
    this.#timer = this.#around.clock.after(wait, () => this.start());
  }

  /** Another refresh in the dialog that is still there. */
  #refreshLater(retryAfter: number): void {
    const left = (this.grantedUntil - this.#around.now()) * 1000;
    const wait = Math.min(this.#backoff.next(retryAfter), Math.max(left, 0));
    this.#timer = this.#around.clock.after(wait, () => {
      if (this.#around.now() >= this.grantedUntil) this.start();
      else this.#send(this.#asked());
    });
  }

  /** Takes over the Contact of a request in the dialog. */
  retarget(request: SipMessage): boolean {
    const dialog = this.#dialog;
    if (dialog === null || dialog.remoteTag !== request.fromTag) return false;
    dialog.retarget(request);
    return true;
  }

  /** Takes a NOTIFY of this subscription's dialog. */
  notified(request: SipMessage): NotifyMatch {
    const dialog = this.#dialog as Dialog;
    if (dialog.isConfirmed && request.fromTag !== dialog.remoteTag) {
      return { ok: false, problem: "no-subscription", status: 481 };
    }
    const state = request.subscriptionState;
    if (state === undefined || state === null) {
      return { ok: false, problem: "no-subscription-state", status: 400 };
    }
    if (request.cseqNumber < 0 || request.fromTag === "") {
      return { ok: false, problem: "malformed", status: 400 };
    }
    // RFC 3261, 12.2.2; the order of documents is that of the requests.
    if (request.cseqNumber < dialog.remoteCseq) {
      return { ok: false, problem: "old-cseq", status: 500 };
    }
    const isRepeated = request.cseqNumber === dialog.remoteCseq;
    if (!isRepeated) {
      dialog.notified(request);
      this.#notifyTimer?.cancel();
      if (state.state === "terminated") this.#terminated(state.reason, state.retryAfter);
      else if (this.phase !== "ending") this.#confirmed(state.expires);
    }
    const left = this.grantedUntil - this.#around.now();
    return { ok: true, subscription: this, isRepeated, grantedSeconds: Math.max(left, 0) };
  }

  /** The notifier may shorten the time (RFC 6665, 4.1.3); a NOTIFY may come before the answer. */
  #confirmed(expires: number): void {
    if (this.phase === "starting") this.phase = "active";
    if (expires < 0) return;
    const until = this.#around.now() + expires;
    const isShorter = this.grantedUntil === 0 || until < this.grantedUntil;
    if (isShorter && !this.#isOutstanding) this.#granted(expires);
    else if (isShorter) this.grantedUntil = until;
  }

  /** RFC 6665, 4.1.3: what to do depends on the reason. */
  #terminated(reason: string, retryAfter: number): void {
    if (this.phase === "ending") {
      this.#finished("ended here");
      return;
    }
    switch (reason) {
      case "rejected":
      case "noresource":
      case "invariant":
        this.#finished(reason);
        return;
      case "deactivated":
      case "timeout":
        // At once (RFC 6665, 4.1.3), unless that is what came of it the last time.
        this.#startLater(this.#backoff.failures === 0 ? 0 : Math.max(retryAfter, -1));
        return;
      default:
        this.#startLater(retryAfter);
    }
  }

  #awaitLastNotify(): void {
    this.#answeredEnd();
    this.#notifyTimer = this.#around.clock.after(TIMER_N_MS, () => this.#finished("ended here"));
  }

  #answeredEnd(): void {
    for (const resolve of this.#whenEnded.splice(0)) resolve();
  }

  #finished(why: string): void {
    if (this.phase === "ended") return;
    this.phase = "ended";
    this.grantedUntil = 0;
    this.#cancelTimers();
    this.#dropDialog();
    this.#host.ended(this);
    this.#request.listener.ended?.(this, why);
    this.#answeredEnd();
  }

  #dropDialog(): void {
    if (this.#dialog !== null) this.#host.dialogClosed(this.#dialog);
    this.#dialog = null;
    this.#isOutstanding = false;
  }

  #cancelTimers(): void {
    this.#timer?.cancel();
    this.#notifyTimer?.cancel();
    this.#resyncTimer?.cancel();
  }
}

/** The final answer to a SUBSCRIBE. */
interface Answer {
  readonly code: number;
  readonly reply: SipMessage | undefined;
  /** Expires of the request. */
  readonly asked: number;
  /** The request was to open the dialog. */
  readonly isInitial: boolean;
}
