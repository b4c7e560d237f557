/** Replies that wait until what they promise is in the database. */
import type { Clock } from "../clock.ts";
import type { WriteQueue } from "../storage/write-queue.ts";

/** How long, and what happens after that. */
export interface CommitWait {
  /** Milliseconds at most; 0: not at all. */
  readonly ms: number;
  /** The database does not answer, or is away: the reply goes without it, rows stay queued. */
  readonly overdue: () => void;
}

/** Ends when all that was put is committed, or after the time; undefined: there is nothing to wait for. */
export function committedWithin(
  queue: WriteQueue,
  clock: Clock,
  wait: CommitWait,
): Promise<void> | undefined {
  if (wait.ms <= 0 || queue.waiting === 0) return undefined;
  return new Promise((resolve) => {
    const timer = clock.after(wait.ms, () => {
      wait.overdue();
      resolve();
    });
    void queue.settled().then((isCommitted) => {
      if (timer.isPending && !isCommitted) wait.overdue();
      timer.cancel();
      resolve();
    });
  });
}
