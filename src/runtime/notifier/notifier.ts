/** Answers SUBSCRIBE for the event packages of one module, and keeps their subscriptions (RFC 6665, 4.2). */
import { ownText } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import { reasonPhrase } from "../../sip/reasons.ts";
import type { ScriptContext } from "../context.ts";
import type { Clock } from "../clock.ts";
import type { ListenSocket } from "../transport.ts";
import { dialogKey, NotifierDialog, targetOf } from "./dialog.ts";
import type { SubscriptionJournal } from "./journal.ts";
import type {
  Admission,
  NotifySender,
  ReplySender,
  WatchedPackage,
  WatchRequest,
} from "./package.ts";
import {
  accepts,
  acceptsGzip,
  isWellFormed,
  knowsState,
  unknownExtensions,
  wantedRates,
} from "./request.ts";
import type { KeptSubscription } from "./rows.ts";
import { type NotifyAnswer, type SubscriptionHost, WatcherSubscription } from "./subscription.ts";

/** Settings; asked each time, for they may change at run time. */
export interface NotifierSettings {
  /** Seconds; 0: no limit. */
  readonly minExpires: number;
  /** Shorter times are raised to `minExpires` instead of being refused. */
  readonly raisesExpires: boolean;
  /** Seconds. */
  readonly maxExpires: number;
  readonly removesOnTimeout: boolean;
  /** Status of the reply to an accepted SUBSCRIBE: 200, or 202 as before RFC 6665. */
  readonly acceptedStatus: number;
  /** A SUBSCRIBE that comes later than one with a greater CSeq by no more than this is taken. */
  readonly cseqOffset: number;
  /** Number of subscriptions. */
  readonly maxSubscriptions: number;
}

/** What it works with. */
export interface NotifierSurroundings {
  readonly clock: Clock;
  readonly sender: NotifySender;
  readonly replies: ReplySender;
  /** Where subscriptions are kept beside memory. */
  readonly journal?: SubscriptionJournal | undefined;
  /** URI for Contact of messages that leave through a socket. */
  contact(socket: ListenSocket): string;
  /** A NOTIFY was answered; true when the subscription is to be forgotten. */
  answered?(subscription: WatcherSubscription, answer: NotifyAnswer): boolean;
}

/** How a SUBSCRIBE was dealt with; the reply has been sent. */
export interface SubscribeOutcome {
  readonly status: number;
  /** There if it was accepted. */
  readonly subscription: WatcherSubscription | undefined;
}

/** A SUBSCRIBE that was taken. */
interface Accepted extends SubscribeOutcome {
  readonly subscription: WatcherSubscription;
}

/** At once where nothing has to be waited for. */
export type Handled = SubscribeOutcome | Promise<SubscribeOutcome>;

/** A refusal. */
interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: string;
}

/** What is known about a SUBSCRIBE so far. */
interface Incoming {
  readonly context: ScriptContext;
  readonly message: SipMessage;
  readonly watched: WatchedPackage;
  readonly request: WatchRequest;
}

/** Seconds after which to try again when there is no room. */
const FULL_RETRY_AFTER = 60;

/** The registry. */
export class Notifier implements SubscriptionHost {
  readonly settings: NotifierSettings;
  readonly #around: NotifierSurroundings;
  readonly #packages = new Map<string, WatchedPackage>();
  readonly #byDialog = new Map<string, WatcherSubscription>();
  /** By Call-ID and From tag: the subscription that the first SUBSCRIBE of its sender has made. */
  readonly #bySender = new Map<string, WatcherSubscription>();
  /** Those whose last NOTIFY is on its way. */
  readonly #ending = new Map<string, WatcherSubscription>();

  constructor(settings: NotifierSettings, around: NotifierSurroundings) {
    this.settings = settings;
    this.#around = around;
  }

  get clock(): Clock {
    return this.#around.clock;
  }

  get sender(): NotifySender {
    return this.#around.sender;
  }

