/** POSIX extended expressions match as glibc's do; the literals are what it answered. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinearMatcher } from "../../../src/dsl/regex/linear.ts";
import { parseRegex } from "../../../src/dsl/regex/parse.ts";
import {
  hasBackreference,
  mayBacktrack,
  translateRegex,
  type RegexOptions,
} from "../../../src/dsl/regex/translate.ts";

function regex(pattern: string, options: RegexOptions = { ignoreCase: true }): RegExp {
  const translation = translateRegex(pattern, options);
  if (!translation.ok) throw new Error(translation.problem.message);
  return translation.regex;
}

/** Begin and end of the match. */
function extent(pattern: string, text: string, options: RegexOptions = {}): string {
  const match = regex(pattern, { longest: true, ...options }).exec(text);
  return match === null ? "none" : `${match.index},${match.index + match[0].length}`;
}

describe("=~", () => {
  it.each([
    ["abc", "B", true],
    ["abc", "^A.C$", true],
    ["abc", "^a.d$", false],
    ["", ".*", true],
    ["", "x", false],
    ["abc", "", true],
    ["line1\nline2", "line1.line2", true],
    ["line1\nline2", "^line2", false],
    ["line1\nline2", "line1$", false],
    ["a.b", "a\\.b", true],
    ["axb", "a\\.b", false],
    ["a\\b", "a\\\\b", true],
    ["x5", "x\\d", false],
    ["xd", "x\\d", true],
    ["x5", "x[0-9]", true],
    ["x5", "x[[:digit:]]$", true],
    ["x5", "^\\w+$", true],
    ["x5", "x\\s*5", true],
    ["x5", "\\bx", true],
    ["x5", "x{1,2}5", true],
    ["x5", "(x)\\1", false],
    ["xx", "(x)\\1", true],
    ["a[b]c", "[]]", true],
    ["a[b]c", "[^]]", true],
    ["a[b]c", "[a\\]", true],
    ["a\\b", "[\\]b", true],
    ["x5", "x|", true],
    ["x5", "()", true],
    ["x5", "a**", true],
    ["x5", "x+?5", true],
    ["a)b", "a)b", true],
    ["n", "\\n", true],
    ["\n", "\\n", false],
    ["xx", "^x{,2}$", true],
    ["xxx", "^x{,2}$", false],
    ["foo bar", "\\<bar\\>", true],
    ["foobar", "\\<bar", false],
    ["a-b", "[[:alpha:]-]{3}", true],
    ["a]b", "a[]x]b", true],
    ["[", "[[.[.]]", true],
    ["b", "[[=b=]]", true],
    ["-", "[a-]", true],
    ["/", "[+--]", false],
    [",", "[+--]", true],
  ])("%j =~ %j is %s", (text, pattern, expected) => {
    expect(regex(pattern).test(text)).toBe(expected);
  });

  it("folds the case of ASCII letters only", () => {
    expect(regex("\u00e9").test("\u00c9")).toBe(false);
    expect(regex("\u00e9A[b-c]").test("\u00e9aC")).toBe(true);
    expect(regex("\u00e9[^b]").test("\u00e9B")).toBe(false);
  });
});

describe("what regcomp refuses", () => {
  it.each([
    ["x{1", "unmatched { or \\{", 1],
    ["x{1a}", "invalid content of {}", 1],
    ["x{2,1}", "invalid content of {}", 1],
    ["x{40000}", "regular expression too big", 1],
    ["(x{1000}){1000}", "regular expression too big", 0],
    ["*x", "invalid preceding regular expression", 0],
    ["(+x)", "invalid preceding regular expression", 1],
    ["a|*", "invalid preceding regular expression", 2],
    ["^*", "invalid preceding regular expression", 1],
    ["(?:x)", "invalid preceding regular expression", 1],
    ["(x", "unmatched ( or \\(", 0],
    ["[a", "unmatched [, [^, [:, [., or [=", 0],
    ["[", "unmatched [, [^, [:, [., or [=", 0],
    ["[[:nope:]]", "invalid character class name", 1],
    ["[[:constructor:]]", "invalid character class name", 1],
    ["[b-a]", "invalid range end", 1],
    ["[a-[:digit:]]", "invalid range end", 1],
    ["[[.space.]]", "invalid collation character", 1],
    ["x\\", "trailing backslash", 1],
    ["\\1(x)", "invalid back reference", 0],
    ["(x\\1)", "invalid back reference", 2],
  ])("%j: %s", (pattern, message, position) => {
    expect(translateRegex(pattern)).toEqual({ ok: false, problem: { message, position } });
  });

  it("is said also of groups nested too deep", () => {
    expect(translateRegex("(".repeat(100_000)).ok).toBe(false);
  });
});

