/** Small parts of the engine: addresses, aliases, own hosts, parameters, statistics, log, globals. */
import { describe, expect, it } from "vitest";
import type { ModuleSpec } from "../../src/dsl/catalog/spec.ts";
import type { Config } from "../../src/dsl/syntax/ast.ts";
import { parseAlias } from "../../src/runtime/aliases.ts";
import { TableDns } from "../../src/runtime/dns-client.ts";
import { GlobalValues } from "../../src/runtime/globals.ts";
import { parseListen, planSockets } from "../../src/runtime/listen.ts";
import { clampLevel, EngineLogger, levelOf, MemoryLog } from "../../src/runtime/log.ts";
import { isFile, moduleName } from "../../src/runtime/module-loader.ts";
import { ModuleParams, modulesNamed } from "../../src/runtime/module-params.ts";
import { OwnHosts } from "../../src/runtime/myself.ts";
import { nextHop } from "../../src/runtime/next-hop.ts";
import { RpcRegistry } from "../../src/runtime/rpc.ts";
import { StatisticsRegistry } from "../../src/runtime/statistics.ts";

describe("parseListen", () => {
  it.each([
    ["127.0.0.1", { hosts: ["127.0.0.1"] }],
    ["udp:127.0.0.1:5080", { proto: "udp", hosts: ["127.0.0.1"], port: 5080 }],
    ["udp:[::1]:5080", { proto: "udp", hosts: ["[::1]"], port: 5080 }],
    ["eth0:5062", { hosts: ["eth0"], port: 5062 }],
    ["(eth0, eth1):5065", { hosts: ["eth0", "eth1"], port: 5065 }],
    [
      "udp:127.0.0.1:5080/1.2.3.4:5060",
      {
        proto: "udp",
        hosts: ["127.0.0.1"],
        port: 5080,
        advertise: { host: "1.2.3.4", port: 5060 },
      },
    ],
  ])("%s", (text, line) => expect(parseListen(text)).toEqual(line));

  it.each(["", "udp:1.2.3.4:99999", "(eth0", "()", "a b", "1.2.3.4:x", "1.2.3.4/"])(
    "%s is refused",
    (text) => expect(parseListen(text)).toBeUndefined(),
  );
});

describe("planSockets", () => {
  const interfaces = {
    lo: [{ address: "127.0.0.1", family: "IPv4" }],
    eth0: [
      { address: "10.0.0.5", family: "IPv4" },
      { address: "fe80::1", family: "IPv6" },
    ],
  } as never;
  const context = { interfaces, dns: new TableDns(), defaultPort: 5060 };

  it("takes all IPv4 addresses when nothing is said", async () => {
    const { sockets } = await planSockets([], context);
    expect(sockets.map((one) => one.address)).toEqual(["127.0.0.1", "10.0.0.5"]);
  });

  it("takes interfaces by name, leaves doubles out and numbers them", async () => {
    const lines = [
      { hosts: ["eth0"], port: 5070 },
      { hosts: ["10.0.0.5"], port: 5070 },
    ];
    expect((await planSockets(lines, context)).sockets).toEqual([
      { proto: "udp", address: "10.0.0.5", port: 5070, index: 0 },
    ]);
  });

  it("takes all own addresses for 0.0.0.0, unless something is advertised", async () => {
    const all = await planSockets([{ hosts: ["0.0.0.0"], port: 5070 }], context);
    expect(all.sockets.map((one) => one.address)).toEqual(["127.0.0.1", "10.0.0.5"]);
    const one = { hosts: ["0.0.0.0"], advertise: { host: "sip.example" } };
    expect((await planSockets([one], context)).sockets).toMatchObject([
      { address: "0.0.0.0", advertisedHost: "sip.example" },
    ]);
    const none = await planSockets([{ hosts: ["[::]"] }], context);
    expect(none.sockets.map((socket) => socket.address)).toEqual(["::"]);
  });

  it("asks the name service for names, and says when there is no address", async () => {
    context.dns.a.set("sip.example", ["10.0.0.5"]);
    const plan = await planSockets(
      [{ hosts: ["sip.example"] }, { hosts: ["no.example"] }],
      context,
    );
    expect(plan.sockets).toHaveLength(1);
    expect(plan.problems).toMatchObject([{ isWarning: false }]);
  });

  it("leaves out what is not there yet, with a warning", async () => {
    const plan = await planSockets([{ proto: "tls", hosts: ["10.0.0.5"] }], context);
    expect(plan.sockets).toEqual([]);
    expect(plan.problems).toMatchObject([{ isWarning: true }]);
  });
});

describe("aliases and own hosts", () => {
  it("reads protocol, host and port", () => {
    expect(parseAlias("foo.com")).toEqual({ host: "foo.com", port: 0, proto: undefined });
    expect(parseAlias("tcp:foo.com:5080")).toEqual({ host: "foo.com", port: 5080, proto: "tcp" });
    expect(parseAlias("foo com")).toBeUndefined();
  });

  it("knows hosts by name in any case, port and protocol", () => {
    const own = new OwnHosts();
    own.addAlias({ host: "Foo.com", port: 0, proto: undefined });
    own.addAlias({ host: "bar.com", port: 5080, proto: "udp" });
    own.addAlias({ host: "[2001:DB8::1]", port: 0, proto: undefined });
    expect(own.has("fOO.com", 5060, "udp")).toBe(true);
    expect(own.has("bar.com", 5060, undefined)).toBe(false);
    expect(own.has("bar.com", 0, undefined)).toBe(true);
    expect(own.has("bar.com", 5080, "tcp")).toBe(false);
    expect(own.has("2001:db8:0::1", 5060, undefined)).toBe(true);
    expect(own.has("other.com", 5060, undefined)).toBe(false);
    own.addCheck((host) => host === "other.com");
    expect(own.has("other.com", 5060, undefined)).toBe(true);
  });
});

