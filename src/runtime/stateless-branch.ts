/** Branch parameters of requests that are forwarded without a transaction. */
import type { ScriptContext } from "./context.ts";

const magicCookie = "z9hG4bK";

/**
 * The same for each retransmission, and for ACK and CANCEL of the same INVITE (RFC 3261, 16.11): worked out from the
 * topmost Via when its branch is unique, else from what makes a transaction in RFC 2543.
 */
export function statelessBranch(context: ScriptContext): string {
  const { msg } = context;
  const via = msg.via;
  const branch = via?.branch ?? "";
  let key = `${branch}|${via?.sentBy ?? ""}|${context.uri}`;
  if (!branch.startsWith(magicCookie)) {
    key += `|${msg.toTag}|${msg.fromTag}|${msg.callId}|${msg.cseqNumber}`;
  }
  return `${magicCookie}${hash(key, 0x811c9dc5)}${hash(key, 0x9e3779b9)}.0`;
}

/** FNV-1a over the characters, as eight hexadecimal digits. */
function hash(text: string, seed: number): string {
  let value = seed | 0;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, "0");
}
