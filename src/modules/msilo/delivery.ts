/** Sends stored messages: one after the other for each user, and deletes what has been answered with 2xx. */
import type { Counter, Logger } from "../../runtime/services.ts";
import type { LocalRequest, TmApi } from "../tm/spec.ts";
import type { Outgoing } from "./outgoing.ts";
import { keyOf, type Owner, PAGE, type Silo, type StoredMessage } from "./silo.ts";

/** What a delivery needs. */
export interface DeliveryParts {
  readonly tm: TmApi;
  readonly silo: Silo;
  readonly outgoing: Outgoing;
  readonly log: Logger;
  readonly counters: {
    readonly dumped: Counter;
    readonly failed: Counter;
    readonly dumpedReminders: Counter;
    readonly failedReminders: Counter;
  };
}

/** The messages of one user on their way. */
interface Lane {
  readonly owner: Owner;
  /** Header lines of m_dump's parameter. */
  extraHeaders: string;
  /** The last message that was tried. */
  lastId: number;
  /** The user was reported online once more since the last look into the database. */
  isAskedAgain: boolean;
  /** The message that comes last: earlier attempts have all ended at it. */
  postponed: StoredMessage | undefined;
}

/** Attempts that ended at one message, until the others go before it: it may be what the phone cannot bear. */
const PATIENCE = 3;
/** Users whose failures are remembered; then all are forgotten. */
const REMEMBERED = 10_000;

/** Answers that speak of the user or the way there, and not of the message: the others are not tried now. */
const UNREACHABLE: ReadonlySet<number> = new Set([
  401, 403, 404, 407, 408, 410, 430, 477, 478, 480, 500, 502, 503, 504,
]);

/** Delivers. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #lanes = new Map<string, Lane>();
  /** Owners whose reminders are being sent. */
  readonly #reminded = new Set<string>();
  /** By owner: the message at which the last attempts ended. */
  readonly #stuck = new Map<string, { readonly id: number; readonly times: number }>();
  #isLooking = false;
  #isStopped = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Starts to send an owner's messages; false when the database is away. */
  async dump(owner: Owner, extraHeaders: string): Promise<boolean> {
    const key = keyOf(owner);
    const running = this.#lanes.get(key);
    if (running !== undefined) {
      running.isAskedAgain = true;
      running.extraHeaders = extraHeaders;
      return true;
    }
    const lane: Lane = {
      owner,
      extraHeaders,
      lastId: 0,
      isAskedAgain: false,
      postponed: undefined,
    };
    this.#lanes.set(key, lane);
    const first = await this.#parts.silo.messages(owner, 0);
    if (first === undefined) {
      this.#lanes.delete(key);
      return false;
    }
    void this.#deliver(key, lane, first);
    return true;
  }

  /** Sends the reminders that are due. */
  async remind(): Promise<void> {
    if (this.#isLooking || this.#isStopped) return;
    this.#isLooking = true;
    for (let lastId = 0; ;) {
      const due = await this.#parts.silo.reminders(lastId);
      if (due === undefined || due.length === 0) break;
      for (const [key, list] of byOwner(due)) {
        if (!this.#reminded.has(key)) void this.#remindOne(key, list);
      }
      lastId = due.at(-1)?.id ?? 0;
      if (due.length < PAGE) break;
    }
    this.#isLooking = false;
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#isStopped = true;
  }

  async #deliver(key: string, lane: Lane, first: StoredMessage[]): Promise<void> {
    let page: StoredMessage[] | undefined = first;
    while (page !== undefined && !this.#isStopped) {
      let isReachable = await this.#sendPage(lane, page);
      if (!isReachable || page.length < PAGE) {
        if (isReachable) isReachable = await this.#sendPostponed(lane);
        if (!lane.isAskedAgain) break;
        // After a failure from the start: the user may be reachable again.
        if (!isReachable) lane.lastId = 0;
        lane.isAskedAgain = false;
      }
      page = await this.#parts.silo.messages(lane.owner, lane.lastId);
    }
    this.#lanes.delete(key);
  }

  /** False when the user cannot be reached. */
  async #sendPage(lane: Lane, page: readonly StoredMessage[]): Promise<boolean> {
    const { silo } = this.#parts;
    const stuck = this.#stuck.get(keyOf(lane.owner));
    for (const stored of page) {
      lane.lastId = stored.id;
      if (this.#isStopped) return false;
      if (silo.wasDelivered(stored.id) || stored.expiresAt <= silo.now()) continue;
      if (stuck !== undefined && stuck.times >= PATIENCE && stuck.id === stored.id) {
        lane.postponed = stored;
      } else if (!(await this.#sendOne(lane, stored))) return false;
    }
    return true;
  }

  async #sendPostponed(lane: Lane): Promise<boolean> {
    const { postponed } = lane;
    lane.postponed = undefined;
    return postponed === undefined || this.#sendOne(lane, postponed);
  }

  /** False when the user cannot be reached. */
  async #sendOne(lane: Lane, stored: StoredMessage): Promise<boolean> {
    const { counters, outgoing } = this.#parts;
    const code = await this.#send(stored, outgoing.message(stored, lane.extraHeaders));
    (isSuccess(code) ? counters.dumped : counters.failed).value++;
    const key = keyOf(lane.owner);
    const stuck = this.#stuck.get(key);
    if (!UNREACHABLE.has(code)) {
      if (stuck?.id === stored.id) this.#stuck.delete(key);
      return true;
    }
    if (this.#stuck.size >= REMEMBERED) this.#stuck.clear();
    const times = stuck?.id === stored.id ? stuck.times + 1 : 1;
    this.#stuck.set(key, { id: stored.id, times });
    return false;
  }

  async #remindOne(key: string, list: readonly StoredMessage[]): Promise<void> {
    const { counters, outgoing, silo } = this.#parts;
    this.#reminded.add(key);
    for (const stored of list) {
      if (this.#isStopped) break;
      if (silo.wasDelivered(stored.id)) continue;
      const code = await this.#send(stored, outgoing.reminder(stored));
      (isSuccess(code) ? counters.dumpedReminders : counters.failedReminders).value++;
      if (UNREACHABLE.has(code)) break;
    }
    this.#reminded.delete(key);
  }

  /** Sends one and waits for its answer: the status, 400 for what cannot be sent. */
  async #send(stored: StoredMessage, request: LocalRequest | undefined): Promise<number> {
    const { log, silo, tm } = this.#parts;
    const code = await new Promise<number>((resolve) => {
      if (request === undefined) resolve(400);
      else tm.request({ ...request, onFinal: resolve });
    });
    if (isSuccess(code)) silo.delivered(stored.id);
    else log.info(`message ${stored.id} for ${keyOf(stored.owner)} was not taken: ${code}`);
    return code;
  }
}

function byOwner(list: readonly StoredMessage[]): Map<string, StoredMessage[]> {
  const groups = new Map<string, StoredMessage[]>();
  for (const one of list) {
    const key = keyOf(one.owner);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}
