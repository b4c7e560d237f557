/** Texts of outgoing messages, compared with the bytes that Kamailio 5.6.3 sends for the same input. */
import { describe, expect, it } from "vitest";
import { buildForwardedReply, buildReply, buildRequest, ServerLine } from "../../src/sip/build.ts";
import { MessageEdits } from "../../src/sip/edits.ts";
import type { SipMessage } from "../../src/sip/message.ts";
import { lines, message, request } from "./support.ts";

const OWN = "Via: SIP/2.0/UDP 127.0.0.1:31000;branch=z9hG4bKown.0";
const STAMP = { received: "127.0.0.1", rport: 31002 };

/** Header lines of a sent text, first line and body left out. */
function head(text: string): string[] {
  return text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n").slice(1);
}

function body(text: string): string {
  return text.slice(text.indexOf("\r\n\r\n") + 4);
}

function forward(m: SipMessage, edits = new MessageEdits()): string {
  return buildRequest(m, { via: OWN, edits, stamp: STAMP }, undefined);
}

function withVia(...via: string[]): SipMessage {
  return message(
    lines(["OPTIONS sip:bob@h SIP/2.0", ...via, "To: <sip:b@h>;x=y", "i: c", "CSEQ:  1   OPTIONS"]),
  );
}

describe("buildRequest", () => {
  it("puts its own Via on top and stamps the old one", () => {
    expect(forward(request())).toBe(
      lines([
        "OPTIONS sip:bob@127.0.0.1:31000 SIP/2.0",
        OWN,
        "Via: SIP/2.0/UDP 127.0.0.1:31002;received=127.0.0.1;rport=31002;branch=z9hG4bKx1",
        "X-Foo: foo",
        "From: <sip:a@h>;tag=1",
        "To: <sip:b@h>",
        "Call-ID: c1",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
      ]),
    );
  });

  it("replaces Request-URI and Max-Forwards only", () => {
    const m = request(["max-forwards:   0070  "]);
    const sent = buildRequest(m, { via: OWN, uri: "sip:new@h;lr", maxForwards: 69 }, undefined);
    expect(sent.replace(`${OWN}\r\n`, "")).toBe(
      m.text
        .replace("sip:bob@127.0.0.1:31000", "sip:new@h;lr")
        .replace("max-forwards:   0070  ", "max-forwards:   69  "),
    );
  });

  it("leaves out the empty lines in front", () => {
    const m = message(`\r\n\r\n${request().text}`);
    expect(forward(m).startsWith("OPTIONS ")).toBe(true);
  });

  it.each([
    [
      "rport asked for by us",
      "SIP/2.0/UDP h;branch=1;x=y",
      "SIP/2.0/UDP h;rport=31002;received=127.0.0.1;branch=1;x=y",
    ],
    ["no parameters", "SIP/2.0/UDP h:99", "SIP/2.0/UDP h:99;rport=31002;received=127.0.0.1"],
    [
      "old values",
      "SIP/2.0/UDP h;received=1.2.3.4;branch=1;rport=123",
      "SIP/2.0/UDP h;received=127.0.0.1;branch=1;rport=31002",
    ],
    [
      "blanks",
      "SIP / 2.0 /UDP \r\n h:99 ;branch=1 ; rport ; alias",
      "SIP / 2.0 /UDP \r\n h:99 ;received=127.0.0.1;branch=1 ;rport=31002; alias",
    ],
    [
      "a second value",
      "SIP/2.0/UDP h;branch=1;x=y , SIP/2.0/UDP g",
      "SIP/2.0/UDP h;rport=31002;received=127.0.0.1;branch=1;x=y , SIP/2.0/UDP g",
    ],
  ])("stamps a Via with %s", (_, before, after) => {
    expect(forward(withVia(`Via: ${before}`))).toContain(`Via: ${after}\r\nTo`);
  });

  it.each([
    [
      "SIP/2.0/UDP h ;ttl=1 ;received=1.2.3.4 ;i=7 ;rport=12 ;b",
      "SIP/2.0/UDP h ;ttl=1 ;received=127.0.0.1 ;i=7 ;rport=31002 ;b",
    ],
    [
      "SIP/2.0/UDP h; ttl=1; received=1.2.3.4; b",
      "SIP/2.0/UDP h; ttl=1;rport=31002;received=127.0.0.1; b",
    ],
    ["SIP/2.0/UDP h ;rport= ;branch=1", "SIP/2.0/UDP h ;received=127.0.0.1;rport=31002;branch=1"],
  ])("rewrites in place as Kamailio: %s", (before, after) => {
    expect(forward(withVia(`Via: ${before}`))).toContain(`Via: ${after}\r\nTo`);
  });

  it("places what insert_hf puts first in front of its Via, in order of creation", () => {
    const m = request();
    const edits = new MessageEdits();
    edits.insertHeader(m, "X-I: 1\r\n");
    edits.insertHeader(m, "Record-Route: <sip:127.0.0.1:31000;lr;ftag=1>\r\n");
    edits.insertHeader(m, "X-J: 2\r\n");
    edits.appendHeader(m, "X-A: 1\r\n");
    const sent = head(forward(m, edits));
    expect(sent.slice(0, 4)).toEqual([
      "X-I: 1",
      "Record-Route: <sip:127.0.0.1:31000;lr;ftag=1>",
      "X-J: 2",
      OWN,
    ]);
    expect(sent.slice(-2)).toEqual(["Content-Length: 0", "X-A: 1"]);
    // The edits themselves stay as they were.
    expect(edits.size).toBe(4);
  });

  it("corrects Content-Length in place when the body changes", () => {
    const m = request(["Content-Type: a/b"], "v=0\r\n");
    const edits = new MessageEdits();
    edits.replace(m.bodyStart, m.bodyStart + 3, "v=1111");
    const sent = forward(m, edits);
    expect(head(sent).at(-1)).toBe("Content-Length: 8");
    expect(body(sent)).toBe("v=1111\r\n");
  });

  it("sets a new body with its type behind the headers", () => {
    const m = request(["Content-Type: a/b"], "v=0");
    const edits = new MessageEdits();
    edits.removeHeader(m, m.findName("Content-Type"));
    edits.appendHeader(m, "Content-Type: text/plain\r\n");
    edits.setBody("hello there");
    const sent = forward(m, edits);
    expect(head(sent).slice(-2)).toEqual(["Content-Length: 11", "Content-Type: text/plain"]);
    expect(body(sent)).toBe("hello there");
  });

  it("adds a missing Content-Length when the body changes", () => {
    const m = message(request([], "body").text.replace(/Content-Length.*\r\n/, ""));
    const edits = new MessageEdits();
    edits.appendHeader(m, "Content-Type: text/plain\r\n");
    edits.setBody("hello there");
    const sent = forward(m, edits);
    expect(head(sent).slice(-2)).toEqual(["Content-Type: text/plain", "Content-Length: 11"]);
    expect(body(sent)).toBe("hello there");
  });

  it("removes a body", () => {
    const edits = new MessageEdits();
    edits.setBody("");
    const sent = forward(request([], "v=0"), edits);
    expect(head(sent).at(-1)).toBe("Content-Length: 0");
    expect(body(sent)).toBe("");
  });

  it("makes texts from the branch when it is sent", () => {
    const m = request();
    const edits = new MessageEdits<{ address: string }>();
    edits.insertHeader(m, (branch) => `Record-Route: <sip:${branch.address};lr>\r\n`);
    const sent = (address: string): string[] =>
      head(buildRequest(m, { via: OWN, edits }, { address }));
    expect(sent("a")[0]).toBe("Record-Route: <sip:a;lr>");
    expect(sent("b")[0]).toBe("Record-Route: <sip:b;lr>");
  });
});

