/** XML from the network: what it says, and what is refused before anything is built from it. */
import { describe, expect, it } from "vitest";
import type { XmlElement } from "../../../src/runtime/reginfo/xml.ts";
import { XmlReader } from "../../../src/runtime/reginfo/xml.ts";
import type { XmlLimits, XmlProblem } from "../../../src/runtime/reginfo/xml-survey.ts";

const small: XmlLimits = {
  bytes: 1000,
  depth: 5,
  parts: 10,
  attributes: 4,
  name: 16,
  value: 32,
};
const xml = new XmlReader(small);

function root(text: string): XmlElement {
  const result = xml.read(text);
  if (!result.ok) throw new Error(result.problem);
  return result.root;
}

const leaf = { attributes: [], children: [], text: "" };

describe("the XML reader", () => {
  it("resolves namespaces by scope", () => {
    const text =
      '<a xmlns="u1" xmlns:p="u2" q="1" p:q="2"><p:b xmlns="u3"><c/></p:b><d xmlns=""/></a>';
    expect(root(text)).toEqual({
      namespace: "u1",
      name: "a",
      attributes: [
        { namespace: "", name: "q", value: "1" },
        { namespace: "u2", name: "q", value: "2" },
      ],
      children: [
        {
          ...leaf,
          namespace: "u2",
          name: "b",
          children: [{ ...leaf, namespace: "u3", name: "c" }],
        },
        { ...leaf, namespace: "", name: "d" },
      ],
      text: "",
    });
  });

  it("reads references, comments and CDATA", () => {
    expect(root("<a>&lt;&#252;<!-- x --><![CDATA[<&]]></a>").text).toBe("<\xc3\xbc<&");
  });

  it("makes spaces of line ends in attributes, but for those that are references", () => {
    expect(root('<a b="1\r\n2\t3&#10;4"/>').attributes[0]?.value).toBe("1 2 3\n4");
  });

  it.each([
    ["a declaration", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<a>x</a>\n'],
    ["a byte order mark", "\xef\xbb\xbf<a>x</a>"],
    ["both", "\xef\xbb\xbf<?xml version='1.0'?><a>x</a>"],
    [
      "an encoding that is the same for ASCII",
      '<?xml version="1.0" encoding="ISO-8859-1"?><a>x</a>',
    ],
    ["comments around the root", "<!-- 1 --> <a>x</a> <!-- 2 -->"],
    ["spaces in tags", "<a b = '1'\n>x</a\n>"],
  ])("takes %s", (_what, text) => {
    expect(root(text).text).toBe("x");
  });

  it("takes other scripts, in names too", () => {
    const element = root("<\xc3\xa4 \xc3\xb6='\xe2\x82\xac'>\xf0\x9f\x98\x80</\xc3\xa4>");
    expect(element).toMatchObject({
      name: "\xc3\xa4",
      attributes: [{ name: "\xc3\xb6", value: "\xe2\x82\xac" }],
      text: "\xf0\x9f\x98\x80",
    });
  });
});

describe("the XML reader takes documents of a shape that it has seen", () => {
  it("with what they say themselves", () => {
    const shape = (a: string, b: string): string => `<a x="${a}"><b>${b}</b><b/></a>`;
    expect(root(shape("1", "one"))).toMatchObject({ attributes: [{ value: "1" }] });
    const again = root(shape("2", "&#50;"));
    expect(again.attributes[0]?.value).toBe("2");
    expect(again.children.map((child) => child.text)).toEqual(["2", ""]);
  });

  it("nested as they are, not as others with the same elements", () => {
    const inner = (text: string): number[] => root(text).children.map((one) => one.children.length);
    expect(inner("<a><b><b></b></b></a>")).toEqual([1]);
    expect(inner("<a><b></b><b></b></a>")).toEqual([0, 0]);
    expect(inner("<a><b><b></b></b></a>")).toEqual([1]);
  });

  it("also after many others", () => {
    for (let i = 0; i < 200; i++) expect(root(`<a><b${i}/></a>`).children).toHaveLength(1);
    expect(root("<a><b0>x</b0></a>").children[0]?.text).toBe("x");
  });

  it("and refuses names that it does not like each time", () => {
    for (let i = 0; i < 2; i++) expect(xml.read("<a><__proto__/></a>").ok).toBe(false);
  });

  it("and line ends as they are to be read", () => {
    expect(root("<a>1\r\n2\r3<![CDATA[\r\n]]></a>").text).toBe("1\n2\n3\n");
  });
});

describe("the XML reader refuses", () => {
  it.each<[XmlProblem, string, string]>([
    ["too-large", "a long document", `<a>${" ".repeat(1000)}</a>`],
    ["too-deep", "deep nesting", "<a>".repeat(6) + "</a>".repeat(6)],
    ["too-deep", "deep nesting of an empty element", `${"<a>".repeat(5)}<b/>${"</a>".repeat(5)}`],
    ["too-many-parts", "many elements", `<a>${"<b/>".repeat(10)}</a>`],
    ["too-many-parts", "many comments", `<a>${"<!---->".repeat(10)}</a>`],
    ["too-many-parts", "many CDATA sections", `<a>${"<![CDATA[]]>".repeat(10)}</a>`],
    ["too-many-parts", "many attributes in all", `<a>${"<b c='' d='' e=''/>".repeat(3)}</a>`],
    ["too-many-attributes", "many attributes", "<a b='' c='' d='' e='' f=''/>"],
    ["too-long", "a long element name", `<${"a".repeat(17)}/>`],
    ["too-long", "a long attribute name", `<a ${"b".repeat(17)}=''/>`],
    ["too-long", "a long value", `<a b='${"c".repeat(33)}'/>`],
    ["too-long", "long text", `<a>${"c".repeat(33)}</a>`],
    ["too-long", "a long CDATA section", `<a><![CDATA[${"c".repeat(33)}]]></a>`],
    ["forbidden", "a document type", "<!DOCTYPE a><a/>"],
    ["forbidden", "a declared entity", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"],
    ["forbidden", "an entity without a document type", "<a><!ENTITY b 'c'></a>"],
    ["forbidden", "an instruction", "<a><?php x ?></a>"],
    ["forbidden", "a second declaration", "<a/><?xml version='1.0'?>"],
    ["not-utf-8", "latin1", "<a>J\xfcrgen</a>"],
    ["not-utf-8", "an overlong sequence", "<a>\xc0\xaf</a>"],
    ["not-utf-8", "an overlong sequence of three bytes", "<a>\xe0\x80\xaf</a>"],
    ["not-utf-8", "half a character", "<a>\xe2\x82</a>"],
    ["not-utf-8", "a surrogate", "<a>\xed\xa0\x80</a>"],
    ["not-utf-8", "U+FFFF", "<a>\xef\xbf\xbf</a>"],
    ["not-utf-8", "what is beyond Unicode", "<a>\xf4\x90\x80\x80</a>"],
    ["not-utf-8", "another encoding", "<?xml version='1.0' encoding='UTF-16'?><a/>"],
    [
      "not-utf-8",
      "latin1 that says so",
      "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xc3\xbc</a>",
    ],
    ["malformed", "nothing", ""],
    ["malformed", "text only", "x"],
    ["malformed", "text behind the root", "<a/>x"],
    ["malformed", "text before the root", "x<a/>"],
    ["malformed", "two roots", "<a/><b/>"],
    ["malformed", "an element that does not end", "<a><b></a>"],
    ["malformed", "elements that cross", "<a><b></a></b>"],
    ["malformed", "an end too many", "<a/></a>"],
    ["malformed", "an end that only begins alike", "<a></ab>"],
    ["malformed", "a tag that does not end", "<a"],
    ["malformed", "a tag in a tag", "<a <b/>>"],
    ["malformed", "a quoted tag", "<a b='<'/>"],
    ["malformed", "an attribute without a value", "<a b/>"],
    ["malformed", "an attribute without quotes", "<a b=c/>"],
    ["malformed", "an attribute twice", "<a b='1' b='2'/>"],
    [
      "malformed",
      "an attribute twice by two prefixes",
      "<a xmlns:b='u' xmlns:c='u' b:d='' c:d=''/>",
    ],
    ["malformed", "attributes without a space between", "<a b='1'c='2'/>"],
    ["malformed", "an open quote", "<a b='1/>"],
    ["malformed", "a bare ampersand", "<a>&</a>"],
    ["malformed", "an entity that nobody declares", "<a>&nbsp;</a>"],
    ["malformed", "a character that is none", "<a>&#xD800;</a>"],
    ["malformed", "NUL as a reference", "<a>&#0;</a>"],
    ["malformed", "NUL", "<a>\0</a>"],
    ["malformed", "a control character", "<a>\x1b</a>"],
    ["malformed", "a name that begins with a digit", "<1/>"],
    ["malformed", "a name of three parts", "<a xmlns:b='u'><b:c:d/></a>"],
    ["malformed", "a name with a space of another script", "<a\xe3\x80\x80b='1'/>"],
    ["malformed", "a prefix that is not declared", "<b:a/>"],
    ["malformed", "a prefix that is taken back", "<a xmlns:b='u'><b:c xmlns:b=''/></a>"],
    ["malformed", "a reserved prefix", "<a xmlns:xmlns='u'/>"],
    ["malformed", "another meaning of xml", "<a xmlns:xml='u'/>"],
    ["malformed", "a comment with dashes", "<a><!-- -- --></a>"],
    ["malformed", "a comment that does not end", "<a><!-- </a>"],
    ["malformed", "a CDATA section that does not end", "<a><![CDATA[</a>"],
    ["malformed", "a CDATA section outside of the root", "<a/><![CDATA[]]>"],
    ["forbidden", "a declaration behind a space", " <?xml version='1.0'?><a/>"],
    ["malformed", "a declaration of another version", "<?xml version='2.0'?><a/>"],
    ["malformed", "a name that harms", "<a><__proto__/></a>"],
  ])("%s: %s", (problem, _what, text) => {
    expect(xml.read(text)).toEqual({ ok: false, problem });
  });

  it("nothing of an earlier document", () => {
    const reader = new XmlReader(small);
    expect(reader.read("<a><b><c>").ok).toBe(false);
    expect(reader.read("<a/>").ok).toBe(true);
    expect(reader.read("</b>").ok).toBe(false);
  });
});
