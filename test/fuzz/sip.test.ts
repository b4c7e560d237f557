/** Any bytes: the parser returns, in linear time, and what it says fits together. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAuth } from "../../src/sip/auth.ts";
import { buildForwardedReply, buildReply, buildRequest } from "../../src/sip/build.ts";
import { parseDate } from "../../src/sip/dates.ts";
import { MessageEdits } from "../../src/sip/edits.ts";
import { parseMessage, type SipMessage } from "../../src/sip/message.ts";
import { parseNameAddr } from "../../src/sip/name-addr.ts";
import { parseUri } from "../../src/sip/uri.ts";
import { sameUri, unescape } from "../../src/sip/uri-compare.ts";

/** Asks for everything that a message can say. */
function askAll(m: SipMessage): number {
  const read = [
    m.via,
    m.secondVia,
    m.vias(),
    m.from?.tag,
    m.from?.uri?.bare,
    m.from?.displayName,
    m.to?.params,
    m.cseq,
    m.callId,
    m.maxForwards,
    m.contentLength,
    m.expires,
    m.event,
    m.subscriptionState,
    m.date,
    m.retryAfter,
    m.rack,
    m.mediaType,
    m.body,
    m.routes,
    m.recordRoutes,
    m.paths,
    m.supported.has("x"),
    m.allowEvents.list,
    m.uri?.transport,
    parseAuth(m.valueOf("Authorization") ?? ""),
    parseAuth(m.valueOf("WWW-Authenticate") ?? ""),
  ];
  for (const contact of m.contacts?.list ?? []) {
    read.push(contact.q, contact.expires, contact.instance, contact.uri?.lr);
  }
  return read.length;
}

const bytes = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
});

/** Pieces of messages in random order: gets deeper than random bytes. */
const pieces = fc
  .array(
    fc.oneof(
      { weight: 1, arbitrary: bytes },
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          "INVITE sip:a@h SIP/2.0\r\n",
          "SIP/2.0 200 OK\r\n",
          "Via: SIP/2.0/UDP h;branch=z9hG4bK1;rport\r\n",
          "v: SIP/2.0/UDP h , SIP/2.0/TCP [::1]:5;received=1.2.3.4\r\n",
          'From: "A \\" b" <sip:a@h>;tag=1\r\n',
          "To: sip:b@h\r\n",
          "m: <sip:a@h>;q=0.5,*\r\n",
          "CSeq: 1 INVITE\r\n",
          "Content-Length: 5\r\n",
          "Record-Route: <sip:r;lr>,<",
          "Event: reg;id=",
          'Authorization: Digest a="b",',
          "\r\n",
          "\r\n ",
          "\n",
          "\r",
          '"',
          "<",
          ">",
          ";",
          ",",
          "\\",
          "(",
          "=",
          ":",
        ),
      },
    ),
    { maxLength: 40 },
  )
  .map((list) => list.join(""));

const framed = fc
  .tuple(fc.constantFrom("INVITE sip:a@h SIP/2.0", "SIP/2.0 180 R"), pieces)
  .map(([line, rest]) => `${line}\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n${rest}`);

