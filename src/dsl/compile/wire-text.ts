/** Text of a configuration as it looks on the wire. */

/**
 * Configurations are read as UTF-8, messages as latin1: a letter beyond ASCII in a config is several characters of a
 * message. Gives the latin1 reading of the text's UTF-8 bytes.
 */
export function wireText(text: string): string {
  if (isAscii(text)) return text;
  const bytes = new TextEncoder().encode(text);
  let result = "";
  for (const byte of bytes) result += String.fromCharCode(byte);
  return result;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return false;
  }
  return true;
}
