/** Substitutions: `/pattern/replacement/flags`. */
import { describe, expect, it } from "vitest";
import { applySubst, parseSubst, type SubstReading } from "../../../src/dsl/regex/subst.ts";

/** Variables are `$` and one letter here. */
function parse(text: string): SubstReading<string> {
  return parseSubst(text, (whole, at) =>
    /[a-z]/.test(whole[at + 1] ?? "")
      ? { variable: whole.slice(at, at + 2), end: at + 2 }
      : undefined,
  );
}

function subst(expression: string, text: string): string {
  const reading = parse(expression);
  if (!reading.ok) return `${reading.message} at ${reading.position}`;
  return applySubst(reading.subst, text, (variable) => `<${variable}>`).text;
}

describe("a substitution", () => {
  it.each([
    ["/b/x/", "abcb", "axcb"],
    ["/b/x/g", "abcb", "axcx"],
    ["/B/x/", "abc", "abc"],
    ["/B/x/i", "abc", "axc"],
    ["/(.*)@(.*)/\\2 at \\1/", "bob@host", "host at bob"],
    ["/b+/[\\0]/", "abbbc", "a[bbb]c"],
    ["/b/$v/", "abc", "a<$v>c"],
    ["/b/\\$v/", "abc", "a$vc"],
    ["/b/\\n\\r\\t\\\\/", "abc", "a\n\r\t\\c"],
    ["/b/\\q/", "abc", "ac"],
    ["/a\\/b/x/", "a/b", "x"],
    ["/b/\\//", "abc", "a/c"],
    ["#a/b#x#", "a/b", "x"],
    ["/(a|ab)(c|bcd)/<\\0>/", "abcd", "<abcd>"],
    ["/x*/-/g", "abc", "-a-b-c-"],
    ["/^/>/g", "a\nb", ">a\n>b"],
    ["/^/>/gs", "a\nb", ">a\nb"],
    ["/a.b/x/", "a\nb", "a\nb"],
    ["/a.b/x/s", "a\nb", "x"],
    ["/q/x/g", "abc", "abc"],
    ["/(x)?b/[\\1]/", "abc", "a[]c"],
  ])("%s of %j", (expression, text, expected) => {
    expect(subst(expression, text)).toBe(expected);
  });

  it.each([
    ["/b", "a substitution reads /pattern/replacement/flags at 0"],
    ["/bcd", "the closing '/' is missing at 4"],
    ["/b/x", "the closing '/' is missing at 4"],
    ["/b/x\\", "the closing '/' is missing at 5"],
    ["/b/x/q", "unknown flag 'q' at 5"],
    ["/b/x$1/", "no variable begins at this '$' at 4"],
    ["/(b/x/", "unmatched ( or \\( at 1"],
    ["\\b\\x\\", "'\\' cannot separate the parts at 0"],
  ])("%s is refused: %s", (expression, message) => {
    expect(subst(expression, "abc")).toBe(message);
  });

  it("counts what it replaced", () => {
    const reading = parse("/b/x/g");
    expect(reading.ok && applySubst(reading.subst, "abcb", String).count).toBe(2);
    expect(reading.ok && applySubst(reading.subst, "acc", String)).toEqual({
      text: "acc",
      count: 0,
    });
  });
});
