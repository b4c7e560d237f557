/** One pass over an XML document before anything is built from it: well-formed, within limits, and harmless (XML 1.0, 2). */
import { attributeValue, readReferences } from "./xml-references.ts";

/** What is more than this is refused. */
export interface XmlLimits {
  /** Length of the document in bytes. */
  readonly bytes: number;
  /** Elements within each other. */
  readonly depth: number;
  /** Elements and attributes of the document; comments and CDATA sections count too. */
  readonly parts: number;
  /** Attributes of one element, namespace declarations included. */
  readonly attributes: number;
  /** Bytes in the name of an element or attribute. */
  readonly name: number;
  /** Bytes in the value of an attribute, or in text between two tags. */
  readonly value: number;
}

export type XmlProblem =
  | "too-large"
  | "too-deep"
  | "too-many-parts"
  | "too-many-attributes"
  | "too-long"
  | "forbidden"
  | "not-utf-8"
  | "malformed";

/** An element as it stands in the document: names with their prefixes, references read; bytes in latin1. */
export interface XmlTag {
  readonly name: string;
  /** Names and values by turns. */
  readonly attributes: readonly string[];
  /** Its character data, children's not included. */
  readonly text: string;
}

class Tag implements XmlTag {
  readonly name: string;
  readonly attributes: string[] = [];
  text = "";

  constructor(name: string) {
    this.name = name;
  }
}

/** What a document consists of, or why it is refused. */
export type SurveyResult =
  | {
      readonly ok: true;
      readonly isAscii: boolean;
      /** All elements, in the order in which they begin. */
      readonly tags: readonly XmlTag[];
      /** The document with nothing in it but its elements, without attributes. */
      readonly shape: string;
    }
  | { readonly ok: false; readonly problem: XmlProblem };

