/** What the registration event package has to do, and how olelo does it: the data of docs/reg-event.md. */

export interface RegEventRow {
  readonly row: number;
  /** What can be seen on the wire. */
  readonly behaviour: string;
  /** Where it is asked for. */
  readonly standard: string;
  readonly olelo: string;
}

export const regEventRows: readonly RegEventRow[] = [
  {
    row: 1,
    behaviour: "SUBSCRIBE is answered by the registrar itself",
    standard: "RFC 3680, 4",
    olelo:
      "`reginfo_handle_subscribe()` reads the location tables; there is no PUBLISH in between.",
  },
  {
    row: 2,
    behaviour: "A user who is not registered has a state too",
    standard: "RFC 3680, 3.1",
    olelo: 'A document with `state="init"` and no contacts.',
  },
  {
    row: 3,
    behaviour: "Foreign domains are refused",
    standard: "RFC 3261, 21.4.5",
    olelo: "404 for what is not under a domain of this server.",
  },
  {
    row: 4,
    behaviour: "Not everybody may watch everybody",
    standard: "RFC 3680, 4.5 and 8",
    olelo:
      "`policy`: one's own address of record only (403 else), unless the script calls `reginfo_allow_watcher()`.",
  },
  {
    row: 5,
    behaviour: "Duration without Expires",
    standard: "RFC 3680, 4.2",
    olelo: "3761 seconds; `default_expires` sets it.",
  },
  {
    row: 6,
    behaviour: "Too short a duration",
    standard: "RFC 6665, 4.2.1.1; RFC 3903, 6",
    olelo: "423 with Min-Expires, for SUBSCRIBE and PUBLISH. Expires 0 always passes.",
  },
  {
    row: 7,
    behaviour: "Accept without the document's type",
    standard: "RFC 3680, 4.6",
    olelo: "406.",
  },
  {
    row: 8,
    behaviour: "Event id",
    standard: "RFC 6665, 4.1.2.1",
    olelo: "Accepted, part of the dialog's identity, repeated in NOTIFY.",
  },
  {
    row: 9,
    behaviour: "Versions of documents",
    standard: "RFC 3680, 5.1",
    olelo: "Each subscription counts from 0 by one, and never goes back.",
  },
  {
    row: 10,
    behaviour: "Partial documents",
    standard: "RFC 3680, 4.8",
    olelo: "Full after each SUBSCRIBE, then the contacts that changed; `partial` switches it off.",
  },
  {
    row: 11,
    behaviour: "One NOTIFY for one REGISTER",
    standard: "RFC 3680, 4.8",
    olelo: "All changes that one request makes are in one document.",
  },
  {
    row: 12,
    behaviour: "NOTIFYs are not too many",
    standard: "RFC 3680, 4.10",
    olelo:
      "`notify_interval` (5 seconds) between two of them; the last state wins, nothing that ended is left out.",
  },
  {
    row: 13,
    behaviour: "Ids of registrations and contacts",
    standard: "RFC 3680, 5.1",
    olelo:
      "Hashes: they stay in all documents, say nothing of the process, and differ with the URI.",
  },
  {
    row: 14,
    behaviour: "`registered` and `created`",
    standard: "RFC 3680, 3.2",
    olelo: "`created` is for contacts that no REGISTER made.",
  },
  {
    row: 15,
    behaviour: "A contact that runs out",
    standard: "RFC 3680, 3.2",
    olelo:
      "Named as `expired`; with the last one the registration is `terminated` in the same document.",
  },
  {
    row: 16,
    behaviour: "`expires` of contacts that ended",
    standard: "RFC 3680, 5.1",
    olelo: "0.",
  },
  {
    row: 17,
    behaviour: "What the operator does has a name of its own",
    standard: "RFC 3680, 3.2",
    olelo:
      "`reginfo.deactivate`, `reginfo.reject`, `reginfo.probation` (with retry-after), `reginfo.shorten`; `admin_event` for other removals.",
  },
  {
    row: 18,
    behaviour: "Optional attributes",
    standard: "RFC 3680, 5.1",
    olelo: "q, callid, cseq, duration-registered and display-name are there when known.",
  },
  {
    row: 19,
    behaviour: "Contact parameters",
    standard: "RFC 3680, 5.1",
    olelo: "+sip.instance, reg-id, methods and feature tags as `unknown-param`, quotes included.",
  },
  {
    row: 20,
    behaviour: "GRUUs",
    standard: "RFC 5628",
    olelo:
      "Of clients that support them; `first-cseq` is right; temporary ones are shown to the user alone.",
  },
  {
    row: 21,
    behaviour: "Any text comes through",
    standard: "XML 1.0; RFC 3680, 5",
    olelo: "Escaped, UTF-8 also when a client sends latin1, of any length.",
  },
  {
    row: 22,
    behaviour: "Contacts without an end",
    standard: "RFC 3680, 5.1",
    olelo: "No `expires`, or the number that `permanent_expires` gives.",
  },
  {
    row: 23,
    behaviour: "The last NOTIFY is the present state",
    standard: "RFC 6665, 4.2.2",
    olelo:
      "One NOTIFY of a dialog is on its way at a time; the document is written when it is sent.",
  },
  {
    row: 24,
    behaviour: "One PUBLISH of a resource at a time",
    standard: "RFC 3903, 4",
    olelo: "Changes meanwhile become one request with the newest state.",
  },
  {
    row: 25,
    behaviour: "A PUBLISH that fails is repaired",
    standard: "RFC 3903, 4.1 and 4.5",
    olelo:
      "412: the full state anew; 423: a longer time; 401 and 407: credentials; 5xx, Retry-After and no answer: again, with growing waits. No REGISTER is needed for any of it.",
  },
  {
    row: 26,
    behaviour: "How long a publication lasts",
    standard: "RFC 3903, 4.3",
    olelo:
      "As long as the contact that lasts longest; refreshed before its end, through the same proxy.",
  },
  {
    row: 27,
    behaviour: "The end of a publication",
    standard: "RFC 3903, 4.4",
    olelo:
      "The document that says `terminated`, then Expires 0 after `publish_grace`; at a stop at once, unless pua has a database: then it goes on with its entity tag after the next start, or crash.",
  },
  {
    row: 28,
    behaviour: "A refresh or removal at the presence server",
    standard: "RFC 3903, 6",
    olelo: "A refresh makes no NOTIFY; what is left after a removal is told merged.",
  },
  {
    row: 29,
    behaviour: "Several publishers for one user",
    standard: "RFC 3680, 5.1",
    olelo: "One registration element with the contacts of all.",
  },
  {
    row: 30,
    behaviour: "PUBLISH is checked",
    standard: "RFC 3903, 6",
    olelo: "415 type, 400 document, 403 another user's, 412 unknown entity tag of any form.",
  },
  {
    row: 31,
    behaviour: "A NOTIFY that fails",
    standard: "RFC 6665, 4.2.2; RFC 5057",
    olelo:
      "Codes that end the dialog end the subscription; others leave it and the next document is full; Retry-After is kept.",
  },
  {
    row: 32,
    behaviour: "A subscription lives for days",
    standard: "RFC 6665, 4.1.2",
    olelo:
      "Refreshed at about half of its time; begun anew with waits that grow and have chance in them; Retry-After is kept.",
  },
  {
    row: 33,
    behaviour: "One dialog, ended properly",
    standard: "RFC 6665, 4.1.2.3; RFC 3680, 4.9",
    olelo:
      "A second request uses the first one's dialog; 0 ends it; a stop ends all, or leaves them for the next start when pua has a database, crashes included.",
  },
  {
    row: 34,
    behaviour: "NOTIFYs of strangers",
    standard: "RFC 6665, 4.1.3 and 4.4.1; RFC 3261, 12.2.2",
    olelo:
      "481 outside of a dialog and for other forks, 489 another package, 400 without Subscription-State, 500 for an old CSeq. A NOTIFY must come from where the notifier is (`check_source`), and speak of whom was asked for. Nothing changes otherwise.",
  },
  {
    row: 35,
    behaviour: "Reasons of an end",
    standard: "RFC 6665, 4.1.3",
    olelo:
      "`deactivated`, `timeout`: at once; `probation`, `giveup`: after retry-after; `rejected`, `noresource`, `invariant`: never.",
  },
  {
    row: 36,
    behaviour: "Versions as the subscriber sees them",
    standard: "RFC 3680, 5.2",
    olelo:
      "A gap: the full state is asked for, not more often than every five seconds; a lower partial one is ignored; full replaces, partial adds and takes away. A full state in several NOTIFYs between olelos takes nothing away before its last one.",
  },
  {
    row: 37,
    behaviour: "Contacts that ended are gone",
    standard: "RFC 3680, 5.2",
    olelo: "From `lookup()` at once, whatever their `expires` says.",
  },
  {
    row: 38,
    behaviour: "A call through the mirror arrives",
    standard: "RFC 3327; RFC 5626",
    olelo:
      "Path, received address, q, instance, reg-id, user agent and GRUUs are carried over, in a namespace of our own where RFC 3680 has no place. A phone behind NAT without Path is called through the server that it is registered at (`route_via_source`).",
  },
  {
    row: 39,
    behaviour: "Contacts of other servers stay theirs",
    standard: "RFC 3680, 5.2",
    olelo:
      "They belong to their subscription, are never published or told again, override a registration made here only when its client has renewed it there, and go or stay (`keep_contacts`) when it ends.",
  },
  {
    row: 40,
    behaviour: "Damaged and hostile documents",
    standard: "RFC 3680, 5",
    olelo:
      "400 and nothing changes. No document types or entities; size, depth, contacts and URIs have limits; nothing read can add lines to a request.",
  },
  {
    row: 41,
    behaviour: "Two servers that follow each other",
    standard: "RFC 3680",
    olelo:
      "One NOTIFY per change and no echo; they agree again after losses, partitions and restarts. See [examples/two-servers](../examples/two-servers).",
  },
  {
    row: 42,
    behaviour: "Conditional notification, rate control, whole domains",
    standard: "RFC 5839; RFC 6446",
    olelo:
      "Suppress-If-Match with 204 on both sides, max-rate and min-rate, `domain_resource`: one subscription for all users of a domain.",
  },
];
