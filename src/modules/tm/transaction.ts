/** A transaction and its branches: what is known about one request, its targets and its replies. */
import { type ContextSlot, ScriptContext, type SendContext } from "../../runtime/context.ts";
import type { AttributeLists } from "../../runtime/lists.ts";
import type { Timer } from "../../runtime/clock.ts";
import type { ResolvedTargets } from "../../runtime/services.ts";
import type { Destination, ListenSocket } from "../../runtime/transport.ts";
import type { MessageEdits } from "../../sip/edits.ts";
import type { SipMessage } from "../../sip/message.ts";
import { ClientState } from "./client-states.ts";
import type { OwnRequest } from "./own-request.ts";
import { ServerState } from "./server-states.ts";

/** Bits of `Transaction.flags`. */
export const TransactionFlag = {
  canceled: 1,
  autoTrying: 2,
  disable6xx: 8,
  disableFailover: 16,
  disableInternalReply: 32,
  noCancelReason: 64,
  /** Replies are not sent upstream: it is a copy made by t_replicate(). */
  replicated: 128,
  suspended: 256,
  expired: 512,
  /** Something was done with it (relayed, replied, released), so the end of the script does not release it. */
  used: 2048,
  /** An error reply follows when the script ends. */
  errorPending: 4096,
  /** A final reply waits while its reply_route runs. */
  replySuspended: 16_384,
} as const;

/** `Transaction.relayedBranch`: no final reply was sent, or it was made here. */
export const Relayed = { none: -1, local: -2 } as const;

/** Changes to a request, with texts that depend on the branch. */
export type RequestEdits = MessageEdits<SendContext>;

/** One place that the request was sent to. */
export class Branch {
  readonly transaction: Transaction;
  readonly index: number;
  /** Request-URI and next hop as sent. */
  uri: string;
  dstUri: string | null;
  path: string | null;
  /** Branch flags; the reply_route changes them. */
  flags: number;
  socket: ListenSocket | null = null;
  instance: string | null = null;
  regId = 0;
  ruid: string | null = null;
  locationUa: string | null = null;
  /** The request as sent; "" when it never was. */
  text = "";
  /** The same, read; made when a CANCEL or ACK needs it. */
  sent: SipMessage | null = null;
  destination: Destination | null = null;
  /** Further addresses of the same name, to be tried when this one fails. */
  alternatives: ResolvedTargets | null = null;

  state: number = ClientState.calling;
  /** Status of the last reply received or made here; 0: none. */
  lastStatus = 0;
  /** The final negative reply, while it may still be chosen. */
  reply: ScriptContext | null = null;
  /** The final reply was made here. */
  isFaked = false;
  /** A reply was received before the one at hand. */
  isReplied = false;
  isTimedOut = false;
  isCanceled = false;
  /** Forgotten by t_drop_replies() or failure_reply_mode. */
  isDropped = false;
  /** Routes set in the branch_route for this branch only. */
  onReply: string | null = null;
  onFailure: string | null = null;
  onBranchFailure: string | null = null;

  timer: Timer | null = null;
  /** Times at which to send again and to give up; Infinity: never. */
  retransmitAt = Infinity;
  finalAt = Infinity;
  interval = 0;
  /** The final timer runs as that of a ringing INVITE. */
  isRinging = false;

  /** Reason headers that its CANCEL carries. */
  cancelHeaders = "";
  cancelText = "";
  cancelTimer: Timer | null = null;
  cancelInterval = 0;
  cancelUntil = 0;

  constructor(transaction: Transaction, index: number, uri: string) {
    this.transaction = transaction;
    this.index = index;
    this.uri = uri;
    this.dstUri = null;
    this.path = null;
    this.flags = 0;
  }
}

/** Work that waits for a route of the same transaction to end. */
export type Job = () => void | Promise<void>;

/** What a transaction is found by. */
export interface TransactionIdentity {
  readonly index: number;
  readonly label: number;
  readonly token: string;
  /** Start of the branches of its requests; the number of the branch follows. */
  readonly branchBase: string;
  readonly key: string;
}

