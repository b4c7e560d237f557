/** Numbers at random that are the same in each run. */

/** Gives numbers from 0 to below 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A whole number from 0 to below the limit. */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}
