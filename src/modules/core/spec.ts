/** The core: statements of the routing language that belong to no module, and commands that every engine has. */
import { declareModule, optional, required } from "../../runtime/module.ts";
import { coreRpc } from "./spec-rpc.ts";

const anywhere = ["any"] as const;
const sending = ["request", "failure"] as const;

const flag = required("flag", "flag", "Number from 0 to 31, or a name declared with `flags`.");
const avp = required("avp", "str", "Name of an avp: `$avp(x)`, `$name` or a plain name.");
const avpFlag = required("flag", "str", "Name declared with `avpflags`.");

/** Forms of `forward` and its relatives with a transport. */
const forwardTo = [
  required("host", "host", "Host name or address; `uri:host` is that of the Request-URI."),
  optional("port", "int", "Port; `uri:port` is that of the Request-URI.", { min: 0, max: 65_535 }),
] as const;

const part = (name: string, doc: string) => [required(name, "str", doc)] as const;
const host = part("host", "Host name or address; text, without variables.");
const hostPort = part("hostport", "`host` or `host:port`; text, without variables.");
const port = part("port", "Port as text; an empty one takes the port away.");
const user = part("user", "User part; an empty one takes user and password away.");
const userPassword = part("user", "`user` or `user:password`.");
const hostPortTransport = part("target", "`host`, `host:port` or `host:port;transport=...`.");

const setHost = {
  doc: "Puts another host into the Request-URI; its port stays. A tel URI becomes a SIP URI.",
  routes: anywhere,
  args: host,
} as const;
const setHostPort = {
  doc: "Puts another host and port into the Request-URI. A tel URI becomes a SIP URI.",
  routes: anywhere,
  args: hostPort,
} as const;
const setHostPortTransport = {
  doc: "Puts another host, port and transport into the Request-URI. A tel URI becomes a SIP URI.",
  routes: anywhere,
  args: hostPortTransport,
} as const;
const setPort = {
  doc: "Puts another port into the Request-URI. -1 for a tel URI, which has none.",
  routes: anywhere,
  args: port,
} as const;
const setUser = {
  doc: "Puts another user into the Request-URI; its password stays.",
  routes: anywhere,
  args: user,
} as const;
const setUserPassword = {
  doc: "Puts another user and password into the Request-URI.",
  routes: anywhere,
  args: userPassword,
} as const;
const setUri = {
  doc: "Sets the Request-URI.",
  routes: anywhere,
  args: part("uri", "The whole URI; text, without variables."),
  examples: ['seturi("sip:bob@example.com");'],
} as const;
const forceRport = {
  doc: "Sends the replies to this request to the address and port that it came from (RFC 3581).",
  routes: anywhere,
  args: [],
  examples: ["force_rport();"],
} as const;
const tcpAlias = {
  doc: "For requests over TCP: the connection may be used for the port in Via. Nothing to do over UDP.",
  routes: anywhere,
  args: [optional("port", "int", "Port that the connection stands for.")],
} as const;
const forwardOver = (transport: string) =>
  ({
    doc: `Forwards the request without a transaction over ${transport}.`,
    routes: sending,
    args: forwardTo,
    async: true,
  }) as const;

const returnCode = {
  doc: "Code of the last function or route: positive true, negative false.",
  type: "int",
} as const;

