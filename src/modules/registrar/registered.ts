/** `registered` and `unregister`: questions about, and removal of, a user's contacts. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { Workers } from "../../runtime/workers/group.ts";
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

/** Whether a user has a valid contact that matches: 1 or -1. */
export function registered(
  context: ScriptContext,
  table: Table,
  query: RegisteredQuery,
  around: Surroundings,
): number | Promise<number> {
  const uri = query.uri === undefined || query.uri === "" ? defaultUri(context) : query.uri;
  const aor = aorOfText(uri, around.aorRules);
  if (aor === null) return -1;
  const found = around.location.find(table, aor);
  if (!(found instanceof Promise)) return anyMatches(context, found, query, around) ? 1 : -1;
  return found.then(
    (first) => (anyMatches(context, first, query, around) ? 1 : -1),
    () => -1,
  );
}

function anyMatches(
  context: ScriptContext,
  first: Contact | undefined,
  query: RegisteredQuery,
  around: Surroundings,
): boolean {
  const { params, location } = around;
  const { option, action } = query;
  const settings = option === 0 ? undefined : messageSettings(context, params);
  const wanted: Wanted = {
    callId: (option & Match.callId) === 0 ? undefined : textSetting(settings, "match_callid"),
    received: (option & Match.received) === 0 ? undefined : textSetting(settings, "match_received"),
    contact: (option & Match.contact) === 0 ? undefined : textSetting(settings, "match_contact"),
  };
  const now = location.now();
  for (let contact = first ?? null; contact !== null; contact = contact.next) {
    if (!contact.isValid(now) || !isWanted(contact, wanted)) continue;
    if ((action & Action.skipRecord) === 0) addRecord(context, params, contact, now);
    if ((action & Action.restoreAttributes) !== 0) {
      restoreAttributes(context, location.xavpContact, contact);
    }
    return true;
  }
  return false;
}

/** What `unregister` removes: all contacts of a user, or one of them; one of anybody when there is no URI. */
export interface Removal {
  readonly uri: string;
  /** "" for all. */
  readonly ruid: string;
}

/** Code of `unregister`. */
export function unregister(
  context: ScriptContext,
  table: Table,
  what: Removal,
  around: Surroundings,
): number | Promise<number> {
  const { location } = around;
  const { workers } = around.services;
  if (workers !== null) {
    const elsewhere = removeElsewhere(workers, table, what, around);
    if (elsewhere !== null) return elsewhere;
  }
  return location.together(() => removeWhat(table, what, around), context);
}

/** Answers the other workers. */
export function answerRemovals(workers: Workers, around: Surroundings): void {
  workers.handle(removalTopic, (request) => {
    const { table: name, what } = request as { readonly table: string; readonly what: Removal };
    const { location } = around;
    return location.together(() => removeWhat(location.table(name), what, around));
  });
}

const removalTopic = "registrar.unregister";

/** Asks the worker that has the user's contacts, or all of them when there is no user; null: it is this worker. */
function removeElsewhere(
  workers: Workers,
  table: Table,
  what: Removal,
  around: Surroundings,
): Promise<number> | null {
  const { location } = around;
  const request = { table: table.name, what };
  if (what.uri === "" && what.ruid !== "") {
    const known = table.byRuid(what.ruid);
    if (known !== undefined) return null;
    return workers
      .callOthers(removalTopic, request)
      .then((codes) => Math.max(-3, ...(codes as number[])));
  }
  const aor = aorOfText(what.uri, around.aorRules);
  const owner = aor === null ? -1 : location.ownerOf(aor);
  if (owner < 0) return null;
  return workers.call(owner, removalTopic, request).then(
    (code) => code as number,
    () => -1,
  );
}

function removeWhat(table: Table, what: Removal, around: Surroundings): number {
  const { uri, ruid } = what;
  const hasRuid = ruid !== "";
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

function removeAnywhere(table: Table, ruid: string): number {
  const known = table.byRuid(ruid);
  if (known === undefined) return -3;
  table.remove(known, "removed");
  return 1;
}
