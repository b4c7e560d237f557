/** examples/own-module: a module of the user, loaded from its file. */
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestEngine, testEngine } from "../support/engine.ts";
import { request } from "../modules/tm/messages.ts";

const folder = resolve(import.meta.dirname, "../../examples/own-module");

describe("examples/own-module", () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await testEngine(undefined, {
      configPath: resolve(folder, "kamailio.cfg"),
      listen: ["udp:10.0.0.100:5060"],
    });
  });
  afterEach(() => engine.stop());

  it("is clean", () => {
    expect(engine.engine.diagnostics.map((one) => one.message)).toEqual([]);
  });

  it("greets and counts", async () => {
    const [first] = await engine.send(request("OPTIONS"));
    expect(first?.line).toBe("SIP/2.0 200 Greeted 1");
    expect(first?.header("Subject")).toBe("Aloha a!");
    const [second] = await engine.send(request("OPTIONS", { branch: "z9hG4bK2" }));
    expect(second?.line).toBe("SIP/2.0 200 Greeted 2");
  });
});

describe("a configuration that uses it wrongly", () => {
  const start = (statement: string): Promise<TestEngine> =>
    testEngine(`loadmodule "${folder}/greeting.js"\nrequest_route { ${statement} }`, {
      allowErrors: true,
    });

  it.each([
    ["greet();", /greet/],
    ['greet("a", "b", "c");', /greet/],
    ['gret("a");', /greet/],
    ["$greeted = 5;", /greeted/],
  ])("%s is told what it declares", async (statement, says) => {
    const { engine } = await start(statement);
    expect(engine.hasErrors).toBe(true);
    expect(engine.diagnostics.map((one) => `${one.message} ${one.help ?? ""}`).join()).toMatch(
      says,
    );
  });
});
