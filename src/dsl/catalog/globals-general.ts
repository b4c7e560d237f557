/** Global parameters about logging, identity, parsing and the routing script. */
import type { GlobalTable } from "./globals.ts";

const PROCESSES = "one event loop does all the work, there are no worker processes";
const KEMI = "routing scripts in other languages are not built";
const ASYNC = "there are no worker groups: a route that waits does not block others";

/** Syslog's facilities, as they are written in a configuration. */
const facilities = [
  "LOG_KERN",
  "LOG_USER",
  "LOG_MAIL",
  "LOG_DAEMON",
  "LOG_AUTH",
  "LOG_SYSLOG",
  "LOG_LPR",
  "LOG_NEWS",
  "LOG_UUCP",
  "LOG_CRON",
  "LOG_AUTHPRIV",
  "LOG_FTP",
  "LOG_LOCAL0",
  "LOG_LOCAL1",
  "LOG_LOCAL2",
  "LOG_LOCAL3",
  "LOG_LOCAL4",
  "LOG_LOCAL5",
  "LOG_LOCAL6",
  "LOG_LOCAL7",
];

export const generalGlobals: GlobalTable = {
  debug: {
    type: "int",
    default: 0,
    doc: "Highest level of log lines that are written: -1 errors, 0 warnings, 1 notices, 2 infos, 3 debugging.",
  },
  corelog: {
    type: "int",
    default: -1,
    doc: "Level of the core's lines about messages that cannot be read.",
  },
  log_stderror: {
    type: "bool",
    default: 0,
    doc: "Writes the log to standard error instead of syslog.",
  },
  log_color: { type: "bool", default: 0, doc: "Colours log lines on a terminal." },
  log_facility: {
    type: "id",
    values: facilities,
    default: "LOG_DAEMON",
    doc: "Syslog facility of the log.",
  },
  log_name: { type: "str", doc: "Name of the program in log lines." },
  log_prefix: {
    type: "str",
    isFormat: true,
    doc: "Text before each log line that is written for a message; may hold variables.",
  },
  log_prefix_mode: {
    type: "int",
    default: 0,
    values: [0, 1],
    doc: "0: the prefix is evaluated once per message; 1: for every line.",
    ignored: "the prefix is always evaluated anew",
  },
  log_engine_type: {
    type: "str",
    doc: 'Form of the log: "json" or a form offered by a module.',
    ignored: "the form of the log is chosen on the command line",
  },
  log_engine_data: {
    type: "str",
    doc: "Settings for log_engine_type.",
    ignored: "the form of the log is chosen on the command line",
  },
  latency_cfg_log: {
    type: "int",
    default: 3,
    doc: "Level of the lines that tell how long a route block took.",
    ignored: "use a profiler: compiled routes show up under their names",
  },
  latency_log: {
    type: "int",
    default: -1,
    doc: "Level of the lines about actions that took too long.",
    ignored: "use a profiler: compiled routes show up under their names",
  },
  latency_limit_action: {
    type: "int",
    default: 0,
    min: 0,
    doc: "Microseconds after which an action is reported as slow; 0 never.",
    ignored: "use a profiler: compiled routes show up under their names",
  },
  latency_limit_cfg: {
    type: "int",
    default: 0,
    min: 0,
    doc: "Microseconds after which a whole route block is reported as slow; 0 never.",
    ignored: "use a profiler: compiled routes show up under their names",
  },
  latency_limit_db: {
    type: "int",
    default: 0,
    min: 0,
    doc: "Microseconds after which a database query is reported as slow; 0 never.",
    ignored: "use a profiler: compiled routes show up under their names",
  },
  verbose_startup: {
    type: "bool",
    default: 0,
    doc: "Says more at the start.",
    ignored: "the debug level decides",
  },
  sip_parser_log: {
    type: "int",
    default: 0,
    doc: "Level of lines about some faults in received messages.",
    ignored: "see corelog",
  },
  sip_parser_log_oneline: {
    type: "int",
    default: 0,
    doc: "Writes faults of received messages on one line.",
    ignored: "see corelog",
  },
  sip_parser_mode: {
    type: "int",
    default: 1,
    values: [0, 1],
    doc: "1: messages with repeated single headers are refused; 0: they pass.",
    ignored: "use sanity_check()",
  },

  alias: {
    type: "names",
    doc: "Host names (with port) that count as this server's, for `myself`.",
  },
  auto_aliases: {
    type: "bool",
    default: 1,
    doc: "Asks the DNS for names of the own addresses and counts them as this server's.",
  },
  advertised_address: {
    type: "text",
    doc: "Host that is written into Via and Record-Route instead of the socket's.",
  },
  advertised_port: {
    type: "int",
    min: 0,
    max: 65535,
    doc: "Port that is written into Via and Record-Route instead of the socket's.",
  },
  server_id: {
    type: "int",
    default: 0,
    min: 0,
    doc: "Number of this server among several; part of generated identifiers.",
  },
  server_header: {
    type: "str",
    doc: "The whole Server header (with its name) of replies generated here.",
  },
  server_signature: {
    type: "bool",
    default: 1,
    doc: "Whether generated replies and requests say which server made them.",
  },
  user_agent_header: {
    type: "str",
    doc: "The whole User-Agent header (with its name) of requests generated here.",
  },
  sip_warning: {
    type: "bool",
    default: 0,
    doc: "Adds a Warning header with routing details to generated replies.",
  },

  check_via: {
    type: "bool",
    default: 0,
    doc: "Drops replies whose topmost Via is not this server's.",
  },
  force_rport: {
    type: "bool",
    default: 0,
    doc: "Answers every request to the port that it came from (RFC 3581).",
  },
  local_rport: {
    type: "bool",
    default: 0,
    doc: "Asks for rport in the own Via of forwarded requests (RFC 3581).",
  },
  reply_to_via: {
    type: "bool",
    default: 0,
    doc: "Sends generated replies to the address in the topmost Via.",
  },
  onsend_route_reply: {
    type: "bool",
    default: 0,
    doc: "Runs onsend_route for replies, too.",
    ignored: "onsend_route sees requests only",
  },
  received_route_mode: {
    type: "int",
    default: 0,
    values: [0, 1],
    doc: "Runs event_route[core:msg-received] for every packet.",
    ignored: "event_route[core:msg-received] is not built",
  },
  phone2tel: {
    type: "bool",
    default: 1,
    doc: "Treats SIP URIs with user=phone as telephone numbers.",
    ignored: "not built",
  },
  http_reply_parse: {
    aliases: ["http_reply_hack"],
    type: "bool",
    default: 0,
    doc: "Reads HTTP replies as if they were SIP replies.",
    ignored: "HTTP is not built",
  },
  ipv6_hex_style: {
    type: "str",
    default: "c",
    values: ["a", "A", "c"],
    doc: "How IPv6 addresses are written: a/A expanded in small/capital letters, c compressed.",
    ignored: "addresses are written as the system gives them",
  },
  uri_host_extra_chars: {
    type: "str",
    doc: "Further characters that the host of a URI may have.",
    ignored: "such characters pass anyway",
  },
  hdr_name_extra_chars: {
    type: "str",
    doc: "Further characters that header names may have.",
    ignored: "such characters pass anyway",
  },
  xavp_via_params: {
    type: "str",
    doc: "Name of the xavp whose fields are added to the own Via as parameters.",
    ignored: "not built",
  },
  xavp_via_fields: {
    type: "str",
    doc: "Name of the xavp that holds host and port for the own Via.",
    ignored: "not built",
  },

  max_branches: {
    type: "int",
    default: 12,
    min: 1,
    max: 30,
    doc: "Branches that a request may be forked to.",
  },
  max_recursive_level: {
    type: "int",
    default: 256,
    min: 0,
    doc: "How deep routes may call routes.",
  },
  max_while_loops: {
    type: "int",
    default: 100,
    min: 0,
    doc: "Rounds after which a while loop is ended; 0 without end.",
  },
  route_locks_size: {
    type: "int",
    default: 0,
    min: 0,
    doc: "Locks by Call-ID that keep a dialog's messages in order.",
    ignored: "messages of one dialog are never handled at the same time",
  },
  pv_buffer_size: {
    type: "int",
    default: 8192,
    min: 0,
    doc: "Longest text that a string with variables may become.",
    ignored: "texts have no fixed buffer",
  },
  pv_buffer_slots: {
    type: "int",
    default: 10,
    min: 0,
    doc: "Buffers for strings with variables.",
    ignored: "buffers are managed by the runtime",
  },
  pv_cache_limit: {
    type: "int",
    default: 2048,
    min: 0,
    doc: "Variables in the cache before a warning.",
    ignored: "variables are compiled, there is no cache",
  },
  pv_cache_action: {
    type: "int",
    default: 0,
    values: [0, 1],
    doc: "What happens at pv_cache_limit.",
    ignored: "variables are compiled, there is no cache",
  },
  sql_buffer_size: {
    type: "int",
    default: 65535,
    min: 0,
    doc: "Longest database query.",
    ignored: "queries have no fixed buffer",
  },
  version_table: {
    type: "str",
    default: "version",
    doc: "Name of the table that holds the versions of all tables.",
  },
  stats_name_separator: {
    type: "str",
    default: "_",
    doc: "Character between the parts of generated names of statistics.",
  },

  async_workers: {
    type: "int",
    default: 0,
    min: 0,
    doc: "Worker processes for asynchronous tasks.",
    ignored: ASYNC,
  },
  async_nonblock: {
    type: "int",
    default: 0,
    doc: "Whether the queues of asynchronous workers block.",
    ignored: ASYNC,
  },
  async_usleep: {
    type: "int",
    default: 0,
    min: 0,
    doc: "Pause between two tasks of an asynchronous worker.",
    ignored: ASYNC,
  },
  async_workers_group: {
    type: "str",
    doc: "A named group of asynchronous workers.",
    ignored: ASYNC,
  },
  wait_worker1_mode: {
    type: "int",
    default: 0,
    doc: "Starts other workers after the first one is ready.",
    ignored: PROCESSES,
  },
  wait_worker1_time: {
    type: "int",
    default: 4000000,
    min: 0,
    doc: "How long the first worker is waited for.",
    ignored: PROCESSES,
  },
  wait_worker1_usleep: {
    type: "int",
    default: 100000,
    min: 0,
    doc: "Pause while the first worker is waited for.",
    ignored: PROCESSES,
  },
  "kemi.onsend_route_callback": {
    type: "str",
    doc: "Name of the script function for onsend_route.",
    ignored: KEMI,
  },
  "kemi.received_route_callback": {
    type: "str",
    doc: "Name of the script function for core:msg-received.",
    ignored: KEMI,
  },
  "kemi.reply_route_callback": {
    type: "str",
    doc: "Name of the script function for reply_route.",
    ignored: KEMI,
  },
  "kemi.pre_routing_callback": {
    type: "str",
    doc: "Name of the script function for core:pre-routing.",
    ignored: KEMI,
  },
};
