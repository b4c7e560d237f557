/** PUBLISH: event state with entity tags (RFC 3903, 6). */
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/services.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { XavpNode } from "../../runtime/lists.ts";
import type { Notifier } from "../../runtime/notifier/notifier.ts";
import { bodyOf } from "../../runtime/notifier/request.ts";
import { lowerAscii, ownText } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { EndedPublication, PresenceEvent, ReadResult } from "./api.ts";
import type { KeptPublication, PublicationJournal } from "./publication-journal.ts";
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
  readonly max_resource_publications: number;
  readonly xavp_cfg: string | undefined;
}

/** What it works with. */
export interface PublishParts {
  readonly clock: Clock;
  readonly store: PresenceStore;
  readonly notifier: Notifier;
  readonly events: ReadonlyMap<string, PresenceEvent>;
  readonly settings: PublishSettings;
  /** Where publications are kept beside memory. */
  readonly journal: PublicationJournal | undefined;
  readonly log: Logger;
  random32(): number;
}

/** Why a PUBLISH is not taken. */
interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: string;
}

/** What a PUBLISH has brought about. */
interface Accepted {
  readonly etag: string;
  /** The resource whose watchers are to be told. */
  readonly news: Presentity | undefined;
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
  /** Wall clock seconds. */
  readonly #started: number;
  #serial = 0;
  #count = 0;

  constructor(parts: PublishParts) {
    this.#parts = parts;
    this.#started = Math.floor(parts.clock.wallTime() / 1000);
  }

  get size(): number {
    return this.#count;
  }

  /** Takes a PUBLISH and replies to it, when what it brings is stored; the status. */
  handle(context: ScriptContext, sender: string): number | Promise<number> {
    const incoming = this.#read(context, sender);
    if ("status" in incoming) return this.#parts.notifier.refuse(context, incoming).status;
    const outcome = this.#apply(incoming);
    if ("status" in outcome) return this.#parts.notifier.refuse(context, outcome).status;
    const committed = this.#parts.journal?.committed();
    if (committed === undefined) return this.#finish(incoming, outcome);
    return committed.then(() => this.#finish(incoming, outcome));
  }

  /** Takes a stored publication up again. One that ran out meanwhile ends now, and watchers are told. */
  restore(kept: KeptPublication): void {
    const { store, events, journal, log } = this.#parts;
    const event = events.get(kept.event);
    const presentity = event === undefined ? undefined : store.obtain(event, kept.resource);
    if (event === undefined || presentity === undefined) {
      log.warn(`a publication of ${kept.resource} for ${kept.event} cannot be taken up again`);
      return;
    }
    const read = event.read?.(kept.body, kept.resource) ?? { ok: true, state: null };
    if (!read.ok) {
      log.warn(`a publication of ${kept.resource} for ${kept.event} is not valid and is dropped`);
      journal?.forget(kept.ruid);
      store.release(presentity);
      return;
    }
    const { etag, body, sender, priority, receivedAt, expiresAt } = kept;
    const { state } = read;
    const isNameless = kept.ruid === "";
    const ruid = isNameless ? this.#newRuid() : kept.ruid;
    const parts = { etag, body, state, sender, priority, receivedAt, expiresAt, ruid };
    if (isNameless) this.#write(presentity, parts);
    else this.#keep(presentity, parts);
  }

  #finish(incoming: Incoming, { etag, news }: Accepted): number {
    const { settings, notifier, store } = this.#parts;
    const shown = Math.max(incoming.seconds - settings.expires_offset, 0);
    const headers = `Expires: ${shown}\r\nSIP-ETag: ${etag}\r\n`;
    notifier.reply(incoming.context, 200, { headers });
    if (news === undefined) return 200;
    this.#tell(news, incoming.sender);
    store.release(news);
    return 200;
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

  /** RFC 3903, 6, steps 4 to 6. */
  #apply(incoming: Incoming): Refusal | Accepted {
    const { store } = this.#parts;
    const { event, resource, tag, seconds, body } = incoming;
    if (store.keyOf(resource) === undefined) return { status: 404 };
    const known = store.find(event.name, resource);
    const stored = tag === "" ? undefined : known?.publications.get(tag);
    if (tag !== "" && stored === undefined) return { status: 412 };
    if (known !== undefined && stored !== undefined) {
      if (seconds === 0) {
        const isNews = this.#end(known, { publication: stored, cause: "removed" }, false);
        if (!isNews) store.release(known);
        return { etag: tag, news: isNews ? known : undefined };
      }
      if (body === "") return this.#refresh(incoming, known, stored);
    } else if (body === "") return { status: 400, reason: "No Document" };
    return this.#store(incoming, stored);
  }

