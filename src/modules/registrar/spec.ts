/** Declaration of registrar: REGISTER requests, and finding users. */
import { declareModule, optional, required } from "../../runtime/module.ts";
import { type Contact, usrloc } from "../usrloc/spec.ts";
import { sl } from "../sl/spec.ts";

/** What registrar offers to other modules. */
export interface RegistrarApi {
  /** Key in location tables of an address of record; null when it cannot be one. */
  aorOf(uri: string): string | null;
  /** GRUUs of a contact, for an address of record without parameters; null when it has none (RFC 5627, 5). */
  gruus(
    contact: Contact,
    aor: string,
  ): { readonly publicUri: string; readonly temporaryUri: string } | null;
}

const table = (doc: string) => required("table", "table", doc);

export const registrar = declareModule<RegistrarApi>()({
  name: "registrar",
  doc: "Processes REGISTER requests (RFC 3261, 10.3), keeps contacts in usrloc, and sends requests to them. Knows Path (RFC 3327), GRUU (RFC 5627) and outbound flows (RFC 5626).",
  needs: { usrloc, sl },
  params: {
    default_expires: {
      type: "int",
      default: 3600,
      min: 0,
      runtime: true,
      doc: "Lifetime in seconds of contacts that come without one, or with one that cannot be read.",
    },
    default_expires_range: {
      type: "int",
      default: 0,
      min: 0,
      max: 100,
      runtime: true,
      doc: "Percentage by which `default_expires` is shortened at random at most.",
    },
    expires_range: {
      type: "int",
      default: 0,
      min: 0,
      max: 100,
      runtime: true,
      doc: "Percentage by which a lifetime that was asked for is shortened at random at most.",
    },
    min_expires: {
      type: "int",
      default: 60,
      min: 0,
      runtime: true,
      doc: "Shortest lifetime in seconds; 0: none.",
    },
    min_expires_mode: {
      type: "int",
      default: 0,
      values: [0, 1],
      doc: "A lifetime below `min_expires` is raised (0) or refused with 423 (1).",
    },
    max_expires: {
      type: "int",
      default: 0,
      min: 0,
      runtime: true,
      doc: "Longest lifetime in seconds; 0: none.",
    },
    default_q: {
      type: "int",
      default: 0,
      min: 0,
      max: 1000,
      runtime: true,
      doc: "Preference in thousandths of contacts that come without one; 0: they are stored without one.",
    },
    realm_prefix: {
      type: "str",
      runtime: true,
      doc: "Start of a domain that does not belong to the address of record: with `sip.`, `sip.a.org` is `a.org`. It has a meaning with usrloc's `use_domain`.",
    },
    append_branches: {
      type: "int",
      default: 1,
      runtime: true,
      doc: "Whether `lookup` takes all contacts (1) or the preferred one only (0).",
    },
    aor_avp: {
      type: "str",
      doc: "Removed from Kamailio: functions take the address as an argument.",
      ignored: "the address of record is an argument of the functions",
    },
    case_sensitive: {
      type: "flag",
      default: false,
      runtime: true,
      doc: "Whether upper and lower case are told apart in addresses of record.",
    },
    received_avp: {
      type: "str",
      form: "avp",
      doc: "`$avp` that holds the URI of the address that the REGISTER came from, set by NAT handling.",
    },
    received_param: {
      type: "str",
      default: "received",
      doc: "Name of the Contact parameter that shows the received URI in the reply; empty: not shown.",
    },
    max_contacts: {
      type: "int",
      default: 0,
      min: 0,
      runtime: true,
      doc: "Number of contacts that an address of record may have; more are refused with 503. 0: any.",
    },
    retry_after: {
      type: "int",
      default: 0,
      min: 0,
      runtime: true,
      doc: "Seconds for Retry-After in 5xx replies; 0: no such header.",
    },
    sock_flag: {
      type: "int",
      default: -1,
      min: -1,
      max: 31,
      doc: "Message flag that lets `save` read the socket from a header; -1: none.",
    },
    sock_hdr_name: {
      type: "str",
      doc: "Name of that header; its value is `udp:address:port`, one of the engine's own sockets.",
    },
    sock_mode: {
      type: "int",
      default: 0,
      doc: "1: the advertised address is what counts as the socket.",
      ignored: "contacts hold on to the socket itself, which knows both of its addresses",
    },
    method_filtering: {
      type: "flag",
      default: false,
      doc: "Whether `lookup` leaves out contacts that do not support the method of an initial request.",
    },
    use_path: {
      type: "flag",
      default: false,
      runtime: true,
      doc: "Whether Path is stored and used (RFC 3327).",
    },
    path_mode: {
      type: "int",
      default: 2,
      values: [0, 1, 2],
      doc: "Path in the reply: 0 never, 1 when the client supports path, 2 the same and others are refused with 420.",
    },
    path_use_received: {
      type: "flag",
      default: false,
      doc: "Whether `received` of the first Path URI is taken as the address that the client sent from.",
    },
    path_check_local: {
      type: "flag",
      default: false,
      doc: "Whether `lookup` leaves out a first Path URI that is this engine itself.",
    },
    reg_callid_avp: {
      type: "str",
      doc: "Obsolete: `registered` has an argument for it.",
      ignored: "use the match_option argument of registered()",
    },
    xavp_cfg: {
      type: "str",
      doc: "Name of a `$xavp` with settings for one message: match_callid, match_contact, match_received, rlf_bflags, q, expires, max_contacts, socket.",
    },
    xavp_rcd: {
      type: "str",
      doc: "Name of a `$xavp` that is filled with ruid, contact, expires, received and path of contacts.",
    },
    xavp_rcd_mask: {
      type: "int",
      default: 0,
      min: 0,
      max: 31,
      doc: "Which of them are left out: a sum of 1 ruid, 2 contact, 4 expires, 8 received, 16 path.",
    },
    gruu_enabled: {
      type: "flag",
      default: true,
      doc: "Whether clients that support gruu get a public and a temporary GRUU (RFC 5627).",
    },
    outbound_mode: {
      type: "int",
      default: 0,
      values: [0, 1, 2],
      doc: "Outbound flows (RFC 5626): 0 not supported, requiring them gives 420; 1 supported; 2 a client that lists its extensions must have it among them, otherwise 421.",
    },
    regid_mode: {
      type: "int",
      default: 0,
      values: [0, 1],
      doc: "Whether reg-id counts without outbound support.",
      ignored: "reg-id always counts together with an instance id, as in Kamailio 5.6.3",
    },
    flow_timer: {
      type: "int",
      default: 0,
      min: 0,
      doc: "Seconds for Flow-Timer in replies to clients that use outbound flows; 0: no such header.",
    },
    contact_max_size: {
      type: "int",
      default: 512,
      min: 1,
      doc: "Longest Contact URI; a longer one is refused with 400.",
    },
    event_callback: {
      type: "str",
      doc: "Name of a function of an embedded scripting language.",
      ignored: "events run event_route blocks",
    },
    lookup_filter_mode: {
      type: "int",
      default: 0,
      min: 0,
      max: 3,
      doc: "What `lookup` filters by: 1 branch flags in $xavp(cfg=>rlf_bflags), 2 live connections (contacts over UDP always pass).",
    },
    use_expired_contacts: {
      type: "flag",
      default: false,
      runtime: true,
      doc: "Whether contacts that ran out are used as long as they are in the table (usrloc's `timer_interval`).",
    },
  },
  functions: {
    save: {
      doc: "Applies a REGISTER to a table and answers it. Flags: 1 in memory only, 2 no reply, 4 this contact replaces all others, 8 lifetimes are not shortened at random, 16 with 2: prepares the headers of the reply. Codes: 1 inserted, 2 updated, 3 deleted, 4 contacts returned; -1 refused, -2 too many contacts.",
      routes: ["request", "failure", "reply", "event"],
      async: true,
      args: [
        table("Table of contacts."),
        optional("flags", "int", "Sum of flags, in decimal or hexadecimal."),
        optional("uri", "fmt", "Address of record instead of the To URI."),
      ],
      examples: [`save("location");`, `save("location", "0x04");`],
      departs:
        "A request that is refused changes nothing: Kamailio applies the contacts before the faulty one, and stores a contact whose Path it refuses with 420. A malformed address of record, instance or reg-id is answered with 400, where Kamailio answers 200. `Contact: *` leaves contacts that were learnt from other servers.",
    },
    lookup: {
      doc: "Puts the preferred contact of the Request-URI's user into the Request-URI, and the others into branches. Codes: 1 found, -1 none, -2 none that supports the method, -3 the address cannot be read.",
      routes: ["request", "failure", "event"],
      asksWorkers: true,
      args: [table("Table of contacts."), optional("uri", "fmt", "Address of record instead.")],
      examples: [`lookup("location");`],
      departs:
        "Contacts are used in order of preference also after a contact has changed its preference.",
    },
    lookup_to_dset: {
      doc: "As `lookup`, but all contacts become branches and the Request-URI stays.",
      routes: ["request", "failure", "event"],
      asksWorkers: true,
      args: [table("Table of contacts."), optional("uri", "fmt", "Address of record instead.")],
      examples: [`lookup_to_dset("location");`],
    },
    lookup_branches: {
      doc: "`lookup` for the Request-URI and for each branch that has nothing but a URI.",
      routes: ["request", "failure", "event"],
      asksWorkers: true,
      args: [table("Table of contacts.")],
      examples: [`lookup_branches("location");`],
    },
    registered: {
      doc: "Whether a user has a valid contact. match_option, a sum: 1 with the Call-ID, 2 with the received URI, 4 with the contact in `xavp_cfg`. match_action, a sum: 1 brings back the contact's `$xavp`, 2 leaves `xavp_rcd` alone.",
      routes: ["any"],
      asksWorkers: true,
      args: [
        table("Table of contacts."),
        optional("uri", "fmt", "Address of record; else the Request-URI, in replies the To URI."),
        optional("match_option", "int", "What must match."),
        optional("match_action", "int", "What to do on a match."),
      ],
      examples: [`if (registered("location")) xlog("registered\\n");`],
    },
    add_sock_hdr: {
      doc: "Adds a header with the socket that received the request, for a registrar behind this engine.",
      routes: ["request", "event"],
      args: [required("name", "fmt", "Name of the header.")],
      examples: [`add_sock_hdr("Sock-Info");`],
    },
    unregister: {
      doc: "Removes the contacts of a user, or the one with this ruid. Codes: 1 done, -1 the address cannot be read, -3 nothing with this ruid.",
      routes: ["any"],
      asksWorkers: true,
      args: [
        table("Table of contacts."),
        required("uri", "fmt", "Address of record; may be empty when a ruid is given."),
        optional("ruid", "fmt", "Unique id of one contact."),
      ],
      examples: [`unregister("location", "$ru");`],
    },
    reg_fetch_contacts: {
      doc: "Makes the contacts of a user readable as `$ulc(profile=>attr)`.",
      routes: ["request", "failure", "event"],
      asksWorkers: true,
      args: [
        table("Table of contacts."),
        required("uri", "fmt", "Address of record."),
        required("profile", "str", "Name under which they are read."),
      ],
      examples: [`reg_fetch_contacts("location", "$fu", "caller");`],
    },
    reg_free_contacts: {
      doc: "Forgets what `reg_fetch_contacts` has made readable.",
      routes: ["request", "failure", "event"],
      args: [required("profile", "str", "Name of the profile.")],
      examples: [`reg_free_contacts("caller");`],
    },
    reg_send_reply: {
      doc: "Sends the reply that `save` did not send because of flag 2.",
      routes: ["request", "failure", "event"],
      args: [],
      examples: [`save("location", "0x02"); reg_send_reply();`],
    },
  },
  variables: {
    ulc: {
      doc: "An attribute of a fetched contact: aor, domain, aorhash, addr, path, received, expires, callid, regid, q, cseq, flags, cflags, user_agent, socket, modified, methods, count, ruid, instance, conid, server_id.",
      type: "any",
      inner: "required",
      innerForm: "text",
      indexed: true,
    },
  },
  eventRoutes: [
    {
      name: "usrloc:contact-expired",
      doc: "A contact ran out; `$ulc(exp=>...)` shows it.",
    },
  ],
  notes: [
    {
      title: "Statistics",
      text: "`registrar.accepted_regs`, `registrar.rejected_regs`; and the parameters `max_expires`, `max_contacts`, `default_expire`, `default_expires_range`, `expires_range`.",
    },
    {
      title: "Error replies",
      text: "A refused REGISTER gets a header P-Registrar-Error with a sentence that says why.",
    },
  ],
});
