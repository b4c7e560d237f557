/** Suggestions for names that do not exist. */
import { describe, expect, it } from "vitest";
import { didYouMean, editDistance, suggestion } from "../../../src/dsl/diagnostics/did-you-mean.ts";

describe("didYouMean", () => {
  const functions = ["t_relay", "t_reply", "t_on_failure", "xlog", "is_method"];

  it.each([
    ["t_realy", "t_relay"],
    ["t_relai", "t_relay"],
    ["T_RELAY", "t_relay"],
    ["is_methd", "is_method"],
    ["xlgo", "xlog"],
  ])("takes %s for %s", (word, meant) => {
    expect(didYouMean(word, functions)).toBe(meant);
  });

  it("has nothing to say about other words", () => {
    expect(didYouMean("record_route", functions)).toBeUndefined();
    expect(didYouMean("ab", ["cd", "ax"])).toBeUndefined();
    expect(didYouMean("xlog", ["xlog"])).toBeUndefined();
  });

  it("makes a line of help", () => {
    expect(suggestion("t_realy", functions)).toBe("did you mean t_relay?");
    expect(suggestion("zzz", functions)).toBeUndefined();
  });
});

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["abc", "acb", 1],
    ["abc", "ab", 1],
    ["abc", "axc", 1],
    ["kitten", "sitting", 3],
  ])("%s and %s are %i apart", (left, right, distance) => {
    expect(editDistance(left, right, 5)).toBe(distance);
  });

  it("gives up beyond its limit", () => {
    expect(editDistance("abcdef", "uvwxyz", 2)).toBe(3);
  });
});
