/** How the tests are run: everything but interop, which needs Debian's packages and is run by `npm run interop`. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Modules of the user import the package by its name; here that is the source, so that nothing needs to be built.
  resolve: {
    alias: [
      { find: /^olelo$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/interop/**", "test/differential/**", "node_modules/**"],
    pool: "threads",
    testTimeout: 20_000,
    env: { TZ: "UTC" },
  },
});
