/** Socket addresses as the system lays them out in memory, and their texts. */
import { networkInterfaces } from "node:os";
import { Linux, type SystemCalls } from "./udp-calls.ts";
import type { Latin1Buffer } from "./udp-socket.ts";

/** Bytes from one name to the next: room for either family. */
export const nameStride = 32;
const wordsPerName = nameStride / 4;

/** Texts that are remembered; a peer that sends from ever new addresses makes us forget, not grow. */
const rememberedAddresses = 16_384;

/** Reads and writes the names of one address family in a row of places of `nameStride` bytes. */
export interface NameCodec {
  /** Length of a name, bytes. */
  readonly length: number;
  readonly family: number;
  /** Port of the name at a place. */
  port(words: Int32Array, place: number): number;
  /** Text of the address at a place, the same string each time. */
  address(words: Int32Array, place: number): string;
  /** Writes a name; false when the text is no address of the family. */
  put(words: Int32Array, place: number, port: number, address: string): boolean;
}

/** `struct sockaddr_in`: family and port in one word, the address in the next. */
export class Ipv4Names implements NameCodec {
  readonly length = 16;
  readonly family = Linux.AF_INET;
  readonly #texts = new Map<number, string>();
  readonly #words = new Map<string, number>();
  /** The last one that was asked for. */
  #lastText = "0.0.0.0";
  #lastWord = 0;

  port(words: Int32Array, place: number): number {
    return portOf(words, place);
  }

  address(words: Int32Array, place: number): string {
    const word = words[place * wordsPerName + 1] as number;
    if (word === this.#lastWord) return this.#lastText;
    const known = this.#texts.get(word);
    const text = known ?? ipv4Text(word);
    if (known === undefined) this.#remember(text, word);
    this.#lastText = text;
    this.#lastWord = word;
    return text;
  }

  put(words: Int32Array, place: number, port: number, address: string): boolean {
    let word = this.#lastWord;
    if (address !== this.#lastText) {
      const known = this.#words.get(address);
      if (known === undefined) {
        const parsed = ipv4Word(address);
        if (parsed === undefined) return false;
        this.#remember(address, parsed);
        word = parsed;
      } else {
        word = known;
      }
      this.#lastText = address;
      this.#lastWord = word;
    }
    const at = place * wordsPerName;
    words[at] = Linux.AF_INET | (swapped(port) << 16);
    words[at + 1] = word;
    return true;
  }

  #remember(text: string, word: number): void {
    if (this.#texts.size >= rememberedAddresses) {
      this.#texts.clear();
      this.#words.clear();
    }
    this.#texts.set(word, text);
    this.#words.set(text, word);
  }
}

/** The first four bytes of an IPv4 address in memory, as one number; undefined when the text is none. */
export function ipv4Word(text: string): number | undefined {
  let word = 0;
  let part = 0;
  let digits = 0;
  let shift = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (digits === 0 || shift === 24) return undefined;
      word |= part << shift;
      shift += 8;
      part = 0;
      digits = 0;
    } else {
      const digit = code - 48;
      if (digit < 0 || digit > 9) return undefined;
      part = part * 10 + digit;
      digits++;
      if (part > 255 || digits > 3) return undefined;
    }
  }
  return shift === 24 && digits > 0 ? word | (part << 24) : undefined;
}

function ipv4Text(word: number): string {
  return `${word & 255}.${(word >>> 8) & 255}.${(word >>> 16) & 255}.${word >>> 24}`;
}

/** `struct sockaddr_in6`: family and port, flow, four words of address, the number of the interface. */
export class Ipv6Names implements NameCodec {
  readonly length = 28;
  readonly family = Linux.AF_INET6;
  readonly #calls: SystemCalls;
  readonly #texts = new Map<string, string>();
  /** Address and interface, seven words as they stand in memory. */
  readonly #names = new Map<string, Int32Array>();
  readonly #text = Buffer.alloc(64);

  constructor(calls: SystemCalls) {
    this.#calls = calls;
  }

  port(words: Int32Array, place: number): number {
    return portOf(words, place);
  }

  address(words: Int32Array, place: number): string {
    const at = place * wordsPerName;
    const bytes = Buffer.from(words.buffer, words.byteOffset + at * 4 + 8, 20);
    const key = (bytes as Latin1Buffer).latin1Slice();
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    this.#calls.inet_ntop(Linux.AF_INET6, bytes, this.#text, this.#text.length);
    const text = this.#text.toString("latin1", 0, this.#text.indexOf(0));
    const scope = words[at + 6] as number;
    const zoned = isLinkLocal(bytes) && scope !== 0 ? `${text}%${interfaceName(scope)}` : text;
    if (this.#texts.size >= rememberedAddresses) this.#texts.clear();
    this.#texts.set(key, zoned);
    return zoned;
  }

  put(words: Int32Array, place: number, port: number, address: string): boolean {
    const name = this.#names.get(address) ?? this.#parse(address);
    if (name === undefined) return false;
    const at = place * wordsPerName;
    words.set(name, at);
    words[at] = Linux.AF_INET6 | (swapped(port) << 16);
    return true;
  }

  #parse(address: string): Int32Array | undefined {
    const percent = address.indexOf("%");
    const literal = percent < 0 ? address : address.slice(0, percent);
    const scope = percent < 0 ? 0 : interfaceNumber(address.slice(percent + 1));
    const name = new Int32Array(7);
    const bytes = new Uint8Array(name.buffer, 8, 16);
    if (scope === undefined || this.#calls.inet_pton(Linux.AF_INET6, literal, bytes) !== 1) {
      return undefined;
    }
    name[6] = scope;
    if (this.#names.size >= rememberedAddresses) this.#names.clear();
    this.#names.set(address, name);
    return name;
  }
}

function isLinkLocal(address: Uint8Array): boolean {
  return address[0] === 0xfe && ((address[1] ?? 0) & 0xc0) === 0x80;
}

/** Name of a network interface by its number, as the system's own texts have it. */
function interfaceName(scope: number): string {
  for (const [name, entries] of Object.entries(networkInterfaces())) {
    if (entries?.some((entry) => entry.family === "IPv6" && entry.scopeid === scope) === true) {
      return name;
    }
  }
  return String(scope);
}

function interfaceNumber(name: string): number | undefined {
  if (/^\d{1,9}$/.test(name)) return Number(name);
  for (const entry of networkInterfaces()[name] ?? []) {
    if (entry.family === "IPv6" && entry.scopeid !== 0) return entry.scopeid;
  }
  return undefined;
}

function portOf(words: Int32Array, place: number): number {
  return swapped((words[place * wordsPerName] as number) >>> 16);
}

function swapped(port: number): number {
  return ((port & 255) << 8) | (port >>> 8);
}
