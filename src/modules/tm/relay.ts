/** t_relay() and its variants: what happens to a request that is sent on with a transaction. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { NextHop } from "../../runtime/next-hop.ts";
import { SendError, sendErrorReply } from "../../runtime/send-errors.ts";
import { cancelInvite } from "./cancel.ts";
import { askOthers, tellAck } from "./end-to-end-ack.ts";
import { forward } from "./forward.ts";
import type { TransactionLayer } from "./layer.ts";
import { replyLocally } from "./local-reply.ts";
import { Made, newTransaction, releaseTransaction } from "./new-transaction.ts";
import { fakeReply } from "./replies.ts";
import { guardLifetime } from "./timers.ts";
import { Branch, type Transaction, TransactionFlag } from "./transaction.ts";

export interface RelayOptions {
  /** Where to, instead of the targets' own addresses. */
  readonly address: NextHop | null;
  /** No 100 to an INVITE. */
  readonly noTrying: boolean;
  /** No reply when it fails. */
  readonly noErrorReply: boolean;
  readonly noFailover: boolean;
  /** It is a copy: replies go nowhere. */
  readonly replicate: boolean;
}

export const plainRelay: RelayOptions = {
  address: null,
  noTrying: false,
  noErrorReply: false,
  noFailover: false,
  replicate: false,
};

/** 1: sent, or a retransmission that was absorbed. Negative: not sent. */
export function relay(
  layer: TransactionLayer,
  context: ScriptContext,
  options: RelayOptions,
): number | Promise<number> {
  const current = layer.current(context);
  if (current !== null && isInFailure(current, context)) {
    return relayMore(layer, current, context, options);
  }
  if (!context.msg.isRequest) return SendError.general;
  if (context.msg.method === "CANCEL" && !options.replicate) {
    return relayCancel(layer, context, options);
  }
  return relayRequest(layer, context, options);
}

function isInFailure(transaction: Transaction, context: ScriptContext): boolean {
  return (
    context.scope === "failure" ||
    (transaction.failedBranch >= 0 && context !== transaction.request)
  );
}

/** In a failure_route: adds branches to the transaction. */
function relayMore(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
  options: RelayOptions,
): number | Promise<number> {
  const code = forward(layer, transaction, context, options.address);
  if (code instanceof Promise) return code.then((value) => failureCode(context, value));
  return failureCode(context, code);
}

function failureCode(context: ScriptContext, code: number): number {
  if (code > 0) return 1;
  context.sendError = code;
  return -1;
}

function relayRequest(
  layer: TransactionLayer,
  context: ScriptContext,
  options: RelayOptions,
): number | Promise<number> {
  const made = newTransaction(layer, context);
  if (made === Made.retransmission) return 1;
  if (made < 0 && made !== Made.already) return made;
  const transaction = layer.current(context);
  if (transaction === null) return relayAck(layer, context, options);
  if (options.replicate) transaction.set(TransactionFlag.replicated, true);
  if (options.noErrorReply) transaction.set(TransactionFlag.disableInternalReply, true);
  if (options.noFailover) transaction.set(TransactionFlag.disableFailover, true);
  if (options.noTrying) transaction.set(TransactionFlag.autoTrying, false);
  sendTrying(layer, transaction);
  const code = forward(layer, transaction, context, options.address);
  if (code instanceof Promise) return code.then((value) => relayed(layer, transaction, value));
  return relayed(layer, transaction, code);
}

/** RFC 3261, 17.2.1: a 100 before anything takes its time. */
export function sendTrying(layer: TransactionLayer, transaction: Transaction): void {
  if (!transaction.isInvite || transaction.status >= 100) return;
  if (!transaction.has(TransactionFlag.autoTrying)) return;
  const reason = layer.params.auto_inv_100_reason;
  replyLocally(layer, transaction, { status: 100, reason, headers: "", body: null });
}

/** The reply to an error is sent when the script has ended without one (see `endOfScript`). */
function relayed(layer: TransactionLayer, transaction: Transaction, code: number): number {
  if (code > 0) return 1;
  transaction.request.sendError = code;
  const isReplicated = transaction.has(TransactionFlag.replicated);
  if (layer.params.failure_exec_mode && !isReplicated && code !== SendError.canceled) {
    failLater(layer, transaction, code);
    return 1;
  }
  if (isReplicated) {
    releaseTransaction(layer, transaction);
    return code;
  }
  if (!transaction.has(TransactionFlag.disableInternalReply)) {
    transaction.set(TransactionFlag.errorPending, true);
    transaction.errorCode = code;
  }
  guardLifetime(layer, transaction);
  return code;
}

/** failure_exec_mode: what could not be sent is a branch that fails when the script has ended. */
function failLater(layer: TransactionLayer, transaction: Transaction, code: number): void {
  const branch = new Branch(transaction, transaction.branches.length, transaction.request.uri);
  transaction.branches.push(branch);
  transaction.set(TransactionFlag.used, true);
  const { status } = sendErrorReply(code);
  layer.services.clock.after(0, () => {
    if (!transaction.isDestroyed) {
      void layer.whenFree(transaction, () => fakeReply(layer, branch, status));
    }
  });
}

/** The ACK of a 2xx has no transaction (RFC 3261, 17.1.1.3). */
function relayAck(
  layer: TransactionLayer,
  context: ScriptContext,
  options: RelayOptions,
): number | Promise<number> {
  if (!tellAck(layer, context)) askOthers(layer, context);
  return layer.services.sender.forwardStateless(context, options.address ?? undefined);
}

/** RFC 3261, 16.10. */
function relayCancel(
  layer: TransactionLayer,
  context: ScriptContext,
  options: RelayOptions,
): number | Promise<number> {
  const invite = layer.table.findCanceled(context.msg);
  if (invite === undefined) {
    const mode = layer.params.unmatched_cancel;
    if (mode === 0) return relayRequest(layer, context, options);
    if (mode === 1) {
      return layer.services.sender.forwardStateless(context, options.address ?? undefined);
    }
    return 1;
  }
  return takeCancel(layer, context, invite);
}

/** Answers a CANCEL and cancels what it is for. */
export function takeCancel(
  layer: TransactionLayer,
  context: ScriptContext,
  invite: Transaction,
): number {
  const made = newTransaction(layer, context);
  if (made === Made.retransmission) return 1;
  if (made < 0 && made !== Made.already) return made;
  const cancel = layer.current(context);
  if (cancel !== null) cancelInvite(layer, invite, cancel, context);
  return 1;
}

/** When the script has ended: errors are answered, and a transaction that nothing was done with is let go. */
export function endOfScript(layer: TransactionLayer, context: ScriptContext): void {
  const transaction = context.transaction;
  if (transaction === null) return;
  const own = layer.current(context);
  if (own === null || own.request !== context || own.isFinal) return;
  if (own.has(TransactionFlag.errorPending)) {
    own.set(TransactionFlag.errorPending, false);
    const { status, reason } = sendErrorReply(own.errorCode);
    replyLocally(layer, own, { status, reason, headers: "", body: null });
    return;
  }
  if (own.branches.length > 0) return;
  if (own.has(TransactionFlag.used | TransactionFlag.suspended)) guardLifetime(layer, own);
  else releaseTransaction(layer, own);
}
