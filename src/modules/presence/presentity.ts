/** What is published about resources, and who watches them. */
import { lowerAscii } from "../../sip/chars.ts";
import { parseUri } from "../../sip/uri.ts";
import { unescape } from "../../sip/uri-compare.ts";
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import type { Timer } from "../../runtime/clock.ts";
import type { EndedPublication, PresenceEvent, Publication } from "./api.ts";

/** A publication in the store. */
export interface StoredPublication extends Publication {
  /** URI of who published it and is not told of it; "" for none. */
  readonly sender: string;
  readonly ruid: string;
  readonly timer: Timer;
}

/** A resource of one event package. */
export class Presentity {
  readonly event: PresenceEvent;
  /** `user@domain`, comparable. */
  readonly key: string;
  readonly user: string;
  readonly domain: string;
  readonly publications = new Map<string, StoredPublication>();
  readonly watchers = new Set<WatcherSubscription>();

  constructor(event: PresenceEvent, key: string, user: string, domain: string) {
    this.event = event;
    this.key = key;
    this.user = user;
    this.domain = domain;
  }

  /** Most important first. */
  sorted(byPriority: boolean): StoredPublication[] {
    // The map has them in the order in which they came.
    const list = [...this.publications.values()].reverse();
    return byPriority ? list.sort((a, b) => b.priority - a.priority) : list;
  }
}

/** Ended publications that are kept for a watcher who cannot be told. */
const MOST_ENDED = 32;

/** The presence module's state of a subscription. */
export class PresenceWatcher {
  readonly presentity: Presentity;
  #ended: EndedPublication[] = [];

  constructor(presentity: Presentity) {
    this.presentity = presentity;
  }

  /** Keeps what the next document has to account for; of very much only the latest. */
  note(ended: EndedPublication): void {
    this.#ended.push(ended);
    if (this.#ended.length > MOST_ENDED) this.#ended.shift();
  }

  /** What has ended since this was asked last. */
  takeEnded(): readonly EndedPublication[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }
}

/** All resources that somebody publishes or watches. */
export class PresenceStore {
  readonly #ignoresCase: () => boolean;
  readonly #presentities = new Map<string, Presentity>();

  constructor(ignoresCase: () => boolean) {
    this.#ignoresCase = ignoresCase;
  }

  /** Key of a resource; undefined when the URI cannot name one. */
  keyOf(uri: string): { key: string; user: string; domain: string } | undefined {
    const parsed = parseUri(uri);
    if (parsed === undefined || parsed.scheme === "urn") return undefined;
    const user = unescape(parsed.user);
    const domain = lowerAscii(parsed.host);
    const key = `${this.#ignoresCase() ? lowerAscii(user) : user}@${domain}`;
    return { key, user, domain };
  }

  find(event: string, uri: string): Presentity | undefined {
    const found = this.keyOf(uri);
    return found === undefined ? undefined : this.#presentities.get(`${event}\n${found.key}`);
  }

  /** The resource, made if it is not known; undefined when the URI cannot name one. */
  obtain(event: PresenceEvent, uri: string): Presentity | undefined {
    const found = this.keyOf(uri);
    if (found === undefined) return undefined;
    const index = `${event.name}\n${found.key}`;
    let presentity = this.#presentities.get(index);
    if (presentity === undefined) {
      presentity = new Presentity(event, found.key, found.user, found.domain);
      this.#presentities.set(index, presentity);
    }
    return presentity;
  }

  /** Drops a resource that nobody publishes or watches any more. */
  release(presentity: Presentity): void {
    if (presentity.publications.size > 0 || presentity.watchers.size > 0) return;
    const index = `${presentity.event.name}\n${presentity.key}`;
    if (this.#presentities.get(index) === presentity) this.#presentities.delete(index);
  }

  all(): Iterable<Presentity> {
    return this.#presentities.values();
  }

  get size(): number {
    return this.#presentities.size;
  }
}
