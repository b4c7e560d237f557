/** Counters of the script, and the commands that read all counters. */
import { afterEach, describe, expect, it } from "vitest";
import { parseDeclaration } from "../../../src/modules/counters/index.ts";
import { RpcStruct } from "../../../src/runtime/module.ts";
import { type TestEngine, testEngine } from "../../support/engine.ts";
import { request } from "../tm/messages.ts";

describe("declarations", () => {
  it.each([
    ["foo", "script", "foo", "custom script counter."],
    ["test.bar", "test", "bar", "custom script counter."],
    ["baz example counter", "script", "baz", "example counter"],
    ["test.x:another example", "test", "x", "another example"],
    ["out.reqs  forwarded requests", "out", "reqs", "forwarded requests"],
  ])("%s", (text, group, name, doc) => {
    expect(parseDeclaration(text, "script")).toEqual({ group, name, doc });
  });

  it.each(["", " ", ".x", ":x"])("%j is none", (text) => {
    expect(parseDeclaration(text, "script")).toBeUndefined();
  });
});

describe("counters of the script", () => {
  let engine: TestEngine;
  afterEach(() => engine.stop());

  async function start(routes: string, params = ""): Promise<TestEngine> {
    engine = await testEngine(`
      loadmodule "counters"
      loadmodule "pv"
      modparam("counters", "script_counter", "reqs some requests")
      modparam("counters", "script_counter", "out.reqs:forwarded")
      modparam("counters", "script_counter", "app.reqs some requests")
      modparam("counters", "script_counter", "app.plain")
      ${params}
      request_route { ${routes} }`);
    return engine;
  }

  it("are counted, added to and set back", async () => {
    await start(`cnt_inc("reqs"); cnt_add("out.reqs", 5); cnt_add("out.reqs", "$cs");
      if ($cs == 3) cnt_reset("script.reqs");`);
    await engine.send(request("OPTIONS", { cseq: 1 }));
    await engine.send(request("OPTIONS", { cseq: 2 }));
    expect(await engine.rpc("cnt.get", "script", "reqs")).toEqual([2]);
    expect(await engine.rpc("cnt.get", "out", "reqs")).toEqual([13]);
    await engine.send(request("OPTIONS", { cseq: 3 }));
    expect(await engine.rpc("cnt.get", "script", "reqs")).toEqual([0]);
  });

  it("are in the group of script_cnt_grp_name without one of their own", async () => {
    await start(
      `cnt_inc("reqs"); cnt_inc("mine.reqs");`,
      `
      modparam("counters", "script_cnt_grp_name", "mine")`,
    );
    await engine.send(request("OPTIONS"));
    expect(await engine.rpc("cnt.get", "mine", "reqs")).toEqual([2]);
  });

  it("are listed by group and name", async () => {
    await start(`cnt_inc("app.reqs");`);
    await engine.send(request("OPTIONS"));
    const groups = (await engine.rpc("cnt.list_groups")) as string[];
    expect(groups).toEqual([...groups].sort());
    expect(groups).toEqual(expect.arrayContaining(["app", "core", "out", "script"]));
    expect(await engine.rpc("cnt.grps_list")).toEqual(groups);
    expect(await engine.rpc("cnt.list_vars", "app")).toEqual(["plain", "reqs"]);
    expect(await engine.rpc("cnt.var_list", "app")).toEqual(["plain", "reqs"]);
    const all = [new RpcStruct().add("plain", 0).add("reqs", 1)];
    expect(await engine.rpc("cnt.get_vars", "app")).toEqual(all);
    expect(await engine.rpc("cnt.grp_get_all", "app")).toEqual(all);
    expect(await engine.rpc("cnt.get", "app")).toEqual(all);
    expect(await engine.rpc("cnt.help", "app", "reqs")).toEqual(["some requests"]);
    expect(await engine.rpc("cnt.help", "app", "plain")).toEqual(["custom script counter."]);
  });

  it("are set back by command", async () => {
    await start(`cnt_inc("reqs");`);
    await engine.send(request("OPTIONS"));
    expect(await engine.rpc("cnt.reset", "script", "reqs")).toEqual([]);
    expect(await engine.rpc("cnt.get", "script", "reqs")).toEqual([0]);
  });

  it("of unknown groups are none, unknown ones an error", async () => {
    await start("drop;");
    expect(await engine.rpc("cnt.list_vars", "nope")).toEqual([]);
    expect(await engine.rpc("cnt.get_vars", "nope")).toEqual([new RpcStruct()]);
    for (const command of ["cnt.get", "cnt.reset", "cnt.help"])
      await expect(engine.rpc(command, "x", "y")).rejects.toMatchObject({
        code: 400,
        message: "non-existent counter x.y",
      });
  });

  it("that are not declared are refused at the start", async () => {
    await expect(start(`cnt_inc("nope");`)).rejects.toThrow(/no counter "script.nope"/);
    await expect(start("drop;", `modparam("counters", "script_counter", ".")`)).rejects.toThrow(
      /not of the form/,
    );
  });
});
