/** Settings read and changed while the engine runs. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RpcStruct } from "../../../src/runtime/module.ts";
import { type TestEngine, testEngine } from "../../support/engine.ts";
import { request } from "../tm/messages.ts";

let engine: TestEngine;

beforeEach(async () => {
  engine = await testEngine(`
    debug=1
    pbx.limit = 7 desc "calls at once"
    pbx.name = "north"
    loadmodule "tm"
    loadmodule "sl"
    loadmodule "pv"
    loadmodule "xlog"
    loadmodule "cfg_rpc"
    modparam("tm", "fr_timer", 4000)
    request_route {
      xlog("L_INFO", "limit $sel(cfg_get.pbx.limit) name $sel(cfg_get.pbx.name)\\n");
      xlog("L_ERR", "limit $sel(cfg_get.pbx.limit) name $sel(cfg_get.pbx.name)\\n");
      t_relay();
    }`);
});
afterEach(() => engine.stop());

const call = (command: string, ...params: (string | number)[]): Promise<unknown> =>
  engine.rpc(command, ...params);

async function valueOf(group: string, name: string): Promise<unknown> {
  return ((await call("cfg.get", group, name)) as unknown[])[0];
}

describe("settings", () => {
  it("are those of the core, of modules and of the configuration", async () => {
    const all = (await call("cfg.list")) as string[];
    expect(all).toEqual(
      expect.arrayContaining(["core: debug", "tm: fr_timer", "pbx: limit", "pbx: name"]),
    );
    expect(await call("cfg.list", "pbx")).toEqual(["pbx: limit", "pbx: name"]);
    expect(await call("cfg.get", "pbx")).toEqual([
      new RpcStruct().add("limit", 7).add("name", "north"),
    ]);
    expect(await valueOf("tm", "fr_timer")).toBe(4000);
  });

  it("of the configuration change what the script reads", async () => {
    await engine.send(request("OPTIONS"));
    await call("cfg.seti", "pbx", "limit", 8);
    await call("cfg.sets", "pbx", "name", "south");
    await engine.send(request("OPTIONS", { branch: "z9hG4bKnext" }));
    expect(engine.script).toEqual(["limit 7 name north", "limit 8 name south"]);
  });

  it("of modules work from then on", async () => {
    await call("cfg.set_now_int", "tm", "fr_timer", 1000);
    await engine.send(request("OPTIONS"));
    const sent = await engine.advance(1100);
    expect(sent.map((one) => one.line)).toContain("SIP/2.0 408 Request Timeout");
  });

  it("of the core work from then on", async () => {
    await call("cfg.set", "core", "debug", 2);
    await engine.send(request("OPTIONS"));
    expect(engine.script).toHaveLength(2);
  });

  it("have a description and a type", async () => {
    const [doc, type] = (await call("cfg.help", "tm", "fr_timer")) as string[];
    expect(doc).not.toBe("");
    expect(type).toBe("(parameter type is integer)");
  });

  it("go back to what the configuration says", async () => {
    await call("cfg.seti", "pbx", "limit", 8);
    await call("cfg.sets", "pbx", "name", "south");
    await call("cfg.reset", "pbx");
    expect([await valueOf("pbx", "limit"), await valueOf("pbx", "name")]).toEqual([7, "north"]);
  });
});

describe("prepared changes", () => {
  it("are made together", async () => {
    await call("cfg.set_delayed_int", "pbx", "limit", 9);
    await call("cfg.set_delayed_string", "pbx", "name", "east");
    await call("cfg.set_delayed", "pbx", "limit", 10);
    expect(await valueOf("pbx", "limit")).toBe(7);
    expect(await call("cfg.diff")).toEqual([
      change("pbx", "name", "north", "east"),
      change("pbx", "limit", 7, 10),
    ]);
    await call("cfg.commit");
    expect([await valueOf("pbx", "limit"), await valueOf("pbx", "name")]).toEqual([10, "east"]);
    expect(await call("cfg.diff")).toEqual([]);
  });

  it("can be forgotten", async () => {
    await call("cfg.set_delayed_int", "pbx", "limit", 9);
    await call("cfg.rollback");
    await call("cfg.commit");
    expect(await valueOf("pbx", "limit")).toBe(7);
  });
});

function change(
  group: string,
  name: string,
  before: string | number,
  after: string | number,
): RpcStruct {
  return new RpcStruct()
    .add("group name", group)
    .add("variable name", name)
    .add("old value", before)
    .add("new value", after);
}

describe("what is refused", () => {
  it.each<[string, (string | number)[], RegExp]>([
    ["cfg.get", ["nope"], /no such group/],
    ["cfg.get", ["tm", "nope"], /no such setting/],
    ["cfg.help", ["tm", "nope"], /no such setting/],
    ["cfg.reset", ["nope"], /no such group/],
    ["cfg.seti", ["nope", "x", 1], /no such group/],
    ["cfg.seti", ["core", "debug", "xx"], /is an integer/],
    ["cfg.seti", ["core", "debug", ""], /is an integer/],
    ["cfg.seti", ["core", "debug", 1.5], /is an integer/],
    ["cfg.seti", ["core", "debug"], /value is missing/],
    ["cfg.seti", ["pbx", "name", 1], /is a text/],
    ["cfg.sets", ["pbx", "limit", "8"], /is an integer/],
    ["cfg.set_delayed_int", ["tm", "fr_timer", -1], /the least is/],
  ])("%s %j", async (command, params, says) => {
    await expect(call(command, ...params)).rejects.toMatchObject({ code: 400 });
    await expect(call(command, ...params)).rejects.toThrow(says);
  });
});
