/** The next address of a name when the one before does not answer (RFC 3263, 4.3). */
import type { ScriptContext, SendContext } from "../../runtime/context.ts";
import { Header } from "../../sip/headers.ts";
import { sentMessage } from "./acknowledge.ts";
import { sendBranch } from "./forward.ts";
import type { TransactionLayer } from "./layer.ts";
import { Branch, TransactionFlag } from "./transaction.ts";

/** Sends the request of a branch that timed out to the next address, as a branch of its own. */
export function tryAlternative(layer: TransactionLayer, failed: Branch): boolean {
  const transaction = failed.transaction;
  const others = failed.alternatives;
  const target = others?.[0];
  if (others === null || target === undefined || failed.destination === null) return false;
  if (transaction.has(TransactionFlag.disableFailover)) return false;
  if (layer.services.globals.int("use_dns_failover") === 0) return false;
  if (layer.now() >= transaction.lifetimeEnd) return false;
  const request: ScriptContext = transaction.request;
  const socket = layer.services.sender.socketFor(request, target.proto, target.address);
  if (socket === undefined) return false;
  const next = new Branch(transaction, transaction.branches.length, failed.uri);
  const to: SendContext = {
    address: target.address,
    port: target.port,
    proto: target.proto,
    socket,
    branch: next.index,
  };
  copyBranch(failed, next);
  next.destination = to;
  next.alternatives = others.length > 1 ? others.slice(1) : null;
  next.text = withVia(layer, failed, next, to);
  failed.isDropped = true;
  transaction.branches.push(next);
  return sendBranch(layer, next, layer.requestContext(transaction, "failure"));
}

function copyBranch(from: Branch, to: Branch): void {
  to.dstUri = from.dstUri;
  to.path = from.path;
  to.flags = from.flags;
  to.instance = from.instance;
  to.regId = from.regId;
  to.ruid = from.ruid;
  to.locationUa = from.locationUa;
  to.onReply = from.onReply;
  to.onFailure = from.onFailure;
  to.onBranchFailure = from.onBranchFailure;
}

/** The request as it was sent before, with the Via of another branch. */
function withVia(layer: TransactionLayer, failed: Branch, branch: Branch, to: SendContext): string {
  const sent = sentMessage(failed);
  if (sent === null) return "";
  const transaction = branch.transaction;
  const request = transaction.request;
  const value = layer.services.sender.via(
    to.socket,
    transaction.branchBase + branch.index.toString(16),
    request.addLocalRport,
    request,
  );
  const text = failed.text;
  const index = sent.find(Header.Via);
  const start = sent.headerStart(index);
  return `${text.slice(0, start)}Via: ${value}\r\n${text.slice(sent.headerEnd(index))}`;
}
