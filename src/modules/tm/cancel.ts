/** Cancelling branches (RFC 3261, 9): on a received CANCEL, on a final reply, and after a timeout. */
import type { ScriptContext } from "../../runtime/context.ts";
import { buildCancel } from "../../sip/build.ts";
import { reasonPhrase } from "../../sip/reasons.ts";
import { extraHeaders, sentMessage } from "./acknowledge.ts";
import type { TransactionLayer } from "./layer.ts";
import { replyLocally } from "./local-reply.ts";
import { isPending } from "./picking.ts";
import { fakeReply } from "./replies.ts";
import { stopRetransmission } from "./timers.ts";
import { type Branch, type Transaction, TransactionFlag } from "./transaction.ts";

/** A received CANCEL for an INVITE: cancels its branches and is answered (RFC 3261, 16.10). */
export function cancelInvite(
  layer: TransactionLayer,
  invite: Transaction,
  cancel: Transaction,
  context: ScriptContext,
): void {
  invite.set(TransactionFlag.canceled, true);
  for (const listener of layer.listeners) listener.cancelIn?.(invite, context);
  const done = { status: 200, reason: "OK", headers: "", body: null };
  if (invite.branches.length === 0) {
    const reason = reasonPhrase(487);
    replyLocally(layer, invite, { status: 487, reason, headers: "", body: null });
    replyLocally(layer, cancel, done);
    return;
  }
  const reasons = copiesReason(layer, invite) ? reasonLines(context) : "";
  for (const branch of invite.branches) cancelBranch(layer, branch, reasons);
  replyLocally(layer, cancel, done);
}

function copiesReason(layer: TransactionLayer, invite: Transaction): boolean {
  return layer.params.e2e_cancel_reason && !invite.has(TransactionFlag.noCancelReason);
}

/** The Reason headers of a received CANCEL, each as it came (RFC 3326). */
function reasonLines(context: ScriptContext): string {
  const message = context.msg;
  let lines = "";
  for (let i = message.findName("Reason"); i >= 0; i = message.findName("Reason", i)) {
    lines += message.headerText(i);
  }
  return lines;
}

/** The Reason header of a CANCEL that follows from a final reply. */
function ownReason(layer: TransactionLayer, status: number): string {
  if (!layer.params.local_cancel_reason || status < 200) return "";
  // The text that RFC 3326, 3.1 has for this case, which phones look at.
  const text = status === 200 ? ';text="Call completed elsewhere"' : "";
  return `Reason: SIP;cause=${status}${text}\r\n`;
}

/** Cancels all other branches after a final reply on one (RFC 3261, 16.7 steps 5 and 10). */
export function cancelOthers(
  layer: TransactionLayer,
  transaction: Transaction,
  winner: Branch,
  status: number,
): void {
  if (!transaction.isInvite || transaction.branches.length === 1) return;
  const reason = ownReason(layer, status);
  for (const branch of transaction.branches) {
    if (branch !== winner) cancelBranch(layer, branch, reason);
  }
}

/** Cancels all branches after a final reply made here. */
export function cancelAll(layer: TransactionLayer, transaction: Transaction, status: number): void {
  if (!transaction.isInvite || transaction.branches.length === 0) return;
  const reason = ownReason(layer, status);
  for (const branch of transaction.branches) cancelBranch(layer, branch, reason);
}

/** Cancels the pending branches that are wanted; `cause` 0 for no Reason header. */
export function cancelSome(
  layer: TransactionLayer,
  transaction: Transaction,
  cause: number,
  isWanted: (branch: Branch) => boolean,
): void {
  const headers = cause === 0 ? "" : `Reason: SIP;cause=${cause}\r\n`;
  for (const branch of transaction.branches) {
    if (isWanted(branch)) cancelBranch(layer, branch, headers);
  }
}

/** RFC 3261, 9.1: CANCEL follows a provisional reply; before one, cancel_b_method says what happens. */
export function cancelBranch(layer: TransactionLayer, branch: Branch, headers: string): void {
  if (!isPending(branch) || branch.isCanceled) return;
  branch.isCanceled = true;
  branch.cancelHeaders = headers;
  if (branch.lastStatus >= 100) {
    stopRetransmission(branch);
    sendCancel(layer, branch);
    return;
  }
  const method = layer.params.cancel_b_method;
  if (method === 0) {
    const { transaction } = branch;
    if (!transaction.isFinal) void layer.whenFree(transaction, () => fakeReply(layer, branch, 487));
    return;
  }
  if (method === 2) {
    stopRetransmission(branch);
    sendCancel(layer, branch);
  }
}

/** A provisional reply on a branch that was cancelled: the CANCEL goes out now, or again. */
export function cancelOnProvisional(layer: TransactionLayer, branch: Branch): void {
  if (branch.cancelText === "") sendCancel(layer, branch);
  else resendCancel(branch);
}

/** A branch that rang too long is cancelled (RFC 3261, 16.8); one that never answered is, if it does later. */
export function cancelAfterTimeout(layer: TransactionLayer, branch: Branch, rang: boolean): void {
  if (branch.isCanceled) return;
  branch.isCanceled = true;
  branch.cancelHeaders = "";
  if (rang || layer.params.cancel_b_method === 2) sendCancel(layer, branch);
}

function sendCancel(layer: TransactionLayer, branch: Branch): void {
  const sent = sentMessage(branch);
  if (sent === null) return;
  const { transaction } = branch;
  branch.cancelText = buildCancel(sent, branch.cancelHeaders + extraHeaders(layer, sent));
  resendCancel(branch);
  branch.cancelInterval = transaction.retransmitT1;
  branch.cancelUntil = layer.now() + transaction.frTimeout;
  branch.cancelTimer = layer.services.clock.after(branch.cancelInterval, () =>
    onCancelTimer(layer, branch),
  );
}

function resendCancel(branch: Branch): void {
  const to = branch.destination;
  if (to !== null) to.socket.send(branch.cancelText, to.port, to.address);
}

/** RFC 3261, 17.1.2.2 timer E, for the CANCEL of a branch. */
function onCancelTimer(layer: TransactionLayer, branch: Branch): void {
  const { transaction } = branch;
  if (transaction.isDestroyed || layer.now() >= branch.cancelUntil) return;
  resendCancel(branch);
  branch.cancelInterval = Math.min(branch.cancelInterval * 2, transaction.retransmitT2);
  branch.cancelTimer?.restart(branch.cancelInterval);
}

/** The CANCEL of a branch was answered. */
export function cancelReplied(layer: TransactionLayer, branch: Branch, status: number): void {
  layer.counters.absorbed.value++;
  if (status >= 200) branch.cancelTimer?.cancel();
}
