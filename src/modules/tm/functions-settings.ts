/** Script functions that set what a transaction does: routes, timers, flags. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { TransactionLayer } from "./layer.ts";
import { type PendingSettings, pendingSettings, pendingSettingsIfAny } from "./settings.ts";
import { changeIntervals, changeTimeouts } from "./timers.ts";
import { type Transaction, TransactionFlag } from "./transaction.ts";

/** The routes that both a transaction and the settings for the next one have. */
type RouteName = "onFailure" | "onReply" | "onBranch" | "onBranchFailure";

function targetOf(layer: TransactionLayer, context: ScriptContext): Transaction | PendingSettings {
  return layer.current(context) ?? pendingSettings(context);
}

/** "0" takes the route back. */
function routeOrNone(name: string): string | null {
  return name === "" || name === "0" ? null : name;
}

function setRoute(
  layer: TransactionLayer,
  context: ScriptContext,
  which: RouteName,
  name: string,
): number {
  const value = routeOrNone(name);
  const transaction = layer.current(context);
  if (context.scope === "branch" && transaction !== null && which !== "onBranch") {
    // A branch_route sets it for its branch only.
    const branch = transaction.branches[context.branchIndex];
    if (branch !== undefined) branch[which] = value;
    return 1;
  }
  targetOf(layer, context)[which] = value;
  return 1;
}

function setFlag(
  layer: TransactionLayer,
  context: ScriptContext,
  flag: number,
  on: boolean,
): number {
  const transaction = layer.current(context);
  if (transaction !== null) {
    transaction.set(flag, on);
    return 1;
  }
  const pending = pendingSettings(context);
  pending.flagsKnown |= flag;
  pending.flags = on ? pending.flags | flag : pending.flags & ~flag;
  return 1;
}

function setTimeouts(
  layer: TransactionLayer,
  context: ScriptContext,
  frInv: number,
  fr: number,
): number {
  const target = targetOf(layer, context);
  if (frInv > 0) target.frInvTimeout = frInv;
  if (fr > 0) target.frTimeout = fr;
  const transaction = layer.current(context);
  if (transaction !== null) changeTimeouts(layer, transaction);
  return 1;
}

function resetTimeouts(layer: TransactionLayer, context: ScriptContext): number {
  const transaction = layer.current(context);
  if (transaction === null) {
    const pending = pendingSettingsIfAny(context);
    if (pending !== undefined) {
      pending.frTimeout = 0;
      pending.frInvTimeout = 0;
    }
    return 1;
  }
  transaction.frTimeout = layer.params.fr_timer;
  transaction.frInvTimeout = layer.params.fr_inv_timer;
  changeTimeouts(layer, transaction);
  return 1;
}

function setLifetime(
  layer: TransactionLayer,
  context: ScriptContext,
  invite: number,
  other: number,
): number {
  const transaction = layer.current(context);
  if (transaction === null) {
    const pending = pendingSettings(context);
    if (invite > 0) pending.inviteLifetime = invite;
    if (other > 0) pending.otherLifetime = other;
    return 1;
  }
  const lifetime = transaction.isInvite ? invite : other;
  if (lifetime > 0) transaction.lifetimeEnd = transaction.createdAt + lifetime;
  return 1;
}

function resetLifetime(layer: TransactionLayer, context: ScriptContext): number {
  const pending = pendingSettingsIfAny(context);
  if (pending !== undefined) {
    pending.inviteLifetime = 0;
    pending.otherLifetime = 0;
  }
  const { max_inv_lifetime: invite, max_noninv_lifetime: other } = layer.params;
  return layer.current(context) === null ? 1 : setLifetime(layer, context, invite, other);
}

function setIntervals(
  layer: TransactionLayer,
  context: ScriptContext,
  t1: number,
  t2: number,
): number {
  const target = targetOf(layer, context);
  const oldT2 = target.retransmitT2;
  if (t1 > 0) target.retransmitT1 = t1;
  if (t2 > 0) target.retransmitT2 = t2;
  const transaction = layer.current(context);
  if (transaction !== null) changeIntervals(transaction, oldT2);
  return 1;
}

function resetIntervals(layer: TransactionLayer, context: ScriptContext): number {
  const pending = pendingSettingsIfAny(context);
  if (pending !== undefined) {
    pending.retransmitT1 = 0;
    pending.retransmitT2 = 0;
  }
  const { retr_timer1: t1, retr_timer2: t2 } = layer.params;
  return layer.current(context) === null ? 1 : setIntervals(layer, context, t1, t2);
}

function isSet(layer: TransactionLayer, context: ScriptContext, target: string): number {
  const settings = layer.current(context) ?? pendingSettingsIfAny(context);
  if (settings === undefined) return -1;
  switch (target) {
    case "branch_route":
      return settings.onBranch === null ? -1 : 1;
    case "failure_route":
      return settings.onFailure === null ? -1 : 1;
    default:
      return settings.onReply === null ? -1 : 1;
  }
}

export function settingsFunctions(layer: TransactionLayer) {
  const flag = (bit: number) => (context: ScriptContext, on: number) =>
    setFlag(layer, context, bit, on !== 0);
  return {
    t_on_failure: (context: ScriptContext, name: string) =>
      setRoute(layer, context, "onFailure", name),
    t_on_branch_failure: (context: ScriptContext, name: string) =>
      setRoute(layer, context, "onBranchFailure", name),
    t_on_reply: (context: ScriptContext, name: string) => setRoute(layer, context, "onReply", name),
    t_on_branch: (context: ScriptContext, name: string) =>
      setRoute(layer, context, "onBranch", name),
    t_set_fr: (context: ScriptContext, frInv: number, fr: number | undefined) =>
      setTimeouts(layer, context, frInv, fr ?? 0),
    t_reset_fr: (context: ScriptContext) => resetTimeouts(layer, context),
    t_set_max_lifetime: (context: ScriptContext, invite: number, other: number) =>
      setLifetime(layer, context, invite, other),
    t_reset_max_lifetime: (context: ScriptContext) => resetLifetime(layer, context),
    t_set_retr: (context: ScriptContext, t1: number, t2: number) =>
      setIntervals(layer, context, t1, t2),
    t_reset_retr: (context: ScriptContext) => resetIntervals(layer, context),
    t_set_auto_inv_100: flag(TransactionFlag.autoTrying),
    t_set_disable_6xx: flag(TransactionFlag.disable6xx),
    t_set_disable_failover: flag(TransactionFlag.disableFailover),
    t_set_disable_internal_reply: flag(TransactionFlag.disableInternalReply),
    t_set_no_e2e_cancel_reason: flag(TransactionFlag.noCancelReason),
    // They are always used.
    t_use_uac_headers: () => 1,
    t_is_set: (context: ScriptContext, target: string) => isSet(layer, context, target),
  };
}
