/** Messages for the tests of the wire format. */
import { parseMessage, type SipMessage } from "../../src/sip/message.ts";

/** The parsed message; fails the test if it cannot be read. */
export function message(text: string): SipMessage {
  const result = parseMessage(text);
  if (!result.ok) throw new Error(`not a message: ${result.problem}`);
  return result.message;
}

/** Text with CRLF line ends from lines, empty line and body added. */
export function lines(head: readonly string[], body = ""): string {
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** A plain request; `extra` lines stand behind CSeq. */
export function request(extra: readonly string[] = [], body = "", method = "OPTIONS"): SipMessage {
  return message(
    lines(
      [
        `${method} sip:bob@127.0.0.1:31000 SIP/2.0`,
        "Via: SIP/2.0/UDP 127.0.0.1:31002;rport;branch=z9hG4bKx1",
        "X-Foo: foo",
        "From: <sip:a@h>;tag=1",
        "To: <sip:b@h>",
        "Call-ID: c1",
        `CSeq: 1 ${method}`,
        ...extra,
        `Content-Length: ${body.length}`,
      ],
      body,
    ),
  );
}
