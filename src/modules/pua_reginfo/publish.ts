/** Publishes the state of addresses of record when it changes: one PUBLISH for all that a request changes. */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { lowerAscii } from "../../sip/chars.ts";
import {
  aorUri,
  type ContactEvents,
  type ContactGruus,
  longestLifetime,
  registrationState,
} from "../registration-state.ts";
import type { PuaApi, PublicationSource, PublicationView, Publisher } from "../pua/spec.ts";
import type { RegistrarApi } from "../registrar/spec.ts";
import type {
  Contact,
  ContactChange,
  RemovalCause,
  Table,
  UsrlocApi,
  UsrlocListener,
} from "../usrloc/spec.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
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
  /** The engine's. */
  readonly sockets: readonly ListenSocket[];
}

/** An address of record that changes, or is published. */
interface Published {
  readonly key: string;
  readonly table: Table;
  readonly aor: string;
  readonly resource: string;
  /** What has happened to its contacts: not in any document yet; null for nothing. */
  fresh: Events | null;
  /** In the document that is on its way, or was not accepted. */
  sent: Events | null;
  /** Changed since `settled`. */
  isTouched: boolean;
}

const NO_EVENTS: ContactEvents = new Map();

/** By the ids of contacts. */
type Events = Map<number, { readonly contact: Contact; readonly event: string }>;

/** Keys in the database are `REGINFO_PUBLISH.alice@location`, as Kamailio's. */
const ID_PREFIX = "REGINFO_PUBLISH.";

/** Listens to the tables and publishes. */
export class RegistrationPublisher implements UsrlocListener, PublicationSource {
  readonly #location: UsrlocApi;
  readonly #registrar: RegistrarApi | undefined;
  readonly #settings: PublishSettings;
  readonly #pua: PuaApi;
  readonly #publisher: Publisher;
  readonly #published = new Map<string, Published>();
  readonly #touched: Published[] = [];
  /** Ids of contacts whose clients know GRUUs. */
  readonly #withGruu = new Set<number>();
  readonly #silenced = new ContextSlot<boolean>();

  constructor(
    location: UsrlocApi,
    pua: PuaApi,
    registrar: RegistrarApi | undefined,
    settings: PublishSettings,
  ) {
    this.#registrar = registrar;
    this.#location = location;
    this.#settings = settings;
    this.#pua = pua;
    this.#publisher = pua.publisher({
      event: "reg",
      contentType: MEDIA_TYPE,
      source: this,
      nextHop: settings.nextHop,
      countsVersions: pua.countsRegVersions,
      idPrefix: ID_PREFIX,
    });
    location.listen(this);
  }

  /** Nothing that this message changes is published. */
  silence(context: ScriptContext): void {
    context.setState(this.#silenced, true);
  }

  changed(contact: Contact, change: ContactChange, cause: RemovalCause | undefined): void {
    // What was learnt from another server is that server's to publish.
    if (contact.owner !== null) {
      this.#withGruu.delete(contact.id);
      return;
    }
    const { context } = this.#location;
    if (change === "removed") this.#withGruu.delete(contact.id);
    else if (contact.instance !== null && context !== null) this.#noteGruu(contact, context);
    if (context !== null && context.state(this.#silenced) === true) return;
    const published = this.#of(keyOf(contact.table, contact.aor));
    published.fresh ??= new Map();
    published.fresh.set(contact.id, { contact, event: this.#event(change, cause) });
    if (published.isTouched) return;
    published.isTouched = true;
    this.#touched.push(published);
  }

  settled(): void {
    for (const published of this.#touched) {
      published.isTouched = false;
      this.#publish(published);
    }
    this.#touched.length = 0;
  }

  /**
   * After a restart. `knows` says whether the tables have their contacts back: then their state of now is published, for what was
   * published before and what was not. Else contacts come back as phones register anew; what was published runs out at the server.
   */
  resume(knows: boolean): void {
    const resumed = new Set<string>();
    this.#publisher.resume((publication) => {
      if (publication.resource !== this.#of(publication.key).resource) {
        this.#published.delete(publication.key);
        return false;
      }
      resumed.add(publication.key);
      return true;
    });
    if (knows) this.#pua.pace(this.#allJobs(resumed));
  }

  *#allJobs(resumed: ReadonlySet<string>): Generator<() => void> {
    for (const key of resumed) yield () => this.#publish(this.#of(key));
    for (const table of this.#location.tables()) {
      for (const aor of table.aors()) {
        const key = keyOf(table, aor);
        const isOwn = longestLifetime(table, aor, this.#location.now()) >= 0;
        if (isOwn && !resumed.has(key)) yield () => this.#publish(this.#of(key));
      }
    }
  }

  #publish({ key, table, aor, resource }: Published): void {
    this.#publisher.publish(key, resource);
    if (longestLifetime(table, aor, this.#location.now()) < 0) {
      this.#publisher.removeAfter(key, this.#settings.graceSeconds);
    }
  }

  body(publication: PublicationView, version: number): string {
    const published = this.#of(publication.key);
    const { table, aor, resource, fresh, sent } = published;
    if (sent === null) published.sent = fresh;
    else if (fresh !== null) for (const [id, event] of fresh) sent.set(id, event);
    published.fresh = null;
    const registration = registrationState(table, aor, published.sent ?? NO_EVENTS, {
      now: this.#location.now(),
      matchingMode: this.#location.matchingMode,
      resource,
      withUnknownParams: this.#settings.withUnknownParams,
      withExtension: this.#settings.withExtension,
      permanentSeconds: A_YEAR,
      sockets: this.#settings.sockets,
      gruus: this.#gruus,
    });
    return writeReginfo({ version, isFull: true, registrations: [registration] });
  }

  lifetime(publication: PublicationView): number {
    const { table, aor } = this.#of(publication.key);
    const longest = longestLifetime(table, aor, this.#location.now());
    return longest >= 0 ? longest : Math.max(2 * this.#settings.graceSeconds, 60);
  }

  accepted(publication: PublicationView): void {
    this.#of(publication.key).sent = null;
  }

  ended(publication: PublicationView): void {
    this.#published.delete(publication.key);
  }

  #of(key: string): Published {
    let published = this.#published.get(key);
    if (published === undefined) {
      const at = key.lastIndexOf("@");
      const table = this.#location.table(key.slice(at + 1));
      const aor = key.slice(0, at);
      const resource = aorUri(aor, this.#settings.defaultDomain);
      published = { key, table, aor, resource, fresh: null, sent: null, isTouched: false };
      this.#published.set(key, published);
    }
    return published;
  }

  /** Whether the client supports GRUUs (RFC 5627, 4.1). */
  #noteGruu(contact: Contact, context: ScriptContext): void {
    const isSupported = context.msg.supported.list.some((tag) => lowerAscii(tag) === "gruu");
    if (isSupported) this.#withGruu.add(contact.id);
    else this.#withGruu.delete(contact.id);
  }

  /** The public one: a presence server shows the document to watchers who must not know temporary ones (RFC 5628, 5.2). */
  readonly #gruus = (contact: Contact, resource: string): ContactGruus | undefined => {
    if (!this.#withGruu.has(contact.id)) return undefined;
    const publicUri = this.#registrar?.gruus(contact, resource)?.publicUri;
    return publicUri === undefined
      ? undefined
      : { publicUri, temporaryUri: undefined, firstCseq: -1 };
  };

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

/** Lifetime shown for contacts that have no end, as readers expect one. */
const A_YEAR = 31_536_000;

function keyOf(table: Table, aor: string): string {
  return `${aor}@${table.name}`;
}
