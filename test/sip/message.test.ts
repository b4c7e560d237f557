/** Reading whole messages: first line, header table, typed headers. */
import { describe, expect, it } from "vitest";
import { Header, headerKind, type HeaderKind } from "../../src/sip/headers.ts";
import { isKeepalive, parseMessage } from "../../src/sip/message.ts";
import { Random } from "../support/random.ts";
import { lines, message, request } from "./support.ts";

const VIA = "Via: SIP/2.0/UDP h;branch=z9hG4bK1";

function problem(text: string): string {
  const result = parseMessage(text);
  return result.ok ? "" : result.problem;
}

describe("first line", () => {
  it("reads a request", () => {
    const m = message(lines(["INVITE sip:bob@h;x=y SIP/2.0", VIA]));
    expect(m).toMatchObject({ isRequest: true, method: "INVITE", statusCode: 0, reason: "" });
    expect(m.requestUri).toBe("sip:bob@h;x=y");
    expect(m.text.slice(m.requestUriStart, m.requestUriEnd)).toBe("sip:bob@h;x=y");
    expect(m.uri?.user).toBe("bob");
  });

  it("reads a reply, with and without a phrase", () => {
    const m = message(lines(["SIP/2.0 183 Session Progress", VIA]));
    expect(m).toMatchObject({ isRequest: false, method: "", statusCode: 183 });
    expect(m.reason).toBe("Session Progress");
    expect(m.uri).toBeNull();
    expect(message(lines(["SIP/2.0 200", VIA])).reason).toBe("");
    expect(message(lines(["SIP/2.0 200 ", VIA])).reason).toBe("");
  });

  it.each([
    ["INVITE sip:bob@h  SIP/2.0"],
    ["INVITE sip:bob@h SIP/2.0   "],
    ["INVITE sip:bob@h sip/2.0"],
    ["a@b <sip:bob@h> SIP/2.0"],
  ])("takes what Kamailio takes: %s", (line) => {
    expect(problem(lines([line, VIA]))).toBe("");
  });

  it.each([
    ["INVITE  sip:bob@h SIP/2.0", "bad-first-line"],
    ["INVITE sip:bob@h; lr SIP/2.0", "bad-first-line"],
    ["INVITE sip:bob@h", "bad-first-line"],
    ["INVITE", "bad-first-line"],
    [" INVITE sip:bob@h SIP/2.0", "bad-first-line"],
    ["INVITE sip:bob@h HTTP/1.1", "bad-first-line"],
    ["INVITE sip:bob@h SIP/7.0", "bad-version"],
    ["SIP/3.0 200 OK", "bad-version"],
    ["SIP/2.0 20 OK", "bad-status"],
    ["SIP/2.0 2000 OK", "bad-status"],
    ["SIP/2.0 099 OK", "bad-status"],
    ["SIP/2.0 abc OK", "bad-status"],
  ])("refuses %s", (line, name) => {
    expect(problem(lines([line, VIA]))).toBe(name);
  });

  it("gives the status that fits", () => {
    const result = parseMessage(lines(["INVITE sip:bob@h SIP/7.0", VIA]));
    expect(result).toMatchObject({ ok: false, status: 505 });
  });

  it("skips empty lines in front of it", () => {
    const m = message(`\r\n\r\n${lines(["INVITE sip:bob@h SIP/2.0", VIA])}`);
    expect(m.method).toBe("INVITE");
    expect(m.firstLineStart).toBe(4);
    expect(problem("\r\n\r\n")).toBe("empty");
  });
});

