/** Every planted fault gives one finding, with its code, on the line that has to be mended; clean texts give none. */
import { describe, expect, it } from "vitest";
import { findings, lineOf, summary } from "./harness.ts";
import { argumentFaults } from "./planted/arguments.ts";
import { clean } from "./planted/clean.ts";
import { type Fault, markedLine } from "./planted/fault.ts";
import { globalFaults, moduleFaults } from "./planted/modules.ts";
import { names } from "./planted/names.ts";
import { routeFaults } from "./planted/routes.ts";
import { syntaxFaults } from "./planted/syntax.ts";

const groups: readonly (readonly [string, readonly Fault[]])[] = [
  ["names", names],
  ["arguments", argumentFaults],
  ["modules", moduleFaults],
  ["global parameters", globalFaults],
  ["routes", routeFaults],
  ["syntax", syntaxFaults],
];

describe.each(groups)("planted faults: %s", (_group, faults) => {
  it.each(faults.map((fault) => [fault.title, fault] as const))("%s", (_title, fault) => {
    const found = findings(fault.text);
    expect(found.map((finding) => `${lineOf(finding)} ${finding.code}`)).toEqual([
      `${markedLine(fault.text)} ${fault.code}`,
    ]);
  });
});

describe("clean configurations", () => {
  it.each(clean)("%s", (_title, text) => {
    expect(findings(text).map(summary)).toEqual([]);
  });
});
