/** The bytes of binrpc: as a real Kamailio 5.6.3 wrote them, and what is read from anything else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  readRequest,
  writeFault,
  writeLongReply,
  writeReply,
} from "../../../src/modules/ctl/binrpc.ts";
import { RpcDouble, RpcStream, RpcStruct, type RpcValue } from "../../../src/runtime/module.ts";
import { listed, streamed } from "../../support/rpc-streams.ts";
import { frame, readPacket, requestBytes } from "./client.ts";

const cookie = Buffer.from("12345678", "hex");
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

describe("long replies", () => {
  const around = (list: RpcValue): RpcValue[] => [
    "first",
    [],
    new RpcStruct().add("Domains", [
      { Domain: { Sizes: [1, 2], AoRs: list, Stats: { Records: 3 } } },
    ]),
  ];

  it.each([0, 1, 17, 5000])("with a list of %i are the same as in one go", async (count) => {
    const members = listed(count);
    const reply = await writeLongReply(cookie, around(streamed(members)), 1e6);
    const whole = Buffer.concat(reply ?? []);
    expect(whole.equals(writeReply(cookie, around(members)))).toBe(true);
    expect(readPacket(whole)?.size).toBe(whole.length);
  });

  it("end where they become too large", async () => {
    let batches = 0;
    const endless = new RpcStream(() => {
      batches++;
      return listed(10);
    });
    expect(await writeLongReply(cookie, [endless], 10_000)).toBeUndefined();
    expect(batches).toBeLessThan(100);
  });
});

describe("replies", () => {
  /** Recorded: `kamcmd` commands of a real server, answered with the cookie 12345678. */
  const recorded: [string, RpcValue[], string][] = [
    [
      "a text longer than seven bytes",
      ["kamailio 5.6.3 (x86_64/linux) "],
      "a1132112345678911f6b616d61696c696f20352e362e3320287838365f36342f6c696e7578292000",
    ],
    [
      "texts, one of them short",
      ["a", "5", "longer than seven"],
      "a1131a1234567821610021350091126c6f6e676572207468616e20736576656e00",
    ],
    ["nothing", [], "a1130012345678"],
    ["nothing as an empty list", [[]], "a1130012345678"],
    ["zero", [0], "a113011234567800"],
    ["a small number", [5], "a11302123456781005"],
    ["the largest signed number", [2_147_483_647], "a1130512345678407fffffff"],
    ["a number of two bytes", [3600], "a11303123456 78200e10"],
    [
      "a structure",
      [new RpcStruct().add("plain", 0).add("reqs", 0)],
      "a11311123456780365706c61696e00005572657173000083",
    ],
    ["an empty structure", [{}], "a11302123456780383"],
    [
      "a negative number in a structure",
      [{ name: "z", type: "int", value: -70_000 }],
      "a113221234567803556e616d6500217a0055747970650041696e74006576616c75650040fffeee9083",
    ],
    ["a list of texts", [["plain", "reqs"]], "a1130d1234567861706c61696e00517265717300"],
    [
      "empty texts among others",
      ["binrpc", "unix_stream", "/tmp/h9/s", "", "binrpc", "udp", "127.0.0.1", "31902"],
      "a11344123456787162696e72706300910c756e69785f73747265616d00910a2f746d702f68392f7300" +
        "11007162696e727063004175647000910a3132372e302e302e310061333139303200",
    ],
  ];

  it.each(recorded)("%s", (_name, values, bytes) => {
    expect(writeReply(cookie, values).toString("hex")).toBe(hex(bytes).toString("hex"));
  });

  it("a fault", () => {
    const bytes = "a1331c123456782001f49117636f6d6d616e64206e6f7065206e6f7420666f756e6400";
    expect(writeFault(cookie, 500, "command nope not found").toString("hex")).toBe(bytes);
  });

  it("doubles are thousandths", () => {
    const reply = writeReply(cookie, [new RpcDouble(0.5), new RpcDouble(-1), 2.25]);
    expect(readPacket(reply)?.values).toEqual([{ double: 0.5 }, { double: -1 }, { double: 2.25 }]);
  });

  it("structures in lists are one structure with repeated names", () => {
    const contact = (uri: string): RpcStruct =>
      new RpcStruct().add("Contact", { Address: uri, Q: new RpcDouble(1) });
    const reply = writeReply(cookie, [{ Contacts: [contact("sip:a"), contact("sip:b")] }]);
    const shown = (uri: string): unknown => ({
      members: [
        ["Address", uri],
        ["Q", { double: 1 }],
      ],
    });
    expect(readPacket(reply)?.values).toEqual([
      {
        members: [
          [
            "Contacts",
            {
              members: [
                ["Contact", shown("sip:a")],
                ["Contact", shown("sip:b")],
              ],
            },
          ],
        ],
      },
    ]);
  });

  it("lists of plain values in structures are named by position", () => {
    const reply = writeReply(cookie, [{ addresses: ["10.0.0.1", "10.0.0.2"], none: [] }]);
    expect(readPacket(reply)?.values).toEqual([
      {
        members: [
          [
            "addresses",
            {
              members: [
                ["0", "10.0.0.1"],
                ["1", "10.0.0.2"],
              ],
            },
          ],
          ["none", { members: [] }],
        ],
      },
    ]);
  });

  it("values of any size and kind can be read again", () => {
    const long = "x".repeat(100_000);
    const reply = writeReply(cookie, [long, true, false, null, 2 ** 40, [1, [2]]]);
    expect(readPacket(reply)?.values).toEqual([long, 1, 0, "", 2 ** 40, 1, 2]);
  });

  it("numbers that are none are 0", () => {
    const reply = writeReply(cookie, [Infinity, Number.NaN, new RpcDouble(-Infinity)]);
    expect(readPacket(reply)?.values).toEqual([{ double: 0 }, { double: 0 }, { double: 0 }]);
  });
});

