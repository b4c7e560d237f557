/** What is kept of a MESSAGE. */
import type { Value } from "../../dsl/value.ts";
import { lowerCode } from "../../sip/chars.ts";
import type { SipMessage } from "../../sip/message.ts";
import { lines } from "./outgoing.ts";

/** The parts of a MESSAGE that are stored. */
export interface IncomingMessage {
  readonly from: string;
  readonly to: string;
  readonly contentType: string;
  readonly body: string;
  readonly headers: string;
}

/** Bytes of body and headers that surely fit into a datagram with all that is put around them. */
const LARGEST = 60_000;

/** Reads a MESSAGE; a phrase says what is missing. `headers` is what the script wants to have stored, null: nothing. */
export function readMessage(msg: SipMessage, headers: Value): IncomingMessage | string {
  const { contentLength, from, to, contentType } = msg;
  if (contentLength === -2 || contentLength > msg.body.length) return "Content-Length is wrong";
  const body = contentLength >= 0 ? msg.body.slice(0, contentLength) : msg.body;
  if (body === "") return "the message is empty";
  if (contentType === "") return "Content-Type is missing";
  if (!from || !to) return "From or To cannot be read";
  const kept = headers === null ? ownHeaders(msg) : lines(String(headers));
  if (body.length + kept.length > LARGEST) return "the message is too large to be sent later";
  return {
    from: from.uriText,
    to: to.uriText,
    contentType,
    body,
    headers: kept,
  };
}

/** As Kamailio: header lines whose names begin with `X-` or `P-`. */
function ownHeaders(msg: SipMessage): string {
  let found = "";
  for (let i = 0; i < msg.headerCount; i++) {
    const start = msg.headerStart(i);
    const first = lowerCode(msg.text.charCodeAt(start));
    const isOwn = (first === 120 || first === 112) && msg.text.charCodeAt(start + 1) === 45;
    if (isOwn) found += msg.text.slice(start, msg.headerEnd(i));
  }
  return lines(found);
}