describe("any bytes", () => {
  it("are read without an exception", () => {
    fc.assert(
      fc.property(fc.oneof(bytes, pieces, framed), (text) => {
        const result = parseMessage(text);
        if (result.message) askAll(result.message);
        parseUri(text);
        parseNameAddr(text);
        parseAuth(text);
        parseDate(text);
        unescape(text);
      }),
      { numRuns: 1500 },
    );
  });

  it("leave a table that covers the headers without gap or overlap", () => {
    fc.assert(
      fc.property(framed, (text) => {
        const result = parseMessage(text);
        if (!result.message) return;
        const m = result.message;
        let at = m.firstLineEnd;
        for (let i = 0; i < m.headerCount; i++) {
          expect(m.headerStart(i)).toBe(at);
          expect(m.nameEnd(i)).toBeGreaterThan(at);
          expect(m.valueStart(i)).toBeGreaterThan(m.nameEnd(i));
          expect(m.valueEnd(i)).toBeGreaterThanOrEqual(m.valueStart(i));
          at = m.headerEnd(i);
          expect(at).toBeGreaterThanOrEqual(m.valueEnd(i));
        }
        expect(at).toBe(m.headerProblemStart >= 0 ? m.headerProblemStart : m.headersEnd);
        expect(m.bodyStart).toBeGreaterThan(m.headersEnd);
        expect(m.bodyStart).toBeLessThanOrEqual(m.text.length);
        expect(m.text.startsWith(text)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("are forwarded byte for byte, but for the own Via", () => {
    const own = "Via: SIP/2.0/UDP own;branch=z9hG4bKown\r\n";
    fc.assert(
      fc.property(framed, (text) => {
        const result = parseMessage(text);
        if (!result.ok) return;
        const m = result.message;
        const edits = new MessageEdits();
        if (!m.isRequest) {
          const back = parseMessage(buildForwardedReply(m, edits, undefined));
          const left = back.message ? back.message.vias().length : 0;
          expect(left).toBe(m.vias().length - 1);
          return;
        }
        const sent = buildRequest(m, { via: own.trim(), edits }, undefined);
        expect(sent.replace(own, "")).toBe(m.text);
        const reply = parseMessage(buildReply(m, { status: 404, reason: "N", toTag: "t" }));
        expect(reply.ok).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("give addresses that are the same as themselves", () => {
    const part = fc.constantFrom("a", "%41", "b;c", "?", ":", "@", "h", ";x=y", "&", "%4", ".");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (list) => {
        const uri = parseUri(`sip:${list.join("")}`);
        if (uri !== undefined) expect(sameUri(uri, uri)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("hostile bytes", () => {
  const start = "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n";
  const fill = (piece: string, size: number): string =>
    piece.repeat(Math.ceil(size / piece.length));
  const shapes: readonly (readonly [string, (size: number) => string])[] = [
    ["To: < and blanks", (n) => `${start}To: <${fill(" ", n)}\r\n\r\n`],
    ["quotes", (n) => `${start}To: ${fill('"', n)}\r\n\r\n`],
    ["backslashes in a quote", (n) => `${start}From: "${fill("\\", n)}\r\n\r\n`],
    ["brackets", (n) => `${start}Contact: ${fill("<", n)}\r\n\r\n`],
    ["bracket list", (n) => `${start}Contact: ${fill("<a>,", n)}\r\n\r\n`],
    ["contacts", (n) => `${start}Contact: ${fill("<sip:a@h>;q=1,", n)}<sip:b>\r\n\r\n`],
    ["parameters", (n) => `${start}From: <sip:a>${fill(";a", n)}\r\n\r\n`],
    [
      "URI parameters",
      (n) => `INVITE sip:a@h${fill(";a", n)} SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n`,
    ],
    ["commas", (n) => `${start}Supported: ${fill(",", n)}\r\n\r\n`],
    ["routes", (n) => `${start}${fill("Route: <sip:a\r\n", n)}\r\n`],
    ["Via values", (n) => `${start}Via: ${fill("SIP/2.0/UDP h,", n)}\r\n\r\n`],
    [
      "Via parameters",
      (n) => `INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h${fill(";a=b", n)}\r\n\r\n`,
    ],
    ["Via comments", (n) => `INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h${fill("(", n)}\r\n\r\n`],
    ["short headers", (n) => `${start}${fill("a:\r\n", n)}\r\n`],
    ["lines without colon", (n) => `${start}${fill("a\r\n", n)}\r\n`],
    ["folded lines", (n) => `${start}a: ${fill("\r\n ", n)}\r\n\r\n`],
    ["folded empty Via", (n) => `INVITE sip:a@h SIP/2.0\r\nVia:${fill("\r\n ", n)}\r\n\r\n`],
    ["line feeds", (n) => fill("\n", n)],
    ["digits", (n) => `${start}CSeq: ${fill("9", n)} INVITE\r\n\r\n`],
    ["credentials", (n) => `${start}Authorization: Digest ${fill("a=b,", n)}c="\r\n\r\n`],
    ["percent signs", (n) => `INVITE sip:${fill("%4", n)}@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n`],
    ["blank lines of a date", (n) => `${start}Date: ${fill(" ", n)}x\r\n\r\n`],
  ];

  /** Work of the parser and of all getters, in ms of this machine: the best of a few runs. */
  function cost(text: string): number {
    let best = Infinity;
    for (let run = 0; run < 5; run++) {
      const before = process.hrtime.bigint();
      const result = parseMessage(text);
      if (result.message) askAll(result.message);
      best = Math.min(best, Number(process.hrtime.bigint() - before) / 1e6);
    }
    return best;
  }

  it.each(shapes)("take little time: %s", (_, make) => {
    const text = make(16384);
    cost(text);
    // The aim is 5 ms; a quadratic reader would take hundreds. The rest is room for a busy machine.
    expect(cost(text)).toBeLessThan(15);
  });

  it.each(shapes)("take time that grows with their length only: %s", (_, make) => {
    const small = Math.max(cost(make(32768)), 0.2);
    // Eight times the length: linear work costs about 8 times as much, quadratic 64 times.
    expect(cost(make(262144)) / small).toBeLessThan(32);
  });
});
