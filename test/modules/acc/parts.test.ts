/** Lists of extra values, and times as strftime writes them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExtra } from "../../../src/modules/acc/extra.ts";

describe("lists of extra values", () => {
  it.each<[string, [string, string][]]>([
    ["", []],
    [
      "ua=$hdr(User-Agent);uuid=$avp(i:123)",
      [
        ["ua", "$hdr(User-Agent)"],
        ["uuid", "$avp(i:123)"],
      ],
    ],
    [
      " a = $ru ; b=$(fu{s.select,1,;});",
      [
        ["a", "$ru"],
        ["b", "$(fu{s.select,1,;})"],
      ],
    ],
  ])("%s", (text, entries) => {
    const expected = entries.map(([name, variable]) => ({ name, variable }));
    expect(parseExtra(text)).toEqual(expected);
  });

  it.each(["x", "=$ru", "x=ru", "a=$ru;b"])("%s is refused", (text) => {
    expect(parseExtra(text)).toMatch(/name=\$variable/);
  });

  it("never throw", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseExtra(text)));
  });
});
