/** Addresses: parts, strictness, comparison, escaping. */
import { describe, expect, it } from "vitest";
import { parseUri, type SipUri } from "../../src/sip/uri.ts";
import { escapeParam, escapeUser, sameUri, unescape } from "../../src/sip/uri-compare.ts";

function uri(text: string): SipUri {
  const parsed = parseUri(text);
  if (parsed === undefined) throw new Error(`not read: ${text}`);
  return parsed;
}

describe("parseUri", () => {
  it("reads all parts", () => {
    const full = uri("sips:user:pass@host.example:123;transport=tcp;lr?a=b&c=d");
    expect(full).toMatchObject({
      scheme: "sips",
      user: "user",
      hasUser: true,
      password: "pass",
      host: "host.example",
      port: 123,
      params: "transport=tcp;lr",
      headers: "a=b&c=d",
      hostPort: "host.example:123",
      bare: "sips:user@host.example:123",
    });
    expect(full.transport).toBe("tcp");
    expect(full.lr).toBe(true);
    expect(full.isSecure).toBe(true);
    expect(full.maddr).toBeUndefined();
  });

  // What real Kamailio reads from the same texts.
  it.each([
    ["sip:host", "", "host", 0, ""],
    ["sip:host:", "", "host", 0, ""],
    ["SIP:user@host", "user", "host", 0, ""],
    ["sip:user:@host", "user", "host", 0, ""],
    ["sip:user;x=y@host", "user;x=y", "host", 0, ""],
    ["sip:user?x=y@host", "user?x=y", "host", 0, ""],
    ["sip:user;x=y:pw@host;lr", "user;x=y", "host", 0, "lr"],
    ["sip:host;a=b@c", "host;a=b", "c", 0, ""],
    ["sip:host?h=v@w", "host?h=v", "w", 0, ""],
    ["sip:us%4er@host", "us%4er", "host", 0, ""],
    ["sip:us/er@host", "us/er", "host", 0, ""],
    ["sip:user@[::1]:5060;transport=udp", "user", "[::1]", 5060, "transport=udp"],
    ["sip:user@host;", "user", "host", 0, ""],
    ["sip:user@host..", "user", "host..", 0, ""],
    ["sip:host&x=y", "", "host&x=y", 0, ""],
    ["tel:+12-3(4);phone-context=a.b", "+12-3(4)", "", 0, "phone-context=a.b"],
    ["urn:service:sos.fire", "service", "sos.fire", 0, ""],
  ])("%s", (text, ...parts) => {
    const [user, host, port, params] = parts;
    expect(uri(text)).toMatchObject({ user, host, port, params });
  });

  it.each([
    "sip:",
    "sip",
    "*",
    "foo",
    "http://a.b",
    "mailto:a@b",
    "tel:",
    "urn:",
    "urn:x",
    "sip:@host",
    "sip:user@",
    "sip::pw@host",
    "sip:user:p:w@host",
    "sip:a@b@host",
    "sip:user@host;a=b@c",
    "sip:user@host?a=b@c",
    "sip:user@[::1@b]",
    "sip:user@host?h=v;x=y",
    "sip:host:99999",
    "sip:host:65536",
    "sip:host:5a",
    "sip:user@host:5060:5061",
    "sip:user@ho!st",
    "sip:user@ho_st",
    "sip:user@ho%41st",
    "sip:user@-host",
    "sip:user@host#frag",
    "sip:user@[::1",
    "sip:user@[::1]x",
    "sip:user@::1",
    "sip:us[er@host",
    "sip:u@h]",
  ])("refuses %s, as Kamailio", (text) => {
    expect(parseUri(text)).toBeUndefined();
  });

  it("gives the port to use", () => {
    expect(uri("sip:h").effectivePort).toBe(5060);
    expect(uri("sips:h").effectivePort).toBe(5061);
    expect(uri("sip:h;transport=TLS").effectivePort).toBe(5061);
    expect(uri("sips:h:99").effectivePort).toBe(99);
  });

  it("finds parameters in any case, with and without value", () => {
    const params = uri("sip:u@h;OB;gr=urn:x;r2=on;User=phone;received=x");
    expect(params.ob).toBe(true);
    expect(params.gr).toBe("urn:x");
    expect(params.r2).toBe("on");
    expect(params.isPhone).toBe(true);
    expect(params.received).toBe("x");
    expect(params.param("g")).toBeUndefined();
  });
});

describe("sameUri", () => {
  // The pairs of RFC 3261, 19.1.4.
  it.each([
    ["sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"],
    ["sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"],
    ["sip:carol@chicago.com", "sip:carol@chicago.com;security=on"],
    [
      "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
      "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ],
    [
      "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
      "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ],
    ["tel:+1-201-555-0123", "tel:+12015550123"],
    ["urn:service:SOS", "urn:service:sos"],
  ])("%s is %s", (a, b) => {
    expect(sameUri(uri(a), uri(b))).toBe(true);
    expect(sameUri(uri(b), uri(a))).toBe(true);
  });

  it.each([
    ["sip:ALICE@AtlanTa.CoM;Transport=udp", "sip:alice@AtlanTa.CoM;Transport=UDP"],
    ["sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"],
    ["sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"],
    ["sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"],
    ["sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"],
    ["sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"],
    ["sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"],
    ["sip:a%3Bb@h", "sip:a;b@h"],
    ["sip:a@h", "sips:a@h"],
    ["sip:a:x@h", "sip:a:y@h"],
  ])("%s is not %s", (a, b) => {
    expect(sameUri(uri(a), uri(b))).toBe(false);
    expect(sameUri(uri(b), uri(a))).toBe(false);
  });
});

describe("escapes", () => {
  it("escapes what may not stand there", () => {
    expect(escapeUser("a b@c:d;e")).toBe("a%20b%40c%3Ad;e");
    expect(escapeParam("a;b=c:d")).toBe("a%3Bb%3Dc:d");
    expect(escapeUser("plain")).toBe("plain");
    expect(escapeUser("\xe9")).toBe("%E9");
  });

  it("undoes escapes and leaves the rest", () => {
    expect(unescape("a%20b%zz%4")).toBe("a b%zz%4");
    expect(unescape("%2541")).toBe("%41");
    expect(unescape("100%")).toBe("100%");
  });
});
