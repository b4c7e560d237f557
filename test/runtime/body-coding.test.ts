/** Packed bodies: what goes in comes out, and nothing that is too large or no gzip. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { packBody, unpackBody } from "../../src/runtime/body-coding.ts";

const long = "<contact>\xc3\xa9</contact>".repeat(500);

const zip = (text: string): string => gzipSync(Buffer.from(text, "latin1")).toString("latin1");

describe("a packed body", () => {
  it("is shorter, and gives back each byte", () => {
    const packed = packBody(long) ?? "";
    expect(packed.length).toBeLessThan(long.length / 10);
    expect(unpackBody(packed, 100_000)).toEqual({ ok: true, body: long });
  });

  it("is not made of what is short, or does not get shorter", () => {
    expect(packBody("short")).toBeUndefined();
    let random = 1;
    const noise = Array.from({ length: 5000 }, () => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return String.fromCharCode(random >>> 24);
    }).join("");
    expect(packBody(noise)).toBeUndefined();
  });

  it("of many megabytes is given up early", () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000)).toString("latin1");
    const start = process.cpuUsage();
    expect(unpackBody(bomb, 65_536)).toEqual({ ok: false, problem: "too-large" });
    expect(process.cpuUsage(start).user).toBeLessThan(50_000);
  });

  it.each([
    ["nothing", ""],
    ["no gzip", "<reginfo/>"],
    ["a part", zip(long).slice(0, -20)],
    ["damaged", `${zip(long).slice(0, 30)}xxxx${zip(long).slice(34)}`],
  ])("is refused when it is %s", (_what, body) => {
    expect(unpackBody(body, 100_000)).toEqual({ ok: false, problem: "malformed" });
  });
});
