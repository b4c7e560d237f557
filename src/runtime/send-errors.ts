/** Codes of what can go wrong when a request is sent on, and the replies that tell its sender. */

/** As Kamailio's: the negative status for those that have one. */
export const SendError = {
  general: -1,
  /** Left out by a branch_route, or nothing was there to send to. */
  noBranch: -6,
  noSocket: -7,
  badRequest: -400,
  notSent: -477,
  notResolved: -478,
  badUri: -479,
  canceled: -487,
  /** There are too many transactions. */
  overloaded: -503,
} as const;

const phrases: Readonly<Record<number, string>> = {
  400: "Bad Request",
  477: "Next Hop Not Reached",
  478: "Next Hop Unresolvable",
  479: "Unusable Request-URI",
  487: "Request Terminated",
  503: "Service Unavailable",
};

/** The reply for a code; 500 for those without a status of their own. */
export function sendErrorReply(code: number): { readonly status: number; readonly reason: string } {
  const reason = phrases[-code];
  return reason === undefined
    ? { status: 500, reason: "Server Internal Error" }
    : { status: -code, reason };
}
