/** Settings of V8 for a machine that has one core for us. */
import { setFlagsFromString } from "node:v8";

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

/** With one core, garbage is collected in small steps of the event loop alone. `cores`: those that this process may run on. */
export function adaptCollector(cores: number): void {
  if (cores > 1) return;
  for (const flag of threadFlags) setFlagsFromString(flag);
}
