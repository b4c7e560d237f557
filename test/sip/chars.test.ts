/** Small scanners of the wire format. */
import { describe, expect, it } from "vitest";
import { quotedEnd } from "../../src/sip/chars.ts";

describe("quotedEnd", () => {
  it.each([
    ['"abc";x', 5],
    ['""', 2],
    ['"a\\"b"c', 6],
    ['"a\\\\"b"', 5],
    ['"\\\\\\""', 6],
    ['"abc', -1],
    ['"abc\\"', -1],
  ])("finds the end of %s", (text, end) => {
    expect(quotedEnd(text, 0, text.length)).toBe(end);
  });

  it("does not take a quote behind the range for the end", () => {
    expect(quotedEnd('"ab" "', 0, 3)).toBe(-1);
    expect(quotedEnd('"a\\"" "', 0, 4)).toBe(-1);
  });
});
