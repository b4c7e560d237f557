/** What usrloc says about its configuration. */
import { describe, expect, it } from "vitest";
import { testEngine } from "../../support/engine.ts";

const config = (line: string) => `loadmodule "usrloc.so"\n${line}\nrequest_route { exit; }\n`;

describe("the start", () => {
  it.each([1, 2, 3, 4])("refuses db_mode %i without a database", async (mode) => {
    const text = config(`modparam("usrloc", "db_mode", ${mode})`);
    const net = await testEngine(text, { allowErrors: true });
    const found = net.engine.diagnostics.map((one) => `${one.severity} ${one.message}`);
    expect(found).toContainEqual(
      `error usrloc: db_mode ${mode} needs a database: set db_url, or use db_mode 0`,
    );
  });

  it("makes the tables that preload names", async () => {
    const net = await testEngine(config('modparam("usrloc", "preload", "aliases")'));
    expect(JSON.stringify(await net.rpc("ul.dump", "brief"))).toContain('["Domain","aliases"]');
    expect(net.engine.services.statistics.read("usrloc", "aliases_contacts")).toBe(0);
    await net.stop();
  });
});
