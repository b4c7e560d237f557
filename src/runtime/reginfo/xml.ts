/** XML from the network: read with limits, namespaces resolved, never a fault (XML 1.0; Namespaces in XML 1.0). */
import { createRequire } from "node:module";
import type * as FastXmlParser from "fast-xml-parser";

/** Its CommonJS form is one file; the other one loads forty at each start. */
const { XMLParser, XMLValidator } = createRequire(import.meta.url)(
  "fast-xml-parser",
) as typeof FastXmlParser;

/** An element. Texts are latin1 readings of UTF-8, as everywhere in the engine. */
export interface XmlElement {
  /** Namespace URI, "" for none. */
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** Its character data, children's not included. */
  readonly text: string;
}

export interface XmlAttribute {
  /** "" for attributes without a prefix. */
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

/** What is more than this is refused. */
export interface XmlLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly elements: number;
}

export type XmlResult =
  | { readonly ok: true; readonly root: XmlElement }
  | { readonly ok: false; readonly problem: XmlProblem };

export type XmlProblem = "too-large" | "too-deep" | "too-many-elements" | "forbidden" | "malformed";

/** A node as the parser gives it with `preserveOrder`. */
type ParsedNode = Readonly<Record<string, unknown>>;

const ATTRIBUTES = ":@";
const TEXT = "#text";
const CDATA = "#cdata";

/** Reads documents of one kind. */
export class XmlReader {
  readonly #limits: XmlLimits;
  readonly #parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    cdataPropName: CDATA,
    // References are read here: the five of XML and numbers, nothing that a document declares.
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });

  constructor(limits: XmlLimits) {
    this.#limits = limits;
  }

  read(bytes: string): XmlResult {
    if (bytes.length > this.#limits.bytes) return { ok: false, problem: "too-large" };
    const problem = this.#survey(bytes);
    if (problem !== undefined) return { ok: false, problem };
    const text = isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
    let nodes: readonly ParsedNode[];
    try {
      if (XMLValidator.validate(text) !== true) return { ok: false, problem: "malformed" };
      nodes = this.#parser.parse(text) as readonly ParsedNode[];
    } catch {
      // The package reports what it does not like by throwing.
      return { ok: false, problem: "malformed" };
    }
    const root = nodes.find((node) => elementName(node) !== undefined);
    const element = root === undefined ? null : toElement(root, NO_NAMESPACES);
    return element === null ? { ok: false, problem: "malformed" } : { ok: true, root: element };
  }

  /** One pass over the text before anything is built: declarations, depth, number of elements. */
  #survey(text: string): XmlProblem | undefined {
    let depth = 0;
    let elements = 0;
    let at = text.indexOf("<");
    while (at >= 0) {
      const end = markupEnd(text, at);
      if (end === FORBIDDEN) return "forbidden";
      if (end < 0) return "malformed";
      const next = text.charCodeAt(at + 1);
      if (next === 47) depth--;
      else if (next !== 33 && next !== 63) {
        if (++elements > this.#limits.elements) return "too-many-elements";
        if (text.charCodeAt(end - 2) !== 47 && ++depth > this.#limits.depth) return "too-deep";
      }
      at = text.indexOf("<", end);
    }
    return undefined;
  }
}

const FORBIDDEN = -2;

/** Offset behind the markup that starts here; -1 when it does not end. */
function markupEnd(text: string, start: number): number {
  if (text.startsWith("<!--", start)) return endOf(text, "-->", start + 4);
  if (text.startsWith("<![CDATA[", start)) return endOf(text, "]]>", start + 9);
  // Document types and what they declare: nobody needs them here, and they are how XML does harm.
  if (text.startsWith("<!", start)) return FORBIDDEN;
  if (text.startsWith("<?", start)) return endOf(text, "?>", start + 2);
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 62) return i + 1;
    if (c === 60) return -1;
    if (c === 34 || c === 39) {
      i = text.indexOf(c === 34 ? '"' : "'", i + 1);
      if (i < 0) return -1;
    }
  }
  return -1;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? -1 : at + mark.length;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

