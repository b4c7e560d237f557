/** What a SUBSCRIBE says beside its times: accepted types, rates, entity tags, extensions. */
import { describe, expect, it } from "vitest";
import {
  accepts,
  bodyOf,
  suppressedTag,
  unknownExtensions,
  wantedRates,
} from "../../../src/runtime/notifier/request.ts";
import { parseMessage, type SipMessage } from "../../../src/sip/message.ts";

function request(headers: string, body = ""): SipMessage {
  const read = parseMessage(
    `SUBSCRIBE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n${headers}\r\n${body}`,
  );
  if (!read.ok) throw new Error(read.problem);
  return read.message;
}

describe("accepts", () => {
  const type = "application/reginfo+xml";
  it.each([
    ["", true],
    ["Accept: application/reginfo+xml\r\n", true],
    ["Accept: text/plain\r\nAccept: application/*;q=0.5\r\n", true],
    ["Accept: a/b, */*\r\n", true],
    ["Accept: application/reginfo+xml;q=0.0\r\n", false],
    ["Accept: application/reginfo\r\n", false],
    ["Accept: \r\n", false],
    ["Accept: ;;,/,\r\n", false],
  ])("%j: %s", (headers, expected) => {
    expect(accepts(request(headers), type)).toBe(expected);
  });
});

describe("wantedRates", () => {
  it.each([
    ["", 0, 0],
    ["id=5;max-rate=0.1", 0.1, 0],
    ["max-rate=2 ; min-rate=0.05", 2, 0.05],
    ["max-rate=-1;min-rate=1e5", 0, 0],
    ["max-rate=;min-rate", 0, 0],
    ["max-rate=12345678901234567890", 0, 0],
  ])("%j", (params, most, least) => {
    expect(wantedRates(params)).toEqual({ most, least });
  });
});

describe("the rest", () => {
  it("reads entity tags and extensions", () => {
    expect(suppressedTag(request("Suppress-If-Match: abc \r\n"))).toBe("abc");
    expect(suppressedTag(request(""))).toBe("");
    expect(unknownExtensions(request("Require: a, b\r\nRequire: c\r\n"))).toEqual(["a", "b", "c"]);
    expect(unknownExtensions(request(""))).toEqual([]);
  });

  it("takes the body as long as it is said to be", () => {
    expect(bodyOf(request("Content-Length: 3\r\n", "abcdef"))).toBe("abc");
    expect(bodyOf(request("", "abc"))).toBe("abc");
    expect(bodyOf(request("Content-Length: 9\r\n", "abc"))).toBeUndefined();
    expect(bodyOf(request("Content-Length: x\r\n", "abc"))).toBeUndefined();
  });
});