/** Longest XML declaration that is looked at. */
const LONGEST_DECLARATION = 200;
const DECLARATION =
  /^<\?xml\s+version\s*=\s*(["'])1\.\d\1(?:\s+encoding\s*=\s*(["'])([\w.:-]{1,40})\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*\?>/;
const BYTE_ORDER_MARK = "\xef\xbb\xbf";

const NAME = 1;
const NAME_START = 2;

/** Classes of bytes. */
const CLASSES: Uint8Array = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(256);
  for (let c = 0x80; c < 256; c++) table[c] = NAME | NAME_START;
  for (let c = 65; c <= 90; c++) table[c] = table[c + 32] = NAME | NAME_START;
  for (let c = 48; c <= 57; c++) table[c] = NAME;
  table[95] = NAME | NAME_START;
  table[58] = NAME;
  table[45] = NAME;
  table[46] = NAME;
  return table;
}

/** Looks through documents of one kind. */
export class XmlSurvey {
  readonly #limits: XmlLimits;
  #text = "";
  /** What comes next. */
  #at = 0;
  #parts = 0;
  #hasRoot = false;
  readonly #open: Tag[] = [];
  #tags: Tag[] = [];
  #shape = "";
  /** Whether there is a reference or a carriage return anywhere: mostly there is none to be looked for. */
  #hasReferences = false;
  #hasReturns = false;
  /** Whether the last value says what stands there. */
  #isPlain = true;

  constructor(limits: XmlLimits) {
    this.#limits = limits;
  }

  /** The document as bytes in latin1. Takes time in proportion to its length, whatever is in it. */
  look(bytes: string): SurveyResult {
    if (bytes.length > this.#limits.bytes) return { ok: false, problem: "too-large" };
    const characters = charactersOf(bytes);
    if (typeof characters === "string") return { ok: false, problem: characters };
    const start = declarationEnd(bytes, characters.isAscii);
    if (typeof start === "string") return { ok: false, problem: start };
    this.#text = bytes;
    this.#at = start;
    this.#parts = 0;
    this.#hasRoot = false;
    this.#open.length = 0;
    this.#hasReferences = bytes.includes("&");
    this.#hasReturns = bytes.includes("\r");
    const problem = this.#walk();
    const tags = this.#tags;
    const shape = this.#shape;
    this.#text = "";
    this.#tags = [];
    this.#shape = "";
    return problem === undefined
      ? { ok: true, isAscii: characters.isAscii, tags, shape }
      : { ok: false, problem };
  }

  #walk(): XmlProblem | undefined {
    const text = this.#text;
    for (;;) {
      const markup = text.indexOf("<", this.#at);
      const problem = this.#characterData(markup < 0 ? text.length : markup);
      if (problem !== undefined) return problem;
      if (markup < 0) break;
      const found = this.#markup(markup);
      if (found !== undefined) return found;
    }
    return this.#hasRoot && this.#open.length === 0 ? undefined : "malformed";
  }

  /** Text up to an offset: only within the root there may be other than white space. */
  #characterData(end: number): XmlProblem | undefined {
    const start = this.#at;
    if (start === end) return undefined;
    if (end - start > this.#limits.value) return "too-long";
    const element = this.#open.at(-1);
    if (element === undefined) return this.#skipSpace(start) < end ? "malformed" : undefined;
    const text = this.#lines(this.#text.slice(start, end));
    const read = this.#hasReferences ? readReferences(text) : text;
    if (read === null) return "malformed";
    element.text += read;
    return undefined;
  }

  /** With line ends as XML has them (XML 1.0, 2.11). */
  #lines(text: string): string {
    return this.#hasReturns ? text.replace(/\r\n?/g, "\n") : text;
  }

  #markup(start: number): XmlProblem | undefined {
    const text = this.#text;
    const next = text.charCodeAt(start + 1);
    if (next === 47) return this.#closingTag(start);
    // Instructions and document types with what they declare: nobody needs them here, and they are how XML does harm.
    if (next === 63) return "forbidden";
    if (++this.#parts > this.#limits.parts) return "too-many-parts";
    if (next !== 33) return this.#openingTag(start);
    if (text.startsWith("<!--", start)) {
      const dashes = text.indexOf("--", start + 4);
      if (dashes < 0 || text.charCodeAt(dashes + 2) !== 62) return "malformed";
      this.#at = dashes + 3;
      return undefined;
    }
    if (!text.startsWith("<![CDATA[", start)) return "forbidden";
    const end = text.indexOf("]]>", start + 9);
    const element = this.#open.at(-1);
    if (end < 0 || element === undefined) return "malformed";
    if (end - start - 9 > this.#limits.value) return "too-long";
    element.text += this.#lines(text.slice(start + 9, end));
    this.#at = end + 3;
    return undefined;
  }

  #closingTag(start: number): XmlProblem | undefined {
    const name = this.#open.pop()?.name;
    if (name === undefined || !this.#text.startsWith(name, start + 2)) return "malformed";
    const end = this.#skipSpace(start + 2 + name.length);
    if (this.#text.charCodeAt(end) !== 62) return "malformed";
    this.#at = end + 1;
    this.#shape += `</${name}>`;
    return undefined;
  }

  #openingTag(start: number): XmlProblem | undefined {
    const text = this.#text;
    const nameEnd = this.#nameEnd(start + 1);
    if (nameEnd === start + 1) return "malformed";
    if (nameEnd - start > this.#limits.name) return "too-long";
    const tag = new Tag(text.slice(start + 1, nameEnd));
    this.#tags.push(tag);
    const problem = this.#attributes(nameEnd, tag.attributes);
    if (problem !== undefined) return problem;
    const isEmpty = text.charCodeAt(this.#at) === 47;
    const end = isEmpty ? this.#at + 1 : this.#at;
    if (text.charCodeAt(end) !== 62) return "malformed";
    if (this.#open.length === 0) {
      if (this.#hasRoot) return "malformed";
      this.#hasRoot = true;
    }
    this.#at = end + 1;
    if (this.#open.length >= this.#limits.depth) return "too-deep";
    this.#shape += isEmpty ? `<${tag.name}/>` : `<${tag.name}>`;
    if (!isEmpty) this.#open.push(tag);
    return undefined;
  }

  /** Attributes up to the end of the tag. */
  #attributes(start: number, list: string[]): XmlProblem | undefined {
    let at = start;
    for (;;) {
      const name = this.#skipSpace(at);
      const next = this.#text.charCodeAt(name);
      if (next === 62 || next === 47) {
        this.#at = name;
        return undefined;
      }
      if (name === at) return "malformed";
      const end = this.#attribute(name, list);
      if (typeof end === "string") return end;
      at = end;
    }
  }

  /** Offset behind the attribute that begins here. */
  #attribute(start: number, list: string[]): number | XmlProblem {
    const text = this.#text;
    const limits = this.#limits;
    const nameEnd = this.#nameEnd(start);
    if (nameEnd === start) return "malformed";
    const equals = this.#skipSpace(nameEnd);
    const quote = this.#skipSpace(equals + 1);
    const mark = text.charCodeAt(quote);
    if (text.charCodeAt(equals) !== 61 || (mark !== 34 && mark !== 39)) return "malformed";
    const end = this.#valueEnd(quote + 1, mark);
    if (end < 0) return "malformed";
    if (nameEnd - start > limits.name || end - quote - 1 > limits.value) return "too-long";
    if (list.length >= limits.attributes * 2) return "too-many-attributes";
    if (++this.#parts > limits.parts) return "too-many-parts";
    const name = text.slice(start, nameEnd);
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return "malformed";
    const value = text.slice(quote + 1, end);
    const read = this.#isPlain ? value : attributeValue(value);
    if (read === null) return "malformed";
    list.push(name, read);
    return end + 1;
  }

  /** Where the value that begins at an offset ends; -1 when it does not, or has the beginning of a tag in it. */
  #valueEnd(start: number, mark: number): number {
    const text = this.#text;
    this.#isPlain = true;
    for (let i = start; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === mark) return i;
      if (c === 60) return -1;
      if (c === 38 || c < 32) this.#isPlain = false;
    }
    return -1;
  }

  /** End of the qualified name at an offset; the offset itself when there is none (Namespaces in XML, 4). */
  #nameEnd(start: number): number {
    const text = this.#text;
    if (!is(text, start, NAME_START)) return start;
    let end = start + 1;
    let colon = -1;
    let bits = text.charCodeAt(start);
    for (
      let c = text.charCodeAt(end);
      ((CLASSES[c] ?? 0) & NAME) !== 0;
      c = text.charCodeAt(++end)
    ) {
      bits |= c;
      if (c !== 58) continue;
      if (colon >= 0 || !is(text, end + 1, NAME_START)) return start;
      colon = end;
    }
    return bits < 128 || isPlainName(text.slice(start, end)) ? end : start;
  }

  #skipSpace(start: number): number {
    const text = this.#text;
    let at = start;
    for (let c = text.charCodeAt(at); c === 32 || c === 10 || c === 13 || c === 9;) {
      c = text.charCodeAt(++at);
    }
    return at;
  }
}

function is(text: string, at: number, what: number): boolean {
  return ((CLASSES[text.charCodeAt(at)] ?? 0) & what) !== 0;
}

/** Whether a name has no white space of other scripts in it, where the parser would divide it. */
function isPlainName(bytes: string): boolean {
  return !/\s/.test(Buffer.from(bytes, "latin1").toString("utf8"));
}

/** Bytes of UTF-8 sequences by their first byte, and what XML lets nobody say. */
function charactersOf(bytes: string): { isAscii: boolean } | XmlProblem {
  // One look at everything is half as dear as a loop, and mostly enough.
  if (!/[^\t\n\r\x20-\x7f]/.test(bytes)) return { isAscii: true };
  let isAscii = true;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes.charCodeAt(i);
    if (c >= 128) {
      isAscii = false;
      const length = sequenceLength(bytes, i, c);
      if (length === 0) return "not-utf-8";
      i += length - 1;
    } else if (c < 32 && c !== 9 && c !== 10 && c !== 13) return "malformed";
  }
  return { isAscii };
}

