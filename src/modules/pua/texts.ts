/** Small readers of header texts. */
import { lowerAscii } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";

export { lowerAscii };

/** Tokens of a comma-separated list, in lower case. */
export function splitTokens(text: string): string[] {
  return text
    .split(",")
    .map((token) => lowerAscii(token.trim()))
    .filter((token) => token !== "");
}

/** Seconds of Retry-After; -1 without one. */
export function retryAfterSeconds(reply: SipMessage | undefined): number {
  const retryAfter = reply?.retryAfter;
  return retryAfter === undefined || retryAfter === null ? -1 : retryAfter.seconds;
}

/** Seconds of Min-Expires; -1 without one. */
export function minExpiresSeconds(reply: SipMessage | undefined): number {
  const value = reply?.number(Header.MinExpires) ?? -1;
  return value < 0 ? -1 : value;
}
