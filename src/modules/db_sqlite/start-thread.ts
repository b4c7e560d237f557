/** Starts the thread of a database file, from the built program or from its source. */
import { Worker } from "node:worker_threads";
import type { ThreadData } from "./protocol.ts";

/** Run from its source the program needs a loader, and that does not reach into threads by itself. */
const fromSource = `
  const { workerData } = require("node:worker_threads");
  import("tsx/esm/api").then(({ register }) => {
    register();
    return import(workerData.entry);
  });
`;

export function startThread(data: ThreadData): Worker {
  if (!import.meta.url.endsWith(".ts")) {
    return new Worker(new URL("./worker.js", import.meta.url), { workerData: data });
  }
  const entry = new URL("./worker.ts", import.meta.url).href;
  return new Worker(fromSource, { eval: true, workerData: { ...data, entry } });
}
