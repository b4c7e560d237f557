/** Declaration of presence: event state that is published here, and those who watch it. */
import { declareModule, optional, required } from "../../runtime/module.ts";
import { sl } from "../sl/spec.ts";
import { tm } from "../tm/spec.ts";
import type { PresenceApi } from "./api.ts";
import { presenceParams } from "./spec-params.ts";
import { subscriptionFields } from "./subs-variable.ts";

export type {
  EndedPublication,
  PresenceApi,
  PresenceEvent,
  PresentityView,
  Publication,
  ReadResult,
  WatcherStatus,
} from "./api.ts";

const uri = required("uri", "fmt", "URI of the resource.");
const event = required("event", "fmt", "Event package.");
const type = required("type", "int", "What has changed.", { values: [0, 1, 2] });

export const presence = declareModule<PresenceApi>()({
  name: "presence",
  doc: "A server for event state: keeps what is published with PUBLISH (RFC 3903), and tells those who SUBSCRIBE (RFC 6665). Event packages come from other modules, such as presence_reginfo.",
  needs: { tm, sl },
  params: presenceParams,
  functions: {
    handle_publish: {
      doc: "Takes a PUBLISH and replies to it. 1 accepted, -1 refused.",
      routes: ["request"],
      async: true,
      args: [optional("sender_uri", "fmt", "Watcher who is not told of the change.")],
      examples: [`if (is_method("PUBLISH")) { handle_publish(); exit; }`],
      departs:
        "A document must be of the package's type and sound; an unknown entity tag is always answered with 412; a refresh tells watchers nothing.",
    },
    handle_subscribe: {
      doc: "Takes a SUBSCRIBE, replies to it and keeps the watcher informed. 1 accepted, -1 refused.",
      routes: ["request"],
      async: true,
      args: [optional("watcher_uri", "fmt", "URI of the watcher, instead of From.")],
      examples: [`if (is_method("SUBSCRIBE")) { handle_subscribe(); exit; }`],
      departs:
        "Accept is heeded (406), parameters of Event are allowed, and NOTIFYs of a subscription wait for each other.",
    },
    pres_auth_status: {
      doc: "Whether someone may watch the presence of a resource: 1 yes, 2 it is not decided, 3 no, 4 not decided and not asked for any more, -1 there is no package `presence`.",
      routes: ["request"],
      args: [
        required("watcher_uri", "fmt", "URI of the watcher."),
        required("presentity_uri", "fmt", "URI of the resource."),
      ],
      examples: [`pres_auth_status("$fu", "$ru");`],
    },
    pres_has_subscribers: {
      doc: "Whether somebody watches a resource.",
      routes: ["any"],
      asksWorkers: true,
      args: [uri, event],
      examples: [`if (pres_has_subscribers("$ru", "reg")) xlog("watched\\n");`],
    },
    pres_refresh_watchers: {
      doc: "Tells the watchers of a resource again. `type` says why: 0 permissions, 1 the published state, 2 a document on an XCAP server.",
      routes: ["any"],
      asksWorkers: true,
      forms: {
        plain: [uri, event, type],
        withFile: [
          uri,
          event,
          type,
          required("file_uri", "fmt", "URI of the document."),
          required("filename", "fmt", "Name of the document."),
        ],
      },
      examples: [`pres_refresh_watchers("sip:alice@example.org", "reg", 1);`],
      departs: "Type 2 is refused: there is no XCAP storage yet.",
    },
    pres_update_watchers: {
      doc: "Decides anew over the watchers of a resource. -1 when nobody decides over watchers of this event.",
      routes: ["any"],
      asksWorkers: true,
      args: [uri, event],
      examples: [`pres_update_watchers("sip:alice@example.org", "presence");`],
    },
  },
  variables: {
    subs: {
      doc: "About the subscription that handle_subscribe() has just accepted, that event_route[tm:local-request] sends a NOTIFY for, or that event_route[presence:notify-reply] is about.",
      type: "any",
      inner: "required",
      innerValues: subscriptionFields,
      innerForm: "text",
    },
    notify_reply: {
      doc: "A variable of the reply to a NOTIFY, in event_route[presence:notify-reply].",
      type: "any",
      inner: "required",
      innerForm: "variable",
    },
  },
  eventRoutes: [
    {
      name: "presence:notify-reply",
      doc: "Runs when a NOTIFY has been answered, or nobody has answered it.",
    },
  ],
  rpc: {
    "presence.cleanup": { workers: "every", doc: "Removes what has expired. It goes by itself." },
    "presence.refreshWatchers": {
      workers: "every",
      doc: "As pres_refresh_watchers().",
      params: "uri event type [file_uri filename]",
    },
    "presence.updateWatchers": {
      workers: "every",
      doc: "As pres_update_watchers().",
      params: "uri event",
    },
    "presence.presentity_list": {
      workers: "join",
      doc: "What is published; with `full` the documents too.",
      params: "[full]",
    },
    "presence.watcher_list": {
      workers: "join",
      doc: "Who watches what. Kamailio has no such command.",
    },
  },
  notes: [
    {
      title: "Watchers",
      text: "SIP-ETag, max-rate and min-rate (RFC 6446) are known in SUBSCRIBE. An answer of 404, 405, 410, 416, 480 to 485, 489, 501 or 604 to a NOTIFY ends the subscription; with Retry-After the state is sent again after that time.",
    },
    {
      title: "Storage",
      text: "With `db_url`, memory is what counts and the tables follow it, in Kamailio's layouts. After a restart publications go on under their entity tags, subscriptions in their dialogs, with greater CSeqs and versions than ever before; what ran out meanwhile is ended, and watchers are told where things stand (`restore_rate`). Rows leave 1,000 numbers free for NOTIFYs, so that not each of them has to be written, and numbers do not come twice after a crash. A database that is away delays no reply and loses nothing but what a crash would take then.",
    },
    {
      title: "Statistics",
      text: "`presence.subscriptions`, `presence.publications`, `presence.presentities`; with a database `presence.early_replies`, the replies that did not wait until their state was stored, and for each table the rows that wait, were written, refused and dropped.",
    },
  ],
  departures: [
    "Publications and subscriptions that are not in a database are lost with the process; watchers are asked to come back at a clean stop.",
    "It serves requests without db_url too.",
    "The first NOTIFY has CSeq 1.",
  ],
});