describe("buildReply", () => {
  const routed = message(
    lines([
      "OPTIONS sip:bob@127.0.0.1:31000;foo=1 SIP/2.0",
      "X-Foo: foo",
      "V : SIP / 2.0 /UDP \r\n 127.0.0.1:31002 ;branch=z9hG4bK104 ; rport ; alias",
      "Via: SIP/2.0/UDP 10.9.8.7:7777;branch=z9hG4bKold, SIP/2.0/TCP 10.9.8.6;branch=z9hG4bKold2",
      "Record-Route: <sip:1.2.3.4;lr>, <sip:4.3.2.1;lr>",
      "t: <sip:b@h>;x=y",
      "f: <sip:a@h>;tag=1",
      "Record-Route: <sip:5.5.5.5;lr>",
      "i: c101",
      "CSEQ:  101   OPTIONS",
      "Timestamp: 45",
      "l: 0",
    ]),
  );
  const reply = (status: number): string =>
    buildReply(routed, {
      status,
      reason: "Reason",
      toTag: "abc",
      stamp: STAMP,
      headers: "X-A: 1\r\n",
      server: new ServerLine("Server: olelo"),
    });

  it("keeps the order of the request", () => {
    expect(reply(180)).toBe(
      lines([
        "SIP/2.0 180 Reason",
        "V : SIP / 2.0 /UDP \r\n 127.0.0.1:31002 ;branch=z9hG4bK104 ;rport=31002; alias;received=127.0.0.1",
        "Via: SIP/2.0/UDP 10.9.8.7:7777;branch=z9hG4bKold, SIP/2.0/TCP 10.9.8.6;branch=z9hG4bKold2",
        "Record-Route: <sip:1.2.3.4;lr>, <sip:4.3.2.1;lr>",
        "t: <sip:b@h>;x=y;tag=abc",
        "f: <sip:a@h>;tag=1",
        "Record-Route: <sip:5.5.5.5;lr>",
        "i: c101",
        "CSEQ:  101   OPTIONS",
        "X-A: 1",
        "Server: olelo",
        "Content-Length: 0",
      ]),
    );
  });

  it("copies Record-Route from 180 to 299, and adds the tag from 180 on", () => {
    const routes = [100, 179, 180, 299, 300, 404].map(
      (s) => reply(s).split("Record-Route").length - 1,
    );
    expect(routes).toEqual([0, 0, 2, 2, 0, 0]);
    const tagged = [100, 179, 180, 404].map((s) => reply(s).includes(";tag=abc"));
    expect(tagged).toEqual([false, false, true, true]);
  });

  it("keeps a tag that is there", () => {
    const m = request();
    const inDialog = message(m.text.replace("To: <sip:b@h>", "To: <sip:b@h>;tag=there;x=y"));
    const sent = buildReply(inDialog, { status: 200, reason: "OK", toTag: "abc" });
    expect(sent).toContain("To: <sip:b@h>;tag=there;x=y\r\n");
    expect(sent).not.toContain("abc");
  });

  it("puts the tag behind the blanks at the end of the line", () => {
    const m = message(request().text.replace("To: <sip:b@h>", "To: <sip:b@h>  "));
    const sent = buildReply(m, { status: 200, reason: "OK", toTag: "abc" });
    expect(sent).toContain("To: <sip:b@h>  ;tag=abc\r\n");
  });

  it("puts Warning behind Content-Length, and the body last", () => {
    const sent = buildReply(request(), {
      status: 200,
      reason: "OK",
      headers: "Content-Type: text/plain\r\n",
      warning: 'Warning: 392 h "x"',
      body: "abc",
    });
    expect(head(sent).slice(-3)).toEqual([
      "Content-Type: text/plain",
      "Content-Length: 3",
      'Warning: 392 h "x"',
    ]);
    expect(body(sent)).toBe("abc");
  });

  it.each([
    ["SIP/2.0/UDP h;rport;branch=1", "SIP/2.0/UDP h;rport=31002;branch=1;received=127.0.0.1"],
    ["SIP/2.0/UDP h;branch=1", "SIP/2.0/UDP h;branch=1;rport=31002;received=127.0.0.1"],
    ["SIP/2.0/UDP h", "SIP/2.0/UDP h;rport=31002;received=127.0.0.1"],
    [
      "SIP/2.0/UDP h;received=9.9.9.9;rport=5;branch=1",
      "SIP/2.0/UDP h;rport=31002;branch=1;received=127.0.0.1",
    ],
    [
      "SIP/2.0/UDP h;rport=5;received=9.9.9.9;branch=1",
      "SIP/2.0/UDP h;rport=31002;branch=1;received=127.0.0.1",
    ],
    [
      "SIP/2.0/UDP h;received=9.9.9.9;branch=1",
      "SIP/2.0/UDP h;branch=1;rport=31002;received=127.0.0.1",
    ],
    [
      "SIP/2.0/UDP h;rport;branch=1,\r\n SIP/2.0/UDP g",
      "SIP/2.0/UDP h;rport=31002;branch=1;received=127.0.0.1,\r\n SIP/2.0/UDP g",
    ],
  ])("stamps %j", (before, after) => {
    const sent = buildReply(withVia(`Via: ${before}`), { status: 200, reason: "OK", stamp: STAMP });
    expect(sent).toContain(`\r\nVia: ${after}\r\nTo`);
  });

  it("leaves the Via alone where nothing is to be stamped", () => {
    const stamp = { received: "", rport: 0 };
    const sent = buildReply(withVia("Via: SIP/2.0/UDP h;rport"), {
      status: 200,
      reason: "OK",
      stamp,
    });
    expect(sent).toContain("\r\nVia: SIP/2.0/UDP h;rport\r\n");
  });
});

