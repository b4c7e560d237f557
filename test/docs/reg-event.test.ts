/** docs/reg-event.md: fresh in the tree, and every row held by a test. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { regEventRows } from "../../scripts/reg-event-rows.ts";
import { findRowTests, regEventPage } from "../../scripts/reg-event.ts";

const root = resolve(import.meta.dirname, "../..");
const tests = findRowTests(root);

describe("docs/reg-event.md", () => {
  it("is what `npm run docs` makes", () => {
    expect(readFileSync(join(root, "docs/reg-event.md"), "utf8")).toBe(regEventPage(tests));
  });

  it.each(regEventRows.map((one) => [one.row, one.behaviour]))("has a test for %i: %s", (row) => {
    expect(tests.filter((one) => one.row === row && one.name !== "")).not.toEqual([]);
  });

  it("has each row once, in order, and no test names another", () => {
    const rows = regEventRows.map((one) => one.row);
    expect(rows).toEqual(Array.from({ length: 42 }, (_all, i) => i + 1));
    expect(tests.filter((one) => !rows.includes(one.row))).toEqual([]);
  });
});
