/** XML from the network: read with limits, namespaces resolved, never a fault (XML 1.0; Namespaces in XML 1.0). */
import { createRequire } from "node:module";
import type * as FastXmlParser from "fast-xml-parser";
import { EXTENSION, GRUUINFO, REGINFO } from "./document.ts";
import { type XmlLimits, type XmlProblem, XmlSurvey, type XmlTag } from "./xml-survey.ts";

/** Its CommonJS form is one file; the other one loads forty at each start. */
const { XMLParser } = createRequire(import.meta.url)("fast-xml-parser") as typeof FastXmlParser;

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

export type XmlResult =
  | { readonly ok: true; readonly root: XmlElement }
  | { readonly ok: false; readonly problem: XmlProblem };

/** A node as the parser gives it with `preserveOrder`. */
type ParsedNode = Readonly<Record<string, unknown>>;

/** Stands in for what the parser has for references: it sees none. */
const NO_ENTITIES = {
  reset: (): void => undefined,
  setXmlVersion: (): void => undefined,
  addInputEntities: (): void => undefined,
  setExternalEntities: (): void => undefined,
  decode: (text: string): string => text,
};

/** Numbers of children of all elements, in the order in which these begin. */
type Nesting = readonly number[];

/** Shapes that are remembered, and the longest of them. */
const MOST_SHAPES = 64;
const LONGEST_SHAPE = 4096;

/** Reads documents of one kind. */
export class XmlReader {
  readonly #survey: XmlSurvey;
  readonly #parser: FastXmlParser.XMLParser;
  /** Documents of one sender mostly have one shape: the parser sees it once. */
  readonly #shapes = new Map<string, Nesting>();

  constructor(limits: XmlLimits) {
    this.#survey = new XmlSurvey(limits);
    this.#parser = new XMLParser({
      preserveOrder: true,
      ignoreAttributes: true,
      parseTagValue: false,
      trimValues: false,
      processEntities: false,
      entityDecoder: NO_ENTITIES,
      // The path of each element as a text: nobody asks for it, and it costs more than the element.
      jPath: false,
      maxNestedTags: limits.depth + 1,
    });
  }

  /** The document as bytes in latin1. */
  read(bytes: string): XmlResult {
    const survey = this.#survey.look(bytes);
    if (!survey.ok) return survey;
    const { tags, shape, isAscii } = survey;
    let nesting = this.#shapes.get(shape) ?? null;
    if (nesting === null) {
      nesting = this.#parse(isAscii ? shape : Buffer.from(shape, "latin1").toString("utf8"));
      if (nesting === null || nesting.length !== tags.length) {
        return { ok: false, problem: "malformed" };
      }
      if (shape.length <= LONGEST_SHAPE) this.#remember(shape, nesting);
    }
    const root = new Builder(tags, nesting).element(XML_SCOPE);
    return root === null ? { ok: false, problem: "malformed" } : { ok: true, root };
  }

  #remember(shape: string, nesting: Nesting): void {
    if (this.#shapes.size >= MOST_SHAPES) this.#shapes.clear();
    this.#shapes.set(shape, nesting);
  }

  #parse(shape: string): Nesting | null {
    try {
      const [root] = this.#parser.parse(shape) as readonly ParsedNode[];
      const nesting: number[] = [];
      if (root !== undefined) countChildren(root, nesting);
      return nesting;
    } catch {
      // The package reports names that it does not like by throwing.
      return null;
    }
  }
}

/** Adds the numbers of children of an element and of all within it. */
function countChildren(node: ParsedNode, nesting: number[]): void {
  const index = nesting.push(0) - 1;
  const [name] = Object.keys(node);
  const children = name === undefined ? [] : (node[name] as readonly ParsedNode[]);
  nesting[index] = children.length;
  for (const child of children) countChildren(child, nesting);
}

/** Declarations of prefixes, the innermost first. */
interface Scope {
  readonly prefix: string;
  readonly uri: string;
  readonly outer: Scope | null;
  /** Number of declarations. */
  readonly size: number;
}

const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
const XML_SCOPE: Scope = { prefix: "xml", uri: XML_NAMESPACE, outer: null, size: 1 };
/** Declarations that may hold at one place. */
const MOST_DECLARATIONS = 64;

/** Namespace of a prefix; undefined when nothing declares it. "" for names without one where there is no default. */
function namespaceOf(scope: Scope, prefix: string): string | undefined {
  for (let one: Scope | null = scope; one !== null; one = one.outer) {
    if (one.prefix === prefix) return one.uri;
  }
  return prefix === "" ? "" : undefined;
}

/** Namespaces that are asked for: comparing the same text is cheaper than comparing an equal one. */
const KNOWN: ReadonlyMap<string, string> = new Map(
  [REGINFO, GRUUINFO, EXTENSION].map((uri) => [uri, uri]),
);

/** Puts elements together: nested as the parser has found them, the rest as it was surveyed. */
class Builder {
  readonly #tags: readonly XmlTag[];
  readonly #nesting: Nesting;
  #next = 0;

  constructor(tags: readonly XmlTag[], nesting: Nesting) {
    this.#tags = tags;
    this.#nesting = nesting;
  }

  /** The next one; null when a prefix is not declared. */
  element(outer: Scope): XmlElement | null {
    const index = this.#next++;
    const tag = this.#tags[index] as XmlTag;
    const scope = declared(tag.attributes, outer);
    if (scope === null) return null;
    const colon = tag.name.indexOf(":");
    const namespace = namespaceOf(scope, colon < 0 ? "" : tag.name.slice(0, colon));
    const attributes = readAttributes(tag.attributes, scope);
    if (namespace === undefined || attributes === null) return null;
    const children: XmlElement[] = [];
    for (let left = this.#nesting[index] as number; left > 0; left--) {
      const child = this.element(scope);
      if (child === null) return null;
      children.push(child);
    }
    const name = colon < 0 ? tag.name : tag.name.slice(colon + 1);
    return { namespace, name, attributes, children, text: tag.text };
  }
}

/** With the declarations of an element; null when one is not allowed (Namespaces in XML, 3). */
function declared(attributes: readonly string[], outer: Scope): Scope | null {
  let scope = outer;
  for (let i = 0; i < attributes.length; i += 2) {
    const name = attributes[i] as string;
    if (!isDeclaration(name)) continue;
    const uri = attributes[i + 1] as string;
    const prefix = name.slice(6);
    const isReserved = prefix === "xmlns" || (prefix === "xml") !== (uri === XML_NAMESPACE);
    if (isReserved || (uri === "" && prefix !== "")) return null;
    if (scope.size >= MOST_DECLARATIONS) return null;
    scope = { prefix, uri: KNOWN.get(uri) ?? uri, outer: scope, size: scope.size + 1 };
  }
  return scope;
}

function isDeclaration(name: string): boolean {
  return name.startsWith("xmlns") && (name.length === 5 || name.charCodeAt(5) === 58);
}

function readAttributes(raw: readonly string[], scope: Scope): XmlAttribute[] | null {
  const list: XmlAttribute[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const full = raw[i] as string;
    if (isDeclaration(full)) continue;
    const value = raw[i + 1] as string;
    const colon = full.indexOf(":");
    if (colon < 0) {
      list.push({ namespace: "", name: full, value });
      continue;
    }
    const namespace = namespaceOf(scope, full.slice(0, colon));
    const name = full.slice(colon + 1);
    if (namespace === undefined) return null;
    if (list.some((one) => one.name === name && one.namespace === namespace)) return null;
    list.push({ namespace, name, value });
  }
  return list;
}
