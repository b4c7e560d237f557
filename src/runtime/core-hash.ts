/** The hash that Kamailio's tables are indexed with, for values that are compared with its own. */

/** Unsigned 32-bit hash of a text: four bytes at a time, folded at the end. */
export function coreHash(text: string): number {
  let hash = 0;
  let at = 0;
  const whole = text.length - (text.length % 4);
  for (; at < whole; at += 4) {
    const word =
      (text.charCodeAt(at) << 24) +
      (text.charCodeAt(at + 1) << 16) +
      (text.charCodeAt(at + 2) << 8) +
      text.charCodeAt(at + 3);
    hash = (hash + ((word ^ (word >>> 3)) >>> 0)) >>> 0;
  }
  let rest = 0;
  for (; at < text.length; at++) rest = (rest << 8) + text.charCodeAt(at);
  hash = (hash + ((rest ^ (rest >>> 3)) >>> 0)) >>> 0;
  return (hash + (hash >>> 11) + (hash >>> 13) + (hash >>> 23)) >>> 0;
}
