/** Methods as bits, as they are stored with contacts and shown by `ul.dump` and `$ulc`. */
import { methodId, sipMethods } from "../../runtime/method-ids.ts";
import { tokenEnd, trimStart } from "../../sip/chars.ts";
import type { HeaderTable } from "../../sip/header-table.ts";
import { Header } from "../../sip/headers.ts";

const BITS: ReadonlyMap<string, number> = new Map(
  sipMethods.map((method) => [method, methodId(method)]),
);

/** Stands for every method that has no bit of its own. */
const OTHER = 1 << 30;

/** All methods. */
export const ALL_METHODS = -1;

/** The bit of a method. */
export function methodBit(method: string): number {
  return BITS.get(method) ?? OTHER;
}

/** Bits of the methods in a comma-separated list. Unknown ones do not count, as in Kamailio. */
export function methodMask(text: string, start: number, end: number): number {
  let mask = 0;
  let at = start;
  while (at < end) {
    const from = trimStart(text, at, end);
    const to = tokenEnd(text, from, end);
    if (to > from) mask |= BITS.get(text.slice(from, to)) ?? 0;
    const comma = text.indexOf(",", to);
    if (comma < 0 || comma >= end) break;
    at = comma + 1;
  }
  return mask;
}

/** Bits of all Allow headers; all methods when there is none. */
export function allowedMethods(message: HeaderTable): number {
  let index = message.find(Header.Allow);
  if (index < 0) return ALL_METHODS;
  let mask = 0;
  for (; index >= 0; index = message.findNext(Header.Allow, index)) {
    mask |= methodMask(message.text, message.valueStart(index), message.valueEnd(index));
  }
  return mask;
}
