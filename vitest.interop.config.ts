/** How the interop suite is run: real peers on loopback and what takes long, one file after the other. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "test/interop/**/*.test.ts",
      "test/differential/**/*.test.ts",
      // The unit tests run a share of its cases.
      "test/fuzz/reg-event.test.ts",
    ],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { TZ: "UTC", REG_EVENT_CASES: "200000" },
  },
});
