/** `reginfo_handle_notify`: from a NOTIFY to changes in a table. */
import { GZIP } from "../../runtime/body-coding.ts";
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { lowerAscii } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import { reasonPhrase } from "../../sip/reasons.ts";
import type { PuaApi, Subscription } from "../pua/spec.ts";
import type { Contact, Table } from "../usrloc/spec.ts";
import { MEDIA_TYPE } from "../../runtime/reginfo/document.ts";
import type { Mirror, UpdateResult } from "./mirror.ts";
import { MirrorSource } from "./mirror-source.ts";
import type { ReginfoReader, ReginfoResult } from "../../runtime/reginfo/read.ts";
import type { SharedMirror } from "./workers.ts";

/** Codes of the function. */
export const NotifyCode = { online: 1, offline: 2, invalid: -1, noSubscription: -2 } as const;

/** The coding of bodies that name none (RFC 3261, 20.12). */
const IDENTITY = "identity";

/** What the script can ask about the last NOTIFY. */
export interface NotifyOutcome {
  /** Status that fits as an answer. */
  readonly status: number;
  readonly reason: string;
  /** Name of the problem; "" when there is none. */
  readonly problem: string;
  /** URI that is followed; "" without a subscription. */
  readonly resource: string;
}

/** Value of `$reginfo(field)`; null when no NOTIFY was handled. */
export function outcomeField(
  outcome: NotifyOutcome | undefined,
  field: string | undefined,
): string | number | null {
  if (outcome === undefined) return null;
  switch (field) {
    case "status":
      return outcome.status;
    case "reason":
      return outcome.reason;
    case "problem":
      return outcome.problem;
    default:
      return outcome.resource;
  }
}

/** Settings of the module that concern NOTIFYs. */
export interface NotifySettings {
  /** Whether NOTIFYs that belong to no subscription are applied, as Kamailio does. */
  readonly trustsAny: boolean;
  /** Whether NOTIFYs must come from where the notifier is. */
  readonly checksSource: boolean;
  /** Whether contacts outlive their subscription. */
  readonly keepsContacts: boolean;
  /** Peers without a subscription that are believed at one time. */
  readonly maxStrangers: number;
  /** Lifetime in seconds of contacts without one, when there is no subscription. */
  readonly defaultSeconds: number;
  /** Is called when a source reports more contacts than are kept, once for each source. */
  overLimit(source: MirrorSource): void;
  /** Other workers; null: there are none. */
  readonly shared: SharedMirror | null;
}

/** Takes NOTIFYs. */
export class NotifyHandler {
  readonly #pua: PuaApi;
  readonly #reader: ReginfoReader;
  readonly #mirror: Mirror;
  readonly #settings: NotifySettings;
  /** Other workers; null: there are none. */
  readonly #shared: SharedMirror | null;
  readonly #outcome = new ContextSlot<NotifyOutcome>();
  /** Peers that are believed without a subscription, by dialog; only while they have contacts here. */
  readonly #strangers = new Map<string, MirrorSource>();

  constructor(pua: PuaApi, reader: ReginfoReader, mirror: Mirror, settings: NotifySettings) {
    this.#pua = pua;
    this.#reader = reader;
    this.#mirror = mirror;
    this.#settings = settings;
    this.#shared = settings.shared;
  }

  outcome(context: ScriptContext): NotifyOutcome | undefined {
    return context.state(this.#outcome);
  }

  handle(context: ScriptContext, table: Table): number | Promise<number> {
    const match = this.#pua.notified(context, "reg", this.#settings.checksSource);
    if (match.ok) {
      const { subscription, isRepeated, grantedSeconds } = match;
      if (isRepeated) return this.#done(context, NotifyCode.online, subscription.resource);
      // The last NOTIFY of a subscription may repeat what has just been given up.
      if (subscription.phase === "ended" && !this.#settings.keepsContacts) {
        return this.#done(context, NotifyCode.offline, subscription.resource);
      }
      const source = sourceOf(subscription);
      const code = this.#apply(context, table, { source, grantedSeconds, subscription });
      if (code === NotifyCode.invalid) source.isWhole = false;
      return code;
    }
    const isStranger = match.status === 481 || match.problem === "wrong-event";
    if (!isStranger || !this.#settings.trustsAny) {
      this.#refuse(context, match.status, match.problem, "");
      return isStranger ? NotifyCode.noSubscription : NotifyCode.invalid;
    }
    return this.#applyStranger(context, table);
  }

  /** As Kamailio: whoever sends it is believed. */
  #applyStranger(context: ScriptContext, table: Table): number | Promise<number> {
    const key = `${context.msg.callId}|${context.msg.fromTag}`;
    let source = this.#strangers.get(key);
    if (source === undefined) {
      if (this.#strangers.size >= this.#settings.maxStrangers) {
        return this.#refuse(context, 503, "too-many-peers", "");
      }
      source = new MirrorSource(`NOTIFY from ${context.sourceAddress}`, "", key);
    }
    const grantedSeconds = this.#settings.defaultSeconds;
    const code = this.#apply(context, table, { source, grantedSeconds, subscription: undefined });
    if (source.contacts.size > 0) this.#strangers.set(key, source);
    else this.#strangers.delete(key);
    return code;
  }

