/** Which transactions are accounted, when, and what the lines say of their end. */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type { Logger, LogLevel } from "../../runtime/services.ts";
import { Header } from "../../sip/headers.ts";
import { reasonPhrase } from "../../sip/reasons.ts";
import type { Branch, Transaction, TransactionListener } from "../tm/spec.ts";
import { type Outcome, type RecordOptions, writeRecord } from "./record.ts";

/** The module's parameters that decide; flags are numbers of message flags, -1 for none. Live: read at each message. */
export interface Choices {
  readonly log_flag: number;
  readonly log_missed_flag: number;
  readonly failed_transaction_flag: number;
  readonly acc_prepare_flag: number;
  readonly acc_prepare_always: boolean;
  readonly early_media: boolean;
  readonly report_ack: boolean;
  readonly report_cancels: boolean;
  readonly reason_from_hf: boolean;
  readonly log_level: number;
}

export interface AccountingParts {
  readonly choices: Choices;
  readonly record: RecordOptions;
  /** Codes of failures that are left out. */
  readonly leftOut: ReadonlySet<number>;
  readonly log: Logger;
  newTag(): string;
  /** Whether From and To change places for this request. */
  isSwapped(context: ScriptContext): boolean;
}

/** Marks a transaction that was marked, or prepared for later marks, when it was made. */
const prepared = new ContextSlot<true>();

export class Accounting implements TransactionListener {
  readonly #parts: AccountingParts;
  readonly #choices: Choices;

  constructor(parts: AccountingParts) {
    this.#parts = parts;
    this.#choices = parts.choices;
  }

  /** Writes a line; its level decides whether it shows. */
  write(context: ScriptContext, outcome: Outcome): void {
    const { log, record } = this.#parts;
    const level = this.#choices.log_level as LogLevel;
    if (!log.enabled(level)) return;
    log.log(level, writeRecord(record, context, outcome, this.#parts.isSwapped(context)));
  }

  requestIn(transaction: Transaction, context: ScriptContext): void {
    const { report_ack: reportsAck, report_cancels: reportsCancels } = this.#choices;
    if (transaction.method === "CANCEL" && !reportsCancels) return;
    if (!this.#isPrepared(context.flags)) return;
    transaction.setState(prepared, true);
    if (reportsAck && transaction.isInvite && isSet(context.flags, this.#choices.log_flag))
      transaction.watchesAck = true;
  }

  replyOut(transaction: Transaction, code: number, reply: ScriptContext | undefined): void {
    if (transaction.state(prepared) === undefined) return;
    const { request } = transaction;
    // A failure_route may have marked it as missed anew.
    if (transaction.isInvite && code >= 300) this.#writeMissed(transaction, request, code, reply);
    if (!this.#isAccounted(transaction, code, reply)) return;
    const outcome = this.#outcome("transaction answered", transaction, code, reply);
    this.#writeFor(transaction, request, outcome);
  }

  failure(transaction: Transaction, context: ScriptContext, code: number): void {
    if (!transaction.isInvite || transaction.state(prepared) === undefined) return;
    const reply = transaction.branches[transaction.pickedBranch]?.reply ?? undefined;
    this.#writeMissed(transaction, context, code, reply);
  }

  endToEndAckIn(transaction: Transaction, context: ScriptContext): void {
    const { report_ack: reportsAck, log_flag: flag } = this.#choices;
    if (!reportsAck || !isSet(context.flags, flag)) return;
    const { status } = transaction;
    const outcome = this.#outcome("request acknowledged", transaction, status, undefined);
    // Attributes are those of the INVITE.
    const { lists } = context;
    context.lists = transaction.lists;
    this.write(context, { ...outcome, toTag: context.msg.toTag });
    context.lists = lists;
  }

  /** As Kamailio, marks count only for transactions that are marked when they are made, or prepared for later marks. */
  #isPrepared(flags: number): boolean {
    const choices = this.#choices;
    return (
      choices.acc_prepare_always ||
      isSet(flags, choices.acc_prepare_flag) ||
      isSet(flags, choices.log_flag) ||
      isSet(flags, choices.log_missed_flag)
    );
  }

  #isAccounted(transaction: Transaction, code: number, reply: ScriptContext | undefined): boolean {
    const choices = this.#choices;
    const { messageFlags } = transaction;
    if (!isSet(messageFlags, choices.log_flag)) return false;
    if (code < 200) return choices.early_media && (reply?.msg.body ?? "") !== "";
    if (code < 300) return true;
    return isSet(messageFlags, choices.failed_transaction_flag) && !this.#parts.leftOut.has(code);
  }

  /** Once for each time that it was marked. */
  #writeMissed(
    transaction: Transaction,
    context: ScriptContext,
    code: number,
    reply: ScriptContext | undefined,
  ): void {
    const flag = this.#choices.log_missed_flag;
    if (!isSet(transaction.messageFlags, flag)) return;
    this.#writeFor(transaction, context, this.#outcome("call missed", transaction, code, reply));
    transaction.messageFlags &= ~(1 << flag);
    context.flags &= ~(1 << flag);
  }

  /** With the URI that the request had on the branch whose reply counts. */
  #writeFor(transaction: Transaction, context: ScriptContext, outcome: Outcome): void {
    const branch = countingBranch(transaction);
    if (branch === undefined) return this.write(context, outcome);
    const { newUri, dstUri, uriIsTarget } = context;
    context.newUri = branch.uri;
    context.dstUri = branch.dstUri;
    this.write(context, outcome);
    context.newUri = newUri;
    context.dstUri = dstUri;
    context.uriIsTarget = uriIsTarget;
  }

  /** Status, reason and To tag: of a reply that came, or of one made here. */
  #outcome(
    event: string,
    transaction: Transaction,
    code: number,
    reply: ScriptContext | undefined,
  ): Outcome {
    const message = reply?.msg;
    const fromHeader = this.#choices.reason_from_hf ? message?.value(Header.Reason) : undefined;
    const reason = fromHeader || (message?.reason ?? reasonPhrase(code));
    const toTag = message?.toTag ?? this.#ownTag(transaction);
    return { event, code: String(code), reason, toTag };
  }

  /** Tag of replies made here; a CANCEL has none of its own. */
  #ownTag(transaction: Transaction): string {
    const { toTag } = transaction.request.msg;
    if (toTag !== "" || transaction.method === "CANCEL") return toTag;
    if (transaction.localTag === "") transaction.localTag = this.#parts.newTag();
    return transaction.localTag;
  }
}

/** The branch whose reply was sent, or is about to be. */
function countingBranch(transaction: Transaction): Branch | undefined {
  const { pickedBranch, relayedBranch } = transaction;
  return transaction.branches[relayedBranch >= 0 ? relayedBranch : pickedBranch];
}

function isSet(flags: number, flag: number): boolean {
  return flag >= 0 && ((flags >>> flag) & 1) === 1;
}
