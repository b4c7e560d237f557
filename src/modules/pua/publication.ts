/** One publication: its ETag, and the one request that may be on its way (RFC 3903, 4). */
import type { Timer } from "../../runtime/clock.ts";
import type { SipMessage } from "../../sip/message.ts";
import { ownText } from "../../sip/chars.ts";
import type { PublicationView, PublisherOptions } from "./api.ts";
import { Backoff } from "./backoff.ts";
import type { PuaSurroundings } from "./surroundings.ts";
import { minExpiresSeconds, retryAfterSeconds } from "./texts.ts";

/** What a request does. */
type Step = "initial" | "modify" | "refresh" | "remove";

/** Times in milliseconds. */
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 300_000;
/** Answers to one request that ask for the same request in another form, before it counts as a failure. */
const MAX_CORRECTIONS = 3;
/** Codes after which trying again with the same content makes no sense (RFC 3903, 4.1). */
const REFUSALS: ReadonlySet<number> = new Set([
  400, 401, 403, 404, 405, 406, 407, 410, 413, 414, 415, 416, 420, 484, 485, 489, 501, 505, 513,
  603, 604, 606,
]);

/** Keeps the state of one resource published. */
export class Publication implements PublicationView {
  readonly key: string;
  readonly resource: string;
  readonly #around: PuaSurroundings;
  readonly #options: PublisherOptions;
  readonly #backoff: Backoff;
  readonly #onEnd: (publication: Publication) => void;
  #etag = "";
  /** There is state that has not been accepted yet. */
  #isDirty = false;
  #isRemoving = false;
  #hasEnded = false;
  #outstanding: Step | null = null;
  #timer: Timer | undefined;
  #removal: Timer | undefined;
  #version = 0;
  #minExpires = 0;
  #corrections = 0;
  #credentials = "";
  /** Waiters for the end of the removal, at stop. */
  #whenGone: (() => void) | undefined;

  constructor(
    names: PublicationView,
    options: PublisherOptions,
    around: PuaSurroundings,
    onEnd: (publication: Publication) => void,
  ) {
    this.key = names.key;
    this.resource = names.resource;
    this.#options = options;
    this.#around = around;
    this.#onEnd = onEnd;
    this.#backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, around.random);
  }

  /** There is newer state. */
  changed(): void {
    this.#removal?.cancel();
    this.#removal = undefined;
    this.#isRemoving = false;
    this.#isDirty = true;
    this.#pump();
  }

  removeAfter(seconds: number): void {
    this.#removal?.cancel();
    this.#removal = this.#around.clock.after(seconds * 1000, () => this.remove());
  }

