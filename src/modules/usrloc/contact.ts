/** One binding of an address of record to a contact, as others see it. */
import type { XavpValue } from "../../runtime/lists.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import { idOf, NONE } from "./contact-records.ts";
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

/** What the database has of a contact (bits). */
export const Stored = { contact: 1, details: 2 } as const;

/**
 * A contact as it is seen: it lies in a record outside of V8's heap, and this shows what is there. Many are made for one contact over
 * time, so contacts are told apart by `id`, never by being the same object. What `Table` hands out or changes shows the state of
 * that moment; later changes show while it is among those used last (`contact_cache`). One that has left its table
 * shows its last state for good.
 */
export class Contact {
  // In front what each request looks at first: it lies in one line of the processor's cache.
  aor = "";
  /** What a module has worked out from the fields and may use again while they are as they were. */
  memo: unknown = null;
  /** Where it lies; NONE: it is a copy of what another worker has. */
  readonly record: number;
  readonly generation: number;
  /** Its place among the contacts used last; NONE: it is not one of them. */
  place = NONE;
  uri = "";
  expires = 0;
  q = -1;
  callId = "";
  cseq = 0;
  flags = 0;
  branchFlags = 0;
  userAgent = "";
  methods = -1;
  received: string | null = null;
  path: string | null = null;
  socket: ListenSocket | null = null;
  instance: string | null = null;
  regId = 0;
  /** Unique among all contacts of this engine and, in practice, of its peers. */
  ruid = "";
  serverId = 0;
  displayName: string | null = null;
  features: string | null = null;
  owner: ContactOwner | null = null;
  attributes: readonly XavpValue[] | null = null;
  memoryOnly = false;
  gruu: ForeignGruu | null = null;
  /** Wall clock seconds of the last change, and of the first registration. */
  modified = 0;
  created = 0;
  /** Bits of `Stored`; `Table.mark` changes them. */
  stored = 0;
  readonly table: Table;
  /** Of copies: the next one of the same address of record. */
  following: Contact | null = null;

  constructor(table: Table, record: number, generation: number) {
    this.table = table;
    this.record = record;
    this.generation = generation;
  }

  /** No other contact ever has the same number, in any table; 0: a copy. */
  get id(): number {
    return this.record === NONE ? 0 : idOf(this.record, this.generation);
  }

  /** Next contact of the same address of record. */
  get next(): Contact | null {
    return this.record === NONE ? this.following : this.table.next(this);
  }

  /** False once it has been taken out of its table, and for copies. */
  get isStored(): boolean {
    return this.record !== NONE && this.table.has(this);
  }

  /** Whether requests may be sent to it at this time (wall clock seconds). */
  isValid(now: number): boolean {
    return this.expires > now || this.expires === 0;
  }
}
