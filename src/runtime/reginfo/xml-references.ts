/** References in XML text: the five names that XML knows by itself, and numbers of characters (XML 1.0, 4.1 and 4.6). */

/** An attribute's value: line ends and tabs are spaces, unless they are written as references (XML 1.0, 3.3.3). */
export function attributeValue(bytes: string): string | null {
  return readReferences(bytes.replace(/\r\n?|[\t\n]/g, " "));
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** Bytes with the references in them read; null when one is not known. */
export function readReferences(bytes: string): string | null {
  let ampersand = bytes.indexOf("&");
  if (ampersand < 0) return bytes;
  let read = "";
  let from = 0;
  while (ampersand >= 0) {
    const semicolon = bytes.indexOf(";", ampersand);
    if (semicolon < 0 || semicolon - ampersand > 12) return null;
    const character = reference(bytes.slice(ampersand + 1, semicolon));
    if (character === undefined) return null;
    read += bytes.slice(from, ampersand) + Buffer.from(character, "utf8").toString("latin1");
    from = semicolon + 1;
    ampersand = bytes.indexOf("&", from);
  }
  return read + bytes.slice(from);
}

function reference(name: string): string | undefined {
  if (!name.startsWith("#")) return NAMED.get(name);
  const isHex = name.startsWith("#x");
  const digits = name.slice(isHex ? 2 : 1);
  if (!(isHex ? /^[0-9a-fA-F]+$/ : /^[0-9]+$/).test(digits)) return undefined;
  const code = Number.parseInt(digits, isHex ? 16 : 10);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