describe("requests", () => {
  it("are read with their parameters", () => {
    const bytes = requestBytes(["pv.shvSet", "x", -70_000, 0, 5, { double: 1.5 }, "long enough"]);
    const read = readRequest(bytes, 1000);
    expect(read).toEqual({
      ok: true,
      request: {
        cookie,
        command: "pv.shvSet",
        params: ["x", -70_000, 0, 5, 1.5, "long enough"],
        size: bytes.length,
      },
    });
  });

  it("leave what follows alone", () => {
    const one = requestBytes(["core.echo", "1"]);
    const read = readRequest(Buffer.concat([one, requestBytes(["core.echo", "2"])]), 1000);
    expect(read.ok && read.request.size).toBe(one.length);
  });

  it("texts without an end mark, and bytes, are texts", () => {
    const body = hex("910a636f72652e6563686f00 31616263 36616263");
    const read = readRequest(frame(0, body), 1000);
    expect(read.ok && read.request.params).toEqual(["abc", "abc"]);
  });

  it.each([
    ["a1", "incomplete"],
    ["a103", "incomplete"],
    ["a10f7fffffff31323334", "too-large"],
    ["a2030f12345678910d636f72652e76657273696f6e00", "not-binrpc"],
    ["a2", "not-binrpc"],
    ["a1130f12345678910d636f72652e76657273696f6e00", "not-binrpc"],
    // No command, a number as the command, a text that is cut off, a type that does not exist, a structure, a list.
    ["a1030012345678", "malformed"],
    ["a10302123456781005", "malformed"],
    ["a1031212345678910c636f72652e7072696e74730071616263", "malformed"],
    ["a1030e12345678910a636f72652e6563686f00ffff", "malformed"],
    ["a1031312345678910a636f72652e6563686f0003256100100583", "malformed"],
    ["a1031012345678910a636f72652e6563686f0004100584", "malformed"],
  ])("%s is %s", (bytes, problem) => {
    const read = readRequest(hex(bytes), 1000);
    expect(read).toMatchObject({ ok: false, problem });
  });

  it("every beginning of a request is incomplete", () => {
    const bytes = requestBytes(["core.echo", "a text that is long", 70_000]);
    for (let length = 0; length < bytes.length; length++) {
      const read = readRequest(bytes.subarray(0, length), 1000);
      expect(read).toMatchObject({ ok: false, problem: "incomplete" });
    }
  });

  it("any bytes are read without an error thrown", () => {
    const start = fc.constantFrom([], [0xa1], [0xa1, 0x03], [0xa1, 0x03, 0x20, 1, 2, 3, 4]);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (head, rest) => {
        const bytes = Buffer.from([...head, ...rest]);
        const read = readRequest(bytes, 100);
        if (read.ok) expect(read.request.size).toBeLessThanOrEqual(bytes.length);
        else expect(read.cookie.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  it("what is written can be read", () => {
    const text = fc.string({ unit: "binary" }).map((one) => Buffer.from(one).toString("latin1"));
    const value = fc.oneof(
      text.filter((one) => !one.includes("\0")),
      fc.integer(),
    );
    fc.assert(
      fc.property(fc.array(value), (params) => {
        const read = readRequest(requestBytes(["x", ...params]), 1_000_000);
        expect(read.ok && read.request.params).toEqual(params);
      }),
    );
  });
});
