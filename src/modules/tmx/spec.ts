/** The tmx module as data: more functions, variables and statistics for transactions. */
import { optional, required } from "../../dsl/catalog/spec.ts";
import { declareModule } from "../../runtime/module.ts";
import { tm } from "../tm/spec.ts";

const callId = required("callid", "fmt", "Call-ID.");
const cseq = required("cseq", "fmt", "CSeq number.");

export const tmx = declareModule()({
  name: "tmx",
  doc: "Adds to tm: cancelling and replying by Call-ID, suspending and continuing, and variables that show transactions, their branches and messages.",
  needs: { tm },
  params: {
    precheck_trans: {
      type: "flag",
      default: 1,
      doc: "Whether t_precheck_trans() keeps book of the requests at work. When off, it is always false.",
    },
  },
  functions: {
    t_cancel_branches: {
      doc: "Cancels branches of the transaction that the reply belongs to.",
      routes: ["reply"],
      args: [
        required("which", "str", "`all`, `others` (all but this one) or `this`.", {
          values: ["all", "others", "this"],
        }),
      ],
      examples: [],
    },
    t_cancel_callid: {
      doc: "Cancels the first INVITE with this Call-ID and CSeq number.",
      routes: ["any"],
      args: [
        callId,
        cseq,
        required("flag", "int", "Message flag to set in its transaction when above 0."),
        optional("rcode", "int", "Cause of the CANCEL's Reason header."),
      ],
      examples: [`if (t_cancel_callid("123qaz", "5", "22", "200")) exit;`],
    },
    t_reply_callid: {
      doc: "Replies to the first transaction with this Call-ID and CSeq number.",
      routes: ["any"],
      args: [
        callId,
        cseq,
        required("code", "status", "Status code."),
        required("reason", "fmt", "Reason phrase."),
      ],
      examples: [`if (t_reply_callid("123qaz", "5", "458", "Replied elsewhere")) exit;`],
    },
    t_flush_flags: {
      doc: "Gives the message's flags to its transaction, made with t_newtran() before. Relaying does so by itself.",
      routes: ["any"],
      args: [],
      examples: [`t_flush_flags();`],
    },
    t_flush_xflags: {
      doc: "Gives the message's extended flags to its transaction.",
      routes: ["any"],
      args: [],
      implemented: false,
    },
    t_is_failure_route: {
      doc: "Whether the script started in a failure_route.",
      routes: ["any"],
      args: [],
      examples: [`if (t_is_failure_route()) exit;`],
    },
    t_is_branch_route: {
      doc: "Whether the script started in a branch_route.",
      routes: ["any"],
      args: [],
      examples: [`if (t_is_branch_route()) exit;`],
    },
    t_is_reply_route: {
      doc: "Whether the script started in a reply_route.",
      routes: ["any"],
      args: [],
      examples: [`if (t_is_reply_route()) exit;`],
    },
    t_is_request_route: {
      doc: "Whether the script started in request_route.",
      routes: ["any"],
      args: [],
      examples: [`if (t_is_request_route()) exit;`],
    },
    t_suspend: {
      doc: "Puts the request's transaction aside, making it first where there is none. `$T(id_index)` and `$T(id_label)` are for t_continue().",
      routes: ["request", "failure", "event", "local"],
      args: [],
      examples: [`if (t_suspend()) exit;`],
    },
    t_continue: {
      doc: "Goes on with a suspended transaction in a request route; functions there behave as in a failure_route.",
      routes: ["any"],
      args: [
        required("tindex", "int", "`$T(id_index)` of it."),
        required("tlabel", "int", "`$T(id_label)` of it."),
        required("route", "fmt", "Name of the route."),
      ],
      async: true,
      examples: [`t_continue("123", "456", "$var(name)");`],
    },
    t_drop: {
      doc: "Ends the transaction without a reply, and the script.",
      routes: ["any"],
      args: [optional("rcode", "int", "Status that it then has (500).")],
      ends: true,
      examples: [`t_drop("603");`],
    },
    t_reuse_branch: {
      doc: "Makes the failed branch the target again: Request-URI, ruid, path, instance and branch flags.",
      routes: ["event"],
      args: [],
      examples: [],
    },
    t_precheck_trans: {
      doc: "Whether the same request is at work already: it came again before its transaction was made. False for ACK and CANCEL.",
      routes: ["request"],
      args: [],
      examples: [`if (t_precheck_trans()) { t_check_trans(); exit; }`],
    },
  },
  variables: {
    T_branch_idx: {
      doc: "In branch_route, reply_route and branch-failure routes the number of the branch from 0; in failure_route that of all branches so far; in request_route that of branches added; -1 without a transaction.",
      type: "int",
    },
    T_reply_ruid: {
      doc: "ruid of the branch that the route runs for; of the winning one in failure_route.",
      type: "str",
    },
    T_reply_code: {
      doc: "In request_route the last status sent, in reply_route that of the reply at hand, in failure_route that of the winning one; 0 for none.",
      type: "int",
    },
    T_reply_reason: { doc: "Reason phrase of the same reply.", type: "str" },
    T_reply_last: { doc: "Last status received on the branch of the reply at hand.", type: "int" },
    T_req: {
      doc: "A variable of the request, in routes for its replies.",
      type: "any",
      inner: "required",
      innerForm: "variable",
    },
    T_rpl: {
      doc: "A variable of the winning reply, in failure_route.",
      type: "any",
      inner: "required",
      innerForm: "variable",
    },
    T_inv: {
      doc: "A variable of the INVITE that a CANCEL is for.",
      type: "any",
      inner: "required",
      innerForm: "variable",
    },
    T: {
      doc: "Attributes of the transaction. The `_n` ones make it where there is none.",
      type: "any",
      inner: "required",
      innerForm: "key",
      innerValues: [
        "id_index",
        "id_label",
        "id_index_n",
        "id_label_n",
        "reply_code",
        "reply_reason",
        "reply_last",
        "reply_type",
        "branch_index",
        "ruid",
      ],
    },
    T_branch: {
      doc: "Attributes of the branch that the route runs for: its flags, and the Request-URI it was sent with.",
      type: "any",
      inner: "required",
      innerForm: "key",
      innerValues: ["flags", "uri"],
    },
  },
  departures: [
    "`$T(id_index)` does not look for a transaction: it shows the one that t_newtran(), t_relay() or a lookup function found.",
  ],
});
