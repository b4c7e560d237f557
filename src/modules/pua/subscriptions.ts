/** All subscriptions of the engine: by resource, and by the dialog that a NOTIFY names. */
import { lowerAscii } from "../../sip/chars.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { NotifyMatch, ResumeRequest, SubscribeRequest, Subscription } from "./api.ts";
import type { Dialog } from "./dialog.ts";
import { FollowedState } from "./subscription.ts";
import type { SubscriptionHost } from "./subscription-host.ts";
import type { PuaSurroundings } from "./surroundings.ts";

/** Where a NOTIFY came from. */
export interface NotifyOrigin {
  readonly address: string;
  /** Whether it must be where the notifier is. */
  readonly isChecked: boolean;
}

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

  /** The subscriptions of before a restart; each is to be resumed when its turn has come. */
  restore(request: ResumeRequest): FollowedState[] {
    const { store, now } = this.#around;
    const restored: FollowedState[] = [];
    for (const stored of store?.takeSubscriptions(request.event) ?? []) {
      const { resource, event, until, watcher } = stored;
      const key = keyOf(resource, event);
      if (this.#byResource.has(key)) continue;
      if (until !== 0 && until <= now()) {
        store?.removeSubscription(event, resource);
        continue;
      }
      const wanted: SubscribeRequest = { ...request, resource, watcher, until };
      const subscription = new FollowedState(wanted, this.#around, this);
      this.#byResource.set(key, subscription);
      subscription.restore(stored);
      restored.push(subscription);
    }
    return restored;
  }

  find(resource: string, event: string): FollowedState | undefined {
    return this.#byResource.get(keyOf(resource, event));
  }

  /** Takes a NOTIFY of an event package. */
  notified(request: SipMessage, event: string, from: NotifyOrigin): NotifyMatch {
    const subscription = this.#ofDialog(request);
    const package_ = request.event;
    if (package_ === undefined || package_ === null || package_.name !== event) {
      return { ok: false, problem: "wrong-event", status: 489 };
    }
    if (subscription === undefined || subscription.event !== event || package_.id !== "") {
      return { ok: false, problem: "no-subscription", status: 481 };
    }
    if (from.isChecked && !subscription.hears(from.address)) {
      return { ok: false, problem: "wrong-source", status: 481 };
    }
    return subscription.notified(request, from.address);
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

  /** Leaves everything as it is at the notifiers; resolves when nothing is on its way any more. */
  async suspendAll(): Promise<void> {
    await Promise.all([...this.#byResource.values()].map((one) => one.suspend()));
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