  /** A contact has left its table; strangers whose contacts have all gone are forgotten. */
  contactRemoved(contact: Contact): void {
    const source = this.#mirror.contactRemoved(contact);
    if (source?.resource === "" && source.contacts.size === 0)
      this.#strangers.delete(source.dialog);
  }

  #apply(context: ScriptContext, table: Table, from: Origin): number | Promise<number> {
    const { msg } = context;
    const resource = from.source.resource;
    const claimed = msg.contentLength;
    const body = claimed >= 0 ? msg.body.slice(0, claimed) : msg.body;
    if (claimed > msg.body.length || claimed === -2) {
      return this.#refuse(context, 400, "wrong-content-length", resource);
    }
    // Nothing is known there, or a publication was refreshed: neither changes what is known here.
    if (body === "") return this.#done(context, NotifyCode.online, resource);
    if (msg.mediaType !== MEDIA_TYPE) return this.#refuse(context, 415, "wrong-type", resource);
    const read = this.#read(msg, body);
    if (read === undefined) return this.#refuse(context, 415, "wrong-coding", resource);
    if (!read.ok) return this.#refuse(context, 400, read.problem, resource);
    const { source, grantedSeconds } = from;
    const { document } = read;
    const update = { source, table, document, grantedSeconds };
    const result = this.#shared === null ? this.#mirror.apply(update) : this.#shared.apply(update);
    if (!(result instanceof Promise)) return this.#applied(context, from, result);
    return result.then(
      (all) => this.#applied(context, from, all),
      () => this.#refuse(context, 503, "worker-away", resource),
    );
  }

  #applied(context: ScriptContext, { source, subscription }: Origin, result: UpdateResult): number {
    const { resource } = source;
    if (result.hasGap) subscription?.resync();
    const code = result.isOnline ? NotifyCode.online : NotifyCode.offline;
    if (!result.isOverLimit) return this.#done(context, code, resource);
    if (!source.isOverLimit) this.#settings.overLimit(source);
    source.isOverLimit = true;
    return this.#done(context, code, resource, "too-many-contacts");
  }

  /** Undefined for codings that were not asked for. */
  #read(message: SipMessage, body: string): ReginfoResult | undefined {
    const coding = lowerAscii(message.value(Header.ContentEncoding) ?? IDENTITY).trim();
    if (coding === GZIP) return this.#reader.readPacked(body);
    return coding === IDENTITY ? this.#reader.read(body) : undefined;
  }

  #done(context: ScriptContext, code: number, resource: string, problem = ""): number {
    context.setState(this.#outcome, { status: 200, reason: "OK", problem, resource });
    return code;
  }

  #refuse(context: ScriptContext, status: number, problem: string, resource: string): number {
    const reason = reasonPhrase(status);
    context.setState(this.#outcome, { status, reason, problem, resource });
    return NotifyCode.invalid;
  }
}

/** Where a document comes from. */
interface Origin {
  readonly source: MirrorSource;
  readonly grantedSeconds: number;
  readonly subscription: Subscription | undefined;
}

/** The source that belongs to a subscription. */
export function sourceOf(subscription: Subscription): MirrorSource {
  if (subscription.data instanceof MirrorSource) return subscription.data;
  const { resource } = subscription;
  const source = new MirrorSource(`subscription to ${resource}`, resource);
  source.resync = () => subscription.resync();
  subscription.data = source;
  return source;
}
