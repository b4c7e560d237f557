/** The event package reg at its notifier (RFC 3680, 4). */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type {
  Admission,
  NotifyDocument,
  WatchedPackage,
  WatchRequest,
} from "../../runtime/notifier/package.ts";
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import { MEDIA_TYPE } from "../../runtime/reginfo/document.ts";
import type { Services } from "../../runtime/services.ts";
import { lowerAscii } from "../../sip/chars.ts";
import { hashToken } from "../../sip/ids.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";
import type { Contact, Table, UsrlocApi } from "../usrloc/spec.ts";
import type { DocumentComposer } from "./documents.ts";
import { WatchState, type WatcherRights } from "./watch-state.ts";
import type { Watchers } from "./watchers.ts";

/** Settings that it depends on; a live object. */
export interface PackageSettings {
  readonly default_expires: number;
  readonly notify_interval: number;
  readonly policy: string;
  readonly domain_resource: string | undefined;
  readonly partial: boolean;
}

/** What it works with. */
export interface PackageParts {
  readonly services: Services;
  readonly location: UsrlocApi;
  readonly composer: DocumentComposer;
  readonly watchers: Watchers;
  readonly settings: PackageSettings;
  /** Key of an address of record; null when it cannot be one. */
  readonly aorOf: (uri: string) => string | null;
}

/** What the script has said about a message. */
interface ScriptWord {
  readonly table: Table | undefined;
  readonly isTrusted: boolean;
}

const NOT_FOUND: Admission = { ok: false, status: 404 };
const FORBIDDEN: Admission = { ok: false, status: 403 };

/** Decides who may watch, and says what there is to see. */
export class RegPackage implements WatchedPackage {
  readonly name = "reg";
  readonly contentType = MEDIA_TYPE;
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
    const bare = `${uri.scheme}:${uri.user}@${uri.hostPort}`;
    const domain = lowerAscii(uri.host);
    const { table, isTrusted } = word;
    const wildcard = this.#parts.settings.domain_resource;
    if (wildcard !== undefined && wildcard !== "" && uri.user === wildcard) {
      if (!isTrusted) return FORBIDDEN;
      const state = new WatchState(
        { table, aor: null, uri: bare, domain },
        { isOwner: false, isTrusted },
      );
      return { ok: true, state: "active", resource: bare, data: state };
    }
    const aor = this.#parts.aorOf(bare);
    if (aor === null) return NOT_FOUND;
    const rights: WatcherRights = { isOwner: this.#isOwner(aor, request.watcher), isTrusted };
    if (!rights.isOwner && !isTrusted && this.#parts.settings.policy !== "any") return FORBIDDEN;
    const state = new WatchState({ table, aor, uri: bare, domain }, rights);
    return { ok: true, state: "active", resource: bare, data: state };
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
    const wantsAll = isFull || (!this.#parts.settings.partial && data.sweep === null);
    return this.#parts.composer.compose(data, subscription.version, wantsAll);
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
    return this.#parts.aorOf(`${uri.scheme}:${uri.user}@${uri.hostPort}`) === aor;
  }
}
