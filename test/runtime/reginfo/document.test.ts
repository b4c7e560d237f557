/** Documents of the package reg: writing and reading, namespaces, hostile input. */
import { describe, expect, it } from "vitest";
import { type ContactState, EXTENSION, REGINFO } from "../../../src/runtime/reginfo/document.ts";
import { ReginfoReader, type ReginfoLimits } from "../../../src/runtime/reginfo/read.ts";
import { escapeXml, writeReginfo } from "../../../src/runtime/reginfo/write.ts";
import { XmlReader } from "../../../src/runtime/reginfo/xml.ts";

const limits: ReginfoLimits = { bytes: 1_048_576, depth: 16, contacts: 1000, uriLength: 4096 };
const reader = new ReginfoReader(limits);

const full: ContactState = {
  id: "c1",
  uri: 'sip:a&b@h;x="<1>"',
  isActive: true,
  event: "registered",
  expires: 600,
  retryAfter: -1,
  durationRegistered: 5,
  q: 700,
  callId: "call<&>\"'@h",
  cseq: 7,
  displayName: "J\xc3\xbcrgen & Co",
  unknownParams: [
    { name: "+sip.instance", value: '"<urn:uuid:1>"' },
    { name: "audio", value: "" },
  ],
  publicGruu: "sip:a@h;gr=urn:uuid:1",
  temporaryGruu: "sip:t@h;gr",
  firstCseq: 3,
  received: "sip:8.8.8.8:88;transport=udp",
  path: "<sip:e1;lr>,<sip:e2;lr>",
  userAgent: 'Phone "1"\ttab',
  socket: "udp:10.0.0.1:5060",
  instance: "<urn:uuid:1>",
  regId: 2,
  methods: 8191,
  branchFlags: 64,
};

const bare: ContactState = {
  ...full,
  id: "c2",
  uri: "sip:b@h",
  isActive: false,
  event: "unregistered",
  expires: 0,
  durationRegistered: -1,
  q: -1,
  displayName: undefined,
  unknownParams: [],
  publicGruu: undefined,
  temporaryGruu: undefined,
  firstCseq: -1,
  received: undefined,
  path: undefined,
  userAgent: undefined,
  socket: undefined,
  instance: undefined,
  regId: 0,
  methods: -1,
  branchFlags: 0,
};

function documentOf(contacts: readonly ContactState[]) {
  return {
    version: 3,
    isFull: true,
    registrations: [{ aor: "sip:alice@h", id: "r1", state: "active" as const, contacts }],
  };
}

const wrap = (inside: string, rest = "") =>
  `<?xml version="1.0"?><reginfo xmlns="${REGINFO}" version="0" state="full"${rest}>${inside}</reginfo>`;
const registration = (inside: string, state = "active") =>
  wrap(`<registration aor="sip:alice@h" id="r" state="${state}">${inside}</registration>`);

describe("a document", () => {
  it("is read as it was written, whatever is in it", () => {
    const document = documentOf([full, bare]);
    expect(reader.read(writeReginfo(document))).toEqual({ ok: true, document });
  });

  it("has no white space between elements, and only the namespaces that it uses", () => {
    const text = writeReginfo(documentOf([bare]));
    expect(text).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>\n<reginfo xmlns="${REGINFO}" version="3" state="full">` +
        `<registration aor="sip:alice@h" id="r1" state="active"><contact id="c2" state="terminated" ` +
        `event="unregistered" expires="0" callid="call&lt;&amp;&gt;&quot;&apos;@h" cseq="7">` +
        `<uri>sip:b@h</uri></contact></registration></reginfo>`,
    );
  });

  it("holds UTF-8 also when a client sends latin1 or control characters", () => {
    expect(escapeXml("J\xfcrgen")).toBe("J\xc3\xbcrgen");
    expect(escapeXml("J\xc3\xbcrgen")).toBe("J\xc3\xbcrgen");
    expect(escapeXml("a\x00b\x1bc\rd")).toBe("a?b?c&#13;d");
  });

  it("of Kamailio is read", () => {
    const text = `<?xml version="1.0"?>
<reginfo xmlns="${REGINFO}" version="0" state="full">
  <registration aor="sip:alice@example.test" id="0x7f7754ac87b8" state="active">
    <contact id="0x7f7754ac88d0" state="active" event="created" expires="600" q="0.700" callid="cid1" cseq="1" received="sip:1.2.3.4:5" path="&lt;sip:edge1;lr&gt;" user_agent="TestUA/1.0">
      <uri>sip:alice@127.0.0.1:27090;transport=udp</uri>
    </contact>
  </registration>
</reginfo>
`;
    const result = reader.read(text);
    expect(result).toMatchObject({
      ok: true,
      document: {
        version: 0,
        isFull: true,
        registrations: [
          {
            aor: "sip:alice@example.test",
            state: "active",
            contacts: [
              {
                uri: "sip:alice@127.0.0.1:27090;transport=udp",
                event: "created",
                expires: 600,
                q: 700,
                received: "sip:1.2.3.4:5",
                path: "<sip:edge1;lr>",
                userAgent: "TestUA/1.0",
              },
            ],
          },
        ],
      },
    });
  });

  it("may use any prefix, and foreign elements and attributes", () => {
    const text =
      `<r:reginfo xmlns:r="${REGINFO}" xmlns:y="urn:y" xmlns:e="${EXTENSION}" version="1" state="partial" y:z="1">` +
      `<y:other><r:registration aor="sip:evil@h" id="e" state="active"/></y:other>` +
      `<r:registration aor="sip:alice@h" id="r" state="active" y:aor="sip:evil@h"><y:contact/>` +
      `<r:contact id="1" state="active" event="registered" e:path="&lt;sip:p&gt;"><r:uri>sip:a&#x40;h</r:uri><uri>sip:evil@h</uri></r:contact>` +
      `</r:registration></r:reginfo>`;
    const result = reader.read(text);
    expect(result.ok && result.document).toMatchObject({
      version: 1,
      isFull: false,
      registrations: [{ aor: "sip:alice@h", contacts: [{ uri: "sip:a@h", path: "<sip:p>" }] }],
    });
    expect(result.ok && result.document.registrations).toHaveLength(1);
  });

  it("loses a contact without URI, and nothing else", () => {
    const contact = (uri: string) =>
      `<contact id="x" state="active" event="registered">${uri}</contact>`;
    const text = registration(contact("<uri/>") + contact("") + contact("<uri> sip:a@h </uri>"));
    const result = reader.read(text);
    expect(result.ok && result.document.registrations[0]?.contacts.map((one) => one.uri)).toEqual([
      "sip:a@h",
    ]);
  });

  it("gives no line ends to headers", () => {
    const text = registration(
      `<contact id="x" state="active" event="registered" path="&lt;sip:a&gt;&#13;&#10;X: y"><uri>sip:a@h</uri></contact>`,
    );
    const result = reader.read(text);
    expect(result.ok && result.document.registrations[0]?.contacts[0]?.path).toBeUndefined();
  });
});

