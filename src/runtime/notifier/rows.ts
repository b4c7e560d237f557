/** Subscriptions as rows of a table in Kamailio's layout `active_watchers`. */
import type { Column, Database, Row, SqlValue, TableLayout } from "../storage/storage.ts";
import type { DialogParts } from "./dialog.ts";
import type { WatcherSubscription } from "./subscription.ts";

/** Version of the layout that this is. */
const LAYOUT_VERSION = 12;
/** States as numbers. */
const Status = { active: 1, pending: 2, terminated: 3 } as const;

/** Bits of the column `flags`: the watcher reads packed bodies. */
const TAKES_GZIP = 256;

/** Columns that tell rows apart. */
export const DIALOG_KEY = ["callid", "to_tag", "from_tag"] as const;

const text = (name: string, size: number): Column => ({ name, type: "string", size });
const number = (name: string): Column => ({ name, type: "int" });

const COLUMNS: readonly Column[] = [
  text("presentity_uri", 255),
  text("watcher_username", 64),
  text("watcher_domain", 64),
  text("to_user", 64),
  text("to_domain", 64),
  { ...text("event", 64), default: "presence" },
  { ...text("event_id", 64), isNullable: true },
  text("to_tag", 128),
  text("from_tag", 128),
  text("callid", 255),
  number("local_cseq"),
  number("remote_cseq"),
  text("contact", 255),
  { name: "record_route", type: "text", isNullable: true },
  number("expires"),
  { ...number("status"), default: 2 },
  { ...text("reason", 64), isNullable: true },
  { ...number("version"), default: 0 },
  text("socket_info", 64),
  text("local_contact", 255),
  text("from_user", 64),
  text("from_domain", 64),
  number("updated"),
  number("updated_winfo"),
  { ...number("flags"), default: 0 },
  { ...text("user_agent", 255), default: "", isNullable: true },
];

/** The layout; `own` are columns behind Kamailio's, which make it one of the engine's own. */
export function watchersLayout(name: string, own: readonly Column[] = []): TableLayout {
  return {
    name,
    version: own.length === 0 ? LAYOUT_VERSION : 1,
    columns: [...COLUMNS, ...own],
    unique: [DIALOG_KEY],
    indexes: [
      ["expires"],
      ["presentity_uri", "event"],
      ["updated"],
      ["updated_winfo", "presentity_uri"],
    ],
  };
}

/** Whether a name can stand in a statement as it is. */
export function isTableName(name: string): boolean {
  return /^[A-Za-z_]\w{0,63}$/.test(name);
}

/** Rows read at once. */
const PAGE = 2000;

/** All rows of a table, in pages. */
export async function allRows(database: Database, table: string): Promise<Row[]> {
  const sql = `select * from ${table} where id > ? order by id limit ?`;
  const rows: Row[] = [];
  for (let last = -1; ; last = Number(rows.at(-1)?.["id"])) {
    const page = await database.query(sql, [last, PAGE]);
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
}

/** Numbers that a row promises not to be used yet: those after it begin there. */
export interface Reserved {
  readonly cseq: number;
  readonly version: number;
}

/** A subscription as a row. `now` in wall clock seconds. */
export function rowOf(subscription: WatcherSubscription, reserved: Reserved, now: number): Row {
  const { dialog } = subscription;
  const watcher = splitUri(subscription.watcher);
  const to = splitUri(dialog.localUri);
  const from = splitUri(dialog.remoteUri);
  return {
    presentity_uri: subscription.resource,
    watcher_username: watcher.user,
    watcher_domain: watcher.domain,
    to_user: to.user,
    to_domain: to.domain,
    event: subscription.package.name,
    event_id: subscription.eventId,
    to_tag: dialog.localTag,
    from_tag: dialog.remoteTag,
    callid: dialog.callId,
    local_cseq: reserved.cseq,
    remote_cseq: dialog.remoteCseq,
    contact: dialog.remoteTarget,
    record_route: dialog.routeSet,
    expires: now + subscription.secondsLeft,
    status: Status[subscription.state],
    reason: subscription.reason,
    version: reserved.version,
    socket_info: subscription.socket.text,
    local_contact: subscription.contact,
    from_user: from.user,
    from_domain: from.domain,
    updated: -1,
    updated_winfo: -1,
    flags: subscription.takesGzip ? TAKES_GZIP : 0,
    user_agent: subscription.userAgent,
  };
}

/** What a row says. */
export interface KeptSubscription {
  readonly event: string;
  readonly eventId: string;
  readonly resource: string;
  readonly watcher: string;
  readonly dialog: DialogParts;
  readonly contact: string;
  /** As sockets are named: `udp:10.0.0.1:5060`. */
  readonly socket: string;
  readonly userAgent: string;
  readonly state: "active" | "pending";
  /** Wall clock seconds. */
  readonly expiresAt: number;
  readonly version: number;
  readonly takesGzip: boolean;
  readonly row: Row;
}

/** Reads a row; undefined when a subscription cannot be made of it. */
export function readRow(row: Row): KeptSubscription | undefined {
  const kept: KeptSubscription = {
    event: textOf(row["event"]),
    eventId: textOf(row["event_id"]),
    resource: textOf(row["presentity_uri"]),
    watcher: joinUri(textOf(row["watcher_username"]), textOf(row["watcher_domain"])),
    dialog: {
      callId: textOf(row["callid"]),
      localTag: textOf(row["to_tag"]),
      localUri: joinUri(textOf(row["to_user"]), textOf(row["to_domain"])),
      remoteTag: textOf(row["from_tag"]),
      remoteUri: joinUri(textOf(row["from_user"]), textOf(row["from_domain"])),
      routeSet: textOf(row["record_route"]),
      remoteTarget: textOf(row["contact"]),
      localCseq: numberOf(row["local_cseq"]),
      remoteCseq: numberOf(row["remote_cseq"]),
    },
    contact: textOf(row["local_contact"]),
    socket: textOf(row["socket_info"]),
    userAgent: textOf(row["user_agent"]),
    state: row["status"] === Status.active ? "active" : "pending",
    expiresAt: numberOf(row["expires"]),
    version: numberOf(row["version"]),
    takesGzip: (numberOf(row["flags"]) & TAKES_GZIP) !== 0,
    row,
  };
  const { callId, localTag, remoteTag, remoteTarget } = kept.dialog;
  const isWhole = callId !== "" && localTag !== "" && remoteTag !== "" && remoteTarget !== "";
  // Ended ones wait for nothing but their removal.
  return isWhole && row["status"] !== Status.terminated ? kept : undefined;
}

/** The columns of a row's key. */
export function keyOf(row: Row): Row {
  return Object.fromEntries(DIALOG_KEY.map((name) => [name, row[name] ?? null]));
}

/**
 * User and domain of a URI, so that joining them gives the same URI. Ports and parameters stay with the domain; a URI of another
 * scheme than `sip` stands there whole, in angle brackets.
 */
function splitUri(uri: string): { readonly user: string; readonly domain: string } {
  if (!/^sip:/i.test(uri)) return { user: "", domain: `<${uri}>` };
  const rest = uri.slice(4);
  const at = rest.indexOf("@");
  if (at < 0) return { user: "", domain: rest };
  return { user: rest.slice(0, at), domain: rest.slice(at + 1) };
}

function joinUri(user: string, domain: string): string {
  if (user !== "") return `sip:${user}@${domain}`;
  return domain.startsWith("<") ? domain.slice(1, -1) : `sip:${domain}`;
}

function textOf(value: SqlValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: SqlValue | undefined): number {
  return typeof value === "number" ? value : 0;
}
