/** Putting a transaction aside and going on with it later (t_suspend(), t_continue()). */
import type { ScriptContext } from "../../runtime/context.ts";
import type { TransactionLayer } from "./layer.ts";
import { Made, newTransaction } from "./new-transaction.ts";
import { isPending } from "./picking.ts";
import { sendTrying } from "./relay.ts";
import { release } from "./server.ts";
import { guardLifetime } from "./timers.ts";
import { type Transaction, TransactionFlag } from "./transaction.ts";

/** Makes the transaction if needed and keeps it past the end of the script; null when the message cannot have one. */
export function suspend(layer: TransactionLayer, context: ScriptContext): Transaction | null {
  if (layer.current(context) === null) {
    const made = newTransaction(layer, context);
    if (made === Made.retransmission || made < 0) return null;
  }
  const transaction = layer.current(context);
  if (transaction === null || transaction.isFinal) return null;
  sendTrying(layer, transaction);
  transaction.set(TransactionFlag.suspended, true);
  // It must not stay for ever.
  guardLifetime(layer, transaction);
  return transaction;
}

/** Runs a request route for a suspended transaction; functions behave as in a failure_route. -1: it is not suspended. */
export function resume(
  layer: TransactionLayer,
  transaction: Transaction,
  route: string,
): number | Promise<number> {
  const isOver = transaction.isDestroyed || transaction.destroyAt !== Infinity;
  if (isOver || !transaction.has(TransactionFlag.suspended)) return -1;
  if (!layer.services.routes.has("request", route)) return -1;
  transaction.set(TransactionFlag.suspended, false);
  if (transaction.isCanceled && transaction.isFinal) return -1;
  const context = layer.requestContext(transaction, "failure");
  context.uriIsTarget = true;
  const code = layer.services.routes.run("request", route, context);
  if (code instanceof Promise) return code.then(() => afterResume(layer, transaction));
  return afterResume(layer, transaction);
}

/** A transaction that the route has done nothing with ends here. */
function afterResume(layer: TransactionLayer, transaction: Transaction): number {
  const isWaiting =
    transaction.branches.some(isPending) || transaction.has(TransactionFlag.suspended);
  if (!transaction.isFinal && !isWaiting && !transaction.isDestroyed) release(layer, transaction);
  return 1;
}
