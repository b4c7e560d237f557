/** What tm offers to other modules. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { Counter } from "../../runtime/services.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { Branch, Transaction } from "./transaction.ts";

export type { Branch, Transaction } from "./transaction.ts";

/** A request that the engine itself sends. */
export interface LocalRequest {
  readonly method: string;
  /** Request-URI. */
  readonly uri: string;
  /** Value of From with its tag, of To (with a tag inside a dialog). */
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  /** CSeq number. */
  readonly cseq: number;
  /** Further header lines, each with CRLF: Route, Contact, Event, Content-Type... */
  readonly headers?: string;
  readonly body?: string;
  /** SIP URI that it is sent to instead of the first Route or the Request-URI. */
  readonly nextHop?: string | undefined;
  /** Socket that it leaves from; chosen by the destination when not given. */
  readonly socket?: ListenSocket | undefined;
  /** Milliseconds to wait for the final reply; fr_timer when not given. */
  readonly timeoutMs?: number;
  /** Milliseconds after which it is repeated for the first time (timer E), where that is sooner than retr_timer1. */
  readonly repeatMs?: number;
  /**
   * Called exactly once, never before `request` has returned. `reply` is missing when the code was made here: 408 no final reply in
   * time, 478 the next hop cannot be resolved, 477 it could not be sent, 403 event_route[tm:local-request] dropped it.
   */
  readonly onFinal?: (
    code: number,
    reply: SipMessage | undefined,
    context: ScriptContext | undefined,
  ) => void;
  /** Called for each provisional reply. */
  readonly onProvisional?: (code: number, reply: SipMessage) => void;
}

/** A local request on its way. */
export interface ClientRequest {
  /** Cancels an INVITE (RFC 3261, 9.1); nothing happens for other methods. */
  cancel(): void;
  /** Stops retransmissions and forgets the transaction; `onFinal` is not called any more. */
  abandon(): void;
}

/** What modules that watch transactions (acc) are told. All are called synchronously and must not throw. */
export interface TransactionListener {
  /** A transaction was made for a received request. */
  requestIn?(transaction: Transaction, context: ScriptContext): void;
  /** The request came again. */
  retransmissionIn?(transaction: Transaction, context: ScriptContext): void;
  /** A branch was sent. */
  requestOut?(transaction: Transaction, branch: Branch): void;
  /** A reply came in on a branch, before the reply_route. */
  replyIn?(transaction: Transaction, branch: Branch, reply: ScriptContext): void;
  /** A reply went upstream; `reply` is missing when it was made here. */
  replyOut?(transaction: Transaction, code: number, reply: ScriptContext | undefined): void;
  /** All branches have failed, before the failure_route; `context` is that of the request. */
  failure?(transaction: Transaction, context: ScriptContext, code: number): void;
  /** The ACK of a negative reply came. */
  ackIn?(transaction: Transaction, context: ScriptContext): void;
  /** The ACK of a 2xx came through. Only told for transactions with `watchesAck`. */
  endToEndAckIn?(transaction: Transaction, context: ScriptContext): void;
  /** The transaction's sender cancelled it. */
  cancelIn?(transaction: Transaction, context: ScriptContext): void;
  /** A final reply was sent to a local request's `onFinal`. */
  localCompleted?(transaction: Transaction, code: number, reply: ScriptContext | undefined): void;
  /** The transaction is gone. */
  destroyed?(transaction: Transaction): void;
}

/** Numbers since the start, and of now. */
export interface TransactionCounters {
  readonly server: Counter;
  readonly client: Counter;
  /** By class of the final reply: index 2 to 6. */
  readonly completed: readonly Counter[];
  readonly received: Counter;
  readonly absorbed: Counter;
  readonly relayed: Counter;
  readonly generated: Counter;
  readonly sent: Counter;
  /** Transactions in memory, and those of them that are not finished. */
  inUse(): number;
  active(): number;
}

export interface TmApi {
  /** Makes a transaction: as t_newtran(). */
  newTransaction(context: ScriptContext): number;
  /** The transaction that the message belongs to, if one is known. */
  current(context: ScriptContext): Transaction | null;
  /** Looks for the transaction of a request or reply as t_check_trans() does, without side effects on the wire. */
  lookup(context: ScriptContext): Transaction | null;
  find(index: number, label: number): Transaction | null;
  /** Replies within the transaction: as t_reply(). */
  reply(context: ScriptContext, code: number, reason: string): number;
  /** Sends the request on: as t_relay(). */
  relay(context: ScriptContext): number | Promise<number>;
  /** Sends a request of the engine itself. Never throws. */
  request(request: LocalRequest): ClientRequest;
  /** A new unguessable tag; a new Call-ID. */
  newTag(): string;
  newCallId(): string;
  addListener(listener: TransactionListener): void;
  /** Puts the request's transaction aside, as t_suspend(); null when it cannot have one. */
  suspend(context: ScriptContext): Transaction | null;
  /** Goes on with a suspended transaction in a request route, as t_continue(). */
  resume(transaction: Transaction, route: string): number | Promise<number>;
  /** Replies to a transaction found by other means than a message at hand. */
  replyTo(transaction: Transaction, code: number, reason: string): number;
  /** The first transaction with this Call-ID and CSeq number that is of this kind. */
  findCall(callId: string, cseq: number, kind: "invite" | "received"): Transaction | null;
  /** The INVITE that a CANCEL is for. */
  findCanceled(context: ScriptContext): Transaction | null;
  /** Cancels the pending branches that are wanted; `cause` 0 for no Reason header. */
  cancelBranches(
    transaction: Transaction,
    cause: number,
    isWanted: (branch: Branch) => boolean,
  ): void;
  /** Ends the transaction without a reply, as if this status had been sent. */
  drop(transaction: Transaction, code: number): void;
  /** The request of a transaction as it was when the transaction was made. */
  requestOf(transaction: Transaction): ScriptContext;
  /** Branch that the failure_route or branch-failure route at hand runs for. */
  failingBranch(transaction: Transaction): Branch | undefined;
  /** Status that `$T_reply_code` shows; 0 for none. */
  statusOf(context: ScriptContext): number;
  readonly counters: TransactionCounters;
  /** Stops the failed t_relay()'s error reply (sl_reply_error): true when tm will send or has sent one itself. */
  replyError(context: ScriptContext): boolean;
}
