/** One publication: its ETag, and the one request that may be on its way (RFC 3903, 4). */
import type { Timer } from "../../runtime/clock.ts";
import type { SipMessage } from "../../sip/message.ts";
import { ownText } from "../../sip/chars.ts";
import type { PublicationView, PublisherOptions } from "./api.ts";
import { Backoff } from "./backoff.ts";
import { Corrections } from "./corrections.ts";
import type { StoredPublication } from "./store.ts";
import type { PuaSurroundings } from "./surroundings.ts";
import { retryAfterSeconds } from "./texts.ts";

/** What a request does. */
type Step = "initial" | "modify" | "refresh" | "remove";

/** What a timer is for: the next refresh, the end of the state at the server, another try. */
type Due = "refresh" | "end" | "retry";

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
  /** Expires of the request that is on its way. */
  #asked = 0;
  readonly #onFinal = (code: number, reply: SipMessage | undefined): void =>
    this.#answered(code, reply);
  /** One for all that is waited for; `#due` is what comes then. */
  #timer: Timer | undefined;
  #due: Due = "refresh";
  #removal: Timer | undefined;
  #version = 0;
  readonly #corrections: Corrections;
  /** Waiters for the end of the removal, at stop. */
  #whenGone: (() => void) | undefined;
  /** Nothing is sent any more; called when what is on its way has been answered. */
  #whenSuspended: (() => void) | undefined;
  /** There is a row. */
  #isStored = false;

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
    this.#corrections = new Corrections(around);
    this.#backoff = new Backoff(around.random);
  }

  /** Goes on with what a server holds since before the restart. It runs out there unless the state changes. */
  resume(stored: StoredPublication): void {
    this.#etag = stored.etag;
    this.#version = stored.version;
    this.#isStored = true;
    this.#planEnd(stored.grantedUntil - this.#around.now());
  }

  /** Leaves everything as it is at the server; resolves when nothing is on its way any more. */
  suspend(): Promise<void> {
    this.#cancelTimer();
    this.#removal?.cancel();
    const suspended = new Promise<void>((resolve) => (this.#whenSuspended = resolve));
    if (this.#outstanding === null) this.#whenSuspended?.();
    return suspended;
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
    if (this.#outstanding !== null || this.#hasEnded || this.#whenSuspended !== undefined) return;
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
    this.#asked = step === "remove" ? 0 : this.#expires();
    let headers = `Event: ${event}\r\nExpires: ${this.#asked}\r\n${this.#corrections.credentials}`;
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
      onFinal: this.#onFinal,
    });
  }

  #repeatsBody(step: Step): boolean {
    return step === "refresh" && this.#around.refreshesWithBody;
  }

  #expires(): number {
    const wanted = this.#options.source.lifetime(this);
    const seconds = wanted > 0 ? wanted : this.#around.defaultExpires;
    return Math.max(seconds, this.#around.minExpires, this.#corrections.minExpires, 1);
  }

  #answered(code: number, reply: SipMessage | undefined): void {
    const step = this.#outstanding as Step;
    this.#outstanding = null;
    if (this.#hasEnded) return;
    this.#around.counters.publishReplies(code);
    if (code < 300) this.#accepted(step, reply);
    else if (step === "remove" && !isChallenge(code)) this.#removed();
    else this.#failed(step, code, reply);
    this.#whenSuspended?.();
  }

  #accepted(step: Step, reply: SipMessage | undefined): void {
    this.#backoff.reset();
    this.#corrections.reset();
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
    const granted = reply === undefined || reply.expires < 0 ? this.#asked : reply.expires;
    if (this.#around.store !== undefined) this.#save(granted);
    if (this.#whenSuspended !== undefined) return;
    if (this.#isRemoving || this.#isDirty) this.#pump();
    else this.#planRefresh(granted);
  }

  #save(granted: number): void {
    const { store } = this.#around;
    if (this.#etag === "" || granted === 0) {
      this.#unsave();
      return;
    }
    const { event, source, idPrefix } = this.#options;
    const now = this.#around.now();
    const lifetime = source.lifetime(this);
    this.#isStored = true;
    store?.putPublication({
      event,
      id: idPrefix + this.key,
      resource: this.resource,
      etag: this.#etag,
      grantedUntil: now + granted,
      until: lifetime > 0 ? now + lifetime : 0,
      version: this.#version,
    });
  }

  #unsave(): void {
    if (!this.#isStored) return;
    this.#isStored = false;
    const { event, idPrefix } = this.#options;
    this.#around.store?.removePublication(event, idPrefix + this.key, this.resource);
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
      this.#planEnd(granted);
      return;
    }
    const early = granted > 120 ? 30 + 30 * this.#around.random() : granted * 0.4;
    const delay = Math.max(granted - early, 1);
    this.#wait("refresh", delay * 1000);
  }

  /** The server drops the state by itself after so many seconds. */
  #planEnd(seconds: number): void {
    this.#wait("end", (seconds + 1) * 1000);
  }

  #wait(due: Due, ms: number): void {
    this.#due = due;
    if (this.#timer === undefined) {
      this.#timer = this.#around.clock.after(ms, () => this.#timeUp());
    } else this.#timer.restart(ms);
  }

  #timeUp(): void {
    if (this.#due === "retry") this.#pump();
    else if (this.#outstanding !== null) return;
    else if (this.#due === "end") this.#ranOut();
    else this.#send("refresh");
  }

  /** The server has dropped the state by itself. */
  #ranOut(): void {
    this.#etag = "";
    if (!this.#isDirty) this.#end();
  }

  #failed(step: Step, code: number, reply: SipMessage | undefined): void {
    // Whatever was sent has to be sent again, by itself or with what has come since.
    if (step !== "remove") this.#isDirty = true;
    if (this.#correct(code, reply)) {
      this.#pump();
      return;
    }
    this.#corrections.reset();
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
    if (this.#whenSuspended !== undefined) return;
    const wait = this.#backoff.next(retryAfterSeconds(reply));
    this.#around.log.warn(
      `PUBLISH for ${this.resource} failed with ${code}, next try in ${wait} ms`,
    );
    this.#wait("retry", wait);
  }

  /** Changes the next request so that it meets the answer; false when that cannot be done. */
  #correct(code: number, reply: SipMessage | undefined): boolean {
    if (code !== 412) {
      return this.#corrections.learn(code, reply, { method: "PUBLISH", uri: this.resource });
    }
    if (this.#etag === "") return false;
    this.#etag = "";
    return this.#corrections.again();
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
    this.#unsave();
    this.#onEnd(this);
    this.#options.source.ended?.(this);
    this.#whenGone?.();
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
  }
}

function isChallenge(code: number): boolean {
  return code === 401 || code === 407;
}
