/** The declaration of the module corex. */
import { declareModule, optional, required } from "../../runtime/module.ts";

const ANY = ["any"] as const;
const BRANCHING = ["request", "failure", "local", "event"] as const;

export const corex = declareModule()({
  name: "corex",
  doc: "Functions of the core with variables: branches, sockets, sending of data, files.",
  params: {
    alias_subdomains: {
      type: "str",
      doc: "Domain that is ours with all its subdomains: `proto:domain:port`.",
      multiple: true,
    },
    dns_cache: {
      type: "str",
      doc: "Record that the resolver's cache starts with.",
      multiple: true,
      implemented: false,
    },
    evcb_reply_out: {
      type: "str",
      doc: "Name of a function of an embedded language.",
      ignored: "there are no embedded languages",
    },
    nio_intercept: {
      type: "flag",
      default: false,
      doc: "Runs event_route[network:msg] for each packet.",
      implemented: false,
    },
    nio_min_msg_len: {
      type: "int",
      default: 0,
      doc: "Shortest packet that it is run for.",
      implemented: false,
    },
    nio_msg_avp: {
      type: "str",
      doc: "Avp with the text that takes the packet's place.",
      implemented: false,
    },
  },
  functions: {
    append_branch: {
      doc: "Adds a branch: the given URI, or the Request-URI as it is now with its next hop.",
      routes: BRANCHING,
      args: [
        optional("uri", "fmt", "URI of the branch."),
        optional("q", "fmt", "Its preference, 0 to 1."),
      ],
      examples: ['append_branch("sip:alice@example.com", "0.5");'],
    },
    send_udp: {
      doc: "Sends the request as it was received, without a Via of ours.",
      routes: BRANCHING,
      args: [optional("dest", "fmt", "host or host:port; without it the next hop.")],
      async: true,
      examples: ['send_udp("10.20.15.10:5070");'],
    },
    send_tcp: {
      doc: "As send_udp(), over TCP.",
      routes: BRANCHING,
      args: [optional("dest", "fmt", "host or host:port.")],
      async: true,
      implemented: false,
    },
    send_data: {
      doc: "Sends a packet with any content.",
      routes: ANY,
      args: [
        required("uri", "fmt", "SIP URI of where to."),
        required("data", "fmt", "The content."),
      ],
      async: true,
      examples: ['send_data("sip:127.0.0.1:5070", "hello");'],
    },
    sendx: {
      doc: "Sends a packet with any content from a socket of ours.",
      routes: ANY,
      args: [
        required("uri", "fmt", "SIP URI of where to."),
        required("sock", "fmt", "The socket: proto:address:port."),
        required("data", "fmt", "The content."),
      ],
      async: true,
      examples: ['sendx("sip:127.0.0.1:5070", "udp:127.0.0.1:5060", "hello");'],
    },
    is_incoming: {
      doc: "In event_route[network:msg]: whether the packet came in.",
      routes: ANY,
      args: [],
      implemented: false,
    },
    msg_iflag_set: {
      doc: "Sets an internal flag of the message.",
      routes: ANY,
      args: [
        required("flagname", "str", "USE_UAC_FROM, USE_UAC_TO or UAC_AUTH.", {
          values: ["USE_UAC_FROM", "USE_UAC_TO", "UAC_AUTH"],
        }),
      ],
      examples: ['msg_iflag_set("UAC_AUTH");'],
    },
    msg_iflag_reset: {
      doc: "Resets an internal flag of the message.",
      routes: ANY,
      args: [
        required("flagname", "str", "USE_UAC_FROM, USE_UAC_TO or UAC_AUTH.", {
          values: ["USE_UAC_FROM", "USE_UAC_TO", "UAC_AUTH"],
        }),
      ],
      examples: ['msg_iflag_reset("UAC_AUTH");'],
    },
    msg_iflag_is_set: {
      doc: "Whether an internal flag is set; -2 when it is not.",
      routes: ANY,
      args: [
        required("flagname", "str", "USE_UAC_FROM, USE_UAC_TO or UAC_AUTH.", {
          values: ["USE_UAC_FROM", "USE_UAC_TO", "UAC_AUTH"],
        }),
      ],
      examples: ['if (msg_iflag_is_set("UAC_AUTH")) xlog("set");'],
    },
    file_read: {
      doc: "Reads a text file into a variable.",
      routes: ANY,
      args: [required("fpath", "fmt", "The file."), required("var", "var", "The variable.")],
      async: true,
      examples: ['file_read("/etc/hostname", "$var(name)");'],
    },
    file_write: {
      doc: "Writes a text file, in the place of one that is there.",
      routes: ANY,
      args: [required("fpath", "fmt", "The file."), required("content", "fmt", "Its content.")],
      async: true,
      examples: ['file_write("/var/run/last-caller", "$fu");'],
    },
    setxflag: {
      doc: "Sets an extended flag of the message. -1 for a number out of range.",
      routes: ANY,
      args: [required("flag", "int", "Number from 0 to 63.")],
      examples: ['setxflag("40");'],
    },
    isxflagset: {
      doc: "Whether an extended flag is set.",
      routes: ANY,
      args: [required("flag", "int", "Number from 0 to 63.")],
      examples: ['if (isxflagset("40")) xlog("set");'],
    },
    resetxflag: {
      doc: "Resets an extended flag.",
      routes: ANY,
      args: [required("flag", "int", "Number from 0 to 63.")],
      examples: ['resetxflag("40");'],
    },
    set_send_socket: {
      doc: "Sets the socket that the message is sent from. True also for a socket that is not ours, which changes nothing.",
      routes: ANY,
      args: [required("saddr", "fmt", "proto:address:port.")],
      examples: ['set_send_socket("udp:127.0.0.1:5060");'],
    },
    set_send_socket_name: {
      doc: "Sets the socket that the message is sent from by its name.",
      routes: ANY,
      args: [required("sname", "fmt", "The name.")],
      examples: ['set_send_socket_name("s1");'],
    },
    set_recv_socket: {
      doc: "Sets the socket that counts as the one that received the message.",
      routes: ANY,
      args: [required("saddr", "fmt", "proto:address:port.")],
      examples: ['set_recv_socket("udp:127.0.0.1:5060");'],
    },
    set_recv_socket_name: {
      doc: "The same by its name.",
      routes: ANY,
      args: [required("sname", "fmt", "The name.")],
      examples: ['set_recv_socket_name("s1");'],
    },
    set_source_address: {
      doc: "Sets the address that the message counts as having come from.",
      routes: ANY,
      args: [required("saddr", "fmt", "proto:address:port.")],
      examples: ['set_source_address("udp:127.0.0.1:5080");'],
    },
    via_add_srvid: {
      doc: "Whether our Via gets the parameter srvid.",
      routes: ANY,
      args: [required("flags", "int", "1 or 0.")],
      implemented: false,
    },
    via_add_xavp_params: {
      doc: "Whether our Via gets parameters from the xavp named in xavp_via_params.",
      routes: ANY,
      args: [required("flags", "int", "1 or 0.")],
      implemented: false,
    },
    via_use_xavp_fields: {
      doc: "Whether our Via is made from the xavp named in xavp_via_fields.",
      routes: ANY,
      args: [required("flags", "int", "1 or 0.")],
      implemented: false,
    },
    is_faked_msg: {
      doc: "Whether the message was made here, not received.",
      routes: ANY,
      args: [],
      examples: ['if (is_faked_msg()) xlog("internal");'],
    },
    is_socket_name: {
      doc: "Whether one of our sockets has that name.",
      routes: ANY,
      args: [required("sockname", "fmt", "The name.")],
      examples: ['if (is_socket_name("s1")) xlog("yes");'],
    },
    forward_reply: {
      doc: "Sends the reply on to where its second Via says.",
      routes: ["reply"],
      args: [],
      examples: ["forward_reply();"],
    },
  },
  variables: {
    cfg: {
      doc: "Place in the configuration: name or file of the file, line, route.",
      type: "any",
      inner: "required",
      innerValues: ["line", "name", "file", "route"],
    },
    lsock: {
      doc: "Socket of ours that an expression finds.",
      type: "str",
      inner: "required",
      implemented: false,
    },
    atkv: {
      doc: "Attribute of an asynchronous task.",
      type: "str",
      inner: "required",
      implemented: false,
    },
  },
  transformations: {
    sock: {
      host: { doc: "Host of `proto:host:port`.", min: 0, max: 0, result: "str" },
      port: { doc: "Port of `proto:host:port`; empty without one.", min: 0, max: 0, result: "any" },
      proto: {
        doc: "Protocol of `proto:host:port`; empty without one.",
        min: 0,
        max: 0,
        result: "str",
      },
      touri: { doc: "The socket as SIP URI.", min: 0, max: 0, result: "str" },
    },
  },
  eventRoutes: [
    { name: "network:msg", doc: "Each packet.", implemented: false },
    { name: "corex:reply-out", doc: "Each reply that is sent.", implemented: false },
  ],
  rpc: {
    "corex.debug": {
      workers: "every",
      doc: "Reads or sets the level up to which is logged.",
      params: "[level]",
    },
    "corex.list_sockets": { doc: "Addresses that are listened on." },
    "corex.list_aliases": { doc: "Names that count as ours; port 0: any." },
    "corex.shm_status": { doc: "Writes memory to the log.", implemented: false },
    "corex.shm_summary": { doc: "Writes memory to the log.", implemented: false },
    "corex.pkg_summary": { doc: "Writes memory to the log.", implemented: false },
    "corex.shm.info": { doc: "Memory of the program.", implemented: false },
    "corex.shm.stats": { doc: "Memory of the program.", implemented: false },
    "corex.shm.report": { doc: "Memory of the program.", implemented: false },
  },
});
