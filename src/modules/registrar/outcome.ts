/** How a REGISTER ends: status, reason and the sentence for P-Registrar-Error. */
import { reasonPhrase } from "../../sip/reasons.ts";

/** One way to end. */
export interface Outcome {
  readonly status: number;
  readonly reason: string;
  /** Empty when all is well. */
  readonly error: string;
  /** Whether an error reply lists the contacts that are stored, as Kamailio's do at this point. */
  readonly showsContacts: boolean;
}

const outcome = (status: number, error: string, showsContacts = false): Outcome => ({
  status,
  reason: reasonPhrase(status),
  error,
  showsContacts,
});

/** All ways to end. */
export const Outcomes = {
  ok: outcome(200, ""),
  badAor: outcome(400, "The address of record cannot be read"),
  badContact: outcome(400, "A contact cannot be read"),
  badQ: outcome(400, "A contact has a q value that is not from 0 to 1", true),
  badRegId: outcome(400, "A contact has a reg-id that is not a positive number", true),
  badCseq: outcome(400, "The CSeq is not higher than that of the last request", true),
  badCallId: outcome(400, "The Call-ID is missing or too long"),
  noCseq: outcome(400, "The CSeq is missing or cannot be read"),
  badPath: outcome(400, "A Path header cannot be read", true),
  contactTooLong: outcome(400, "A contact or received address is too long"),
  starNotZero: outcome(400, "Contact is * and Expires is not 0"),
  starNotAlone: outcome(400, "Contact is * and there are other contacts"),
  pathNotSupported: outcome(420, "There is a Path and the client does not support it", true),
  outboundNotSupported: outcome(420, "Outbound flows are not offered here"),
  outboundRequired: outcome(421, "The client must support outbound flows"),
  edgeLacksOutbound: outcome(439, "The first proxy does not support outbound flows"),
  tooBrief: outcome(423, "The lifetime is shorter than the minimum", true),
  ownerAway: outcome(503, "The part of this server that has the address of record is starting"),
  tooMany: outcome(503, "The address of record would have too many contacts", true),
} as const;
