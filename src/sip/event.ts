/** Event and Subscription-State (RFC 6665, 8.2). */
import { lowerAscii, parseUint, tokenEnd, trimStart } from "./chars.ts";
import { paramValue } from "./params.ts";

/** An event package with its parameters. */
export interface EventPackage {
  /** Name in lower case, template included: `presence.winfo`. */
  readonly name: string;
  /** Value of id, `""` if there is none. */
  readonly id: string;
  /** Parameters as written, without the first semicolon. */
  readonly params: string;
}

/** State of a subscription as a notifier reports it. */
export interface SubscriptionState {
  /** `active`, `pending`, `terminated` or an extension, in lower case. */
  readonly state: string;
  /** Value of reason in lower case, `""` if there is none. */
  readonly reason: string;
  /** Seconds left, -1 if not given or unreadable. */
  readonly expires: number;
  /** Seconds to wait before trying again, -1 if not given or unreadable. */
  readonly retryAfter: number;
}

/** Offset behind a token that a semicolon or the end follows; -1 if there is none. */
function headEnd(value: string): number {
  const start = trimStart(value, 0, value.length);
  const end = tokenEnd(value, start, value.length);
  const next = trimStart(value, end, value.length);
  if (end === start || (next < value.length && value.charCodeAt(next) !== 59)) return -1;
  return end;
}

/** Reads the value of Event; `undefined` if malformed. */
export function parseEvent(value: string): EventPackage | undefined {
  const end = headEnd(value);
  if (end < 0) return undefined;
  const semicolon = trimStart(value, end, value.length);
  return {
    name: lowerAscii(value.slice(0, end).trimStart()),
    id: paramValue(value, semicolon, value.length, "id") ?? "",
    params: value.slice(semicolon + 1),
  };
}

/** Reads the value of Subscription-State; `undefined` if malformed. */
export function parseSubscriptionState(value: string): SubscriptionState | undefined {
  const end = headEnd(value);
  if (end < 0) return undefined;
  const seconds = (name: string): number => {
    const text = paramValue(value, end, value.length, name) ?? "";
    return parseUint(text, 0, text.length);
  };
  return {
    state: lowerAscii(value.slice(0, end).trimStart()),
    reason: lowerAscii(paramValue(value, end, value.length, "reason") ?? ""),
    expires: seconds("expires"),
    retryAfter: seconds("retry-after"),
  };
}
