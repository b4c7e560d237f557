/** XML documents, damaged on purpose: first as trees, then as bytes. */
import type { Random } from "../support/random.ts";
import { copy, type Element, elements, type Piece, write } from "./xml-tree.ts";

/** Longest document that is made. */
const LONGEST = 70_000;

const NAMES = [
  "reginfo registration contact uri display-name unknown-param gr:pub-gruu gr:temp-gruu x:contact y:z a",
  "constructor __proto__ toString hasOwnProperty valueOf prototype xml xmlns #text :@ a:b:c -a 1a \xc3\xa4",
].flatMap((line) => line.split(" "));
const ATTRIBUTES = [
  "xmlns xmlns:x xmlns:gr xmlns:xml xmlns:xmlns version state aor id event expires retry-after",
  "duration-registered q callid cseq uri first-cseq name received path user_agent x:received x:path",
  "x:user-agent x:socket x:instance x:reg-id x:methods x:cflags x:more __proto__ constructor xml:lang",
].flatMap((line) => line.split(" "));
const NUMBERS = [
  "0 1 -1 600 0600 +5 1.5 1e9 0x10 2147483647 2147483648 4294967295 4294967296 -2147483649 NaN",
  "9007199254740993 99999999999999999999999 1.0001 0.5 0.7.1 0.999 Infinity \xd9\xa3 \xef\xbc\x91",
].flatMap((line) => line.split(" "));
const WORDS = [
  "full partial active terminated init registered created refreshed shortened expired deactivated probation",
  "unregistered rejected FULL Active hallo",
].flatMap((line) => line.split(" "));
const URIS = [
  "sip:alice@example.test sips:alice@example.test sip:bob@example.test sip:alice@EXAMPLE.TEST:5060;x=y",
  "sip:%61lice@example.test sip:example.test sip:@ sip: tel:+15551234 mailto:a@b urn:uuid:1 http://a/b",
  "sip:a@10.0.0.1 sip:a@10.0.0.1:99999 sip:a@[::1]:5060 sip:a@[ sip:a;b=c@d;e=f?g=h sip:a@b&gt;;x",
  "sip:a%00b@c sip:a@b;transport=tcp;lr;ob sip:alice@elsewhere.test alice @ &lt;sip:a@b&gt;",
].flatMap((line) => line.split(" "));
const SOUND_TEXTS = [
  "",
  " ",
  "\r\n",
  "&#13;&#10;Via: x",
  "&lt;sip:edge&gt;&#13;&#10;Via: x",
  "a&#10;b",
  "&amp;amp;",
  ">",
  "\t",
  "\xe2\x80\xa8",
  "J\xc3\xbcrgen",
  "&lt;sip:edge;lr&gt;,&lt;sip:e2&gt;",
  "&lt;sip:edge",
  "&quot;&lt;urn:uuid:1&gt;&quot;",
  "$ru $(var(x))",
];
const BROKEN_TEXTS = [
  "&#0;",
  "&#x110000;",
  "&#xD800;",
  "&lol;",
  "&",
  "]]>",
  "<",
  "'",
  '"',
  "\u0000",
  "\u001b",
  "\x80\xff",
  "\xc0\xaf",
  "\xed\xa0\x80",
  "\xef\xbf\xbf",
  "\xf4\x90\x80\x80",
];
const NAMESPACES = [
  "urn:ietf:params:xml:ns:reginfo",
  "urn:ietf:params:xml:ns:gruuinfo",
  "urn:olelo:params:xml:ns:reginfo-ext",
  "http://www.w3.org/XML/1998/namespace",
  "",
  "urn:x",
];
const INSERTIONS = [
  "<!-- a -->",
  "<!-- a -- b -->",
  "<!---->",
  "<!-->",
  "<![CDATA[<a>&]]>",
  "<![CDATA[",
  "<?php x ?>",
  "<?xml version='1.0'?>",
  "<!ENTITY a 'b'>",
  "<!DOCTYPE reginfo [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>",
  "<!DOCTYPE reginfo SYSTEM 'file:///etc/passwd'>",
  "<a>",
  "</a>",
  "</registration>",
  "<a b=c/>",
  "<a b/>",
  "<a b='1' b='2'/>",
  "<a b='1'c='2'/>",
  "<a",
  "text",
];

/** A value; a polite one leaves the document well-formed. */
function value(random: Random, isPolite: boolean): string {
  switch (random.below(8)) {
    case 0:
      return random.pick(NUMBERS);
    case 1:
      return random.pick(WORDS);
    case 2:
    case 3:
      return random.pick(URIS);
    case 4:
      return random.pick(NAMESPACES);
    case 5:
      return `sip:u${random.below(300)}@10.0.0.${random.below(256)}`;
    case 6:
      return random.once(8)
        ? random.pick(["a", "&amp;", " ", "sip:a@b;", "\xc3\xa4"]).repeat(random.below(6000))
        : random.pick(SOUND_TEXTS);
    default:
      return random.pick(isPolite ? SOUND_TEXTS : BROKEN_TEXTS);
  }
}

/** How many of something: mostly few, sometimes very many. */
function amount(random: Random): number {
  if (random.once(40)) return 200 + random.below(2000);
  return random.once(8) ? 5 + random.below(40) : 1 + random.below(3);
}

/** A place in a tree where something is changed. */
interface Place {
  readonly random: Random;
  /** Whether the document stays well-formed, mostly. */
  readonly isPolite: boolean;
  readonly element: Element;
  /** The element and what stands beside it. */
  readonly siblings: Piece[];
  readonly all: readonly { readonly element: Element; readonly parent: Element | null }[];
}

