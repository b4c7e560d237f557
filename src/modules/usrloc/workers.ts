/** Contacts that other workers own: asking for them, and answering. */
import type { ListenSocket } from "../../runtime/transport.ts";
import { type AttributeRow, attributeOf, attributeRow } from "../../runtime/workers/attributes.ts";
import type { Workers } from "../../runtime/workers/group.ts";
import { NONE } from "./contact-records.ts";
import { Contact } from "./contact.ts";
import type { Location } from "./location.ts";
import type { Table } from "./table.ts";

const Topic = { find: "usrloc.find", temporary: "usrloc.temporary" } as const;

/** A contact on its way between workers. */
type ContactRow = Pick<
  Contact,
  | "aor"
  | "uri"
  | "expires"
  | "q"
  | "callId"
  | "cseq"
  | "flags"
  | "branchFlags"
  | "userAgent"
  | "methods"
  | "received"
  | "path"
  | "instance"
  | "regId"
  | "ruid"
  | "serverId"
  | "displayName"
  | "features"
  | "owner"
  | "gruu"
  | "modified"
  | "created"
> & { readonly socket: number; readonly attributes: readonly AttributeRow[] | null };

interface FindRequest {
  readonly table: string;
  readonly key: string;
}

/** User part of a key of tables, by which the worker that owns it is found; "" of a domain alone. */
export function userOf(aor: string, useDomain: boolean): string {
  return useDomain ? aor.slice(0, Math.max(0, aor.lastIndexOf("@"))) : aor;
}

/** One worker's view of all tables of the server. */
export class SharedLocation {
  readonly #workers: Workers;
  readonly #location: Location;
  readonly #sockets: readonly ListenSocket[];

  constructor(workers: Workers, location: Location, sockets: readonly ListenSocket[]) {
    this.#workers = workers;
    this.#location = location;
    this.#sockets = sockets;
    workers.handle(Topic.find, (request) => {
      const { table, key } = request as FindRequest;
      return rowsOf(this.#location.findTable(table)?.first(key));
    });
    workers.handle(Topic.temporary, (request) => {
      const { table, key } = request as FindRequest;
      const contact = this.#location.findTable(table)?.byRuid(key);
      return contact === undefined || contact.instance === null ? [] : [toRow(contact)];
    });
  }

  /** The worker that has an address of record, given as a key of tables; -1: this one. */
  ownerOf(aor: string): number {
    const user = userOf(aor, this.#location.useDomain);
    const owner = this.#workers.ownerOfUser(user);
    return owner === this.#workers.index ? -1 : owner;
  }

  /** Copies of the contacts that another worker has; they are in no table. */
  async find(table: Table, aor: string, owner: number): Promise<Contact | undefined> {
    const rows = await this.#workers.call(owner, Topic.find, { table: table.name, key: aor });
    return this.#contacts(table, rows as readonly ContactRow[]);
  }

  /** A copy of the contact with this ruid, from whoever has it. */
  async findTemporary(table: Table, ruid: string): Promise<Contact | undefined> {
    const request: FindRequest = { table: table.name, key: ruid };
    const answers = await this.#workers.callOthers(Topic.temporary, request);
    return this.#contacts(table, (answers as ContactRow[][]).flat());
  }

  #contacts(table: Table, rows: readonly ContactRow[]): Contact | undefined {
    let first: Contact | null = null;
    for (let i = rows.length - 1; i >= 0; i--) {
      const contact = this.#fromRow(table, rows[i] as ContactRow);
      contact.following = first;
      first = contact;
    }
    return first ?? undefined;
  }

  #fromRow(table: Table, row: ContactRow): Contact {
    const { socket, attributes, ...rest } = row;
    const contact = new Contact(table, NONE, 0);
    Object.assign(contact, rest);
    contact.socket = this.#sockets[socket] ?? null;
    contact.attributes = attributes === null ? null : attributes.map(attributeOf);
    return contact;
  }
}

function rowsOf(first: Contact | undefined): ContactRow[] {
  const rows: ContactRow[] = [];
  for (let contact = first ?? null; contact !== null; contact = contact.next) {
    rows.push(toRow(contact));
  }
  return rows;
}

function toRow(contact: Contact): ContactRow {
  return {
    aor: contact.aor,
    uri: contact.uri,
    expires: contact.expires,
    q: contact.q,
    callId: contact.callId,
    cseq: contact.cseq,
    flags: contact.flags,
    branchFlags: contact.branchFlags,
    userAgent: contact.userAgent,
    methods: contact.methods,
    received: contact.received,
    path: contact.path,
    instance: contact.instance,
    regId: contact.regId,
    ruid: contact.ruid,
    serverId: contact.serverId,
    displayName: contact.displayName,
    features: contact.features,
    owner: contact.owner === null ? null : { label: contact.owner.label },
    gruu: contact.gruu,
    modified: contact.modified,
    created: contact.created,
    socket: contact.socket?.index ?? -1,
    attributes: contact.attributes === null ? null : contact.attributes.map(attributeRow),
  };
}
