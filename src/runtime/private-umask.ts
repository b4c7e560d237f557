/** Creating files that nobody else may use from the first moment. */
import { isMainThread } from "node:worker_threads";

/** Runs something that creates files with rights for the owner only. Worker threads cannot set that: there it just runs. */
export function withPrivateUmask<T>(create: () => T): T {
  if (!isMainThread) return create();
  const before = process.umask(0o177);
  try {
    return create();
  } finally {
    process.umask(before);
  }
}
