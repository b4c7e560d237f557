/** Real configurations are spoilt in one place at a time: one finding, on the line that has to be mended. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allFindings } from "../../../src/dsl/check/check.ts";
import type { Diagnostic } from "../../../src/dsl/diagnostics/diagnostic.ts";
import { readConfig } from "../../../src/dsl/read.ts";
import { builtInCatalog } from "../../../src/modules/check-text.ts";
import { lineOf } from "./harness.ts";
import { type Mutant, sample, Site } from "./mutants/mutant.ts";
import { MUTATORS } from "./mutants/mutators.ts";

/** So many mutants of each kind from each configuration. */
const EACH = 4;
/** Share of the mutants that have to be named exactly; the rest can be read in more than one way. */
const SHARE = 0.95;

interface Config {
  readonly text: string;
  readonly defines: readonly string[];
}

const STOCK = "/etc/kamailio/kamailio.cfg";
const own = ["mutants/own.cfg", "../../../examples/kamailio.cfg", "../../../bench/bench.cfg"];

function configs(): Config[] {
  const list: Config[] = own.map((path) => ({
    text: readFileSync(new URL(path, import.meta.url), "utf8"),
    defines: [],
  }));
  if (!existsSync(STOCK)) return list;
  const text = readFileSync(STOCK, "utf8");
  const defines = ["WITH_NAT", "WITH_MYSQL", "WITH_AUTH", "WITH_USRLOCDB", "WITH_ACCDB"];
  list.push({ text, defines: [] }, { text, defines: [...defines, "WITH_ANTIFLOOD", "WITH_PSTN"] });
  return list;
}

const files = {
  read: () => undefined,
  resolve: (_: string, path: string) => [path],
  glob: () => [],
};
const catalog = builtInCatalog();

function findingsOf({ text, defines }: Config): Diagnostic[] {
  const read = readConfig({ text, name: "mutant.cfg" }, { defines, files });
  return allFindings(read, catalog, { advice: false });
}

/** What a mutant says beyond what is said about the good text (modules that are not built). */
function newFindings(config: Config, known: readonly Diagnostic[]): Diagnostic[] {
  const keys = known.map(keyOf);
  return findingsOf(config).filter((finding) => {
    const at = keys.indexOf(keyOf(finding));
    if (at >= 0) keys.splice(at, 1);
    return at < 0;
  });
}

function keyOf({ code, message }: Diagnostic): string {
  return `${code} ${message.replace(/\d+ more places?/, "")}`;
}

/** Whether the fault is named once and in its place; a slip after which the text is still good is none. */
function verdict(mutant: Mutant, config: Config, known: readonly Diagnostic[]): string {
  const found = newFindings({ ...config, text: mutant.text }, known);
  const [first, ...more] = found;
  if (first === undefined) return "harmless";
  if (more.length === 0 && mutant.lines.includes(lineOf(first))) return "named";
  const told = found.map((entry) => `${lineOf(entry)} ${entry.code}`).slice(0, 4);
  const line = mutant.text.split("\n")[(mutant.lines[0] ?? 1) - 1] ?? "";
  return `${mutant.lines.join("/")} ${line.trim()}: ${told.join(", ")}`;
}

const all = configs().map((config) => {
  const site = new Site(config.text, config.defines);
  return { config, site, known: findingsOf(config) };
});

const kinds = Object.entries(MUTATORS).flatMap(([group, mutators]) =>
  Object.entries(mutators).map(([name, mutator]) => [`${group}: ${name}`, mutator] as const),
);

describe("one slip in a good configuration", () => {
  it.each(kinds)("%s", (_, mutator) => {
    const verdicts = all.flatMap(({ config, site, known }, index) =>
      sample([...mutator(site)], EACH, 11 + index).map((mutant) => verdict(mutant, config, known)),
    );
    const faults = verdicts.filter((entry) => entry !== "harmless");
    const missed = faults.filter((entry) => entry !== "named");
    const allowed = Math.max(1, Math.floor(faults.length * (1 - SHARE)));
    expect(missed.length <= allowed ? [] : missed).toEqual([]);
  });

  it("is looked for in many places", () => {
    const counts = kinds.map(([, mutator]) =>
      all.reduce((sum, { site }) => sum + sample([...mutator(site)], EACH, 1).length, 0),
    );
    expect(kinds.filter((_, index) => counts[index] === 0).map(([title]) => title)).toEqual([]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(800);
  });
});