  /** Takes the state back; resolves when that is answered. */
  remove(): Promise<void> {
    this.#removal?.cancel();
    this.#isRemoving = true;
    this.#isDirty = false;
    const gone = new Promise<void>((resolve) => (this.#whenGone = resolve));
    this.#cancelTimer();
    this.#pump();
    return gone;
  }

  /** For the list command. */
  describe(): Readonly<Record<string, string | number>> {
    return {
      resource: this.resource,
      event: this.#options.event,
      etag: this.#etag,
      state: this.#outstanding ?? (this.#timer?.isPending === true ? "waiting" : "published"),
      failures: this.#backoff.failures,
    };
  }

  /** Sends what is due, unless a request is on its way or a wait has not ended. */
  #pump(): void {
    if (this.#outstanding !== null || this.#hasEnded) return;
    if (this.#isRemoving) {
      if (this.#etag === "") this.#end();
      else this.#send("remove");
      return;
    }
    const isWaiting = this.#backoff.failures > 0 && this.#timer?.isPending === true;
    if (!this.#isDirty || isWaiting) return;
    this.#cancelTimer();
    this.#send(this.#etag === "" ? "initial" : "modify");
  }

  #send(step: Step): void {
    const { source, event, contentType, nextHop } = this.#options;
    this.#outstanding = step;
    const expires = step === "remove" ? 0 : this.#expires();
    let headers = `Event: ${event}\r\nExpires: ${expires}\r\n${this.#credentials}`;
    if (this.#etag !== "") headers += `SIP-If-Match: ${this.#etag}\r\n`;
    let body = "";
    if (step === "initial" || step === "modify" || this.#repeatsBody(step)) {
      if (step !== "refresh") this.#isDirty = false;
      body = source.body(this, this.#options.countsVersions ? this.#version : 0);
      headers += `Content-Type: ${contentType}\r\n`;
    }
    const { tm } = this.#around;
    tm.request({
      method: "PUBLISH",
      uri: this.resource,
      from: `<${this.resource}>;tag=${tm.newTag()}`,
      to: `<${this.resource}>`,
      callId: tm.newCallId(),
      cseq: 1,
      headers,
      body,
      nextHop: nextHop ?? this.#around.outboundProxy,
      onFinal: (code, reply) => this.#answered(code, reply, expires),
    });
  }

  #repeatsBody(step: Step): boolean {
    return step === "refresh" && this.#around.refreshesWithBody;
  }

  #expires(): number {
    const wanted = this.#options.source.lifetime(this);
    const seconds = wanted > 0 ? wanted : this.#around.defaultExpires;
    return Math.max(seconds, this.#around.minExpires, this.#minExpires, 1);
  }

  #answered(code: number, reply: SipMessage | undefined, asked: number): void {
    const step = this.#outstanding as Step;
    this.#outstanding = null;
    if (this.#hasEnded) return;
    this.#around.counters.publishReplies(code);
    if (code < 300) this.#accepted(step, reply, asked);
    else if (step === "remove" && !isChallenge(code)) this.#removed();
    else this.#failed(step, code, reply);
  }

  #accepted(step: Step, reply: SipMessage | undefined, asked: number): void {
    this.#backoff.reset();
    this.#corrections = 0;
    this.#credentials = "";
    if (step === "remove") {
      this.#removed();
      return;
    }
    if (step !== "refresh") {
      this.#version++;
      this.#options.source.accepted?.(this);
    }
    // Without an entity-tag the next change can only be an initial publication.
    this.#etag = ownText(reply?.sipEtag ?? "");
    const granted = reply === undefined || reply.expires < 0 ? asked : reply.expires;
    if (this.#isRemoving || this.#isDirty) this.#pump();
    else this.#planRefresh(granted);
  }

  /** The state is gone; there may be new state already. */
  #removed(): void {
    this.#etag = "";
    if (this.#isDirty) this.#pump();
    else this.#end();
  }

  /** Refreshes well before the end of what was granted, when the state holds for longer (RFC 3903, 4.3). */
  #planRefresh(granted: number): void {
    const lifetime = this.#options.source.lifetime(this);
    if (this.#etag === "" || granted === 0) return;
    if (lifetime > 0 && lifetime <= granted) {
      this.#timer = this.#around.clock.after((granted + 1) * 1000, () => this.#ranOut());
      return;
    }
    const early = granted > 120 ? 30 + 30 * this.#around.random() : granted * 0.4;
    const delay = Math.max(granted - early, 1);
    this.#timer = this.#around.clock.after(delay * 1000, () => this.#refresh());
  }

  #refresh(): void {
    if (this.#outstanding !== null) return;
    this.#send("refresh");
  }

  /** The server has dropped the state by itself. */
  #ranOut(): void {
    if (this.#outstanding !== null) return;
    this.#etag = "";
    if (!this.#isDirty) this.#end();
  }

  #failed(step: Step, code: number, reply: SipMessage | undefined): void {
    // Whatever was sent has to be sent again, by itself or with what has come since.
    if (step !== "remove") this.#isDirty = true;
    if (this.#corrections < MAX_CORRECTIONS && this.#correct(code, reply)) {
      this.#corrections++;
      this.#pump();
      return;
    }
    this.#corrections = 0;
    this.#credentials = "";
    if (step === "remove") {
      this.#removed();
      return;
    }
    if (this.#isRemoving) {
      this.#pump();
      return;
    }
    if (REFUSALS.has(code)) {
      this.#refused(step, code);
      return;
    }
    const wait = this.#backoff.next(retryAfterSeconds(reply));
    this.#around.log.warn(
      `PUBLISH for ${this.resource} failed with ${code}, next try in ${wait} ms`,
    );
    this.#timer = this.#around.clock.after(wait, () => {
      this.#timer = undefined;
      this.#pump();
    });
  }

  /** Changes the next request so that it meets the answer; false when that cannot be done. */
  #correct(code: number, reply: SipMessage | undefined): boolean {
    switch (code) {
      case 412:
        if (this.#etag === "") return false;
        this.#etag = "";
        return true;
      case 423: {
        const seconds = minExpiresSeconds(reply);
        if (seconds <= this.#minExpires) return false;
        this.#minExpires = seconds;
        return true;
      }
      case 401:
      case 407: {
        if (reply === undefined || this.#credentials !== "") return false;
        const line = this.#around.answerChallenge(reply, { method: "PUBLISH", uri: this.resource });
        if (line === undefined) return false;
        this.#credentials = line;
        return true;
      }
      default:
        return false;
    }
  }

  /** Nothing is sent until the state changes again. */
  #refused(step: Step, code: number): void {
    this.#around.log.warn(`PUBLISH for ${this.resource} was refused with ${code} (${step})`);
    this.#isDirty = false;
    this.#etag = "";
    this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelTimer();
    this.#removal?.cancel();
    this.#onEnd(this);
    this.#options.source.ended?.(this);
    this.#whenGone?.();
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

function isChallenge(code: number): boolean {
  return code === 401 || code === 407;
}
