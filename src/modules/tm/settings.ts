/** What a script sets for a transaction that it has not made yet, and how a new one takes it over. */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type { TransactionLayer } from "./layer.ts";
import { type Transaction, TransactionFlag } from "./transaction.ts";

/** Settings by t_on_failure(), t_set_fr() and their like before the transaction exists; 0 and null: not set. */
export class PendingSettings {
  onFailure: string | null = null;
  onBranchFailure: string | null = null;
  onReply: string | null = null;
  onBranch: string | null = null;
  frTimeout = 0;
  frInvTimeout = 0;
  inviteLifetime = 0;
  otherLifetime = 0;
  retransmitT1 = 0;
  retransmitT2 = 0;
  /** Flags that were set, and which of them are on. */
  flagsKnown = 0;
  flags = 0;
}

const slot = new ContextSlot<PendingSettings>();

/** The settings of this message; made when first asked for. */
export function pendingSettings(context: ScriptContext): PendingSettings {
  const known = context.state(slot);
  if (known !== undefined) return known;
  const made = new PendingSettings();
  context.setState(slot, made);
  return made;
}

export function pendingSettingsIfAny(context: ScriptContext): PendingSettings | undefined {
  return context.state(slot);
}

/** Gives a new transaction its timers and flags from the parameters, the script and the avps. */
export function applySettings(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
): void {
  const pending = context.state(slot);
  applyParams(layer, transaction);
  if (layer.timeouts.fr !== null || layer.timeouts.frInv !== null) {
    applyTimeoutVariables(layer, transaction, context);
  }
  if (pending !== undefined) applyPending(transaction, pending);
}

/** Gives a new transaction the timers and flags that parameters say. */
export function applyParams(layer: TransactionLayer, transaction: Transaction): void {
  const { params } = layer;
  const { isInvite } = transaction;
  transaction.lifetimeEnd =
    transaction.createdAt + (isInvite ? params.max_inv_lifetime : params.max_noninv_lifetime);
  transaction.frTimeout = params.fr_timer;
  transaction.frInvTimeout = params.fr_inv_timer;
  transaction.retransmitT1 = params.retr_timer1;
  transaction.retransmitT2 = params.retr_timer2;
  transaction.set(TransactionFlag.autoTrying, params.auto_inv_100);
  transaction.set(TransactionFlag.disable6xx, params.disable_6xx_block);
}

function applyPending(transaction: Transaction, pending: PendingSettings): void {
  const lifetime = transaction.isInvite ? pending.inviteLifetime : pending.otherLifetime;
  if (lifetime > 0) transaction.lifetimeEnd = transaction.createdAt + lifetime;
  if (pending.frTimeout > 0) transaction.frTimeout = pending.frTimeout;
  if (pending.frInvTimeout > 0) transaction.frInvTimeout = pending.frInvTimeout;
  if (pending.retransmitT1 > 0) transaction.retransmitT1 = pending.retransmitT1;
  if (pending.retransmitT2 > 0) transaction.retransmitT2 = pending.retransmitT2;
  transaction.onFailure = pending.onFailure;
  transaction.onBranchFailure = pending.onBranchFailure;
  transaction.onReply = pending.onReply;
  transaction.onBranch = pending.onBranch;
  transaction.flags = (transaction.flags & ~pending.flagsKnown) | pending.flags;
}

/** fr_timer_avp and fr_inv_timer_avp: seconds. */
function applyTimeoutVariables(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
): void {
  const fr = seconds(layer.timeouts.fr?.get(context) ?? null);
  if (fr > 0) transaction.frTimeout = fr * 1000;
  const frInv = seconds(layer.timeouts.frInv?.get(context) ?? null);
  if (frInv > 0) transaction.frInvTimeout = frInv * 1000;
}

function seconds(value: string | number | null): number {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? Math.trunc(number) : 0;
}
