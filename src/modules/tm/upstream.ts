/** What is sent upstream from the branches: provisional replies, 2xx, and the chosen final one. */
import type { ScriptContext } from "../../runtime/context.ts";
import { buildForwardedReply } from "../../sip/build.ts";
import { reasonPhrase } from "../../sip/reasons.ts";
import { challengeLines, challengeReplies } from "./challenges.ts";
import { type TransactionLayer, isOwn } from "./layer.ts";
import { localReplyText } from "./local-reply.ts";
import { applyServer, finishOwn, release, serverInputOf } from "./server.ts";
import type { Branch, Transaction } from "./transaction.ts";

/** Sends a received reply of a branch on. */
export function sendUp(
  layer: TransactionLayer,
  branch: Branch,
  status: number,
  context: ScriptContext | null,
): void {
  const transaction = branch.transaction;
  if (isOwn(transaction)) {
    handOver(layer, transaction, status, context);
    return;
  }
  if (context === null) return;
  send(layer, branch, status, forwardedText(branch, context));
  layer.counters.relayed.value++;
  for (const listener of layer.listeners) listener.replyOut?.(transaction, status, context);
}

/** Sends the final negative reply of the chosen branch, or what takes its place. */
export function sendFinalUp(layer: TransactionLayer, winner: Branch): void {
  const transaction = winner.transaction;
  const reply = winner.reply;
  if (isOwn(transaction)) {
    handOver(layer, transaction, winner.lastStatus, reply);
    return;
  }
  let status = winner.lastStatus;
  if (reply === null) {
    // Nothing was received: what the sender asked for has happened if it cancelled.
    if (transaction.isCanceled) status = 487;
    sendMade(layer, winner, status, "");
    return;
  }
  if (status === 503 && layer.params.remap_503_500) {
    sendMade(layer, winner, 500, "");
    return;
  }
  if ((status === 401 || status === 407) && layer.params.aggregate_challenges) {
    const challenges = challengeReplies(transaction);
    if (challenges.length > 1) {
      sendMade(layer, winner, status, challengeLines(challenges));
      return;
    }
  }
  send(layer, winner, status, forwardedText(winner, reply));
  layer.counters.relayed.value++;
  for (const listener of layer.listeners) listener.replyOut?.(transaction, status, reply);
}

function forwardedText(branch: Branch, context: ScriptContext): string {
  const to = branch.transaction.replyDestination;
  const edits = context.editsIfAny;
  if (to === null) return "";
  const target = {
    address: to.address,
    port: to.port,
    proto: to.proto,
    socket: to.socket,
    branch: branch.index,
  };
  return buildForwardedReply(context.msg, edits === null ? undefined : edits, target);
}

/** A reply of our own in the place of a branch's. */
function sendMade(layer: TransactionLayer, branch: Branch, status: number, headers: string): void {
  const transaction = branch.transaction;
  const reason = reasonPhrase(status);
  const text = localReplyText(layer, transaction, { status, reason, headers, body: null });
  layer.counters.generated.value++;
  send(layer, branch, status, text);
  for (const listener of layer.listeners) listener.replyOut?.(transaction, status, undefined);
}

function send(layer: TransactionLayer, branch: Branch, status: number, text: string): void {
  const transaction = branch.transaction;
  transaction.replyText = text;
  if (status >= 200 && !transaction.isFinal) layer.counters.complete(status);
  transaction.status = status;
  if (status >= 200) transaction.relayedBranch = branch.index;
  layer.counters.sent.value++;
  applyServer(layer, transaction, serverInputOf(status, false));
  if (status >= 200 && status < 300 && transaction.watchesAck && transaction.dialogKey === "") {
    layer.table.watchAck(transaction);
  }
}

/** Gives a reply to whoever in the engine sent the request. */
function handOver(
  layer: TransactionLayer,
  transaction: Transaction,
  status: number,
  context: ScriptContext | null,
): void {
  if (status < 200) {
    if (context !== null) transaction.onProvisional?.(status, context.msg);
    return;
  }
  const isFirst = !transaction.isFinal;
  transaction.status = status;
  if (!isFirst) return;
  transaction.relayedBranch = 0;
  layer.counters.complete(status);
  finishOwn(layer, transaction);
  const { onFinal } = transaction;
  transaction.onFinal = null;
  onFinal?.(status, context?.msg, context ?? undefined);
  for (const listener of layer.listeners) {
    listener.localCompleted?.(transaction, status, context ?? undefined);
  }
}

/**
 * With noisy_ctimer off, an INVITE whose only branch never answered ends without a word; its sender has given up by then.
 */
export function endSilently(layer: TransactionLayer, branch: Branch): boolean {
  const transaction = branch.transaction;
  const speaks =
    layer.params.noisy_ctimer ||
    transaction.alwaysReplies ||
    isOwn(transaction) ||
    !transaction.isInvite ||
    transaction.branches.length > 1 ||
    transaction.onFailure !== null ||
    branch.onFailure !== null;
  if (speaks) return false;
  release(layer, transaction);
  return true;
}
