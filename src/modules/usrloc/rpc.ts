/** The ul.* commands: what is in the tables, and changes by hand. */
import {
  RpcDouble,
  RpcError,
  RpcStruct,
  type RpcReply,
  type RpcValue,
} from "../../runtime/module.ts";
import type { Workers } from "../../runtime/workers/group.ts";
import { parseQ } from "../../sip/contact.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import { aorHash } from "./aor-hash.ts";
import type { UsrlocApi } from "./api.ts";
import { type Contact, ContactInfo } from "./contact.ts";
import { Dump } from "./dump.ts";
import { databaseCommands } from "./rpc-database.ts";
import type { LocationStore } from "./store.ts";
import type { Table } from "./table.ts";

type Params = readonly (string | number)[];

/** What the commands need beside the API. */
export interface RpcSurroundings {
  readonly api: UsrlocApi;
  /** Size of a table as shown. */
  readonly shownSize: number;
  /** The engine's socket of this text (`udp:127.0.0.1:5060`), if it has one. */
  socket(text: string): ListenSocket | undefined;
  /** Reply measurements of a contact's keepalive requests. */
  keepalive(contact: Contact): { readonly last: number; readonly roundTrip: number } | undefined;
  /** The other workers; null: there are none. */
  readonly workers: Workers | null;
  /** Contacts in a database; null: in memory only. */
  readonly store: LocationStore | null;
}

const NOT_SET = "[not set]";

function tableNamed(api: UsrlocApi, params: Params): Table {
  const table = api.findTable(String(params[0] ?? ""));
  if (table === undefined) throw new RpcError(500, "No location table of this name");
  return table;
}

/** Address of record as it is a key: without the domain when domains are not used. */
function aorOf(api: UsrlocApi, params: Params): string {
  const aor = String(params[1] ?? "");
  if (aor === "") throw new RpcError(500, "An address of record is needed");
  const at = aor.indexOf("@");
  if (at < 0) {
    if (api.useDomain) throw new RpcError(500, "The address of record needs a domain (use_domain)");
    return aor;
  }
  return api.useDomain ? aor : aor.slice(0, at);
}

function lifetime(contact: Contact, now: number): RpcValue {
  if (contact.expires === 0) return "permanent";
  return contact.expires > now ? contact.expires - now : "expired";
}

function describe(contact: Contact, around: RpcSurroundings): RpcStruct {
  const keepalive = around.keepalive(contact);
  const natted = (contact.branchFlags & around.api.natFlags) !== 0;
  const struct = new RpcStruct()
    .add("Address", contact.uri)
    .add("Expires", lifetime(contact, around.api.now()))
    .add("Q", contact.q < 0 ? -1 : new RpcDouble(contact.q / 1000))
    .add("Call-ID", contact.callId)
    .add("CSeq", contact.cseq)
    .add("User-Agent", contact.userAgent === "" ? NOT_SET : contact.userAgent)
    .add("Received", contact.received ?? NOT_SET)
    .add("Path", contact.path ?? NOT_SET)
    .add("State", "CS_NEW")
    .add("Flags", contact.flags)
    .add("CFlags", contact.branchFlags)
    .add("Socket", contact.socket?.text ?? NOT_SET)
    .add("Methods", contact.methods)
    .add("Ruid", contact.ruid)
    .add("Instance", contact.instance ?? NOT_SET)
    .add("Reg-Id", contact.regId)
    .add("Server-Id", contact.serverId)
    .add("Tcpconn-Id", -1)
    .add("Keepalive", natted ? 1 : 0)
    .add("Last-Keepalive", keepalive?.last ?? contact.modified)
    .add("KA-Roundtrip", keepalive?.roundTrip ?? 0)
    .add("Last-Modified", contact.modified);
  if (contact.owner !== null) struct.add("Foreign", 1).add("Source", contact.owner.label);
  return struct;
}

