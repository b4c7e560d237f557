/** What is kept of a finished transaction: enough to answer its request again and to know late replies. */
import { ScriptContext } from "../../runtime/context.ts";
import type { AttributeLists } from "../../runtime/lists.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import { parseMessage, type SipMessage } from "../../sip/message.ts";
import { ClientState } from "./client-states.ts";
import { type KeptParts, keptText, listsText, readKept } from "./kept-parts.ts";
import type { TransactionLayer } from "./layer.ts";
import { ServerState } from "./server-states.ts";
import { Branch, Transaction } from "./transaction.ts";

/** What a record holds. */
interface RemainsFields {
  /** Place in the table. */
  readonly slot: number;
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
  /** What routes that see late replies need: as `keptText` writes it, "" for nothing; the lists, if it cannot hold them. */
  readonly keptText: string;
  readonly lists: AttributeLists | null;
  /** Where the request came in. */
  readonly requestSocket: ListenSocket | null;
}

/**
 * Tens of thousands of finished transactions wait for `wt_timer` under load: as records of a `RemainsStore`. This is a copy of one,
 * made for what comes late; whoever needs more than it holds works on a transaction made from it.
 */
export class Remains {
  readonly slot: number;
  readonly label: number;
  readonly key: string;
  readonly token: string;
  readonly method: string;
  readonly branchCount: number;
  readonly flags: number;
  readonly status: number;
  readonly relayedBranch: number;
  readonly replyText: string;
  readonly socket: ListenSocket | null;
  readonly address: string;
  readonly port: number;
  readonly destroyAt: number;
  readonly lifetimeEnd: number;
  readonly lists: AttributeLists | null;
  readonly requestSocket: ListenSocket | null;
  readonly #keptText: string;

  constructor(fields: RemainsFields) {
    this.slot = fields.slot;
    this.label = fields.label;
    this.key = fields.key;
    this.token = fields.token;
    this.method = fields.method;
    this.branchCount = fields.branchCount;
    this.flags = fields.flags;
    this.status = fields.status;
    this.relayedBranch = fields.relayedBranch;
    this.replyText = fields.replyText;
    this.socket = fields.socket;
    this.address = fields.address;
    this.port = fields.port;
    this.destroyAt = fields.destroyAt;
    this.lifetimeEnd = fields.lifetimeEnd;
    this.lists = fields.lists;
    this.requestSocket = fields.requestSocket;
    this.#keptText = fields.keptText;
  }

  /** What routes that see late replies need; null when none does. */
  get kept(): KeptParts | null {
    return this.#keptText === "" ? null : readKept(this.#keptText);
  }
}

/** A transaction that has finished. */
export type Waiting = Transaction | Remains;

/**
 * Puts what is left of a finished transaction in its place in the table. False when all of it is still needed: by an INVITE, whose
 * late replies are acknowledged or passed on, by requests of the engine itself whose replies a route sees, by listeners, and while
 * a route runs for it.
 */
export function reduceToRemains(layer: TransactionLayer, transaction: Transaction): boolean {
  const { isInvite, isLocal, isBusy, isDestroyed, replyText } = transaction;
  if (isInvite || isBusy || isDestroyed || layer.watchesFinished) return false;
  const { routes } = layer.services;
  const isSeen = showsReplies(transaction) || routes.has("onreply", "0");
  if (isLocal) {
    // Late replies to requests of the engine itself are recognised by their branch alone, and absorbed.
    if (isSeen || layer.params.callid_matching) return false;
    return layer.table.reduce(transaction, "", null);
  }
  if (replyText === "") return false;
  if (!isSeen) return layer.table.reduce(transaction, "", null);
  const { lists } = transaction;
  const text = listsText(lists);
  return layer.table.reduce(
    transaction,
    keptText(transaction, text ?? ""),
    text === null ? lists : null,
  );
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
  const { label, token, key } = remains;
  const index = layer.table.indexOf(remains.slot);
  const branchBase = layer.table.branchBase(index, token);
  const identity = { index, label, token, key, branchBase };
  const transaction = new Transaction(identity, request, false, layer.now());
  transaction.flags = remains.flags;
  transaction.status = remains.status;
  transaction.serverState = ServerState.completed;
  transaction.relayedBranch = remains.relayedBranch;
  transaction.replyText = remains.replyText;
  const { socket, address, port, kept } = remains;
  if (socket !== null) {
    transaction.replyDestination = { socket, address, port, proto: socket.proto };
  }
  transaction.destroyAt = remains.destroyAt;
  transaction.lifetimeEnd = remains.lifetimeEnd;
  transaction.messageFlags = kept?.messageFlags ?? request.flags;
  for (let i = 0; i < remains.branchCount; i++) {
    const branch = new Branch(transaction, i, "");
    branch.state = ClientState.completed;
    branch.lastStatus = remains.status;
    branch.isReplied = true;
    Object.assign(branch, kept?.branches[i]);
    transaction.branches.push(branch);
  }
  return transaction;
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
  const { kept, requestSocket: socket } = remains;
  if (kept === null || socket === null) return null;
  const read = parseMessage(kept.text);
  if (!read.ok) return null;
  const lists = remains.lists ?? kept.lists;
  const arrival = { ...kept, socket };
  const request = new ScriptContext(layer.services, "request", read.message, arrival, lists);
  const transaction = revive(layer, remains, request);
  request.transaction = transaction;
  return transaction;
}
