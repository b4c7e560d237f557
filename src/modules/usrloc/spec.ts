/** Declaration of usrloc: where users are registered. */
import { declareModule } from "../../runtime/module.ts";
import type { UsrlocApi } from "./api.ts";

export { aorHash, Contact, ContactInfo, Order } from "./api.ts";
export type {
  ContactChange,
  ContactOwner,
  ForeignGruu,
  RemovalCause,
  Table,
  UsrlocApi,
  UsrlocListener,
} from "./api.ts";

const WHOLE_ROWS = "rows are replaced as a whole, found by their ruid";
const TCP_ONLY = "contacts are reached over UDP only so far";

const column = (what: string, name: string) =>
  ({
    type: "str",
    default: name,
    doc: `Database column of ${what}.`,
  }) as const;

export const usrloc = declareModule<UsrlocApi>()({
  name: "usrloc",
  doc: "The location tables: which contacts each address of record can be reached at, and for how long.",
  params: {
    nat_bflag: {
      type: "int",
      default: -1,
      min: -1,
      max: 31,
      doc: "Branch flag that marks contacts behind a NAT; -1: none.",
    },
    use_domain: {
      type: "flag",
      default: false,
      doc: "Whether the domain belongs to the address of record (`alice@a.org`) or the user alone does (`alice`).",
    },
    desc_time_order: {
      type: "flag",
      default: false,
      doc: "Contacts in order of their last change, newest first, instead of by preference.",
    },
    timer_interval: {
      type: "int",
      default: 60,
      min: 1,
      doc: "Seconds for which contacts that ran out stay in the table when registrar's `use_expired_contacts` is set.",
      departs:
        "Contacts are removed in the second in which they run out, not at the next run of a timer.",
    },
    matching_mode: {
      type: "int",
      default: 0,
      values: [0, 1, 2, 3],
      doc: "Which stored contact a REGISTER means: 0 the one with this URI, 1 with this URI and Call-ID, 2 with this URI and Path, 3 with this Call-ID.",
    },
    cseq_delay: {
      type: "int",
      default: 20,
      min: 0,
      doc: "Seconds within which a REGISTER with the CSeq that is stored counts as a retransmission and is answered again; 0: never.",
    },
    preload: {
      type: "str",
      multiple: true,
      doc: "Name of a table to make at the start; others are made when a function names them.",
    },
    xavp_contact: {
      type: "str",
      doc: "Name of a `$xavp` that `save` stores with each contact and `lookup` brings back.",
    },
    hash_size: {
      type: "int",
      default: 10,
      min: 1,
      doc: "Shown as the size (a power of two) of a table in `ul.dump`.",
      ignored: "tables grow as needed",
    },
    contact_cache: {
      type: "int",
      default: 16_384,
      min: 0,
      max: 16_777_216,
      doc: "Contacts used last that are kept ready as objects. All contacts are in memory in a compact form (some 300 bytes each), from which objects are made when they are asked for: a microsecond each. A larger number makes pauses of the garbage collector longer.",
      departs: "Kamailio has no such parameter.",
    },
    db_mode: {
      type: "int",
      default: 0,
      values: [0, 1, 2, 3, 4],
      doc: "0: contacts are kept in memory only. 1: `save` replies when the change is in the database. 2: changes are written every `timer_interval` seconds. 3: as 1. 4: contacts are read at the start and not written.",
      departs:
        "Contacts are always in memory too, so 3 is taken as 1. With 1, a database that is away does not hold up registrations: they are accepted, and written later.",
    },
    db_reply_wait: {
      type: "int",
      default: 500,
      min: 0,
      runtime: true,
      doc: "With `db_mode` 1: milliseconds that the reply to a REGISTER waits at most until the database has its contacts. After that, or when the database is away, it is sent without; the contacts are written when the database is back. 0: replies never wait.",
      departs: "Kamailio has no such parameter.",
    },
    db_url: {
      type: "str",
      doc: "The database of contacts, `sqlite:////var/lib/olelo/olelo.db`; see db_sqlite. Needed with `db_mode` 1 to 4.",
      departs: "There is no default.",
    },
    user_column: column("the user name", "username"),
    domain_column: column("the domain", "domain"),
    contact_column: column("the contact URI", "contact"),
    expires_column: column("the time of expiry", "expires"),
    q_column: column("the preference", "q"),
    callid_column: column("the Call-ID", "callid"),
    cseq_column: column("the CSeq", "cseq"),
    methods_column: column("the supported methods", "methods"),
    flags_column: column("the record's flags", "flags"),
    cflags_column: column("the branch flags", "cflags"),
    user_agent_column: column("the User-Agent", "user_agent"),
    received_column: column("the source address", "received"),
    socket_column: column("the local socket", "socket"),
    path_column: column("the Path", "path"),
    ruid_column: column("the unique id", "ruid"),
    instance_column: column("the instance id", "instance"),
    reg_id_column: column("the reg-id", "reg_id"),
    server_id_column: column("the server id", "server_id"),
    connection_id_column: column("the connection id", "connection_id"),
    keepalive_column: column("the keepalive state", "keepalive"),
    partition_column: column("the partition", "partition"),
    db_load: {
      type: "flag",
      default: true,
      doc: "Whether stored contacts are read at the start (`db_mode` 1 and 2; 4 always does).",
    },
    db_insert_update: {
      type: "flag",
      default: false,
      doc: "Insert turns into an update when the key exists.",
      ignored: WHOLE_ROWS,
    },
    db_update_as_insert: {
      type: "flag",
      default: false,
      doc: "Updates are written as inserts.",
      ignored: WHOLE_ROWS,
    },
    db_check_update: {
      type: "flag",
      default: false,
      doc: "An update that changed nothing is followed by an insert.",
      ignored: WHOLE_ROWS,
    },
    db_ops_ruid: {
      type: "int",
      default: 1,
      doc: "Rows are found by ruid.",
      ignored: WHOLE_ROWS,
    },
    db_raw_fetch_type: {
      type: "int",
      default: 0,
      doc: "Form of a query of `db_mode` 3.",
      ignored: "there is no such query here",
    },
    db_insert_null: {
      type: "flag",
      default: false,
      doc: "Empty columns are written as NULL.",
      ignored: "they always are",
    },
    db_timer_clean: {
      type: "flag",
      default: false,
      doc: "Expired rows are deleted by a timer.",
      ignored: "rows are deleted when their contacts run out",
    },
    db_clean_tcp: {
      type: "flag",
      default: false,
      doc: "Rows of stream transports are deleted at start.",
      ignored: TCP_ONLY,
    },
    fetch_rows: {
      type: "int",
      default: 2000,
      doc: "Rows read at once when contacts are loaded.",
      min: 1,
    },
    expires_type: {
      type: "int",
      default: 0,
      doc: "Type of the columns of times: 0 date and time, 1 a whole number of seconds.",
      values: [0, 1],
    },
    skip_remote_socket: {
      type: "flag",
      default: false,
      doc: "Whether rows are left out whose socket this engine does not listen on; otherwise their contacts are reached from any socket.",
    },
    rm_expired_delay: {
      type: "int",
      default: 0,
      doc: "Seconds until expired rows are deleted, of `db_mode` 3.",
      ignored: "rows are deleted when their contacts run out",
    },
    server_id_filter: {
      type: "flag",
      default: false,
      doc: "Whether only rows with this engine's `server_id` are read.",
    },
    version_table: {
      type: "flag",
      default: true,
      doc: "Whether the version of a location table must be the one of Kamailio 5.6 (9).",
    },
    load_rank: {
      type: "int",
      default: 1,
      doc: "Which process reads the stored contacts.",
      ignored: "there is one process",
    },
    timer_procs: {
      type: "int",
      default: 0,
      doc: "Number of processes for expiry.",
      ignored: "expiry is spread over the seconds and needs no process of its own",
    },
    handle_lost_tcp: {
      type: "flag",
      default: false,
      doc: "Contacts go when their connection is lost.",
      ignored: TCP_ONLY,
    },
    close_expired_tcp: {
      type: "flag",
      default: false,
      doc: "Connections are closed when their contact runs out.",
      ignored: TCP_ONLY,
    },
    ka_mode: {
      type: "int",
      default: 0,
      min: 0,
      max: 7,
      doc: "Keepalive requests to contacts: a sum of 1 (all), 2 (behind a NAT only), 4 (UDP only); 0: none.",
    },
    ka_method: {
      type: "str",
      default: "OPTIONS",
      doc: "Method of keepalive requests.",
    },
    ka_from: {
      type: "str",
      default: "sip:server@localhost",
      form: "uri",
      doc: "URI in From of keepalive requests.",
      departs: "Kamailio's default names its own project's host.",
    },
    ka_domain: {
      type: "str",
      default: "localhost",
      doc: "Domain in To of keepalive requests when addresses of record have none.",
      departs: "Kamailio's default names its own project's host.",
    },
    ka_filter: {
      type: "int",
      default: 0,
      doc: "1: only contacts with this engine's server id.",
    },
    ka_timeout: {
      type: "int",
      default: 0,
      min: 0,
      doc: "Seconds without an answer to keepalive requests after which a contact is removed; 0: never.",
    },
    ka_loglevel: {
      type: "int",
      default: 255,
      doc: "Log level for answers to keepalive requests; 255: none.",
    },
    ka_logmsg: {
      type: "str",
      default: " to-uri: [$tu] remote-addr: [$sas]",
      doc: "Text with variables that is logged with each answer.",
    },
  },
  rpc: {
    "ul.dump": {
      doc: "All contacts of all tables, in no particular order; with `brief` only the addresses of record. The list is made while it is read, so that a million contacts hold up nothing: what is there throughout is shown exactly once, what comes or goes meanwhile may be missing, and `Records` is the number of addresses of record at the beginning. Long lists are for jsonrpcs (FIFO or stream); kamcmd takes 128 kilobytes.",
      params: "[brief]",
    },
    "ul.lookup": {
      workers: "owner",
      doc: "The contacts of an address of record.",
      params: "table aor",
    },
    "ul.rm": {
      workers: "owner",
      doc: "Removes all contacts of an address of record.",
      params: "table aor",
    },
    "ul.rm_contact": { workers: "owner", doc: "Removes one contact.", params: "table aor contact" },
    "ul.add": {
      workers: "owner",
      doc: "Adds a contact, or changes it. `0` or `.` stands for a path, received or socket that is not set; expires 0: for ever.",
      params: "table aor contact expires q path flags cflags methods [received [socket]]",
    },
    "ul.flush": { workers: "every", doc: "Writes all changes to the database now." },
    "ul.db_users": {
      doc: "Number of addresses of record in the database; an error with `db_mode` 0.",
      params: "table",
    },
    "ul.db_contacts": {
      doc: "Number of contacts in the database that have not run out; an error with `db_mode` 0.",
      params: "table",
    },
    "ul.db_expired_contacts": {
      doc: "Number of expired contacts in the database; an error with `db_mode` 0.",
      params: "table",
    },
  },
  notes: [
    {
      title: "Statistics",
      text: "For each table NAME: `usrloc.NAME_users`, `usrloc.NAME_contacts`, `usrloc.NAME_expires`; for all together `usrloc.registered_users`. With a database for each of its tables: `usrloc.TABLE_waiting`, `TABLE_written`, `TABLE_refused`, `TABLE_dropped`, and `usrloc.unread_rows`, `usrloc.early_replies` (replies that did not wait for the database to the end).",
    },
    {
      title: "Memory",
      text: "A contact takes some 600 bytes; a million of them are looked up, refreshed, listed and run out as fast as a thousand. Node.js gives a process half of the machine's memory at most, and no more than 2 GB (4 GB where there are 16 or more): for a million contacts on a machine or in a container with less than 2 GB start it with `NODE_OPTIONS=--max-old-space-size=900` (megabytes).",
    },
    {
      title: "Contacts in a database",
      text: "Each table is kept in a database table of the same name, in Kamailio's layout (version 9); attributes of `xavp_contact` in `location_attrs`; what Kamailio has no columns for (display name, further parameters, time of the first registration) in `NAME_details`. All are made when they are missing. They are read before the first packet is handled; nobody is told of contacts that are read, or of those that ran out meanwhile, which are deleted. Contacts learnt from other servers are not written: they come back from there. Tables that functions name by a variable are read when they are first named; name them in `preload` as well.",
    },
    {
      title: "Contacts of other servers",
      text: "A contact that was learnt from another server (see pua_reginfo) is marked as foreign. A registration made here always takes its place, and it is never published again.",
    },
  ],
  departures: [
    "`ul.dump` shows two more fields of a contact that was learnt from another server: Foreign and its source.",
  ],
});
