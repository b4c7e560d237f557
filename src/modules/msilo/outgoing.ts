/** The requests that msilo sends: stored messages, reminders, and what senders are told. */
import { ctime } from "../../runtime/clock.ts";
import { formatDate } from "../../sip/dates.ts";
import { aorUri } from "../registration-state.ts";
import type { LocalRequest, TmApi } from "../tm/spec.ts";
import { keyOf, type StoredMessage } from "./silo.ts";

/** What all messages have in common. */
export interface OutgoingSettings {
  readonly nextHop: string | undefined;
  /** Whether plain text shows when it was stored. */
  readonly withDate: boolean;
  readonly withContact: boolean;
  /** URI that reminders come from. */
  readonly reminderFrom: string;
}

/** A MESSAGE outside of dialogs, without what waits for its answer. */
interface Draft {
  readonly from: string;
  readonly to: string;
  readonly uri?: string;
  readonly headers: string;
  readonly body: string;
}

/** CSeq number of the requests, as Kamailio's. */
const CSEQ = 10;

/** Makes requests. */
export class Outgoing {
  readonly #tm: TmApi;
  readonly #settings: OutgoingSettings;

  constructor(tm: TmApi, settings: OutgoingSettings) {
    this.#tm = tm;
    this.#settings = settings;
  }

  /** A stored message for its recipient; undefined when its addresses cannot be used. */
  message(stored: StoredMessage, extraHeaders: string): LocalRequest | undefined {
    if (!isAddress(stored.from) || !isAddress(stored.to)) return undefined;
    return this.#request({
      from: stored.from,
      to: stored.to,
      headers:
        `Date: ${formatDate(stored.storedAt)}\r\n${this.#contentType(stored)}` +
        this.#contact(stored.from) +
        lines(extraHeaders) +
        lines(stored.headers),
      body: this.#body("Offline", stored, stored.storedAt),
    });
  }

  /** A reminder for whom it was stored. */
  reminder(stored: StoredMessage): LocalRequest | undefined {
    const to = aorUri(keyOf(stored.owner), "");
    if (!isAddress(to)) return undefined;
    const from = this.#settings.reminderFrom;
    return this.#request({
      from,
      to,
      headers: this.#contentType(stored) + this.#contact(from),
      body: this.#body("Reminder", stored, stored.sendAt),
    });
  }

  /** What a sender is told; `at` is where. */
  notice(from: string, to: string, at: string, content: { headers: string; body: string }) {
    if (!isAddress(from) || !isAddress(to) || !isAddress(at)) return undefined;
    return this.#request({ from, to, uri: at, ...content });
  }

  #request(draft: Draft): LocalRequest {
    return {
      method: "MESSAGE",
      uri: draft.uri ?? draft.to,
      from: `<${draft.from}>;tag=${this.#tm.newTag()}`,
      to: `<${draft.to}>`,
      callId: this.#tm.newCallId(),
      cseq: CSEQ,
      headers: draft.headers,
      body: draft.body,
      nextHop: this.#settings.nextHop,
    };
  }

  #contentType(stored: StoredMessage): string {
    return lines(`Content-Type: ${stored.contentType.replace(/[\r\n]+/g, " ")}`);
  }

  #contact(uri: string): string {
    return this.#settings.withContact ? `Contact: <${uri}>;msilo=yes\r\n` : "";
  }

  #body(kind: string, stored: StoredMessage, time: number): string {
    const isPlain = /^text\/plain\s*(;|$)/i.test(stored.contentType);
    if (!this.#settings.withDate || !isPlain) return stored.body;
    return `[${kind} message - ${ctime(time * 1000)}] ${stored.body}`;
  }
}

/** Header lines with the line end that an author may have forgotten, and without empty ones. */
export function lines(text: string): string {
  const trimmed = text.replace(/[\r\n]+$/, "");
  return trimmed === "" ? "" : `${trimmed.replace(/\r?\n(?:\r?\n)*/g, "\r\n")}\r\n`;
}

/** Whether a URI can stand between angle brackets: other programs write into the table too. */
function isAddress(uri: string): boolean {
  return uri !== "" && !/[\s<>"]/.test(uri);
}
