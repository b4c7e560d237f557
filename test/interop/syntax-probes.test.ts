/** Asks the installed Kamailio whether the recorded verdicts on the probes still hold. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { PROBE_FOLDER, readProbes } from "../dsl/syntax/probes.ts";

const isInstalled = spawnSync("kamailio", ["-v"]).status === 0;

describe.skipIf(!isInstalled)("kamailio -c", () => {
  const folder = mkdtempSync(join(tmpdir(), "probes-"));
  const file = join(folder, "probe.cfg");
  copyFileSync(fileURLToPath(new URL("part.kcfg", PROBE_FOLDER)), join(folder, "part.kcfg"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("says what is written down", () => {
    const wrong: string[] = [];
    for (const probe of readProbes()) {
      writeFileSync(file, probe.text);
      const { status } = spawnSync("kamailio", ["-c", "-f", file], {
        timeout: 10_000,
        cwd: folder,
      });
      if ((status === 0) !== probe.isAccepted) wrong.push(probe.name);
    }
    expect(wrong).toEqual([]);
  });
});
