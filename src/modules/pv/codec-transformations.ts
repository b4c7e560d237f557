/** Transformations of the class `s` that encode and escape: hexadecimal, base64, base58, 7 bit, URI and CSV escapes. */
import type { Value } from "../../dsl/value.ts";
import { isHex } from "../../sip/chars.ts";
import { onText } from "./transformation-arguments.ts";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Longest text for the encodings whose cost grows with the square of the length. */
const LONGEST_BASE58 = 1024;

function encodeBase58(text: string): Value {
  if (text.length > LONGEST_BASE58) return null;
  let zeros = 0;
  while (text.charCodeAt(zeros) === 0) zeros++;
  const digits: number[] = [];
  for (let i = zeros; i < text.length; i++) {
    let carry = text.charCodeAt(i);
    for (let d = 0; d < digits.length; d++) {
      carry += (digits[d] as number) << 8;
      digits[d] = carry % 58;
      carry = Math.floor(carry / 58);
    }
    for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58);
  }
  return (
    "1".repeat(zeros) +
    digits
      .toReversed()
      .map((digit) => BASE58.charAt(digit))
      .join("")
  );
}

function decodeBase58(text: string): Value {
  if (text.length > LONGEST_BASE58 * 2) return null;
  let zeros = 0;
  while (text.charAt(zeros) === "1") zeros++;
  const bytes: number[] = [];
  for (let i = zeros; i < text.length; i++) {
    let carry = BASE58.indexOf(text.charAt(i));
    if (carry < 0) return null;
    for (let b = 0; b < bytes.length; b++) {
      carry += (bytes[b] as number) * 58;
      bytes[b] = carry & 255;
      carry >>= 8;
    }
    for (; carry > 0; carry >>= 8) bytes.push(carry & 255);
  }
  return "\0".repeat(zeros) + String.fromCharCode(...bytes.toReversed());
}

/** The GSM packing of seven-bit characters into bytes, as hexadecimal digits. */
function encode7Bit(text: string): string {
  let result = "";
  let bits = 0;
  let pending = 0;
  for (let i = 0; i < text.length; i++) {
    pending |= (text.charCodeAt(i) & 127) << bits;
    bits += 7;
    while (bits >= 8) {
      result += (pending & 255).toString(16).padStart(2, "0");
      pending >>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) result += (pending & 255).toString(16).padStart(2, "0");
  return result.toUpperCase();
}

function decode7Bit(text: string): Value {
  let result = "";
  let bits = 0;
  let pending = 0;
  for (let i = 0; i + 1 < text.length; i += 2) {
    const byte = Number.parseInt(text.slice(i, i + 2), 16);
    if (Number.isNaN(byte)) return null;
    pending |= byte << bits;
    bits += 8;
    while (bits >= 7) {
      const code = pending & 127;
      // The last seven bits may be nothing but filling.
      if (code !== 0 || i + 3 < text.length) result += String.fromCharCode(code);
      pending >>= 7;
      bits -= 7;
    }
  }
  return result;
}

function decodeHex(text: string): Value {
  const even = text.length - (text.length % 2);
  for (let i = 0; i < even; i++) if (!isHex(text.charCodeAt(i))) return null;
  return Buffer.from(text.slice(0, even), "hex").toString("latin1");
}

function encodeBase64(text: string, url: boolean, padded: boolean): string {
  const encoded = Buffer.from(text, "latin1").toString("base64");
  const alphabet = url ? encoded.replace(/\+/g, "-").replace(/\//g, "_") : encoded;
  return padded ? alphabet : withoutPadding(alphabet);
}

/** The text up to its last character that is no `=`. By hand: a pattern would take quadratic time on some texts. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 61) end--;
  return text.slice(0, end);
}

function decodeBase64(text: string, url: boolean, padded: boolean): Value {
  const body = withoutPadding(text);
  const valid = url ? /^[A-Za-z0-9_-]*$/ : /^[A-Za-z0-9+/]*$/;
  if (!valid.test(body) || body.length % 4 === 1) return null;
  if (padded && text.length % 4 !== 0) return null;
  return Buffer.from(body, "base64").toString("latin1");
}

function escapeCommon(text: string): string {
  return text.replace(/['"\\\0]/g, (c) => (c === "\0" ? "\\0" : `\\${c}`));
}

function unescapeCommon(text: string): string {
  return text.replace(/\\(['"\\0])/g, (_whole, c: string) => (c === "0" ? "\0" : c));
}

/** Escapes all but the characters of the set; fails on control characters, as Kamailio. */
function percentEncoder(keep: RegExp): (text: string) => Value {
  return (text) => {
    let result = "";
    for (const c of text) {
      const code = c.charCodeAt(0);
      if (code < 32 || code > 126) return null;
      result += keep.test(c) ? c : `%${code.toString(16).padStart(2, "0")}`;
    }
    return result;
  };
}

/** Reads `%hh`; fails on any other use of `%` and on control characters, as Kamailio. */
function percentDecode(text: string): Value {
  let result = "";
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== 37) {
      result += text.charAt(i);
      continue;
    }
    if (!isHex(text.charCodeAt(i + 1)) || !isHex(text.charCodeAt(i + 2))) return null;
    const code = Number.parseInt(text.slice(i + 1, i + 3), 16);
    if (code < 32 || code > 126) return null;
    result += String.fromCharCode(code);
    i += 2;
  }
  return result;
}

function urlEncode(text: string): string {
  let result = "";
  for (const c of text) {
    const hex = c.charCodeAt(0).toString(16).padStart(2, "0");
    result += /[A-Za-z0-9\-_.~]/.test(c) ? c : `%${hex}`;
  }
  return result;
}

/** Lenient: what is no escape stays as it is. */
function urlDecode(text: string): string {
  return text
    .replace(/\+/g, " ")
    .replace(/%([0-9a-fA-F]{2})/g, (_whole, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

// RFC 3261, 25.1: unreserved and user-unreserved, param-unreserved.
const userEncode = percentEncoder(/[A-Za-z0-9\-_.!~*'()&=+$,;?/]/);
const paramEncode = percentEncoder(/[A-Za-z0-9\-_.!~*'()[\]/:&+$]/);

export const codecTransformations = {
  "encode.hexa": onText((text) => Buffer.from(text, "latin1").toString("hex")),
  "decode.hexa": onText(decodeHex),
  "encode.7bit": onText(encode7Bit),
  "decode.7bit": onText(decode7Bit),
  "encode.base58": onText(encodeBase58),
  "decode.base58": onText(decodeBase58),
  "encode.base64": onText((text) => encodeBase64(text, false, true)),
  "decode.base64": onText((text) => decodeBase64(text, false, true)),
  "encode.base64t": onText((text) => encodeBase64(text, false, false)),
  "decode.base64t": onText((text) => decodeBase64(text, false, false)),
  "encode.base64url": onText((text) => encodeBase64(text, true, true)),
  "decode.base64url": onText((text) => decodeBase64(text, true, true)),
  "encode.base64urlt": onText((text) => encodeBase64(text, true, false)),
  "decode.base64urlt": onText((text) => decodeBase64(text, true, false)),
  "escape.common": onText(escapeCommon),
  "unescape.common": onText(unescapeCommon),
  "escape.user": onText(userEncode),
  "unescape.user": onText(percentDecode),
  "escape.param": onText(paramEncode),
  "unescape.param": onText(percentDecode),
  "escape.csv": onText((text) => `"${text.replaceAll('"', '""')}"`),
  "urlencode.param": onText(urlEncode),
  "urldecode.param": onText(urlDecode),
} as const;