export class Transaction {
  /** Place in the table and number that tells it from others that had the place: `$T(id_index)`, `$T(id_label)`. */
  readonly index: number;
  readonly label: number;
  /** What is random in the branch parameters of its requests. */
  readonly token: string;
  /** Those branch parameters up to the branch's number. */
  readonly branchBase: string;
  /** Key on the server side; "" for requests of the engine itself. */
  readonly key: string;
  readonly method: string;
  readonly isInvite: boolean;
  /** The engine itself is the sender. */
  readonly isLocal: boolean;
  readonly lists: AttributeLists;
  /** Time at which it was made, and up to which it may live, milliseconds. */
  readonly createdAt: number;
  lifetimeEnd = 0;

  /** The request as it was when the transaction was made; failure_routes start from it. */
  newUri: string | null;
  dstUri: string | null = null;
  path: string | null = null;
  forcedSocket: ListenSocket | null = null;
  edits: RequestEdits | null = null;
  editsSaved = false;
  messageFlags: number;

  serverState: number = ServerState.trying;
  /** Status of the last reply sent; 0: none. */
  status = 0;
  replyText = "";
  replyDestination: Destination | null = null;
  /** Tag of replies made here; "" until the first one. */
  localTag = "";
  /** Branch whose final reply was sent, or one of `Relayed`. */
  relayedBranch: number = Relayed.none;
  timer: Timer | null = null;
  retransmitAt = Infinity;
  finalAt = Infinity;
  /** Time at which it is forgotten; Infinity: it is not waiting yet. */
  destroyAt = Infinity;
  interval = 0;

  readonly branches: Branch[] = [];
  /** How many branches were sent; grows with each, whatever became of it. */
  sentBranches = 0;
  /** Code of the failed relaying while `errorPending`. */
  errorCode = 0;
  /** Branches from here on belong to the last relaying step. */
  stepStart = 0;
  flags = 0;
  frTimeout = 0;
  frInvTimeout = 0;
  retransmitT1 = 0;
  retransmitT2 = 0;

  onFailure: string | null = null;
  onBranchFailure: string | null = null;
  onReply: string | null = null;
  onBranch: string | null = null;

  /** Which replies a running failure_route forgets, as failure_reply_mode. */
  dropMode = 0;
  /** Winner that the failure_route runs for; -1 outside of one. */
  pickedBranch = -1;
  /** Branch that a branch-failure route runs for; -1 outside of one. */
  failedBranch = -1;
  /** Set when a module wants to hear of the ACK of a 2xx. */
  watchesAck = false;
  /** Set when a module wants a reply for every INVITE, whatever noisy_ctimer says. */
  alwaysReplies = false;
  /** Key under which that ACK is looked for; "" when it is not. */
  dialogKey = "";

  isBusy = false;
  jobs: Job[] | null = null;
  isDestroyed = false;
  /** Next one in the order of `destroyAt`. */
  nextWaiting: Transaction | null = null;

  onFinal:
    | ((code: number, reply: SipMessage | undefined, context: ScriptContext | undefined) => void)
    | null = null;
  onProvisional: ((code: number, reply: SipMessage) => void) | null = null;

  #request: ScriptContext | OwnRequest;
  #slots: Map<object, unknown> | null = null;

  constructor(
    identity: TransactionIdentity,
    request: ScriptContext | OwnRequest,
    isLocal: boolean,
    now: number,
  ) {
    this.index = identity.index;
    this.label = identity.label;
    this.token = identity.token;
    this.branchBase = identity.branchBase;
    this.key = identity.key;
    const isRead = request instanceof ScriptContext;
    this.method = isRead ? request.msg.method : request.method;
    this.isInvite = this.method === "INVITE";
    this.isLocal = isLocal;
    this.#request = request;
    this.lists = request.lists;
    this.createdAt = now;
    this.newUri = isRead ? request.newUri : null;
    this.messageFlags = isRead ? request.flags : 0;
  }

  /** Context of the received request (or of the local one). */
  get request(): ScriptContext {
    const request = this.#request;
    if (request instanceof ScriptContext) return request;
    return (this.#request = request.read(this));
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  set(flag: number, on: boolean): void {
    this.flags = on ? this.flags | flag : this.flags & ~flag;
  }

  get isCanceled(): boolean {
    return (this.flags & TransactionFlag.canceled) !== 0;
  }

  /** A final reply was sent upstream. */
  get isFinal(): boolean {
    return this.status >= 200;
  }

  /** A module's own state on this transaction. */
  state<T>(slot: ContextSlot<T>): T | undefined {
    return this.#slots?.get(slot) as T | undefined;
  }

  setState<T>(slot: ContextSlot<T>, value: T): void {
    (this.#slots ??= new Map()).set(slot, value);
  }
}
