/** To tags of stateless replies, from which their ACKs are recognised. */
import { hash32 } from "../../sip/ids.ts";
import type { SipMessage } from "../../sip/message.ts";

/** Seeds drawn at the start; peers cannot guess tags. */
export interface TagSeeds {
  /** First part of all tags. */
  readonly signature: string;
  readonly seed: number;
}

/** The tag for replies to a request: the same for its retransmissions and worked out again from its ACK. */
export function replyTag(seeds: TagSeeds, message: SipMessage): string {
  const text = `${message.callId}\n${message.cseqNumber}\n${message.fromTag}`;
  return `${seeds.signature}.${hash32(text, seeds.seed).toString(36)}`;
}

/** Whether an ACK is for a reply of ours. */
export function isOwnAck(seeds: TagSeeds, message: SipMessage): boolean {
  return message.toTag.startsWith(seeds.signature) && message.toTag === replyTag(seeds, message);
}