/** Least code points of UTF-8 sequences by their length: a shorter one would have done below. */
const LEAST_CODES = [0, 0, 0x80, 0x800, 0x10000];

/** Length of the UTF-8 sequence at an offset; 0 when it is none, or no character of XML (RFC 3629, 4; XML 1.0, 2.2). */
function sequenceLength(bytes: string, at: number, first: number): number {
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  let code = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const c = bytes.charCodeAt(at + i);
    if ((c & 0xc0) !== 0x80) return 0;
    code = (code << 6) | (c & 63);
  }
  return code >= (LEAST_CODES[length] ?? 0) && isCharacter(code) ? length : 0;
}

/** Whether XML knows a character from U+0080 on. */
function isCharacter(code: number): boolean {
  if (code >= 0xd800 && code < 0xe000) return false;
  return code !== 0xfffe && code !== 0xffff && code <= 0x10ffff;
}

/** Offset behind the XML declaration, if there is one. */
function declarationEnd(bytes: string, isAscii: boolean): number | XmlProblem {
  const start = bytes.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  if (!bytes.startsWith("<?xml", start)) return start;
  const found = DECLARATION.exec(bytes.slice(start, start + LONGEST_DECLARATION));
  if (found === null) return "malformed";
  const encoding = (found[3] ?? "utf-8").toLowerCase();
  if (encoding !== "utf-8" && !(isAscii && isSuperset(encoding))) return "not-utf-8";
  return start + found[0].length;
}

/** Whether an encoding says the same as UTF-8 as long as there is ASCII only. */
function isSuperset(encoding: string): boolean {
  return encoding === "us-ascii" || encoding.startsWith("iso-8859-") || encoding === "windows-1252";
}
