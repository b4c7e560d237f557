/** The parameters of presence. */
import type { ParamSpec } from "../../dsl/catalog/spec.ts";

const IN_MEMORY = "all rows are read once, at the start";
const AT_ONCE = "watchers are told at once";
const OWN = "Kamailio has no such parameter.";

const table = (name: string, what: string) =>
  ({
    type: "str",
    default: name,
    doc: `Table of ${what} in the database.`,
  }) as const satisfies ParamSpec;

const number = (value: number, doc: string, ignored: string) =>
  ({ type: "int", default: value, doc, ignored }) as const satisfies ParamSpec;

/** Where state is kept beside memory. */
const storageParams = {
  db_url: {
    type: "str",
    doc: "Database in which publications and subscriptions outlive the process, such as `sqlite:////var/lib/olelo/presence.db`. Its driver must be loaded. Without it everything is in memory only.",
    departs: "Requests are served without a database too.",
  },
  presentity_table: table("presentity", "publications"),
  active_watchers_table: table("active_watchers", "subscriptions"),
  watchers_table: table("watchers", "decisions over watchers"),
  clean_period: {
    type: "int",
    default: 100,
    doc: "Seconds between looks for watchers who have waited for a decision for more than a day: they are removed from `watchers_table`. 0 or less: never.",
    departs: "Publications and subscriptions need no looks: they end at their own second.",
  },
  db_update_period: {
    type: "int",
    default: 100,
    doc: "With subs_db_mode 2: seconds for which a change of a subscription may wait for others before it is written, but no longer than one second. 0 or less: subscriptions are written at a clean stop only.",
    departs: "Kamailio loses up to so many seconds in a crash; here it is one second at most.",
  },
  db_reply_wait: {
    type: "int",
    default: 500,
    min: 0,
    runtime: true,
    doc: "Milliseconds that a reply to PUBLISH or SUBSCRIBE waits at most until the database has what it promises. After that, or when the database is away, it is sent without: the state is in memory, and is written when the database is back. 0: replies never wait.",
    departs: OWN,
  },
  restore_rate: {
    type: "int",
    default: 200,
    min: 1,
    runtime: true,
    doc: "NOTIFYs in a second with which watchers are told where things stand after a restart.",
    departs: OWN,
  },
  waitn_time: number(5, "Seconds for which NOTIFYs are collected.", AT_ONCE),
  notifier_poll_rate: number(10, "Looks per second of the notifier processes.", AT_ONCE),
  notifier_processes: number(1, "Number of notifier processes.", AT_ONCE),
  startup_mode: number(1, "Handling of short lifetimes after a restart.", IN_MEMORY),
  subs_db_mode: {
    type: "int",
    default: 2,
    values: [0, 1, 2, 3],
    doc: "With `db_url`: how subscriptions are kept. 0 in memory only; 1 each change is written at once, and the reply to SUBSCRIBE waits for it; 2 the reply goes at once, the change is written within a second (`db_update_period`); 3 as 1.",
    departs:
      "State is in memory in all modes, and rows are read at the start only: several servers cannot share one database, so 3 warns at the start.",
  },
  publ_cache: {
    type: "int",
    default: 1,
    values: [0, 1, 2],
    doc: "With `db_url`: how publications are kept. 0 and 1 each change is written at once, and the reply to PUBLISH waits for it; 2 in memory only.",
    departs: "State is in memory in all modes, and rows are read at the start only.",
  },
  subs_htable_size: number(9, "Size of a table as a power of two.", "tables grow as needed"),
  pres_htable_size: number(9, "Size of a table as a power of two.", "tables grow as needed"),
  fetch_rows: number(500, "Rows read at once.", IN_MEMORY),
  db_table_lock_type: number(1, "Whether tables are locked for writing.", IN_MEMORY),
  retrieve_order_by: {
    type: "str",
    default: "priority",
    doc: "Columns that publications are in order of with retrieve_order 1.",
    ignored: "publications are in order of priority, newer ones first among equals",
  },
  enable_dmq: {
    type: "int",
    default: 0,
    values: [0],
    doc: "Whether publications are shared with other servers over dmq. There is no dmq yet.",
  },
  timer_mode: number(1, "Which timer process is used.", "there is one process"),
  local_log_level: number(2, "Level of some debug messages.", "there are no such messages"),
  local_log_facility: {
    type: "str",
    doc: "Facility of some debug messages.",
    ignored: "there are no such messages",
  },
} as const satisfies Record<string, ParamSpec>;