  /** The same state for longer: no news for anybody. */
  #refresh(incoming: Incoming, presentity: Presentity, stored: StoredPublication): Accepted {
    const etag = this.#newTag();
    this.#drop(presentity, stored);
    this.#write(presentity, { ...stored, etag, expiresAt: this.#now() + incoming.seconds });
    return { etag, news: undefined };
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

  #store(incoming: Incoming, stored: StoredPublication | undefined): Refusal | Accepted {
    const { event, resource, body, seconds } = incoming;
    const read = this.#document(incoming, stored === undefined);
    if (!read.ok) return read;
    const others = this.#parts.store.find(event.name, resource)?.publications.size ?? 0;
    if (stored === undefined && others >= this.#parts.settings.max_resource_publications) {
      return { status: 503 };
    }
    const etag = this.#newTag();
    // A document that holds for no time changes nothing (as Kamailio).
    if (seconds === 0) return { etag, news: undefined };
    const presentity = this.#parts.store.obtain(event, resource);
    if (presentity === undefined) return { status: 404 };
    if (stored !== undefined) this.#drop(presentity, stored);
    const now = this.#now();
    this.#write(presentity, {
      etag,
      body: ownText(body),
      state: read.state,
      receivedAt: now,
      expiresAt: now + seconds,
      priority: this.#priority(incoming.context, now),
      sender: incoming.sender,
      ruid: stored?.ruid ?? this.#newRuid(),
    });
    if (stored !== undefined) note(presentity, { publication: stored, cause: "replaced" });
    return { etag, news: presentity };
  }

  #write(presentity: Presentity, parts: Omit<StoredPublication, "timer">): void {
    const stored = this.#keep(presentity, parts);
    this.#parts.journal?.keep(presentity, stored);
  }

  #keep(presentity: Presentity, parts: Omit<StoredPublication, "timer">): StoredPublication {
    const { etag, expiresAt } = parts;
    const timer = this.#parts.clock.after(Math.max(expiresAt - this.#now(), 0) * 1000, () => {
      this.#expired(presentity, etag);
    });
    const stored = { ...parts, timer };
    presentity.publications.set(etag, stored);
    this.#count++;
    return stored;
  }

  #drop(presentity: Presentity, stored: StoredPublication): void {
    stored.timer.cancel();
    if (presentity.publications.delete(stored.etag)) this.#count--;
  }

  #expired(presentity: Presentity, etag: string): void {
    const publication = presentity.publications.get(etag);
    if (publication === undefined) return;
    const isSilent = this.#parts.settings.force_delete;
    const isNews = this.#end(presentity, { publication, cause: "expired" }, isSilent);
    if (isNews) this.#tell(presentity, "");
    this.#parts.store.release(presentity);
  }

  /** Takes a publication out; whether watchers are to be told. */
  #end(presentity: Presentity, ended: EndedPublication, isSilent: boolean): boolean {
    const stored = presentity.publications.get(ended.publication.etag);
    if (stored !== undefined) {
      this.#drop(presentity, stored);
      this.#parts.journal?.forget(stored.ruid);
    }
    const left = [...presentity.publications.values()];
    const isNews = !isSilent && (presentity.event.isNews?.(ended, left) ?? true);
    if (isNews) note(presentity, ended);
    return isNews;
  }

  #tell(presentity: Presentity, sender: string): void {
    const { store } = this.#parts;
    const silent = sender === "" ? undefined : store.keyOf(sender)?.key;
    for (const watcher of presentity.watchers) {
      if (silent !== undefined && store.keyOf(watcher.watcher)?.key === silent) continue;
      watcher.changed();
    }
  }

  /** Nobody else can guess it: who knows it may change the publication. In the form that Kamailio reads when it takes over. */
  #newTag(): string {
    const { random32 } = this.#parts;
    return `a.${this.#started}.${random32()}.${++this.#serial}.${random32()}`;
  }

  #newRuid(): string {
    const random = this.#parts.random32().toString(36);
    return `pres-${this.#started.toString(16)}-${(++this.#serial).toString(16)}-${random}`;
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

/** Keeps what the next documents have to account for. */
function note(presentity: Presentity, ended: EndedPublication): void {
  for (const { data } of presentity.watchers) {
    if (data instanceof PresenceWatcher) data.note(ended);
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
