/** Settings of V8's garbage collector for a process whose event loop must not stand still. */
import { setFlagsFromString } from "node:v8";

/**
 * By how many percent the heap may grow before all of it is looked through again. V8 would often do that after a fifth more, to
 * save memory; here little lives long on the heap, so there is little to save, and each time some answers wait for it.
 */
export const growthFlag = "--heap-growing-percent=200";

/**
 * What V8 would do on threads of its own. On a single core they do not work beside the event loop but instead of it: the scheduler
 * gives each of the four a turn of some milliseconds before the loop has its next one.
 */
export const threadFlags: readonly string[] = [
  "--no-concurrent-marking",
  "--no-concurrent-sweeping",
  "--no-concurrent-array-buffer-sweeping",
  "--no-parallel-scavenge",
  "--no-parallel-compaction",
  "--no-parallel-pointer-update",
];

/** All of the heap is collected seldom, and with one core in small steps of the event loop alone. `cores`: those that this process may run on. */
export function adaptCollector(cores: number): void {
  setFlagsFromString(growthFlag);
  if (cores > 1) return;
  for (const flag of threadFlags) setFlagsFromString(flag);
}
