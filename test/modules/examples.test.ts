/** Every example of every function is compiled in a configuration that loads its module. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FunctionSpec, ModuleSpec, RouteScope } from "../../src/dsl/catalog/spec.ts";
import { createEngine } from "../../src/modules/create-engine.ts";
import { core } from "../../src/modules/core/spec.ts";
import { moduleDefinitions } from "../../src/modules/all.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import { MemoryNetwork } from "../../src/runtime/memory-network.ts";

interface Example {
  readonly module: ModuleSpec;
  readonly name: string;
  readonly text: string;
  readonly spec: FunctionSpec;
}

const specs: ModuleSpec[] = [core, ...moduleDefinitions.map(({ spec }) => spec)];
const examples: Example[] = specs.flatMap((module) =>
  Object.entries(module.functions ?? {}).flatMap(([name, spec]) =>
    (spec.examples ?? []).map((text) => ({ module, name, text, spec })),
  ),
);

/** What examples need beside the module itself. */
const settings: Readonly<Record<string, string>> = {
  counters: `
    modparam("counters", "script_counter", "reqs")
    modparam("counters", "script_counter", "reqs10")`,
  msilo: `
    loadmodule "db_sqlite"
    modparam("msilo", "db_url", "sqlite:////nowhere/messages.db")`,
  pua_reginfo: `
    modparam("pua_reginfo", "default_domain", "example.com")
    modparam("pua_reginfo", "server_address", "sip:registrar@example.com")`,
};

/** The modules that come before it, each once, in an order that serves their own needs. */
function needed(spec: ModuleSpec, found = new Set<string>()): Set<string> {
  for (const [name, other] of Object.entries({ ...spec.needs, ...spec.uses })) {
    needed(other, found);
    found.add(name);
  }
  return found;
}

const blocks: Readonly<Partial<Record<RouteScope, string>>> = {
  any: "request_route",
  request: "request_route",
  failure: "failure_route[EXAMPLE]",
  reply: "onreply_route[EXAMPLE]",
  branch: "branch_route[EXAMPLE]",
  onsend: "onsend_route",
  event: "event_route[tm:local-request]",
  local: "event_route[tm:local-request]",
};

function configOf({ module, text, spec }: Example): string {
  const modules = new Set([...needed(module), ...helpers, module.name]);
  modules.delete("core");
  const [scope = "any"] = spec.routes.includes("request") ? ["request" as const] : spec.routes;
  const block = blocks[scope] ?? "request_route";
  const other = block === "request_route" ? "" : "request_route { drop; }";
  return [
    "listen=udp:10.0.0.100:5060",
    ...[...modules].map((name) => `loadmodule "${name}"`),
    ...Object.entries(settings)
      .filter(([name]) => modules.has(name))
      .map(([, lines]) => lines),
    other,
    `${block} { ${text} }`,
    ...routesNamedIn(text, spec),
  ].join("\n");
}

/** Modules whose variables and functions examples use beside their own. */
const helpers = ["tm", "sl", "pv", "textops", "siputils", "xlog"];

/** Route blocks for the names that an example gives. */
function routesNamedIn(text: string, spec: FunctionSpec): string[] {
  const args = spec.forms === undefined ? (spec.args ?? []) : Object.values(spec.forms).flat();
  const named = args.filter((arg) => arg.kind === "route");
  const names = [...text.matchAll(/"(\w+)"/g)].map((match) => match[1] ?? "");
  const kinds = { failure: "failure_route", reply: "onreply_route", branch: "branch_route" };
  return named.flatMap((arg) =>
    names
      .filter((name) => !/^\d+$/.test(name))
      .map((name) => {
        if (arg.of === "event") return `event_route[${arg.prefix ?? ""}${name}] { drop; }`;
        const kind = arg.of === undefined || arg.of === "request" ? "route" : kinds[arg.of];
        return `${kind}[${name}] { drop; }`;
      }),
  );
}

describe("examples", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "olelo-examples-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(examples.map((one) => [one.module.name, one.text, one] as const))(
    "%s: %s",
    async (_module, _text, example) => {
      const clock = new VirtualClock();
      const engine = await createEngine({
        configText: configOf(example),
        transport: new MemoryNetwork(clock).transport(),
        clock,
        runDirectory: folder,
      });
      const errors = engine.diagnostics.filter((one) => one.severity === "error");
      expect(errors.map((one) => `${one.code} ${one.message}`)).toEqual([]);
    },
  );

  it("call the function that they are about", () => {
    // Functions of the core have several names and share their examples.
    const wrong = examples.filter(({ module, name, text }) => {
      return module.name !== "core" && !text.includes(name);
    });
    expect(wrong.map((one) => one.text)).toEqual([]);
  });

  it("are given, or left out on purpose, for every function of a module", () => {
    const lacking = moduleDefinitions.flatMap(({ spec: module }) =>
      Object.entries(module.functions ?? {})
        .filter(([, spec]) => spec.implemented !== false && spec.examples === undefined)
        .map(([name]) => `${module.name}: ${name}`),
    );
    expect(lacking).toEqual([]);
  });
});
