/** Retransmission and timeouts: one timer for each branch and one for the server side, at the earlier of their times. */
import { ClientAction, ClientInput, nextClientState, stepClient } from "./client-states.ts";
import type { TransactionLayer } from "./layer.ts";
import { isPending } from "./picking.ts";
import { timeOutBranch } from "./replies.ts";
import { ServerInput } from "./server-states.ts";
import { applyServer } from "./server.ts";
import type { Branch, Transaction } from "./transaction.ts";

/** Starts the timers of a branch that was just sent (RFC 3261, 17.1.1.2 and 17.1.2.2: A or E, B or F). */
export function startBranch(layer: TransactionLayer, branch: Branch): void {
  const transaction = branch.transaction;
  const now = layer.now();
  branch.interval = transaction.retransmitT1;
  branch.retransmitAt = now + branch.interval;
  branch.finalAt = withinLifetime(transaction, now, transaction.frTimeout);
  armBranch(layer, branch, now);
}

/** No timer runs beyond the transaction's lifetime; at its end things happen at once. */
function withinLifetime(transaction: Transaction, now: number, delay: number): number {
  return Math.max(now, Math.min(now + delay, transaction.lifetimeEnd));
}

/** Waits for the final reply to an INVITE from now on as for that of a ringing one (RFC 3261, 16.6 timer C). */
export function ringBranch(layer: TransactionLayer, branch: Branch): void {
  const now = layer.now();
  branch.isRinging = true;
  branch.finalAt = withinLifetime(branch.transaction, now, branch.transaction.frInvTimeout);
  armBranch(layer, branch, now);
}

/** Waits for the final reply for so long from now on. */
export function waitForFinal(layer: TransactionLayer, branch: Branch, delay: number): void {
  const now = layer.now();
  branch.finalAt = withinLifetime(branch.transaction, now, delay);
  armBranch(layer, branch, now);
}

export function stopRetransmission(branch: Branch): void {
  // The timer is left to run: it finds that nothing is due and waits for the final one.
  branch.retransmitAt = Infinity;
}

/** Retransmissions go on at the longest interval (RFC 3261, 17.1.2.2). */
export function slowRetransmission(layer: TransactionLayer, branch: Branch): void {
  if (branch.retransmitAt === Infinity) return;
  const now = layer.now();
  branch.interval = branch.transaction.retransmitT2;
  branch.retransmitAt = now + branch.interval;
  armBranch(layer, branch, now);
}

export function stopTimers(branch: Branch): void {
  branch.retransmitAt = Infinity;
  branch.finalAt = Infinity;
  branch.timer?.cancel();
}

function armBranch(layer: TransactionLayer, branch: Branch, now: number): void {
  const next = Math.min(branch.retransmitAt, branch.finalAt);
  if (next === Infinity) return;
  const delay = Math.max(0, next - now);
  if (branch.timer === null) {
    branch.timer = layer.services.clock.after(delay, () => onBranchTimer(layer, branch));
  } else branch.timer.restart(delay);
}

function onBranchTimer(layer: TransactionLayer, branch: Branch): void {
  const transaction = branch.transaction;
  if (transaction.isDestroyed) return;
  const now = layer.now();
  if (branch.finalAt <= now) {
    void layer.whenFree(transaction, () => finalTimer(layer, branch));
    return;
  }
  if (branch.retransmitAt <= now) {
    const step = stepClient(transaction.isInvite, branch.state, ClientInput.retransmitTimer);
    branch.state = nextClientState(step);
    if ((step & ClientAction.resend) !== 0) {
      resend(branch);
      // As Kamailio: T2 also bounds the interval of an INVITE. Departs from RFC 3261, 17.1.1.2.
      branch.interval = Math.min(branch.interval * 2, transaction.retransmitT2);
      branch.retransmitAt = now + branch.interval;
    } else branch.retransmitAt = Infinity;
  }
  armBranch(layer, branch, now);
}

