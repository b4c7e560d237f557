/** Values of single headers: Via, addresses, contacts, CSeq, parameters. */
import { describe, expect, it } from "vitest";
import { formatQ, parseContacts, parseQ } from "../../src/sip/contact.ts";
import { parseCSeq, parseRAck } from "../../src/sip/cseq.ts";
import { compactNameOf, Header, headerKind, headerNameOf } from "../../src/sip/headers.ts";
import { parseNameAddr, parseNameAddrList } from "../../src/sip/name-addr.ts";
import { listParams, paramValue, splitList } from "../../src/sip/params.ts";
import { parseVia, type Via } from "../../src/sip/via.ts";

function via(text: string): Via | undefined {
  return parseVia(text, 0, text.length);
}

describe("parseVia", () => {
  it("reads what the engine needs", () => {
    const text =
      "SIP/2.0/TCP host.example:5070;rport=99;branch=z9hG4bK.a=b;RECEIVED=1.2.3.4;maddr=m;x=y";
    expect(via(text)).toMatchObject({
      transport: "TCP",
      host: "host.example",
      port: 5070,
      branch: "z9hG4bK.a=b",
      rport: 99,
      received: "1.2.3.4",
      maddr: "m",
      value: text,
      sentBy: "host.example:5070",
    });
    expect(via(text)?.param("x")).toBe("y");
    expect(via(text)?.param("z")).toBeUndefined();
  });

  it.each([
    ["SIP/2.0/UDP h", { host: "h", port: 0, branch: "", rport: -1, received: "" }],
    ["SIP/2.0/UDP h;rport", { rport: 0 }],
    ["SIP/2.0/UDP h;rport=", { rport: 0 }],
    ["sip/2.0/udp h;branch=", { transport: "udp", branch: "" }],
    [
      "SIP / 2.0 / UDP\r\n first : 4000 ; ttl = 16 ;maddr=224.2.0.1 ;branch=b",
      { host: "first", port: 4000, branch: "b" },
    ],
    ["SIP/2.0/UDP [2001:db8::9:1]:5;branch=b", { host: "[2001:db8::9:1]", port: 5 }],
    ["SIP/2.0/XYZ h;x=y (a, comment);branch=b", { transport: "XYZ", branch: "b" }],
    ['SIP/2.0/UDP h;x="a,;b";branch=b, SIP/2.0/UDP g', { branch: "b" }],
    ["SIP/2.0/UDP h,SIP/2.0/UDP g;branch=b", { host: "h", branch: "" }],
  ])("%s", (text, parts) => {
    expect(via(text)).toMatchObject(parts);
  });

  it("ends at the comma", () => {
    const first = via("SIP/2.0/UDP h;branch=1 , SIP/2.0/UDP g");
    expect(first?.value).toBe("SIP/2.0/UDP h;branch=1");
  });

  it.each([
    "",
    "SIP/2.0/UDP",
    "SIP/2.0/UDP ",
    "SIP/2.0 h",
    "SIP/3.0/UDP h",
    "ABC/2.0/UDP h",
    "SIP/2.0/UDP h:x",
    "SIP/2.0/UDP h:",
    "SIP/2.0/UDP h:65536",
    "SIP/2.0/UDP [::1",
    "SIP/2.0/UDP h g",
    "SIP/2.0/UDP h;;x=y",
    "SIP/2.0/UDP h;x=y;",
    "SIP/2.0/UDP h;rport=x",
    "SIP/2.0/UDP h;rport=70000",
    'SIP/2.0/UDP h;x="open',
    "SIP/2.0/UDP h;x (open",
    "SIP/2.0/UDP h;x=y z",
  ])("refuses %j", (text) => {
    expect(via(text)).toBeUndefined();
  });
});

describe("parseNameAddr", () => {
  it.each([
    ["<sip:a@h>;tag=1", "", "sip:a@h", "1"],
    ["sip:a@h;tag=1;u=v", "", "sip:a@h", "1"],
    ['"J. \\"x\\" <>Rose" <sip:a@h>;tag=1', 'J. "x" <>Rose', "sip:a@h", "1"],
    ["Bell, Alexander <sip:a@h>;tag=1", "Bell, Alexander", "sip:a@h", "1"],
    ["caller<sip:a@h>", "caller", "sip:a@h", ""],
    ['  Joe   < sip:a@h;lr > ; x="a;tag=no" ; TAG = 7 ', "Joe", "sip:a@h;lr", "7"],
    ["<tel:+1>;tag", "", "tel:+1", ""],
    ["<sip:a@h>;x=<y>;tag=z", "", "sip:a@h", "z"],
  ])("%s", (text, displayName, uriText, tag) => {
    expect(parseNameAddr(text)).toMatchObject({ displayName, uriText, tag });
  });

  it("gives a URI only where there is one", () => {
    expect(parseNameAddr("<unknown:opaque>")?.uri).toBeNull();
    expect(parseNameAddr("<sip:u@h;lr>")?.uri?.lr).toBe(true);
    expect(parseNameAddr("sip:u@h;lr")?.uri?.lr).toBe(false);
  });

  it("keeps ranges for edits", () => {
    const text = '"A" <sip:a@h>;tag=1';
    const address = parseNameAddr(text);
    expect(text.slice(address?.uriStart, address?.uriEnd)).toBe("sip:a@h");
    expect(address).toMatchObject({ display: '"A"', params: "tag=1", isBracketed: true });
  });

  it.each([
    "",
    "<sip:a@h",
    "sip a",
    '"x <sip:a@h>',
    "name",
    "<sip:a> junk",
    '"only quoted"',
    '<sip:a>;x="y',
  ])("refuses %j", (text) => {
    expect(parseNameAddr(text)).toBeUndefined();
  });

  it("splits lists outside quotes and brackets", () => {
    const list = parseNameAddrList('"a, b" <sip:a,c@h>, <sip:d@h>;x="1,2" ,sip:e@h');
    expect(list?.map((address) => address.uriText)).toEqual(["sip:a,c@h", "sip:d@h", "sip:e@h"]);
    expect(parseNameAddrList("<sip:a>,,<sip:b>")).toBeUndefined();
  });
});

