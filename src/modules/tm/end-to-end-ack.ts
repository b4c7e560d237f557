/** The ACK of a relayed 2xx: it belongs to no transaction, but who watches the INVITE's is told of it. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { Workers } from "../../runtime/workers/group.ts";
import { contextOfRow, type MessageRow, messageRow } from "../../runtime/workers/message.ts";
import type { TransactionLayer } from "./layer.ts";
import { findEndToEnd } from "./new-transaction.ts";

const topic = "tm.ack";

/** Tells the listeners; false when no INVITE here is waited for. */
export function tellAck(layer: TransactionLayer, context: ScriptContext): boolean {
  const transaction = findEndToEnd(layer, context);
  if (transaction === null) return false;
  for (const listener of layer.listeners) listener.endToEndAckIn?.(transaction, context);
  return true;
}

/** The Request-URI of the ACK is the contact: it may have come to another worker than the INVITE. */
export function askOthers(layer: TransactionLayer, context: ScriptContext): void {
  const { workers } = layer.services;
  if (workers === null || !layer.listeners.some(watchesAcks)) return;
  workers.tellOthers(topic, messageRow(context));
}

function watchesAcks(listener: TransactionLayer["listeners"][number]): boolean {
  return listener.endToEndAckIn !== undefined;
}

/** Takes the ACKs of other workers. */
export function answerOthers(workers: Workers, layer: TransactionLayer): void {
  workers.handle(topic, (row) => {
    const context = contextOfRow(layer.services, row as MessageRow);
    if (context !== null) tellAck(layer, context);
  });
}