function elementName(node: ParsedNode): string | undefined {
  for (const key in node) {
    if (key !== ATTRIBUTES && key !== TEXT && key !== CDATA) return key;
  }
  return undefined;
}

/** Text of a node that is no element; null when a reference in it is not known. */
function characterData(node: ParsedNode): string | null {
  const cdata = node[CDATA] as readonly ParsedNode[] | undefined;
  if (cdata === undefined) return decode(String(node[TEXT] ?? ""));
  return toBytes(cdata.map((piece) => String(piece[TEXT] ?? "")).join(""));
}

type Namespaces = ReadonlyMap<string, string>;
const NO_NAMESPACES: Namespaces = new Map([["xml", "http://www.w3.org/XML/1998/namespace"]]);

/** Null when a prefix is not declared or a reference is not known. */
function toElement(node: ParsedNode, outer: Namespaces): XmlElement | null {
  const rawName = elementName(node) as string;
  const raw = Object.entries((node[ATTRIBUTES] ?? {}) as Record<string, unknown>);
  const namespaces = declared(raw, outer);
  if (namespaces === null) return null;
  const name = split(rawName);
  const namespace = namespaces.get(name.prefix) ?? (name.prefix === "" ? "" : undefined);
  const attributes = readAttributes(raw, namespaces);
  if (namespace === undefined || attributes === null) return null;
  const children: XmlElement[] = [];
  let text = "";
  for (const child of node[rawName] as readonly ParsedNode[]) {
    if (elementName(child) === undefined) {
      const piece = characterData(child);
      if (piece === null) return null;
      text += piece;
      continue;
    }
    const element = toElement(child, namespaces);
    if (element === null) return null;
    children.push(element);
  }
  return { namespace, name: name.local, attributes, children, text };
}

function declared(raw: readonly [string, unknown][], outer: Namespaces): Namespaces | null {
  let own: Map<string, string> | undefined;
  for (const [key, value] of raw) {
    if (key !== "xmlns" && !key.startsWith("xmlns:")) continue;
    const uri = decode(String(value));
    if (uri === null) return null;
    own ??= new Map(outer);
    own.set(key === "xmlns" ? "" : key.slice(6), uri);
  }
  return own ?? outer;
}

function readAttributes(
  raw: readonly [string, unknown][],
  namespaces: Namespaces,
): XmlAttribute[] | null {
  const list: XmlAttribute[] = [];
  for (const [key, value] of raw) {
    if (key === "xmlns" || key.startsWith("xmlns:")) continue;
    const { prefix, local } = split(key);
    const namespace = prefix === "" ? "" : namespaces.get(prefix);
    const text = decode(String(value));
    if (namespace === undefined || text === null) return null;
    list.push({ namespace, name: local, value: text });
  }
  return list;
}

function split(name: string): { readonly prefix: string; readonly local: string } {
  const colon = name.indexOf(":");
  return colon < 0
    ? { prefix: "", local: name }
    : { prefix: name.slice(0, colon), local: name.slice(colon + 1) };
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** Reads references and turns the text into bytes; null when a reference is not known. */
function decode(text: string): string | null {
  let decoded = text;
  let ampersand = text.indexOf("&");
  if (ampersand >= 0) {
    decoded = "";
    let from = 0;
    while (ampersand >= 0) {
      const semicolon = text.indexOf(";", ampersand);
      if (semicolon < 0 || semicolon - ampersand > 12) return null;
      const character = reference(text.slice(ampersand + 1, semicolon));
      if (character === undefined) return null;
      decoded += text.slice(from, ampersand) + character;
      from = semicolon + 1;
      ampersand = text.indexOf("&", from);
    }
    decoded += text.slice(from);
  }
  return toBytes(decoded);
}

/** The UTF-8 bytes of a text, read as latin1. */
function toBytes(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

function reference(name: string): string | undefined {
  if (!name.startsWith("#")) return NAMED.get(name);
  const isHex = name.startsWith("#x");
  const digits = name.slice(isHex ? 2 : 1);
  if (!(isHex ? /^[0-9a-fA-F]+$/ : /^[0-9]+$/).test(digits)) return undefined;
  const code = Number.parseInt(digits, isHex ? 16 : 10);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
