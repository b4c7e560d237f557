/** What answers to SUBSCRIBE mean for a subscription. */
import type { SipMessage } from "../../sip/message.ts";

/** The final answer to a SUBSCRIBE. */
export interface Answer {
  readonly code: number;
  readonly reply: SipMessage | undefined;
  /** Expires of the request. */
  readonly asked: number;
  /** The request was to open the dialog. */
  readonly isInitial: boolean;
}

/** Codes that end a dialog usage (RFC 6665, 4.1.2.2; RFC 5057, 5.1). */
const ENDS_DIALOG: ReadonlySet<number> = new Set([
  404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604,
]);
/** Codes after which a new subscription makes no sense. */
const REFUSALS: ReadonlySet<number> = new Set([
  400, 401, 403, 405, 406, 407, 415, 416, 420, 489, 501, 505, 603, 604, 606,
]);

/** Whether asking again makes no sense. */
export function isRefusal(code: number, isInitial: boolean): boolean {
  return REFUSALS.has(code) && (isInitial || code === 403);
}

/** Whether the dialog is over. */
export function endsDialog(code: number): boolean {
  return ENDS_DIALOG.has(code);
}

/** Whether a notifier's reason for ending a subscription says that another one makes no sense (RFC 6665, 4.1.3). */
export function endsForGood(reason: string): boolean {
  return reason === "rejected" || reason === "noresource" || reason === "invariant";
}
