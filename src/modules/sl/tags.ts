/** To tags of stateless replies, from which their ACKs are recognised. */
import { hasCookie, hash32, letters32 } from "../../sip/ids.ts";
import type { SipMessage } from "../../sip/message.ts";

/** Seeds drawn at the start; peers cannot guess tags. */
export interface TagSeeds {
  /** First part of all tags. */
  readonly signature: string;
  readonly seed: number;
}

/** The tag for replies to a request: the same for its retransmissions and worked out again from its ACK. */
export function replyTag(seeds: TagSeeds, message: SipMessage): string {
  const { method } = message;
  if (method !== "INVITE" && method !== "ACK") {
    // No ACK will come: the branch is enough to tell the request from others.
    const branch = message.via?.branch ?? "";
    if (hasCookie(branch)) return tagOf(seeds, hash32(branch, seeds.seed));
  }
  const ofCall = hash32(message.callId, seeds.seed);
  const hash = hash32(message.fromTag, ofCall ^ message.cseqNumber);
  return tagOf(seeds, hash);
}

function tagOf(seeds: TagSeeds, hash: number): string {
  return `${seeds.signature}.${letters32(hash)}`;
}

/** Whether an ACK is for a reply of ours. */
export function isOwnAck(seeds: TagSeeds, message: SipMessage): boolean {
  return message.toTag.startsWith(seeds.signature) && message.toTag === replyTag(seeds, message);
}
