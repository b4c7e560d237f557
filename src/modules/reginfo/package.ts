/** The event package reg at its notifier (RFC 3680, 4). */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type {
  Admission,
  NotifyDocument,
  WatchedPackage,
  WatchRequest,
} from "../../runtime/notifier/package.ts";
import type { KeptSubscription } from "../../runtime/notifier/rows.ts";
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import { MEDIA_TYPE } from "../../runtime/reginfo/document.ts";
import type { Row } from "../../runtime/storage/storage.ts";
import type { Services } from "../../runtime/services.ts";
import { lowerAscii } from "../../sip/chars.ts";
import { hashToken } from "../../sip/ids.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";
import type { Contact, Table, UsrlocApi } from "../usrloc/spec.ts";
import type { DocumentComposer } from "./documents.ts";
import { type Watched, WatchState } from "./watch-state.ts";
import type { Watchers } from "./watchers.ts";

/** Settings that it depends on; a live object. */
export interface PackageSettings {
  readonly default_expires: number;
  readonly notify_interval: number;
  readonly policy: string;
  readonly domain_resource: string | undefined;
  readonly partial: boolean;
  readonly domain_repeat: number;
  readonly max_body: number;
  readonly max_domain_body: number;
}

/** What it works with. */
export interface PackageParts {
  readonly services: Services;
  readonly location: UsrlocApi;
  readonly composer: DocumentComposer;
  readonly watchers: Watchers;
  readonly settings: PackageSettings;
  /** Whether the tables may lack contacts that an earlier process had. */
  readonly isIncomplete: () => boolean;
  /** Key of an address of record; null when it cannot be one. */
  readonly aorOf: (uri: string) => string | null;
}

/** What the script has said about a message. */
interface ScriptWord {
  readonly table: Table | undefined;
  readonly isTrusted: boolean;
}

/** How much shorter documents become at least when they are packed; mostly it is twice as much. */
const PACKS_TO = 4;

const NOT_FOUND: Admission = { ok: false, status: 404 };
const FORBIDDEN: Admission = { ok: false, status: 403 };

/** Decides who may watch, and says what there is to see. */
export class RegPackage implements WatchedPackage {
  readonly name = "reg";
  readonly contentType = MEDIA_TYPE;
  readonly packs = true;
  readonly #parts: PackageParts;
  readonly #words = new ContextSlot<ScriptWord>();

  constructor(parts: PackageParts) {
    this.#parts = parts;
  }

  get defaultExpires(): number {
    return this.#parts.settings.default_expires;
  }

  get notifyIntervalMs(): number {
    return this.#parts.settings.notify_interval * 1000;
  }

