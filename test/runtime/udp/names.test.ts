/** Socket addresses as the system lays them out, and back. */
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { loadSystemCalls } from "../../../src/runtime/udp-calls.ts";
import { Ipv4Names, ipv4Word, Ipv6Names, nameStride } from "../../../src/runtime/udp-names.ts";

const room = (): Int32Array => new Int32Array((4 * nameStride) / 4);
const bytesOf = (words: Int32Array): number[] => [...new Uint8Array(words.buffer)];

describe("IPv4", () => {
  it("puts family, port and address where sockaddr_in has them", () => {
    const words = room();
    expect(new Ipv4Names().put(words, 1, 5060, "10.20.30.255")).toBe(true);
    expect(bytesOf(words).slice(nameStride, nameStride + 16)).toEqual([
      2, 0, 0x13, 0xc4, 10, 20, 30, 255, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it.each([
    ["127.0.0.1", 1],
    ["255.255.255.255", 65_535],
    ["0.0.0.0", 5060],
    ["192.168.178.200", 40_001],
  ])("reads %s port %i back, with the same string each time", (address, port) => {
    const words = room();
    const names = new Ipv4Names();
    names.put(words, 3, port, address);
    const other = new Ipv4Names();
    expect(other.port(words, 3)).toBe(port);
    expect(other.address(words, 3)).toBe(address);
    other.put(words, 0, 1, "1.2.3.4");
    expect(other.address(words, 0)).toBe("1.2.3.4");
    expect(other.address(words, 3)).toBe(address);
  });

  it("reads an address of zeros as the first one", () => {
    expect(new Ipv4Names().address(room(), 0)).toBe("0.0.0.0");
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1..2.3",
    "1.2.3.",
    "::1",
    "a.b.c.d",
    "1.2.3.0004",
  ])("takes %j for no address", (text) => {
    expect(ipv4Word(text)).toBeUndefined();
    expect(new Ipv4Names().put(room(), 0, 5060, text)).toBe(false);
  });

  it("forgets instead of growing", () => {
    const names = new Ipv4Names();
    const words = room();
    for (let i = 0; i < 40_000; i++) {
      const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
      names.put(words, 0, 5060, address);
      if (names.address(words, 0) !== address) expect.fail(address);
    }
    expect(names.address(words, 0)).toBe("10.0.156.63");
  });
});

const calls = await loadSystemCalls();

describe.skipIf(calls === null)("IPv6", () => {
  const names = (): Ipv6Names => new Ipv6Names(calls!);

  it.each(["::1", "::", "2001:db8::1:2", "fe80::1", "::ffff:192.0.2.1", "2001:db8:1:2:3:4:5:6"])(
    "writes %s and reads it back",
    (address) => {
      const words = room();
      expect(names().put(words, 2, 5061, address)).toBe(true);
      const other = names();
      expect(bytesOf(words).slice(2 * nameStride, 2 * nameStride + 4)).toEqual([10, 0, 0x13, 0xc5]);
      expect(other.port(words, 2)).toBe(5061);
      expect(other.address(words, 2)).toBe(address);
      expect(other.address(words, 2)).toBe(address);
    },
  );

  it("keeps the interface of a link-local address", () => {
    const words = room();
    const [name = "", entries = []] = Object.entries(networkInterfaces())[0] ?? [];
    expect(names().put(words, 0, 5060, "fe80::1%7")).toBe(true);
    expect(words[6]).toBe(7);
    expect(names().address(words, 0)).toMatch(/^fe80::1%/);
    const hasNumber = entries.some((entry) => entry.family === "IPv6" && entry.scopeid > 0);
    expect(names().put(words, 0, 5060, `fe80::1%${name}`)).toBe(hasNumber);
    expect(names().put(words, 0, 5060, "fe80::1%none")).toBe(false);
  });

  it("takes other texts for no address", () => {
    for (const text of ["", "127.0.0.1", "::1::", "example.com"]) {
      expect(names().put(room(), 0, 5060, text)).toBe(false);
    }
  });
});