function contactsOf(first: Contact, around: RpcSurroundings): RpcValue[] {
  const list: RpcValue[] = [];
  for (let contact: Contact | null = first; contact !== null; contact = contact.next) {
    list.push(new RpcStruct().add("Contact", describe(contact, around)));
  }
  return list;
}

function describeAor(aor: string, first: Contact, around: RpcSurroundings): RpcStruct {
  const info = new RpcStruct()
    .add("AoR", aor)
    .add("HashID", aorHash(aor))
    .add("Contacts", contactsOf(first, around));
  return new RpcStruct().add("Info", info);
}

function lookup(params: Params, around: RpcSurroundings): RpcReply {
  const table = tableNamed(around.api, params);
  const aor = aorOf(around.api, params);
  const first = table.first(aor);
  if (first === undefined) throw new RpcError(500, "No such address of record in this table");
  return {
    values: [new RpcStruct().add("AoR", aor).add("Contacts", contactsOf(first, around))],
  };
}

function removeContact(params: Params, api: UsrlocApi): RpcReply {
  const table = tableNamed(api, params);
  const first = table.first(aorOf(api, params));
  if (first === undefined) throw new RpcError(404, "No such address of record");
  const uri = String(params[2] ?? "");
  for (let contact: Contact | null = first; contact !== null; contact = contact.next) {
    if (contact.uri !== uri) continue;
    const found = contact;
    api.together(() => table.remove(found, "removed"));
    return { values: [] };
  }
  throw new RpcError(404, "No such contact");
}

/** `0` and `.` stand for what is not set. */
function optionalText(value: string | number | undefined): string | null {
  const text = String(value ?? ".");
  return text === "." || text === "0" || text === "" ? null : text;
}

function wholeNumber(value: string | number | undefined): number {
  const number = Number(value);
  if (value === undefined || value === "" || !Number.isInteger(number)) {
    throw new RpcError(500, "Too few parameters, or one of the wrong form");
  }
  return number;
}

const MAX_EXPIRES = 0x7fffffff;

function add(params: Params, around: RpcSurroundings): RpcReply {
  const { api } = around;
  if (params.length < 9) throw new RpcError(500, "Too few parameters, or one of the wrong form");
  const table = tableNamed(api, params);
  const aor = aorOf(api, params);
  const info = new ContactInfo();
  info.uri = String(params[2]);
  const seconds = Math.min(wholeNumber(params[3]), MAX_EXPIRES);
  info.expires = seconds <= 0 ? 0 : api.now() + seconds;
  info.q = parseQ(String(params[4]));
  info.path = optionalText(params[5]);
  info.flags = wholeNumber(params[6]);
  info.branchFlags = wholeNumber(params[7]);
  info.methods = wholeNumber(params[8]) | 0;
  info.received = optionalText(params[9]);
  const socketText = optionalText(params[10]);
  info.socket = socketText === null ? null : (around.socket(socketText) ?? null);
  info.callId = `${api.instanceId}@rpc`;
  info.userAgent = "olelo RPC";
  api.together(() => {
    const known = table.match(aor, info);
    info.cseq = known === null ? 1 : known.cseq + 1;
    if (known === null) table.insert(aor, info);
    else table.update(known, info);
  });
  return { values: [] };
}

/** All commands, ready to be registered. */
export function rpcCommands(around: RpcSurroundings) {
  const { api } = around;
  const dump = new Dump(api, around.workers, around.shownSize, (aor, first) =>
    describeAor(aor, first, around),
  );
  return {
    "ul.dump": (params: Params) => dump.run(params[0] === "brief"),
    "ul.lookup": (params: Params) => lookup(params, around),
    "ul.rm": (params: Params): RpcReply => {
      const table = tableNamed(api, params);
      const aor = aorOf(api, params);
      api.together(() => table.removeAll(aor, "removed"));
      return { values: [] };
    },
    "ul.rm_contact": (params: Params) => removeContact(params, api),
    "ul.add": (params: Params) => add(params, around),
    ...databaseCommands(around.store),
  };
}
