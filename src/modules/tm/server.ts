/** The server side of a transaction: sending replies upstream, again when asked, and letting go of it. */
import type { TransactionLayer } from "./layer.ts";
import {
  ServerAction,
  ServerInput,
  ServerState,
  nextServerState,
  stepServer,
} from "./server-states.ts";
import { startServer, startWait } from "./timers.ts";
import type { Transaction } from "./transaction.ts";

/** Moves the server side on, and does what follows. */
export function applyServer(
  layer: TransactionLayer,
  transaction: Transaction,
  input: number,
): void {
  const step = stepServer(transaction.isInvite, transaction.serverState, input);
  transaction.serverState = nextServerState(step);
  if ((step & (ServerAction.send | ServerAction.resend)) !== 0) sendReplyText(transaction);
  if ((step & ServerAction.retransmit) !== 0) startServer(layer, transaction);
  if ((step & ServerAction.linger) !== 0) startWait(layer, transaction);
  if ((step & ServerAction.destroy) !== 0) layer.destroy(transaction);
}

/** Sends the last reply; nothing when there is none. */
export function sendReplyText(transaction: Transaction): boolean {
  const to = transaction.replyDestination;
  if (to === null || transaction.replyText === "") return false;
  to.socket.send(transaction.replyText, to.port, to.address);
  return true;
}

/** The input that sending a reply with this status is. */
export function serverInputOf(status: number, isLocal: boolean): number {
  if (status < 200) return ServerInput.provisional;
  if (status >= 300) return ServerInput.negative;
  return isLocal ? ServerInput.localSuccess : ServerInput.relayedSuccess;
}

/** Lets a transaction of the engine itself linger: its final reply has been handed over. */
export function finishOwn(layer: TransactionLayer, transaction: Transaction): void {
  transaction.serverState = ServerState.confirmed;
  startWait(layer, transaction);
}

/** Ends a transaction whatever its state (t_release()). */
export function release(layer: TransactionLayer, transaction: Transaction): void {
  for (const branch of transaction.branches) {
    branch.retransmitAt = Infinity;
    branch.finalAt = Infinity;
    branch.timer?.cancel();
  }
  applyServer(layer, transaction, ServerInput.release);
  // Also from states in which nothing is released any more.
  if (!transaction.isDestroyed) startWait(layer, transaction);
}