/** What belongs to no module. */
export const core = declareModule()({
  name: "core",
  doc: "Statements, variables and commands that belong to no module.",
  functions: {
    forward: {
      doc:
        "Forwards the request without a transaction (RFC 3261, 16.11): to the host given, else to `$du`, else to the " +
        "Request-URI. Codes: -478 the host cannot be resolved, -7 there is no socket for its transport.",
      routes: sending,
      forms: {
        uri: [],
        host: [forwardTo[0]],
        hostPort: [forwardTo[0], required("port", "int", "Port.", { min: 0, max: 65_535 })],
      },
      async: true,
      examples: ["forward();", 'forward("10.0.0.5", 5060);'],
    },
    forward_udp: forwardOver("UDP"),
    forward_tcp: forwardOver("TCP"),
    forward_tls: forwardOver("TLS"),
    forward_sctp: forwardOver("SCTP"),

    setflag: { doc: "Sets a flag of the message.", routes: anywhere, args: [flag] },
    resetflag: { doc: "Clears a flag of the message.", routes: anywhere, args: [flag] },
    isflagset: { doc: "True when a flag of the message is set.", routes: anywhere, args: [flag] },
    setavpflag: {
      doc: "Sets a flag on an avp. False when there is no such avp.",
      routes: anywhere,
      args: [avp, avpFlag],
    },
    resetavpflag: {
      doc: "Clears a flag on an avp. False when there is no such avp.",
      routes: anywhere,
      args: [avp, avpFlag],
    },
    isavpflagset: {
      doc: "True when a flag is set on an avp.",
      routes: anywhere,
      args: [avp, avpFlag],
    },

    rewriteuri: setUri,
    seturi: setUri,
    revert_uri: {
      doc: "Takes back all changes of the Request-URI.",
      routes: anywhere,
      args: [],
      examples: ["revert_uri();"],
    },
    rewritehost: setHost,
    sethost: setHost,
    seth: setHost,
    rewritehostport: setHostPort,
    sethostport: setHostPort,
    sethp: setHostPort,
    rewritehostporttrans: setHostPortTransport,
    sethostporttrans: setHostPortTransport,
    sethpt: setHostPortTransport,
    rewriteport: setPort,
    setport: setPort,
    setp: setPort,
    rewriteuser: setUser,
    setuser: setUser,
    setu: setUser,
    rewriteuserpass: setUserPassword,
    setuserpass: setUserPassword,
    setup: setUserPassword,
    prefix: {
      doc: "Puts text in front of the user of the Request-URI.",
      routes: anywhere,
      args: part("text", "What is put in front."),
      examples: ['prefix("00");'],
    },
    strip: {
      doc: "Takes characters off the front of the user of the Request-URI; all of it when there are too few.",
      routes: anywhere,
      args: [required("count", "int", "How many.", { min: 0 })],
      examples: ["strip(2);"],
    },
    strip_tail: {
      doc: "Takes characters off the end of the user of the Request-URI; all of it when there are too few.",
      routes: anywhere,
      args: [required("count", "int", "How many.", { min: 0 })],
      examples: ["strip_tail(3);"],
    },
    userphone: {
      doc: "Adds `user=phone` to a SIP Request-URI that lacks it.",
      routes: anywhere,
      args: [],
      examples: ["userphone();"],
    },

    force_rport: forceRport,
    add_rport: forceRport,
    add_local_rport: {
      doc: "Asks the next server, with an empty rport in the own Via, to answer to where the request came from.",
      routes: anywhere,
      args: [],
      examples: ["add_local_rport();"],
    },
    force_send_socket: {
      doc: "Sends the request from this socket. Replies to it still leave from where it was received.",
      routes: anywhere,
      args: [
        required(
          "socket",
          "host",
          "`udp:10.0.0.1:5060`: one of the `listen` addresses, or its name.",
        ),
      ],
      examples: ["force_send_socket(udp:127.0.0.1:5060);"],
    },
    set_advertised_address: {
      doc: "Writes this host into the own Via of this request instead of the socket's.",
      routes: anywhere,
      args: [required("host", "host", "Host name or address.")],
    },
    set_advertised_port: {
      doc: "Writes this port into the own Via of this request instead of the socket's.",
      routes: anywhere,
      args: [required("port", "int", "Port.", { min: 1, max: 65_535 })],
    },
    force_tcp_alias: tcpAlias,
    add_tcp_alias: tcpAlias,
    set_reply_no_connect: {
      doc: "Replies over TCP only go out on an open connection. Nothing to do over UDP.",
      routes: anywhere,
      args: [],
      examples: ["set_reply_no_connect();"],
    },
    set_reply_close: {
      doc: "Closes the TCP connection after the reply. Nothing to do over UDP.",
      routes: anywhere,
      args: [],
    },
    set_forward_no_connect: {
      doc: "Requests over TCP only go out on an open connection. Nothing to do over UDP.",
      routes: anywhere,
      args: [],
    },
    set_forward_close: {
      doc: "Closes the TCP connection after forwarding. Nothing to do over UDP.",
      routes: anywhere,
      args: [],
    },

    clear_branches: { doc: "Forgets all further branches.", routes: anywhere, args: [] },
    remove_branch: {
      doc: "Forgets one of the further branches.",
      routes: anywhere,
      args: [
        optional("index", "int", "Which one, from 0; the first one if not given.", { min: 0 }),
      ],
    },

    log: {
      doc: "Writes a line into the log, as it stands: variables are not evaluated (`xlog` does). Without a level it is 4.",
      routes: anywhere,
      forms: {
        plain: [required("text", "str", "The line.")],
        withLevel: [
          required("level", "int", "0 warning, 1 notice, 2 info, 3 debugging."),
          required("text", "str", "The line."),
        ],
      },
      examples: ['log("here\\n");', 'log(1, "here\\n");'],
    },
    error: {
      doc: "Writes two texts into the log as a notice.",
      routes: anywhere,
      args: [required("kind", "str", "First text."), required("text", "str", "Second text.")],
      departs: "Kamailio only says that it is not implemented; the texts are logged here.",
    },
    exec: {
      doc: "Runs a command of the shell and waits for it. Always true; a code other than 0 is logged.",
      routes: anywhere,
      args: [required("command", "str", "The command; text, without variables.")],
      async: true,
      departs: "Other messages go on meanwhile.",
    },
    cfg_select: {
      doc: "Makes a group instance of run-time settings the current one for this message.",
      routes: anywhere,
      args: [required("group", "str", "Group."), required("instance", "any", "Instance.")],
      implemented: false,
    },
    cfg_reset: {
      doc: "Goes back to the settings without an instance.",
      routes: anywhere,
      args: [required("group", "str", "Group.")],
      implemented: false,
    },
  },
  variables: {
    null: { doc: "No value: what a variable without a value is equal to.", type: "any" },
    rc: returnCode,
    retcode: returnCode,
    "?": returnCode,
    $: { doc: "In a text: the character `$`.", type: "str" },
    def: {
      doc: "Value of a name defined for the preprocessor; empty without value, $null when it is not defined.",
      type: "str",
      inner: "required",
      innerForm: "text",
    },
    defn: {
      doc: "The same as a number; 0 when it is not defined.",
      type: "any",
      inner: "required",
      innerForm: "text",
    },
    env: {
      doc: "Variable of the environment.",
      type: "str",
      inner: "required",
      innerForm: "text",
    },
  },
  eventRoutes: [
    { name: "core:worker-one-init", doc: "Once, before the first packet is taken." },
    {
      name: "core:receive-parse-error",
      doc: "For each packet that is no SIP message; it is dropped afterwards.",
    },
    { name: "core:pre-routing", doc: "Before request_route; `drop` there drops the request." },
    {
      name: "core:msg-received",
      doc: "For each packet before it is parsed (with received_route_mode).",
      implemented: false,
    },
    {
      name: "core:tkv",
      doc: "When a module reports an event by a key and a value.",
      implemented: false,
    },
  ],
  rpc: coreRpc,
  departures: [
    "Changing a part of a `sips:` Request-URI keeps the scheme; Kamailio makes `sip:` of it.",
  ],
});
