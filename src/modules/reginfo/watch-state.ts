/** What one watcher watches, and what it has not been told yet. */
import { ENDING_EVENTS } from "../../runtime/reginfo/document.ts";
import { registrationId } from "../registration-state.ts";
import type { Contact, Table } from "../usrloc/spec.ts";

/** Something that happened to a contact. */
export interface ContactChange {
  readonly contact: Contact;
  /** RFC 3680, 4.7.2. */
  readonly event: string;
  /** Seconds, for `probation`; -1: none. */
  readonly retryAfter: number;
  /** URI that the contact had, when it is another one now; null otherwise. */
  readonly formerUri: string | null;
}

/** Changes of one address of record by the id of the contact, in order. */
export type Changes = Map<string, ContactChange>;

/** Changes that are kept for a watcher; with more it is told everything anew. */
const MOST_CHANGES = 5000;

/** What a subscription is about. */
export interface Watched {
  readonly table: Table;
  /** Key of the address of record; null for all of a domain. */
  readonly aor: string | null;
  readonly uri: string;
  readonly domain: string;
}

/** Who may see what. */
export interface WatcherRights {
  /** It is the user whose address of record is watched. */
  readonly isOwner: boolean;
  /** The script has allowed it. */
  readonly isTrusted: boolean;
}

/** The package's state of a subscription. */
export class WatchState implements Watched {
  readonly table: Table;
  readonly aor: string | null;
  readonly uri: string;
  readonly domain: string;
  readonly rights: WatcherRights;
  /** The subscription was made by an earlier process. */
  readonly isRestored: boolean;
  /** Changes that the watcher does not know, by address of record. */
  readonly pending = new Map<string, Changes>();
  /** Addresses of record that are still to be told of for the full state. */
  sweep: Iterator<string> | null = null;
  /** Whether the last document called the address of record active. */
  toldActive: boolean;
  /** Id of the registration that it is about, when that was asked for. */
  #id: string | undefined = undefined;
  #changes = 0;
  /** There were too many changes: only the full state helps. */
  #isOverrun = false;

  constructor(watched: Watched, rights: WatcherRights, isRestored = false) {
    this.table = watched.table;
    this.aor = watched.aor;
    this.uri = watched.uri;
    this.domain = watched.domain;
    this.rights = rights;
    this.isRestored = isRestored;
    // What that process has told is not known: "terminated" is never wrong for a watcher who knows more than `init`.
    this.toldActive = isRestored;
  }

  /** Id of a registration in documents. */
  registrationId(aor: string): string {
    if (aor !== this.aor) return registrationId(this.table.name, aor);
    return (this.#id ??= registrationId(this.table.name, aor));
  }

  /** Keeps a change until it is told; the last state wins. False when there are too many. */
  note(aor: string, id: string, change: ContactChange): boolean {
    if (this.#isOverrun) return false;
    let changes = this.pending.get(aor);
    if (changes === undefined) {
      changes = new Map();
      this.pending.set(aor, changes);
    }
    const earlier = changes.get(id);
    if (earlier === undefined) this.#changes++;
    changes.set(id, earlier === undefined ? change : merged(earlier, change));
    if (this.#changes <= MOST_CHANGES) return true;
    this.pending.clear();
    this.#changes = 0;
    this.#isOverrun = true;
    return false;
  }

  /** The full state is about to be told, beginning with these addresses of record. */
  tellAll(sweep: Iterator<string>): void {
    this.sweep = sweep;
    this.#isOverrun = false;
  }

  /** Takes the changes of an address of record out: they are about to be told. */
  take(aor: string): Changes | undefined {
    const changes = this.pending.get(aor);
    if (changes === undefined) return undefined;
    this.pending.delete(aor);
    this.#changes -= changes.size;
    return changes;
  }

  get hasMore(): boolean {
    return this.sweep !== null || this.pending.size > 0;
  }
}

/** A contact that the watcher has not heard of is new for it, also when it was refreshed meanwhile. */
function merged(earlier: ContactChange, change: ContactChange): ContactChange {
  const isNew = earlier.event === "registered" || earlier.event === "created";
  if (change.event !== "refreshed" || !isNew || ENDING_EVENTS.has(earlier.event)) return change;
  return { ...change, event: earlier.event };
}
