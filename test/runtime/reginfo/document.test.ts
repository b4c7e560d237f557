/** Documents of the package reg: writing and reading, namespaces, hostile input. */
import { describe, expect, it } from "vitest";
import { type ContactState, EXTENSION, REGINFO } from "../../../src/runtime/reginfo/document.ts";
import type { ReginfoLimits } from "../../../src/runtime/reginfo/limits.ts";
import { ReginfoReader } from "../../../src/runtime/reginfo/read.ts";
import { fullContact as full } from "../../support/contact-state.ts";
import { startCost } from "../../support/cost.ts";
import { escapeXml, writeReginfo } from "../../../src/runtime/reginfo/write.ts";

const limits: ReginfoLimits = {
  bytes: 1_048_576,
  depth: 16,
  parts: 5000,
  attributes: 64,
  nameLength: 256,
  valueLength: 4096,
  contacts: 1000,
  uriLength: 4096,
};
const reader = new ReginfoReader(limits);

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
    ["many elements", wrap("<a/>".repeat(30_000)), "too-many-parts"],
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
    for (const text of hostile) expect(fastest(() => reader.read(text))).toBeLessThan(100);
  });

  it("row 40: takes less than 20 ms for what a datagram holds", () => {
    const size = 65_000;
    const fill = (piece: (i: number) => string, most = 4990): string => {
      const list: string[] = [];
      for (let length = 100, i = 0; length < size; i++) {
        const text = piece(i);
        length += text.length;
        if (length < size && i < most) list.push(text);
      }
      return list.join("");
    };
    const usual = new ReginfoReader({ ...limits, bytes: 65_536 });
    const shapes = [
      wrap(fill(() => "<a/>")),
      wrap(fill((i) => `<a${i}/>`)),
      wrap(fill((i) => `<a b${i}=""/>`, 2490)),
      wrap(fill(() => "<a></a>x")),
      wrap(fill(() => "<![CDATA[]]>")),
      wrap(fill(() => "<!---->")),
      wrap(fill(() => `${"<a>".repeat(14)}${"</a>".repeat(14)}`, 355)),
      wrap(fill(() => `<a ${Array.from({ length: 64 }, (_all, i) => `b${i}=""`).join(" ")}/>`, 76)),
      wrap(fill(() => `<a xmlns:b="u" xmlns:c="v"/>`, 1660)),
      wrap(fill(() => `<b/>${"&amp;".repeat(800)}`)),
      wrap(fill(() => `<b c="${"&amp;".repeat(800)}"/>`)),
      wrap(fill(() => `<a ${"\t".repeat(1000)}/>`)),
      registration(fill((i) => `<contact id="${i}"><uri>sip:${i}@h</uri></contact>`, 990)),
    ];
    for (const text of shapes) expect(usual.read(text).ok).toBe(true);
    for (const text of shapes) expect(fastest(() => usual.read(text))).toBeLessThan(20);
  });
});

/** Milliseconds that work takes when it has been done some times before. */
function fastest(work: () => unknown): number {
  const times = Array.from({ length: 5 }).map(() => {
    const cost = startCost();
    work();
    return cost();
  });
  return Math.min(...times);
}
