/** The settings of V8 for one core. */
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { threadFlags } from "../../src/cli/one-core.ts";

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
