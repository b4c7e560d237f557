/** The sl module as data: replies without a transaction. */
import { required } from "../../dsl/catalog/spec.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { declareModule } from "../../runtime/module.ts";
import { tm } from "../tm/spec.ts";

const noEmbedded =
  "Routing scripts in other languages are not supported; write the event_route instead.";
const code = required("code", "status", "Status code.");
const reason = required("reason", "fmt", "Reason phrase.");

/** What sl offers to other modules. */
export interface SlApi {
  /** Replies within the transaction if there is one, else without: as send_reply(). */
  reply(context: ScriptContext, status: number, reason: string): number;
  /** Replies without a transaction: as sl_send_reply(). */
  replyStateless(context: ScriptContext, status: number, reason: string): number;
  /** To tag of the replies that `reply` sends to this request: the same for each of them, retransmissions included. */
  replyTag(context: ScriptContext): string;
}

export const sl = declareModule<SlApi>()({
  name: "sl",
  doc: "Replies to requests without keeping state, and absorbs the ACKs of such replies to INVITEs.",
  uses: { tm },
  params: {
    default_code: {
      type: "int",
      default: 500,
      doc: "Status sent when the one given is no status.",
    },
    default_reason: {
      type: "str",
      default: "Internal Server Error",
      doc: "Reason phrase sent when the one given is empty.",
    },
    bind_tm: {
      type: "flag",
      default: 1,
      doc: "Whether send_reply() replies within the transaction when there is one.",
    },
    rich_redirect: {
      type: "int",
      default: 0,
      min: 0,
      max: 3,
      doc: "What the Contacts of a 3xx also carry: 1 branch flags, 2 the path; added for both.",
    },
    event_callback_fl_ack: {
      type: "str",
      doc: "Function for sl:filtered-ack in an embedded language.",
      ignored: noEmbedded,
    },
    event_callback_lres_sent: {
      type: "str",
      doc: "Function for sl:local-response in an embedded language.",
      ignored: noEmbedded,
    },
  },
  functions: {
    sl_send_reply: {
      doc: "Replies without a transaction. With a code from 300 to 399 the Request-URI (if changed) and the branches become Contacts. -1: it was an ACK.",
      routes: ["request", "event", "local"],
      args: [code, reason],
      examples: [`sl_send_reply("404", "Not here");`],
    },
    send_reply: {
      doc: "Replies within the transaction when there is one, else without.",
      routes: ["request", "failure", "reply", "event", "local"],
      args: [code, reason],
      examples: [`send_reply("404", "Not here");`, `send_reply("403", "Not for $fU");`],
    },
    send_reply_mode: {
      doc: "As send_reply(), with a mode for connections: 1 opens none, 2 closes it afterwards. It has no effect with UDP.",
      routes: ["request", "failure", "reply", "event", "local"],
      args: [code, reason, required("mode", "int", "Sum of the values.")],
      examples: [`send_reply_mode("404", "Not here", "3");`],
    },
    sl_reply_error: {
      doc: "Replies with what went wrong last. Nothing is sent when tm sends that reply itself.",
      routes: ["request", "event", "local"],
      args: [],
      examples: [`sl_reply_error();`],
    },
    sl_forward_reply: {
      doc: "Sends the received reply on without a transaction, with another code of the same class and another reason if given. It is sent once more at the end of the script unless that drops it.",
      routes: ["reply"],
      forms: { plain: [], code: [code], full: [code, reason] },
      examples: [],
    },
  },
  eventRoutes: [
    {
      name: "sl:filtered-ack",
      doc: "Runs for an ACK of a reply made here, which goes no further.",
    },
    { name: "sl:local-response", doc: "Runs after a reply was sent without a transaction." },
  ],
  notes: [
    {
      title: "ACKs",
      text: "A reply to an INVITE made here has a To tag from which its ACK is recognised; that ACK never reaches request_route. An INVITE that has a To tag already keeps it, so its ACK is not recognised: reply to those within a transaction.",
    },
  ],
  departures: ["sl_reply_error() uses reason phrases of our own."],
});