describe("nextHop", () => {
  it.each([
    ["sip:a@10.0.0.1", { host: "10.0.0.1" }],
    ["sip:a@h.example:5070;transport=TCP", { host: "h.example", port: 5070, proto: "tcp" }],
    ["sips:h.example", { host: "h.example", proto: "tls" }],
    ["sip:h.example;maddr=10.9.9.9", { host: "10.9.9.9" }],
  ])("%s", (uri, hop) => expect(nextHop(uri)).toEqual(hop));

  it.each(["tel:+1", "garbage", "sip:", "sip:a@b:70000"])("%s leads nowhere", (uri) =>
    expect(nextHop(uri)).toBeUndefined(),
  );
});

describe("module parameters", () => {
  const spec: ModuleSpec = {
    name: "demo",
    doc: "",
    params: {
      text: { type: "str", doc: "", default: "d" },
      none: { type: "str", doc: "" },
      number: { type: "int", doc: "", default: 3 },
      on: { type: "flag", doc: "" },
      many: { type: "str", doc: "", multiple: true },
    },
  };
  const span = { source: { name: "t", text: "" }, start: 0, end: 0 };
  const line = (modules: string, param: string, value: string | number) => ({
    kind: "modparam" as const,
    span,
    modules: { text: modules, span },
    param: { text: param, span },
    value,
    valueSpan: span,
    evaluates: false,
  });

  it("have defaults and take values of their type only", () => {
    const params = new ModuleParams([spec]);
    expect(params.of("demo")).toEqual({
      text: "d",
      none: undefined,
      number: 3,
      on: false,
      many: [],
    });
    const items = [
      line("demo", "text", "x"),
      line("other|demo", "number", 9),
      line("demo", "on", 1),
      line("demo", "many", "a"),
      line("demo", "many", "b"),
      line("demo", "none", 5),
    ];
    params.readConfig({ kind: "config", items } satisfies Config);
    expect(params.of("demo")).toEqual({
      text: "x",
      none: undefined,
      number: 9,
      on: true,
      many: ["a", "b"],
    });
    expect(params.spanOf("demo", "text")).toBe(span);
  });

  it("are given to all modules that an expression names", () => {
    expect(modulesNamed("a|b", ["a", "b", "ab"])).toEqual(["a", "b"]);
    expect(modulesNamed("(", ["a"])).toEqual([]);
  });

  it("modules are found by file name", () => {
    expect(moduleName("/usr/lib/modules/tm/tm.so")).toBe("tm");
    expect(moduleName("tm")).toBe("tm");
    expect(isFile("./billing.js")).toBe(true);
    expect(isFile("tm.so")).toBe(false);
  });
});

describe("globals", () => {
  it("have defaults, words for switches, other spellings, and tell of changes", () => {
    const globals = new GlobalValues();
    expect(globals.int("port")).toBe(5060);
    globals.set("mhomed", "yes");
    expect(globals.int("mhomed")).toBe(1);
    globals.set("dns_srv_loadbalancing", 1);
    expect(globals.int("dns_srv_lb")).toBe(1);
    const seen: unknown[] = [];
    globals.watch("debug", (value) => seen.push(value));
    globals.set("debug", 3);
    expect(seen).toEqual([0, 3]);
    expect(globals.str("nothing")).toBeUndefined();
  });
});

describe("statistics", () => {
  it("count, read gauges, find by name and reset", () => {
    const statistics = new StatisticsRegistry();
    const counter = statistics.counter("sl", "replies");
    counter.value += 2;
    expect(statistics.counter("sl", "replies")).toBe(counter);
    let users = 5;
    statistics.gauge("usrloc", "users", () => users);
    users++;
    expect(statistics.read("usrloc", "users")).toBe(6);
    expect(statistics.find("replies")).toBe(2);
    expect([...statistics.entries()].map((one) => `${one.group}.${one.name}=${one.value}`)).toEqual(
      ["sl.replies=2", "usrloc.users=6"],
    );
    expect(statistics.reset("sl", "replies")).toBe(true);
    expect(statistics.reset("usrloc", "users")).toBe(false);
    expect(statistics.read("sl", "replies")).toBe(0);
  });
});

describe("rpc", () => {
  it("answers, and gives errors a code", async () => {
    const rpc = new RpcRegistry();
    rpc.add("b.two", "second", () => ({ values: [2] }));
    rpc.add("a.bad", "first", () => {
      throw new TypeError("oops");
    });
    expect(rpc.commands().map((one) => one.name)).toEqual(["a.bad", "b.two"]);
    expect(await rpc.call("b.two", [])).toEqual({ values: [2] });
    await expect(rpc.call("a.bad", [])).rejects.toMatchObject({ code: 500 });
    await expect(rpc.call("none", [])).rejects.toThrow("command none not found");
  });
});

describe("log", () => {
  it("writes what the level lets through, and the script's lines with the prefix", () => {
    const sink = new MemoryLog();
    const log = new EngineLogger(sink, 1);
    log.info("not this");
    log.error("this");
    log.prefix = () => "{p} ";
    log.script(1, "from the script\n", {} as never);
    expect(sink.lines).toEqual([
      { level: -1, origin: "core", text: "this" },
      { level: 1, origin: "script", text: "{p} from the script" },
    ]);
    expect(log.enabled(2)).toBe(false);
  });

  it("knows the names of levels", () => {
    expect(levelOf("L_INFO")).toBe(2);
    expect(levelOf("ERR")).toBe(-1);
    expect(levelOf("7")).toBe(3);
    expect(levelOf("LOUD")).toBeUndefined();
    expect(clampLevel(-9)).toBe(-5);
  });
});
