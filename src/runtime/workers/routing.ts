/** Which worker a message belongs to: worked out from the bare text, before anything is parsed. */
import { quotedEnd, sameAt, unescapeText } from "../../sip/chars.ts";
import { MAGIC_COOKIE } from "../../sip/ids.ts";

/** What the rule needs to know of the group. */
export interface RoutingRule {
  /** Number of workers, at least 2. */
  readonly count: number;
  /** What stands in front of a worker's number in tags that the group makes: `=KEY-`. */
  readonly tagStart: string;
}

/** The answer for what any worker can deal with: the one that has it keeps it. */
export const ANYONE = -1;

/** Most characters of a branch that decide. */
export const BRANCH_CHARACTERS = 32;

/** What stands between the cookie and a worker's two digits in branches. No hexadecimal digit: no other branch of ours has it. */
export const BRANCH_MARK = "w";

/** What a worker puts behind the cookie in its branches. */
export function branchMark(worker: number): string {
  return BRANCH_MARK + String(worker).padStart(2, "0");
}

/**
 * The worker that owns an address of record, by its user part alone (escaped or not, in any case). The domain does not count, so
 * that a REGISTER and an INVITE meet whether `use_domain` is set or not.
 */
export function ownerOfUser(user: string, count: number): number {
  const plain = user.includes("%") ? (unescapeText(user) ?? user) : user;
  return ownerByText(plain, 0, plain.length, count);
}

/** Which worker a piece of text means. The system's packet filter works out the same (`steering.ts`). */
function ownerByText(text: string, start: number, end: number, count: number): number {
  let h = 0;
  // 32: the case of letters does not count.
  for (let i = start; i < end; i++) h = (Math.imul(h, 31) + (text.charCodeAt(i) | 32)) | 0;
  h = Math.imul(h ^ (h >>> 16), SPREAD);
  return (h >>> 16) % count;
}

/** Spreads what differs in few bits over all of them. */
export const SPREAD = 0x9e3779b1;

/**
 * The worker that a message belongs to, or `ANYONE`.
 *
 * * A reply belongs to the worker that sent the request: its number is in the branch.
 * * A request within a dialog that the group itself takes part in belongs to the worker that made the To tag.
 * * REGISTER belongs to the owner of its address of record, every other request to that of the user of its Request-URI: an INVITE,
 *   its retransmissions, its CANCEL and the ACK of a failure have the same one (RFC 3261, 9.1 and 17.1.1.3).
 * * Without a user, the branch decides, which those have in common too; where that is not unique, the Call-ID.
 */
export function ownerOf(text: string, rule: RoutingRule): number {
  if (text.charCodeAt(3) === 47 && text.startsWith("SIP/2.0 ")) return ownerOfReply(text, rule);
  const mark = text.indexOf(rule.tagStart);
  if (mark > 0) {
    const owner = ownerByTag(text, mark, rule);
    if (owner >= 0) return owner;
  }
  if (text.startsWith("REGISTER ")) {
    const to = headerStart(text, "to", 116);
    return to < 0 ? ANYONE : ownerOfUser(userAt(text, ...addressAt(text, to)), rule.count);
  }
  const uri = text.indexOf(" ") + 1;
  const uriEnd = text.indexOf(" ", uri);
  if (uri <= 0 || uriEnd < 0) return ANYONE;
  const user = userAt(text, uri, uriEnd);
  return user === "" ? ownerWithoutUser(text, rule) : ownerOfUser(user, rule.count);
}

function ownerWithoutUser(text: string, rule: RoutingRule): number {
  const start = behindCookie(text);
  if (start >= 0) {
    const most = Math.min(text.length, start + BRANCH_CHARACTERS);
    let end = start;
    while (end < most && !endsBranch(text.charCodeAt(end))) end++;
    return ownerByText(text, start, end, rule.count);
  }
  const call = headerStart(text, "call-id", 105);
  if (call < 0) return ANYONE;
  const callId = text.slice(call, lineEnd(text, call)).trim();
  return ownerByText(callId, 0, callId.length, rule.count);
}

/** White space, line end, `;` or `,`. */
function endsBranch(code: number): boolean {
  return code <= 32 || code === 59 || code === 44;
}

