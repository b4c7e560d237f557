/** `reginfo_handle_notify`: from a NOTIFY to changes in a table. */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { reasonPhrase } from "../../sip/reasons.ts";
import type { PuaApi, Subscription } from "../pua/spec.ts";
import type { Table } from "../usrloc/spec.ts";
import { MEDIA_TYPE } from "../../runtime/reginfo/document.ts";
import { type Mirror, MirrorSource } from "./mirror.ts";
import type { ReginfoReader } from "../../runtime/reginfo/read.ts";

/** Codes of the function. */
export const NotifyCode = { online: 1, offline: 2, invalid: -1, noSubscription: -2 } as const;

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

/** Settings of the module that concern NOTIFYs. */
export interface NotifySettings {
  /** Whether NOTIFYs that belong to no subscription are applied, as Kamailio does. */
  readonly trustsAny: boolean;
  /** Whether contacts outlive their subscription. */
  readonly keepsContacts: boolean;
  /** Lifetime in seconds of contacts without one, when there is no subscription. */
  readonly defaultSeconds: number;
}

/** Takes NOTIFYs. */
export class NotifyHandler {
  readonly #pua: PuaApi;
  readonly #reader: ReginfoReader;
  readonly #mirror: Mirror;
  readonly #settings: NotifySettings;
  readonly #outcome = new ContextSlot<NotifyOutcome>();
  /** Peers that are believed without a subscription, by dialog; only while they have contacts here. */
  readonly #strangers = new Map<string, MirrorSource>();

  constructor(pua: PuaApi, reader: ReginfoReader, mirror: Mirror, settings: NotifySettings) {
    this.#pua = pua;
    this.#reader = reader;
    this.#mirror = mirror;
    this.#settings = settings;
  }

  outcome(context: ScriptContext): NotifyOutcome | undefined {
    return context.state(this.#outcome);
  }

  handle(context: ScriptContext, table: Table): number {
    const match = this.#pua.notified(context, "reg");
    if (match.ok) {
      const { subscription, isRepeated, grantedSeconds } = match;
      if (isRepeated) return this.#done(context, NotifyCode.online, subscription.resource);
      // The last NOTIFY of a subscription may repeat what has just been given up.
      if (subscription.phase === "ended" && !this.#settings.keepsContacts) {
        return this.#done(context, NotifyCode.offline, subscription.resource);
      }
      const source = sourceOf(subscription);
      const result = this.#apply(context, table, { source, grantedSeconds, subscription });
      return result;
    }
    const isStranger = match.problem === "no-subscription" || match.problem === "wrong-event";
    if (!isStranger || !this.#settings.trustsAny) {
      this.#refuse(context, match.status, match.problem, "");
      return isStranger ? NotifyCode.noSubscription : NotifyCode.invalid;
    }
    return this.#applyStranger(context, table);
  }

  /** As Kamailio: whoever sends it is believed. */
  #applyStranger(context: ScriptContext, table: Table): number {
    const key = `${context.msg.callId}|${context.msg.fromTag}`;
    let source = this.#strangers.get(key);
    if (source === undefined) source = new MirrorSource(`NOTIFY from ${context.sourceAddress}`, "");
    const grantedSeconds = this.#settings.defaultSeconds;
    const code = this.#apply(context, table, { source, grantedSeconds, subscription: undefined });
    for (const [id, contact] of source.contacts) {
      if (!contact.isStored) source.contacts.delete(id);
    }
    if (source.contacts.size > 0) this.#strangers.set(key, source);
    else this.#strangers.delete(key);
    return code;
  }

  /** Strangers whose contacts have all run out are forgotten. */
  contactRemoved(owner: object | null): void {
    if (!(owner instanceof MirrorSource) || owner.resource !== "") return;
    for (const [key, source] of this.#strangers) {
      if (source !== owner) continue;
      for (const [id, contact] of source.contacts) {
        if (!contact.isStored) source.contacts.delete(id);
      }
      if (source.contacts.size === 0) this.#strangers.delete(key);
      return;
    }
  }

  #apply(context: ScriptContext, table: Table, from: Origin): number {
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
    const read = this.#reader.read(body);
    if (!read.ok) return this.#refuse(context, 400, read.problem, resource);
    const { source, grantedSeconds, subscription } = from;
    const { document } = read;
    const result = this.#mirror.apply({ source, table, document, grantedSeconds });
    if (result.hasGap) subscription?.resync();
    return this.#done(context, result.isOnline ? NotifyCode.online : NotifyCode.offline, resource);
  }

  #done(context: ScriptContext, code: number, resource: string): number {
    context.setState(this.#outcome, { status: 200, reason: "OK", problem: "", resource });
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
  subscription.data = source;
  return source;
}
