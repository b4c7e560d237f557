/** Which final reply goes upstream when all branches have failed (RFC 3261, 16.7 step 6). */
import { type Branch, type Transaction } from "./transaction.ts";

/** Classes by rank: 6xx, then the lowest class. A 2xx is never among them. */
const classRank = [32_000, 11_000, 0, 3000, 4000, 5000, 1000] as const;

/** The 4xx that tell the sender what to do better come first: 401, 407, 415, 420, 484. */
function isHelpful(status: number): boolean {
  return status === 401 || status === 407 || status === 415 || status === 420 || status === 484;
}

/** Rank of a reply; the lowest wins. `fakedPenalty` is added for replies that were not received. */
export function replyRank(status: number, isFaked: boolean, fakedPenalty: number): number {
  const kind = Math.floor(status / 100);
  const base = classRank[kind] ?? 32_000;
  const inClass = (status % 100) + (kind === 4 && !isHelpful(status) ? 100 : 0);
  return base + inClass + (isFaked ? fakedPenalty : 0);
}

/** The best final reply; undefined while a branch is pending or when there is none. The first of equal ones wins. */
export function pickBranch(transaction: Transaction, fakedPenalty: number): Branch | undefined {
  let best: Branch | undefined;
  let bestRank = Infinity;
  for (const branch of transaction.branches) {
    if (branch.isDropped) continue;
    if (branch.lastStatus < 200) return undefined;
    const rank = replyRank(branch.lastStatus, branch.isFaked, fakedPenalty);
    if (rank < bestRank) {
      best = branch;
      bestRank = rank;
    }
  }
  return best;
}

/** Whether a branch still waits for its final reply. */
export function isPending(branch: Branch): boolean {
  return branch.lastStatus < 200 && !branch.isDropped;
}

/** Forgets the final replies of branches with numbers from `from` up to `to`. */
export function dropReplies(transaction: Transaction, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const branch = transaction.branches[i];
    if (branch === undefined || branch.lastStatus < 200) continue;
    branch.isDropped = true;
    branch.reply = null;
  }
}
