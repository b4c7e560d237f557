/** PUBLISH: event state with entity tags (RFC 3903, 6). */
import type { Clock } from "../../runtime/clock.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { XavpNode } from "../../runtime/lists.ts";
import type { Notifier } from "../../runtime/notifier/notifier.ts";
import { bodyOf } from "../../runtime/notifier/request.ts";
import { lowerAscii, ownText } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { EndedPublication, PresenceEvent, ReadResult } from "./api.ts";
import {
  type Presentity,
  type PresenceStore,
  PresenceWatcher,
  type StoredPublication,
} from "./presentity.ts";

/** Settings that it depends on; a live object. */
export interface PublishSettings {
  readonly min_expires: number;
  readonly min_expires_action: number;
  readonly max_expires: number;
  readonly expires_offset: number;
  readonly force_delete: boolean;
  readonly max_body: number;
  readonly max_publications: number;
  readonly xavp_cfg: string | undefined;
}

/** What it works with. */
export interface PublishParts {
  readonly clock: Clock;
  readonly store: PresenceStore;
  readonly notifier: Notifier;
  readonly events: ReadonlyMap<string, PresenceEvent>;
  readonly settings: PublishSettings;
  random32(): number;
}

/** Why a PUBLISH is not taken. */
interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: string;
}

/** A PUBLISH that is in order so far. */
interface Incoming {
  readonly context: ScriptContext;
  readonly message: SipMessage;
  readonly event: PresenceEvent;
  readonly resource: string;
  readonly seconds: number;
  readonly body: string;
  readonly tag: string;
  /** URI that is not told; "" for none. */
  readonly sender: string;
}

/** Takes publications, keeps them as long as they hold, and tells watchers. */
export class Publications {
  readonly #parts: PublishParts;
  readonly #started: string;
  #serial = 0;
  #count = 0;

  constructor(parts: PublishParts) {
    this.#parts = parts;
    this.#started = Math.floor(parts.clock.wallTime() / 1000).toString(16);
  }

  get size(): number {
    return this.#count;
  }

  /** Takes a PUBLISH and replies to it; the status. */
  handle(context: ScriptContext, sender: string): number {
    const incoming = this.#read(context, sender);
    const refusal = "status" in incoming ? incoming : this.#apply(incoming);
    if (refusal === undefined) return 200;
    return this.#parts.notifier.refuse(context, refusal).status;
  }

