/** The methods of Allow headers: telephones of one make send the same value over and over. */
import { ownText } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import { ALL_METHODS, allowedMethods } from "./methods.ts";

const LIMIT = 512;

/** A value and the bits that it means. */
interface Known {
  readonly value: string;
  readonly mask: number;
}

/** Remembers what has been read. */
export class MethodCache {
  readonly #known = new Map<string, Known>();
  /** The one that was read last: mostly the next one is the same. */
  #last: Known = { value: "", mask: 0 };

  /** Bits of the Allow headers; all methods when there is none. */
  allowed(message: SipMessage): number {
    const index = message.find(Header.Allow);
    if (index < 0) return ALL_METHODS;
    if (message.findNext(Header.Allow, index) >= 0) return allowedMethods(message);
    const value = message.headerValue(index);
    if (value === this.#last.value) return this.#last.mask;
    this.#last = this.#known.get(value) ?? this.#add(value, allowedMethods(message));
    return this.#last.mask;
  }

  #add(value: string, mask: number): Known {
    if (this.#known.size >= LIMIT) this.#known.clear();
    const known = { value: ownText(value), mask };
    this.#known.set(known.value, known);
    return known;
  }
}
