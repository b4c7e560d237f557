/** Making the transaction of a received request, or finding that it has one already. */
import type { ScriptContext } from "../../runtime/context.ts";
import { SendError } from "../../runtime/send-errors.ts";
import { transactionKey } from "../../sip/ids.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { TransactionLayer } from "./layer.ts";
import { callIdOf, Remains, revive } from "./remains.ts";
import { applyServer, release } from "./server.ts";
import { ServerInput } from "./server-states.ts";
import { applySettings } from "./settings.ts";
import { Relayed, type Transaction, TransactionFlag } from "./transaction.ts";

/** What became of `newTransaction`. Negative codes of `SendError` are further outcomes. */
export const Made = {
  /** There is a new one; or it is an ACK, which makes none. */
  new: 1,
  /** The request belongs to one that exists, and was dealt with. */
  retransmission: 0,
  /** The script has made one before. */
  already: -10,
} as const;

/** t_newtran(): RFC 3261, 17.2.3. */
export function newTransaction(layer: TransactionLayer, context: ScriptContext): number {
  const own = layer.current(context);
  if (own !== null) {
    own.messageFlags = context.flags;
    return Made.already;
  }
  const message = context.msg;
  if (!isComplete(message)) return (context.sendError = SendError.badRequest);
  if (context.uriParts === null) {
    // As Kamailio: the script is told 400, the sender 479.
    context.sendError = SendError.badUri;
    return SendError.badRequest;
  }
  if (message.method === "ACK") return takeAck(layer, context);
  const key = transactionKey(message);
  const known = findByKey(layer, key, context);
  if (known !== undefined) {
    context.transaction = known;
    retransmitted(layer, known, context);
    return Made.retransmission;
  }
  const limit = layer.params.max_transactions;
  if (limit > 0 && layer.table.size >= limit) {
    context.sendError = SendError.overloaded;
    return SendError.overloaded;
  }
  makeTransaction(layer, context, key);
  return Made.new;
}

function findByKey(
  layer: TransactionLayer,
  key: string,
  context: ScriptContext,
): Transaction | undefined {
  const known = layer.table.get(key);
  if (known === undefined) return undefined;
  if (layer.params.callid_matching && callIdOf(known) !== context.msg.callId) return undefined;
  return known instanceof Remains ? revive(layer, known, context) : known;
}

/** Whether a request has what its transaction needs (RFC 3261, 8.1.1). */
function isComplete(message: SipMessage): boolean {
  return (
    message.isRequest &&
    Boolean(message.via) &&
    Boolean(message.from) &&
    Boolean(message.to) &&
    message.callId !== "" &&
    message.cseqNumber >= 0
  );
}

function makeTransaction(
  layer: TransactionLayer,
  context: ScriptContext,
  key: string,
): Transaction {
  const transaction = layer.table.add(context, key, layer.now());
  context.transaction = transaction;
  transaction.replyDestination = layer.services.sender.replyDestination(context);
  transaction.dstUri = context.dstUri;
  transaction.path = context.path;
  transaction.forcedSocket = context.forcedSocket;
  applySettings(layer, transaction, context);
  layer.counters.server.value++;
  if (transaction.method === "CANCEL") layer.earlyCancels++;
  else if (layer.earlyCancels > 0 && transaction.isInvite && wasCanceled(layer, key)) {
    transaction.set(TransactionFlag.canceled, true);
  }
  for (const listener of layer.listeners) listener.requestIn?.(transaction, context);
  return transaction;
}

/** Whether the CANCEL of this INVITE came before it. */
function wasCanceled(layer: TransactionLayer, key: string): boolean {
  return layer.table.get(`${key.slice(0, -"INVITE".length)}CANCEL`) !== undefined;
}

/** An ACK makes no transaction; that of a final reply of ours or of a negative one ends here (RFC 3261, 17.2.1). */
function takeAck(layer: TransactionLayer, context: ScriptContext): number {
  const acknowledged = findAcknowledged(layer, context);
  if (acknowledged === null) return Made.new;
  context.transaction = acknowledged;
  takeAckOf(layer, acknowledged, context);
  return Made.retransmission;
}

/** The INVITE transaction whose final reply, negative or made here, this ACK acknowledges hop by hop. */
export function findAcknowledged(
  layer: TransactionLayer,
  context: ScriptContext,
): Transaction | null {
  const byBranch = findByKey(layer, transactionKey(context.msg), context);
  if (byBranch !== undefined && byBranch.status >= 300) return byBranch;
  const byDialog = layer.table.findAcknowledged(context.msg);
  if (byDialog?.relayedBranch === Relayed.local && byDialog.status < 300) return byDialog;
  return null;
}

/** The relayed 2xx that this ACK is for; only of transactions that are watched. */
export function findEndToEnd(layer: TransactionLayer, context: ScriptContext): Transaction | null {
  const transaction = layer.table.findAcknowledged(context.msg);
  return transaction !== undefined && transaction.relayedBranch >= 0 ? transaction : null;
}

export function takeAckOf(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
): void {
  for (const listener of layer.listeners) listener.ackIn?.(transaction, context);
  applyServer(layer, transaction, ServerInput.ack);
}

/** The request came again: the last reply goes out again, if there is one. */
export function retransmitted(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
): void {
  for (const listener of layer.listeners) listener.retransmissionIn?.(transaction, context);
  applyServer(layer, transaction, ServerInput.request);
}

/** t_release(). */
export function releaseTransaction(layer: TransactionLayer, transaction: Transaction): void {
  transaction.set(TransactionFlag.used, true);
  release(layer, transaction);
}

/** t_drop(): nothing is sent; what comes later is absorbed. */
export function dropTransaction(
  layer: TransactionLayer,
  transaction: Transaction,
  status: number,
): void {
  if (!transaction.isFinal) {
    transaction.status = status;
    layer.counters.complete(status);
  }
  transaction.set(TransactionFlag.errorPending, false);
  releaseTransaction(layer, transaction);
}

/** t_lookup_request(): the transaction of a request, which becomes that of the message. */
export function lookupRequest(layer: TransactionLayer, context: ScriptContext): Transaction | null {
  const own = layer.current(context);
  if (own !== null) return own;
  const message = context.msg;
  if (!message.isRequest) return null;
  const found =
    message.method === "ACK"
      ? findAcknowledged(layer, context)
      : (findByKey(layer, transactionKey(message), context) ?? null);
  if (found !== null) context.transaction = found;
  return found;
}
