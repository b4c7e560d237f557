/** Publishes the state of addresses of record when it changes: one PUBLISH for all that a request changes. */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { aorUri, longestLifetime, registrationState } from "../registration-state.ts";
import type { PuaApi, PublicationSource, PublicationView, Publisher } from "../pua/spec.ts";
import type {
  Contact,
  ContactChange,
  RemovalCause,
  Table,
  UsrlocApi,
  UsrlocListener,
} from "../usrloc/spec.ts";
import { MEDIA_TYPE } from "../../runtime/reginfo/document.ts";
import { writeReginfo } from "../../runtime/reginfo/write.ts";

/** Settings of the module that concern publishing. */
export interface PublishSettings {
  readonly defaultDomain: string;
  readonly nextHop: string | undefined;
  /** Seconds between the document that says that all is over and the removal of the publication. */
  readonly graceSeconds: number;
  /** Event of contacts that the operator or the script removes. */
  readonly adminEvent: string;
  readonly withUnknownParams: boolean;
  readonly withExtension: boolean;
}

/** What has happened to an address of record since its last document was accepted. */
interface Changes {
  readonly table: Table;
  readonly aor: string;
  /** Not in any document yet. */
  fresh: Map<Contact, string>;
  /** In the document that is on its way. */
  sent: Map<Contact, string>;
}

/** Listens to the tables and publishes. */
export class RegistrationPublisher implements UsrlocListener, PublicationSource {
  readonly #location: UsrlocApi;
  readonly #settings: PublishSettings;
  readonly #publisher: Publisher;
  readonly #changes = new Map<string, Changes>();
  readonly #touched = new Set<string>();
  readonly #silenced = new ContextSlot<boolean>();

  constructor(location: UsrlocApi, pua: PuaApi, settings: PublishSettings) {
    this.#location = location;
    this.#settings = settings;
    this.#publisher = pua.publisher({
      event: "reg",
      contentType: MEDIA_TYPE,
      source: this,
      nextHop: settings.nextHop,
      countsVersions: pua.countsRegVersions,
    });
    location.listen(this);
  }

  /** Nothing that this message changes is published. */
  silence(context: ScriptContext): void {
    context.setState(this.#silenced, true);
  }

  changed(contact: Contact, change: ContactChange, cause: RemovalCause | undefined): void {
    // What was learnt from another server is that server's to publish.
    if (contact.owner !== null) return;
    const { context } = this.#location;
    if (context !== null && context.state(this.#silenced) === true) return;
    const { table, aor } = contact;
    const key = `${table.name}|${aor}`;
    let changes = this.#changes.get(key);
    if (changes === undefined) {
      changes = { table, aor, fresh: new Map(), sent: new Map() };
      this.#changes.set(key, changes);
    }
    changes.fresh.set(contact, this.#event(change, cause));
    this.#touched.add(key);
  }

  settled(): void {
    for (const key of this.#touched) {
      const changes = this.#changes.get(key);
      if (changes === undefined) continue;
      const { table, aor } = changes;
      this.#publisher.publish(key, this.#resource(aor));
      if (longestLifetime(table, aor, this.#location.now()) < 0) {
        this.#publisher.removeAfter(key, this.#settings.graceSeconds);
      }
    }
    this.#touched.clear();
  }

  body(publication: PublicationView, version: number): string {
    const { table, aor } = this.#namesOf(publication);
    const changes = this.#changes.get(publication.key);
    let events: ReadonlyMap<Contact, string> = new Map();
    if (changes !== undefined) {
      for (const [contact, event] of changes.fresh) changes.sent.set(contact, event);
      changes.fresh = new Map();
      events = changes.sent;
    }
    const registration = registrationState(table, aor, events, {
      now: this.#location.now(),
      matchingMode: this.#location.matchingMode,
      resource: publication.resource,
      withUnknownParams: this.#settings.withUnknownParams,
      withExtension: this.#settings.withExtension,
    });
    return writeReginfo({ version, isFull: true, registrations: [registration] });
  }

  lifetime(publication: PublicationView): number {
    const { table, aor } = this.#namesOf(publication);
    const longest = longestLifetime(table, aor, this.#location.now());
    return longest >= 0 ? longest : Math.max(2 * this.#settings.graceSeconds, 60);
  }

  accepted(publication: PublicationView): void {
    const changes = this.#changes.get(publication.key);
    if (changes === undefined) return;
    changes.sent = new Map();
    if (changes.fresh.size === 0) this.#changes.delete(publication.key);
  }

  ended(publication: PublicationView): void {
    this.#changes.delete(publication.key);
  }

  #resource(aor: string): string {
    return aorUri(aor, this.#settings.defaultDomain);
  }

  /** The parts of a key. */
  #namesOf(publication: PublicationView): { readonly table: Table; readonly aor: string } {
    const bar = publication.key.indexOf("|");
    return {
      table: this.#location.table(publication.key.slice(0, bar)),
      aor: publication.key.slice(bar + 1),
    };
  }

  /** RFC 3680, 4.7.2. */
  #event(change: ContactChange, cause: RemovalCause | undefined): string {
    switch (change) {
      case "inserted":
        return this.#location.context === null ? "created" : "registered";
      case "updated":
        return "refreshed";
      case "removed":
        if (cause === "expired") return "expired";
        return cause === "removed" ? this.#settings.adminEvent : "unregistered";
    }
  }
}
