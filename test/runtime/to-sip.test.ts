/** The message shape of the npm package `sip`: the same as that package gives for messages that it can read. */
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { toSip } from "../../src/runtime/to-sip.ts";
import { parseMessage } from "../../src/sip/message.ts";
import { sip } from "../support/engine.ts";

const { parse } = createRequire(import.meta.url)("sip") as {
  parse(text: string): Record<string, unknown>;
};

const invite = sip`
  INVITE sip:bob@example.com;transport=udp SIP/2.0
  Via: SIP/2.0/UDP 10.0.0.1:5061;branch=z9hG4bKabc;rport, SIP/2.0/TCP a.example;branch=z9hG4bKdef
  Record-Route: <sip:10.0.0.2;lr;x=1>
  Route: <sip:u@10.0.0.3:5070;lr>
  f: "Al \"B\" Ice" <sip:alice@example.com>;tag=1
  t: <sip:bob@example.com>
  i: call-1
  CSeq: 7 INVITE
  m: <sip:alice@10.0.0.1>;expires=60, <sip:alice@10.0.0.9>
  Authorization: Digest username="alice", realm="x", nonce="n", uri="sip:x", response="r", algorithm=MD5
  X-Odd: one
  X-Odd: two
  Content-Length: 4

  body`;

function ours(text: string): Record<string, unknown> {
  const result = parseMessage(text);
  if (!result.ok) throw new Error(result.problem);
  return toSip(result.message) as unknown as Record<string, unknown>;
}

describe("toSip", () => {
  it("shapes a request as that package does", () => {
    const theirs = parse(invite);
    const mine = ours(invite);
    expect(mine["method"]).toBe("INVITE");
    expect(mine["uri"]).toBe(theirs["uri"]);
    expect(mine["content"]).toBe("body");
    const theirHeaders = theirs["headers"] as Record<string, unknown>;
    const myHeaders = mine["headers"] as Record<string, unknown>;
    const names = "via from to call-id cseq contact authorization content-length".split(" ");
    for (const name of names) {
      expect(myHeaders[name], name).toEqual(theirHeaders[name]);
    }
    expect(myHeaders["route"]).toMatchObject([
      { uri: { user: "u", host: "10.0.0.3", port: 5070 } },
    ]);
    expect(myHeaders["record-route"]).toMatchObject([{ uri: { params: { lr: null, x: "1" } } }]);
    expect(myHeaders["x-odd"]).toBe("one,two");
  });

  it("shapes a reply as that package does", () => {
    const reply = invite.replace(/^INVITE .*\r\n/, "SIP/2.0 180 Ringing there\r\n");
    expect(ours(reply)).toMatchObject({ status: 180, reason: "Ringing there", version: "2.0" });
    expect(parse(reply)).toMatchObject({ status: 180, reason: "Ringing there" });
  });

  it("leaves out what cannot be read, and knows * contacts", () => {
    const odd = invite.replace("CSeq: 7 INVITE", "CSeq: seven").replace(/m: .*\r\n/, "m: *\r\n");
    const headers = ours(odd)["headers"] as Record<string, unknown>;
    expect(headers["cseq"]).toBeUndefined();
    expect(headers["contact"]).toBe("*");
  });
});