describe("header table", () => {
  const m = message(
    lines(
      [
        "INVITE sip:bob@h SIP/2.0",
        "v : SIP/2.0/UDP h;branch=z9hG4bK1",
        "X-Folded:  one",
        "\ttwo  ",
        "SUBJECT:",
        "m: <sip:a@h>",
        "Contact: <sip:b@h>",
        "x-foo: 1",
        "X-Foo: 2",
        "i: id",
      ],
      "body",
    ),
  );

  it("knows compact names, any case, and blanks before the colon", () => {
    expect(m.headerType(0)).toBe(Header.Via);
    expect(m.headerName(0)).toBe("v");
    expect(m.headerType(2)).toBe(Header.Subject);
    expect(m.callId).toBe("id");
  });

  it("keeps folding inside the value and trims around it", () => {
    expect(m.valueOf("x-folded")).toBe("one\r\n\ttwo");
    expect(m.headerText(1)).toBe("X-Folded:  one\r\n\ttwo  \r\n");
    expect(m.value(Header.Subject)).toBe("");
  });

  it("finds repeated headers in their order", () => {
    expect(m.values(Header.Contact)).toEqual(["<sip:a@h>", "<sip:b@h>"]);
    const first = m.findName("X-FOO");
    const second = m.findName("X-FOO", first);
    expect([m.headerValue(first), m.headerValue(second)]).toEqual(["1", "2"]);
    expect(m.findName("X-FOO", second)).toBe(-1);
    expect(m.findName("X-Fo")).toBe(-1);
    expect(m.count(Header.Contact)).toBe(2);
    expect(m.find(Header.Route)).toBe(-1);
    expect(m.find(Header.Identity)).toBe(-1);
  });

  it("covers the text without a gap", () => {
    let at = m.firstLineEnd;
    for (let i = 0; i < m.headerCount; i++) {
      expect(m.headerStart(i)).toBe(at);
      at = m.headerEnd(i);
    }
    expect(at).toBe(m.headersEnd);
    expect(m.text.slice(m.headersEnd, m.bodyStart)).toBe("\r\n");
    expect(m.body).toBe("body");
  });

  it("holds more headers than it has room for at first", () => {
    const many = Array.from({ length: 100 }, (_, i) => `X-${i}: ${i}`);
    const big = message(lines(["INVITE sip:bob@h SIP/2.0", VIA, ...many, "Call-ID: last"]));
    expect(big.headerCount).toBe(102);
    expect(big.valueOf("X-99")).toBe("99");
    expect(big.callId).toBe("last");
  });

  it("takes lines that end with LF only", () => {
    const text = lines(["INVITE sip:bob@h SIP/2.0", VIA, "i: x"], "v=0").replaceAll("\r\n", "\n");
    expect(message(text)).toMatchObject({ callId: "x", body: "v=0" });
  });

  it.each(["i: x\r\n", "i: x", "i: x\r"])("adds the missing empty line after %j", (end) => {
    const cut = message(`INVITE sip:bob@h SIP/2.0\r\n${VIA}\r\n${end}`);
    expect(cut.callId).toBe("x");
    expect(cut.body).toBe("");
    expect(cut.bodyStart).toBe(cut.text.length);
    expect(cut.text.endsWith("\r\n\r\n")).toBe(true);
  });

  it.each(["no colon here", ": no name", "two words: x", "=\r\n : x"])(
    "stops at a line that is no header: %s",
    (line) => {
      const broken = message(lines(["INVITE sip:bob@h SIP/2.0", VIA, line, "i: x"], "body"));
      expect(broken.headerProblem).toBe("bad-header");
      expect(broken.text.slice(broken.headerProblemStart).startsWith(line)).toBe(true);
      expect(broken.callId).toBe("");
      expect(broken.headerEnd(0)).toBe(broken.headerProblemStart);
      expect(broken.body).toBe("body");
    },
  );
});

describe("searching headers by kind", () => {
  const names = ["Via", "Contact", "Supported", "Route", "X-Own", "Allow", "Date", "Expires", "To"];

  it.each([3, 14, 15, 16, 40])("finds the first and all others of %i headers", (count) => {
    const random = new Random(count);
    for (let round = 0; round < 50; round++) {
      const lines = Array.from({ length: count }, (_, i) => `${random.pick(names)}: v${i}\r\n`);
      const text = `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n${lines.join("")}\r\n`;
      const result = parseMessage(text);
      if (!result.ok) throw new Error(result.problem);
      const { message } = result;
      for (const name of names) {
        const kind = headerKind(name);
        if (kind === Header.Other) continue;
        const places = Array.from({ length: message.headerCount }, (_, i) => i).filter(
          (i) => message.headerName(i) === name,
        );
        expect([name, message.find(kind)]).toEqual([name, places[0] ?? -1]);
        expect(message.count(kind)).toBe(places.length);
      }
    }
  });
});

