/** How long work takes on a machine that others use at the same time. */

/**
 * Starts to measure; what it gives back tells the milliseconds since. Neither the time that has passed nor the processor time of the
 * process (with its other threads) is less than what the work itself took: the smaller one is nearer to it.
 */
export function startCost(): () => number {
  const started = performance.now();
  const before = process.cpuUsage();
  return () => {
    const passed = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    return Math.min(passed, (user + system) / 1000);
  };
}
