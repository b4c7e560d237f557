/** Does what was asked of a database file: writes that wait go into one transaction. */
import { traceOf } from "../../runtime/errors.ts";
import { FileFailure, type SqliteFile } from "./file.ts";
import type { Answer, Request } from "./protocol.ts";

/** In order; neighbouring writes as one transaction. */
export function handle(file: SqliteFile, requests: readonly Request[]): Answer[] {
  const answers: Answer[] = [];
  let writes: Request[] = [];
  for (const request of requests) {
    if (request.task.kind === "write") {
      writes.push(request);
      continue;
    }
    answers.push(...writeTogether(file, writes), answer(file, request));
    writes = [];
  }
  answers.push(...writeTogether(file, writes));
  return answers;
}

/** If they cannot be written together, each by itself: one bad statement fails alone. */
function writeTogether(file: SqliteFile, requests: readonly Request[]): Answer[] {
  if (requests.length === 0) return [];
  const transactions = requests.map(({ task }) => (task.kind === "write" ? task.statements : []));
  try {
    file.write(transactions);
    return requests.map(({ id }) => ({ id }));
  } catch (error) {
    const isRefused = error instanceof FileFailure && error.failure.code === "STORAGE_REFUSED";
    if (isRefused && requests.length > 1) return requests.map((one) => answer(file, one));
    return requests.map(({ id }) => failed(id, error));
  }
}

function answer(file: SqliteFile, { id, task }: Request): Answer {
  try {
    switch (task.kind) {
      case "ensure":
        file.ensure(task.tables);
        return { id };
      case "query":
        return { id, rows: file.query(task.sql, task.values) };
      case "write":
        file.write([task.statements]);
        return { id };
    }
  } catch (error) {
    return failed(id, error);
  }
}

function failed(id: number, error: unknown): Answer {
  if (error instanceof FileFailure) return { id, failure: error.failure };
  const message = traceOf(error);
  return { id, failure: { code: "STORAGE_REFUSED", message } };
}
