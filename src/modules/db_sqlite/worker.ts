/** The thread of a database file: takes all requests that wait, and answers. */
import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from "node:worker_threads";
import { SqliteFile } from "./file.ts";
import type { FromThread, Request, ThreadData, ToThread } from "./protocol.ts";
import { handle } from "./requests.ts";

/** Serves the requests that come through a port, until it is told to end. */
function serve(port: MessagePort, data: ThreadData): void {
  const file = new SqliteFile(data.settings, data.tables, (notice, isNew) => {
    port.postMessage({ answers: [], notice, isNew } satisfies FromThread);
  });
  port.on("message", (first: ToThread) => {
    const requests: Request[] = [];
    let hasEnded = false;
    // What came in while the last commit was on its way goes into the next one.
    let next: { readonly message: unknown } | undefined = { message: first };
    while (next !== undefined) {
      if (next.message === "end") hasEnded = true;
      else requests.push(...(next.message as readonly Request[]));
      next = receiveMessageOnPort(port);
    }
    if (requests.length > 0) {
      port.postMessage({ answers: handle(file, requests) } satisfies FromThread);
    }
    if (hasEnded) {
      file.close();
      port.close();
    }
  });
}

if (parentPort !== null) serve(parentPort, workerData as ThreadData);
