/** Script functions that ask about a transaction and its branches. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { TransactionLayer } from "./layer.ts";
import {
  findAcknowledged,
  findEndToEnd,
  lookupRequest,
  retransmitted,
  takeAckOf,
} from "./new-transaction.ts";
import { findBranch } from "./replies.ts";
import { type Branch, type Transaction, TransactionFlag } from "./transaction.ts";

function truth(value: boolean): number {
  return value ? 1 : -1;
}

/** Branch that a failure_route or branch-failure route runs for. */
export function routeBranch(transaction: Transaction): Branch | undefined {
  const index = transaction.failedBranch >= 0 ? transaction.failedBranch : transaction.pickedBranch;
  return index < 0 ? undefined : transaction.branches[index];
}

function anyBranch(transaction: Transaction | null, test: (branch: Branch) => boolean): number {
  return truth(transaction !== null && transaction.branches.some(test));
}

/** The status that t_check_status() and `$T_reply_code` mean: 0 when there is none. */
export function statusOf(layer: TransactionLayer, context: ScriptContext): number {
  if (!context.msg.isRequest) return context.msg.statusCode;
  const transaction = layer.current(context);
  if (transaction === null) return 0;
  const branch =
    context.scope === "failure" || context.scope === "event" ? routeBranch(transaction) : undefined;
  return branch === undefined ? transaction.status : branch.lastStatus;
}

/** t_check_trans(): by kind of message. */
function checkTransaction(layer: TransactionLayer, context: ScriptContext): number {
  if (layer.current(context) !== null) return 1;
  const message = context.msg;
  if (!message.isRequest) return truth(findBranch(layer, context) !== undefined);
  if (message.method === "CANCEL") return truth(lookupCancel(layer, context) !== null);
  if (message.method === "ACK") {
    const acknowledged = findAcknowledged(layer, context);
    if (acknowledged === null) return truth(findEndToEnd(layer, context) !== null);
    context.transaction = acknowledged;
    takeAckOf(layer, acknowledged, context);
    return 0;
  }
  const known = lookupRequest(layer, context);
  if (known === null) return -1;
  retransmitted(layer, known, context);
  return 0;
}

export function lookupCancel(layer: TransactionLayer, context: ScriptContext): Transaction | null {
  if (context.msg.method !== "CANCEL") return null;
  return layer.table.findCanceled(context.msg) ?? null;
}

/** Forgets replies according to the word; shows when the failure_route adds branches. */
function dropFor(layer: TransactionLayer, context: ScriptContext, mode: string): number {
  const transaction = layer.current(context);
  if (transaction === null) return -1;
  transaction.dropMode = mode === "n" ? 0 : mode === "l" ? 2 : 3;
  return 1;
}

function clean(layer: TransactionLayer): number {
  const now = layer.now();
  // Far beyond: nothing that still has a timer is meant.
  const grace = 10_000;
  let count = 0;
  for (const transaction of layer.table.all()) {
    const { frTimeout, frInvTimeout } = transaction;
    const end = transaction.lifetimeEnd + frTimeout + frInvTimeout + layer.params.wt_timer + grace;
    if (transaction.isBusy || now <= end) continue;
    layer.destroy(transaction);
    count++;
  }
  return count;
}

/** Destroys transactions that are far beyond their lifetime; hands back how many. */
export const cleanTransactions = clean;

export function stateFunctions(layer: TransactionLayer) {
  const current = (context: ScriptContext): Transaction | null => layer.current(context);
  const failing = (context: ScriptContext): Branch | undefined => {
    const transaction = layer.current(context);
    return transaction === null ? undefined : routeBranch(transaction);
  };
  return {
    t_branch_timeout: (context: ScriptContext) => truth(failing(context)?.isTimedOut === true),
    t_branch_replied: (context: ScriptContext) => truth(failing(context)?.isReplied === true),
    t_any_timeout: (context: ScriptContext) => anyBranch(current(context), (b) => b.isTimedOut),
    t_any_replied: (context: ScriptContext) => anyBranch(current(context), (b) => b.isReplied),
    t_grep_status: (context: ScriptContext, code: number) =>
      anyBranch(current(context), (b) => b.lastStatus === code && !b.isDropped),
    t_is_canceled: (context: ScriptContext) => truth(current(context)?.isCanceled === true),
    t_is_expired: (context: ScriptContext) => {
      const transaction = current(context);
      return truth(transaction !== null && layer.now() >= transaction.lifetimeEnd);
    },
    t_lookup_request: (context: ScriptContext) => truth(lookupRequest(layer, context) !== null),
    t_lookup_cancel: (context: ScriptContext, flags: number | undefined) => {
      const invite = lookupCancel(layer, context);
      if (invite !== null && flags === 1) context.flags = invite.messageFlags;
      return truth(invite !== null);
    },
    t_check_trans: (context: ScriptContext) => checkTransaction(layer, context),
    t_check_status: (context: ScriptContext, expression: RegExp) =>
      truth(expression.test(String(statusOf(layer, context)))),
    t_get_status_code: (context: ScriptContext) => statusOf(layer, context) || -1,
    t_drop_replies: (context: ScriptContext, mode: string | undefined) =>
      dropFor(layer, context, mode ?? "a"),
    t_is_retr_async_reply: (context: ScriptContext) =>
      truth(current(context)?.has(TransactionFlag.replySuspended) === true),
    t_clean: () => {
      clean(layer);
      return 1;
    },
  };
}
