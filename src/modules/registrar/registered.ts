/** `registered` and `unregister`: questions about, and removal of, a user's contacts. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { Contact, Table } from "../usrloc/spec.ts";
import { aorOfText } from "./aor.ts";
import { addRecord, restoreAttributes } from "./record-xavp.ts";
import { messageSettings, type Surroundings, textSetting } from "./settings.ts";

/** Bits of match_option. */
const Match = { callId: 1, received: 2, contact: 4 } as const;
/** Bits of match_action. */
const Action = { restoreAttributes: 1, skipRecord: 2 } as const;

/** What a contact must have; undefined: anything. */
interface Wanted {
  readonly callId: string | undefined;
  readonly received: string | undefined;
  readonly contact: string | undefined;
}

function isWanted(contact: Contact, wanted: Wanted): boolean {
  if (wanted.callId !== undefined && wanted.callId !== contact.callId) return false;
  if (wanted.received !== undefined && wanted.received !== contact.received) return false;
  return wanted.contact === undefined || wanted.contact === contact.uri;
}

function defaultUri(context: ScriptContext): string {
  return context.msg.isRequest ? context.uri : (context.msg.to?.uriText ?? "");
}

/** Arguments of `registered`. */
export interface RegisteredQuery {
  readonly uri: string | undefined;
  readonly option: number;
  readonly action: number;
}

/** Whether a user has a valid contact that matches. */
export function isRegistered(
  context: ScriptContext,
  table: Table,
  query: RegisteredQuery,
  around: Surroundings,
): boolean {
  const { params, location } = around;
  const uri = query.uri === undefined || query.uri === "" ? defaultUri(context) : query.uri;
  const aor = aorOfText(uri, around.aorRules);
  if (aor === null) return false;
  const { option, action } = query;
  const settings = option === 0 ? undefined : messageSettings(context, params);
  const wanted: Wanted = {
    callId: (option & Match.callId) === 0 ? undefined : textSetting(settings, "match_callid"),
    received: (option & Match.received) === 0 ? undefined : textSetting(settings, "match_received"),
    contact: (option & Match.contact) === 0 ? undefined : textSetting(settings, "match_contact"),
  };
  const now = location.now();
  for (let contact = table.first(aor) ?? null; contact !== null; contact = contact.next) {
    if (!contact.isValid(now) || !isWanted(contact, wanted)) continue;
    if ((action & Action.skipRecord) === 0) addRecord(context, params, contact, now);
    if ((action & Action.restoreAttributes) !== 0) {
      restoreAttributes(context, location.xavpContact, contact);
    }
    return true;
  }
  return false;
}

/** Code of `unregister`. */
export function unregister(
  context: ScriptContext,
  table: Table,
  what: { readonly uri: string; readonly ruid: string | undefined },
  around: Surroundings,
): number {
  const { location } = around;
  return location.together(() => removeWhat(table, what, around), context);
}

function removeWhat(
  table: Table,
  what: { readonly uri: string; readonly ruid: string | undefined },
  around: Surroundings,
): number {
  const { uri, ruid } = what;
  const hasRuid = ruid !== undefined && ruid !== "";
  if (uri === "" && hasRuid) return removeAnywhere(table, ruid);
  const aor = aorOfText(uri, around.aorRules);
  if (aor === null) return -1;
  if (!hasRuid) {
    table.removeAll(aor, "removed");
    return 1;
  }
  for (let contact = table.first(aor) ?? null; contact !== null; contact = contact.next) {
    if (contact.ruid !== ruid) continue;
    table.remove(contact, "removed");
    return 1;
  }
  return -3;
}

/** Looks through the whole table; rarely used, and no index is kept for it. */
function removeAnywhere(table: Table, ruid: string): number {
  const known = table.byInstanceRuid(ruid) ?? findByRuid(table, ruid);
  if (known === undefined) return -3;
  table.remove(known, "removed");
  return 1;
}

function findByRuid(table: Table, ruid: string): Contact | undefined {
  for (const [, first] of table.records()) {
    for (let contact: Contact | null = first; contact !== null; contact = contact.next) {
      if (contact.ruid === ruid) return contact;
    }
  }
  return undefined;
}
