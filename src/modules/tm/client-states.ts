/** The client side of a branch as state machines: one function per state, input in, next state and actions out. */

export const ClientState = {
  /** Sent, nothing received: Calling of an INVITE, Trying of others. */
  calling: 0,
  proceeding: 1,
  /** Has a final reply that is not a 2xx to an INVITE, received or made here. */
  completed: 2,
  /** Has a 2xx to its INVITE; further ones pass (RFC 6026, 7.2). */
  accepted: 3,
} as const;

export const ClientInput = {
  provisional: 0,
  success: 1,
  /** 300 and above. */
  negative: 2,
  retransmitTimer: 3,
  finalTimer: 4,
} as const;

/** What is to be done, as bits above those of the state. */
export const ClientAction = {
  /** The reply is news: it goes through the rules for replies. */
  deliver: 1 << 4,
  /** It is acknowledged hop by hop (RFC 3261, 17.1.1.3). */
  acknowledge: 1 << 5,
  resend: 1 << 6,
  stopRetransmission: 1 << 7,
  /** Retransmissions go on at T2 (RFC 3261, 17.1.2.2). */
  slowRetransmission: 1 << 8,
  stopTimers: 1 << 9,
  /** Waits for the final reply from now on as for that of a ringing INVITE. */
  ring: 1 << 10,
  /** Goes on as if 408 had been received. */
  timeOut: 1 << 11,
} as const;

const stateMask = 15;
const { calling, proceeding, completed, accepted } = ClientState;
const A = ClientAction;

/** The state part of a step. */
export function nextClientState(step: number): number {
  return step & stateMask;
}

/** RFC 3261, 17.1.1.2, Calling: figure 5. */
function inviteCalling(input: number): number {
  switch (input) {
    case ClientInput.provisional:
      return proceeding | A.deliver | A.stopRetransmission | A.ring;
    case ClientInput.success:
      return accepted | A.deliver | A.stopTimers;
    case ClientInput.negative:
      return completed | A.deliver | A.acknowledge | A.stopTimers;
    case ClientInput.retransmitTimer:
      return calling | A.resend;
    default:
      return completed | A.timeOut | A.stopTimers;
  }
}

/** RFC 3261, 17.1.1.2, Proceeding. */
function inviteProceeding(input: number): number {
  switch (input) {
    case ClientInput.provisional:
      return proceeding | A.deliver | A.ring;
    case ClientInput.success:
      return accepted | A.deliver | A.stopTimers;
    case ClientInput.negative:
      return completed | A.deliver | A.acknowledge | A.stopTimers;
    case ClientInput.retransmitTimer:
      return proceeding;
    default:
      return completed | A.timeOut | A.stopTimers;
  }
}

/**
 * RFC 3261, 17.1.1.2, Completed. Departs from it as Kamailio: what comes late is shown to the reply_route; a late 2xx passes.
 */
function inviteCompleted(input: number): number {
  switch (input) {
    case ClientInput.negative:
      return completed | A.deliver | A.acknowledge;
    case ClientInput.success:
      return accepted | A.deliver;
    case ClientInput.provisional:
      return completed | A.deliver;
    default:
      return completed;
  }
}

/** RFC 6026, 7.2, Accepted. A negative reply after a 2xx is still acknowledged, so that it stops. */
function inviteAccepted(input: number): number {
  switch (input) {
    case ClientInput.success:
      return accepted | A.deliver;
    case ClientInput.negative:
      return accepted | A.deliver | A.acknowledge;
    case ClientInput.provisional:
      return accepted | A.deliver;
    default:
      return accepted;
  }
}

/** RFC 3261, 17.1.2.2, Trying: figure 6. */
function otherTrying(input: number): number {
  switch (input) {
    case ClientInput.provisional:
      return proceeding | A.deliver | A.slowRetransmission;
    case ClientInput.success:
    case ClientInput.negative:
      return completed | A.deliver | A.stopTimers;
    case ClientInput.retransmitTimer:
      return calling | A.resend;
    default:
      return completed | A.timeOut | A.stopTimers;
  }
}

/** RFC 3261, 17.1.2.2, Proceeding. */
function otherProceeding(input: number): number {
  switch (input) {
    case ClientInput.provisional:
      return proceeding | A.deliver | A.slowRetransmission;
    case ClientInput.success:
    case ClientInput.negative:
      return completed | A.deliver | A.stopTimers;
    case ClientInput.retransmitTimer:
      return proceeding | A.resend;
    default:
      return completed | A.timeOut | A.stopTimers;
  }
}

/** RFC 3261, 17.1.2.2, Completed: nothing passes, but the reply_route sees it, as in Kamailio. */
function otherCompleted(input: number): number {
  return input <= ClientInput.negative ? completed | A.deliver : completed;
}

/** What a branch in this state does on this input: next state and actions in one number. */
export function stepClient(isInvite: boolean, state: number, input: number): number {
  switch (state) {
    case calling:
      return isInvite ? inviteCalling(input) : otherTrying(input);
    case proceeding:
      return isInvite ? inviteProceeding(input) : otherProceeding(input);
    case completed:
      return isInvite ? inviteCompleted(input) : otherCompleted(input);
    default:
      return inviteAccepted(input);
  }
}

/** The input that a reply with this status is. */
export function clientInputOf(status: number): number {
  if (status < 200) return ClientInput.provisional;
  return status < 300 ? ClientInput.success : ClientInput.negative;
}
