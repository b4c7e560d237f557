/** What the operator sees: each file in `test/golden` begins with what is said about it. `UPDATE_GOLDEN=1` rewrites it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../../src/dsl/check/check.ts";
import { renderFrame } from "../../../src/dsl/diagnostics/render.ts";
import { readConfig } from "../../../src/dsl/read.ts";
import { testCatalog } from "./catalog.ts";

const folder = new URL("../../golden/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".cfg"));

/** The configuration without the comment lines that it begins with. */
function bodyOf(text: string): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => !/^#(?!!)/.test(line));
  return lines.slice(first).join("\n");
}

/** The findings as comment lines. */
function said(text: string): string[] {
  const read = readConfig({ text, name: "kamailio.cfg" });
  const found = [...read.diagnostics, ...checkConfig(read, testCatalog)];
  const frames = found.map((finding) => renderFrame(finding)).join("\n");
  return frames.split("\n").map((line) => `# ${line}`.trimEnd());
}

/** The body with what is said about the whole in front; lines are counted in the whole, hence the second turn. */
function complete(body: string): string {
  let head = said(body);
  for (let turn = 0; turn < 3; turn++) head = said(`${head.join("\n")}\n${body}`);
  return `${head.join("\n")}\n${body}`;
}

describe("golden diagnostics", () => {
  it("has files", () => {
    expect(files.length).toBeGreaterThan(5);
  });

  it.each(files)("%s", (name) => {
    const url = new URL(name, folder);
    const text = readFileSync(url, "utf8");
    const expected = complete(bodyOf(text));
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(url, expected);
    else expect(text).toBe(expected);
  });
});
