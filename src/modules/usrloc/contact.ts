/** One binding of an address of record to a contact, as it lies in memory. */
import type { XavpValue } from "../../runtime/lists.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import type { Table } from "./table.ts";

/** Who a mirrored contact was learnt from. Contacts with an owner are never published again. */
export interface ContactOwner {
  /** Named in `ul.dump` and in logs. */
  readonly label: string;
}

/** Why a contact left its table. */
export type RemovalCause =
  /** Its user agent asked for it (RFC 3261, 10.2.2). */
  | "unregistered"
  /** Its lifetime ran out. */
  | "expired"
  /** The operator or the script removed it. */
  | "removed"
  /** Another contact took its place (`save` with flag 4). */
  | "replaced"
  /** It was learnt from another server, which no longer has it. */
  | "withdrawn";

/**
 * What is known of a contact before it is stored. One object is used again and again by its owner: a table copies
 * what it keeps.
 */
export class ContactInfo {
  uri = "";
  /** Wall clock seconds; 0: does not expire. */
  expires = 0;
  /** Preference in thousandths; -1: none. */
  q = -1;
  callId = "";
  cseq = 0;
  flags = 0;
  branchFlags = 0;
  userAgent = "";
  /** Bit mask of methods, -1: all. */
  methods = -1;
  /** URI of the address that the request came from, when it differs from the contact. */
  received: string | null = null;
  /** Route set as the value of a Path header (RFC 3327). */
  path: string | null = null;
  socket: ListenSocket | null = null;
  /** Value of +sip.instance as written within its quotes (RFC 5626, 4.1). */
  instance: string | null = null;
  /** RFC 5626, 4.2; 0: none. */
  regId = 0;
  /** Given for contacts that come from elsewhere; null: a new one is made. */
  ruid: string | null = null;
  serverId = 0;
  displayName: string | null = null;
  /** Contact parameters that have no field of their own, as written: `audio;+g.3gpp.smsip`. */
  features: string | null = null;
  owner: ContactOwner | null = null;
  attributes: readonly XavpValue[] | null = null;
  /** Whether it stays out of the database. */
  memoryOnly = false;
  /** Public and temporary GRUU that another server assigned (RFC 5627). */
  gruu: ForeignGruu | null = null;

  /** Back to the state of a new object. */
  reset(): void {
    this.uri = "";
    this.expires = 0;
    this.q = -1;
    this.callId = "";
    this.cseq = 0;
    this.flags = 0;
    this.branchFlags = 0;
    this.userAgent = "";
    this.methods = -1;
    this.received = null;
    this.path = null;
    this.socket = null;
    this.instance = null;
    this.regId = 0;
    this.ruid = null;
    this.serverId = 0;
    this.displayName = null;
    this.features = null;
    this.owner = null;
    this.attributes = null;
    this.memoryOnly = false;
    this.gruu = null;
  }
}

/** GRUUs of a mirrored contact. */
export interface ForeignGruu {
  readonly publicUri: string | null;
  readonly temporaryUri: string | null;
}

/** A stored contact. The contacts of an address of record are a list linked by `next`. */
export class Contact {
  aor: string;
  uri: string;
  expires: number;
  q: number;
  callId: string;
  cseq: number;
  flags: number;
  branchFlags: number;
  userAgent: string;
  methods: number;
  received: string | null;
  path: string | null;
  socket: ListenSocket | null;
  instance: string | null;
  regId: number;
  /** Unique among all contacts of this engine and, in practice, of its peers. */
  ruid: string;
  serverId: number;
  displayName: string | null;
  features: string | null;
  owner: ContactOwner | null;
  attributes: readonly XavpValue[] | null;
  memoryOnly: boolean;
  gruu: ForeignGruu | null;
  /** Wall clock seconds of the last change, and of the first registration. */
  modified: number;
  created: number;
  readonly table: Table;
  /** Next contact of the same address of record. */
  next: Contact | null = null;
  /** Neighbours in the expiry wheel; a contact that is not in it has no slot (-1). */
  wheelNext: Contact | null = null;
  wheelPrevious: Contact | null = null;
  wheelSlot = -1;
  /** What the database has of the fields that seldom change; undefined: it does not have the contact. */
  storedName: string | null | undefined = undefined;
  storedFeatures: string | null = null;
  /** False once it has been taken out of its table. */
  isStored = true;

  /** The table gives it its ruid. */
  constructor(table: Table, aor: string, info: ContactInfo, now: number) {
    this.table = table;
    this.aor = aor;
    this.ruid = info.ruid ?? "";
    this.uri = info.uri;
    this.expires = info.expires;
    this.q = info.q;
    this.callId = info.callId;
    this.cseq = info.cseq;
    this.flags = info.flags;
    this.branchFlags = info.branchFlags;
    this.userAgent = info.userAgent;
    this.methods = info.methods;
    this.received = info.received;
    this.path = info.path;
    this.socket = info.socket;
    this.instance = info.instance;
    this.regId = info.regId;
    this.serverId = info.serverId;
    this.displayName = info.displayName;
    this.features = info.features;
    this.owner = info.owner;
    this.attributes = info.attributes;
    this.memoryOnly = info.memoryOnly;
    this.gruu = info.gruu;
    this.modified = now;
    this.created = now;
  }

  /** Whether requests may be sent to it at this time (wall clock seconds). */
  isValid(now: number): boolean {
    return this.expires > now || this.expires === 0;
  }
}
