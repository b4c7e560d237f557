/** One subscription: kept alive, begun anew when it is lost, ended properly (RFC 6665, 4.1). */
import type { Timer } from "../../runtime/clock.ts";
import { ownText } from "../../sip/chars.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { NotifyMatch, SubscribeRequest, Subscription, SubscriptionPhase } from "./api.ts";
import { Backoff } from "./backoff.ts";
import { Corrections } from "./corrections.ts";
import { Dialog } from "./dialog.ts";
import type { PuaSurroundings } from "./surroundings.ts";
import type { SubscriptionHost } from "./subscription-host.ts";
import type { StoredSubscription } from "./store.ts";
import { type Answer, endsDialog, endsForGood, isRefusal } from "./subscribe-codes.ts";
import { subscribeRequest } from "./subscribe-request.ts";
import { retryAfterSeconds } from "./texts.ts";
import { Throttle } from "./throttle.ts";

/** Timer N: how long to wait for the first NOTIFY, and for the last one (RFC 6665, 4.1.2.4). */
const TIMER_N_MS = 32_000;
/** Time between two requests for documents that are missing. */
const RESYNC_MS = 5000;

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
  readonly #corrections: Corrections;
  /** Refresh or retry: one at a time. */
  #timer: Timer | undefined;
  #notifyTimer: Timer | undefined;
  readonly #resync: Throttle;
  #whenEnded: (() => void)[] = [];
  /** Nothing is sent any more; called when what is on its way has been answered. */
  #whenSuspended: (() => void) | undefined;
  /** Waits for its turn to be asked about, after a restart. */
  #isResuming = false;
  /** Entity tag of the state as last told here; "" when it is not known, or not believed (RFC 5839). */
  #entityTag = "";

  constructor(request: SubscribeRequest, around: PuaSurroundings, host: SubscriptionHost) {
    this.resource = request.resource;
    this.event = request.event;
    this.#request = request;
    this.#around = around;
    this.#host = host;
    this.#corrections = new Corrections(around);
    this.#resync = new Throttle(around.clock, RESYNC_MS, () => this.refresh());
    this.#backoff = new Backoff(around.random);
  }

  /** Sends the first SUBSCRIBE of a new dialog. */
  start(): void {
    if (this.#whenSuspended !== undefined) return;
    this.#dropDialog();
    this.phase = "starting";
    this.#isResuming = false;
    this.#save();
    const { tm } = this.#around;
    this.#dialog = new Dialog(tm.newCallId(), tm.newTag(), this.resource);
    this.#host.dialogOpened(this, this.#dialog);
    this.#send(this.#asked());
  }

  /** Is as it was before a restart; its NOTIFYs are heard at once. `resume` does the rest. */
  restore(stored: StoredSubscription): void {
    this.#isResuming = true;
    this.phase = "waiting";
    if (stored.dialog === null || stored.grantedUntil <= this.#around.now()) return;
    this.#dialog = Dialog.resumed(stored.dialog);
    this.#host.dialogOpened(this, this.#dialog);
    this.phase = "active";
    this.grantedUntil = stored.grantedUntil;
  }

  /** Asks for the full state after a restart, unless that has been done meanwhile. */
  resume(): void {
    if (!this.#isResuming) return;
    if (this.phase === "active") this.#send(this.#asked());
    else if (this.phase === "waiting") this.start();
  }

  /** Leaves everything as it is at the notifier; resolves when nothing is on its way any more. */
  suspend(): Promise<void> {
    this.#cancelTimers();
    const suspended = new Promise<void>((resolve) => (this.#whenSuspended = resolve));
    if (!this.#isOutstanding) this.#whenSuspended?.();
    return suspended;
  }

  /** Takes over new wishes of the caller, and asks the notifier again. */
  renew(request: SubscribeRequest): void {
    this.#request = request;
    this.#save();
    this.refresh();
  }

  refresh(): void {
    this.#entityTag = "";
    if (this.#isOutstanding) this.#refreshesAgain = true;
    else if (this.phase === "active") this.#send(this.#asked());
  }

  resync(): void {
    this.#resync.ask();
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
    this.#around.store?.removeSubscription(this.event, this.resource);
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
    return Math.max(left, this.#around.minExpires, this.#corrections.minExpires, 1);
  }

  #send(expires: number): void {
    if (this.#whenSuspended !== undefined) return;
    const dialog = this.#dialog as Dialog;
    const isInitial = dialog.remoteTag === "";
    this.#isOutstanding = true;
    this.#refreshesAgain = false;
    this.#isResuming = false;
    this.#timer?.cancel();
    const request = subscribeRequest(dialog, this.#request, {
      expires,
      knownState: this.#request.listener.isUpToDate?.(this) === true ? this.#entityTag : "",
      credentials: this.#corrections.credentials,
      firstHop: this.#request.nextHop ?? this.#around.outboundProxy,
    });
    this.#around.tm.request({
      ...request,
      onFinal: (code, reply, context) => {
        if (code < 300) dialog.answeredBy = context?.sourceAddress ?? "";
        this.#answered(dialog, { code, reply, asked: expires, isInitial });
      },
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
    this.#whenSuspended?.();
  }

  #accepted(dialog: Dialog, answer: Answer): void {
    const { reply, asked } = answer;
    // Only what has lasted until a refresh is proven: a notifier that accepts and ends at once is asked ever less often.
    if (!answer.isInitial) this.#backoff.reset();
    this.#corrections.reset();
    if (reply !== undefined) dialog.answered(reply);
    if (this.phase === "ending") {
      if (asked !== 0) this.#send(0);
      else this.#awaitLastNotify();
      return;
    }
    this.phase = "active";
    const granted = reply === undefined || reply.expires < 0 ? asked : reply.expires;
    this.#granted(granted);
    this.#save();
    if (this.#whenSuspended !== undefined) return;
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
    if (this.#whenSuspended !== undefined) return;
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
    const uri = this.#dialog?.remoteTarget ?? this.resource;
    if (this.#corrections.learn(code, reply, { method: "SUBSCRIBE", uri })) {
      this.#send(this.phase === "ending" ? 0 : this.#asked());
      return;
    }
    this.#corrections.reset();
    if (this.phase === "ending") {
      this.#finished("ended here");
      return;
    }
    const isInitial = this.phase === "starting";
    if (isRefusal(code, isInitial)) {
      this.#around.log.warn(`the subscription to ${this.resource} was refused with ${code}`);
      this.#finished(`refused with ${code}`);
      return;
    }
    const retryAfter = retryAfterSeconds(reply);
    const isOver = isInitial || endsDialog(code);
    if (isOver || this.#around.now() >= this.grantedUntil) this.#startLater(retryAfter);
    else this.#refreshLater(retryAfter);
  }

  /** A new dialog after a while. */
  #startLater(retryAfter: number): void {
    this.#dropDialog();
    this.phase = "waiting";
    this.grantedUntil = 0;
    this.#cancelTimers();
    this.#save();
    if (this.#whenSuspended !== undefined) return;
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
    if (this.#whenSuspended !== undefined) return;
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
    this.#save();
    return true;
  }

  /** Whether its notifier may be at an address. */
  hears(address: string): boolean {
    return this.#dialog?.hears(address, this.#around.isAddressOf) === true;
  }

  /** Takes a NOTIFY of this subscription's dialog. */
  notified(request: SipMessage, source: string): NotifyMatch {
    const dialog = this.#dialog as Dialog;
    const state = request.subscriptionState;
    const refusal = dialog.refusal(request);
    if (refusal !== undefined) return refusal;
    if (state === undefined || state === null) {
      return { ok: false, problem: "no-subscription-state", status: 400 };
    }
    const isRepeated = request.cseqNumber === dialog.remoteCseq;
    if (!isRepeated) {
      const { grantedUntil } = this;
      const isMoved = dialog.notified(request, source);
      this.#entityTag = ownText(request.sipEtag);
      this.#notifyTimer?.cancel();
      if (state.state === "terminated") this.#terminated(state.reason, state.retryAfter);
      else if (this.phase !== "ending") this.#confirmed(state.expires);
      const isChanged = isMoved || grantedUntil !== this.grantedUntil;
      if (isChanged && this.phase === "active") this.#save();
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
    if (endsForGood(reason)) {
      this.#finished(reason);
      return;
    }
    // At once (RFC 6665, 4.1.3), unless that is what came of it the last time.
    const isAtOnce = reason === "deactivated" || reason === "timeout";
    this.#startLater(isAtOnce && this.#backoff.failures === 0 ? 0 : retryAfter);
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
    this.#around.store?.removeSubscription(this.event, this.resource);
    this.#request.listener.ended?.(this, why);
    this.#answeredEnd();
  }

  #dropDialog(): void {
    if (this.#dialog !== null) this.#host.dialogClosed(this.#dialog);
    this.#dialog = null;
    this.#isOutstanding = false;
    this.#entityTag = "";
  }

  #save(): void {
    const { store } = this.#around;
    if (store === undefined || this.phase === "ending" || this.phase === "ended") return;
    const dialog = this.#dialog?.stored() ?? null;
    const { watcher, until } = this.#request;
    store.putSubscription({
      event: this.event,
      resource: this.resource,
      watcher,
      grantedUntil: dialog === null ? 0 : this.grantedUntil,
      until,
      dialog,
    });
  }

  #cancelTimers(): void {
    this.#timer?.cancel();
    this.#notifyTimer?.cancel();
    this.#resync.cancel();
  }
}
