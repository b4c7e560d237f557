/** failure_route and event_route[tm:branch-failure:NAME]: the script's say when branches have failed. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { TransactionLayer } from "./layer.ts";
import type { Branch } from "./transaction.ts";

/** Name of the event route for a branch failure. */
export function branchFailureRoute(name: string): string {
  return `tm:branch-failure:${name}`;
}

/** The request as these routes see it: with what is known of the branch. */
function contextFor(
  layer: TransactionLayer,
  branch: Branch,
  scope: "failure" | "event",
): ScriptContext {
  const context = layer.requestContext(branch.transaction, scope);
  context.branchFlags = branch.flags;
  context.branchIndex = branch.index;
  context.instance = branch.instance;
  context.regId = branch.regId;
  context.ruid = branch.ruid;
  context.locationUa = branch.locationUa;
  return context;
}

/** Runs for each branch that fails, before it is known whether it was the last one. */
export function runBranchFailure(layer: TransactionLayer, branch: Branch): void | Promise<void> {
  const transaction = branch.transaction;
  const name = branch.onBranchFailure ?? transaction.onBranchFailure;
  if (name === null) return;
  const { routes } = layer.services;
  const route = branchFailureRoute(name);
  if (!routes.has("event", route)) return;
  const context = contextFor(layer, branch, "event");
  transaction.failedBranch = branch.index;
  const code = routes.run("event", route, context);
  if (code instanceof Promise) return code.then(() => leaveBranchFailure(branch, context));
  leaveBranchFailure(branch, context);
}

function leaveBranchFailure(branch: Branch, context: ScriptContext): void {
  branch.transaction.failedBranch = -1;
  branch.transaction.messageFlags = context.flags;
}

/**
 * Runs when all branches have failed; once, unless the route sets the next one. Hands back which replies are forgotten if
 * it adds branches, as failure_reply_mode.
 */
export function runFailure(layer: TransactionLayer, winner: Branch): number | Promise<number> {
  const transaction = winner.transaction;
  const mode = layer.params.failure_reply_mode;
  transaction.dropMode = mode;
  const name = winner.onFailure ?? transaction.onFailure;
  const { routes } = layer.services;
  if (transaction.isLocal && !layer.params.enable_uac_fr) return mode;
  if (name === null && layer.listeners.length === 0) return mode;
  const context = contextFor(layer, winner, "failure");
  transaction.pickedBranch = winner.index;
  for (const listener of layer.listeners) {
    listener.failure?.(transaction, context, winner.lastStatus);
  }
  winner.onFailure = null;
  transaction.onFailure = null;
  if (name === null || !routes.has("failure", name)) return leaveFailure(winner, context);
  const code = routes.run("failure", name, context);
  if (code instanceof Promise) return code.then(() => leaveFailure(winner, context));
  return leaveFailure(winner, context);
}

function leaveFailure(winner: Branch, context: ScriptContext): number {
  const transaction = winner.transaction;
  transaction.pickedBranch = -1;
  transaction.messageFlags = context.flags;
  return transaction.dropMode;
}
