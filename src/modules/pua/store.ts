/** Publications and subscriptions as rows: what must outlive the engine. */
import { hashToken } from "../../sip/ids.ts";
import type { Row, SqlValue } from "../../runtime/storage/storage.ts";

/** A publication that a server holds. Times are wall clock seconds. */
export interface StoredPublication {
  readonly event: string;
  /** Unique among the publications of the event package. */
  readonly id: string;
  readonly resource: string;
  readonly etag: string;
  /** When the server forgets it. */
  readonly grantedUntil: number;
  /** When the state itself ends; 0: it does not. */
  readonly until: number;
  /** Documents so far. */
  readonly version: number;
}

/** A dialog as it stands in its row. */
export interface StoredDialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** CSeq of the last SUBSCRIBE. */
  readonly localCseq: number;
  readonly remoteTarget: string;
  /** Values of Route in order, "" without a route set. */
  readonly routes: string;
}

/** A subscription that is wanted; without a dialog it is to be begun. */
export interface StoredSubscription {
  readonly event: string;
  readonly resource: string;
  readonly watcher: string;
  /** Until when the notifier has granted it; 0 without a dialog. */
  readonly grantedUntil: number;
  /** When it is to end; 0: not by itself. */
  readonly until: number;
  readonly dialog: StoredDialog | null;
}

/** Where rows go: a `WriteQueue`. */
export interface RowSink {
  put(row: Row): void;
  remove(key: Row): void;
}

/** Columns that tell rows apart. Subscriptions have no `pres_id`. */
export const puaKey = ["pres_id", "pres_uri", "event"] as const;

/** Kamailio's numbers of event packages. What has none is not stored. */
const EVENTS: ReadonlyMap<string, number> = new Map([
  ["presence", 1],
  ["presence.winfo", 2],
  ["dialog;sla", 4],
  ["message-summary", 8],
  ["conference", 16],
  ["dialog", 32],
  ["reg", 64],
]);
const REG = 64;

/** Kamailio's numbers of the modules that publish and subscribe; 0 where there is no such module here. */
const REGINFO_PUBLISH = 4096;
const REGINFO_SUBSCRIBE = 8192;

/** How far numbers go on behind those in the row: what was used last may not have been written. */
const CSEQ_STRIDE = 1000;
const VERSION_STRIDE = 16;

/** Writes rows as things change, and keeps those of before the restart until somebody asks for them. */
export class PuaStore {
  readonly #sink: RowSink;
  #publications: StoredPublication[] = [];
  #subscriptions: StoredSubscription[] = [];

  constructor(sink: RowSink) {
    this.#sink = sink;
  }

  /** Takes over the rows of the table. Publications that have run out are deleted. */
  load(rows: readonly Row[], now: number): void {
    for (const row of rows) {
      const event = eventName(row["event"]);
      if (event === undefined) continue;
      if (text(row, "watcher_uri") !== "") this.#subscriptions.push(subscriptionOf(row, event));
      else if (integer(row, "expires") > now) this.#publications.push(publicationOf(row, event));
      else this.#sink.remove(row);
    }
  }

  /** Hands out what was stored of an event package, once; of several for one resource the latest. */
  takePublications(event: string): Iterable<StoredPublication> {
    const [own, others] = split(this.#publications, event);
    this.#publications = others;
    return latest(own, (one) => one.id).values();
  }

  takeSubscriptions(event: string): Iterable<StoredSubscription> {
    const [own, others] = split(this.#subscriptions, event);
    this.#subscriptions = others;
    return latest(own, (one) => one.resource).values();
  }

  putPublication(publication: StoredPublication): void {
    const event = EVENTS.get(publication.event);
    if (event === undefined) return;
    this.#sink.put({
      pres_uri: publication.resource,
      pres_id: publication.id,
      event,
      expires: publication.grantedUntil,
      desired_expires: publication.until,
      flag: event === REG ? REGINFO_PUBLISH : 0,
      etag: publication.etag,
      tuple_id: tupleOf(publication.id),
      watcher_uri: "",
      call_id: "",
      to_tag: "",
      from_tag: "",
      cseq: 0,
      record_route: "",
      contact: "",
      remote_contact: "",
      version: publication.version,
      extra_headers: "",
    });
  }

