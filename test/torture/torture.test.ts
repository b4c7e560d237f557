/** All 49 messages of RFC 4475, byte for byte: what is wrong with the bad ones is named, the good ones are understood. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MessageEdits } from "../../src/sip/edits.ts";
import { buildRequest } from "../../src/sip/build.ts";
import { Header } from "../../src/sip/headers.ts";
import { parseMessage, type SipMessage } from "../../src/sip/message.ts";
import { unescape } from "../../src/sip/uri-compare.ts";
import { INVALID, VALID } from "./expectations.ts";
import { problemsOf } from "./problems.ts";

const folder = (kind: string): URL => new URL(`./${kind}/`, import.meta.url);
const read = (kind: string, name: string): string =>
  readFileSync(new URL(`${name}.dat`, folder(kind)), "latin1");

function parsed(name: string): SipMessage {
  const result = parseMessage(read(name in VALID ? "valid" : "invalid", name));
  if (!result.ok) throw new Error(`${name}: ${result.problem}`);
  return result.message;
}

describe("RFC 4475", () => {
  it("has an expectation for each file, and a file for each of its 49 messages", () => {
    const names = (kind: string): string[] =>
      readdirSync(folder(kind)).map((file) => file.replace(".dat", ""));
    expect(names("valid").toSorted()).toEqual(Object.keys(VALID).toSorted());
    expect(names("invalid").toSorted()).toEqual(Object.keys(INVALID).toSorted());
    const sections = [...Object.values(VALID), ...Object.values(INVALID)].map((e) => e.section);
    expect(new Set(sections).size).toBe(49);
  });

  it.each(Object.entries(VALID))("valid: %s", (name, expected) => {
    expect(problemsOf(read("valid", name))).toEqual(expected.problems);
  });

  it.each(Object.entries(INVALID))("invalid: %s", (name, expected) => {
    expect(problemsOf(read("invalid", name))).toEqual(expected.problems);
    // A bad message without a problem needs a reason.
    if (expected.problems.length === 0) expect(expected.tolerated).toBeDefined();
  });

  it.each([...Object.keys(VALID), "badaspec", "baddn", "clerr", "multi01", "regbadct"])(
    "forwards %s with every byte but the added ones",
    (name) => {
      const message = parsed(name);
      if (!message.isRequest) return;
      const via = "Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKown";
      const sent = buildRequest(message, { via, edits: new MessageEdits() }, undefined);
      expect(sent.replace(`${via}\r\n`, "")).toBe(message.text);
    },
  );
});

describe("the tortuous INVITE (wsinv)", () => {
  const message = parsed("wsinv");

  it("reads folded addresses and numbers", () => {
    expect(message.to?.uriText).toBe("sip:vivekg@chair-dnrc.example.com");
    expect(message.toTag).toBe("1918181833n");
    expect(message.from?.displayName).toBe('J Rosenberg \\"');
    expect(message.fromTag).toBe("98asjd8");
    expect(message.maxForwards).toBe(68);
    expect(message.cseq).toMatchObject({ number: 9, method: "INVITE" });
    expect(message.uri?.param("unknownparam")).toBe("");
  });

  it("reads three Via values from two lines", () => {
    expect(message.vias().map((via) => [via.transport, via.sentBy, via.branch])).toEqual([
      ["UDP", "192.0.2.2", "390skdjuw"],
      ["TCP", "spindle.example.com", "z9hG4bK9ikj8"],
      ["UDP", "192.168.255.111", "z9hG4bK30239"],
    ]);
    expect(message.secondVia?.host).toBe("spindle.example.com");
  });

  it("keeps an unknown header as it is", () => {
    expect(message.valueOf("UnknownHeaderWithUnusualValue")).toBe(";;,,;;,;");
    expect(message.value(Header.Subject)).toBe("");
    expect(message.valueOf("newfangledheader")).toBe(
      "newfangled value\r\n continued newfangled value",
    );
  });

  it("reads routes and contact", () => {
    expect(message.routes?.map((route) => route.uri?.host)).toEqual(["services.example.com"]);
    expect(message.routes?.[0]?.uri?.param("unknownwith")).toBe("value");
    expect(message.contacts?.list[0]?.displayName).toBe('Quoted string ""');
    expect(message.contacts?.list[0]?.param("newparam")).toBe("newvalue");
    expect(message.contacts?.list[0]?.q).toBe(330);
  });
});

describe("what the valid messages say", () => {
  it("intmeth: odd but valid characters", () => {
    const message = parsed("intmeth");
    expect(message.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
    expect(message.cseqMethod).toBe(message.method);
    expect(message.uri?.host).toBe("example.com");
    expect(message.uri?.user).toBe("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    expect(message.fromTag).toBe("_token~1'+`*%!-.");
  });

  it("esc01, escnull: escapes in user parts", () => {
    expect(unescape(parsed("esc01").uri?.user ?? "")).toBe("sips:user@example.com");
    expect(unescape(parsed("esc01").from?.uri?.user ?? "")).toBe("I have spaces");
    const contacts = parsed("escnull").contacts?.list ?? [];
    expect(contacts.map((contact) => unescape(contact.uri?.user ?? ""))).toEqual(["\0", "\0\0"]);
  });

  it("esc02: a percent sign that is no escape", () => {
    const message = parsed("esc02");
    expect(message.method).toBe("RE%47IST%45R");
    expect(message.to?.displayName).toBe("%Z%45");
    expect(message.contacts?.list.length).toBe(2);
  });

  it("semiuri: parameters in the user part", () => {
    const uri = parsed("semiuri").uri;
    expect(unescape(uri?.user ?? "")).toBe("user;par=u@example.net");
    expect(uri?.params).toBe("");
  });

  it("transports: each Via is read", () => {
    expect(parsed("transports").vias().map((via) => via.transport)).toEqual([
      "UDP",
      "SCTP",
      "TLS",
      "UNKNOWN",
      "TCP",
    ]);
  });

  it("longreq: long values are read to their end", () => {
    const message = parsed("longreq");
    expect(message.fromTag).toBe(`12${"982".repeat(50)}424`);
    expect(message.vias()).toHaveLength(34);
    expect(message.contentLength).toBe(message.body.length);
  });

  it("unreason, noreason: reason phrases", () => {
    const phrase = Buffer.from(parsed("unreason").reason, "latin1").toString("utf8");
    expect(phrase.startsWith("= 2**3 * 5**2 ")).toBe(true);
    expect(parsed("noreason")).toMatchObject({ statusCode: 100, reason: "" });
  });

  it("cparam01, cparam02: parameters of the header and of the URI", () => {
    expect(parsed("cparam01").contacts?.list[0]?.param("unknownparam")).toBe("");
    expect(parsed("cparam02").contacts?.list[0]?.uri?.param("unknownparam")).toBe("");
  });

  it("bext01, regaut01: option tags and unknown schemes", () => {
    expect(parsed("bext01").require.has("NOTHINGSUPPORTSTHIS")).toBe(true);
    expect(parsed("regaut01").value(Header.Authorization)).toMatch(/^NoOneKnowsThisScheme/);
  });
});
