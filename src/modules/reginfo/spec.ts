/** Declaration of reginfo: registration state straight from the location tables. */
import { declareModule, optional, required } from "../../runtime/module.ts";
import { registrar } from "../registrar/spec.ts";
import { rr } from "../rr/spec.ts";
import { sl } from "../sl/spec.ts";
import { tm } from "../tm/spec.ts";
import { usrloc } from "../usrloc/spec.ts";
import type { ReginfoApi } from "./api.ts";

export type { ReginfoApi } from "./api.ts";

export const reginfo = declareModule<ReginfoApi>()({
  name: "reginfo",
  doc: "Tells watchers who is registered where (RFC 3680): answers SUBSCRIBE for the event package reg from the location tables of this engine, without a presence server in between. Kamailio has no such module.",
  needs: { tm, sl, usrloc },
  uses: { registrar, rr },
  params: {
    server_address: {
      type: "str",
      form: "uri",
      doc: "URI of this server for Contact in replies and NOTIFYs. When it is not set, it is made from the socket that the SUBSCRIBE came in on.",
    },
    default_expires: {
      type: "int",
      default: 3761,
      min: 1,
      runtime: true,
      doc: "Seconds granted to a SUBSCRIBE that asks for no time (RFC 3680, 4.2).",
    },
    min_expires: {
      type: "int",
      default: 60,
      min: 0,
      runtime: true,
      doc: "Shortest time in seconds; a shorter one is refused with 423. 0: none.",
    },
    max_expires: {
      type: "int",
      default: 86_400,
      min: 0,
      runtime: true,
      doc: "Longest time in seconds; longer ones are shortened. 0: none.",
    },
    notify_interval: {
      type: "int",
      default: 5,
      min: 0,
      runtime: true,
      doc: "Seconds at least between two NOTIFYs about changes to one watcher (RFC 3680, 4.10). What happens in between goes into one document. A NOTIFY that answers a SUBSCRIBE is sent at once.",
    },
    policy: {
      type: "str",
      default: "own",
      values: ["own", "any"],
      runtime: true,
      doc: "Who may watch without reginfo_allow_watcher(): `own` users their own address of record, `any` everybody everything but the whole domain.",
    },
    domain_resource: {
      type: "str",
      doc: "User part of a URI that stands for all users of a domain, such as `all` for sip:all@example.org. Only watchers that the script has allowed may watch it.",
    },
    partial: {
      type: "flag",
      default: true,
      runtime: true,
      doc: "Whether NOTIFYs about changes carry the changed contacts only; else always all of them.",
    },
    unknown_params: {
      type: "flag",
      default: true,
      runtime: true,
      doc: "Whether contact parameters (instance, reg-id, feature tags) are shown as unknown-param.",
    },
    extension: {
      type: "int",
      default: 1,
      values: [0, 1, 2],
      runtime: true,
      doc: "Who is shown Path, received address, socket and the like, in the namespace urn:olelo:params:xml:ns:reginfo-ext: 0 nobody, 1 watchers that the script has allowed, 2 all.",
    },
    foreign_contacts: {
      type: "flag",
      default: false,
      runtime: true,
      doc: "Whether contacts that were learnt from another server are shown too. Leave it off between servers that follow each other.",
    },
    permanent_expires: {
      type: "int",
      default: 0,
      min: 0,
      runtime: true,
      doc: "Seconds shown for contacts that have no end; 0: the attribute is left out, as RFC 3680 allows. Kamailio's mirrors pass over contacts without it.",
    },
    admin_event: {
      type: "str",
      default: "deactivated",
      values: ["deactivated", "rejected", "unregistered"],
      runtime: true,
      doc: "Event of contacts that the operator or the script removes without naming one. Kamailio's mirrors understand `unregistered` only.",
    },
    timeout_removes: {
      type: "flag",
      default: true,
      runtime: true,
      doc: "Whether a NOTIFY that nobody answers ends the subscription (RFC 6665, 4.2.2).",
    },
    max_body: {
      type: "int",
      default: 48_000,
      min: 1000,
      max: 60_000,
      runtime: true,
      doc: "Bytes after which a document is continued in another NOTIFY. A datagram holds no more than about 65,000.",
    },
    max_domain_body: {
      type: "int",
      default: 16_000,
      min: 1000,
      max: 60_000,
      runtime: true,
      doc: "The same for watchers of a whole domain. Large datagrams travel in pieces of about 1,400 bytes, and one lost piece loses them: where packets are lost, 16,000 bytes take the shortest time for each contact. A watcher that takes gzip gets up to four times as much in one document, but no more than `max_body`, which packed is mostly shorter than this.",
    },
    domain_repeat: {
      type: "int",
      default: 100,
      min: 0,
      runtime: true,
      doc: "Milliseconds after which an unanswered NOTIFY to a watcher of a whole domain is sent again, if four times what its answers take is not longer; then twice as long, as always. 0: tm's `retr_timer1`. A shorter time than 500 ms is for peers that are near (RFC 3261, 17.1.1.1).",
    },
    max_subscriptions: {
      type: "int",
      default: 100_000,
      min: 1,
      runtime: true,
      doc: "Number of subscriptions at one time; more are refused with 503.",
    },
    stop_retry_after: {
      type: "int",
      default: 10,
      min: 0,
      runtime: true,
      doc: "Seconds after which watchers are asked to come back when the engine stops and subscriptions are not in a database.",
    },
    db_url: {
      type: "str",
      doc: "Database in which subscriptions outlive the process, such as `sqlite:////var/lib/olelo/olelo.db`. Its driver must be loaded. Without it they are in memory only.",
    },
    db_table: {
      type: "str",
      default: "reginfo_watchers",
      doc: "Table of subscriptions. It has the columns of Kamailio's `active_watchers`, and three more: the location table and the rights of the watcher.",
    },
    db_reply_wait: {
      type: "int",
      default: 500,
      min: 0,
      runtime: true,
      doc: "Milliseconds that the reply to a SUBSCRIBE waits at most until the database has the subscription. After that, or when the database is away, it is sent without; the subscription is written when the database is back. 0: replies never wait.",
    },
    restore_rate: {
      type: "int",
      default: 200,
      min: 1,
      runtime: true,
      doc: "NOTIFYs in a second with which watchers are told where things stand after a restart.",
    },
    restart_grace: {
      type: "int",
      default: 3600,
      min: 0,
      doc: "With `db_url`, when usrloc keeps contacts in memory only: seconds after a restart in which watchers are not told that contacts are gone that have not registered again yet. 0: they are told at once. As long as registrations last is right: by then a phone has come back, or its time is over.",
    },
  },
  functions: {
    reginfo_handle_subscribe: {
      doc: "Takes a SUBSCRIBE for the event package reg, replies to it, and keeps the watcher informed. 1 accepted, -1 refused; a reply has been sent in both cases. Authenticate the watcher before: who it is is taken from `watcher`, or else from the From URI.",
      routes: ["request"],
      async: true,
      args: [
        required("table", "table", "The location table that is watched."),
        optional("watcher", "fmt", "URI of the watcher, when From is not to be trusted."),
      ],
      examples: [
        `reginfo_handle_subscribe("location");`,
        `reginfo_handle_subscribe("location", "$ai");`,
      ],
    },
    reginfo_allow_watcher: {
      doc: "Lets the sender of the present SUBSCRIBE watch whom it wants to, whatever `policy` says. To be called before reginfo_handle_subscribe().",
      routes: ["request"],
      args: [],
      examples: [`if (src_ip == 10.0.0.7) reginfo_allow_watcher();`],
    },
    reginfo_has_watchers: {
      doc: "Whether somebody watches an address of record, itself or its whole domain.",
      routes: ["any"],
      asksWorkers: true,
      args: [
        required("table", "table", "The location table."),
        required("uri", "fmt", "Address of record."),
      ],
      examples: [`if (reginfo_has_watchers("location", "$tu")) xlog("watched\\n");`],
    },
  },
  rpc: {
    "reginfo.list": {
      workers: "join",
      doc: "All subscriptions with resource, watcher, seconds left and version.",
    },
    "reginfo.deactivate": {
      workers: "sum",
      doc: "Removes the contacts of an address of record, or one of them, and tells watchers that the client should register again at once.",
      params: "table aor [contact]",
    },
    "reginfo.reject": {
      workers: "sum",
      doc: "The same, telling that registering again will not help.",
      params: "table aor [contact]",
    },
    "reginfo.probation": {
      workers: "sum",
      doc: "The same, telling that the client should register again after so many seconds.",
      params: "table aor seconds [contact]",
    },
    "reginfo.shorten": {
      workers: "sum",
      doc: "Shortens the lifetime of the contacts of an address of record, or of one of them, to so many seconds.",
      params: "table aor seconds [contact]",
    },
    "reginfo.end": {
      workers: "sum",
      doc: "Ends the subscriptions to a URI; reasons are those of RFC 6665, 4.1.3. Answers their number.",
      params: "uri [reason]",
    },
  },
  notes: [
    {
      title: "Documents",
      text: "A SUBSCRIBE is answered with the full state, changes with the contacts that changed (`partial`). Versions count from 0 in each subscription. One request that changes several contacts makes one NOTIFY. Contacts that ended are named once, with expires 0. A full state longer than `max_body` goes on in partial documents; until the last of them, `more` in the namespace of the extension tells another olelo to take nothing away yet.",
    },
    {
      title: "Subscriptions",
      text: "Without `db_url` they are in memory. At a clean stop watchers are asked to come back after `stop_retry_after` seconds; after another end of the process their next refresh is answered with 481. With `db_url` they go on after a stop or a crash: same dialog, greater CSeqs and versions than ever before (a row leaves 1,000 numbers free for NOTIFYs, so that not each of them is written), the full state for each at `restore_rate`. Rates of RFC 6446 count again from the next SUBSCRIBE.",
    },
    {
      title: "Location tables after a restart",
      text: "A full document says that everything else is gone. When usrloc reads its tables from a database, that is true at once. When they begin empty, phones are still reachable that the table does not know yet; so for `restart_grace` seconds the watchers of before hear of changes only, in partial documents that call no address of record terminated, and their refreshes are answered in the same way. Full documents for new watchers carry `more` in that time, by which an olelo that follows takes nothing away that it knows from an earlier subscription. Then all get the full state. A phone that unregisters in that time without having come back is seen as gone at the end of it.",
    },
    {
      title: "Watchers of a domain",
      text: "Changes cost the same whatever the number of addresses of record; what happens within `notify_interval`, or while an earlier NOTIFY is not answered, goes into one document of up to `max_domain_body` bytes, and what does not fit follows at once. The full state of a large domain is a full document with `more`, and partial ones after it. Other servers that follow see contacts vanish for that time, for to them a full document is complete; olelo waits for the end of it.",
    },
    {
      title: "Extensions",
      text: "Accept-Encoding: a watcher that names gzip gets documents of more than 4,000 bytes packed, with Content-Encoding. SIP-ETag and Suppress-If-Match (RFC 5839): a watcher that names the present entity tag gets 204, or a NOTIFY without a body for a first SUBSCRIBE. max-rate and min-rate in Event (RFC 6446). GRUUs (RFC 5628) of clients that support them, when the registrar assigns them; temporary ones are shown to the user alone.",
    },
    {
      title: "Statistics",
      text: "`reginfo.subscriptions`, `reginfo.accepted`, `reginfo.refused`, `reginfo.notifies_answered`, `reginfo.notifies_failed`; with a database `reginfo.early_replies`, the replies that did not wait for it, and the rows that wait, were written, refused and dropped.",
    },
  ],
});
