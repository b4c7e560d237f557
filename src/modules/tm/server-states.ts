/** The server side of a transaction as state machines: one function per state, input in, next state and actions out. */

export const ServerState = {
  /** No reply yet: Trying; an INVITE is Proceeding from the start (RFC 3261, 17.2.1). */
  trying: 0,
  proceeding: 1,
  /** A final reply was sent; that of an INVITE waits for its ACK. */
  completed: 2,
  /** The ACK of a final reply came. */
  confirmed: 3,
  /** A 2xx to an INVITE was sent (RFC 6026, 7.1). */
  accepted: 4,
  terminated: 5,
} as const;

export const ServerInput = {
  /** The request came again. */
  request: 0,
  ack: 1,
  provisional: 2,
  /** A 2xx that was received on a branch. */
  relayedSuccess: 3,
  /** A 2xx that the script made. */
  localSuccess: 4,
  negative: 5,
  retransmitTimer: 6,
  /** The ACK did not come in time (RFC 3261, timer H), or nothing was done until the end of the lifetime. */
  finalTimer: 7,
  waitTimer: 8,
  /** The script let go of it. */
  release: 9,
} as const;

/** What is to be done, as bits above those of the state. */
export const ServerAction = {
  /** The new reply is sent. */
  send: 1 << 4,
  /** The last reply is sent again. */
  resend: 1 << 5,
  /** The final reply is sent again until the ACK comes. */
  retransmit: 1 << 6,
  /** Nothing more is expected: the transaction stays for wt_timer. */
  linger: 1 << 7,
  destroy: 1 << 8,
} as const;

const stateMask = 15;
const { trying, proceeding, completed, confirmed, accepted, terminated } = ServerState;
const A = ServerAction;

/** The state part of a step. */
export function nextServerState(step: number): number {
  return step & stateMask;
}

/** RFC 3261, 17.2.1, Proceeding (INVITE): figure 7, with the 2xx of RFC 6026, 7.1. */
function inviteProceeding(state: number, input: number): number {
  switch (input) {
    case ServerInput.request:
      return state | A.resend;
    case ServerInput.provisional:
      return proceeding | A.send;
    case ServerInput.relayedSuccess:
      return accepted | A.send | A.linger;
    case ServerInput.localSuccess:
      return accepted | A.send | A.retransmit;
    case ServerInput.negative:
      return completed | A.send | A.retransmit;
    case ServerInput.release:
    case ServerInput.finalTimer:
      return confirmed | A.linger;
    default:
      return state;
  }
}

/** RFC 3261, 17.2.1, Completed. */
function inviteCompleted(input: number): number {
  switch (input) {
    case ServerInput.request:
    case ServerInput.retransmitTimer:
      return completed | A.resend;
    case ServerInput.ack:
    case ServerInput.release:
    case ServerInput.finalTimer:
      return confirmed | A.linger;
    case ServerInput.relayedSuccess:
      // Both 408 and 200 may have been sent: the 2xx counts, the other one is not sent again.
      return accepted | A.send | A.linger;
    default:
      return completed;
  }
}

/** RFC 3261, 17.2.1, Confirmed. As Kamailio: an INVITE that still comes is answered again. */
function inviteConfirmed(input: number): number {
  switch (input) {
    case ServerInput.request:
      return confirmed | A.resend;
    case ServerInput.relayedSuccess:
      return confirmed | A.send;
    default:
      return confirmed;
  }
}

/** RFC 6026, 7.1, Accepted: further 2xx pass. As Kamailio: a 2xx of the script is sent again until its ACK comes. */
function inviteAccepted(input: number): number {
  switch (input) {
    case ServerInput.request:
    case ServerInput.retransmitTimer:
      return accepted | A.resend;
    case ServerInput.relayedSuccess:
      return accepted | A.send;
    case ServerInput.ack:
    case ServerInput.finalTimer:
    case ServerInput.release:
      return confirmed | A.linger;
    default:
      return accepted;
  }
}

/** RFC 3261, 17.2.2, Trying and Proceeding: figure 8. */
function otherProceeding(state: number, input: number): number {
  switch (input) {
    case ServerInput.request:
      return state | A.resend;
    case ServerInput.provisional:
      return proceeding | A.send;
    case ServerInput.relayedSuccess:
    case ServerInput.localSuccess:
    case ServerInput.negative:
      return completed | A.send | A.linger;
    case ServerInput.release:
    case ServerInput.finalTimer:
      return completed | A.linger;
    default:
      return state;
  }
}

/** RFC 3261, 17.2.2, Completed. */
function otherCompleted(input: number): number {
  return input === ServerInput.request ? completed | A.resend : completed;
}

/** What a transaction in this state does on this input: next state and actions in one number. */
export function stepServer(isInvite: boolean, state: number, input: number): number {
  // Whatever the state: nothing waits for ever.
  if (input === ServerInput.waitTimer) return terminated | A.destroy;
  switch (state) {
    case trying:
    case proceeding:
      return isInvite ? inviteProceeding(state, input) : otherProceeding(state, input);
    case completed:
      return isInvite ? inviteCompleted(input) : otherCompleted(input);
    case confirmed:
      return inviteConfirmed(input);
    case accepted:
      return inviteAccepted(input);
    default:
      return terminated;
  }
}
