/** The methods of Allow headers: telephones of one make send the same value over and over. */
import { ownText } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import { ALL_METHODS, allowedMethods } from "./methods.ts";

const LIMIT = 512;

/** Remembers what has been read. */
export class MethodCache {
  readonly #masks = new Map<string, number>();

  /** Bits of the Allow headers; all methods when there is none. */
  allowed(message: SipMessage): number {
    const index = message.find(Header.Allow);
    if (index < 0) return ALL_METHODS;
    if (message.findNext(Header.Allow, index) >= 0) return allowedMethods(message);
    const value = message.headerValue(index);
    let mask = this.#masks.get(value);
    if (mask === undefined) {
      mask = allowedMethods(message);
      if (this.#masks.size >= LIMIT) this.#masks.clear();
      this.#masks.set(ownText(value), mask);
    }
    return mask;
  }
}
