/** Who watches which addresses of record, and what is told to whom when the tables change. */
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import type {
  Contact,
  ContactChange as TableChange,
  RemovalCause,
  Table,
  UsrlocApi,
  UsrlocListener,
} from "../usrloc/spec.ts";
import type { DocumentComposer } from "./documents.ts";
import type { ContactHistory } from "./history.ts";
import { type ContactChange, WatchState } from "./watch-state.ts";

/** What the operator has said about a change that is being made. */
export interface NamedEvent {
  readonly event: string;
  /** Seconds; -1: none. */
  readonly retryAfter: number;
}

/** The watchers of one table. */
interface TableWatchers {
  readonly byAor: Map<string, Set<WatcherSubscription>>;
  readonly ofDomain: Set<WatcherSubscription>;
}

/** The index of watchers; listens to the tables. */
export class Watchers implements UsrlocListener {
  /** Event of the changes that are being made on an operator's order; null: it follows from the change. */
  named: NamedEvent | null = null;
  /** False while tables are read from where they are kept: that is no news. */
  isListening = false;
  readonly #location: UsrlocApi;
  readonly #history: ContactHistory;
  readonly #composer: DocumentComposer;
  readonly #adminEvent: () => string;
  readonly #tables = new Map<Table, TableWatchers>();
  /** Watchers that have something new to hear; true when they need the full state. */
  readonly #touched = new Map<WatcherSubscription, boolean>();
  #serial = 0;

  constructor(
    location: UsrlocApi,
    history: ContactHistory,
    composer: DocumentComposer,
    adminEvent: () => string,
  ) {
    this.#location = location;
    this.#history = history;
    this.#composer = composer;
    this.#adminEvent = adminEvent;
  }

  /** Number of changes of all tables since the start. */
  get serial(): number {
    return this.#serial;
  }

  add(subscription: WatcherSubscription): void {
    const { data } = subscription;
    if (!(data instanceof WatchState)) return;
    let watchers = this.#tables.get(data.table);
    if (watchers === undefined) {
      watchers = { byAor: new Map(), ofDomain: new Set() };
      this.#tables.set(data.table, watchers);
    }
    if (data.aor === null) {
      watchers.ofDomain.add(subscription);
      return;
    }
    const known = watchers.byAor.get(data.aor);
    if (known === undefined) watchers.byAor.set(data.aor, new Set([subscription]));
    else known.add(subscription);
  }

  remove(subscription: WatcherSubscription): void {
    const { data } = subscription;
    if (!(data instanceof WatchState)) return;
    this.#touched.delete(subscription);
    const watchers = this.#tables.get(data.table);
    if (watchers === undefined) return;
    watchers.ofDomain.delete(subscription);
    if (data.aor === null) return;
    const known = watchers.byAor.get(data.aor);
    if (known === undefined) return;
    known.delete(subscription);
    if (known.size === 0) watchers.byAor.delete(data.aor);
  }

  has(table: Table, aor: string): boolean {
    const watchers = this.#tables.get(table);
    if (watchers === undefined) return false;
    return watchers.byAor.has(aor) || this.#ofDomain(watchers, aor).length > 0;
  }

  changed(contact: Contact, change: TableChange, cause: RemovalCause | undefined): void {
    if (this.isListening && this.#composer.isShown(contact)) this.#tell(contact, change, cause);
    if (change === "removed") this.#history.forget(contact);
  }

  #tell(contact: Contact, change: TableChange, cause: RemovalCause | undefined): void {
    this.#serial++;
    this.#history.changed(contact, change, this.#location.context);
    const watchers = this.#tables.get(contact.table);
    if (watchers === undefined) return;
    const own = watchers.byAor.get(contact.aor);
    if (own === undefined && watchers.ofDomain.size === 0) return;
    const { id, former } = this.#history.ids(contact);
    const { event, retryAfter } = this.#event(contact, change, cause);
    const news: ContactChange = { contact, event, retryAfter, formerUri: null };
    // Another URI is another contact to those who watch (RFC 3680, 5.1).
    const gone: ContactChange | undefined =
      former === undefined
        ? undefined
        : { contact, event: "unregistered", retryAfter: -1, formerUri: former.uri };
    const tell = (subscription: WatcherSubscription): void => {
      const state = subscription.data as WatchState;
      let isKept = true;
      if (former !== undefined && gone !== undefined) {
        isKept = state.note(contact.aor, former.id, gone);
      }
      isKept = state.note(contact.aor, id, news) && isKept;
      this.#touched.set(subscription, !isKept || this.#touched.get(subscription) === true);
    };
    own?.forEach(tell);
    for (const subscription of this.#ofDomain(watchers, contact.aor)) tell(subscription);
  }

  settled(): void {
    if (this.#touched.size === 0) return;
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const [subscription, needsAll] of touched) {
      if (needsAll) subscription.needsAll();
      subscription.changed();
    }
  }

  /** The watchers of a whole domain that an address of record belongs to. */
  #ofDomain(watchers: TableWatchers, aor: string): WatcherSubscription[] {
    if (watchers.ofDomain.size === 0) return [];
    return [...watchers.ofDomain].filter((subscription) => {
      const { domain } = subscription.data as WatchState;
      return !this.#location.useDomain || aor.endsWith(`@${domain}`);
    });
  }

  /** RFC 3680, 4.7.2. */
  #event(contact: Contact, change: TableChange, cause: RemovalCause | undefined): NamedEvent {
    if (this.named !== null) {
      if (change === "updated") this.#history.noteEvent(contact, this.named.event);
      return this.named;
    }
    const isByRegister = this.#location.context !== null;
    if (change === "inserted") return plain(isByRegister ? "registered" : "created");
    if (change === "updated") return plain("refreshed");
    switch (cause) {
      case "expired":
        return plain("expired");
      case "removed":
        return plain(this.#adminEvent());
      default:
        return plain("unregistered");
    }
  }
}

function plain(event: string): NamedEvent {
  return { event, retryAfter: -1 };
}