  removePublication(event: string, id: string, resource: string): void {
    this.#remove(event, id, resource);
  }

  putSubscription(subscription: StoredSubscription): void {
    const event = EVENTS.get(subscription.event);
    if (event === undefined) return;
    const { dialog, watcher } = subscription;
    this.#sink.put({
      pres_uri: subscription.resource,
      pres_id: "",
      event,
      expires: subscription.grantedUntil,
      desired_expires: subscription.until,
      flag: event === REG ? REGINFO_SUBSCRIBE : 0,
      etag: "",
      tuple_id: tupleOf(subscription.resource),
      watcher_uri: watcher,
      call_id: dialog?.callId ?? "",
      to_tag: dialog?.remoteTag ?? "",
      from_tag: dialog?.localTag ?? "",
      cseq: dialog?.localCseq ?? 0,
      record_route: dialog?.routes ?? "",
      contact: watcher,
      remote_contact: dialog?.remoteTarget ?? "",
      version: 0,
      extra_headers: "",
    });
  }

  removeSubscription(event: string, resource: string): void {
    this.#remove(event, "", resource);
  }

  #remove(event: string, id: string, resource: string): void {
    const number = EVENTS.get(event);
    if (number === undefined) return;
    this.#sink.remove({ pres_id: id, pres_uri: resource, event: number });
  }
}

/**
 * Rows must differ in entity tag, tuple, Call-ID or tag. Servers may give the same tag for different resources, so each row has
 * a tuple of its own. It must not be null: Kamailio does not read such rows.
 */
function tupleOf(name: string): string {
  return hashToken(name, 1);
}

function eventName(value: SqlValue | undefined): string | undefined {
  for (const [name, number] of EVENTS) if (number === value) return name;
  return undefined;
}

function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : "";
}

function integer(row: Row, column: string): number {
  const value = row[column];
  return typeof value === "number" ? value : 0;
}

function publicationOf(row: Row, event: string): StoredPublication {
  return {
    event,
    id: text(row, "pres_id"),
    resource: text(row, "pres_uri"),
    etag: text(row, "etag"),
    grantedUntil: integer(row, "expires"),
    until: integer(row, "desired_expires"),
    version: integer(row, "version") + VERSION_STRIDE,
  };
}

function subscriptionOf(row: Row, event: string): StoredSubscription {
  const dialog: StoredDialog = {
    callId: text(row, "call_id"),
    localTag: text(row, "from_tag"),
    remoteTag: text(row, "to_tag"),
    localCseq: integer(row, "cseq") + CSEQ_STRIDE,
    remoteTarget: text(row, "remote_contact"),
    routes: text(row, "record_route"),
  };
  const isWhole =
    dialog.callId !== "" &&
    dialog.localTag !== "" &&
    dialog.remoteTag !== "" &&
    dialog.remoteTarget !== "";
  return {
    event,
    resource: text(row, "pres_uri"),
    watcher: text(row, "watcher_uri"),
    grantedUntil: integer(row, "expires"),
    until: integer(row, "desired_expires"),
    dialog: isWhole ? dialog : null,
  };
}

function split<T extends { readonly event: string }>(all: readonly T[], event: string): [T[], T[]] {
  const own: T[] = [];
  const others: T[] = [];
  for (const one of all) (one.event === event ? own : others).push(one);
  return [own, others];
}

function latest<T extends { readonly grantedUntil: number }>(
  all: readonly T[],
  key: (one: T) => string,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const one of all) {
    const known = found.get(key(one));
    if (known === undefined || known.grantedUntil < one.grantedUntil) found.set(key(one), one);
  }
  return found;
}
