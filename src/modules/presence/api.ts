/** What presence offers to modules that bring an event package. */

/** A document that was published and is in force. */
export interface Publication {
  /** Entity tag (RFC 3903, 8.1). */
  readonly etag: string;
  readonly body: string;
  /** What the package has read in it. */
  readonly state: object | null;
  /** Wall clock seconds. */
  readonly receivedAt: number;
  readonly expiresAt: number;
  readonly priority: number;
}

/** A publication that is not in force any more. */
export interface EndedPublication {
  readonly publication: Publication;
  readonly cause: "removed" | "expired" | "replaced";
}

/** What is known about a resource. */
export interface PresentityView {
  /** URI that the watcher has asked for. */
  readonly resource: string;
  /** Most important first: newest first, or by priority. */
  readonly published: readonly Publication[];
  /** What has ended since the last document for this watcher. */
  readonly ended: readonly EndedPublication[];
  /** Wall clock seconds. */
  readonly now: number;
}

/** A published document as its package sees it. */
export type ReadResult =
  | { readonly ok: true; readonly state: object | null }
  | {
      readonly ok: false;
      readonly status: number;
      readonly reason?: string;
      /** Further header lines, each with CRLF. */
      readonly headers?: string;
    };

/** What a watcher may know. */
export type WatcherStatus = "active" | "pending" | "terminated" | "waiting";

/** An event package: how its documents are read, put together and protected. */
export interface PresenceEvent {
  /** As in Event, lower case. */
  readonly name: string;
  readonly contentType: string;
  /** Seconds. */
  readonly defaultExpires: number;
  /** Checks a document that is about to be published; documents are taken as they are without it. */
  read?(body: string, resource: string): ReadResult;
  /**
   * The document for one watcher, null for a NOTIFY without a body; `version` counts the watcher's documents from 0.
   * Without it the most important publication is passed on.
   */
  aggregate?(view: PresentityView, version: number): string | null;
  /** Whether watchers are told that a publication has ended; they are without it. */
  isNews?(ended: EndedPublication, left: readonly Publication[]): boolean;
  /** Decides over watchers; all may watch without it. */
  authorise?(watcher: string, resource: string): WatcherStatus;
}

export interface PresenceApi {
  /** Makes an event package known. To be called while modules are set up. */
  addEvent(event: PresenceEvent): void;
  hasEvent(name: string): boolean;
  /** The state of a resource has changed elsewhere: tells its watchers. False when the event is not known. */
  refreshWatchers(resource: string, event: string): boolean;
  /** Decides anew over the watchers of a resource. False when nobody decides over watchers of this event. */
  updateWatchers(resource: string, event: string): boolean;
  hasSubscribers(resource: string, event: string): boolean;
}