describe("what is refused", () => {
  const cases: [string, string, string][] = [
    ["nothing", "", "malformed"],
    ["text", "hello", "malformed"],
    ["an open element", "<reginfo", "malformed"],
    ["elements that cross", `<reginfo xmlns="${REGINFO}"><a><b></a></b></reginfo>`, "malformed"],
    ["another namespace", '<reginfo xmlns="urn:x"/>', "not-reginfo"],
    ["no namespace", "<reginfo/>", "not-reginfo"],
    ["another element", `<presence xmlns="${REGINFO}"/>`, "not-reginfo"],
    ["an undeclared prefix", '<r:reginfo version="0"/>', "malformed"],
    ["a document type", `<!DOCTYPE reginfo [<!ENTITY a "b">]>${wrap("")}`, "forbidden"],
    ["an unknown entity", registration("<contact><uri>&a;</uri></contact>"), "malformed"],
    ["deep nesting", wrap("<a>".repeat(20) + "</a>".repeat(20)), "too-deep"],
    ["a megabyte", wrap(" ".repeat(1_048_576)), "too-large"],
    ["many elements", wrap("<a/>".repeat(30_000)), "too-many-elements"],
    [
      "many contacts",
      registration('<contact id="x"><uri>sip:a@h</uri></contact>'.repeat(1001)),
      "too-many-contacts",
    ],
  ];
  it.each(cases)("%s", (_what, text, problem) => {
    expect(reader.read(text)).toEqual({ ok: false, problem });
  });

  it("row 40: takes little time, whatever it is", () => {
    const size = 500_000;
    const hostile = [
      "<".repeat(size),
      "<a ".repeat(size / 3),
      "&".repeat(size),
      `<a b="${"<".repeat(size)}`,
      wrap(`<a b="${"&amp;".repeat(size / 5)}"/>`),
      wrap(`<a ${"b ".repeat(size / 2)}/>`),
      wrap(`<a ${Array.from({ length: 20_000 }, (_all, i) => `b${i}="1"`).join(" ")}/>`),
      `<a>${"</a>".repeat(size / 4)}`,
      wrap(`<!--${"-".repeat(size)}-->`),
      wrap(`<![CDATA[${"]".repeat(size)}]]>`),
      wrap(`${"<a>".repeat(10)}${" x".repeat(size / 2)}${"</a>".repeat(10)}`),
      `<?${"?".repeat(size)}`,
      wrap("&#x110000;"),
      wrap('<__proto__ constructor="1"><toString/></__proto__>'),
      "\xff\xfe".repeat(1000),
      "<a\u0000b/>",
    ];
    for (const text of hostile) {
      const started = process.cpuUsage();
      reader.read(text);
      const used = process.cpuUsage(started);
      expect(used.user + used.system).toBeLessThan(1_000_000);
    }
  });
});

describe("the XML reader", () => {
  it("resolves namespaces by scope", () => {
    const xml = new XmlReader({ bytes: 1000, depth: 5, elements: 10 });
    const result = xml.read(
      '<a xmlns="u1" xmlns:p="u2" q="1" p:q="2"><p:b xmlns="u3"><c/></p:b><d xmlns=""/></a>',
    );
    expect(result).toEqual({
      ok: true,
      root: {
        namespace: "u1",
        name: "a",
        attributes: [
          { namespace: "", name: "q", value: "1" },
          { namespace: "u2", name: "q", value: "2" },
        ],
        children: [
          {
            namespace: "u2",
            name: "b",
            attributes: [],
            children: [{ namespace: "u3", name: "c", attributes: [], children: [], text: "" }],
            text: "",
          },
          { namespace: "", name: "d", attributes: [], children: [], text: "" },
        ],
        text: "",
      },
    });
  });

  it("reads references, comments and CDATA", () => {
    const xml = new XmlReader({ bytes: 1000, depth: 5, elements: 10 });
    const result = xml.read("<a>&lt;&#252;<!-- x --><![CDATA[<&]]></a>");
    expect(result.ok && result.root.text).toBe("<\xc3\xbc<&");
  });
});