describe("typed headers", () => {
  it("tells missing from malformed", () => {
    const none = message(lines(["INVITE sip:bob@h SIP/2.0", VIA]));
    expect(none.from).toBeUndefined();
    expect(none.contacts).toBeUndefined();
    expect(none).toMatchObject({ cseqNumber: -1, maxForwards: -1, fromTag: "", routes: [] });
    const wrong = message(
      lines([
        "INVITE sip:bob@h SIP/2.0",
        VIA,
        "From: <sip:a@h",
        "CSeq: x INVITE",
        "Max-Forwards: -1",
        "Expires: 99999999999",
        "Contact: <",
        "Route: <sip:a>, b c",
      ]),
    );
    expect(wrong.from).toBeNull();
    expect(wrong.cseq).toBeNull();
    expect(wrong.contacts).toBeNull();
    expect(wrong.routes).toBeNull();
    expect(wrong).toMatchObject({ cseqNumber: -2, maxForwards: -2, expires: -2 });
  });

  it("needs a readable topmost Via, and gives the message along", () => {
    const without = parseMessage(lines(["INVITE sip:bob@h SIP/2.0", "i: x"]));
    expect(without).toMatchObject({ ok: false, problem: "no-via", status: 400 });
    expect(without.message?.callId).toBe("x");
    expect(problem(lines(["INVITE sip:bob@h SIP/2.0", "Via: SIP/2.0/UDP h:x"]))).toBe("bad-via");
  });

  it("finds the second Via on the same line, and on the next", () => {
    const same = message(lines(["SIP/2.0 200 OK", `${VIA} , SIP/2.0/TCP g;branch=2`]));
    expect(same.secondVia?.host).toBe("g");
    const next = message(lines(["SIP/2.0 200 OK", VIA, "Via: SIP/2.0/TCP g;branch=2"]));
    expect(next.secondVia?.host).toBe("g");
    expect(next.vias()).toHaveLength(2);
    expect(message(lines(["SIP/2.0 200 OK", VIA])).secondVia).toBeUndefined();
  });

  it("takes contacts, routes and tokens from all lines", () => {
    const m = request([
      'Contact: "A, B" <sip:a@h>;q=0.5, <sip:b@h>;expires=60',
      "m: <sip:c@h>",
      "Route: <sip:r1;lr>,<sip:r2;lr>",
      "Route: <sip:r3>",
      "Supported: path,  outbound",
      "k: 100rel",
    ]);
    expect(m.contacts?.list.map((c) => c.uriText)).toEqual(["sip:a@h", "sip:b@h", "sip:c@h"]);
    expect(m.routes?.map((r) => r.uri?.lr)).toEqual([true, true, false]);
    expect(m.supported.list).toEqual(["path", "outbound", "100rel"]);
    expect(m.supported.has("OUTBOUND")).toBe(true);
    expect(m.supported.has("timer")).toBe(false);
  });

  it("takes the star only alone", () => {
    expect(request(["Contact: *"]).contacts).toEqual({ star: true, list: [] });
    expect(request(["Contact: *", "Contact: <sip:a@h>"]).contacts).toBeNull();
  });

  it("reads media types", () => {
    const type = (value: string): string => request([`c: ${value}`]).mediaType;
    expect(type("Application/SDP ; charset=x")).toBe("application/sdp");
    expect(type("multipart / mixed")).toBe("multipart/mixed");
    expect(type("text")).toBe("");
  });

  it("gives the same object each time", () => {
    const m = request(["Event: presence;id=7"]);
    expect(m.from).toBe(m.from);
    expect(m.event).toBe(m.event);
    expect(m.event).toMatchObject({ name: "presence", id: "7" });
  });

  it("reads the body whatever Content-Length says", () => {
    const m = message(lines(["INVITE sip:bob@h SIP/2.0", VIA, "l: 1"], "abc"));
    expect(m).toMatchObject({ body: "abc", contentLength: 1 });
  });
});

describe("keepalives", () => {
  it.each(["", "\r\n", "\r\n\r\n", "\0\0\0\0"])("%j is one", (text) => {
    expect(isKeepalive(text)).toBe(true);
  });

  it.each(["x", "\r\nOPTIONS", "\r\n".repeat(100)])("%j is none", (text) => {
    expect(isKeepalive(text)).toBe(false);
  });
});

describe("names of headers", () => {
  const kinds = (lines: string): HeaderKind[] => {
    const read = message(
      `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n${lines}\r\n`,
    );
    return Array.from({ length: read.headerCount }, (_, i) => read.headerType(i)).slice(1);
  };

  it.each([
    [
      "Call-ID: 1\r\nCALL-ID:2\r\ncall-id :3\r\ni: 4\r\nI:5\r\n",
      Array.from({ length: 5 }, () => Header.CallId),
    ],
    ["Call-Info: 1\r\nCall-I: 2\r\nCall-IDs: 3\r\n", [Header.CallInfo, Header.Other, Header.Other]],
    ["Contact:\r\nm:\r\n", [Header.Contact, Header.Contact]],
    ["X-Via: 1\r\nVi: 2\r\n", [Header.Other, Header.Other]],
    ["Call\rID: 1\r\n", []],
  ])("are told apart in %j", (lines, expected) => {
    expect(kinds(lines)).toEqual(expected);
  });

  it("are found at the very end of a text that breaks off", () => {
    const read = message("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nContact:");
    expect(read.find(Header.Contact)).toBe(1);
    expect(read.value(Header.Contact)).toBe("");
  });
});
