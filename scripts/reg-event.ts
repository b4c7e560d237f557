/** Makes docs/reg-event.md from its rows and the names of the tests that hold them. */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { type RegEventRow, regEventRows } from "./reg-event-rows.ts";

/** A test or a group of tests that names a row. */
export interface RowTest {
  readonly row: number;
  readonly name: string;
  /** From the root of the project, with slashes. */
  readonly file: string;
}

/** Names like `row 7: does so`, `row 7, row 8: do so`. */
const NAMED = /["`]((?:row \d+(?:, )?)+)(?:: ([^"`]*))?["`]/g;

/** All tests below `test` that name rows, by file and place. */
export function findRowTests(root: string): RowTest[] {
  const found: RowTest[] = [];
  const folder = join(root, "test");
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const name of names.filter((one) => one.endsWith(".test.ts")).sort()) {
    const path = join(folder, name);
    const file = relative(root, path).split(sep).join("/");
    const text = readFileSync(path, "utf8");
    for (const match of text.matchAll(NAMED)) {
      const [, rows = "", rest = ""] = match;
      const group = groupBefore(text.slice(0, match.index));
      const said = group === undefined ? rest : `${group}: ${rest}`;
      for (const [, row] of rows.matchAll(/row (\d+)/g)) {
        found.push({ row: Number(row), name: said.trim(), file });
      }
    }
  }
  return found;
}

/** The title of the group that a test stands in; undefined for a group itself. */
function groupBefore(text: string): string | undefined {
  if (/describe\(\s*$/.test(text)) return undefined;
  return [...text.matchAll(/^describe\(\s*"([^"]*)"/gm)].at(-1)?.[1];
}

/** The page. */
export function regEventPage(tests: readonly RowTest[]): string {
  const lines = [
    "# The registration event package",
    "",
    "What olelo does as notifier (`reginfo`, `presence` with `presence_reginfo`), as publisher and as subscriber (`pua_reginfo`) of the",
    "event package `reg` (RFC 3680), and the tests that hold it. Made by `npm run docs` from `scripts/reg-event-rows.ts` and the names",
    "of the tests; `%s` in a name stands for several cases.",
    "",
    "| row | behaviour | standard | what olelo does | tests |",
    "| --- | --- | --- | --- | --- |",
    ...regEventRows.map((row) => line(row, tests)),
  ];
  return `${lines.join("\n")}\n`;
}

function line(row: RegEventRow, tests: readonly RowTest[]): string {
  const names = new Map<string, string[]>();
  for (const test of tests) {
    if (test.row !== row.row) continue;
    names.set(test.file, [...(names.get(test.file) ?? []), test.name]);
  }
  const held = [...names].map(([file, list]) => {
    const short = file.replace(/^test\//, "").replace(/\.test\.ts$/, "");
    return `[${short}](../${file}): ${list.join("; ").replaceAll("|", "\\|")}`;
  });
  const cells = [row.row, row.behaviour, row.standard, row.olelo, held.join("<br>")];
  return `| ${cells.join(" | ")} |`;
}
