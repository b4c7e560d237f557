/** What an event package has to say, and what the notifier asks it (RFC 6665, 5.4). */
import type { EventPackage } from "../../sip/event.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { ScriptContext } from "../context.ts";
import type { ListenSocket } from "../transport.ts";
import type { Row } from "../storage/storage.ts";
import type { KeptSubscription } from "./rows.ts";
import type { WatcherSubscription } from "./subscription.ts";

/** State for a watcher, as it stands in a NOTIFY. */
export interface NotifyDocument {
  readonly contentType: string;
  readonly body: string;
  /** The rest did not fit: it is asked for as soon as this part has been accepted. */
  readonly hasMore: boolean;
}

/** A SUBSCRIBE that is in order as far as the protocol goes. */
export interface WatchRequest {
  readonly context: ScriptContext;
  readonly message: SipMessage;
  /** URI of what is to be watched: the Request-URI, or that of the subscription that is refreshed. */
  readonly resource: string;
  /** URI of who watches. */
  readonly watcher: string;
  readonly event: EventPackage;
}

/** What becomes of a SUBSCRIBE. */
export type Admission =
  | {
      readonly ok: true;
      /** `pending` watchers are told nothing but that. */
      readonly state: "active" | "pending";
      /** URI of what is watched, where it is not the Request-URI. */
      readonly resource?: string;
      /** The package's own state of the subscription. */
      readonly data: object | null;
    }
  | {
      readonly ok: false;
      readonly status: number;
      readonly reason?: string;
      /** Further header lines, each with CRLF. */
      readonly headers?: string;
    };

/** An event package that can be watched. */
export interface WatchedPackage {
  /** As in Event, lower case. */
  readonly name: string;
  /** Media type of its documents. */
  readonly contentType: string;
  /** Seconds granted to those who ask for no time. */
  readonly defaultExpires: number;
  /** Whether long documents are packed for watchers that can read them so. */
  readonly packs?: boolean;
  /** Milliseconds at least between two NOTIFYs about changes. */
  readonly notifyIntervalMs: number;
  /** Decides over a new subscription or, with one, over its refresh. */
  admit(request: WatchRequest, subscription: WatcherSubscription | undefined): Admission;
  /** Requests in its dialog find it from now on. */
  opened?(subscription: WatcherSubscription): void;
  /** Nothing but a last NOTIFY comes after this. */
  closed?(subscription: WatcherSubscription): void;
  /** The next document; null for a NOTIFY without one. Called once for each NOTIFY that may carry state. */
  document(subscription: WatcherSubscription, isFull: boolean): NotifyDocument | null;
  /**
   * Shortest time in milliseconds after which an unanswered NOTIFY is repeated, when the watcher's answers have been quick so
   * far; 0: as the transaction layer does it.
   */
  repeatMs?(subscription: WatcherSubscription): number;
  /** Columns of the package's own for the row of a subscription. */
  columns?(subscription: WatcherSubscription): Row;
  /** The package's own state of a subscription that is restored; undefined when there is no such resource any more. */
  restored?(kept: KeptSubscription): object | undefined;
  /** Entity tag of the state as the watcher sees it (RFC 5839); "" when there is none. */
  entityTag?(subscription: WatcherSubscription): string;
}

/** A request of the engine itself, as the transaction layer takes it. */
export interface NotifyRequest {
  readonly method: string;
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  readonly headers: string;
  readonly body: string;
  readonly socket: ListenSocket;
  /** Milliseconds after which it is repeated for the first time, where that is sooner than usual. */
  readonly repeatMs?: number;
  readonly onFinal: (
    code: number,
    reply: SipMessage | undefined,
    context: ScriptContext | undefined,
  ) => void;
}

/** Sends requests with a transaction. */
export interface NotifySender {
  request(request: NotifyRequest): { abandon(): void };
}

/** Replies to requests, within their transaction if they have one. */
export interface ReplySender {
  reply(context: ScriptContext, status: number, reason: string): number;
  /** To tag that replies to this request have. */
  replyTag(context: ScriptContext): string;
}
