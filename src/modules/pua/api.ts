/** What pua offers to modules that publish state and follow that of others. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { SipMessage } from "../../sip/message.ts";

/** Where a publication's state comes from. Asked at the time of sending, so that the newest state is sent. */
export interface PublicationSource {
  /** The document; `version` counts the documents of this publication (0 first), when counting is switched on. */
  body(publication: PublicationView, version: number): string;
  /** Seconds for which the state holds; 0 or less: it does not end by itself. */
  lifetime(publication: PublicationView): number;
  /** The document that was asked for last has been accepted; there may be newer state by now. */
  accepted?(publication: PublicationView): void;
  /** The publication is gone: removed, or refused for good. */
  ended?(publication: PublicationView): void;
}

/** A publication as its source sees it. */
export interface PublicationView {
  /** Unique among the publications of an event package. */
  readonly key: string;
  readonly resource: string;
}

/** How publications of one event package are made. */
export interface PublisherOptions {
  /** Value of Event. */
  readonly event: string;
  readonly contentType: string;
  readonly source: PublicationSource;
  /** URI that PUBLISH is sent to; the resource decides when not given. */
  readonly nextHop: string | undefined;
  /** Whether documents are counted. */
  readonly countsVersions: boolean;
  /** Stands before keys in the database. */
  readonly idPrefix: string;
}

/** Publishes state of one event package (RFC 3903). */
export interface Publisher {
  /** The state of a resource has changed: publishes it now, or as soon as the request before is answered. */
  publish(key: string, resource: string): void;
  /** Removes what was published, after a delay; a `publish` before that keeps it. */
  removeAfter(key: string, seconds: number): void;
  /**
   * Goes on with what was published before a restart; once, in the module's `start`. Those that are accepted run out at their
   * server unless they are published anew, the others are forgotten.
   */
  resume(accepts: (publication: PublicationView) => boolean): void;
  /** Number of publications that are kept up. */
  readonly size: number;
}

/** Whom to follow, and who asks. */
export interface SubscribeRequest {
  /** URI of what is followed: Request-URI, To and key of the subscription. */
  readonly resource: string;
  readonly event: string;
  /** Media type for Accept. */
  readonly accept: string;
  /** Value for Accept-Encoding. */
  readonly acceptEncoding?: string;
  /** URI in From and Contact. */
  readonly watcher: string;
  /** Seconds to ask for. */
  readonly expires: number;
  /** Wall clock seconds at which it ends; 0: never by itself. */
  readonly until: number;
  readonly nextHop: string | undefined;
  readonly listener: SubscriptionListener;
}

/** What the database does not know of subscriptions. */
export interface ResumeRequest {
  readonly event: string;
  readonly accept: string;
  readonly acceptEncoding?: string;
  /** Seconds to ask for. */
  readonly expires: number;
  readonly nextHop: string | undefined;
  readonly listener: SubscriptionListener;
}

/** Is told how a subscription fares. */
export interface SubscriptionListener {
  /** It is over for good: refused, given up, or ended by us. */
  ended?(subscription: Subscription, why: string): void;
  /** Whether all that NOTIFYs have told is still known here: then a refresh need not bring it again (RFC 5839). */
  isUpToDate?(subscription: Subscription): boolean;
}

/** State of a subscription. */
export type SubscriptionPhase =
  /** The first SUBSCRIBE is on its way, or waits for its turn. */
  | "starting"
  | "active"
  /** Waits before it is tried anew. */
  | "waiting"
  /** Expires 0 has been sent; a last NOTIFY may come. */
  | "ending"
  | "ended";

/** A subscription (RFC 6665) that keeps itself alive. */
export interface Subscription {
  readonly resource: string;
  readonly event: string;
  readonly phase: SubscriptionPhase;
  /** Wall clock seconds until which the notifier has granted it; 0 when it is not active. */
  readonly grantedUntil: number;
  /** Asks the notifier for the full state. */
  refresh(): void;
  /** The same, because documents are missing: not more often than every few seconds, whatever the notifier sends. */
  resync(): void;
  /** Ends it. */
  end(): void;
  /** For a module's own state. */
  data: object | null;
}

/** A NOTIFY and the subscription that it belongs to. */
export type NotifyMatch =
  | {
      readonly ok: true;
      readonly subscription: Subscription;
      /** It was applied already: the same request again. */
      readonly isRepeated: boolean;
      /** Seconds for which the notifier grants the subscription from now on; 0 when it has ended. */
      readonly grantedSeconds: number;
    }
  | {
      readonly ok: false;
      readonly problem: NotifyProblem;
      /** Status that fits as an answer. */
      readonly status: number;
    };

export type NotifyProblem =
  | "no-subscription"
  | "wrong-event"
  | "wrong-source"
  | "no-subscription-state"
  | "old-cseq"
  | "malformed";

export interface PuaApi {
  publisher(options: PublisherOptions): Publisher;
  /** Follows a resource. A second call for the same resource and event asks the notifier again in the same dialog. */
  subscribe(request: SubscribeRequest): Subscription;
  /**
   * Goes on with the subscriptions to an event package that there were before a restart; once, in the module's `start`. Each asks
   * for the full state, some at a time.
   */
  resume(request: ResumeRequest): void;
  /** Does what a restart asks for: some jobs at a time, taken from the list when their turn has come. */
  pace(jobs: Iterable<() => void>): void;
  find(resource: string, event: string): Subscription | undefined;
  /**
   * Takes a NOTIFY: finds its subscription and follows its Subscription-State (RFC 6665, 4.1.3). Sends nothing. `checksSource`: it
   * must come from an address of the notifier: where an answer to SUBSCRIBE came from, or where Contact and Record-Route point.
   */
  notified(context: ScriptContext, event: string, checksSource: boolean): NotifyMatch;
  /** Takes over the remote target of an in-dialog request; whether it belongs to a subscription. */
  updateTarget(message: SipMessage): boolean;
  readonly defaultExpires: number;
  /** Whether documents of the package `reg` are counted. */
  readonly countsRegVersions: boolean;
}
