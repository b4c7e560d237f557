/** What publications and subscriptions share. */
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/services.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { TmApi } from "../tm/spec.ts";
import type { ChallengedRequest } from "./digest.ts";
import type { PuaStore } from "./store.ts";

/** Counts answers. */
export interface PuaCounters {
  publishReplies(code: number): void;
  subscribeReplies(code: number): void;
}

/** Settings and services of the module. */
export interface PuaSurroundings {
  readonly tm: TmApi;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: PuaCounters;
  readonly outboundProxy: string | undefined;
  readonly defaultExpires: number;
  readonly minExpires: number;
  readonly refreshesWithBody: boolean;
  /** The table; undefined when everything is in memory only. */
  readonly store: PuaStore | undefined;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Whether a host of a URI has an address; true for a name that is not known yet. */
  isAddressOf(host: string, address: string): boolean;
  /** Wall clock seconds. */
  now(): number;
  /** A header line with credentials, if the engine has some for the challenge. */
  answerChallenge(reply: SipMessage, request: ChallengedRequest): string | undefined;
}
