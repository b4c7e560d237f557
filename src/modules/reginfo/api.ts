/** What reginfo offers to other modules. */

/** Why contacts are taken away by the operator (RFC 3680, 4.7.2). */
export type RemovalEvent = "deactivated" | "rejected" | "probation" | "unregistered";

/** Which contacts of a table are meant. */
export interface ContactChoice {
  readonly table: string;
  /** Key of the address of record, as in `ul.dump`. */
  readonly aor: string;
  /** URI of one contact; all when not given. */
  readonly contact?: string | undefined;
}

export interface ReginfoApi {
  /** Number of subscriptions. */
  readonly subscriptions: number;
  /** Takes contacts away and tells watchers why. `retryAfter` in seconds goes with `probation`. Their number. */
  remove(choice: ContactChoice, event: RemovalEvent, retryAfter?: number): number;
  /** Shortens the lifetime of contacts to so many seconds, and tells watchers. Their number. */
  shorten(choice: ContactChoice, seconds: number): number;
  /** Ends the subscriptions to a URI. Their number. */
  endSubscriptions(uri: string, reason: string): number;
}
