/** Names of request methods: common ones become constants, so that comparing them is comparing pointers. */

const METHODS = [
  "INVITE",
  "ACK",
  "BYE",
  "CANCEL",
  "OPTIONS",
  "REGISTER",
  "SUBSCRIBE",
  "NOTIFY",
  "PUBLISH",
  "MESSAGE",
  "INFO",
  "UPDATE",
  "PRACK",
  "REFER",
] as const;

function slotTable(): readonly (readonly string[])[] {
  const slots: string[][] = Array.from({ length: 320 }, () => []);
  for (const name of METHODS) {
    (slots[name.length * 32 + (name.charCodeAt(0) & 31)] as string[]).push(name);
  }
  return slots;
}

const SLOTS = slotTable();

/** The method in the range of the text; methods are case-sensitive (RFC 3261, 7.1). */
export function methodAt(text: string, start: number, end: number): string {
  return knownMethodAt(text, start, end) ?? text.slice(start, end);
}

/** The method that fills the range of the text, when it is a common one. */
export function knownMethodAt(text: string, start: number, end: number): string | undefined {
  const length = end - start;
  if (length > 9 || length < 3) return undefined;
  const slot = SLOTS[length * 32 + (text.charCodeAt(start) & 31)] as readonly string[];
  for (let s = 0; s < slot.length; s++) {
    const name = slot[s] as string;
    let i = 0;
    while (i < length && text.charCodeAt(start + i) === name.charCodeAt(i)) i++;
    if (i === length) return name;
  }
  return undefined;
}
