/** Someone who watches a resource of the engine under test: SUBSCRIBE requests, and answers to NOTIFYs. */
import { ReginfoReader } from "../../src/runtime/reginfo/read.ts";
import type { ReginfoDocument } from "../../src/runtime/reginfo/document.ts";
import type { Sent, TestEngine } from "./engine.ts";

/** What a SUBSCRIBE says; what is not given is as most watchers have it. */
export interface SubscribeFields {
  readonly expires?: number | string | null;
  readonly event?: string | null;
  /** Whole header lines with CRLF. */
  readonly extra?: string;
  readonly contact?: string | null;
  readonly uri?: string;
  /** To tag, instead of that of the dialog. */
  readonly toTag?: string;
  readonly cseq?: number;
  readonly fromTag?: string;
}

/** How NOTIFYs are answered: a status with header lines, or null for not at all. */
export type AnswerNotify = (notify: Sent) => { code: number; extra?: string } | null;

/** The messages that an exchange brought. */
export interface Exchange {
  readonly reply: Sent | undefined;
  readonly notifies: readonly Sent[];
}

const STEP_MS = 450;

let serial = 0;

/** A user agent at an address of its own. */
export class Watcher {
  /** The engine that it speaks to; another one when that has been started again. */
  net: TestEngine;
  readonly resource: string;
  readonly from: string;
  readonly address: string;
  readonly callId: string;
  readonly tag = "wtag";
  toTag = "";
  cseq = 0;
  answer: AnswerNotify = () => ({ code: 200 });
  /** All NOTIFYs that came. */
  readonly notifies: Sent[] = [];

  constructor(
    net: TestEngine,
    resource: string,
    from = resource,
    address = `10.0.1.${(serial % 250) + 1}:5060`,
  ) {
    this.net = net;
    this.resource = resource;
    this.from = from;
    this.address = address;
    this.callId = `w${++serial}`;
  }

  /** A SUBSCRIBE as text; the first one makes a dialog. */
  request(fields: SubscribeFields = {}): string {
    const {
      expires = 600,
      event = "reg",
      extra = "",
      contact = `<sip:w@${this.address}>`,
    } = fields;
    const toTag = fields.toTag ?? this.toTag;
    const cseq = fields.cseq ?? ++this.cseq;
    const branch = `z9hG4bK${this.callId}-${cseq}-${toTag}${fields.fromTag ?? ""}`;
    return (
      `SUBSCRIBE ${fields.uri ?? this.resource} SIP/2.0\r\nVia: SIP/2.0/UDP ${this.address};branch=${branch}\r\n` +
      `Max-Forwards: 70\r\nFrom: <${this.from}>;tag=${fields.fromTag ?? this.tag}\r\n` +
      `To: <${this.resource}>${toTag === "" ? "" : `;tag=${toTag}`}\r\n` +
      `Call-ID: ${this.callId}\r\nCSeq: ${cseq} SUBSCRIBE\r\n` +
      `${contact === null ? "" : `Contact: ${contact}\r\n`}` +
      `${event === null ? "" : `Event: ${event}\r\n`}` +
      `${expires === null ? "" : `Expires: ${expires}\r\n`}${extra}Content-Length: 0\r\n\r\n`
    );
  }

  async subscribe(fields: SubscribeFields = {}): Promise<Exchange> {
    const sent = await this.net.send(this.request(fields), this.address);
    const reply = sent.find((one) => one.line.startsWith("SIP/2.0"));
    if (reply !== undefined && this.toTag === "" && reply.message.statusCode < 300) {
      this.toTag = reply.message.toTag;
    }
    return { reply, notifies: await this.take(sent) };
  }

  /** Answers what is for this watcher, and what the engine sends then; the NOTIFYs. */
  async take(sent: readonly Sent[]): Promise<Sent[]> {
    const mine: Sent[] = [];
    let fresh = sent;
    while (fresh.length > 0) {
      const notifies = fresh.filter((one) => one.to === this.address && isNotify(one));
      fresh = [];
      for (const notify of notifies) {
        // A retransmission is answered, not counted.
        if (!this.notifies.some((one) => one.text === notify.text)) {
          mine.push(notify);
          this.notifies.push(notify);
        }
        const answer = this.answer(notify);
        if (answer === null) continue;
        const text = replyText(notify, answer.code, answer.extra ?? "");
        fresh = [...fresh, ...(await this.net.send(text, this.address))];
      }
    }
    return mine;
  }

  /** Lets time pass; the NOTIFYs that came. */
  async wait(ms: number): Promise<Sent[]> {
    const mine: Sent[] = [];
    // In steps, so that answers come before retransmissions.
    for (let left = ms; left > 0; left -= STEP_MS) {
      mine.push(...(await this.take(await this.net.advance(Math.min(left, STEP_MS)))));
    }
    return mine;
  }
}

export function isNotify(sent: Sent): boolean {
  return sent.line.startsWith("NOTIFY ");
}

/** A reply to a request of the engine. */
export function replyText(request: Sent, code: number, extra = ""): string {
  return (
    `SIP/2.0 ${code} X\r\n${request
      .headers("Via")
      .map((via) => `Via: ${via}\r\n`)
      .join("")}` +
    `From: ${request.header("From")}\r\nTo: ${request.header("To")}\r\n` +
    `Call-ID: ${request.header("Call-ID")}\r\nCSeq: ${request.header("CSeq")}\r\n` +
    `${extra}Content-Length: 0\r\n\r\n`
  );
}

const reader = new ReginfoReader({
  bytes: 1_000_000,
  depth: 16,
  parts: 1_000_000,
  attributes: 100,
  nameLength: 1000,
  valueLength: 10_000,
  contacts: 100_000,
  uriLength: 10_000,
});

/** The registration document of a NOTIFY or PUBLISH. */
export function documentOf(message: Sent | undefined): ReginfoDocument {
  if (message === undefined) throw new Error("there is no message");
  const read = reader.read(message.body);
  if (!read.ok) throw new Error(`the document cannot be read: ${read.problem}\n${message.body}`);
  return read.document;
}

/** A document in short: `0 full sip:a@b active: registered sip:c 600`. */
export function summary(message: Sent | undefined): string[] {
  const document = documentOf(message);
  const head = `${document.version} ${document.isFull ? "full" : "partial"}`;
  return [
    head,
    ...document.registrations.map(({ aor, state, contacts }) =>
      [`${aor} ${state}`, ...contacts.map((one) => `${one.event} ${one.uri} ${one.expires}`)].join(
        "; ",
      ),
    ),
  ];
}