describe("the extent of a match", () => {
  it.each([
    ["(a|ab)(c|bcd)", "abcd", "0,4"],
    ["a?(ab)?", "ab", "0,2"],
    ["x*|xxxy", "xxxy", "0,4"],
    ["b|a*", "aab", "0,2"],
    ["(a|b|ab)*", "ab!", "0,2"],
    ["[0-9]+|[0-9]+:[0-9]+", "at 10:30", "3,8"],
    ["foo|foobar$", "xfoobar", "1,7"],
    ["z", "abc", "none"],
    ["$", "abc", "3,3"],
  ])("of %j in %j is %s", (pattern, text, expected) => {
    expect(extent(pattern, text)).toBe(expected);
  });

  it.each([
    ["a.b", "a\nb", "none"],
    ["[^x]b", "a\nb", "none"],
    ["\\Wb", "a\nb", "1,3"],
    ["^b", "a\nb", "2,3"],
    ["a$", "a\nb", "0,1"],
    ["^$", "a\n\nb", "2,2"],
    ["a$", "a\r\nb", "none"],
  ])("of %j in %j with lines is %s", (pattern, text, expected) => {
    expect(extent(pattern, text, { newline: true })).toBe(expected);
  });

  it("comes with the groups", () => {
    const match = regex("^(sip|sips):(([^@]+)@)?(.*)$", { longest: true }).exec("sips:bob@host");
    expect(match?.slice(1)).toEqual(["sips", "bob@", "bob", "host"]);
    expect(regex("(a)|(b)", { longest: true }).exec("b")?.slice(1)).toEqual([undefined, "b"]);
  });

  it("is found again and again with the flag g", () => {
    const pattern = regex("a|ab", { longest: true, global: true });
    expect("ab-a-abab".replaceAll(pattern, "<$&>")).toBe("<ab>-<a>-<ab><ab>");
    expect("ab-a".split(regex("a|ab", { longest: true }))).toHaveLength(3);
  });
});

describe("patterns that keep a backtracking engine busy", () => {
  it.each([
    ["(a+)+$", true],
    ["(a|a)*b", true],
    ["(a|ab)*c", true],
    ["(.*)*x", true],
    ["([^,]+,)*x", false],
    ["(,[^,]+)*x", false],
    ["^(.*)@(.*)$", false],
    ["^(a|b)*$", false],
    ["sip:.*@example\\.com", false],
    ["(", false],
  ])("%j: %s", (pattern, expected) => {
    expect(mayBacktrack(pattern)).toBe(expected);
  });

  it.each(["(a+)+$", "(a|aa)*c$", "^(.*).*.*x$", ".*.*.*=.*", "(.*)(.*)(.*)(.*)[0-9]"])(
    "%j answers soon for a long text",
    (pattern) => {
      expect(regex(pattern).test(`${"a".repeat(30_000)}b`)).toBe(false);
    },
    20_000,
  );

  it("keep to it also for exec, test and replace", () => {
    const pattern = regex("(a+)+$", { longest: true });
    const text = `${"a".repeat(5000)}b`;
    expect(pattern.test(text)).toBe(false);
    expect(text.replace(pattern, "")).toBe(text);
    expect(pattern.exec(`${text}aa`)?.[0]).toBe("aa");
  });

  it("cannot be helped with a back-reference", () => {
    expect(hasBackreference("(a*)\\1")).toBe(true);
    expect(hasBackreference("a")).toBe(false);
    expect(regex("(a*)-\\1$").test("aa-aa")).toBe(true);
  });
});

describe("the automaton", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    "[ab]",
    ".",
    "(a|b)",
    "(ab|a)",
    "x?",
    "b*",
    "(ab)+",
    "a{1,2}",
    "\\b",
    "^",
    "$",
    "|",
  );
  const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
  const text = fc
    .array(fc.constantFrom("a", "b", "x", " "), { maxLength: 8 })
    .map((all) => all.join(""));

  it("finds a match exactly where the other engine does", () => {
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        const reading = parseRegex(source);
        if (!reading.ok) return;
        const { root, groups } = reading.tree;
        const found = new LinearMatcher(root, groups, false).match(subject, 0, false);
        const other = regex(source, {}).exec(subject);
        expect(found?.[0]).toBe(other?.index);
        // And it is at least as long.
        if (found !== undefined && other !== null) {
          expect(found[1]).toBeGreaterThanOrEqual(other.index + other[0].length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("returns on any pattern and text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 30 }),
        fc.string({ maxLength: 30 }),
        (source, subject) => {
          const translation = translateRegex(source, { ignoreCase: true, longest: true });
          if (translation.ok) translation.regex.exec(subject);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
