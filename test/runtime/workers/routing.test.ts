/** Which worker a message belongs to. */
import { describe, expect, it } from "vitest";
import { ANYONE, branchMark, ownerOf, ownerOfUser } from "../../../src/runtime/workers/routing.ts";

const count = 4;
const rule = { count, tagStart: "=mykey-" };

interface Parts {
  readonly method?: string;
  readonly uri?: string;
  readonly to?: string;
  readonly via?: string;
  readonly callId?: string;
}

function request(parts: Parts = {}): string {
  const { method = "INVITE", uri = "sip:bob@example.com", to = "<sip:bob@example.com>" } = parts;
  const { via = "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-1;rport", callId = "c1" } = parts;
  return (
    `${method} ${uri} SIP/2.0\r\nVia: ${via}\r\nFrom: <sip:a@example.com>;tag=f\r\n` +
    `To: ${to}\r\nCall-ID: ${callId}\r\nCSeq: 1 ${method}\r\n\r\n`
  );
}

function reply(via: string, name = "Via"): string {
  return `SIP/2.0 200 OK\r\n${name}: ${via}\r\nFrom: <sip:a@b>;tag=f\r\nTo: <sip:b@b>;tag=t\r\n\r\n`;
}

/** Owners of so many users: all workers get a fair part. */
it("users are shared out evenly", () => {
  const owned = Array<number>(count).fill(0);
  for (let i = 0; i < 4000; i++) {
    const owner = ownerOfUser(`+4930${String(1_000_000 + i)}`, count);
    owned[owner] = (owned[owner] ?? 0) + 1;
  }
  for (const number of owned) expect(number).toBeGreaterThan(800);
});

describe("an initial request", () => {
  const bob = ownerOfUser("bob", count);

  it.each([
    ["sip:bob@example.com"],
    ["sip:BOB@other.example.com:5070;transport=tcp"],
    ["sip:b%6fb@example.com"],
    ["sip:bob:secret@example.com"],
    ["sips:bob@example.com"],
  ])("to %s belongs to the owner of the user", (uri) => {
    expect(ownerOf(request({ uri }), rule)).toBe(bob);
  });

  it.each(["INVITE", "ACK", "CANCEL"])("%s goes the same way", (method) => {
    expect(ownerOf(request({ method }), rule)).toBe(bob);
  });

  it("with a telephone number belongs to the owner of the number", () => {
    expect(ownerOf(request({ uri: "tel:+4930123;phone-context=x" }), rule)).toBe(
      ownerOfUser("+4930123", count),
    );
  });

  it("without a user belongs to whom its branch says, and without a unique branch its Call-ID", () => {
    const owners = new Set<number>();
    const byCall = new Set<number>();
    for (let i = 0; i < 40; i++) {
      const uri = "sip:example.com:5060;lr";
      const via = `SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-${i}`;
      const owner = ownerOf(request({ uri, via }), rule);
      expect(ownerOf(request({ uri, via: `${via};rport`, callId: "other" }), rule)).toBe(owner);
      owners.add(owner);
      const old = "SIP/2.0/UDP 10.0.0.1;branch=1";
      byCall.add(ownerOf(request({ uri, via: old, callId: `c${i}` }), rule));
    }
    expect([...owners].sort()).toEqual([0, 1, 2, 3]);
    expect([...byCall].sort()).toEqual([0, 1, 2, 3]);
  });
});

describe("REGISTER", () => {
  it.each([
    ["<sip:bob@example.com>"],
    ["sip:bob@example.com;tag=1"],
    ['"a <b@c> \\" d" <sip:bob@example.com>;tag=x'],
    ["\r\n <sip:Bob@example.com:5070>"],
  ])("belongs to the owner of %s", (to) => {
    const text = request({ method: "REGISTER", uri: "sip:alice@example.com", to });
    expect(ownerOf(text, rule)).toBe(ownerOfUser("bob", count));
  });

  it("takes the compact name, white space and any case", () => {
    const text = request({ method: "REGISTER", uri: "sip:example.com" });
    for (const name of ["t:", "TO :", "To\t:"]) {
      expect(ownerOf(text.replace("To:", name), rule)).toBe(ownerOfUser("bob", count));
    }
  });

  it("of a domain belongs to the worker that owns the empty user", () => {
    const text = request({ method: "REGISTER", uri: "sip:b.org", to: "<sip:b.org>" });
    expect(ownerOf(text, rule)).toBe(ownerOfUser("", count));
  });

  it("without To belongs to anyone", () => {
    const text = request({ method: "REGISTER" }).replace(/To: .*\r\n/, "");
    expect(ownerOf(text, rule)).toBe(ANYONE);
  });
});

describe("a request within a dialog of the group", () => {
  it("belongs to the worker that made the To tag", () => {
    for (let worker = 0; worker < count; worker++) {
      const to = `<sip:bob@example.com>;tag=mykey-${worker}-abcdef`;
      expect(ownerOf(request({ method: "NOTIFY", to }), rule)).toBe(worker);
    }
  });

  it.each([
    ["in From only", request().replace("tag=f", "tag=mykey-3-abc")],
    ["of a worker that is not there", request({ to: "<sip:bob@x>;tag=mykey-7-abc" })],
    ["without a number", request({ to: "<sip:bob@x>;tag=mykey-xy" })],
    ["in the body only", `${request()}a=mykey-3-x`],
  ])("is not one with a mark %s", (_name, text) => {
    expect(ownerOf(text, rule)).toBe(ownerOfUser("bob", count));
  });
});

describe("a reply", () => {
  const own = (worker: number): string =>
    `SIP/2.0/UDP 10.0.0.100;branch=z9hG4bK${branchMark(worker)}1f.abcdefghijkl.0;rport`;

  it("belongs to the worker that sent the request", () => {
    for (let worker = 0; worker < count; worker++) {
      expect(ownerOf(reply(own(worker)), rule)).toBe(worker);
      expect(ownerOf(reply(own(worker), "v"), rule)).toBe(worker);
    }
  });

  it("to a request that was forwarded without a transaction belongs to anyone", () => {
    const via = "SIP/2.0/UDP 10.0.0.100;branch=z9hG4bK0123456789abcdef.0";
    expect(ownerOf(reply(via), rule)).toBe(ANYONE);
    expect(ownerOf(reply(`SIP/2.0/UDP x;branch=1, ${own(2)}`), rule)).toBe(ANYONE);
  });

  it("with a number that no worker has belongs to anyone", () => {
    expect(ownerOf(reply(own(9)), rule)).toBe(ANYONE);
  });
});

it.each([[""], ["\r\n"], ["X"], ["INVITE"], ["INVITE sip:"], ["SIP/2.0 "], ["REGISTER \r\n\r\n"]])(
  "%j is nobody's",
  (text) => {
    expect(ownerOf(text, rule)).toBe(ANYONE);
  },
);
