/** Declaration of msilo: messages for users who are offline, and reminders. */
import { declareModule, optional } from "../../runtime/module.ts";
import { tm } from "../tm/spec.ts";

const column = (what: string, name: string) =>
  ({ type: "str", default: name, doc: `Database column of ${what}.` }) as const;

export const msilo = declareModule()({
  name: "msilo",
  doc: "Keeps MESSAGE requests (RFC 3428) for users who cannot be reached and sends them when they can be again. A stored message is deleted when its recipient has answered it with 2xx, or when its time is over.",
  needs: { tm },
  params: {
    db_url: {
      type: "str",
      doc: "Database of the messages, as `sqlite:////var/lib/olelo/olelo.db`. Must be set, and its driver (`db_sqlite`) loaded.",
      departs: "Kamailio has the URL of a MySQL server as default.",
    },
    db_table: { type: "str", default: "silo", doc: "Table of the messages." },
    sc_mid: {
      type: "str",
      default: "id",
      doc: "Database column of the number of the message; no other name than `id` is possible.",
    },
    sc_from: column("the sender's URI", "src_addr"),
    sc_to: column("the URI that the message is sent to", "dst_addr"),
    sc_uri_user: column("the recipient's user name", "username"),
    sc_uri_host: column("the recipient's domain", "domain"),
    sc_body: column("the body", "body"),
    sc_ctype: column("the content type", "ctype"),
    sc_exp_time: column("the time of expiry", "exp_time"),
    sc_inc_time: column("the time of arrival", "inc_time"),
    sc_snd_time: column("the time at which a reminder is sent; 0 for messages", "snd_time"),
    sc_stored_hdrs: column("further headers of the message", "extra_hdrs"),
    from_address: {
      type: "str",
      doc: "URI that tells senders that their message has been stored; may contain variables. When it is not set, senders are told nothing.",
    },
    contact_hdr: {
      type: "str",
      doc: "Whole Contact header, with line end, of what senders are told; may contain variables.",
    },
    extra_hdrs: {
      type: "str",
      doc: "Whole header lines put into each message that m_dump sends; may contain variables.",
    },
    offline_message: {
      type: "str",
      doc: "What senders are told when their message has been stored; may contain variables.",
    },
    content_type_hdr: {
      type: "str",
      doc: "Whole Content-Type header of `offline_message`, with line end; may contain variables. Must be set with it.",
    },
    reminder: {
      type: "str",
      form: "uri",
      doc: "URI that reminders come from. When it is not set, there are no reminders.",
    },
    outbound_proxy: {
      type: "str",
      form: "uri",
      doc: "URI that all messages are sent to, instead of the server of the recipient's domain.",
    },
    expire_time: {
      type: "int",
      default: 259_200,
      min: 1,
      doc: "Seconds for which messages are kept. A MESSAGE with a shorter Expires is kept for that.",
    },
    check_time: {
      type: "int",
      default: 60,
      min: 1,
      doc: "Seconds between two attempts to delete messages that have been delivered while the database was away.",
      departs: "Answers are looked at when they come, not at this interval.",
    },
    send_time: {
      type: "int",
      default: 0,
      min: 0,
      doc: "Seconds between two looks for reminders that are due; 0: there are no reminders.",
    },
    clean_period: {
      type: "int",
      default: 10,
      min: 1,
      doc: "Expired messages are deleted each time that `check_time` has passed so often.",
    },
    use_contact: {
      type: "flag",
      default: true,
      doc: "Whether senders are told at the Contact of their MESSAGE, when it has one; else at their From URI.",
    },
    snd_time_avp: {
      type: "str",
      form: "avp",
      doc: "`$avp` with the local time at which m_store's message is to be sent as a reminder: `YYYYMMDDHHMMSS`.",
    },
    add_date: {
      type: "flag",
      default: true,
      doc: "Whether plain text is sent with the time at which it was stored before it: `[Offline message - Mon Nov 23 08:33:59 2026] hello`.",
    },
    max_messages: {
      type: "int",
      default: 0,
      min: 0,
      doc: "Number of messages that are kept for one recipient; 0: any number.",
    },
    add_contact: {
      type: "flag",
      default: false,
      doc: "Whether messages are sent with a Contact, made of the sender's URI. RFC 3428 forbids it.",
    },
    extra_hdrs_avp: {
      type: "str",
      form: "avp",
      doc: "`$avp` with whole header lines that are stored with the message. Where it is not set, those of the MESSAGE whose names begin with `X-` or `P-` are stored.",
    },
    skip_notification_flag: {
      type: "int",
      default: -1,
      min: -1,
      max: 31,
      doc: "Message flag: the sender of this one is told nothing; -1: none.",
    },
  },
  functions: {
    m_store: {
      doc: "Stores the MESSAGE at hand. 1 it is in the database, -1 it is not: the recipient cannot be read, body or Content-Type is missing, `max_messages` is reached, the database is away, or more than 60,000 bytes would have to be kept. The script answers the sender; with a transaction (`t_newtran`) retransmissions are not stored again.",
      routes: ["request", "failure"],
      args: [optional("owner", "fmt", "URI of the recipient; the Request-URI when not given.")],
      async: true,
      examples: [`m_store();`, `if (m_store("$tu")) xlog("stored\\n");`],
      departs:
        "The whole Content-Type is kept, with its parameters. A reminder is kept for expire_time after it is due.",
    },
    m_dump: {
      doc: "Sends what is stored for a user, oldest first, one message after the other (RFC 3428, 8). 1 done, or under way, or nothing is stored; -1 the user cannot be read, the REGISTER at hand removes contacts or has none, or the database is away. A message is deleted when it has been answered with 2xx; otherwise it stays for the next time. When the user cannot be reached, the rest is not tried.",
      routes: ["request", "event"],
      args: [optional("owner", "fmt", "URI of the user; the To URI when not given.")],
      async: true,
      examples: [`m_dump();`, `m_dump("$fu");`],
      departs:
        "What has expired is not sent. It may be called for other requests than REGISTER, and in event routes, with the user given. Kamailio sends all messages at once.",
    },
  },
  departures: [
    "Upper and lower case are not told apart in users and domains, as with a MySQL database, and escapes (`%41`) are read: users are stored in lower case.",
    "Of the messages to one user the next is sent when the one before has been answered, and no further ones when the user cannot be reached. A message at which three attempts in a row have ended comes last from then on.",
  ],
  notes: [
    {
      title: "When a user comes online",
      text: 'At the registrar: `if (save("location")) m_dump();`. At another server that follows the registrar: `m_dump("$ru")` in `event_route[pua_reginfo:registered]`.',
    },
    {
      title: "Delivered once",
      text: "While messages are sent to a user, further calls of m_dump send none of them again. What has been delivered is remembered until the database has deleted it. Only a crash between the answer and the deletion can make a message be sent twice.",
    },
    {
      title: "Statistics",
      text: "stored_messages, dumped_messages, failed_messages, dumped_reminders, failed_reminders.",
    },
  ],
});
