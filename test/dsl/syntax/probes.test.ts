/** Every probe gets the verdict that is written down for it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/dsl/read.ts";
import type { FileReader } from "../../../src/dsl/preprocess/result.ts";
import { PROBE_FOLDER, readProbes } from "./probes.ts";

const files: FileReader = {
  resolve: (_, relative) => [fileURLToPath(new URL(relative, PROBE_FOLDER))],
  glob: () => [],
  read: (path) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
};

describe("probes of the grammar", () => {
  const probes = readProbes();

  it("are many", () => {
    expect(probes.length).toBeGreaterThan(350);
  });

  it.each(probes.map((probe) => [probe.name, probe] as const))("%s", (_, probe) => {
    const { diagnostics } = readConfig(
      { text: probe.text, name: "probe.cfg" },
      { files, environment: (name) => (name === "HOME" ? "/root" : undefined) },
    );
    const errors = diagnostics.filter((entry) => entry.severity === "error");
    const seen = errors.map((entry) => `${entry.code} ${entry.message}`);
    if (probe.isAcceptedHere) expect(seen).toEqual([]);
    else expect(seen).not.toEqual([]);
  });
});