/** All parameters. */
export const presenceParams = {
  ...storageParams,
  cseq_offset: {
    type: "int",
    default: 0,
    min: 0,
    runtime: true,
    doc: "How far the CSeq of a SUBSCRIBE may lie behind that of an earlier one.",
  },
  force_delete: {
    type: "flag",
    default: false,
    runtime: true,
    doc: "Whether publications that expire go without telling watchers.",
  },
  expires_offset: {
    type: "int",
    default: 0,
    min: 0,
    runtime: true,
    doc: "Seconds by which the reply to a PUBLISH shows less than what is granted.",
  },
  max_expires: {
    type: "int",
    default: 3600,
    min: 0,
    runtime: true,
    doc: "Longest time in seconds for SUBSCRIBE and PUBLISH; longer ones are shortened. 0: none.",
  },
  min_expires: {
    type: "int",
    default: 0,
    min: 0,
    runtime: true,
    doc: "Shortest time in seconds for SUBSCRIBE and PUBLISH; 0: none.",
    departs: "It holds for PUBLISH too, as RFC 3903 has it.",
  },
  min_expires_action: {
    type: "int",
    default: 1,
    values: [1, 2],
    runtime: true,
    doc: "What happens to a shorter time: 1 it is refused with 423, 2 it is raised.",
  },
  server_address: {
    type: "str",
    form: "uri",
    doc: "URI of this server for Contact in replies and NOTIFYs. When it is not set, it is made from the socket that the SUBSCRIBE came in on.",
  },
  send_fast_notify: {
    type: "int",
    default: 1,
    values: [0, 1],
    doc: "Whether a SUBSCRIBE is answered by a NOTIFY when nothing is known.",
    ignored: "each SUBSCRIBE is answered by a NOTIFY, as RFC 6665 demands",
  },
  enable_sphere_check: {
    type: "int",
    default: 0,
    doc: "Whether permission rules look at spheres.",
    ignored: "no event package with permission rules is there yet",
  },
  timeout_rm_subs: {
    type: "flag",
    default: true,
    runtime: true,
    doc: "Whether a NOTIFY that nobody answers ends the subscription (RFC 6665, 4.2.2).",
  },
  subs_remove_match: {
    type: "int",
    default: 0,
    values: [0, 1],
    doc: "What tells subscriptions apart when one is removed: 0 the To tag, 1 all of the dialog.",
    ignored: "it is always all of the dialog",
  },
  xavp_cfg: {
    type: "str",
    doc: "Name of the `$xavp` with which the script says more: `priority` of a publication, and `delete_subscription` (1) in event_route[presence:notify-reply].",
  },
  retrieve_order: {
    type: "int",
    default: 0,
    values: [0, 1],
    runtime: true,
    doc: "Order of publications: 0 by time, 1 by priority.",
  },
  sip_uri_match: {
    type: "int",
    default: 0,
    values: [0, 1],
    doc: "Whether user names differ by case: 0 they do, 1 they do not.",
  },
  pres_subs_mode: {
    type: "flag",
    default: true,
    doc: "Whether $subs(...) has values.",
  },
  delete_same_subs: {
    type: "flag",
    default: false,
    runtime: true,
    doc: "Whether a new subscription takes the place of one with the same resource and Call-ID.",
  },
  subs_respond_200: {
    type: "flag",
    default: true,
    runtime: true,
    doc: "Whether a SUBSCRIBE is accepted with 200, or with 202 as before RFC 6665.",
  },
  max_body: {
    type: "int",
    default: 65_536,
    min: 256,
    runtime: true,
    doc: "Longest document in bytes that may be published.",
    departs: OWN,
  },
  max_publications: {
    type: "int",
    default: 100_000,
    min: 1,
    runtime: true,
    doc: "Number of publications at one time; more are refused with 503.",
    departs: OWN,
  },
  max_resource_publications: {
    type: "int",
    default: 32,
    min: 1,
    runtime: true,
    doc: "Number of publications of one resource at one time; more are refused with 503.",
    departs: OWN,
  },
  max_subscriptions: {
    type: "int",
    default: 100_000,
    min: 1,
    runtime: true,
    doc: "Number of subscriptions at one time; more are refused with 503.",
    departs: OWN,
  },
  stop_retry_after: {
    type: "int",
    default: 10,
    min: 0,
    runtime: true,
    doc: "Seconds after which watchers are asked to come back when the engine stops and subscriptions are not in a database.",
    departs: OWN,
  },
} as const satisfies Record<string, ParamSpec>;
