/** Texts that many contacts share, kept once. */
import { ownText } from "../../sip/chars.ts";

/** A bounded set of texts: thousands of telephones send the same few User-Agent values. */
export class Interner {
  readonly #texts = new Map<string, string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The text, as a copy that does not hold on to a packet. */
  text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    // A peer that sends ever new values must not make this grow: start again.
    if (this.#texts.size >= this.#limit) this.#texts.clear();
    const copy = ownText(text);
    this.#texts.set(copy, copy);
    return copy;
  }
}
