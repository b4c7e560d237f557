/** What the main thread and the thread of a database file say to each other. */
import type { Row, SqlValue, Statement, TableLayout } from "../../runtime/storage/storage.ts";

/** How a file is to be opened. */
export interface FileSettings {
  readonly path: string;
  readonly isReadOnly: boolean;
  readonly journalMode: string;
  /** How long a statement waits for the lock of another process, in milliseconds. */
  readonly busyMs: number;
}

/** What the thread is started with. */
export interface ThreadData {
  readonly settings: FileSettings;
  /** Tables that were asked for before. */
  readonly tables: readonly TableLayout[];
}

export type Task =
  | { readonly kind: "ensure"; readonly tables: readonly TableLayout[] }
  | { readonly kind: "query"; readonly sql: string; readonly values: readonly SqlValue[] }
  | { readonly kind: "write"; readonly statements: readonly Statement[] };

export interface Request {
  readonly id: number;
  readonly task: Task;
}

/** To the thread: all requests of one turn, or the order to end. */
export type ToThread = readonly Request[] | "end";

/** A StorageError on its way. */
export interface Failure {
  readonly code: "STORAGE_UNAVAILABLE" | "STORAGE_REFUSED" | "STORAGE_LAYOUT";
  readonly message: string;
}

export interface Answer {
  readonly id: number;
  readonly rows?: readonly Row[];
  readonly failure?: Failure;
}

/** From the thread. */
export interface FromThread {
  readonly answers: readonly Answer[];
  /** Something that the operator should know. */
  readonly notice?: string;
  /** The file is another one than before: it was gone, or was replaced. */
  readonly isNew?: boolean;
}
