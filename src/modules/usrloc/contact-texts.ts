/** The texts of a contact as one piece of the slab, cut apart again when the contact is shown. */
import { ownText } from "../../sip/chars.ts";
import { Field, offsetOf, type ContactRecords } from "./contact-records.ts";
import type { Contact } from "./contact.ts";
import { bytesOf, LONGEST_PIECE, TextSlab } from "./text-slab.ts";

/** Lengths are numbers of 16 bits; this one stands for no text. */
const NO_TEXT = 0xffff;
const WIDE_CHARACTER = /[^\0-\xff]/;

/** Bits of a record that are about its texts. */
export const TextBit = { wide: 1, long: 2 } as const;

/** Whether a text has characters that do not fit into a byte. Messages have none, documents and databases may. */
export function isWide(text: string): boolean {
  return WIDE_CHARACTER.test(text);
}

function own(text: string | null): string | null {
  return text === null || isWide(text) ? text : ownText(text);
}

type Texts = readonly (string | null)[];

/** The texts of all contacts. */
export class ContactTexts {
  readonly slab = new TextSlab();
  readonly #records: ContactRecords;
  /** Of contacts that have more than fits into a piece. */
  readonly #long = new Map<number, Texts>();
  // What `#next` cuts from.
  #text = "";
  #start = 0;
  #word = 0;
  #isHigh = false;
  #words: Int32Array = new Int32Array();

  constructor(records: ContactRecords) {
    this.#records = records;
  }

  /**
   * Stores the texts of a contact as it shows them; afterwards it holds on to no packet. `userAgent`: null when it is not kept here.
   */
  write(contact: Contact, userAgent: string | null): void {
    const texts: Texts = [
      contact.aor,
      contact.ruid,
      contact.uri,
      contact.callId,
      contact.received,
      contact.path,
      contact.instance,
      contact.displayName,
      contact.features,
      userAgent,
      contact.gruu === null ? null : contact.gruu.publicUri,
      contact.gruu === null ? null : contact.gruu.temporaryUri,
    ];
    let text = "";
    for (const one of texts) if (one !== null) text += one;
    const { record } = contact;
    const words = this.#records.words(record);
    const at = offsetOf(record);
    const wide = isWide(text);
    if (bytesOf(text.length, wide) > LONGEST_PIECE) {
      this.#long.set(record, texts.map(own));
      words[at + Field.bits] = (words[at + Field.bits] as number) | TextBit.long;
      return;
    }
    setLengths(words, at + Field.lengths, texts);
    words[at + Field.text] = this.slab.store(text, wide);
    if (wide) words[at + Field.bits] = (words[at + Field.bits] as number) | TextBit.wide;
    this.#cut(contact, text, words, at);
  }

  /** Makes a contact show its texts. */
  read(contact: Contact): void {
    const { record } = contact;
    const words = this.#records.words(record);
    const at = offsetOf(record);
    const bits = words[at + Field.bits] as number;
    if ((bits & TextBit.long) !== 0) {
      show(contact, this.#long.get(record) as Texts);
      return;
    }
    let length = 0;
    for (let word = at + Field.lengths; word < at + Field.lengths + TEXTS / 2; word++) {
      const both = words[word] as number;
      const low = both & NO_TEXT;
      const high = both >>> 16;
      if (low !== NO_TEXT) length += low;
      if (high !== NO_TEXT) length += high;
    }
    const position = words[at + Field.text] as number;
    const text = this.slab.read(position, length, (bits & TextBit.wide) !== 0);
    this.#cut(contact, text, words, at);
  }

  /** The address of record alone. */
  aor(record: number): string {
    return this.#oneOf(record, 0);
  }

  ruid(record: number): string {
    return this.#oneOf(record, 1);
  }

  /** Frees the space of a record's texts. */
  drop(record: number): void {
    const bits = this.#records.get(record, Field.bits);
    if ((bits & TextBit.long) !== 0) this.#long.delete(record);
    else this.slab.drop(this.#records.get(record, Field.text));
    this.#records.set(record, Field.bits, bits & ~(TextBit.long | TextBit.wide));
  }

  /** The first or the second text, which are always there. */
  #oneOf(record: number, which: 0 | 1): string {
    const words = this.#records.words(record);
    const at = offsetOf(record);
    const bits = words[at + Field.bits] as number;
    if ((bits & TextBit.long) !== 0) return (this.#long.get(record) as Texts)[which] as string;
    const both = words[at + Field.lengths] as number;
    const first = both & NO_TEXT;
    const length = which === 0 ? first : first + (both >>> 16);
    const position = words[at + Field.text] as number;
    const text = this.slab.read(position, length, (bits & TextBit.wide) !== 0);
    return which === 0 ? text : text.slice(first);
  }

  #cut(contact: Contact, text: string, words: Int32Array, at: number): void {
    this.#text = text;
    this.#start = 0;
    this.#words = words;
    this.#word = at + Field.lengths;
    this.#isHigh = false;
    contact.aor = this.#next() ?? "";
    contact.ruid = this.#next() ?? "";
    contact.uri = this.#next() ?? "";
    contact.callId = this.#next() ?? "";
    contact.received = this.#next();
    contact.path = this.#next();
    contact.instance = this.#next();
    contact.displayName = this.#next();
    contact.features = this.#next();
    const userAgent = this.#next();
    if (userAgent !== null) contact.userAgent = userAgent;
    showGruu(contact, this.#next(), this.#next());
    this.#text = "";
  }

  #next(): string | null {
    const both = this.#words[this.#word] as number;
    const length = this.#isHigh ? both >>> 16 : both & NO_TEXT;
    if (this.#isHigh) this.#word++;
    this.#isHigh = !this.#isHigh;
    if (length === NO_TEXT) return null;
    const start = this.#start;
    this.#start = start + length;
    return this.#text.slice(start, this.#start);
  }
}

/** How many texts a contact has. */
const TEXTS = 12;

function setLengths(words: Int32Array, at: number, texts: Texts): void {
  for (let i = 0; i < TEXTS; i += 2) {
    words[at + i / 2] = lengthOf(texts[i]) | (lengthOf(texts[i + 1]) << 16);
  }
}

function lengthOf(text: string | null | undefined): number {
  return text === null || text === undefined ? NO_TEXT : text.length;
}

/** Of those that are kept whole. */
function show(contact: Contact, texts: Texts): void {
  contact.aor = texts[0] ?? "";
  contact.ruid = texts[1] ?? "";
  contact.uri = texts[2] ?? "";
  contact.callId = texts[3] ?? "";
  contact.received = texts[4] ?? null;
  contact.path = texts[5] ?? null;
  contact.instance = texts[6] ?? null;
  contact.displayName = texts[7] ?? null;
  contact.features = texts[8] ?? null;
  const userAgent = texts[9] ?? null;
  if (userAgent !== null) contact.userAgent = userAgent;
  showGruu(contact, texts[10] ?? null, texts[11] ?? null);
}

function showGruu(contact: Contact, publicUri: string | null, temporaryUri: string | null): void {
  contact.gruu = publicUri === null && temporaryUri === null ? null : { publicUri, temporaryUri };
}
