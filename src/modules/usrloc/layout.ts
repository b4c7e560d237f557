/** The tables of contacts in a database, in Kamailio's layout, and contacts as their rows. */
import { XavpNode, type XavpValue } from "../../runtime/lists.ts";
import type { Column, Row, SqlValue, TableLayout } from "../../runtime/storage/storage.ts";
import type { Contact, ContactInfo } from "./contact.ts";

/** Names of the columns that parameters can change. */
export interface ColumnNames {
  readonly user: string;
  readonly domain: string;
  readonly contact: string;
  readonly expires: string;
  readonly q: string;
  readonly callId: string;
  readonly cseq: string;
  readonly methods: string;
  readonly flags: string;
  readonly branchFlags: string;
  readonly userAgent: string;
  readonly received: string;
  readonly socket: string;
  readonly path: string;
  readonly ruid: string;
  readonly instance: string;
  readonly regId: string;
  readonly serverId: string;
  readonly connectionId: string;
  readonly keepalive: string;
  readonly partition: string;
}

/** How contacts become rows. */
export interface RowRules {
  readonly names: ColumnNames;
  readonly useDomain: boolean;
  /** Mask of the branch flags of contacts behind a NAT. */
  readonly natFlags: number;
  /** Times are wall clock seconds instead of dates (`expires_type`). */
  readonly hasNumericTimes: boolean;
}

/** As Kamailio 5.6.3. */
const LOCATION_VERSION = 9;
const ATTRIBUTES_VERSION = 1;
const DETAILS_VERSION = 1;
/** As Kamailio: for contacts that did not come over a connection. */
const NO_CONNECTION = -1;
/** Methods when all are allowed. */
const ALL_METHODS = -1;

const text = (name: string, size: number): Column => ({
  name,
  type: "string",
  size,
  default: "",
});
const optionalText = (name: string, size: number): Column => ({
  name,
  type: "string",
  size,
  isNullable: true,
});
const number = (name: string, value = 0): Column => ({ name, type: "int", default: value });

/** Whether a name can stand in statements as it is. */
export function isSqlName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** A table of contacts. `isChecked`: whether its version must be the right one. */
export function locationLayout(table: string, rules: RowRules, isChecked: boolean): TableLayout {
  const { names, hasNumericTimes } = rules;
  const time = (name: string, value: string): Column =>
    hasNumericTimes ? number(name) : { name, type: "datetime", default: value };
  return {
    name: table,
    version: isChecked ? LOCATION_VERSION : 0,
    columns: [
      text(names.ruid, 64),
      text(names.user, 64),
      optionalText(names.domain, 64),
      text(names.contact, 512),
      optionalText(names.received, 128),
      optionalText(names.path, 512),
      time(names.expires, "2030-05-28 21:32:15"),
      { name: names.q, type: "double", default: 1 },
      { name: names.callId, type: "string", size: 255, default: "Default-Call-ID" },
      number(names.cseq, 1),
      time("last_modified", "2000-01-01 00:00:01"),
      number(names.flags),
      number(names.branchFlags),
      text(names.userAgent, 255),
      optionalText(names.socket, 64),
      { name: names.methods, type: "int", isNullable: true },
      optionalText(names.instance, 255),
      number(names.regId),
      number(names.serverId),
      number(names.connectionId),
      number(names.keepalive),
      number(names.partition),
    ],
    unique: [[names.ruid]],
    indexes: [
      [names.user, names.domain, names.contact],
      [names.expires],
      [names.connectionId],
      [names.serverId, names.connectionId],
    ],
  };
}

/** What `xavp_contact` keeps with contacts: one row for each value. */
export function attributesLayout(rules: RowRules): TableLayout {
  return {
    name: "location_attrs",
    version: ATTRIBUTES_VERSION,
    columns: [
      text("ruid", 64),
      text("username", 64),
      optionalText("domain", 64),
      text("aname", 64),
      number("atype"),
      text("avalue", 512),
      rules.hasNumericTimes
        ? number("last_modified")
        : { name: "last_modified", type: "datetime", default: "2000-01-01 00:00:01" },
    ],
    indexes: [["username", "domain", "ruid"], ["last_modified"]],
  };
}

/** What Kamailio's tables have no columns for; a table of our own beside that of the contacts. */
export function detailsLayout(table: string): TableLayout {
  return {
    name: `${table}_details`,
    version: DETAILS_VERSION,
    columns: [
      text("ruid", 64),
      number("created"),
      { name: "display_name", type: "text", isNullable: true },
      { name: "features", type: "text", isNullable: true },
    ],
    unique: [["ruid"]],
  };
}

