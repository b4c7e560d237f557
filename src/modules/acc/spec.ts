/** What the acc module declares: accounting of transactions in the log. */
import { declareModule, required } from "../../runtime/module.ts";
import { rr } from "../rr/spec.ts";
import { tm } from "../tm/spec.ts";

const notEmpty = { pattern: { regex: "[^]", says: "a reason, with a status code or without" } };

const noDatabase = "needs a database driver" as const;

export const acc = declareModule()({
  name: "acc",
  departures: [
    "The tag of `acc_log_request()` is that of the request; Kamailio may show the one of an earlier local reply.",
  ],
  doc: "Writes one line to the log for each transaction that the script marked: answered, failed, missed, acknowledged.",
  needs: { tm },
  uses: { rr },
  params: {
    early_media: {
      type: "flag",
      doc: "Whether provisional replies with a body are accounted too.",
    },
    failed_transaction_flag: {
      type: "int",
      default: -1,
      min: -1,
      max: 31,
      doc: "Message flag: transactions that fail (300 and above) are accounted too.",
    },
    failed_filter: {
      type: "str",
      doc: "Codes from 300 to 999, separated by commas, that are not accounted as failures.",
    },
    report_ack: {
      type: "flag",
      doc: "Whether the ACK of a 2xx is accounted; the flag has to be set for the ACK.",
    },
    report_cancels: { type: "flag", doc: "Whether CANCEL transactions are accounted." },
    detect_direction: {
      type: "flag",
      doc: "Whether From and To are swapped for requests that go against the direction of the call.",
    },
    acc_prepare_flag: {
      type: "int",
      default: -1,
      min: -1,
      max: 31,
      doc: "Message flag: may be marked later, in a failure route.",
    },
    acc_prepare_always: { type: "flag", doc: "As if acc_prepare_flag were always set." },
    acc_extra_nullable: {
      type: "flag",
      doc: "Whether $null goes into the database as NULL.",
      ignored: noDatabase,
    },
    multi_leg_info: {
      type: "str",
      form: "variables",
      doc: "`name=$avp(x);...`: values of each leg.",
    },
    log_flag: {
      type: "int",
      default: -1,
      min: -1,
      max: 31,
      doc: "Message flag: the transaction is accounted.",
    },
    log_missed_flag: {
      type: "int",
      default: -1,
      min: -1,
      max: 31,
      doc: "Message flag: a failed INVITE is accounted as a missed call. It is reset after that.",
    },
    log_level: { type: "int", default: 1, min: -5, max: 3, doc: "Level of the lines." },
    log_facility: {
      type: "str",
      default: "LOG_DAEMON",
      doc: "Syslog facility.",
      ignored: "lines go where all log lines go",
    },
    log_extra: {
      type: "str",
      form: "variables",
      doc: "`name=$variable;...`: further values. `$ru` and `$du` are those of the branch whose reply counts.",
    },
    db_flag: {
      type: "int",
      default: -1,
      doc: "Message flag for the database.",
      implemented: false,
    },
    db_missed_flag: {
      type: "int",
      default: -1,
      doc: "Message flag of missed calls for the database.",
      implemented: false,
    },
    db_table_acc: {
      type: "str",
      default: "acc",
      doc: "Table of transactions.",
      ignored: noDatabase,
    },
    db_table_missed_calls: {
      type: "str",
      default: "missed_calls",
      doc: "Table of missed calls.",
      ignored: noDatabase,
    },
    db_url: { type: "str", doc: "The database.", implemented: false },
    acc_method_column: {
      type: "str",
      default: "method",
      doc: "Column of the method.",
      ignored: noDatabase,
    },
    acc_from_tag_column: {
      type: "str",
      default: "from_tag",
      doc: "Column of the From tag.",
      ignored: noDatabase,
    },
    acc_to_tag_column: {
      type: "str",
      default: "to_tag",
      doc: "Column of the To tag.",
      ignored: noDatabase,
    },
    acc_callid_column: {
      type: "str",
      default: "callid",
      doc: "Column of the Call-ID.",
      ignored: noDatabase,
    },
    acc_sip_code_column: {
      type: "str",
      default: "sip_code",
      doc: "Column of the status code.",
      ignored: noDatabase,
    },
    acc_sip_reason_column: {
      type: "str",
      default: "sip_reason",
      doc: "Column of the reason phrase.",
      ignored: noDatabase,
    },
    acc_time_column: {
      type: "str",
      default: "time",
      doc: "Column of the time.",
      ignored: noDatabase,
    },
    db_extra: {
      type: "str",
      form: "variables",
      doc: "`column=$variable;...`.",
      ignored: noDatabase,
    },
    db_insert_mode: { type: "int", default: 0, doc: "How rows are inserted.", ignored: noDatabase },
    cdr_enable: { type: "flag", doc: "Call data records.", implemented: false },
    cdr_skip: { type: "str", doc: "Variable that leaves a dialog out.", implemented: false },
    cdr_expired_dlg_enable: {
      type: "flag",
      doc: "Records of expired dialogs.",
      implemented: false,
    },
    cdr_start_on_confirmed: { type: "flag", doc: "Start with the ACK.", implemented: false },
    cdr_facility: {
      type: "str",
      default: "LOG_DAEMON",
      doc: "Syslog facility of records.",
      ignored: "there are no call data records yet",
    },
    cdr_extra: {
      type: "str",
      form: "variables",
      doc: "Further values of records.",
      implemented: false,
    },
    cdr_extra_nullable: {
      type: "flag",
      doc: "Whether $null goes into the database as NULL.",
      ignored: noDatabase,
    },
    cdr_start_id: {
      type: "str",
      default: "start_time",
      doc: "Name of the start.",
      ignored: "there are no call data records yet",
    },
    cdr_end_id: {
      type: "str",
      default: "end_time",
      doc: "Name of the end.",
      ignored: "there are no call data records yet",
    },
    cdr_duration_id: {
      type: "str",
      default: "duration",
      doc: "Name of the duration.",
      ignored: "there are no call data records yet",
    },
    cdr_log_enable: {
      type: "int",
      default: 1,
      doc: "Whether records are logged.",
      ignored: "there are no call data records yet",
    },
    cdrs_table: { type: "str", default: "", doc: "Table of records.", ignored: noDatabase },
    time_mode: {
      type: "int",
      default: 0,
      min: 0,
      max: 4,
      doc: "1: microseconds of the time stamp as `time_exten`; 2: seconds with milliseconds as `time_attr`; 3: UTC date and time as `time_attr`; 4: local date and time as `time_attr`.",
    },
    time_attr: { type: "str", default: "time_attr", doc: "Name of the value of time_mode 2 to 4." },
    time_exten: { type: "str", default: "time_exten", doc: "Name of the value of time_mode 1." },
    time_format: {
      type: "str",
      default: "%Y-%m-%d %H:%M:%S",
      doc: "Format of the time of time_mode 3 and 4 (strftime).",
    },
    reason_from_hf: {
      type: "flag",
      doc: "Whether the reason is taken from the reply's first Reason header, when it has one: its whole value.",
    },
    clone_msg: {
      type: "int",
      default: 1,
      doc: "Whether the request is copied.",
      ignored: "requests are never shared between processes",
    },
    cdr_on_failed: {
      type: "flag",
      default: true,
      doc: "Records of failed calls.",
      ignored: "there are no call data records yet",
    },
    acc_extra_size: {
      type: "int",
      default: 64,
      min: 1,
      doc: "How many extra values there may be.",
    },
    cdr_extra_size: {
      type: "int",
      default: 64,
      doc: "How many extra values a record may have.",
      ignored: "there are no call data records yet",
    },
  },
  functions: {
    acc_log_request: {
      doc: "Writes a line for the request. The comment is `code reason`, or a reason alone (the code is empty then).",
      routes: ["request", "failure", "reply", "branch", "onsend", "event", "local"],
      args: [required("comment", "fmt", "Status code and reason.", notEmpty)],
      examples: [`acc_log_request("404 Not here");`],
    },
    acc_db_request: {
      doc: "Writes a row for the request.",
      routes: ["request", "failure", "reply", "branch", "onsend", "event", "local"],
      args: [
        required("comment", "fmt", "Status code and reason.", notEmpty),
        required("table", "fmt", "The table."),
      ],
      implemented: false,
    },
    acc_request: {
      doc: "Writes a line, and a row where a database is set, for the request.",
      routes: ["request", "failure", "reply", "branch", "onsend", "event", "local"],
      args: [
        required("comment", "fmt", "Status code and reason.", notEmpty),
        required("table", "fmt", "The table."),
      ],
      examples: [`acc_request("200 OK", "acc");`],
    },
  },
});
