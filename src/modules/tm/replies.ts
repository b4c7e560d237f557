/** What a reply does: to its branch, to the reply_route, and to what is sent upstream. */
import type { ScriptContext } from "../../runtime/context.ts";
import { ClientAction, clientInputOf, nextClientState, stepClient } from "./client-states.ts";
import { cancelAfterTimeout, cancelOnProvisional, cancelOthers, cancelReplied } from "./cancel.ts";
import { runBranchFailure, runFailure } from "./failure.ts";
import { acknowledge, acknowledgeLocal } from "./acknowledge.ts";
import { tryAlternative } from "./failover.ts";
import type { TransactionLayer } from "./layer.ts";
import { dropReplies, pickBranch } from "./picking.ts";
import { callIdOf, Remains, reviveWithRequest } from "./remains.ts";
import { ringBranch, slowRetransmission, stopRetransmission, stopTimers } from "./timers.ts";
import { type Branch, type Transaction, TransactionFlag } from "./transaction.ts";
import { endSilently, sendFinalUp, sendUp } from "./upstream.ts";

/** Takes a reply from the network; false when it belongs to no transaction. */
export function receiveReply(
  layer: TransactionLayer,
  context: ScriptContext,
): boolean | Promise<boolean> {
  const found = findBranchOrRemains(layer, context);
  if (found === undefined) return unmatched(layer, context);
  layer.counters.received.value++;
  const branch = found instanceof Remains ? revivedBranch(layer, found, context) : found;
  if (branch === undefined) {
    layer.counters.absorbed.value++;
    return true;
  }
  const transaction = branch.transaction;
  if (transaction.isBusy) {
    void layer.whenFree(transaction, () => processReply(layer, branch, context));
    return true;
  }
  const work = processReply(layer, branch, context);
  if (work === undefined) return true;
  return layer.holdWhile(transaction, work).then(always);
}

function always(): boolean {
  return true;
}

/** The branch that a reply belongs to; with callid_matching only if the Call-ID is the same too. */
export function findBranch(layer: TransactionLayer, context: ScriptContext): Branch | undefined {
  const found = findBranchOrRemains(layer, context);
  return found instanceof Remains ? revivedBranch(layer, found, context) : found;
}

function findBranchOrRemains(
  layer: TransactionLayer,
  context: ScriptContext,
): Branch | Remains | undefined {
  const found = layer.table.findReply(context.msg);
  if (found === undefined || !layer.params.callid_matching) return found;
  const waiting = found instanceof Remains ? found : found.transaction;
  return callIdOf(waiting) === context.msg.callId ? found : undefined;
}

/** The branch of a late reply, where something looks at late replies. */
function revivedBranch(
  layer: TransactionLayer,
  remains: Remains,
  context: ScriptContext,
): Branch | undefined {
  const branch = layer.table.branchNumber(context.msg, remains.token);
  return reviveWithRequest(layer, remains)?.branches[branch];
}

/** A reply without transaction: on_sl_reply decides whether it is forwarded. */
function unmatched(layer: TransactionLayer, context: ScriptContext): boolean | Promise<boolean> {
  const route = layer.params.on_sl_reply;
  const { routes } = layer.services;
  if (route === undefined || !routes.has("reply", route)) return false;
  const code = routes.run("reply", route, context);
  if (code instanceof Promise) return code.then((value) => value === 0 || context.dropped);
  return code === 0 || context.dropped;
}

/** RFC 3261, 17.1 and 16.7. */
function processReply(
  layer: TransactionLayer,
  branch: Branch,
  context: ScriptContext,
): void | Promise<void> {
  const transaction = branch.transaction;
  if (transaction.isDestroyed) return;
  const status = context.msg.statusCode;
  context.transaction = transaction;
  context.branchIndex = branch.index;
  if (transaction.isInvite && context.msg.cseqMethod === "CANCEL") {
    cancelReplied(layer, branch, status);
    return;
  }
  for (const listener of layer.listeners) listener.replyIn?.(transaction, branch, context);
  const input = clientInputOf(status);
  const step = stepClient(transaction.isInvite, branch.state, input);
  branch.state = nextClientState(step);
  const previous = branch.lastStatus;
  const rings = (step & ClientAction.ring) !== 0;
  applyActions(layer, branch, step, context);
  if (status < 200 && branch.isCanceled && transaction.isInvite) {
    branch.lastStatus = Math.max(branch.lastStatus, status);
    cancelOnProvisional(layer, branch);
    return;
  }
  return throughReplyRoute(layer, branch, context, rings ? previous : -1);
}

