/** An event package of presence, as the notifier asks it. */
import type { Clock } from "../../runtime/clock.ts";
import type {
  Admission,
  NotifyDocument,
  WatchedPackage,
  WatchRequest,
} from "../../runtime/notifier/package.ts";
import type { KeptSubscription } from "../../runtime/notifier/rows.ts";
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import type { PresenceEvent, WatcherStatus } from "./api.ts";
import { PresenceWatcher, type PresenceStore } from "./presentity.ts";

/** What it works with. */
export interface WatchedParts {
  readonly store: PresenceStore;
  readonly clock: Clock;
  /** Whether publications are in order of priority. */
  readonly byPriority: () => boolean;
  /** Whether a watcher's earlier subscriptions with the same Call-ID are dropped. */
  readonly dropsSame: () => boolean;
  /** What was decided over a watcher of a package that decides. */
  readonly decided: (subscription: WatcherSubscription, status: WatcherStatus) => void;
}

/** Brings together what is published and who watches. */
export class WatchedEvent implements WatchedPackage {
  readonly event: PresenceEvent;
  readonly notifyIntervalMs = 0;
  readonly #parts: WatchedParts;

  constructor(event: PresenceEvent, parts: WatchedParts) {
    this.event = event;
    this.#parts = parts;
  }

  get name(): string {
    return this.event.name;
  }

  get contentType(): string {
    return this.event.contentType;
  }

  get defaultExpires(): number {
    return this.event.defaultExpires;
  }

  admit(request: WatchRequest, subscription: WatcherSubscription | undefined): Admission {
    const status = this.statusOf(request.watcher, request.resource);
    if (status === "terminated") return { ok: false, status: 403 };
    const state = status === "active" ? "active" : "pending";
    if (subscription !== undefined) return { ok: true, state, data: subscription.data };
    const presentity = this.#parts.store.obtain(this.event, request.resource);
    if (presentity === undefined) return { ok: false, status: 404 };
    return { ok: true, state, data: new PresenceWatcher(presentity) };
  }

  statusOf(watcher: string, resource: string): WatcherStatus {
    return this.event.authorise?.(watcher, resource) ?? "active";
  }

  restored(kept: KeptSubscription): PresenceWatcher | undefined {
    const presentity = this.#parts.store.obtain(this.event, kept.resource);
    return presentity === undefined ? undefined : new PresenceWatcher(presentity);
  }

  opened(subscription: WatcherSubscription): void {
    const { data } = subscription;
    if (!(data instanceof PresenceWatcher)) return;
    const { watchers } = data.presentity;
    watchers.add(subscription);
    this.decided(subscription, subscription.state);
    if (!this.#parts.dropsSame()) return;
    const { callId } = subscription.dialog;
    for (const other of watchers) {
      if (other !== subscription && other.dialog.callId === callId) other.abandon();
    }
  }

  decided(subscription: WatcherSubscription, status: WatcherStatus): void {
    if (this.event.authorise !== undefined) this.#parts.decided(subscription, status);
  }

  closed(subscription: WatcherSubscription): void {
    const { data } = subscription;
    if (!(data instanceof PresenceWatcher)) return;
    data.presentity.watchers.delete(subscription);
    this.#parts.store.release(data.presentity);
  }

  document(subscription: WatcherSubscription): NotifyDocument | null {
    const { data } = subscription;
    if (!(data instanceof PresenceWatcher)) return null;
    const { event } = this;
    const published = data.presentity.sorted(this.#parts.byPriority());
    const ended = data.takeEnded();
    // A resource that only a fetch has asked for is not kept.
    this.#parts.store.release(data.presentity);
    const now = Math.floor(this.#parts.clock.wallTime() / 1000);
    const body =
      event.aggregate === undefined
        ? (published[0]?.body ?? null)
        : event.aggregate(
            { resource: subscription.resource, published, ended, now },
            subscription.version,
          );
    return body === null ? null : { contentType: event.contentType, body, hasMore: false };
  }
}
