/** The examples of tm, tmx and sl compile, and run for a request. */
import { describe, expect, it } from "vitest";
import type { FunctionSpec } from "../../../src/dsl/catalog/spec.ts";
import { sl } from "../../../src/modules/sl/spec.ts";
import { tm } from "../../../src/modules/tm/spec.ts";
import { tmx } from "../../../src/modules/tmx/spec.ts";
import { testEngine } from "../../support/engine.ts";
import { config, request } from "./messages.ts";

const params = `loadmodule "siputils.so"
  modparam("tm", "contacts_avp", "contacts")
  modparam("tm", "contact_flows_avp", "flows")`;

function examplesOf(functions: Readonly<Record<string, FunctionSpec>>): [string, string][] {
  return Object.entries(functions).flatMap(([name, spec]) =>
    (spec.examples ?? []).map((text): [string, string] => [name, text]),
  );
}

describe.each([
  ["tm", tm.functions],
  ["tmx", tmx.functions],
  ["sl", sl.functions],
] as const)("%s", (_name, functions) => {
  it.each(examplesOf(functions))("%s: %s", async (_function, text) => {
    const e = await testEngine(config(params, `request_route { ${text} }`));
    await e.send(request("INVITE"));
    await e.advance(400_000);
    expect(e.log.lines.filter((line) => line.level < -1)).toEqual([]);
    expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0 }]);
    await e.stop();
  });
});

it("has an example for each function that can be called in request_route", () => {
  const all: Readonly<Record<string, FunctionSpec>>[] = [tm.functions, tmx.functions, sl.functions];
  const without = all.flatMap((functions) =>
    Object.entries(functions)
      .filter(([, spec]) => spec.implemented !== false && spec.routes.includes("request"))
      .filter(([, spec]) => (spec.examples ?? []).length === 0)
      .map(([name]) => name),
  );
  expect(without).toEqual(["t_branch_timeout", "t_branch_replied", "t_next_contact_flow"]);
});
