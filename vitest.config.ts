/** How the tests are run: everything but interop, which needs Debian's packages and is run by `npm run interop`. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/interop/**", "test/differential/**", "node_modules/**"],
    pool: "threads",
    testTimeout: 20_000,
    env: { TZ: "UTC" },
  },
});
