/** Declaration of reginfo: registration state straight from the location tables. */
import { declareModule, optional, required } from "../../runtime/module.ts";
import { registrar } from "../registrar/spec.ts";
import { sl } from "../sl/spec.ts";
import { tm } from "../tm/spec.ts";
import { usrloc } from "../usrloc/spec.ts";
import type { ReginfoApi } from "./api.ts";

export type { ReginfoApi } from "./api.ts";

export const reginfo = declareModule<ReginfoApi>()({
  name: "reginfo",
  doc: "Tells watchers who is registered where (RFC 3680): answers SUBSCRIBE for the event package reg from the location tables of this engine, without a presence server in between. Kamailio has no such module.",
  needs: { tm, sl, usrloc },
  uses: { registrar },
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
      runtime: true,
      doc: "Bytes after which a document is continued in another NOTIFY. A datagram holds no more than about 65,000.",
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
      doc: "Seconds after which watchers are asked to come back when the engine stops.",
    },
  },
  functions: {
    reginfo_handle_subscribe: {
      doc: "Takes a SUBSCRIBE for the event package reg, replies to it, and keeps the watcher informed. 1 accepted, -1 refused; a reply has been sent in both cases. Authenticate the watcher before: who it is is taken from `watcher`, or else from the From URI.",
      routes: ["request"],
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
      args: [
        required("table", "table", "The location table."),
        required("uri", "fmt", "Address of record."),
      ],
      examples: [`if (reginfo_has_watchers("location", "$tu")) xlog("watched\\n");`],
    },
  },
  rpc: {
    "reginfo.list": { doc: "All subscriptions with resource, watcher, seconds left and version." },
    "reginfo.deactivate": {
      doc: "Removes the contacts of an address of record, or one of them, and tells watchers that the client should register again at once.",
      params: "table aor [contact]",
    },
    "reginfo.reject": {
      doc: "The same, telling that registering again will not help.",
      params: "table aor [contact]",
    },
    "reginfo.probation": {
      doc: "The same, telling that the client should register again after so many seconds.",
      params: "table aor seconds [contact]",
    },
    "reginfo.shorten": {
      doc: "Shortens the lifetime of the contacts of an address of record, or of one of them, to so many seconds.",
      params: "table aor seconds [contact]",
    },
    "reginfo.end": {
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
      text: "They are kept in memory. At a clean stop watchers are asked to come back after `stop_retry_after` seconds; after another end of the process their next refresh is answered with 481.",
    },
    {
      title: "Extensions",
      text: "SIP-ETag and Suppress-If-Match (RFC 5839): a watcher that names the present entity tag gets 204, or a NOTIFY without a body for a first SUBSCRIBE. max-rate and min-rate in Event (RFC 6446). GRUUs (RFC 5628) of clients that support them, when the registrar assigns them; temporary ones are shown to the user alone.",
    },
    {
      title: "Statistics",
      text: "`reginfo.subscriptions`, `reginfo.accepted`, `reginfo.refused`, `reginfo.notifies_answered`, `reginfo.notifies_failed`.",
    },
  ],
});
