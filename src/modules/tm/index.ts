/** The tm module: transactions, relaying and forking. */
import type { ScriptContext } from "../../runtime/context.ts";
import { implementModule } from "../../runtime/module.ts";
import type { TmApi } from "./api.ts";
import { cancelSome } from "./cancel.ts";
import { answerOthers } from "./end-to-end-ack.ts";
import { loadContacts, nextContactFlow, nextContacts } from "./contacts.ts";
import { relayFunctions, transactionFunctions } from "./functions-relay.ts";
import { settingsFunctions } from "./functions-settings.ts";
import { lookupCancel, routeBranch, stateFunctions, statusOf } from "./functions-state.ts";
import { TransactionLayer } from "./layer.ts";
import { replyFromScript, replyLocally } from "./local-reply.ts";
import { sendLocalRequest } from "./local-request.ts";
import { dropTransaction, lookupRequest, newTransaction } from "./new-transaction.ts";
import { endOfScript, plainRelay, relay } from "./relay.ts";
import { findBranch, receiveReply } from "./replies.ts";
import { tmRpc } from "./rpc.ts";
import { tm } from "./spec.ts";
import { resume, suspend } from "./suspend.ts";
import { type Transaction, TransactionFlag } from "./transaction.ts";

function lookup(layer: TransactionLayer, context: ScriptContext): Transaction | null {
  if (context.msg.isRequest) return lookupRequest(layer, context);
  return layer.current(context) ?? findBranch(layer, context)?.transaction ?? null;
}

/** What tmx is made from. */
function makeWiderApi(
  layer: TransactionLayer,
): Pick<
  TmApi,
  | "replyTo"
  | "findCall"
  | "findCanceled"
  | "cancelBranches"
  | "drop"
  | "requestOf"
  | "failingBranch"
  | "statusOf"
  | "counters"
> {
  const { counters, table } = layer;
  return {
    replyTo: (transaction, status, reason) =>
      replyLocally(layer, transaction, { status, reason, headers: "", body: null }),
    findCall: (callId, cseq, kind) =>
      table.findCall(callId, cseq, (one) =>
        kind === "invite" ? one.isInvite : !one.isLocal && one.method !== "CANCEL",
      ),
    findCanceled: (context) => lookupCancel(layer, context),
    cancelBranches: (transaction, cause, isWanted) =>
      cancelSome(layer, transaction, cause, isWanted),
    drop: (transaction, code) => dropTransaction(layer, transaction, code),
    requestOf: (transaction) => layer.requestContext(transaction, "request"),
    failingBranch: routeBranch,
    statusOf: (context) => statusOf(layer, context),
    counters: {
      ...counters,
      inUse: () => table.size,
      active: () => table.size - counters.waiting,
    },
  };
}

function makeApi(layer: TransactionLayer): TmApi {
  return {
    newTransaction: (context) => newTransaction(layer, context),
    current: (context) => layer.current(context),
    lookup: (context) => lookup(layer, context),
    find: (index, label) => layer.table.find(index, label),
    reply: (context, status, reason) => {
      const transaction = layer.current(context);
      if (transaction === null) return -1;
      return replyFromScript(layer, transaction, context, { status, reason });
    },
    relay: (context) => relay(layer, context, plainRelay),
    request: (request) => sendLocalRequest(layer, request),
    newTag: () => layer.ids.tag(),
    newCallId: () => layer.ids.callId(layer.services.sockets[0]?.viaHost ?? "localhost"),
    addListener: (listener) => {
      layer.addListener(listener);
    },
    suspend: (context) => suspend(layer, context),
    resume: (transaction, route) => resume(layer, transaction, route),
    ...makeWiderApi(layer),
    replyError: (context) => {
      const transaction = layer.current(context);
      return transaction !== null && transaction.has(TransactionFlag.errorPending);
    },
  };
}

export default implementModule(tm, ({ params, services, variable }) => {
  const layer = new TransactionLayer(services, params, {
    fr: params.fr_timer_avp === undefined ? null : variable(params.fr_timer_avp),
    frInv: params.fr_inv_timer_avp === undefined ? null : variable(params.fr_inv_timer_avp),
  });
  if (services.workers !== null) answerOthers(services.workers, layer);
  services.hooks.onReply((context) => receiveReply(layer, context));
  services.hooks.afterRequest((context) => endOfScript(layer, context));
  return {
    functions: {
      ...relayFunctions(layer),
      ...transactionFunctions(layer),
      ...settingsFunctions(layer),
      ...stateFunctions(layer),
      t_load_contacts: (context, mode) => loadContacts(layer, context, mode ?? 0),
      t_next_contacts: (context) => nextContacts(layer, context),
      t_next_contact_flow: (context) => nextContactFlow(layer, context),
    },
    rpc: tmRpc(layer),
    api: makeApi(layer),
    stop: () => {
      layer.waiting.stop();
      for (const transaction of layer.table.all()) layer.destroy(transaction);
    },
  };
});