/** Changes after which a document is as well-formed as before. */
const POLITE_CHANGES: readonly ((place: Place) => void)[] = [
  ({ element, random }) => shuffle(element.children, random),
  ({ element, siblings, random }) => multiply(element, siblings, random, random.once(2)),
  ({ all, random }) => {
    const contacts = all.filter(({ element }) => element.name === "contact");
    if (contacts.length === 0) return;
    const { element, parent } = random.pick(contacts);
    if (parent !== null) multiply(element, parent.children, random, true);
  },
  ({ element, siblings }) => remove(siblings, element),
  ({ element, siblings, all, random }) => {
    remove(siblings, element);
    const { element: target } = random.pick(all);
    // Into itself it would have no end.
    if (!elements(element).some((one) => one.element === target)) target.children.push(element);
  },
  ({ element, random }) => nest(element, random),
  ({ element, random, isPolite }) => {
    const name = random.pick(ATTRIBUTES);
    const isKnown = element.attributes.some((one) => one[0] === name);
    if (!isKnown || !isPolite) element.attributes.push([name, value(random, isPolite)]);
  },
  ({ element, random, isPolite }) => {
    element.children = [value(random, isPolite)];
  },
  ({ element, random }) => {
    element.attributes.splice(random.below(element.attributes.length + 1), 1);
  },
  changeAttribute,
  changeAttribute,
  changeAttribute,
];

const CHANGES: readonly ((place: Place) => void)[] = [
  ...POLITE_CHANGES,
  ({ element, random }) => {
    const at = random.below(element.children.length + 1);
    element.children.splice(at, 0, random.pick(INSERTIONS));
  },
  ({ element, random }) => {
    const name = random.pick(["xmlns", "xmlns:x", "xmlns:r", "xmlns:gr"]);
    element.attributes.push([name, random.pick(NAMESPACES)]);
    if (random.once(2)) element.name = `r:${element.name}`;
  },
  ({ element, random }) => {
    element.name = random.pick(NAMES);
  },
];

function changeAttribute({ element, random, isPolite }: Place): void {
  if (element.attributes.length === 0) return;
  random.pick(element.attributes)[1] = value(random, isPolite);
}

/** One change of the tree. */
function mutateTree(root: Element, random: Random, isPolite: boolean): void {
  const all = elements(root);
  const { element, parent } = random.pick(all);
  random.pick(isPolite ? POLITE_CHANGES : CHANGES)({
    random,
    isPolite,
    element,
    siblings: parent?.children ?? root.children,
    all,
  });
}

function remove(siblings: Piece[], element: Element): void {
  const at = siblings.indexOf(element);
  if (at >= 0) siblings.splice(at, 1);
}

function shuffle(list: Piece[], random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [list[i], list[j]] = [list[j] as Piece, list[i] as Piece];
  }
}

/** Repeats an element, as it is or with other ids and URIs. */
function multiply(element: Element, siblings: Piece[], random: Random, isDistinct: boolean): void {
  const count = amount(random);
  const text = write(element);
  // Mostly short of what a datagram holds: there it would be over at once.
  const room = random.below(LONGEST);
  for (let i = 0; i < count && (i + 1) * text.length < room; i++) {
    siblings.push(
      isDistinct ? text.replace(/id="[^"]*"/, `id="${i}"`).replace(/@/g, `${i}@`) : text,
    );
  }
}

function nest(element: Element, random: Random): void {
  const depth = random.once(4) ? random.below(400) : random.below(16);
  for (let i = 0; i < depth; i++) {
    const inner: Element = { name: element.name, attributes: [], children: element.children };
    element.children = [inner];
  }
}

const DECLARATIONS = [
  "",
  `<?xml version="1.0"?>`,
  `<?xml version="1.0" encoding="UTF-8"?>\n`,
  `<?xml version='1.0' encoding='iso-8859-1'?>`,
  `<?xml version="1.0" encoding="UTF-16"?>`,
  `<?xml version="9"?>`,
  ` <?xml version="1.0"?>`,
  `<?xml version="1.0"?><!DOCTYPE reginfo>`,
  "\xef\xbb\xbf",
];

/** One change of the bytes. */
function mutateBytes(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const length = random.below(random.once(3) ? text.length : 8);
  switch (random.below(9)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text.slice(at + length);
    case 3:
      return text.slice(0, at + length) + text.slice(at);
    case 4:
      return text.slice(0, at) + random.pick(INSERTIONS) + text.slice(at);
    case 5:
      return text.slice(0, at) + random.pick(BROKEN_TEXTS) + text.slice(at);
    case 6:
      return [...text].map((one) => `${one}\0`).join("");
    case 7:
      return (
        text.slice(0, at) +
        random.pick(["<", ">", '"', "&", "<a>", "<!--", " ", "="]).repeat(amount(random))
      );
    default:
      return text + random.pick([text, "\n", "x", "<a/>", "\0"]);
  }
}

/** A document made from a sound one. One in eight stays as it is but for its version. */
export function mutate(tree: Element, random: Random, version: number): string {
  const root = copy(tree) as Element;
  const isSound = random.once(8);
  const changes = isSound ? 0 : 1 + random.below(4);
  const isPolite = random.once(2);
  for (let i = 0; i < changes; i++) mutateTree(root, random, isPolite);
  if (random.once(2)) {
    const attribute = root.attributes.find(([name]) => name === "version");
    if (attribute !== undefined) attribute[1] = String(version);
  }
  let text =
    random.pick(isSound || isPolite ? DECLARATIONS.slice(0, 3) : DECLARATIONS) + write(root);
  if (!isSound && !isPolite && random.once(3)) text = mutateBytes(text, random);
  return text.slice(0, LONGEST);
}
