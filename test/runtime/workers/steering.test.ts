/** The packet filter and the rule in the program choose the same worker. */
import { describe, expect, it } from "vitest";
import { ANYONE, ownerOf } from "../../../src/runtime/workers/routing.ts";
import { reaches, steeringProgram } from "../../../src/runtime/workers/steering.ts";
import { anywhere, runFilter } from "./packet-filter.ts";

const count = 3;
const rule = { count, tagStart: "=qwertyu-" };
const programs = reaches.map((reach) => steeringProgram(count, reach));
const [longest, shortest] = programs as [Buffer, Buffer];

function request(method: string, uri: string, n: number, to = "<sip:bob@example.com>"): string {
  return (
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-7-${n}-a;rport\r\n` +
    `Max-Forwards: 70\r\nFrom: "Load" <sip:alice@example.com>;tag=f1\r\nTo: ${to}\r\n` +
    `Call-ID: call-${n}@127.0.0.1\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`
  );
}

function reply(branch: string): string {
  return (
    `SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=${branch};rport=5060\r\n` +
    `From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n`
  );
}

/** Packets that both must agree about, several of each kind. */
const certain: Readonly<Record<string, (n: number) => string>> = {
  "a request to a user": (n) => request("MESSAGE", `sip:u${n}@example.com`, 1),
  "a user with a password and a port": (n) =>
    request("INVITE", `sip:u${n}:secret@example.com:5080;transport=udp`, 1),
  "upper case": (n) => request("SUBSCRIBE", `sip:U${n}@EXAMPLE.com`, 1),
  "no user": (n) => request("OPTIONS", "sip:example.com", n),
  "no user, but a port and a parameter": (n) => request("OPTIONS", "sip:127.0.0.1:5060;lr", n),
  "a reply": (n) => reply(`z9hG4bKw0${n % count}1f.abcdefghijkl.0`),
};

const registers: Readonly<Record<string, (n: number) => string>> = {
  "a registration": (n) => request("REGISTER", "sip:example.com", 1, `<sip:u${n}@example.com>`),
  "a registration with a name": (n) =>
    request("REGISTER", "sip:example.com", 1, `"Some One" <sip:u${n}@example.com>;tag=1`),
  "a registration without brackets": (n) =>
    request("REGISTER", "sip:example.com", 1, `sip:u${n}@example.com`),
};

/** Packets that the filter may leave to the program. */
const uncertain: Readonly<Record<string, string>> = {
  "an escaped user": request("INVITE", "sip:%61lice@example.com", 1),
  "a long user": request("INVITE", `sip:${"u".repeat(80)}@example.com`, 1),
  "a secure address": request("INVITE", "sips:alice@example.com", 1),
  "a number": request("INVITE", "tel:+4930123456", 1),
  "a reply to nobody's request": reply("z9hG4bKabcdef0123456789.0"),
  "a reply to a worker that is not there": reply("z9hG4bKw771f.abcdefghijkl.0"),
  "what is no message": `${"x".repeat(500)}`,
};

const nothing = "\r\n\r\n";

describe("the packet filter", () => {
  it.each(Object.entries(certain))("agrees about %s, also at its shortest", (_name, packet) => {
    const owners = new Set<number>();
    for (let n = 0; n < 60; n++) {
      const owner = ownerOf(packet(n), rule);
      owners.add(owner);
      expect(runFilter(longest, packet(n))).toBe(owner);
      expect(runFilter(shortest, packet(n))).toBe(owner);
    }
    expect([...owners].sort()).toEqual([0, 1, 2]);
  });

  it.each(Object.entries(registers))("agrees about %s", (_name, packet) => {
    const owners = new Set<number>();
    for (let n = 0; n < 60; n++) {
      const owner = ownerOf(packet(n), rule);
      owners.add(owner);
      expect(runFilter(longest, packet(n))).toBe(owner);
      expect(runFilter(shortest, packet(n))).toBe(anywhere);
    }
    expect([...owners].sort()).toEqual([0, 1, 2]);
  });

  it.each(Object.entries(uncertain))("leaves %s to the program", (_name, packet) => {
    for (const program of programs) {
      expect([anywhere, 0]).toContain(runFilter(program, packet));
    }
  });

  it("takes the shortest packets", () => {
    for (const program of programs) expect([anywhere, 0]).toContain(runFilter(program, nothing));
    expect(ownerOf(nothing, rule)).toBe(ANYONE);
  });

  it("has no more instructions than the system takes", () => {
    for (const program of programs) expect(program.length / 8).toBeLessThanOrEqual(4096);
    for (const reach of reaches) {
      expect(steeringProgram(64, reach).length / 8).toBeLessThanOrEqual(4096);
    }
  });
});
