/** Names to addresses. */
import { beforeEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/runtime/clock.ts";
import { TableDns } from "../../src/runtime/dns-client.ts";
import { GlobalValues } from "../../src/runtime/globals.ts";
import { CachingResolver, isIpv4, literalAddress } from "../../src/runtime/resolver.ts";
import type { Proto } from "../../src/runtime/transport.ts";

let clock: VirtualClock;
let dns: TableDns;
let globals: GlobalValues;
let resolver: CachingResolver;

beforeEach(() => {
  clock = new VirtualClock();
  dns = new TableDns();
  globals = new GlobalValues();
  let draws = 0;
  resolver = new CachingResolver({
    dns,
    clock,
    globals,
    random32: () => (draws++ * 7919) >>> 3,
    canSend: (proto: Proto, family) => proto === "udp" && family === 4,
  });
});

describe("literal addresses", () => {
  it("come at once, with the protocol's port", () => {
    expect(resolver.resolve("10.0.0.1", undefined, undefined)).toEqual([
      { address: "10.0.0.1", port: 5060, proto: "udp" },
    ]);
    expect(resolver.resolve("[2001:db8::1]", 5080, "tls")).toEqual([
      { address: "2001:db8::1", port: 5080, proto: "tls" },
    ]);
    expect(resolver.resolve("10.0.0.1", undefined, "tls")).toMatchObject([{ port: 5061 }]);
    expect(dns.asked).toEqual([]);
  });

  it("are told from names", () => {
    expect(isIpv4("1.2.3.4")).toBe(true);
    for (const text of ["1.2.3", "1.2.3.4.5", "256.1.1.1", "1..2.3", "a.b.c.d", "1.2.3.4 ", ""]) {
      expect(isIpv4(text), text).toBe(false);
    }
    expect(literalAddress("::1")).toBe("::1");
    expect(literalAddress("[zz]")).toBeUndefined();
    expect(literalAddress("a:b")).toBeUndefined();
  });
});

describe("names", () => {
  it("with a port need addresses only, and are kept", async () => {
    dns.a.set("a.example", ["10.0.0.1", "10.0.0.2"]);
    const targets = await resolver.resolve("A.Example", 5070, "udp");
    expect(targets.map((one) => `${one.address}:${one.port}`)).toEqual([
      "10.0.0.1:5070",
      "10.0.0.2:5070",
    ]);
    expect(resolver.resolve("a.example", 5070, "udp")).not.toBeInstanceOf(Promise);
    expect(dns.asked).toEqual(["A a.example"]);
  });

  it("without a port are looked up by SRV first, in the order of priority and weight", async () => {
    dns.srvs.set("_sip._udp.example.com", [
      { priority: 20, weight: 0, port: 5099, name: "c.example" },
      { priority: 10, weight: 1, port: 5061, name: "b.example" },
      { priority: 10, weight: 9, port: 5062, name: "a.example" },
    ]);
    dns.a.set("a.example", ["10.0.0.1"]);
    dns.a.set("b.example", ["10.0.0.2"]);
    dns.a.set("c.example", ["10.0.0.3"]);
    const targets = await resolver.resolve("example.com", undefined, undefined);
    expect(targets.map((one) => one.address)).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(targets.map((one) => one.port)).toEqual([5062, 5061, 5099]);
  });

  it("fall back to addresses without SRV records", async () => {
    dns.a.set("example.com", ["10.0.0.7"]);
    expect(await resolver.resolve("example.com", undefined, undefined)).toMatchObject([
      { address: "10.0.0.7", port: 5060, proto: "udp" },
    ]);
  });

  it("are asked for by NAPTR when that is switched on, only for what can be sent", async () => {
    globals.set("dns_try_naptr", "yes");
    const naptr = { preference: 10, flags: "s", regexp: "" };
    dns.naptrs.set("example.com", [
      { ...naptr, order: 1, service: "SIP+D2T", replacement: "_sip._tcp.example.com" },
      { ...naptr, order: 2, service: "SIP+D2U", replacement: "_x._udp.example.com" },
    ]);
    dns.srvs.set("_x._udp.example.com", [{ priority: 1, weight: 1, port: 5, name: "a.example" }]);
    dns.a.set("a.example", ["10.0.0.9"]);
    expect(await resolver.resolve("example.com", undefined, undefined)).toMatchObject([
      { address: "10.0.0.9", port: 5, proto: "udp" },
    ]);
    expect(dns.asked).not.toContain("SRV _sip._tcp.example.com");
  });

  it("that do not exist are remembered for the negative time", async () => {
    expect(await resolver.resolve("nope.example", 5060, "udp")).toEqual([]);
    expect(resolver.resolve("nope.example", 5060, "udp")).toEqual([]);
    await clock.advance(61_000);
    dns.a.set("nope.example", ["10.0.0.4"]);
    expect(await resolver.resolve("nope.example", 5060, "udp")).toHaveLength(1);
  });

  it("are asked for once while an answer is awaited", async () => {
    dns.a.set("a.example", ["10.0.0.1"]);
    const first = resolver.resolve("a.example", 1, "udp");
    expect(resolver.resolve("a.example", 1, "udp")).toBe(first);
    await first;
    expect(dns.asked).toEqual(["A a.example"]);
  });

  it("give nothing when the name service fails, and are tried again soon", async () => {
    dns.failing.add("a.example");
    expect(await resolver.resolve("a.example", 5060, "udp")).toEqual([]);
    dns.failing.clear();
    dns.a.set("a.example", ["10.0.0.1"]);
    await clock.advance(6000);
    expect(await resolver.resolve("a.example", 5060, "udp")).toHaveLength(1);
  });

  it("with odd characters are not asked for", () => {
    for (const name of ["a b", "a\nb", "", ".", "x".repeat(300), "ü.example"]) {
      expect(resolver.resolve(name, 5060, "udp")).toEqual([]);
    }
    expect(dns.asked).toEqual([]);
  });

  it("are drawn by weight when load is to be balanced", async () => {
    globals.set("dns_srv_lb", 1);
    dns.srvs.set("_sip._udp.example.com", [
      { priority: 10, weight: 0, port: 1, name: "a.example" },
      { priority: 10, weight: 0, port: 2, name: "b.example" },
    ]);
    dns.a.set("a.example", ["10.0.0.1"]);
    dns.a.set("b.example", ["10.0.0.2"]);
    const firsts = new Set<string>();
    for (let i = 0; i < 6; i++) {
      const [first] = await resolver.resolve("example.com", undefined, "udp");
      firsts.add(first?.address ?? "");
    }
    expect(firsts).toEqual(new Set(["10.0.0.1", "10.0.0.2"]));
  });

  it("are asked for in the families that flags and sockets allow", async () => {
    dns.a.set("a.example", ["10.0.0.1"]);
    dns.aaaa.set("a.example", ["2001:db8::1"]);
    const both = new CachingResolver({
      dns,
      clock,
      globals,
      random32: () => 0,
      canSend: () => true,
    });
    const addresses = async (): Promise<string[]> => {
      both.clear();
      return (await both.resolve("a.example", 1, "udp")).map((one) => one.address);
    };
    expect(await addresses()).toEqual(["10.0.0.1"]);
    globals.set("dns_try_ipv6", 1);
    expect(await addresses()).toEqual(["10.0.0.1", "2001:db8::1"]);
    globals.set("dns_cache_flags", 4);
    expect(await addresses()).toEqual(["2001:db8::1", "10.0.0.1"]);
    globals.set("dns_cache_flags", 2);
    expect(await addresses()).toEqual(["2001:db8::1"]);
    globals.set("dns_cache_flags", 1);
    expect(await addresses()).toEqual(["10.0.0.1"]);
  });

  it("can be forgotten", async () => {
    dns.a.set("a.example", ["10.0.0.1"]);
    await resolver.resolve("a.example", 1, "udp");
    expect(resolver.size).toBe(1);
    expect(resolver.forget("A.example")).toBe(true);
    expect(resolver.forget("a.example")).toBe(false);
  });
});
