/** The challenges of all branches in one reply (RFC 3261, 16.7 step 7). */
import type { ScriptContext } from "../../runtime/context.ts";
import { Header, type HeaderKind } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { Transaction } from "./transaction.ts";

/** Replies of branches that ask for credentials. */
export function challengeReplies(transaction: Transaction): ScriptContext[] {
  const found: ScriptContext[] = [];
  for (const branch of transaction.branches) {
    if (branch.isDropped || branch.reply === null) continue;
    if (branch.lastStatus === 401 || branch.lastStatus === 407) found.push(branch.reply);
  }
  return found;
}

/** The challenge header lines of these replies, each as it came. */
export function challengeLines(replies: readonly ScriptContext[]): string {
  let lines = "";
  for (const reply of replies) {
    lines +=
      linesOf(reply.msg, Header.WwwAuthenticate) + linesOf(reply.msg, Header.ProxyAuthenticate);
  }
  return lines;
}

function linesOf(message: SipMessage, kind: HeaderKind): string {
  let lines = "";
  for (let i = message.find(kind); i >= 0; i = message.findNext(kind, i)) {
    lines += message.headerText(i);
  }
  return lines;
}
