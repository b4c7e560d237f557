/** Fetched contacts: `reg_fetch_contacts`, `reg_free_contacts` and `$ulc(profile=>attr)`. */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type { BoundVariable, VariableReference } from "../../runtime/module.ts";
import type { Value } from "../../dsl/value.ts";
import type { Contact, Table } from "../usrloc/spec.ts";
import { aorHash } from "../usrloc/spec.ts";
import { aorOfText } from "./aor.ts";
import type { Surroundings } from "./settings.ts";

/** A contact as it was when it was fetched. */
type FetchedContact = Readonly<Omit<Contact, "id" | "isStored" | "isValid" | "next">>;

/** Attributes by name. */
const ATTRIBUTES: Readonly<Record<string, (contact: FetchedContact) => Value>> = {
  aor: (contact) => contact.aor,
  domain: (contact) => contact.table.name,
  aorhash: (contact) => aorHash(contact.aor),
  addr: (contact) => contact.uri,
  path: (contact) => contact.path ?? "",
  received: (contact) => contact.received ?? "",
  expires: (contact) => contact.expires,
  callid: (contact) => contact.callId,
  regid: (contact) => contact.regId,
  q: (contact) => contact.q,
  cseq: (contact) => contact.cseq,
  flags: (contact) => contact.flags,
  cflags: (contact) => contact.branchFlags,
  user_agent: (contact) => contact.userAgent,
  socket: (contact) => contact.socket?.text ?? null,
  modified: (contact) => contact.modified,
  // As Kamailio: the mask without its sign.
  methods: (contact) => contact.methods >>> 0,
  ruid: (contact) => contact.ruid,
  instance: (contact) => contact.instance,
  conid: () => null,
  server_id: (contact) => contact.serverId,
};

/** The profiles of each message. */
export class FetchedContacts {
  readonly #slot = new ContextSlot<Map<string, readonly FetchedContact[]>>();

  /** 1: there are contacts, -1: there are none. */
  fetch(
    context: ScriptContext,
    table: Table,
    query: { readonly uri: string; readonly profile: string },
    around: Surroundings,
  ): number | Promise<number> {
    const aor = aorOfText(query.uri, around.aorRules);
    const found = aor === null ? undefined : around.location.find(table, aor);
    if (!(found instanceof Promise)) return this.#keep(context, query.profile, found);
    return found.then(
      (first) => this.#keep(context, query.profile, first),
      () => this.#keep(context, query.profile, undefined),
    );
  }

  #keep(context: ScriptContext, profile: string, first: Contact | undefined): number {
    const list: FetchedContact[] = [];
    for (let contact = first ?? null; contact !== null; contact = contact.next) {
      list.push({ ...contact });
    }
    this.put(context, profile, list);
    return list.length > 0 ? 1 : -1;
  }

  put(context: ScriptContext, profile: string, list: readonly FetchedContact[]): void {
    let profiles = context.state(this.#slot);
    if (profiles === undefined) {
      profiles = new Map();
      context.setState(this.#slot, profiles);
    }
    profiles.set(profile, list);
  }

  free(context: ScriptContext, profile: string): number {
    context.state(this.#slot)?.delete(profile);
    return 1;
  }

  /** Binds `$ulc(profile=>attr)[index]`. */
  variable(reference: VariableReference): BoundVariable {
    const { index, inner } = reference;
    const indexOf = (context: ScriptContext): number => {
      if (typeof index === "number") return index;
      if (typeof index !== "function") return 0;
      const value = index(context);
      return typeof value === "number" ? value : 0;
    };
    const constant = inner === undefined ? undefined : splitName(inner);
    return {
      get: (context) => {
        const name = constant ?? splitName(reference.innerText(context));
        const list = context.state(this.#slot)?.get(name.profile);
        if (list === undefined || list.length === 0) return null;
        if (name.attribute === "count") return list.length;
        const contact = list[indexOf(context)];
        return contact === undefined ? null : (ATTRIBUTES[name.attribute]?.(contact) ?? null);
      },
    };
  }
}

/** Whether `$ulc` knows an attribute. */
export function isAttribute(name: string): boolean {
  return name === "count" || Object.hasOwn(ATTRIBUTES, name);
}

/** The halves of `profile=>attr`. */
export function splitName(text: string): { readonly profile: string; readonly attribute: string } {
  const arrow = text.indexOf("=>");
  if (arrow < 0) return { profile: text.trim(), attribute: "" };
  return { profile: text.slice(0, arrow).trim(), attribute: text.slice(arrow + 2).trim() };
}
