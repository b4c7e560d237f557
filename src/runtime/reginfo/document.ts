/** Registration state as RFC 3680 sees it: the same for what is written and what is read. */

/** The namespace of RFC 3680, 5.1. */
export const REGINFO = "urn:ietf:params:xml:ns:reginfo";
/** GRUUs in it (RFC 5628). */
export const GRUUINFO = "urn:ietf:params:xml:ns:gruuinfo";
/** What is needed to reach a contact through another server: attributes of `contact`. */
export const EXTENSION = "urn:olelo:params:xml:ns:reginfo-ext";

export const MEDIA_TYPE = "application/reginfo+xml";

/** Events that end a contact (RFC 3680, 4.7.2). */
export const ENDING_EVENTS: ReadonlySet<string> = new Set([
  "expired",
  "deactivated",
  "probation",
  "unregistered",
  "rejected",
]);

/** A contact parameter that has no place of its own. */
export interface UnknownParam {
  readonly name: string;
  readonly value: string;
}

/** A contact of a document. Numbers are -1, texts undefined, when not given. */
export interface ContactState {
  readonly id: string;
  readonly uri: string;
  readonly isActive: boolean;
  readonly event: string;
  /** Seconds. */
  readonly expires: number;
  /** Seconds after which to register again, with the event `probation`. */
  readonly retryAfter: number;
  /** Seconds since it was first registered. */
  readonly durationRegistered: number;
  /** Thousandths. */
  readonly q: number;
  readonly callId: string | undefined;
  readonly cseq: number;
  readonly displayName: string | undefined;
  readonly unknownParams: readonly UnknownParam[];
  readonly publicGruu: string | undefined;
  readonly temporaryGruu: string | undefined;
  /** CSeq of the REGISTER that made the oldest temporary GRUU that is valid (RFC 5628, 5.2). */
  readonly firstCseq: number;
  readonly received: string | undefined;
  readonly path: string | undefined;
  /** Route set through the registrar, for a contact that only it can reach. */
  readonly route?: string | undefined;
  readonly userAgent: string | undefined;
  readonly socket: string | undefined;
  readonly instance: string | undefined;
  readonly regId: number;
  readonly methods: number;
  readonly branchFlags: number;
}

export interface RegistrationState {
  readonly aor: string;
  readonly id: string;
  readonly state: "init" | "active" | "terminated";
  readonly contacts: readonly ContactState[];
}

export interface ReginfoDocument {
  readonly version: number;
  readonly isFull: boolean;
  /** The full state is not complete yet: the next document goes on with it. An attribute of the extension. */
  readonly hasMore?: boolean;
  readonly registrations: readonly RegistrationState[];
}