describe("contacts", () => {
  it("reads preference, lifetime and instance", () => {
    const contact = parseContacts(
      '<sip:a@h>;q=0.75;expires="60";+sip.instance="<urn:uuid:1>";reg-id=1;methods="INVITE,BYE";received="sip:r"',
    )?.list[0];
    expect(contact).toMatchObject({
      q: 750,
      expires: 60,
      instance: "<urn:uuid:1>",
      regId: 1,
      methods: "INVITE,BYE",
      received: "sip:r",
    });
  });

  it("tells missing from malformed", () => {
    expect(parseContacts("<sip:a>")?.list[0]).toMatchObject({ q: -1, expires: -1, regId: -1 });
    const wrong = parseContacts("<sip:a>;q=2;expires=-1;reg-id=0")?.list[0];
    expect(wrong).toMatchObject({ q: -2, expires: -2, regId: -2 });
    expect(parseContacts(" * ")).toEqual({ star: true, list: [] });
  });

  it.each([
    ["0", 0],
    ["1", 1000],
    ["0.5", 500],
    [".5", 500],
    ["0.1239", 123],
    ["1.000", 1000],
    ["1.", 1000],
    ["1.001", -1],
    ["2", -1],
    ["0,5", -1],
    ["", -1],
    ["0.5x", -1],
  ])("q of %j is %d thousandths", (text, value) => {
    expect(parseQ(text)).toBe(value);
  });

  it.each([
    [0, "0"],
    [500, "0.5"],
    [5, "0.005"],
    [750, "0.75"],
    [1000, "1"],
  ])("%d thousandths are written %s", (value, text) => {
    expect(formatQ(value)).toBe(text);
  });
});

describe("CSeq and RAck", () => {
  it("reads them", () => {
    expect(parseCSeq(" 0009\r\n  INVITE ")).toMatchObject({ number: 9, method: "INVITE" });
    expect(parseCSeq("4294967295 X")).toMatchObject({ number: 4294967295, method: "X" });
    expect(parseRAck("1 4711 INVITE")).toEqual({ rseq: 1, cseqNumber: 4711, method: "INVITE" });
  });

  it.each(["", "1", "x INVITE", "1INVITE", "4294967296 X", "1 INVITE x", "-1 INVITE"])(
    "refuses CSeq %j",
    (text) => {
      expect(parseCSeq(text)).toBeUndefined();
    },
  );

  it.each(["1 2", "1INVITE", "x 1 INVITE"])("refuses RAck %j", (text) => {
    expect(parseRAck(text)).toBeUndefined();
  });
});

describe("parameters and lists", () => {
  const text = 'a=1;B ; c = "x;y\\"z" ;d=';

  it("finds values as written", () => {
    const value = (name: string): string | undefined => paramValue(text, 0, text.length, name);
    expect(["A", "b", "c", "d", "e"].map(value)).toEqual(["1", "", '"x;y\\"z"', "", undefined]);
  });

  it("lists them in order", () => {
    expect(listParams(text, 0, text.length)).toEqual([
      { name: "a", value: "1", hasValue: true },
      { name: "B", value: "", hasValue: false },
      { name: "c", value: '"x;y\\"z"', hasValue: true },
      { name: "d", value: "", hasValue: true },
    ]);
  });

  it("splits at commas", () => {
    expect(splitList('a, "b,c" ,,<d,e>;f,')).toEqual(["a", '"b,c"', "<d,e>;f"]);
    expect(splitList('"open, x')).toEqual(['"open, x']);
  });
});

describe("header names", () => {
  it("finds each kind by its name and its compact form, in any case", () => {
    for (const kind of Object.values(Header)) {
      if (kind === Header.Other) continue;
      const name = headerNameOf(kind);
      expect(headerKind(name)).toBe(kind);
      expect(headerKind(name.toUpperCase())).toBe(kind);
      const compact = compactNameOf(kind);
      if (compact !== "") expect(headerKind(compact.toUpperCase())).toBe(kind);
    }
    expect(new Set(Object.values(Header)).size).toBe(Object.keys(Header).length);
  });

  it.each([
    "",
    "X-Foo",
    "Vi",
    "Viaa",
    "Call\rID",
    "Call ID",
    "z",
    "a-very-long-header-name-indeed",
  ])("does not know %j", (name) => {
    expect(headerKind(name)).toBe(Header.Other);
  });
});
