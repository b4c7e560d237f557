/** event_route[presence:notify-reply]: the script is told how NOTIFYs were answered. */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type { NotifyAnswer, WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import type { Services } from "../../runtime/services.ts";
import { parseMessage, type SipMessage } from "../../sip/message.ts";
import { reasonPhrase } from "../../sip/reasons.ts";
import { configField } from "./publish.ts";

const ROUTE = "presence:notify-reply";

/** What belongs to one run of the route. */
export interface AnsweredNotify {
  readonly subscription: WatcherSubscription;
  readonly reply: ScriptContext;
}

/** Runs the route. */
export class NotifyReplyRoute {
  readonly #services: Services;
  readonly #xavpName: () => string | undefined;
  readonly #slot = new ContextSlot<AnsweredNotify>();

  constructor(services: Services, xavpName: () => string | undefined) {
    this.#services = services;
    this.#xavpName = xavpName;
  }

  /** The NOTIFY that the present run is about. */
  current(context: ScriptContext): AnsweredNotify | undefined {
    return context.state(this.#slot);
  }

  /** True when the script wants the subscription to be forgotten. */
  run(subscription: WatcherSubscription, answer: NotifyAnswer): boolean {
    const { routes } = this.#services;
    if (!routes.has("event", ROUTE)) return false;
    const reply = answer.context ?? this.#madeUp(subscription, answer.code);
    const notify = this.#read(notifyText(subscription));
    if (notify === undefined || reply === undefined) return false;
    const context = this.#services.localContext(notify);
    context.scope = "event";
    context.setState(this.#slot, { subscription, reply });
    const code = routes.run("event", ROUTE, context);
    if (!(code instanceof Promise)) return this.#isUnwanted(context);
    void code.then(() => {
      if (this.#isUnwanted(context)) subscription.abandon();
    });
    return false;
  }

  #isUnwanted(context: ScriptContext): boolean {
    return configField(context, this.#xavpName(), "delete_subscription") === 1;
  }

  /** Stands for an answer that never came. */
  #madeUp(subscription: WatcherSubscription, code: number): ScriptContext | undefined {
    const message = this.#read(`SIP/2.0 ${code} ${reasonPhrase(code)}\r\n${headers(subscription)}`);
    return message === undefined ? undefined : this.#services.localContext(message);
  }

  #read(text: string): SipMessage | undefined {
    const read = parseMessage(text);
    return read.ok ? read.message : undefined;
  }
}

function notifyText(subscription: WatcherSubscription): string {
  return `NOTIFY ${subscription.dialog.remoteTarget} SIP/2.0\r\n${headers(subscription)}`;
}

function headers(subscription: WatcherSubscription): string {
  const { dialog } = subscription;
  return (
    `Via: SIP/2.0/UDP unsent.invalid;branch=z9hG4bK0\r\n` +
    `From: <${dialog.localUri}>;tag=${dialog.localTag}\r\n` +
    `To: <${dialog.remoteUri}>;tag=${dialog.remoteTag}\r\n` +
    `Call-ID: ${dialog.callId}\r\nCSeq: ${dialog.localCseq} NOTIFY\r\n` +
    `Event: ${subscription.package.name}\r\nContent-Length: 0\r\n\r\n`
  );
}
