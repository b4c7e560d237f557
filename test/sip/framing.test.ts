/** Streams: messages come out whole, however the bytes are cut; what cannot be cut is named. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StreamFramer, type Frame } from "../../src/sip/framing.ts";
import { lines } from "./support.ts";

const ONE = lines(["OPTIONS sip:a SIP/2.0", "Content-Length: 3"], "abc");
const TWO = lines(["SIP/2.0 200 OK", "X-Fold: a", " b", "l :", "\t0"]);
const LF = "OPTIONS sip:a SIP/2.0\ncontent-length: 2\n\nxy";

function frames(chunks: readonly string[], maxLength = 1000): Frame[] {
  const framer = new StreamFramer(maxLength);
  const found: Frame[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
      found.push(frame);
      if (frame.kind === "broken") return found;
    }
  }
  return found;
}

const message = (text: string): Frame => ({ kind: "message", text });

describe("StreamFramer", () => {
  it("finds several messages in one chunk", () => {
    expect(frames([ONE + TWO + LF + ONE])).toEqual([ONE, TWO, LF, ONE].map(message));
  });

  it("finds the same messages however the stream is cut", () => {
    const stream = ONE + TWO + LF;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const chunks = places.slice(1).map((end, i) => stream.slice(places[i], end));
        expect(frames(chunks)).toEqual([ONE, TWO, LF].map(message));
      }),
    );
    expect(frames([...stream])).toEqual([ONE, TWO, LF].map(message));
  });

  it("waits for the rest", () => {
    const framer = new StreamFramer(1000);
    framer.push(ONE.slice(0, -1));
    expect(framer.next()).toBeUndefined();
    expect(framer.waiting).toBe(ONE.length - 1);
    framer.push("c");
    expect(framer.next()).toEqual(message(ONE));
    expect(framer.waiting).toBe(0);
  });

  it("tells pings from pongs", () => {
    expect(frames(["\r\n\r\n"])).toEqual([{ kind: "ping" }]);
    expect(frames(["\r\n"])).toEqual([{ kind: "pong" }]);
    expect(frames(["\r\n", "\r\n"])).toEqual([{ kind: "pong" }, { kind: "ping" }]);
    expect(frames([`\r\n${ONE}\r\n\r\n`])).toEqual([
      { kind: "pong" },
      message(ONE),
      { kind: "ping" },
    ]);
  });

  it.each([
    ["no-content-length", lines(["OPTIONS sip:a SIP/2.0", "Contact: <sip:a>", "lx: 1"])],
    ["bad-content-length", lines(["OPTIONS sip:a SIP/2.0", "Content-Length: -1"])],
    ["bad-content-length", lines(["OPTIONS sip:a SIP/2.0", "Content-Length 5"])],
    ["bad-content-length", lines(["OPTIONS sip:a SIP/2.0", "l: 5", "Content-Length: 6"])],
    ["too-long", lines(["OPTIONS sip:a SIP/2.0", "l: 5000"])],
    ["too-long", "x".repeat(1001)],
  ])("gives up with %s", (problem, text) => {
    expect(frames([text])).toEqual([{ kind: "broken", problem }]);
  });

  it("takes the same length twice", () => {
    const text = lines(["OPTIONS sip:a SIP/2.0", "l: 1", "Content-Length: 01"], "x");
    expect(frames([text])).toEqual([message(text)]);
  });
});
