/** JSON-RPC requests: what is run and what is answered. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type JsonReply, runJson, wholeBody } from "../../../src/modules/jsonrpcs/requests.ts";
import { RpcRegistry } from "../../../src/runtime/rpc.ts";
import { request } from "../tm/messages.ts";
import { type TestEngine, testEngine } from "../../support/engine.ts";

const rpc = new RpcRegistry();
rpc.add("list", "", (params) => ({ values: [[...params]] }));
rpc.add("one", "", () => ({ values: ["x"] }));
rpc.add("two", "", () => ({ values: ["x", 2] }));
rpc.add("none", "", () => ({ values: [] }));
rpc.add("stream", "", () => ["a", "b"]);
rpc.add("broken", "", () => {
  throw new TypeError("surprise");
});

/** Documents come as bytes. */
function run(document: unknown): Promise<JsonReply> {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return runJson(rpc, Buffer.from(text).toString("latin1"), false);
}

async function answer(document: unknown): Promise<unknown> {
  return JSON.parse(await wholeBody(await run(document)));
}

describe("JSON-RPC", () => {
  it.each([
    ["one", "x"],
    ["two", ["x", 2]],
    ["none", {}],
    ["list", []],
    ["stream", ["a", "b"]],
  ])("%s gives %j", async (method, result) => {
    const expected = { jsonrpc: "2.0", result, id: 7 };
    expect(await answer({ jsonrpc: "2.0", method, id: 7 })).toEqual(expected);
  });

  it.each([
    [
      ["a b", 5, 1.5, true, false],
      ["a b", 5, 1.5, 1, 0],
    ],
    [{ state: "ip", group: 2 }, ["ip", 2]],
    [undefined, []],
    [["Zoë"], ["Zoë"]],
  ])("parameters %j are %j", async (params, result) => {
    expect(await answer({ jsonrpc: "2.0", method: "list", params })).toEqual({
      jsonrpc: "2.0",
      result,
    });
  });

  it.each([[[null]], [[[1]]], [{ a: { b: 1 } }], ["x"], [5]])(
    "parameters %j are refused",
    async (params) => {
      const reply = await answer({ jsonrpc: "2.0", method: "list", params, id: 1 });
      expect(reply).toMatchObject({ error: { code: -32602 }, id: 1 });
    },
  );

  it.each([["abc"], [null], [1.5], [0]])("the id %j comes back", async (id) => {
    expect(await answer({ jsonrpc: "2.0", method: "one", id })).toHaveProperty("id", id);
  });

  it("errors have their code and message", async () => {
    const unknown = { jsonrpc: "2.0", method: "nope", id: 1 };
    expect(await answer(unknown)).toEqual({
      jsonrpc: "2.0",
      error: { code: 500, message: "command nope not found" },
      id: 1,
    });
    expect(await answer({ jsonrpc: "2.0", method: "broken", id: 1 })).toMatchObject({
      error: { code: 500, message: "internal error: surprise" },
    });
  });

  it.each([
    ["junk", -32700],
    ["", -32700],
    ["[]", -32600],
    ["5", -32600],
    ['{"jsonrpc": "2.0"}', -32600],
    ['{"method": 5}', -32600],
  ])("%s is no request", async (document, code) => {
    const reply = await run(document);
    expect(reply.isRequest).toBe(false);
    expect(JSON.parse(await wholeBody(reply))).toMatchObject({ error: { code } });
  });

  it("the name of the FIFO for the reply is kept, also with an error", async () => {
    const reply = await run({ method: "nope", reply_name: "r" });
    expect(reply.replyName).toBe("r");
  });
});

describe("jsonrpc_exec()", () => {
  let engine: TestEngine;

  beforeEach(async () => {
    engine = await testEngine(`
      loadmodule "jsonrpcs"
      loadmodule "pv"
      loadmodule "xlog"
      modparam("jsonrpcs", "transport", 4)
      modparam("jsonrpcs", "dgram_socket", "")
      modparam("jsonrpcs", "pretty_format", 0)
      request_route {
        xlog("L_ERR", "before $jsonrpl(code)\\n");
        $var(rc) = jsonrpc_exec('{"jsonrpc": "2.0", "method": "core.echo", "params": ["$rU"], "id": 1}');
        xlog("L_ERR", "$var(rc) $jsonrpl(code) $jsonrpl(text) $jsonrpl(body)\\n");
        $var(rc) = jsonrpc_exec('{"jsonrpc": "2.0", "method": "core.nope", "id": 1}');
        xlog("L_ERR", "$var(rc) $jsonrpl(code) $jsonrpl(text)\\n");
        $var(rc) = jsonrpc_exec('junk');
        xlog("L_ERR", "$var(rc) $jsonrpl(code)\\n");
      }`);
  });
  afterEach(() => engine.stop());

  it("leaves its answer in $jsonrpl", async () => {
    await engine.send(request("OPTIONS"));
    expect(engine.script).toEqual([
      "before <null>",
      '1 200 OK {"jsonrpc":"2.0","result":["b"],"id":1}',
      "1 500 command core.nope not found",
      "-1 -32700",
    ]);
  });
});