/** Runs the reply_route if there is one, then passes the reply on. */
function throughReplyRoute(
  layer: TransactionLayer,
  branch: Branch,
  context: ScriptContext,
  previous: number,
): void | Promise<void> {
  const { routes } = layer.services;
  const route = branch.onReply ?? branch.transaction.onReply;
  if (route === null || !routes.has("reply", route))
    return finish(layer, branch, context, previous);
  enterReplyRoute(branch, context);
  const code = routes.run("reply", route, context);
  if (code instanceof Promise) {
    return code.then(() => afterReplyRoute(layer, branch, context, previous));
  }
  return afterReplyRoute(layer, branch, context, previous);
}

function applyActions(
  layer: TransactionLayer,
  branch: Branch,
  step: number,
  context: ScriptContext,
): void {
  const { isLocal, isInvite } = branch.transaction;
  if ((step & ClientAction.acknowledge) !== 0) acknowledge(layer, branch, context);
  else if (isLocal && isInvite && context.msg.statusCode >= 200) {
    acknowledgeLocal(layer, branch, context);
  }
  if (context.msg.statusCode >= 200) branch.cancelTimer?.cancel();
  if ((step & ClientAction.stopTimers) !== 0) stopTimers(branch);
  else if ((step & ClientAction.stopRetransmission) !== 0) stopRetransmission(branch);
  else if ((step & ClientAction.slowRetransmission) !== 0) slowRetransmission(layer, branch);
}

/** The reply_route works on the transaction's lists and flags, and on the branch's flags. */
function enterReplyRoute(branch: Branch, context: ScriptContext): void {
  const transaction = branch.transaction;
  context.scope = "reply";
  context.lists = transaction.lists;
  context.flags = transaction.messageFlags;
  context.branchFlags = branch.flags;
  context.dropped = false;
  if (context.msg.statusCode >= 200) transaction.set(TransactionFlag.replySuspended, true);
}

function afterReplyRoute(
  layer: TransactionLayer,
  branch: Branch,
  context: ScriptContext,
  previous: number,
): void | Promise<void> {
  const transaction = branch.transaction;
  transaction.set(TransactionFlag.replySuspended, false);
  transaction.messageFlags = context.flags;
  branch.flags = context.branchFlags;
  // Only provisional replies can be dropped: a final one has already ended its branch.
  if (context.dropped && context.msg.statusCode < 200) {
    layer.counters.absorbed.value++;
    return;
  }
  return finish(layer, branch, context, previous);
}

/** Passes the reply on; `previous` is the branch's last status when it rings now, else -1. */
function finish(
  layer: TransactionLayer,
  branch: Branch,
  context: ScriptContext,
  previous: number,
): void | Promise<void> {
  const status = context.msg.statusCode;
  const work = deliver(layer, branch, status, context);
  branch.isReplied = true;
  if (previous >= 0 && !branch.transaction.isFinal && restartsTimer(layer, previous, status)) {
    ringBranch(layer, branch);
  }
  return work;
}

/** Whether a provisional reply starts timer C again (restart_fr_on_each_reply). */
function restartsTimer(layer: TransactionLayer, previous: number, status: number): boolean {
  if (layer.params.restart_fr_on_each_reply) return true;
  return previous < status && (status >= 180 || previous === 0);
}

/** Takes a reply of a branch, received or (without context) made here, by the rules of RFC 3261, 16.7. */
export function deliver(
  layer: TransactionLayer,
  branch: Branch,
  status: number,
  context: ScriptContext | null,
): void | Promise<void> {
  const transaction = branch.transaction;
  const isSuccess = status >= 200 && status < 300;
  if (transaction.isFinal) {
    if (context !== null) deliverLate(layer, branch, context);
    return;
  }
  if (branch.lastStatus >= 200 && !(isSuccess && transaction.isInvite && branch.lastStatus < 300)) {
    layer.counters.absorbed.value++;
    return;
  }
  branch.lastStatus = status;
  if (status >= 300) return deliverNegative(layer, branch, context);
  if (status !== 100 || layer.params.relay_100) sendUp(layer, branch, status, context);
  else layer.counters.absorbed.value++;
  if (isSuccess) {
    endBranches(transaction);
    cancelOthers(layer, transaction, branch, status);
  }
}

