/** Branches, sockets, data and files. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { subdomainCheck } from "../../../src/modules/corex/subdomains.ts";
import type { RpcStruct } from "../../../src/runtime/module.ts";
import { testEngine } from "../../support/engine.ts";
import { request } from "../requests.ts";

const modules = 'loadmodule "corex"\nloadmodule "kex"\nloadmodule "pv"\nloadmodule "xlog"\n';

async function run(statements: string, globals = "") {
  const net = await testEngine(`${modules}${globals}request_route { ${statements} }\n`);
  const sent = await net.send(request());
  await net.stop();
  return { log: net.script, sent };
}

describe("append_branch", () => {
  it("takes the Request-URI with its next hop when no URI is given", async () => {
    const { log } = await run(
      '$ru = "sip:x@y"; $du = "sip:hop"; append_branch(); xlog("L_ALERT", "$branch(uri) $branch(dst_uri)");',
    );
    expect(log).toEqual(["sip:x@y sip:hop"]);
  });
  it("takes a preference", async () => {
    const { log } = await run('append_branch("sip:x@y", "0.7"); xlog("L_ALERT", "$bR");');
    expect(log).toEqual(["<sip:x@y>;q=0.7"]);
  });
});

describe("$cfg", () => {
  it("tells the line of each place, inside texts too", async () => {
    const { log } = await run(
      '$var(a) = $cfg(line);\n$var(b) = $cfg(line);\nxlog("L_ALERT", "$var(a) $var(b) $cfg(line)");\nxlog("L_ALERT", "$cfg(line)");',
    );
    expect(log).toEqual(["5 6 7", "8"]);
  });
  it("tells the route", async () => {
    const net = await testEngine(
      `${modules}request_route { xlog("L_ALERT", "$cfg(route)"); route(SUB); }\nroute[SUB] { xlog("L_ALERT", "$cfg(route)"); }\n`,
    );
    await net.send(request());
    await net.stop();
    expect(net.script).toEqual(["DEFAULT_ROUTE", "SUB"]);
  });
});

describe("corex.list_sockets", () => {
  it("shows each socket with its name and what it advertises", async () => {
    const net = await testEngine(
      `${modules}listen=udp:10.0.0.1:5070 advertise 192.0.2.1:5080 name "edge"\nrequest_route { exit; }\n`,
    );
    const [socket] = (await net.rpc("corex.list_sockets")) as RpcStruct[];
    expect(socket?.entries).toEqual(
      expect.arrayContaining([
        ["PROTO", "udp"],
        ["NAME", "10.0.0.1"],
        ["PORT", "5070"],
        ["SOCKNAME", "edge"],
        ["ADVERTISE", "192.0.2.1:5080"],
      ]),
    );
    await net.stop();
  });
});

describe("corex.list_aliases", () => {
  it("shows the names that count as ours", async () => {
    const net = await testEngine(
      `${modules}alias=udp:one.example.com:5070\nalias="two.example.com"\nrequest_route { exit; }\n`,
    );
    const found = (await net.rpc("corex.list_aliases")) as RpcStruct[];
    expect(found.map((one) => Object.fromEntries(one.entries))).toEqual([
      { PROTO: "udp", ADDR: "one.example.com", PORT: 5070 },
      { PROTO: "*", ADDR: "two.example.com", PORT: 0 },
    ]);
    await net.stop();
  });
});

describe("data", () => {
  it("is sent as it is", async () => {
    const { sent } = await run('send_data("sip:10.9.9.9:5099", "hello $rU");');
    expect(sent).toMatchObject([{ text: "hello bob", to: "10.9.9.9:5099" }]);
  });
  it("may be the request itself", async () => {
    const { sent } = await run('send_udp("10.9.9.9:5099");');
    expect(sent[0]?.to).toBe("10.9.9.9:5099");
    expect(sent[0]?.headers("Via")).toHaveLength(1);
  });
  it("goes nowhere without a destination that can be read", async () => {
    const { log, sent } = await run('send_data("junk", "x"); xlog("L_ALERT", "$rc");');
    expect([log, sent]).toEqual([["-1"], []]);
  });
});

describe("files", () => {
  it("are written and read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "corex-"));
    const path = join(folder, "data.txt");
    const net = await testEngine(
      `${modules}request_route { file_write("${path}", "x=$rU"); file_read("${path}", "$var(data)"); xlog("L_ALERT", "$var(data)"); }\n`,
    );
    await net.send(request());
    while (net.script.length === 0) await new Promise(setImmediate);
    expect(net.script).toEqual(["x=bob"]);
    expect(await readFile(path, "latin1")).toBe("x=bob");
    await net.stop();
    await rm(folder, { recursive: true });
  });
});

describe("own domains", () => {
  it("include subdomains", async () => {
    const globals = 'modparam("corex", "alias_subdomains", "example.net")\n';
    const { log } = await run(
      'if (is_myself("sip:a.b.example.net")) xlog("L_ALERT", "ours"); if (!is_myself("sip:badexample.net")) xlog("L_ALERT", "not ours");',
      globals,
    );
    expect(log).toEqual(["ours", "not ours"]);
  });
  it("may be bound to transport and port", () => {
    const check = subdomainCheck("udp:example.net:5060");
    expect(check?.("x.example.net", 5060, "udp")).toBe(true);
    expect(check?.("x.example.net", 5070, "udp")).toBe(false);
    expect(check?.("x.example.net", 0, "tcp")).toBe(false);
    expect(subdomainCheck("a:b:c:d")).toBeUndefined();
  });
});