  /** RFC 3903, 6, steps 1 to 3. */
  #read(context: ScriptContext, sender: string): Incoming | Refusal {
    const { msg: message } = context;
    const { events, notifier } = this.#parts;
    const event = events.get(message.event?.name ?? "");
    if (event === undefined) {
      return { status: 489, headers: `Allow-Events: ${notifier.eventNames}\r\n` };
    }
    const tag = message.sipIfMatch;
    if (message.count(Header.SipIfMatch) > 1 || /[\s,]/.test(tag)) return { status: 400 };
    const wanted = message.expires;
    if (wanted === -2) return { status: 400, reason: "Bad Expires" };
    const seconds = this.#lifetime(wanted < 0 ? event.defaultExpires : wanted);
    if (seconds === undefined) {
      return { status: 423, headers: `Min-Expires: ${this.#parts.settings.min_expires}\r\n` };
    }
    const body = bodyOf(message);
    if (body === undefined) return { status: 400, reason: "Bad Content-Length" };
    return { context, message, event, resource: context.uri, seconds, body, tag, sender };
  }

  /** Undefined when it is too short. */
  #lifetime(wanted: number): number | undefined {
    const {
      min_expires: least,
      min_expires_action: action,
      max_expires: most,
    } = this.#parts.settings;
    if (wanted > 0 && wanted < least) return action === 2 ? least : undefined;
    return most > 0 ? Math.min(wanted, most) : wanted;
  }

  /** RFC 3903, 6, steps 4 to 6; undefined when it has been accepted. */
  #apply(incoming: Incoming): Refusal | undefined {
    const { store } = this.#parts;
    const { event, resource, tag, seconds, body } = incoming;
    if (store.keyOf(resource) === undefined) return { status: 404 };
    const known = store.find(event.name, resource);
    const stored = tag === "" ? undefined : known?.publications.get(tag);
    if (tag !== "" && stored === undefined) return { status: 412 };
    if (known !== undefined && stored !== undefined) {
      if (seconds === 0) {
        this.#accept(incoming, tag);
        this.#end(known, { publication: stored, cause: "removed" }, incoming.sender);
        return undefined;
      }
      if (body === "") return this.#refresh(incoming, known, stored);
    } else if (body === "") return { status: 400, reason: "No Document" };
    return this.#store(incoming, stored);
  }

  /** The same state for longer: no news for anybody. */
  #refresh(incoming: Incoming, presentity: Presentity, stored: StoredPublication): undefined {
    const etag = this.#newTag();
    const { body, state, receivedAt, priority, sender, ruid } = stored;
    this.#drop(presentity, stored);
    this.#keep(presentity, incoming.seconds, {
      etag,
      body,
      state,
      receivedAt,
      priority,
      sender,
      ruid,
    });
    this.#accept(incoming, etag);
    return undefined;
  }

  /** What the package reads in the document. */
  #document(incoming: Incoming, isNew: boolean): ReadResult {
    const { event, message, resource, body } = incoming;
    const { settings } = this.#parts;
    if (message.mediaType !== event.contentType) {
      return { ok: false, status: 415, headers: `Accept: ${event.contentType}\r\n` };
    }
    const coding = lowerAscii(message.value(Header.ContentEncoding) ?? "identity");
    if (coding !== "identity") {
      return { ok: false, status: 415, headers: "Accept-Encoding: identity\r\n" };
    }
    if (body.length > settings.max_body) return { ok: false, status: 413 };
    if (isNew && this.#count >= settings.max_publications) return { ok: false, status: 503 };
    return event.read?.(body, resource) ?? { ok: true, state: null };
  }

  #store(incoming: Incoming, stored: StoredPublication | undefined): Refusal | undefined {
    const { event, resource, body, seconds } = incoming;
    const read = this.#document(incoming, stored === undefined);
    if (!read.ok) return read;
    const etag = this.#newTag();
    // A document that holds for no time changes nothing (as Kamailio).
    if (seconds === 0) {
      this.#accept(incoming, etag);
      return undefined;
    }
    const presentity = this.#parts.store.obtain(event, resource);
    if (presentity === undefined) return { status: 404 };
    if (stored !== undefined) this.#drop(presentity, stored);
    const now = this.#now();
    this.#keep(presentity, seconds, {
      etag,
      body: ownText(body),
      state: read.state,
      receivedAt: now,
      priority: this.#priority(incoming.context, now),
      sender: incoming.sender,
      ruid: stored?.ruid ?? `pres-${this.#started}-${this.#serial.toString(16)}`,
    });
    this.#accept(incoming, etag);
    const ended: EndedPublication | undefined =
      stored === undefined ? undefined : { publication: stored, cause: "replaced" };
    this.#tell(presentity, ended, incoming.sender);
    return undefined;
  }

  #keep(
    presentity: Presentity,
    seconds: number,
    parts: Omit<StoredPublication, "timer" | "expiresAt">,
  ): void {
    const timer = this.#parts.clock.after(seconds * 1000, () => {
      this.#expired(presentity, parts.etag);
    });
    const expiresAt = this.#now() + seconds;
    presentity.publications.set(parts.etag, { ...parts, expiresAt, timer });
    this.#count++;
  }

  #drop(presentity: Presentity, stored: StoredPublication): void {
    stored.timer.cancel();
    if (presentity.publications.delete(stored.etag)) this.#count--;
  }

  #expired(presentity: Presentity, etag: string): void {
    const publication = presentity.publications.get(etag);
    if (publication !== undefined) this.#end(presentity, { publication, cause: "expired" }, "");
  }

  #end(presentity: Presentity, ended: EndedPublication, sender: string): void {
    const stored = presentity.publications.get(ended.publication.etag);
    if (stored !== undefined) this.#drop(presentity, stored);
    const isSilent = ended.cause === "expired" && this.#parts.settings.force_delete;
    const left = [...presentity.publications.values()];
    const isNews = presentity.event.isNews?.(ended, left) ?? true;
    if (isNews && !isSilent) this.#tell(presentity, ended, sender);
    this.#parts.store.release(presentity);
  }

  #tell(presentity: Presentity, ended: EndedPublication | undefined, sender: string): void {
    const { store } = this.#parts;
    const silent = sender === "" ? undefined : store.keyOf(sender)?.key;
    for (const watcher of presentity.watchers) {
      if (ended !== undefined && watcher.data instanceof PresenceWatcher) watcher.data.note(ended);
      if (silent !== undefined && store.keyOf(watcher.watcher)?.key === silent) continue;
      watcher.changed();
    }
  }

  #accept(incoming: Incoming, etag: string): void {
    const { settings, notifier } = this.#parts;
    const shown = Math.max(incoming.seconds - settings.expires_offset, 0);
    const headers = `Expires: ${shown}\r\nSIP-ETag: ${etag}\r\n`;
    notifier.reply(incoming.context, 200, { headers });
  }

  /** Nobody else can guess it: who knows it may change the publication. */
  #newTag(): string {
    const random = this.#parts.random32().toString(36) + this.#parts.random32().toString(36);
    return `a.${this.#started}.${++this.#serial}.${random}`;
  }

  /** As Kamailio: what the script says, the time when it could have said something, or 0. */
  #priority(context: ScriptContext, now: number): number {
    const { xavp_cfg: name } = this.#parts.settings;
    if (name === undefined) return 0;
    const value = configField(context, name, "priority");
    return typeof value === "number" ? value : now;
  }

  #now(): number {
    return Math.floor(this.#parts.clock.wallTime() / 1000);
  }
}

/** A field of the `$xavp` with which a script says things to this module. */
export function configField(
  context: ScriptContext,
  name: string | undefined,
  field: string,
): unknown {
  const root = name === undefined ? undefined : context.lists.xavps.get(name)?.[0];
  return root instanceof XavpNode ? root.fields.get(field)?.[0] : undefined;
}
