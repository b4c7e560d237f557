/** What the parser says about each message of RFC 4475: the problems that it names, or why it names none. */

/** Expected outcome for one file. */
export interface Expectation {
  /** Section of RFC 4475. */
  readonly section: string;
  /** Problem names as `problemsOf` gives them, in its order. */
  readonly problems: readonly string[];
  /** Why a message that the RFC calls invalid, or unusual, passes here. */
  readonly tolerated?: string;
}

const ok = (section: string): Expectation => ({ section, problems: [] });
const bad = (section: string, ...problems: string[]): Expectation => ({ section, problems });
const tolerated = (section: string, reason: string, ...problems: string[]): Expectation => ({
  section,
  problems,
  tolerated: reason,
});

/** Messages that are well-formed; elements may still refuse what they ask for. */
export const VALID: Readonly<Record<string, Expectation>> = {
  wsinv: bad("3.1.1.1", "weak-branch"),
  intmeth: ok("3.1.1.2"),
  esc01: ok("3.1.1.3"),
  escnull: ok("3.1.1.4"),
  esc02: ok("3.1.1.5"),
  lwsdisp: ok("3.1.1.6"),
  longreq: bad("3.1.1.7", "weak-branch"),
  dblreq: bad("3.1.1.8", "trailing-octets"),
  semiuri: ok("3.1.1.9"),
  transports: ok("3.1.1.10"),
  mpart01: ok("3.1.1.11"),
  unreason: ok("3.1.1.12"),
  noreason: ok("3.1.1.13"),
  unkscm: bad("3.3.2", "unreadable-request-uri"),
  novelsc: bad("3.3.3", "unreadable-request-uri"),
  unksm2: bad("3.3.4", "unreadable-uri-in-from", "unreadable-uri-in-to"),
  bext01: ok("3.3.5"),
  invut: ok("3.3.6"),
  regaut01: ok("3.3.7"),
  bcast: ok("3.3.10"),
  zeromf: ok("3.3.11"),
  cparam01: ok("3.3.12"),
  cparam02: ok("3.3.13"),
  regescrt: ok("3.3.14"),
  sdp01: ok("3.3.15"),
  inv2543: bad("3.4.1", "weak-branch"),
};

/** Messages with a fault. */
export const INVALID: Readonly<Record<string, Expectation>> = {
  badinv01: bad("3.1.2.1", "bad-via"),
  clerr: bad("3.1.2.2", "body-too-short"),
  ncl: bad("3.1.2.3", "bad-content-length"),
  scalar02: bad("3.1.2.4", "bad-cseq", "bad-expires", "bad-contact-expires"),
  scalarlg: bad("3.1.2.5", "bad-cseq", "bad-retry-after"),
  quotbal: bad("3.1.2.6", "bad-to"),
  ltgtruri: bad("3.1.2.7", "unreadable-request-uri", "weak-branch"),
  lwsruri: bad("3.1.2.8", "bad-first-line"),
  lwsstart: bad("3.1.2.9", "bad-first-line"),
  trws: tolerated("3.1.2.10", "Kamailio as well takes blanks behind the version"),
  escruri: bad("3.1.2.11", "headers-in-request-uri"),
  baddate: bad("3.1.2.12", "bad-date"),
  regbadct: bad("3.1.2.13", "unbracketed-uri-with-headers"),
  badaspec: tolerated("3.1.2.14", "blanks inside the brackets do no harm, and are cut"),
  baddn: tolerated("3.1.2.15", "a display name without its quotes is still readable (RFC 4475 allows it)"),
  badvers: bad("3.1.2.16", "bad-version"),
  mismatch01: bad("3.1.2.17", "method-mismatch"),
  mismatch02: bad("3.1.2.18", "method-mismatch"),
  bigcode: bad("3.1.2.19", "bad-status"),
  badbranch: bad("3.2.1", "weak-branch"),
  insuf: bad("3.3.1", "no-from", "no-to", "no-call-id"),
  multi01: bad(
    "3.3.8",
    "repeated-from",
    "repeated-to",
    "repeated-call-id",
    "repeated-cseq",
    "repeated-max-forwards",
  ),
  mcl01: bad("3.3.9", "trailing-octets", "repeated-content-length"),
};
