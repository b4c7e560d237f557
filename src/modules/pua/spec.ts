/** Declaration of pua: publishing state, and following that of other servers. */
import { declareModule } from "../../runtime/module.ts";
import { tm } from "../tm/spec.ts";
import type { PuaApi } from "./api.ts";

export type {
  NotifyMatch,
  NotifyProblem,
  PublicationSource,
  PublicationView,
  Publisher,
  PublisherOptions,
  PuaApi,
  ResumeRequest,
  SubscribeRequest,
  Subscription,
  SubscriptionListener,
  SubscriptionPhase,
} from "./api.ts";

export const pua = declareModule<PuaApi>()({
  name: "pua",
  doc: "Presence user agent: sends PUBLISH (RFC 3903) and SUBSCRIBE (RFC 6665) for other modules and keeps what they set up alive.",
  needs: { tm },
  params: {
    hash_size: {
      type: "int",
      default: 9,
      min: 1,
      doc: "Size of the table as a power of two.",
      ignored: "tables grow as needed",
    },
    db_url: {
      type: "str",
      doc: "Database in which publications (with their entity tags) and subscriptions (with their dialogs) survive a restart and a crash. Each change is written as soon as its answer has come; the network never waits for the database. Without db_url everything is in memory.",
      departs: "It has no default.",
    },
    db_table: {
      type: "str",
      default: "pua",
      doc: "Table in the database.",
    },
    db_mode: {
      type: "int",
      default: 0,
      values: [0, 2],
      doc: "0 memory with a copy in the database, 2 database only.",
      ignored: "with db_url, memory has the working state and the database follows at once",
    },
    db_table_lock_write: {
      type: "int",
      default: 1,
      doc: "Whether the table is locked for writing.",
      ignored: "rows are written in transactions",
    },
    teardown: {
      type: "int",
      default: -1,
      values: [-1, 0, 1],
      doc: "olelo's own: what a clean stop does. 1: publications are taken back and subscriptions ended (Expires 0). 0: they are left as they are. -1: taken back and ended when there is no db_url, else left for the next start, which goes on with them.",
    },
    resume_rate: {
      type: "int",
      default: 100,
      min: 1,
      max: 10_000,
      doc: "olelo's own: how many publications and subscriptions a start goes on with in one second (PUBLISH with the state of now, SUBSCRIBE for the full state). It begins at a random time within the first second.",
    },
    teardown_timeout: {
      type: "int",
      default: 2,
      min: 0,
      doc: "olelo's own: how long a clean stop waits for the answers to the last PUBLISHes and SUBSCRIBEs (Expires 0), in seconds. They are sent in any case. When nothing is taken back, it waits so long for the answers to what is on its way.",
    },
    fetch_rows: {
      type: "int",
      default: 500,
      doc: "Rows read at once.",
      ignored: "the table is read in one go, once",
    },
    min_expires: {
      type: "int",
      default: 0,
      min: 0,
      doc: "Shortest time in seconds that PUBLISH and SUBSCRIBE ask for.",
    },
    default_expires: {
      type: "int",
      default: 3600,
      min: 1,
      doc: "Seconds that PUBLISH and SUBSCRIBE ask for when nothing else says how long.",
    },
    update_period: {
      type: "int",
      default: 100,
      doc: "Seconds between two looks for what is to be refreshed.",
      ignored: "each publication and subscription has its own timer",
    },
    outbound_proxy: {
      type: "str",
      form: "uri",
      doc: "URI that PUBLISH and SUBSCRIBE are sent to when the publishing module names none.",
    },
    dlginfo_increase_version: {
      type: "flag",
      default: false,
      doc: "Whether documents of the package dialog are counted in their version attribute.",
      ignored: "no module publishes dialog state yet",
    },
    reginfo_increase_version: {
      type: "flag",
      default: false,
      doc: "Whether documents of the package reg are counted in their version attribute; otherwise it is 0.",
      departs: "It works (in Kamailio 5.6.3 the switch of the dialog package has this effect).",
    },
    check_remote_contact: {
      type: "int",
      default: 1,
      doc: "Whether a dialog must have the contact that is asked for.",
      ignored: "a subscription is known by the resource that it follows",
    },
    refresh_with_body: {
      type: "flag",
      default: false,
      doc: "Whether refreshes of a publication repeat the document. For presence servers that answer a refresh without one by telling their watchers nothing.",
      departs: "Kamailio has no such parameter.",
    },
    auth_user: {
      type: "str",
      doc: "User name for answering 401 and 407.",
      departs: "Kamailio has no such parameter.",
    },
    auth_password: {
      type: "str",
      doc: "Password for answering 401 and 407.",
      departs: "Kamailio has no such parameter.",
    },
    auth_realm: {
      type: "str",
      default: "",
      doc: "Realm that the credentials are for; empty: any.",
      departs: "Kamailio has no such parameter.",
    },
  },
  functions: {
    pua_update_contact: {
      doc: "Takes the Contact of a NOTIFY as the target of further requests in its dialog. 1 done, -1 the NOTIFY belongs to no subscription. NOTIFYs that a module has taken need no call of this.",
      routes: ["request", "event"],
      args: [],
      examples: [`if (is_method("NOTIFY")) pua_update_contact();`],
    },
  },
  rpc: {
    "pua.cleanup": {
      workers: "sum",
      doc: "Removes what has ended. It goes by itself; this answers the number of publications and subscriptions that are left, and of rows that the database has not taken yet.",
    },
    "pua.list": {
      workers: "join",
      doc: "All publications and subscriptions with their state. Kamailio has no such command.",
    },
  },
  notes: [
    {
      title: "After a restart",
      text: "With `db_url`, a publication goes on with its entity tag, so that the server never holds two states for it; what the publishing module does not know any more is not refreshed and runs out at the server. A subscription goes on in its dialog: it asks for the full state (`resume_rate`), and NOTIFYs that come before that are taken. Rows of event packages that no module asks for are left alone.",
    },
    {
      title: "Statistics",
      text: "`pua.publications`, `pua.subscriptions`, `pua.publish_accepted`, `pua.publish_failed`, `pua.subscribe_accepted`, `pua.subscribe_failed`; with `db_url`: `pua.pua_waiting`, `pua.pua_written`, `pua.pua_refused`, `pua.pua_dropped` (rows, by the name of the table).",
    },
  ],
  departures: [
    "One PUBLISH of a resource is on its way at a time; later changes wait and go out as one.",
    "412, 423, 401, 407, 5xx, Retry-After and timeouts are recovered from without a new event.",
    "Publications and subscriptions are refreshed as long as they are wanted, and taken back at a clean stop or gone on with after it (teardown).",
    "Refreshes of subscriptions name the entity tag of the state that is known here, when the notifier has given one (RFC 5839): it need not send that state again.",
  ],
});
