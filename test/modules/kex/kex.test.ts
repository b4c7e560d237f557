/** Flags of branches and statistics over RPC. */
import { describe, expect, it } from "vitest";
import type { RpcStruct } from "../../../src/runtime/module.ts";
import { testEngine } from "../../support/engine.ts";
import { request } from "../requests.ts";

const modules = 'loadmodule "kex"\nloadmodule "corex"\nloadmodule "pv"\nloadmodule "xlog"\n';

describe("flags of branches", () => {
  it("belong to the branch that is named", async () => {
    const net = await testEngine(
      `${modules}request_route {
        append_branch("sip:a@example.com");
        setbflag("2", "1");
        setbflag("0");
        xlog("L_ALERT", "$bf $branch(flags)");
        if (isbflagset("2", "1") && !isbflagset("2") && isbflagset("0")) xlog("L_ALERT", "as set");
        resetbflag("2", "1");
        xlog("L_ALERT", "$branch(flags)");
      }\n`,
    );
    await net.send(request());
    expect(net.script).toEqual(["1 4", "as set", "0"]);
    await net.stop();
  });
});

describe("statistics", () => {
  it("are listed, fetched and reset", async () => {
    const net = await testEngine(`${modules}request_route { exit; }\n`);
    await net.send(request());
    await net.send(request());
    expect(await net.rpc("stats.get_statistics", "rcv_requests")).toEqual([
      "core:rcv_requests = 2",
    ]);
    const [fetched] = (await net.rpc("stats.fetch", "core.rcv_requests")) as RpcStruct[];
    expect(fetched?.entries).toEqual([["core.rcv_requests", "2"]]);
    const [numbers] = (await net.rpc("stats.fetchn", "core:rcv_requests")) as RpcStruct[];
    expect(numbers?.entries).toEqual([["core.rcv_requests", 2]]);
    expect(
      ((await net.rpc("stats.fetch", "core:")) as RpcStruct[])[0]?.entries.length,
    ).toBeGreaterThan(5);
    await net.rpc("stats.reset_statistics", "rcv_requests");
    expect(await net.rpc("stats.get_statistics", "rcv_requests")).toEqual([
      "core:rcv_requests = 0",
    ]);
    expect(await net.rpc("stats.get_statistics", "nosuch")).toEqual([]);
    await net.stop();
  });
});
