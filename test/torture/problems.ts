/** Names the faults of a message with nothing but what the parser offers: for tests. */
import { Header, headerNameOf } from "../../src/sip/headers.ts";
import { hasCookie } from "../../src/sip/ids.ts";
import { parseMessage, type SipMessage } from "../../src/sip/message.ts";

const SINGLE = [
  Header.From,
  Header.To,
  Header.CallId,
  Header.CSeq,
  Header.MaxForwards,
  Header.ContentLength,
] as const;

function addressProblems(message: SipMessage, problems: string[]): void {
  for (const name of ["from", "to"] as const) {
    const address = message[name];
    if (address === undefined) problems.push(`no-${name}`);
    else if (address === null) problems.push(`bad-${name}`);
    else if (address.uri === null) problems.push(`unreadable-uri-in-${name}`);
  }
  if (message.callId === "") problems.push("no-call-id");
}

function numberProblems(message: SipMessage, problems: string[]): void {
  if (message.cseq === undefined) problems.push("no-cseq");
  if (message.cseq === null) problems.push("bad-cseq");
  if (message.contentLength === -2) problems.push("bad-content-length");
  if (message.maxForwards === -2) problems.push("bad-max-forwards");
  if (message.expires === -2) problems.push("bad-expires");
  if (message.date === null) problems.push("bad-date");
  if (message.retryAfter === null) problems.push("bad-retry-after");
  const length = message.contentLength;
  if (length > message.body.length) problems.push("body-too-short");
  if (length >= 0 && length < message.body.length) problems.push("trailing-octets");
}

function contactProblems(message: SipMessage, problems: string[]): void {
  if (message.contacts === null) problems.push("bad-contact");
  for (const contact of message.contacts?.list ?? []) {
    if (contact.expires === -2) problems.push("bad-contact-expires");
    if (!contact.isBracketed && contact.uriText.includes("?")) {
      problems.push("unbracketed-uri-with-headers");
    }
  }
}

/** All problems of a message, in a fixed order. */
export function problemsOf(text: string): string[] {
  const result = parseMessage(text);
  if (!result.ok) return [result.problem];
  const message = result.message;
  const problems: string[] = [];
  if (message.headerProblem !== undefined) problems.push(message.headerProblem);
  if (message.isRequest && message.uri === null) problems.push("unreadable-request-uri");
  if (message.uri !== null && message.uri.headers !== "") problems.push("headers-in-request-uri");
  addressProblems(message, problems);
  numberProblems(message, problems);
  contactProblems(message, problems);
  if (message.isRequest && message.cseq && message.cseqMethod !== message.method) {
    problems.push("method-mismatch");
  }
  for (const kind of SINGLE) {
    if (message.count(kind) > 1) problems.push(`repeated-${headerNameOf(kind).toLowerCase()}`);
  }
  if (!hasCookie(message.via?.branch ?? "")) problems.push("weak-branch");
  return problems;
}
