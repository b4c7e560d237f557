/** What is kept of a finished transaction: enough to answer its request again and to know late replies. */
import { ScriptContext } from "../../runtime/context.ts";
import type { AttributeLists } from "../../runtime/lists.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import { parseMessage, type SipMessage } from "../../sip/message.ts";
import { ClientState } from "./client-states.ts";
import type { TransactionLayer } from "./layer.ts";
import { ServerState } from "./server-states.ts";
import { Branch, Transaction } from "./transaction.ts";

/** The request, for routes that see late replies. */
interface KeptRequest {
  readonly text: string;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly socket: ListenSocket;
  readonly lists: AttributeLists;
  readonly messageFlags: number;
}

/** A branch, for the same routes. */
interface KeptBranch {
  readonly uri: string;
  readonly flags: number;
  readonly lastStatus: number;
  readonly ruid: string | null;
  readonly onReply: string | null;
}

/**
 * Thousands of these wait for `wt_timer` under load, so each is small and made of few objects. It stands in the table in the
 * place of its transaction; whoever needs more than it holds works on a transaction made from it.
 */
export class Remains {
  readonly index: number;
  readonly label: number;
  readonly key: string;
  readonly token: string;
  readonly method: string;
  readonly branchCount: number;
  readonly flags: number;
  readonly status: number;
  readonly relayedBranch: number;
  readonly replyText: string;
  /** Where it was sent. */
  readonly socket: ListenSocket | null;
  readonly address: string;
  readonly port: number;
  /** Time at which it is forgotten, and up to which the transaction might have lived, milliseconds. */
  readonly destroyAt: number;
  readonly lifetimeEnd: number;
  readonly request: KeptRequest | null;
  readonly branches: readonly KeptBranch[] | null;
  /** Next one in the order of `destroyAt`. */
  nextWaiting: Waiting | null = null;

  constructor(transaction: Transaction, keepsRequest: boolean) {
    this.index = transaction.index;
    this.label = transaction.label;
    this.key = transaction.key;
    this.token = transaction.token;
    this.method = transaction.method;
    this.branchCount = transaction.branches.length;
    this.flags = transaction.flags;
    this.status = transaction.status;
    this.relayedBranch = transaction.relayedBranch;
    this.replyText = transaction.replyText;
    const to = transaction.replyDestination;
    this.socket = to === null ? null : to.socket;
    this.address = to === null ? "" : to.address;
    this.port = to === null ? 0 : to.port;
    // Whole numbers need no object of their own.
    this.destroyAt = Math.ceil(transaction.destroyAt);
    this.lifetimeEnd = Math.ceil(transaction.lifetimeEnd);
    this.request = keepsRequest ? keptRequest(transaction) : null;
    this.branches = keepsRequest ? transaction.branches.map(keptBranch) : null;
  }
}

/** A transaction that has finished. */
export type Waiting = Transaction | Remains;

function keptRequest(transaction: Transaction): KeptRequest {
  const { msg, sourceAddress, sourcePort, socket } = transaction.request;
  const { lists, messageFlags } = transaction;
  return { text: msg.text, sourceAddress, sourcePort, socket, lists, messageFlags };
}

function keptBranch(branch: Branch): KeptBranch {
  const { uri, flags, lastStatus, ruid } = branch;
  return { uri, flags, lastStatus, ruid, onReply: branch.onReply ?? branch.transaction.onReply };
}

/**
 * The remains of a finished transaction; null when all of it is still needed: by an INVITE, whose late replies are acknowledged
 * or passed on, by requests of the engine itself whose replies a route sees, by listeners, and while a route runs for it.
 */
export function remainsOf(layer: TransactionLayer, transaction: Transaction): Remains | null {
  const { isInvite, isLocal, isBusy, isDestroyed, replyText } = transaction;
  if (isInvite || isBusy || isDestroyed || layer.watchesFinished) return null;
  const { routes } = layer.services;
  const isSeen = showsReplies(transaction) || routes.has("onreply", "0");
  // Late replies to requests of the engine itself are recognised by their branch alone, and absorbed.
  if (isLocal)
    return isSeen || layer.params.callid_matching ? null : new Remains(transaction, false);
  return replyText === "" ? null : new Remains(transaction, isSeen);
}

/** Whether replies go through a reply_route. */
function showsReplies(transaction: Transaction): boolean {
  if (transaction.onReply !== null) return true;
  for (const branch of transaction.branches) if (branch.onReply !== null) return true;
  return false;
}

/** The finished transaction again; it is not in the table. `request` is what it is seen through. */
export function revive(
  layer: TransactionLayer,
  remains: Remains,
  request: ScriptContext,
): Transaction {
  const { index, label, token, key } = remains;
  const branchBase = layer.table.branchBase(index, token);
  const identity = { index, label, token, key, branchBase };
  const transaction = new Transaction(identity, request, false, layer.now());
  transaction.flags = remains.flags;
  transaction.status = remains.status;
  transaction.serverState = ServerState.completed;
  transaction.relayedBranch = remains.relayedBranch;
  transaction.replyText = remains.replyText;
  const { socket, address, port } = remains;
  if (socket !== null) {
    transaction.replyDestination = { socket, address, port, proto: socket.proto };
  }
  transaction.destroyAt = remains.destroyAt;
  transaction.lifetimeEnd = remains.lifetimeEnd;
  transaction.messageFlags = remains.request?.messageFlags ?? request.flags;
  for (let i = 0; i < remains.branchCount; i++) {
    transaction.branches.push(revivedBranch(transaction, i, remains));
  }
  return transaction;
}

function revivedBranch(transaction: Transaction, index: number, remains: Remains): Branch {
  const kept = remains.branches?.[index];
  const branch = new Branch(transaction, index, kept?.uri ?? "");
  branch.state = ClientState.completed;
  branch.lastStatus = kept?.lastStatus ?? remains.status;
  branch.isReplied = true;
  if (kept !== undefined) {
    branch.flags = kept.flags;
    branch.ruid = kept.ruid;
    branch.onReply = kept.onReply;
  }
  return branch;
}

/** What was sent upstream last: it has the dialog's headers as the request had them, and a To tag. */
export function finalReply(remains: Remains): SipMessage | null {
  const read = parseMessage(remains.replyText);
  return read.ok ? read.message : null;
}

/** Call-ID of the request. */
export function callIdOf(waiting: Waiting): string {
  if (waiting instanceof Remains) return finalReply(waiting)?.callId ?? "";
  return waiting.request.msg.callId;
}

/** The same from the request that was kept; null when none was. */
export function reviveWithRequest(layer: TransactionLayer, remains: Remains): Transaction | null {
  const kept = remains.request;
  const read = kept === null ? undefined : parseMessage(kept.text);
  if (kept === null || read?.ok !== true) return null;
  const request = new ScriptContext(layer.services, "request", read.message, kept, kept.lists);
  const transaction = revive(layer, remains, request);
  request.transaction = transaction;
  return transaction;
}
