/** Requests derived from one that was sent, requests of our own, and what builders have beside them. */
import { describe, expect, it } from "vitest";
import {
  applyEdits,
  buildAckNon2xx,
  buildCancel,
  buildLocalRequest,
  needsReceived,
} from "../../src/sip/build.ts";
import { MessageEdits } from "../../src/sip/edits.ts";
import { parseMessage, type SipMessage } from "../../src/sip/message.ts";
import { lines, message, request } from "./support.ts";

const OWN = "Via: SIP/2.0/UDP 127.0.0.1:31000;branch=z9hG4bKown.0";

/** Header lines of a sent text, first line and body left out. */
function head(text: string): string[] {
  return text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n").slice(1);
}

function withVia(via: string): SipMessage {
  return message(lines(["OPTIONS sip:bob@h SIP/2.0", via]));
}

describe("CANCEL and ACK", () => {
  const sent = message(
    lines(
      [
        "INVITE sip:bob@h SIP/2.0",
        "Record-Route: <sip:rr;lr>",
        OWN,
        "Via: SIP/2.0/UDP example.org:31002;rport=31002;received=127.0.0.1;branch=z9hG4bKq1",
        "From: <sip:a@h>;tag=1",
        "Route: <sip:r1;lr>",
        "To: <sip:b@h>",
        "Call-ID: cq1",
        "CSeq:  1   INVITE",
        "X-Case: rport",
        "Max-Forwards: 9",
        "Content-Type: a/b",
        "Content-Length: 4",
      ],
      "body",
    ),
  );
  const derived = (method: string, to: string, extra: string[] = []): string =>
    lines([
      `${method} sip:bob@h SIP/2.0`,
      OWN,
      "From: <sip:a@h>;tag=1",
      "Route: <sip:r1;lr>",
      to,
      "Call-ID: cq1",
      `CSeq:  1   ${method}`,
      "Max-Forwards: 9",
      "Content-Length: 0",
      ...extra,
    ]);

  it("cancels with the headers of the request as sent", () => {
    expect(buildCancel(sent)).toBe(derived("CANCEL", "To: <sip:b@h>"));
    expect(buildCancel(sent, "Reason: SIP;cause=200\r\n")).toBe(
      derived("CANCEL", "To: <sip:b@h>", ["Reason: SIP;cause=200"]),
    );
  });

  it("acknowledges with the To of the reply", () => {
    const reply = message(lines(["SIP/2.0 487 R", OWN, "To: <sip:b@h>;tag=t", "CSeq: 1 INVITE"]));
    expect(buildAckNon2xx(sent, reply)).toBe(derived("ACK", "To: <sip:b@h>;tag=t"));
  });

  it("has a Content-Length even if the request had none", () => {
    const bare = message(lines(["INVITE sip:b@h SIP/2.0", OWN, "CSeq: 1 INVITE"]));
    expect(head(buildCancel(bare))).toEqual([OWN, "CSeq: 1 CANCEL", "Content-Length: 0"]);
  });
});

describe("the rest", () => {
  it("builds a request of its own", () => {
    const text = buildLocalRequest({
      method: "PUBLISH",
      uri: "sip:a@h",
      headers: [
        ["Via", "SIP/2.0/UDP h"],
        ["Event", "reg"],
      ],
      body: "x\xe9",
    });
    expect(text).toBe(
      "PUBLISH sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nEvent: reg\r\nContent-Length: 2\r\n\r\nx\xe9",
    );
  });

  it("applies edits to a text that parses again", () => {
    const m = request(["X-Bar: bar"]);
    const edits = new MessageEdits();
    edits.removeHeader(m, m.findName("X-Foo"));
    edits.appendHeader(m, "X-1: 1\r\n");
    edits.setBody("abc");
    const result = parseMessage(applyEdits(m, edits, undefined));
    if (!result.ok) throw new Error(result.problem);
    expect(result.message.findName("X-Foo")).toBe(-1);
    expect(result.message.valueOf("X-1")).toBe("1");
    expect(result.message).toMatchObject({ contentLength: 3, body: "abc" });
  });

  it("knows when received is needed", () => {
    const via = (text: string): ReturnType<typeof needsReceived> => {
      const v = withVia(`Via: SIP/2.0/UDP ${text}`).via;
      return v ? needsReceived(v, text.startsWith("[") ? "2001:db8::1" : "10.0.0.1") : false;
    };
    expect(via("10.0.0.1:5060;branch=1")).toBe(false);
    expect(via("10.0.0.1;received=10.0.0.1")).toBe(true);
    expect(via("10.0.0.2")).toBe(true);
    expect(via("example.org")).toBe(true);
    expect(via("10.0.0.1;rport")).toBe(true);
    expect(via("[2001:DB8::1]:5060")).toBe(false);
    expect(via("[2001:db8::2]")).toBe(true);
  });
});