  get removesOnTimeout(): boolean {
    return this.settings.removesOnTimeout;
  }

  get size(): number {
    return this.#byDialog.size;
  }

  add(watched: WatchedPackage): void {
    this.#packages.set(watched.name, watched);
  }

  package(name: string): WatchedPackage | undefined {
    return this.#packages.get(name);
  }

  /** Value for Allow-Events. */
  get eventNames(): string {
    return [...this.#packages.keys()].join(", ");
  }

  subscriptions(): Iterable<WatcherSubscription> {
    return this.#byDialog.values();
  }

  /** The subscription that a NOTIFY of the engine belongs to. */
  ofNotify(message: SipMessage): WatcherSubscription | undefined {
    const key = dialogKey(message.callId, message.fromTag, message.toTag);
    return this.#byDialog.get(key) ?? this.#ending.get(key);
  }

  closed(subscription: WatcherSubscription, isTold: boolean): void {
    const { key, callId, remoteTag } = subscription.dialog;
    if (isTold) this.#ending.set(key, subscription);
    else this.#ending.delete(key);
    if (!this.#byDialog.delete(key)) return;
    const sender = senderKey(callId, remoteTag);
    if (this.#bySender.get(sender) === subscription) this.#bySender.delete(sender);
    this.#around.journal?.forget(subscription);
    subscription.package.closed?.(subscription);
  }

  numbered(subscription: WatcherSubscription): void {
    this.#around.journal?.numbered(subscription);
  }

  altered(subscription: WatcherSubscription): void {
    this.#around.journal?.keep(subscription);
  }

  answered(subscription: WatcherSubscription, answer: NotifyAnswer): boolean {
    if (subscription.isFinished) this.#ending.delete(subscription.dialog.key);
    return this.#around.answered?.(subscription, answer) ?? false;
  }

  /** Takes a stored subscription up again; undefined when it cannot go on. Its row stays. */
  restore(kept: KeptSubscription, socket: ListenSocket): WatcherSubscription | undefined {
    const watched = this.#packages.get(kept.event);
    const data = watched?.restored?.(kept);
    const seconds = kept.expiresAt - Math.floor(this.clock.wallTime() / 1000);
    if (watched === undefined || data === undefined || seconds <= 0) return undefined;
    const dialog = new NotifierDialog(kept.dialog);
    if (this.#byDialog.has(dialog.key)) return undefined;
    const parts = { ...kept, package: watched, dialog, socket, data };
    const subscription = new WatcherSubscription(parts, this);
    this.#insert(subscription);
    subscription.takesGzip = watched.packs === true && kept.takesGzip;
    subscription.restore(kept.state, kept.version, seconds);
    this.altered(subscription);
    return subscription;
  }

  #insert(subscription: WatcherSubscription): void {
    const { key, callId, remoteTag } = subscription.dialog;
    this.#byDialog.set(key, subscription);
    this.#bySender.set(senderKey(callId, remoteTag), subscription);
    subscription.package.opened?.(subscription);
  }

  /** Ends all subscriptions. */
  endAll(reason: string, retryAfter: number): void {
    for (const subscription of this.#byDialog.values()) subscription.end(reason, retryAfter);
  }

  /** Takes a SUBSCRIBE and replies to it, when what it brings is stored. `watcher` stands for the From URI. */
  handle(context: ScriptContext, watcher: string | undefined): Handled {
    const { msg: message } = context;
    const watched = this.#packages.get(message.event?.name ?? "");
    const { event, from } = message;
    if (watched === undefined || event === undefined || event === null) {
      return this.refuse(context, { status: 489, headers: `Allow-Events: ${this.eventNames}\r\n` });
    }
    if (!isWellFormed(message) || !from) return this.refuse(context, { status: 400 });
    const unknown = unknownExtensions(message);
    if (unknown.length > 0) {
      const headers = `Unsupported: ${unknown.join(", ")}\r\n`;
      return this.refuse(context, { status: 420, headers });
    }
    const request: WatchRequest = {
      context,
      message,
      resource: context.uri,
      watcher: watcher ?? from.uriText,
      event,
    };
    const incoming = { context, message, watched, request };
    return message.toTag === "" ? this.#begin(incoming) : this.#refresh(incoming);
  }

  /** Replies with an error. */
  refuse(context: ScriptContext, refusal: Refusal): SubscribeOutcome {
    const { status, reason, headers = "" } = refusal;
    this.reply(context, status, { reason, headers });
    return { status, subscription: undefined };
  }

  /** Replies with header lines of its own. */
  reply(
    context: ScriptContext,
    status: number,
    parts: { readonly reason?: string | undefined; readonly headers: string },
  ): void {
    const lines = context.replyHeaders;
    if (parts.headers !== "") context.replyHeaders = [...lines, parts.headers];
    this.#around.replies.reply(context, status, parts.reason ?? reasonPhrase(status));
    context.replyHeaders = lines;
  }

  /** What holds for first requests and refreshes alike. */
  #check(incoming: Incoming): { readonly refusal: Refusal } | { readonly seconds: number } {
    const { message, watched } = incoming;
    if (!accepts(message, watched.contentType)) {
      return { refusal: { status: 406, headers: `Accept: ${watched.contentType}\r\n` } };
    }
    const wanted = message.expires;
    if (wanted === -2) return { refusal: { status: 400, reason: "Bad Expires" } };
    const seconds = wanted < 0 ? watched.defaultExpires : wanted;
    const { minExpires, raisesExpires, maxExpires } = this.settings;
    if (seconds > 0 && seconds < minExpires) {
      if (raisesExpires) return { seconds: minExpires };
      return { refusal: { status: 423, headers: `Min-Expires: ${minExpires}\r\n` } };
    }
    return { seconds: maxExpires > 0 ? Math.min(seconds, maxExpires) : seconds };
  }

  #begin(incoming: Incoming): Handled {
    const { context, message, watched, request } = incoming;
    const tag = this.#around.replies.replyTag(context);
    const known = this.#byDialog.get(dialogKey(message.callId, tag, message.fromTag));
    if (known !== undefined) return this.#repeat(context, known);
    if (this.#isMerged(message)) return this.refuse(context, { status: 482 });
    const target = targetOf(message);
    if (target === undefined) return this.refuse(context, { status: 400, reason: "Bad Contact" });
    const checked = this.#check(incoming);
    if ("refusal" in checked) return this.refuse(context, checked.refusal);
    const { seconds } = checked;
    if (seconds > 0 && this.size >= this.settings.maxSubscriptions) {
      const headers = `Retry-After: ${FULL_RETRY_AFTER}\r\n`;
      return this.refuse(context, { status: 503, headers });
    }
    const admission = watched.admit(request, undefined);
    if (!admission.ok) return this.refuse(context, admission);
    const subscription = this.#make(incoming, admission, NotifierDialog.of(message, tag, target));
    const outcome = { status: this.settings.acceptedStatus, subscription };
    if (seconds === 0) {
      this.#accept(context, outcome, 0);
      subscription.end("timeout");
      return outcome;
    }
    this.#insert(subscription);
    subscription.grant(seconds, wantedRates(request.event.params));
    const isKnown = knowsState(message, subscription);
    return this.#whenStored(subscription, () => {
      this.#accept(context, outcome, seconds);
      subscription.answer(isKnown);
      return outcome;
    });
  }

  /** Writes the subscription down, and goes on when that is safe. */
  #whenStored(subscription: WatcherSubscription, goOn: () => SubscribeOutcome): Handled {
    this.altered(subscription);
    const committed = this.#around.journal?.committed();
    return committed === undefined ? goOn() : committed.then(goOn);
  }

