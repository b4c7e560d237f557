/** The parameter `workers`, and what is refused with several of them. */
import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../../src/modules/create-engine.ts";
import type { EngineOptions } from "../../../src/runtime/engine-options.ts";
import { MemoryLog } from "../../../src/runtime/log.ts";
import { WorkerGroup } from "../../../src/runtime/workers/group.ts";
import type { WorkerPlaces } from "../../../src/runtime/workers/place.ts";

const places: WorkerPlaces = (settings) => ({
  group: new WorkerGroup({ index: 0, key: "settings", ...settings }),
  inherited: null,
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
});

async function findings(configText: string, options: Partial<EngineOptions> = {}) {
  const engine = await createEngine({ configText, workers: places, ...options });
  await engine.stop();
  return { found: engine.diagnostics.map(({ code, message }) => `${code} ${message}`), engine };
}

describe("workers", () => {
  it.each([
    ["3", 3],
    ["64", 64],
    ['"2"', 2],
    ["auto", availableParallelism()],
  ])("may be %s", async (value, count) => {
    const { found, engine } = await findings(`workers=${value}\nrequest_route { exit; }`);
    expect(found).toEqual([]);
    expect(engine.services.workers?.count ?? 1).toBe(count);
  });

  it.each(["0", "65", "many"])("cannot be %s", async (value) => {
    const { found } = await findings(`workers=${value}\nrequest_route { exit; }`);
    expect(found).toEqual([`E525 workers must be a number from 1 to 64 or auto, not ${value}`]);
  });

  it("are none where the program runs one event loop, which is logged", async () => {
    const log = new MemoryLog();
    const { engine } = await findings("workers=2\nrequest_route { exit; }", {
      workers: () => null,
      log,
    });
    expect(engine.services.workers).toBeNull();
    expect(log.lines.map(({ text }) => text)).toContain(
      "workers has no effect here: this program runs one event loop",
    );
  });
});

const modules = `
  loadmodule "tm.so"
  loadmodule "sl.so"
  loadmodule "usrloc.so"
  loadmodule "registrar.so"
  loadmodule "reginfo.so"
`;

describe("with several workers", () => {
  it("onsend_route must not ask another one, also through a route that it calls", async () => {
    const routes =
      "request_route { exit; } onsend_route { route(X); }" +
      ' route[X] { if (registered("location")) exit; }';
    const { found } = await findings(`workers=2\n${modules}\n${routes}`);
    expect(found.filter((one) => one.startsWith("E"))).toEqual([
      "E525 onsend_route calls a function that may have to ask another worker: with several workers it cannot",
    ]);
    const { found: alone } = await findings(`workers=1\n${modules}\n${routes}`);
    expect(alone.filter((one) => one.startsWith("E"))).toEqual([]);
  });

  it("whole domains cannot be watched", async () => {
    const config = `${modules}\nmodparam("reginfo", "domain_resource", "all")\nrequest_route { exit; }`;
    const { found } = await findings(`workers=2\n${config}`);
    expect(found.join()).toContain("E521 reginfo: domain_resource needs workers=1");
    const { found: alone } = await findings(config);
    expect(alone.join()).not.toContain("E521");
  });
});
