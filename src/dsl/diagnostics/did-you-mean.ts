/** Finds the name that was probably meant when a name does not exist. */

/** The candidate that is nearest to a word; nothing when none is near enough. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const limit = allowedDistance(word);
  let best: string | undefined;
  let bestDistance = limit + 1;
  const lower = word.toLowerCase();
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > limit) continue;
    const distance =
      candidate.toLowerCase() === lower ? 0 : editDistance(lower, candidate.toLowerCase(), limit);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `did you mean X?` for a help line, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string | undefined {
  const name = didYouMean(word, candidates);
  return name === undefined ? undefined : `did you mean ${name}?`;
}

function allowedDistance(word: string): number {
  if (word.length <= 2) return 0;
  if (word.length <= 4) return 1;
  return word.length <= 14 ? 2 : 3;
}

/**
 * Number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other; anything over
 * the limit is `limit + 1`.
 */
export function editDistance(left: string, right: string, limit: number): number {
  const width = right.length + 1;
  let beforePrevious = Array.from({ length: width }, () => 0);
  let previous = Array.from({ length: width }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = Array.from({ length: width }, () => 0);
    current[0] = row;
    let least = row;
    for (let column = 1; column < width; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 &&
        column > 1 &&
        left[row - 1] === right[column - 2] &&
        left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1);
      current[column] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    beforePrevious = previous;
    previous = current;
  }
  return Math.min(previous[right.length] ?? 0, limit + 1);
}
