/** The settings of V8's collector. */
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { growthFlag, threadFlags } from "../../src/cli/collector.ts";

it("are settings that this V8 has, and that are on by default", () => {
  const { stdout } = spawnSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  const lines = stdout.replaceAll(/\n +type:/g, " type:").split("\n");
  for (const flag of threadFlags) {
    const name = flag.replace("--no-", "--");
    const line = lines.find((one) => one.trim().startsWith(`${name} (`));
    expect(line, name).toMatch(/default: (?:--[\w-]+|true)$/);
    expect(line).not.toContain("default: --no-");
  }
});

it("let the heap grow, by a setting that this V8 has", () => {
  const { stdout } = spawnSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  const [name = ""] = growthFlag.split("=");
  expect(stdout).toMatch(new RegExp(`^ *${name} \\(`, "m"));
});