describe("buildForwardedReply", () => {
  const reply = (...via: string[]): SipMessage =>
    message(lines(["SIP/2.0 200 OK", "X-First: 1", ...via, "i: c"], ""));

  it("takes off the topmost Via line", () => {
    const sent = buildForwardedReply(reply(OWN, "Via: SIP/2.0/UDP g"), undefined, undefined);
    expect(sent).toBe(lines(["SIP/2.0 200 OK", "X-First: 1", "Via: SIP/2.0/UDP g", "i: c"]));
  });

  it("takes off only its value where the line has more", () => {
    const sent = buildForwardedReply(reply(`${OWN} ,  SIP/2.0/UDP g`), undefined, undefined);
    expect(head(sent)).toEqual(["X-First: 1", "Via: SIP/2.0/UDP g", "i: c"]);
  });

  it("has the edits in it", () => {
    const m = reply(OWN, "Via: SIP/2.0/UDP g");
    const edits = new MessageEdits();
    edits.appendHeader(m, "X-1: 1\r\n");
    edits.insertHeader(m, "X-2: 2\r\n");
    const sent = buildForwardedReply(m, edits, undefined);
    expect(head(sent)).toEqual(["X-2: 2", "X-First: 1", "Via: SIP/2.0/UDP g", "i: c", "X-1: 1"]);
  });
});
