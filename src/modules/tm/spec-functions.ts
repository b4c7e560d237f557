/** The script functions of the tm module. */
import { optional, required, type FunctionSpec, type RouteScope } from "../../dsl/catalog/spec.ts";

const requests = ["request", "failure", "event", "local"] as const satisfies RouteScope[];
const requestOnly = ["request", "event", "local"] as const satisfies RouteScope[];
const anywhere = ["any"] as const satisfies RouteScope[];
const settings = [
  "request",
  "failure",
  "reply",
  "branch",
  "event",
  "local",
] as const satisfies RouteScope[];

const host = required("host", "host", "Host name or address.");
const port = required("port", "int", "Port; 0 for that of the protocol.", { min: 0, max: 65_535 });

const onOff = required("value", "int", "1 or 0.");

export const tmFunctions = {
  t_relay: {
    doc: "Sends the request on with a transaction: to the Request-URI or next hop and all further branches at once, or to the given address. In a failure_route it adds the branches to the transaction. 1: sent, or it was a retransmission, which is absorbed. Negative: not sent; a reply with the error follows when the script ends unless it sent one itself. For a CANCEL, all branches of its INVITE are cancelled and it is answered. An ACK is sent on without a transaction.",
    routes: requests,
    forms: { plain: [], to: [host, port] },
    async: true,
    examples: [`if (!t_relay()) { sl_reply_error(); }`, `t_relay("192.0.2.1", "5060");`],
  },
  t_relay_to_udp: {
    doc: "As t_relay(), over UDP whatever the URI says.",
    routes: requests,
    forms: { plain: [], to: [host, port] },
    async: true,
    examples: [`t_relay_to_udp("192.0.2.1", "5060");`],
  },
  t_relay_to_tcp: {
    doc: "As t_relay(), over TCP.",
    routes: requests,
    forms: { plain: [], to: [host, port] },
    implemented: false,
  },
  t_relay_to_tls: {
    doc: "As t_relay(), over TLS.",
    routes: requests,
    forms: { plain: [], to: [host, port] },
    implemented: false,
  },
  t_relay_to_sctp: {
    doc: "As t_relay(), over SCTP.",
    routes: requests,
    forms: { plain: [], to: [host, port] },
    implemented: false,
  },
  t_on_failure: {
    doc: 'Names the failure_route to run when all branches have failed. It runs once; call this again in it for the next time. "0" takes it back.',
    routes: settings,
    args: [required("route", "route", "Name of a failure_route.", { of: "failure" })],
    examples: [`t_on_failure("0");`],
  },
  t_on_branch_failure: {
    doc: "Names the event_route[tm:branch-failure:NAME] to run for each branch that fails.",
    routes: settings,
    args: [
      required("route", "route", "NAME of the event route.", {
        of: "event",
        prefix: "tm:branch-failure:",
      }),
    ],
    examples: [`t_on_branch_failure("0");`],
  },
  t_on_reply: {
    doc: 'Names the reply route for replies of this transaction; in a branch_route, for replies on that branch. "0" takes it back.',
    routes: settings,
    args: [required("route", "route", "Name of an onreply_route.", { of: "reply" })],
    examples: [`t_on_reply("0");`],
  },
  t_on_branch: {
    doc: 'Names the branch_route to run for each branch before it is sent. `drop` in it leaves the branch out. "0" takes it back.',
    routes: requests,
    args: [required("route", "route", "Name of a branch_route.", { of: "branch" })],
    examples: [`t_on_branch("0");`],
  },
  t_newtran: {
    doc: "Makes a transaction for the request. 1: made. 0: it was a retransmission; the last reply is sent again and the script ends. Negative: there is one already, or the request cannot have one.",
    routes: requestOnly,
    args: [],
    examples: [`t_newtran();`],
  },
  t_reply: {
    doc: "Replies within the transaction. With a code from 300 to 399 the Request-URI (if changed) and the branches become Contacts. -1: there is no transaction, or it has a final reply already.",
    routes: ["request", "failure", "reply", "event", "local"],
    args: [required("code", "status", "Status code."), required("reason", "fmt", "Reason phrase.")],
    examples: [`t_newtran(); t_reply("404", "Not here");`],
  },
  t_send_reply: {
    doc: "As t_reply(), making the transaction first where there is none.",
    routes: ["request", "failure", "reply", "event", "local"],
    args: [required("code", "status", "Status code."), required("reason", "fmt", "Reason phrase.")],
    examples: [`t_send_reply("404", "Not here");`],
  },
  t_lookup_request: {
    doc: "Whether the request belongs to a transaction that is already there.",
    routes: requestOnly,
    args: [],
    examples: [`if (t_lookup_request()) exit;`],
  },
  t_retransmit_reply: {
    doc: "Sends the transaction's last reply again. -1: there is none.",
    routes: requestOnly,
    args: [],
    examples: [`t_retransmit_reply();`],
  },
  t_release: {
    doc: "Ends the transaction; it stays for wt_timer to absorb what comes late.",
    routes: requestOnly,
    args: [],
    examples: [`t_release();`],
  },
  t_forward_nonack: {
    doc: "As t_relay(), but needs a transaction made before with t_newtran() and does nothing about ACK and errors.",
    routes: requestOnly,
    forms: { plain: [], to: [host, port] },
    async: true,
    examples: [`t_newtran(); t_forward_nonack("192.0.2.1", "5060");`],
  },
  t_forward_nonack_uri: {
    doc: "As t_forward_nonack() without an address.",
    routes: requestOnly,
    args: [],
    async: true,
    examples: [`t_newtran(); t_forward_nonack_uri();`],
  },
  t_forward_nonack_udp: {
    doc: "As t_forward_nonack(), over UDP.",
    routes: requestOnly,
    args: [host, port],
    async: true,
    examples: [`t_newtran(); t_forward_nonack_udp("192.0.2.1", "5060");`],
  },
  t_forward_nonack_tcp: {
    doc: "As t_forward_nonack(), over TCP.",
    routes: requestOnly,
    args: [host, port],
    implemented: false,
  },
  t_forward_nonack_tls: {
    doc: "As t_forward_nonack(), over TLS.",
    routes: requestOnly,
    args: [host, port],
    implemented: false,
  },
  t_forward_nonack_sctp: {
    doc: "As t_forward_nonack(), over SCTP.",
    routes: requestOnly,
    args: [host, port],
    implemented: false,
  },
  t_set_fr: {
    doc: "Sets fr_inv_timer and fr_timer of this transaction or of the one that the script will make; pending branches are changed too. 0 leaves a value as it is.",
    routes: settings,
    args: [
      required("fr_inv_timeout", "int", "Milliseconds after a provisional reply to an INVITE.", {
        min: 0,
      }),
      optional("fr_timeout", "int", "Milliseconds before any reply.", { min: 0 }),
    ],
    examples: [`t_set_fr(10000, 2000);`],
  },
  t_reset_fr: {
    doc: "Takes t_set_fr() back.",
    routes: settings,
    args: [],
    examples: [`t_reset_fr();`],
  },
  t_set_max_lifetime: {
    doc: "Sets max_inv_lifetime and max_noninv_lifetime of this transaction or of the one that the script will make. 0 leaves a value as it is.",
    routes: settings,
    args: [
      required("inv_lifetime", "int", "Milliseconds for an INVITE.", { min: 0 }),
      required("noninv_lifetime", "int", "Milliseconds for others.", { min: 0 }),
    ],
    examples: [`t_set_max_lifetime(90000, 15000);`],
  },
  t_reset_max_lifetime: {
    doc: "Takes t_set_max_lifetime() back.",
    routes: settings,
    args: [],
    examples: [`t_reset_max_lifetime();`],
  },
  t_set_retr: {
    doc: "Sets the first and the longest retransmission interval of this transaction or of the one that the script will make; on pending branches it shows after the next retransmission. 0 leaves a value as it is.",
    routes: settings,
    args: [
      required("t1", "int", "First interval in milliseconds.", { min: 0 }),
      required("t2", "int", "Longest interval in milliseconds.", { min: 0 }),
    ],
    examples: [`t_set_retr(250, 0);`],
  },
  t_reset_retr: {
    doc: "Takes t_set_retr() back.",
    routes: settings,
    args: [],
    examples: [`t_reset_retr();`],
  },
  t_set_auto_inv_100: {
    doc: "auto_inv_100 for this transaction.",
    routes: requestOnly,
    args: [onOff],
    examples: [`t_set_auto_inv_100(0);`],
  },
  t_branch_timeout: {
    doc: "Whether the branch that the route runs for got no final reply in time.",
    routes: ["request", "failure", "event", "local"],
    args: [],
    examples: [],
  },
  t_branch_replied: {
    doc: "Whether the branch that the route runs for had a reply before.",
    routes: ["request", "failure", "event", "local"],
    args: [],
    examples: [],
  },
  t_any_timeout: {
    doc: "Whether any branch got no final reply in time.",
    routes: settings,
    args: [],
    examples: [`if (t_any_timeout()) exit;`],
  },
  t_any_replied: {
    doc: "Whether any branch had a reply before.",
    routes: settings,
    args: [],
    examples: [`if (t_any_replied()) exit;`],
  },
  t_grep_status: {
    doc: "Whether any branch has this as its last reply, received or made here.",
    routes: settings,
    args: [required("code", "int", "Status code.")],
    examples: [`if (t_grep_status("486")) exit;`],
  },
  t_is_canceled: {
    doc: "Whether the transaction was cancelled by its sender.",
    routes: settings,
    args: [],
    examples: [`if (t_is_canceled()) exit;`],
  },
  t_is_expired: {
    doc: "Whether the transaction has reached its longest lifetime.",
    routes: settings,
    args: [],
    examples: [`if (t_is_expired()) exit;`],
  },
  t_relay_cancel: {
    doc: "Cancels all branches of the INVITE that this CANCEL is for, and ends the script (0). 1: there is no such INVITE. -1: it could not be done.",
    routes: requestOnly,
    args: [],
    examples: [`if (is_method("CANCEL")) t_relay_cancel();`],
  },
  t_lookup_cancel: {
    doc: "Whether the INVITE that this CANCEL is for is there.",
    routes: requestOnly,
    args: [optional("flags", "int", "1: the message flags become those of the INVITE.")],
    examples: [`if (t_lookup_cancel(1)) exit;`],
  },
  t_drop_replies: {
    doc: "Forgets replies received so far, so that none is chosen again; shows when a branch is added or the script replies.",
    routes: ["failure"],
    args: [
      optional("mode", "str", "`a` or none: all; `l`: those of the last step; `n`: none.", {
        values: ["a", "l", "n", ""],
      }),
    ],
    examples: [],
  },
  t_save_lumps: {
    doc: "Keeps the changes made to the request so far as those that branches of failure_routes start from. Needs t_newtran() before.",
    routes: requestOnly,
    args: [],
    examples: [`t_newtran(); t_save_lumps();`],
  },
  t_load_contacts: {
    doc: "Moves the branches, sorted by q, into the xavp contacts_avp; nothing to do with a single one.",
    routes: requests,
    args: [
      optional(
        "mode",
        "int",
        "0: highest q first, equal ones at once. 1: drawn by lot with q as weight, one at a time.",
        { values: [0, 1] },
      ),
    ],
    examples: [`t_load_contacts();`],
  },
  t_next_contacts: {
    doc: "Makes the contacts of the highest q left in contacts_avp the targets of the next relaying; of several with the same instance only one. -2: none left.",
    routes: requests,
    args: [],
    examples: [`if (!t_next_contacts()) exit;`],
  },
  t_next_contact_flow: {
    doc: "Makes the next flow of the instance whose flow has failed the target. -2: none left.",
    routes: requestOnly,
    args: [],
    examples: [],
  },
  t_check_status: {
    doc: "Whether the status matches: of the last reply sent (request), of the reply at hand (reply), of the chosen negative reply (failure).",
    routes: ["request", "failure", "reply", "event", "local"],
    args: [required("expression", "regex-fmt", "Extended regular expression.")],
    examples: [`if (t_check_status("(487)|(408)")) exit;`],
  },
  t_check_trans: {
    doc: "Whether the message belongs to a transaction. A retransmission is answered again and ends the script (0), as does the ACK of a negative or local reply. A CANCEL belongs if its INVITE is there.",
    routes: ["request", "reply", "branch", "event", "local"],
    args: [],
    examples: [`if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }`],
  },
  t_set_disable_6xx: {
    doc: "disable_6xx_block for this transaction.",
    routes: settings,
    args: [onOff],
    examples: [`t_set_disable_6xx(1);`],
  },
  t_set_disable_failover: {
    doc: "Whether this transaction does without further addresses of a name.",
    routes: settings,
    args: [onOff],
    examples: [`t_set_disable_failover(1);`],
  },
  t_set_disable_internal_reply: {
    doc: "Whether a failed t_relay() leaves the reply to the script.",
    routes: settings,
    args: [onOff],
    examples: [`t_set_disable_internal_reply(1);`],
  },
  t_replicate: {
    doc: "Sends a copy of the request; replies to it go nowhere.",
    routes: requestOnly,
    forms: { plain: [], uri: [required("uri", "fmt", "SIP URI of the target.")], to: [host, port] },
    async: true,
    examples: [`t_replicate("sip:192.0.2.1:5060");`],
  },
  t_replicate_udp: {
    doc: "As t_replicate(), over UDP.",
    routes: requestOnly,
    args: [host, port],
    async: true,
    examples: [`t_replicate_udp("192.0.2.1", "5060");`],
  },
  t_replicate_tcp: {
    doc: "As t_replicate(), over TCP.",
    routes: requestOnly,
    args: [host, port],
    implemented: false,
  },
  t_replicate_tls: {
    doc: "As t_replicate(), over TLS.",
    routes: requestOnly,
    args: [host, port],
    implemented: false,
  },
  t_replicate_sctp: {
    doc: "As t_replicate(), over SCTP.",
    routes: requestOnly,
    args: [host, port],
    implemented: false,
  },
  t_replicate_to: {
    doc: "As t_replicate(), to an address with a protocol.",
    routes: requestOnly,
    args: [required("proto", "fmt", "`udp`."), required("hostport", "fmt", "`host:port`.")],
    async: true,
    examples: [`t_replicate_to("udp", "192.0.2.1:5060");`],
  },
  t_relay_to: {
    doc: "As t_relay(), to an address `proto:host:port` of which proto and port may be left out, and with flags: 1 no 100 is sent, 2 no reply on errors, 4 no further addresses of a name.",
    routes: requests,
    forms: {
      plain: [],
      proxyOrFlags: [required("target", "str", "Address, or flags when it is a number.")],
      both: [required("proxy", "str", "Address."), required("flags", "int", "Flags.")],
    },
    async: true,
    examples: [`t_relay_to("udp:192.0.2.1:5060", "3");`],
    departs: "A lone flags argument works as documented; in Kamailio 5.6.3 it has no effect.",
  },
  t_set_no_e2e_cancel_reason: {
    doc: "Whether Reason headers of a CANCEL for this INVITE are left out of those sent on.",
    routes: settings,
    args: [onOff],
    examples: [`t_set_no_e2e_cancel_reason(1);`],
  },
  t_is_set: {
    doc: "Whether a route of this kind is set for the transaction.",
    routes: anywhere,
    args: [
      required("target", "str", "`branch_route`, `failure_route` or `onreply_route`.", {
        values: ["branch_route", "failure_route", "onreply_route"],
      }),
    ],
    examples: [`if (!t_is_set("failure_route")) exit;`],
  },
  t_use_uac_headers: {
    doc: "CANCEL and ACK of negative replies get From and To as they were sent on the branch, not as received.",
    routes: anywhere,
    args: [],
    examples: [`t_use_uac_headers();`],
    departs: "They always do; the function changes nothing.",
  },
  t_is_retr_async_reply: {
    doc: "Whether a reply of this transaction is being worked on while this one came.",
    routes: ["reply"],
    args: [],
    examples: [],
  },
  t_uac_send: {
    doc: "Sends a request of the engine's own, with a transaction.",
    routes: anywhere,
    args: [
      required("method", "fmt", "Method."),
      required("ruri", "fmt", "Request-URI."),
      required("nexthop", "fmt", "SIP URI of the next hop, or empty."),
      required("socket", "fmt", "Socket to send from, as `udp:host:port`, or empty."),
      required("headers", "fmt", "Header lines; From and To at least."),
      required("body", "fmt", "Body, or empty."),
    ],
    async: true,
    examples: [
      `t_uac_send("OPTIONS", "sip:192.0.2.1", "", "", "From: <sip:a@example.com>\\r\\nTo: <sip:b@example.com>", "");`,
    ],
  },
  t_get_status_code: {
    doc: "Hands back the transaction's status code, or -1.",
    routes: ["request", "failure", "reply", "branch", "event", "local"],
    args: [],
    examples: [`$var(code) = t_get_status_code();`],
  },
  t_clean: {
    doc: "Ends transactions that are far beyond their lifetime.",
    routes: anywhere,
    args: [],
    examples: [`t_clean();`],
  },
  t_write_req: {
    doc: "Writes the request to a FIFO.",
    routes: requests,
    args: [required("fifo", "str", "Path."), required("info", "str", "First line.")],
    implemented: false,
  },
  t_write_unix: {
    doc: "Writes the request to a Unix socket.",
    routes: requests,
    args: [required("socket", "str", "Path."), required("info", "str", "First line.")],
    implemented: false,
  },
} as const satisfies Readonly<Record<string, FunctionSpec>>;
