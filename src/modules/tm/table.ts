/** All transactions: found by what requests, replies, CANCEL and ACK carry, and by their numbers. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { AttributeLists } from "../../runtime/lists.ts";
import type { Workers } from "../../runtime/workers/group.ts";
import { type IdSource, MAGIC_COOKIE, cancelledKey, hash32 } from "../../sip/ids.ts";
import type { SipMessage } from "../../sip/message.ts";
import { KeyIndex, NONE } from "./key-index.ts";
import type { OwnRequest } from "./own-request.ts";
import { RemainsStore } from "./remains-store.ts";
import type { Remains, Waiting } from "./remains.ts";
import { type Branch, Transaction } from "./transaction.ts";

/** The highest number of a branch that is read back from a Via. */
const maxBranchDigits = 3;

/** What tells the transactions of several workers apart. */
type WorkerIdentity = Pick<Workers, "index" | "count" | "branchMark">;

export class TransactionTable {
  /** Places of transactions that have a key. */
  readonly #byKey = new KeyIndex();
  /** Nobody outside knows which keys share a bucket. */
  readonly #hashSeed: number;
  /**
   * By place: a transaction, or the position of what is left of it. With several workers a transaction's number is its place here times the number of workers, plus the number of this
   * worker.
   */
  readonly #slots: (Transaction | number | null)[] = [];
  readonly #remains = new RemainsStore();
  readonly #stride: number;
  readonly #offset: number;
  /** Start of the branches made here. */
  readonly #branchStart: string;
  readonly #free: number[] = [];
  /** INVITEs by dialog, for the ACK of a 2xx; only those that are watched. */
  readonly #byDialog = new Map<string, Transaction>();
  readonly #ids: IdSource;
  #label: number;
  #size = 0;

  constructor(ids: IdSource, worker: WorkerIdentity | null) {
    this.#ids = ids;
    this.#stride = worker?.count ?? 1;
    this.#offset = worker?.index ?? 0;
    this.#branchStart = MAGIC_COOKIE + (worker?.branchMark ?? "");
    this.#label = ids.word();
    this.#hashSeed = ids.word();
  }

  get size(): number {
    return this.#size;
  }

  /** Places that are or were in use; for the load shown by RPC. */
  get capacity(): number {
    return this.#slots.length;
  }

  /** Makes a transaction; `key` is "" for requests of the engine itself. */
  add(request: ScriptContext | OwnRequest, key: string, now: number): Transaction {
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#label = (this.#label + 1) >>> 0;
    const index = this.indexOf(slot);
    const token = this.#ids.token();
    const identity = {
      index,
      label: this.#label,
      token,
      branchBase: this.branchBase(index, token),
      key,
    };
    const transaction = new Transaction(identity, request, key === "", now);
    this.#slots[slot] = transaction;
    if (key !== "") this.#byKey.add(slot, hash32(key, this.#hashSeed));
    this.#size++;
    return transaction;
  }

  /** Start of the branches of a transaction. */
  branchBase(index: number, token: string): string {
    return `${this.#branchStart}${index.toString(16)}.${token}.`;
  }

  /** Number of the transaction in a place. */
  indexOf(slot: number): number {
    return slot * this.#stride + this.#offset;
  }

