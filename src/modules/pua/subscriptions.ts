/** All subscriptions of the engine: by resource, and by the dialog that a NOTIFY names. */
import { lowerAscii } from "../../sip/chars.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { NotifyMatch, SubscribeRequest, Subscription } from "./api.ts";
import type { Dialog } from "./dialog.ts";
import { FollowedState, type SubscriptionHost } from "./subscription.ts";
import type { PuaSurroundings } from "./surroundings.ts";

/** The registry. */
export class Subscriptions implements SubscriptionHost {
  readonly #around: PuaSurroundings;
  readonly #byResource = new Map<string, FollowedState>();
  readonly #byDialog = new Map<string, FollowedState>();

  constructor(around: PuaSurroundings) {
    this.#around = around;
  }

  subscribe(request: SubscribeRequest): Subscription {
    const key = keyOf(request.resource, request.event);
    const known = this.#byResource.get(key);
    if (known !== undefined && known.phase !== "ending") {
      known.renew(request);
      return known;
    }
    const subscription = new FollowedState(request, this.#around, this);
    this.#byResource.set(key, subscription);
    subscription.start();
    return subscription;
  }

  find(resource: string, event: string): FollowedState | undefined {
    return this.#byResource.get(keyOf(resource, event));
  }

  /** Takes a NOTIFY of an event package. */
  notified(request: SipMessage, event: string): NotifyMatch {
    const subscription = this.#ofDialog(request);
    const package_ = request.event;
    if (package_ === undefined || package_ === null || package_.name !== event) {
      return { ok: false, problem: "wrong-event", status: 489 };
    }
    if (subscription === undefined || subscription.event !== event || package_.id !== "") {
      return { ok: false, problem: "no-subscription", status: 481 };
    }
    return subscription.notified(request);
  }

  updateTarget(request: SipMessage): boolean {
    const subscription = this.#ofDialog(request);
    return subscription !== undefined && subscription.retarget(request);
  }

  #ofDialog(request: SipMessage): FollowedState | undefined {
    return this.#byDialog.get(`${request.callId}|${request.toTag}`);
  }

  dialogOpened(subscription: FollowedState, dialog: Dialog): void {
    this.#byDialog.set(`${dialog.callId}|${dialog.localTag}`, subscription);
  }

  dialogClosed(dialog: Dialog): void {
    this.#byDialog.delete(`${dialog.callId}|${dialog.localTag}`);
  }

  ended(subscription: FollowedState): void {
    const key = keyOf(subscription.resource, subscription.event);
    if (this.#byResource.get(key) === subscription) this.#byResource.delete(key);
  }

  list(): Iterable<FollowedState> {
    return this.#byResource.values();
  }

  get size(): number {
    return this.#byResource.size;
  }

  /** Ends everything; resolves when all notifiers have answered. */
  async endAll(): Promise<void> {
    const all = [...this.#byResource.values()];
    await Promise.all(all.map((subscription) => subscription.finish()));
  }
}

function keyOf(resource: string, event: string): string {
  return `${lowerAscii(event)}|${resource}`;
}
