/** Replies that are made here, within a transaction. */
import type { ScriptContext } from "../../runtime/context.ts";
import { buildReply } from "../../sip/build.ts";
import { cancelAll } from "./cancel.ts";
import type { TransactionLayer } from "./layer.ts";
import { redirectContacts } from "../../runtime/redirect-contacts.ts";
import { applyServer, serverInputOf } from "./server.ts";
import { stopTimers } from "./timers.ts";
import { Relayed, type Transaction, TransactionFlag } from "./transaction.ts";

export interface ReplyParts {
  readonly status: number;
  readonly reason: string;
  /** Further header lines, each with CRLF. */
  readonly headers: string;
  readonly body: string | null;
  /** Tag for To instead of the transaction's own. */
  readonly toTag?: string;
}

/** The text of a reply made here. All of one transaction have the same tag (RFC 3261, 8.2.6.2). */
export function localReplyText(
  layer: TransactionLayer,
  transaction: Transaction,
  parts: ReplyParts,
): string {
  const { sender, serverLine } = layer.services;
  if (transaction.localTag === "") transaction.localTag = layer.ids.tag();
  return buildReply(transaction.request.msg, {
    status: parts.status,
    reason: parts.reason,
    toTag: parts.toTag ?? transaction.localTag,
    stamp: sender.stamp(transaction.request),
    headers: parts.headers,
    server: serverLine,
    body: parts.body ?? undefined,
  });
}

/** Sends a reply; -1 when a final one was sent already. */
export function replyLocally(
  layer: TransactionLayer,
  transaction: Transaction,
  parts: ReplyParts,
): number {
  if (transaction.isFinal || transaction.isDestroyed || transaction.isLocal) return -1;
  const { status } = parts;
  transaction.replyText = localReplyText(layer, transaction, parts);
  transaction.status = status;
  transaction.set(TransactionFlag.used, true);
  transaction.set(TransactionFlag.errorPending, false);
  layer.counters.generated.value++;
  layer.counters.sent.value++;
  if (status >= 200) {
    transaction.relayedBranch = Relayed.local;
    layer.counters.complete(status);
    for (const branch of transaction.branches) stopTimers(branch);
    cancelAll(layer, transaction, status);
    if (status < 300 && transaction.isInvite) layer.table.watchAck(transaction);
  }
  applyServer(layer, transaction, serverInputOf(status, true));
  for (const listener of layer.listeners) listener.replyOut?.(transaction, status, undefined);
  runLocalResponse(layer, transaction);
  return 1;
}

/** t_reply(): a reply with what the script has put by for replies, and the redirect targets of a 3xx. */
export function replyFromScript(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
  reply: { readonly status: number; readonly reason: string },
): number {
  const { status, reason } = reply;
  let headers = context.replyHeaders.join("");
  if (status >= 300 && status < 400) {
    headers += redirectContacts(context, layer.params.rich_redirect);
  }
  return replyLocally(layer, transaction, { status, reason, headers, body: context.replyBody });
}

/** event_route[tm:local-response]. */
function runLocalResponse(layer: TransactionLayer, transaction: Transaction): void {
  const { routes } = layer.services;
  if (!routes.has("event", "tm:local-response")) return;
  const context = layer.requestContext(transaction, "event");
  void routes.run("event", "tm:local-response", context);
}