  /** Place of a number; -1: it is another worker's. */
  #slotOf(index: number): number {
    if (this.#stride === 1) return index;
    const slot = (index - this.#offset) / this.#stride;
    return Number.isInteger(slot) ? slot : -1;
  }

  /** Keeps only what is left of a finished transaction (see `RemainsStore.add`); false when it has to stay whole. */
  reduce(transaction: Transaction, kept: string, lists: AttributeLists | null): boolean {
    const slot = this.#slotOf(transaction.index);
    if (this.#slots[slot] !== transaction) return false;
    const position = this.#remains.add(transaction, slot, kept);
    if (position < 0) return false;
    if (lists !== null) this.#remains.keepLists(position, lists);
    this.#slots[slot] = position;
    return true;
  }

  /** Time at which the oldest of the reduced ones is to be forgotten, milliseconds; Infinity: there is none. */
  get remainsDueAt(): number {
    return this.#remains.dueAt;
  }

  /** Forgets the oldest of the reduced ones, which must be there; whether it was a CANCEL that was received. */
  dropOldestRemains(): boolean {
    const remains = this.#remains;
    const isCancel = remains.oldestIsCancel;
    this.#vacate(remains.oldestSlot);
    remains.dropOldest();
    return isCancel;
  }

  remove(transaction: Transaction): void {
    const slot = this.#slotOf(transaction.index);
    if (this.#slots[slot] !== transaction) return;
    this.#vacate(slot);
    this.#removeDialog(transaction);
  }

  #vacate(slot: number): void {
    this.#slots[slot] = null;
    this.#free.push(slot);
    this.#byKey.remove(slot);
    this.#size--;
  }

  #removeDialog(transaction: Transaction): void {
    if (transaction.dialogKey !== "" && this.#byDialog.get(transaction.dialogKey) === transaction) {
      this.#byDialog.delete(transaction.dialogKey);
    }
  }

  /** By the key that `transactionKey` gives. */
  get(key: string): Waiting | undefined {
    const index = this.#byKey;
    for (
      let slot = index.first(hash32(key, this.#hashSeed));
      slot !== NONE;
      slot = index.next(slot)
    ) {
      const found = this.#slots[slot];
      if (typeof found === "number") {
        if (this.#remains.hasKey(found, key)) return this.#remains.read(found);
      } else if (found?.key === key) return found;
    }
    return undefined;
  }

  /** The INVITE that a CANCEL means (RFC 3261, 9.2). */
  findCanceled(message: SipMessage): Transaction | undefined {
    const invite = this.get(cancelledKey(message));
    return invite instanceof Transaction ? invite : undefined;
  }

  /** One that is under way, or still whole. */
  find(index: number, label: number): Transaction | null {
    const transaction = this.#slots[this.#slotOf(index)];
    return transaction instanceof Transaction && transaction.label === label ? transaction : null;
  }

  /** The branch that a reply belongs to (RFC 3261, 17.1.3): by our own branch parameter. Remains: a reply that came late. */
  findReply(message: SipMessage): Branch | Remains | undefined {
    const branch = message.via?.branch ?? "";
    const cookie = this.#branchStart.length;
    if (branch.length <= cookie) return undefined;
    const dot = branch.indexOf(".", cookie);
    if (dot < 0) return undefined;
    const index = parseHex(branch, cookie, dot);
    const found = index < 0 ? undefined : this.#slots[this.#slotOf(index)];
    if (found === undefined || found === null) return undefined;
    return typeof found === "number"
      ? this.#lateReply(message, this.#remains.read(found))
      : this.#replyTo(message, found);
  }

  #replyTo(message: SipMessage, transaction: Transaction): Branch | undefined {
    const branch = transaction.branches[this.branchNumber(message, transaction.token)];
    const method = message.cseqMethod;
    if (branch === undefined || method === transaction.method) return branch;
    return method === "CANCEL" && transaction.isInvite ? branch : undefined;
  }

  #lateReply(message: SipMessage, remains: Remains): Remains | undefined {
    const number = this.branchNumber(message, remains.token);
    const isOwn = number >= 0 && number < remains.branchCount;
    return isOwn && message.cseqMethod === remains.method ? remains : undefined;
  }

  /** Number of the branch that a reply is for; -1 when it is none of the transaction with this token. */
  branchNumber(message: SipMessage, token: string): number {
    const branch = message.via?.branch ?? "";
    const start = branch.indexOf(".", this.#branchStart.length) + 1;
    const end = start + token.length;
    if (!branch.startsWith(this.#branchStart) || !branch.startsWith(token, start)) return -1;
    if (branch.charCodeAt(end) !== 46 || branch.length - end - 1 > maxBranchDigits) return -1;
    return parseHex(branch, end + 1, branch.length);
  }

  /** Remembers under which dialog the ACK of a 2xx will come. */
  watchAck(transaction: Transaction): void {
    const message = transaction.request.msg;
    transaction.dialogKey = dialogKey(message);
    this.#byDialog.set(transaction.dialogKey, transaction);
  }

  /** The INVITE with a 2xx that this ACK is for (RFC 3261, 13.2.2.4). */
  findAcknowledged(message: SipMessage): Transaction | undefined {
    return this.#byDialog.size === 0 ? undefined : this.#byDialog.get(dialogKey(message));
  }

  /** By Call-ID and CSeq number, among those that are whole; a walk over all, for remote commands and scripts that ask for it. */
  findCall(
    callId: string,
    cseq: number,
    isWanted: (t: Transaction) => boolean,
  ): Transaction | null {
    for (const transaction of this.#slots) {
      if (!(transaction instanceof Transaction)) continue;
      const message = transaction.request.msg;
      if (message.callId !== callId || message.cseqNumber !== cseq) continue;
      if (isWanted(transaction)) return transaction;
    }
    return null;
  }

  /** Those that are whole: under way, or finished with something left to do. */
  *all(): Iterable<Transaction> {
    for (const transaction of this.#slots) {
      if (transaction instanceof Transaction) yield transaction;
    }
  }

  /** All, with what is kept of finished ones. */
  *everything(): Iterable<Waiting> {
    for (const found of this.#slots) {
      if (typeof found === "number") yield this.#remains.read(found);
      else if (found !== null) yield found;
    }
  }
}

/** Call-ID, CSeq number and From tag: the same in an INVITE and the ACK of its 2xx. */
function dialogKey(message: SipMessage): string {
  return `${message.callId}\n${message.cseqNumber}\n${message.fromTag}`;
}

/** A number in lower-case hexadecimal; -1 if it is none. */
function parseHex(text: string, start: number, end: number): number {
  if (end <= start || end - start > 7) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) value = value * 16 + code - 48;
    else if (code >= 97 && code <= 102) value = value * 16 + code - 87;
    else return -1;
  }
  return value;
}
