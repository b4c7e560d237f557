/** The tm module as data: transactions of RFC 3261 and RFC 6026, relaying, forking and local requests. */
import { declareModule } from "../../runtime/module.ts";
import type { TmApi } from "./api.ts";
import { tmFunctions } from "./spec-functions.ts";
import { tmParams } from "./spec-params.ts";

export type {
  ClientRequest,
  LocalRequest,
  TmApi,
  TransactionListener,
  Transaction,
  Branch,
} from "./api.ts";

export const tm = declareModule<TmApi>()({
  name: "tm",
  doc: "Keeps the state of SIP transactions: absorbs and sends retransmissions, relays requests to one or many targets in parallel or in turn, chooses the reply that goes back, cancels, and sends requests of the engine itself.",
  params: tmParams,
  functions: tmFunctions,
  eventRoutes: [
    {
      name: "tm:branch-failure:*",
      doc: "Runs for each branch that gets a negative reply when t_on_branch_failure() named it; may add a branch with t_relay().",
    },
    {
      name: "tm:local-request",
      doc: "Runs for each request that the engine itself originates, before it is sent; Request-URI, next hop, socket and headers can be changed, `drop` keeps it from being sent.",
    },
    {
      name: "tm:local-response",
      doc: "Runs after a reply made here has been sent within a transaction.",
    },
  ],
  rpc: {
    "tm.list": { workers: "join", doc: "All transactions." },
    "tm.stats": { workers: "sum", doc: "Numbers of transactions, now and since the start." },
    "tm.hash_stats": { workers: "sum", doc: "Load of the transaction table." },
    "tm.cancel": {
      workers: "every",
      doc: "Cancels an INVITE that the engine has sent.",
      params: "callid cseq",
    },
    "tm.reply": {
      workers: "every",
      doc: "Replies to a transaction.",
      params: "code reason trans_id to_tag new_headers [body]",
    },
    "tm.reply_callid": {
      workers: "every",
      doc: "Replies to the transaction with this Call-ID and CSeq number.",
      params: "code reason callid cseq to_tag new_headers [body]",
    },
    "tm.clean": { workers: "every", doc: "Ends transactions that are far beyond their lifetime." },
    "tm.t_uac_start": {
      doc: "Sends a request and does not wait.",
      params: "method ruri nexthop socket headers [body]",
    },
    "tm.t_uac_wait": {
      doc: "Sends a request and answers with the final reply.",
      params: "method ruri nexthop socket headers [body]",
    },
    "tm.t_uac_wait_block": {
      doc: "As tm.t_uac_wait, answering with code and reason only, within 80 seconds.",
      params: "method ruri nexthop socket headers [body]",
    },
  },
  departures: [
    "Replies made here carry reason phrases of our own.",
    "A reply whose reply_route waits for something holds back the later replies of its transaction, not those of others.",
  ],
});