/** Offset behind the cookie in the topmost Via; -1: there is none. */
function behindCookie(text: string): number {
  const via = headerStart(text, "via", 118);
  if (via < 0) return -1;
  const cookie = text.indexOf(MAGIC_COOKIE, via);
  if (cookie < 0 || cookie > lineEnd(text, via)) return -1;
  // A line may hold several values: behind a comma it is another one's.
  const comma = text.indexOf(",", via);
  return comma >= 0 && comma < cookie ? -1 : cookie + MAGIC_COOKIE.length;
}

/** Branches of another form are nobody's. */
function ownerOfReply(text: string, rule: RoutingRule): number {
  const at = behindCookie(text);
  if (at < 0 || !text.startsWith(BRANCH_MARK, at)) return ANYONE;
  const tens = text.charCodeAt(at + 1) - 48;
  const ones = text.charCodeAt(at + 2) - 48;
  if (!(tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) return ANYONE;
  const owner = 10 * tens + ones;
  return owner < rule.count ? owner : ANYONE;
}

/** The worker that made the To tag; the mark may stand in From or elsewhere as well. */
function ownerByTag(text: string, mark: number, rule: RoutingRule): number {
  const to = headerStart(text, "to", 116);
  if (to < 0) return ANYONE;
  const end = lineEnd(text, to);
  const at = mark >= to ? mark : text.indexOf(rule.tagStart, to);
  if (at < 0 || at > end) return ANYONE;
  const digits = at + rule.tagStart.length;
  const dash = text.indexOf("-", digits);
  if (dash < 0 || dash > end || dash === digits || dash > digits + 4) return ANYONE;
  const owner = Number(text.slice(digits, dash));
  return Number.isInteger(owner) && owner >= 0 && owner < rule.count ? owner : ANYONE;
}

/** Offset behind the colon of the first header of that name, or of its compact form (a lower-case letter's code); -1: none. */
function headerStart(text: string, name: string, compact: number): number {
  for (let at = text.indexOf("\n") + 1; at > 0; at = text.indexOf("\n", at) + 1) {
    const first = text.charCodeAt(at);
    // The blank line: the body is no header.
    if (first === 13 || first === 10) return -1;
    let end = -1;
    if ((first | 32) === compact) end = colonAt(text, at + 1);
    if (end < 0 && sameAt(text, at, text.length, name)) end = colonAt(text, at + name.length);
    if (end >= 0) return end + 1;
  }
  return -1;
}

/** Offset of the colon that follows at once or behind white space; -1: there is none. */
function colonAt(text: string, from: number): number {
  let i = from;
  while (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9) i++;
  return text.charCodeAt(i) === 58 ? i : -1;
}

/** Offset of the end of a header's value, folded lines included. */
function lineEnd(text: string, from: number): number {
  let end = text.indexOf("\n", from);
  while (end >= 0) {
    const next = text.charCodeAt(end + 1);
    if (next !== 32 && next !== 9) return end;
    end = text.indexOf("\n", end + 1);
  }
  return text.length;
}

/** Where the URI of an address header's value starts and ends. */
function addressAt(text: string, start: number): [number, number] {
  const end = lineEnd(text, start);
  let i = start;
  while (i < end) {
    const c = text.charCodeAt(i);
    if (c === 60) {
      const close = text.indexOf(">", i);
      return [i + 1, close < 0 || close > end ? end : close];
    }
    if (c === 34) {
      const after = quotedEnd(text, i, end);
      if (after < 0) return [start, start];
      i = after;
    } else i++;
  }
  // Without angle brackets what follows a semicolon belongs to the header (RFC 3261, 20).
  const semicolon = text.indexOf(";", start);
  let from = start;
  while (from < end && text.charCodeAt(from) <= 32) from++;
  return [from, semicolon < 0 || semicolon > end ? end : semicolon];
}

/** The user of a URI, without a password, as `parseUri` would read it; the number of a `tel:` one; "" without. */
function userAt(text: string, start: number, end: number): string {
  let i = start;
  while (i < end && text.charCodeAt(i) !== 58) i++;
  const from = i + 1;
  const isSip = sameAt(text, start, i, "sip") || sameAt(text, start, i, "sips");
  let stop = -1;
  for (i = from; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 58) {
      if (stop < 0) stop = i;
      if (!isSip) break;
    } else if (c === 64 && isSip) return text.slice(from, stop < 0 ? i : stop);
    else if (c === 59 && !isSip) break;
  }
  return isSip ? "" : text.slice(from, i);
}
