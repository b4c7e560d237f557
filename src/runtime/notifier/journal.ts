/** Keeps the subscriptions of a notifier in a table, so that they outlive the process. */
import type { Clock } from "../clock.ts";
import type { Logger, Services } from "../services.ts";
import type { Database } from "../storage/storage.ts";
import type { WriteQueue } from "../storage/write-queue.ts";
import { committedWithin, type CommitWait } from "./commit.ts";
import type { Notifier } from "./notifier.ts";
import { ownsResource } from "./owner.ts";
import { allRows, keyOf, readRow, rowOf } from "./rows.ts";
import type { WatcherSubscription } from "./subscription.ts";

/**
 * CSeqs and versions that a row leaves free for NOTIFYs, so that not each of them has to be written down. After a crash numbers
 * go on behind them: they never come twice, even when the last row was not written any more.
 */
const RESERVE = 1000;

/** What it works with. */
export interface JournalParts {
  readonly database: Database;
  readonly table: string;
  readonly queue: WriteQueue;
  readonly clock: Clock;
  readonly log: Logger;
  readonly wait: () => CommitWait;
}

/** Writes subscriptions, and reads them when the engine starts. */
export class SubscriptionJournal {
  readonly #parts: JournalParts;

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  /** Takes up what can go on, each on its socket or, when that is not there any more, on the first; the rest is removed. */
  async restore(
    notifier: Notifier,
    services: Pick<Services, "sockets" | "workers">,
  ): Promise<WatcherSubscription[]> {
    const { sockets } = services;
    const { database, table, queue, log } = this.#parts;
    const rows = await allRows(database, table);
    const now = this.#now();
    const restored: WatcherSubscription[] = [];
    for (const row of rows) {
      const kept = readRow(row);
      if (kept === undefined || kept.expiresAt <= now) {
        queue.remove(keyOf(row));
        continue;
      }
      if (!ownsResource(services, kept.resource)) continue;
      const socket = sockets.find(({ text }) => text === kept.socket) ?? sockets[0];
      const one = socket === undefined ? undefined : notifier.restore(kept, socket);
      if (one !== undefined) restored.push(one);
    }
    if (rows.length > 0)
      log.info(`${restored.length} of ${rows.length} subscriptions in ${table} go on`);
    return restored;
  }

  /** Writes a subscription, with room for its next numbers. */
  keep(subscription: WatcherSubscription): void {
    subscription.reservedCseq = subscription.dialog.localCseq + RESERVE;
    subscription.reservedVersion = subscription.version + RESERVE;
    this.#put(subscription, subscription.reservedCseq, subscription.reservedVersion);
  }

  /** Numbers were taken: more are reserved long before they are needed. */
  numbered(subscription: WatcherSubscription): void {
    if (subscription.isEnded || subscription.reservedCseq === 0) return;
    const { reservedCseq, reservedVersion, dialog, version } = subscription;
    const left = Math.min(reservedCseq - dialog.localCseq, reservedVersion - version);
    if (left < RESERVE / 2) this.keep(subscription);
  }

  forget(subscription: WatcherSubscription): void {
    const { callId, localTag, remoteTag } = subscription.dialog;
    this.#parts.queue.remove({ callid: callId, to_tag: localTag, from_tag: remoteTag });
  }

  /** Ends when what was written is safe, or cannot be now; undefined: there is nothing to wait for. */
  committed(): Promise<void> | undefined {
    const { queue, clock, wait } = this.#parts;
    return committedWithin(queue, clock, wait());
  }

  /** At a clean stop: the numbers as they are, and everything on its way to the database. */
  async stop(subscriptions: Iterable<WatcherSubscription>): Promise<void> {
    for (const one of subscriptions) this.#put(one, one.dialog.localCseq, one.version);
    await this.#parts.queue.stop();
  }

  #put(subscription: WatcherSubscription, cseq: number, version: number): void {
    const row = rowOf(subscription, { cseq, version }, this.#now());
    this.#parts.queue.put({ ...row, ...subscription.package.columns?.(subscription) });
  }

  #now(): number {
    return Math.floor(this.#parts.clock.wallTime() / 1000);
  }
}