function finalTimer(layer: TransactionLayer, branch: Branch): void | Promise<void> {
  // A reply may have come while the job waited.
  if (branch.transaction.isDestroyed || branch.finalAt > layer.now()) return;
  const step = stepClient(branch.transaction.isInvite, branch.state, ClientInput.finalTimer);
  stopTimers(branch);
  if ((step & ClientAction.timeOut) !== 0) return timeOutBranch(layer, branch);
}

function resend(branch: Branch): void {
  const to = branch.destination;
  if (to !== null) to.socket.send(branch.text, to.port, to.address);
}

/** Sends the final reply again until its ACK comes (RFC 3261, 17.2.1: timers G and H). */
export function startServer(layer: TransactionLayer, transaction: Transaction): void {
  const now = layer.now();
  transaction.interval = transaction.retransmitT1;
  transaction.retransmitAt = now + transaction.interval;
  transaction.finalAt = now + transaction.frTimeout;
  armServer(layer, transaction, now);
}

/** Lets go of a transaction that nothing is under way for when its lifetime is over. */
export function guardLifetime(layer: TransactionLayer, transaction: Transaction): void {
  if (transaction.destroyAt !== Infinity || transaction.isFinal) return;
  const now = layer.now();
  transaction.finalAt = Math.max(now, transaction.lifetimeEnd);
  armServer(layer, transaction, now);
}

/** Keeps a finished transaction for what comes late. */
export function startWait(layer: TransactionLayer, transaction: Transaction): void {
  if (transaction.destroyAt !== Infinity) return;
  const now = layer.now();
  transaction.retransmitAt = Infinity;
  transaction.finalAt = Infinity;
  transaction.destroyAt = now + layer.params.wt_timer;
  layer.counters.waiting++;
  if (!transaction.isInvite) forgetSent(transaction);
  transaction.timer?.cancel();
  transaction.timer = null;
  layer.waiting.add(transaction);
}

/** What was sent is not sent again, and takes most of the memory that a waiting transaction keeps. */
function forgetSent(transaction: Transaction): void {
  transaction.edits = null;
  for (const branch of transaction.branches) {
    branch.text = "";
    branch.sent = null;
    branch.reply = null;
    branch.alternatives = null;
  }
}

function armServer(layer: TransactionLayer, transaction: Transaction, now: number): void {
  const next = Math.min(transaction.retransmitAt, transaction.finalAt);
  if (next === Infinity) return;
  const delay = Math.max(0, next - now);
  if (transaction.timer === null) {
    const { clock } = layer.services;
    transaction.timer = clock.after(delay, () => onServerTimer(layer, transaction));
  } else transaction.timer.restart(delay);
}

function onServerTimer(layer: TransactionLayer, transaction: Transaction): void {
  if (transaction.isDestroyed) return;
  const now = layer.now();
  if (transaction.finalAt <= now) {
    transaction.finalAt = Infinity;
    // While branches are pending, their own timers end the transaction.
    const isIdle = transaction.isFinal || !transaction.branches.some(isPending);
    if (isIdle) applyServer(layer, transaction, ServerInput.finalTimer);
    return;
  }
  if (transaction.retransmitAt <= now) {
    transaction.interval = Math.min(transaction.interval * 2, transaction.retransmitT2);
    transaction.retransmitAt = now + transaction.interval;
    applyServer(layer, transaction, ServerInput.retransmitTimer);
  }
  armServer(layer, transaction, now);
}

/** Moves the end of waiting of all pending branches after t_set_fr(). */
export function changeTimeouts(layer: TransactionLayer, transaction: Transaction): void {
  for (const branch of transaction.branches) {
    if (branch.finalAt === Infinity) continue;
    const delay = branch.isRinging ? transaction.frInvTimeout : transaction.frTimeout;
    waitForFinal(layer, branch, delay);
  }
}

/** Sets the intervals of pending branches after t_set_retr(): from the next retransmission on. */
export function changeIntervals(transaction: Transaction, oldT2: number): void {
  for (const branch of transaction.branches) {
    if (branch.retransmitAt === Infinity) continue;
    // The interval is doubled before it is used.
    branch.interval =
      branch.interval < oldT2 ? transaction.retransmitT1 / 2 : transaction.retransmitT2;
  }
}
