/** Identifiers that the engine makes, cheap hashes, and the keys by which messages find their transaction. */
import { flatText, lowerAscii, matchesAt } from "./chars.ts";
import type { SipMessage } from "./message.ts";

/** Start of a branch that is unique by itself (RFC 3261, 8.1.1.7). */
export const MAGIC_COOKIE = "z9hG4bK";

const POOL_WORDS = 256;

/** Letters of tokens: 32, so that each is five random bits; either case may be lost on the way. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
const TOKEN_LENGTH = 12;
const POOL_TOKENS = 128;

/** Source of tags, branches and Call-IDs: unguessable, and without a call into the system for each. */
export class IdSource {
  private readonly pool = new Uint32Array(POOL_WORDS);
  private readonly fill: (pool: Uint32Array) => void;
  private used = POOL_WORDS;
  private letters = "";
  private lettersUsed = 0;
  private readonly mark: string;

  /** `fill` writes random bits; called once per 256 words. `mark` goes in front of tags. */
  constructor(fill: (pool: Uint32Array) => void, mark = "") {
    this.fill = fill;
    this.mark = mark;
  }

  /** 32 random bits. */
  word(): number {
    if (this.used === POOL_WORDS) {
      this.fill(this.pool);
      this.used = 0;
    }
    return this.pool[this.used++] as number;
  }

  /** 60 random bits as letters and digits. So short a slice is a copy: nothing keeps the pool. */
  token(): string {
    if (this.lettersUsed === this.letters.length) {
      this.letters = this.freshLetters();
      this.lettersUsed = 0;
    }
    const start = this.lettersUsed;
    this.lettersUsed = start + TOKEN_LENGTH;
    return this.letters.slice(start, start + TOKEN_LENGTH);
  }

  private freshLetters(): string {
    const bytes = Buffer.allocUnsafe(POOL_TOKENS * TOKEN_LENGTH);
    let word = 0;
    for (let i = 0; i < bytes.length; i++) {
      // Six letters of 30 bits from each word.
      word = i % 6 === 0 ? this.word() : word >>> 5;
      bytes[i] = letterAt(word);
    }
    return bytes.toString("latin1");
  }

  /** A tag (RFC 3261, 19.3). */
  tag(): string {
    return this.mark === "" ? this.token() : this.mark + this.token();
  }

  /** A branch; `index` tells the branches of one request apart. */
  branch(index = 0): string {
    return `${MAGIC_COOKIE}${this.token()}.${index}`;
  }

  /** A Call-ID; 128 random bits. */
  callId(host: string): string {
    return `${this.token()}${this.token()}@${host}`;
  }
}

/** 32-bit hash of a text (not for secrets). Different seeds give independent values. */
export function hash32(text: string, seed = 0): number {
  let h = seed ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A 32-bit number as seven letters and digits. `toString(36)` would take five times as long. */
export function letters32(value: number): string {
  return String.fromCharCode(
    letterAt(value),
    letterAt(value >>> 5),
    letterAt(value >>> 10),
    letterAt(value >>> 15),
    letterAt(value >>> 20),
    letterAt(value >>> 25),
    letterAt(value >>> 30),
  );
}

function letterAt(value: number): number {
  return LETTERS.charCodeAt(value & 31);
}

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

/** A 32-bit number in base 16 or 36: as `toString` writes it, in a quarter of the time. */
export function digits32(value: number, base: 16 | 36): string {
  let out = "";
  let rest = value;
  do {
    const next = Math.floor(rest / base);
    out = DIGITS.charAt(rest - next * base) + out;
    rest = next;
  } while (rest > 0);
  return out;
}

/** 64-bit hash of a text in base 36. */
export function hashToken(text: string, seed: number): string {
  return digits32(hash32(text, seed), 36) + digits32(hash32(text, ~seed), 36);
}

/**
 * Branch for a request that is forwarded without state: the same for each retransmission (RFC 3261, 16.11). `seed` tells
 * this engine from others on the path.
 */
export function statelessBranch(message: SipMessage, seed: number): string {
  const via = message.via;
  const branch = via?.branch ?? "";
  const own = hasCookie(branch) ? `${branch}|${via?.sentBy ?? ""}` : oldKey(message, "");
  return `${MAGIC_COOKIE}${hashToken(`${own}|${message.requestUri}`, seed)}.0`;
}

/** Whether a branch is unique by itself: it starts with the cookie and goes on. */
export function hasCookie(branch: string): boolean {
  return branch.length > 7 && matchesAt(branch, 0, branch.length, "z9hg4bk");
}

/** Key of a request by what RFC 2543 had instead of unique branches (RFC 3261, 17.2.3). */
function oldKey(message: SipMessage, method: string): string {
  const via = message.via?.value ?? "";
  const { requestUri, fromTag, callId, cseqNumber } = message;
  return `${requestUri}|${fromTag}|${callId}|${cseqNumber}|${via}|${method}`;
}

function serverKey(message: SipMessage, method: string): string {
  const via = message.via;
  if (!via) return "";
  if (!hasCookie(via.branch)) return flatText(oldKey(message, method));
  return flatText(`${via.branch}|${lowerAscii(via.sentBy)}|${method}`);
}

/** Key of the server transaction of a request (RFC 3261, 17.2.3); an ACK has that of its INVITE. `""`: no Via. */
export function transactionKey(message: SipMessage): string {
  return (message.transactionKey ??= serverKey(
    message,
    message.method === "ACK" ? "INVITE" : message.method,
  ));
}

/** Key of the INVITE transaction that a CANCEL means (RFC 3261, 9.2). */
export function cancelledKey(message: SipMessage): string {
  return serverKey(message, "INVITE");
}

/** Key of the client transaction of a reply: branch and method of CSeq (RFC 3261, 17.1.3). `""`: unreadable. */
export function replyKey(message: SipMessage): string {
  const branch = message.via?.branch ?? "";
  return branch === "" || message.cseqMethod === "" ? "" : clientKey(branch, message.cseqMethod);
}

/** Key of the client transaction of a request sent with this branch. */
export function clientKey(branch: string, method: string): string {
  return `${branch}|${method === "ACK" ? "INVITE" : method}`;
}