  /** The script says which table a message is about. */
  choose(context: ScriptContext, table: Table): void {
    const isTrusted = context.state(this.#words)?.isTrusted === true;
    context.setState(this.#words, { table, isTrusted });
  }

  /** The script lets its sender watch everybody. */
  allow(context: ScriptContext): void {
    context.setState(this.#words, { table: context.state(this.#words)?.table, isTrusted: true });
  }

  admit(request: WatchRequest, subscription: WatcherSubscription | undefined): Admission {
    // Who was let in once stays in: the dialog is known by its tags.
    if (subscription !== undefined) {
      return { ok: true, state: "active", data: subscription.data };
    }
    const word = request.context.state(this.#words);
    const uri = parseUri(request.resource);
    if (word?.table === undefined || uri === undefined || !this.#isOurs(uri)) return NOT_FOUND;
    const { isTrusted } = word;
    const watched = this.#watched(uri, word.table);
    if (watched === undefined) return NOT_FOUND;
    const { aor } = watched;
    const isOwner = aor !== null && this.#isOwner(aor, request.watcher);
    const isForAll = aor !== null && this.#parts.settings.policy === "any";
    if (!isOwner && !isTrusted && !isForAll) return FORBIDDEN;
    const data = new WatchState(watched, { isOwner, isTrusted });
    return { ok: true, state: "active", resource: watched.uri, data };
  }

  /** Whether a URI stands for all users of its domain. */
  #isDomain(uri: SipUri): boolean {
    const wildcard = this.#parts.settings.domain_resource;
    return wildcard !== undefined && wildcard !== "" && uri.user === wildcard;
  }

  /** What a URI names; undefined when it names nothing here. */
  #watched(uri: SipUri, table: Table): Watched | undefined {
    const bare = bareUri(uri);
    const isDomain = this.#isDomain(uri);
    const aor = isDomain ? null : this.#parts.aorOf(bare);
    if (aor === null && !isDomain) return undefined;
    return { table, aor, uri: bare, domain: lowerAscii(uri.host) };
  }

  opened(subscription: WatcherSubscription): void {
    this.#parts.watchers.add(subscription);
  }

  closed(subscription: WatcherSubscription): void {
    this.#parts.watchers.remove(subscription);
  }

  document(subscription: WatcherSubscription, isFull: boolean): NotifyDocument | null {
    const { data } = subscription;
    if (!(data instanceof WatchState)) return null;
    const tellsAll = isFull || (!this.#parts.settings.partial && data.sweep === null);
    const isOpen = this.#parts.isIncomplete();
    // Who knew more than the table does now must not take it for the whole.
    const isWhole = tellsAll && !(isOpen && data.isRestored);
    const room = this.#room(data, subscription.takesGzip);
    const extent = { tellsAll, isFull: isWhole, isOpen, room };
    return this.#parts.composer.compose(data, subscription.version, extent);
  }

  /** Bytes for a document before it is packed. */
  #room({ aor }: WatchState, isPacked: boolean): number {
    const { max_body: most, max_domain_body: mostOfDomain } = this.#parts.settings;
    if (aor !== null) return most;
    return isPacked ? Math.min(PACKS_TO * mostOfDomain, most) : mostOfDomain;
  }

  repeatMs({ data }: WatcherSubscription): number {
    const isDomain = data instanceof WatchState && data.aor === null;
    return isDomain ? this.#parts.settings.domain_repeat : 0;
  }

  columns({ data }: WatcherSubscription): Row {
    if (!(data instanceof WatchState)) return {};
    return {
      location_table: data.table.name,
      is_owner: Number(data.rights.isOwner),
      is_trusted: Number(data.rights.isTrusted),
    };
  }

  restored({ resource, row }: KeptSubscription): WatchState | undefined {
    const uri = parseUri(resource);
    const name = row["location_table"];
    if (uri === undefined || typeof name !== "string" || !this.#isOurs(uri)) return undefined;
    const rights = { isOwner: row["is_owner"] === 1, isTrusted: row["is_trusted"] === 1 };
    const watched = this.#watched(uri, this.#parts.location.table(name));
    return watched === undefined ? undefined : new WatchState(watched, rights, true);
  }

  entityTag(subscription: WatcherSubscription): string {
    const { data } = subscription;
    if (!(data instanceof WatchState)) return "";
    const { location, watchers } = this.#parts;
    if (data.aor === null) return `${location.instanceId}.${watchers.serial.toString(36)}`;
    let text = "";
    let contact: Contact | null = data.table.first(data.aor) ?? null;
    for (; contact !== null; contact = contact.next) {
      text += `${contact.ruid} ${contact.modified} ${contact.cseq} ${contact.expires} ${contact.uri}\n`;
    }
    return `${location.instanceId}.${hashToken(text, 3)}`;
  }

  #isOurs(uri: SipUri): boolean {
    const isSip = uri.scheme === "sip" || uri.scheme === "sips";
    return isSip && uri.user !== "" && this.#parts.services.isMyself(uri.host, uri.port, undefined);
  }

  #isOwner(aor: string, watcher: string): boolean {
    const uri = parseUri(watcher);
    if (uri === undefined || !this.#isOurs(uri)) return false;
    return this.#parts.aorOf(bareUri(uri)) === aor;
  }
}

/** Without parameters: the name of an address of record. */
function bareUri(uri: SipUri): string {
  return `${uri.scheme}:${uri.user}@${uri.hostPort}`;
}