  /** The same request on another way: one subscription is enough (RFC 3261, 8.2.2.2). */
  #isMerged(message: SipMessage): boolean {
    const known = this.#bySender.get(senderKey(message.callId, message.fromTag));
    return known !== undefined && known.dialog.remoteCseq === message.cseqNumber;
  }

  #make(
    incoming: Incoming,
    admission: Extract<Admission, { ok: true }>,
    dialog: NotifierDialog,
  ): WatcherSubscription {
    const { context, message, watched, request } = incoming;
    const parts = {
      package: watched,
      dialog,
      resource: ownText(admission.resource ?? request.resource),
      watcher: ownText(request.watcher),
      eventId: ownText(request.event.id),
      contact: this.#around.contact(context.socket),
      socket: context.socket,
      userAgent: ownText(message.value(Header.UserAgent) ?? ""),
      data: admission.data,
    };
    const subscription = new WatcherSubscription(parts, this);
    subscription.state = admission.state;
    subscription.takesGzip = watched.packs === true && acceptsGzip(message);
    return subscription;
  }

  /** The same request again: the same answer. */
  #repeat(context: ScriptContext, subscription: WatcherSubscription): SubscribeOutcome {
    const outcome = { status: this.settings.acceptedStatus, subscription };
    this.#accept(context, outcome, subscription.secondsLeft);
    return outcome;
  }

  #accept(context: ScriptContext, { status, subscription }: Accepted, seconds: number): void {
    const headers = `Expires: ${seconds}\r\nContact: <${subscription.contact}>\r\n`;
    this.reply(context, status, { headers });
  }

  #refresh(incoming: Incoming): Handled {
    const { context, message } = incoming;
    const key = dialogKey(message.callId, message.toTag, message.fromTag);
    const subscription = this.#byDialog.get(key);
    const isOwn =
      subscription !== undefined &&
      subscription.package === incoming.watched &&
      subscription.eventId === incoming.request.event.id;
    if (!isOwn) return this.refuse(context, { status: 481, reason: "No Such Subscription" });
    const { dialog } = subscription;
    if (message.cseqNumber === dialog.remoteCseq) return this.#repeat(context, subscription);
    // RFC 3261, 12.2.2.
    if (message.cseqNumber < dialog.remoteCseq - this.settings.cseqOffset) {
      return this.refuse(context, { status: 500, reason: "CSeq Too Low" });
    }
    const checked = this.#check(incoming);
    if ("refusal" in checked) return this.refuse(context, checked.refusal);
    dialog.remoteCseq = Math.max(message.cseqNumber, dialog.remoteCseq);
    const request = { ...incoming.request, resource: subscription.resource };
    const admission = incoming.watched.admit(request, subscription);
    if (!admission.ok) {
      const outcome = this.refuse(context, admission);
      subscription.end("rejected");
      return outcome;
    }
    subscription.state = admission.state;
    subscription.takesGzip = incoming.watched.packs === true && acceptsGzip(message);
    const target = targetOf(message);
    if (target !== undefined && target !== dialog.remoteTarget) {
      dialog.remoteTarget = ownText(target);
    }
    return this.#renew(incoming, subscription, checked.seconds);
  }

  #renew(incoming: Incoming, subscription: WatcherSubscription, seconds: number): Handled {
    const { context, message, request } = incoming;
    const isKnown = knowsState(message, subscription);
    const outcome = { status: isKnown ? 204 : this.settings.acceptedStatus, subscription };
    if (seconds === 0) {
      this.#accept(context, outcome, seconds);
      // RFC 5839, 5.3.
      if (isKnown) subscription.abandon();
      else subscription.end("timeout");
      return outcome;
    }
    subscription.grant(seconds, wantedRates(request.event.params));
    return this.#whenStored(subscription, () => {
      this.#accept(context, outcome, seconds);
      if (isKnown) subscription.suppressed();
      else subscription.answer(false);
      return outcome;
    });
  }
}

function senderKey(callId: string, remoteTag: string): string {
  return `${callId}\n${remoteTag}`;
}