/** After the final reply: a further 2xx goes through at once (RFC 3261, 16.7 step 5; RFC 6026, 7.1). */
function deliverLate(layer: TransactionLayer, branch: Branch, context: ScriptContext): void {
  const transaction = branch.transaction;
  const status = context.msg.statusCode;
  const isSuccess = status >= 200 && status < 300;
  if (!isSuccess || !transaction.isInvite || transaction.relayedBranch < 0) {
    layer.counters.absorbed.value++;
    return;
  }
  branch.lastStatus = status;
  sendUp(layer, branch, status, context);
}

function endBranches(transaction: Transaction): void {
  for (const branch of transaction.branches) stopTimers(branch);
}

/** A branch has failed: keeps its reply, and goes on when it was the last one or a 6xx. */
function deliverNegative(
  layer: TransactionLayer,
  branch: Branch,
  context: ScriptContext | null,
): void | Promise<void> {
  branch.reply = context;
  branch.isFaked = context === null;
  // A server that is busy is as good as one that is down (RFC 3263, 4.3).
  if (branch.lastStatus === 503 && !branch.isCanceled && tryAlternative(layer, branch)) return;
  const work = runBranchFailure(layer, branch);
  if (work instanceof Promise) return work.then(() => choose(layer, branch));
  return choose(layer, branch);
}

/** RFC 3261, 16.7 steps 5 and 6. */
function choose(layer: TransactionLayer, branch: Branch): void | Promise<void> {
  const transaction = branch.transaction;
  if (transaction.isFinal || transaction.isDestroyed) return;
  if (branch.lastStatus >= 600 && !transaction.has(TransactionFlag.disable6xx)) {
    cancelOthers(layer, transaction, branch, branch.lastStatus);
  }
  const winner = pickBranch(transaction, layer.params.faked_reply_prio);
  if (winner === undefined) {
    if (branch.reply !== null) layer.counters.absorbed.value++;
    return;
  }
  const known = transaction.branches.length;
  const sent = transaction.sentBranches;
  const failed = runFailure(layer, winner);
  if (failed instanceof Promise) {
    return failed.then((mode) => settle(layer, winner, { known, sent, mode }));
  }
  return settle(layer, winner, { known, sent, mode: failed });
}

/** How things stood before a failure_route, and what it wants: `mode` as failure_reply_mode. */
interface FailureOutcome {
  readonly known: number;
  readonly sent: number;
  readonly mode: number;
}

/** After the failure_route: waits for new branches, or sends the chosen reply. */
function settle(layer: TransactionLayer, winner: Branch, outcome: FailureOutcome): void {
  const transaction = winner.transaction;
  const { known, sent, mode } = outcome;
  if (transaction.isFinal || transaction.isDestroyed) return;
  if (transaction.sentBranches > sent) {
    if (mode === 1 || mode === 3) dropReplies(transaction, 0, known);
    else if (mode === 2) dropReplies(transaction, transaction.stepStart, known);
    transaction.stepStart = known;
    return;
  }
  endBranches(transaction);
  sendFinalUp(layer, winner);
}

/** The final reply did not come in time (RFC 3261, 16.8): goes on as if it had been 408. */
export function timeOutBranch(layer: TransactionLayer, branch: Branch): void | Promise<void> {
  const transaction = branch.transaction;
  branch.isTimedOut = true;
  if (layer.now() >= transaction.lifetimeEnd) transaction.set(TransactionFlag.expired, true);
  if (branch.lastStatus === 0 && endSilently(layer, branch)) return;
  if (branch.lastStatus === 0 && !branch.isCanceled) {
    const next = tryAlternative(layer, branch);
    if (next) return;
  }
  const rang = branch.lastStatus >= 100;
  const work = deliver(layer, branch, 408, null);
  if (transaction.isInvite) cancelAfterTimeout(layer, branch, rang);
  return work;
}

/** Ends a branch as if this reply had come. */
export function fakeReply(
  layer: TransactionLayer,
  branch: Branch,
  status: number,
): void | Promise<void> {
  stopTimers(branch);
  return deliver(layer, branch, status, null);
}
