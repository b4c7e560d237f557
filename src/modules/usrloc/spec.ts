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

const DATABASE_ONLY = "it is used with a database only, and contacts are kept in memory";
const TCP_ONLY = "contacts are reached over UDP only so far";

const column = (what: string, name: string) =>
  ({
    type: "str",
    default: name,
    doc: `Database column of ${what}.`,
    ignored: DATABASE_ONLY,
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
    db_mode: {
      type: "int",
      default: 0,
      values: [0, 1, 2, 3, 4],
      doc: "0: contacts are kept in memory only. Other values (1 write-through, 2 write-back, 3 database only, 4 read at start) need a storage driver; there is none yet, so they are refused at start.",
    },
    db_url: {
      type: "str",
      doc: "The database of contacts.",
      ignored: DATABASE_ONLY,
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
      doc: "Whether stored contacts are read at start.",
      ignored: DATABASE_ONLY,
    },
    db_insert_update: {
      type: "flag",
      default: false,
      doc: "Insert turns into an update when the key exists.",
      ignored: DATABASE_ONLY,
    },
    db_update_as_insert: {
      type: "flag",
      default: false,
      doc: "Updates are written as inserts.",
      ignored: DATABASE_ONLY,
    },
    db_check_update: {
      type: "flag",
      default: false,
      doc: "An update that changed nothing is followed by an insert.",
      ignored: DATABASE_ONLY,
    },
    db_ops_ruid: {
      type: "int",
      default: 1,
      doc: "Rows are found by ruid.",
      ignored: DATABASE_ONLY,
    },
    db_raw_fetch_type: {
      type: "int",
      default: 0,
      doc: "Form of the raw query.",
      ignored: DATABASE_ONLY,
    },
    db_insert_null: {
      type: "flag",
      default: false,
      doc: "Empty columns are written as NULL.",
      ignored: DATABASE_ONLY,
    },
    db_timer_clean: {
      type: "flag",
      default: false,
      doc: "Expired rows are deleted by a timer.",
      ignored: DATABASE_ONLY,
    },
    db_clean_tcp: {
      type: "flag",
      default: false,
      doc: "Rows of stream transports are deleted at start.",
      ignored: DATABASE_ONLY,
    },
    fetch_rows: {
      type: "int",
      default: 2000,
      doc: "Rows read at once.",
      ignored: DATABASE_ONLY,
    },
    expires_type: {
      type: "int",
      default: 0,
      doc: "Column type of times.",
      ignored: DATABASE_ONLY,
    },
    skip_remote_socket: {
      type: "flag",
      default: false,
      doc: "Rows of other sockets are not read.",
      ignored: DATABASE_ONLY,
    },
    rm_expired_delay: {
      type: "int",
      default: 0,
      doc: "Seconds until expired rows are deleted.",
      ignored: DATABASE_ONLY,
    },
    server_id_filter: {
      type: "flag",
      default: false,
      doc: "Only rows of this server are read.",
      ignored: DATABASE_ONLY,
    },
    version_table: {
      type: "flag",
      default: true,
      doc: "The table's version is checked.",
      ignored: DATABASE_ONLY,
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
      doc: "All contacts of all tables; with `brief` only the addresses of record.",
      params: "[brief]",
    },
    "ul.lookup": { doc: "The contacts of an address of record.", params: "table aor" },
    "ul.rm": { doc: "Removes all contacts of an address of record.", params: "table aor" },
    "ul.rm_contact": { doc: "Removes one contact.", params: "table aor contact" },
    "ul.add": {
      doc: "Adds a contact, or changes it. `0` or `.` stands for a path, received or socket that is not set; expires 0: for ever.",
      params: "table aor contact expires q path flags cflags methods [received [socket]]",
    },
    "ul.flush": { doc: "Writes changes to the database: nothing to do with contacts in memory." },
    "ul.db_users": {
      doc: "Number of users in the database: an error with contacts in memory.",
      params: "table",
    },
    "ul.db_contacts": {
      doc: "Number of contacts in the database: an error with contacts in memory.",
      params: "table",
    },
    "ul.db_expired_contacts": {
      doc: "Number of expired contacts in the database: an error with contacts in memory.",
      params: "table",
    },
  },
  notes: [
    {
      title: "Statistics",
      text: "For each table NAME: `usrloc.NAME_users`, `usrloc.NAME_contacts`, `usrloc.NAME_expires`; for all together `usrloc.registered_users`.",
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