export function locationRow(contact: Contact, rules: RowRules): Row {
  const { names } = rules;
  const { user, domain } = splitAor(contact.aor, rules.useDomain);
  return {
    [names.ruid]: contact.ruid,
    [names.user]: user,
    [names.domain]: domain,
    [names.contact]: contact.uri,
    [names.received]: contact.received,
    [names.path]: contact.path,
    [names.expires]: timeValue(contact.expires, rules),
    [names.q]: contact.q < 0 ? -1 : contact.q / 1000,
    [names.callId]: contact.callId,
    [names.cseq]: contact.cseq,
    last_modified: timeValue(contact.modified, rules),
    [names.flags]: contact.flags,
    [names.branchFlags]: contact.branchFlags,
    [names.userAgent]: contact.userAgent,
    [names.socket]: contact.socket?.text ?? null,
    [names.methods]: contact.methods === ALL_METHODS ? null : contact.methods,
    [names.instance]: contact.instance,
    [names.regId]: contact.regId,
    [names.serverId]: contact.serverId,
    [names.connectionId]: NO_CONNECTION,
    [names.keepalive]: (contact.branchFlags & rules.natFlags) === 0 ? 0 : 1,
    [names.partition]: 0,
  };
}

export function detailsRow(contact: Contact): Row {
  return {
    ruid: contact.ruid,
    created: contact.created,
    display_name: contact.displayName,
    features: contact.features,
  };
}

/** As Kamailio: texts and numbers of the first `$xavp` are kept, each with its type. */
export function attributeRows(contact: Contact, rules: RowRules): Row[] {
  const [node] = contact.attributes ?? [];
  if (!(node instanceof XavpNode)) return [];
  const { user, domain } = splitAor(contact.aor, rules.useDomain);
  const rows: Row[] = [];
  for (const [name, values] of node.fields) {
    for (const value of values) {
      if (typeof value !== "string" && typeof value !== "number") continue;
      rows.push({
        ruid: contact.ruid,
        username: user,
        domain,
        aname: name,
        atype: typeof value === "number" ? 1 : 0,
        avalue: String(value),
        last_modified: timeValue(contact.modified, rules),
      });
    }
  }
  return rows;
}

/** Adds the value of a row of attributes to those of its contact. */
export function addAttribute(attributes: readonly XavpValue[], row: Row): void {
  const [node] = attributes;
  const name = textOf(row["aname"]);
  const written = textOf(row["avalue"]) ?? "";
  if (!(node instanceof XavpNode) || name === null) return;
  const value = row["atype"] === 1 ? Number(written) : written;
  const values = node.fields.get(name);
  if (values === undefined) node.fields.set(name, [value]);
  else values.push(value);
}

/** What a row says of a contact, the socket excepted; the address of record, or null when the row makes no sense. */
export function readRow(row: Row, rules: RowRules, info: ContactInfo): string | null {
  const { names } = rules;
  const user = textOf(row[names.user]) ?? "";
  const uri = textOf(row[names.contact]);
  const ruid = textOf(row[names.ruid]);
  const domain = rules.useDomain ? textOf(row[names.domain]) : null;
  const aor = domain === null ? user : `${user}@${domain}`;
  if (aor === "" || uri === null || ruid === null) return null;
  info.reset();
  info.ruid = ruid;
  info.uri = uri;
  info.expires = secondsOf(row[names.expires]);
  const q = row[names.q];
  info.q = typeof q !== "number" || q < 0 ? -1 : Math.round(q * 1000);
  info.callId = textOf(row[names.callId]) ?? "";
  info.cseq = numberOf(row[names.cseq]);
  info.flags = numberOf(row[names.flags]);
  info.branchFlags = numberOf(row[names.branchFlags]);
  info.userAgent = textOf(row[names.userAgent]) ?? "";
  const methods = row[names.methods];
  info.methods = typeof methods === "number" ? methods | 0 : ALL_METHODS;
  info.received = textOf(row[names.received]);
  info.path = textOf(row[names.path]);
  info.instance = textOf(row[names.instance]);
  info.regId = numberOf(row[names.regId]);
  info.serverId = numberOf(row[names.serverId]);
  return aor;
}

/** Wall clock seconds of a column; 0 when it holds none. */
export function secondsOf(value: SqlValue | undefined): number {
  if (value instanceof Date) return Math.floor(value.getTime() / 1000);
  return numberOf(value);
}

/** A time as the columns of the tables hold it. */
export function timeValue(seconds: number, rules: RowRules): SqlValue {
  return rules.hasNumericTimes ? seconds : new Date(seconds * 1000);
}

export function numberOf(value: SqlValue | undefined): number {
  return typeof value === "number" ? Math.trunc(value) : 0;
}

/** As Kamailio: an empty text of another program counts as none. */
export function textOf(value: SqlValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function splitAor(aor: string, useDomain: boolean): { user: string; domain: string | null } {
  const at = useDomain ? aor.lastIndexOf("@") : -1;
  return at < 0
    ? { user: aor, domain: null }
    : { user: aor.slice(0, at), domain: aor.slice(at + 1) };
}
