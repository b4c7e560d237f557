/** The core's selects (`@from.uri.host`): paths into a message, bound once when linking. */
import { parseNameAddr, type NameAddr } from "../../sip/name-addr.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";
import type { Via } from "../../sip/via.ts";
import { parseAuth } from "../../sip/auth.ts";
import type { Select } from "../../dsl/syntax/ast.ts";
import type { Getter } from "../../dsl/compile/abi.ts";
import type { Value } from "../../dsl/value.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { Services } from "../../runtime/services.ts";

/** One step of a path. */
type Part = Select["path"][number];
type Read = Getter<ScriptContext>;
/** Reads text that later steps look into. */
type ReadText = (context: ScriptContext) => string | null;

/** Binds a path; nothing when the core has no such select. */
export function bindSelect(
  path: readonly Part[],
  services: Pick<Services, "globals">,
): Read | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return undefined;
  if (first.name === "cfg_get") return customGlobal(rest, services);
  const bind = roots[first.name];
  return bind?.(rest, first);
}

type Binder = (rest: readonly Part[], first: Part) => Read | undefined;

/** A select without further steps. */
function plain(read: Read): Binder {
  return (rest, first) => (rest.length === 0 && first.index === undefined ? read : undefined);
}

/** A URI with its parts behind it. */
function uriAt(read: ReadText): Binder {
  return (rest) => bindUri(read, rest);
}

/** A header that holds one address: `.uri`, `.name`, `.tag`, `.params.x`. */
function addressAt(read: (context: ScriptContext) => NameAddr | null): Binder {
  return (rest) => bindAddress(read, rest);
}

const roots: Readonly<Record<string, Binder>> = {
  ruri: uriAt((context) => context.uri),
  request_uri: uriAt((context) => context.uri),
  dst_uri: uriAt((context) => context.dstUri),
  next_hop: uriAt((context) => context.dstUri ?? context.uri),
  method: plain((context) => methodOf(context)),
  from: addressAt((context) => context.msg.from ?? null),
  to: addressAt((context) => context.msg.to ?? null),
  f: addressAt((context) => context.msg.from ?? null),
  t: addressAt((context) => context.msg.to ?? null),
  contact: (rest) => bindContact(rest),
  m: (rest) => bindContact(rest),
  refer_to: addressAt((context) => headerAddress(context, "Refer-To")),
  rpid: addressAt((context) => headerAddress(context, "Remote-Party-ID")),
  via: (rest, first) => bindVia(rest, first.index),
  v: (rest, first) => bindVia(rest, first.index),
  record_route: (rest) => bindAddress((context) => context.msg.recordRoutes?.[0] ?? null, rest),
  rr: (rest) => bindAddress((context) => context.msg.recordRoutes?.[0] ?? null, rest),
  route: (rest) => bindAddress((context) => context.msg.routes?.[0] ?? null, rest),
  call_id: plain((context) => context.msg.callId || null),
  callid: plain((context) => context.msg.callId || null),
  cseq: (rest) => bindCseq(rest),
  event: plain((context) => context.msg.event?.name ?? null),
  content_length: plain((context) => header(context, "Content-Length")),
  msg: (rest, first) => bindMessage(rest, first),
  body: plain((context) => context.msg.body || null),
  src: (rest) => bindPeer(rest, true),
  dst: (rest) => bindPeer(rest, false),
  received: (rest) => bindPeer(rest, false),
  authorization: (rest, first) => bindCredentials("Authorization", rest, first.index),
  proxy_authorization: (rest, first) => bindCredentials("Proxy-Authorization", rest, first.index),
  sys: (rest) => bindSystem(rest),
  uri: uriAt((context) => context.uri),
};

function customGlobal(
  rest: readonly Part[],
  services: Pick<Services, "globals">,
): Read | undefined {
  const [group, name] = rest;
  if (group === undefined || name === undefined || rest.length !== 2) return undefined;
  const { custom } = services.globals;
  return () => custom.get(group.name)?.get(name.name) ?? null;
}

function methodOf(context: ScriptContext): string | null {
  const { msg } = context;
  return (msg.isRequest ? msg.method : msg.cseqMethod) || null;
}

function header(context: ScriptContext, name: string): string | null {
  const i = context.msg.findName(name);
  return i < 0 ? null : context.msg.headerValue(i);
}

function headerAddress(context: ScriptContext, name: string): NameAddr | null {
  const value = header(context, name);
  return value === null ? null : (parseNameAddr(value) ?? null);
}

const uriParts: Readonly<Record<string, (uri: SipUri) => Value>> = {
  type: (uri) => uri.scheme,
  user: (uri) => uri.user || null,
  pwd: (uri) => uri.password || null,
  host: (uri) => uri.host || null,
  port: (uri) => (uri.port === 0 ? null : uri.port),
  hostport: (uri) => uri.hostPort,
  transport: (uri) => uri.transport ?? null,
  method: (uri) => uri.methodParam ?? null,
  params: (uri) => uri.params || null,
};

function bindUri(read: ReadText, rest: readonly Part[]): Read | undefined {
  const [part, param] = rest;
  if (part === undefined) return read;
  const parsed = (context: ScriptContext): SipUri | undefined => {
    const text = read(context);
    return text === null ? undefined : parseUri(text);
  };
  if (part.name === "params" && param !== undefined) {
    return (context) => parsed(context)?.param(param.name) ?? null;
  }
  const get = uriParts[part.name];
  if (get === undefined || rest.length > 1) return undefined;
  return (context) => {
    const uri = parsed(context);
    return uri === undefined ? null : get(uri);
  };
}

function bindAddress(
  read: (context: ScriptContext) => NameAddr | null,
  rest: readonly Part[],
): Read | undefined {
  const [part, ...deeper] = rest;
  if (part === undefined) return (context) => read(context)?.value ?? null;
  switch (part.name) {
    case "uri":
      return bindUri((context) => read(context)?.uriText ?? null, deeper);
    case "name":
      return (context) => read(context)?.displayName || null;
    case "tag":
      return (context) => read(context)?.tag || null;
    case "params":
    case "param": {
      const name = deeper[0]?.name;
      if (name === undefined) return (context) => read(context)?.params || null;
      return (context) => read(context)?.param(name) ?? null;
    }
    default:
      // Without `uri` in between, the parts of the address itself are meant: `@from.host`.
      return bindUri((context) => read(context)?.uriText ?? null, rest);
  }
}

function bindContact(rest: readonly Part[]): Read | undefined {
  const [part] = rest;
  const first = (context: ScriptContext) => context.msg.contacts?.list[0] ?? null;
  if (part === undefined) return (context) => header(context, "Contact");
  const found: Readonly<Record<string, Read>> = {
    q: (context) => first(context)?.param("q") ?? null,
    expires: (context) => first(context)?.param("expires") ?? null,
    methods: (context) => first(context)?.param("methods") ?? null,
    received: (context) => first(context)?.param("received") ?? null,
    instance: (context) => first(context)?.param("+sip.instance") ?? null,
  };
  return found[part.name] ?? bindAddress(first, rest);
}

const viaParts: Readonly<Record<string, (via: Via) => Value>> = {
  // What does not say SIP/2.0 is not read as a Via at all.
  name: () => "SIP",
  version: () => "2.0",
  transport: (via) => via.transport,
  host: (via) => via.host,
  port: (via) => (via.port === 0 ? null : via.port),
  branch: (via) => via.branch || null,
  received: (via) => via.received || null,
  rport: (via) => (via.rport < 0 ? null : via.rport === 0 ? "" : via.rport),
  i: (via) => via.param("i") ?? null,
  alias: (via) => via.param("alias") ?? null,
};

function bindVia(rest: readonly Part[], index: number | string | undefined): Read | undefined {
  const at = typeof index === "number" ? index : 0;
  const read = (context: ScriptContext): Via | null => {
    if (at === 0) return context.msg.via ?? null;
    const all = context.msg.vias();
    return all.at(at) ?? null;
  };
  const [part, param] = rest;
  if (part === undefined) return (context) => read(context)?.value ?? null;
  if ((part.name === "params" || part.name === "param") && param !== undefined) {
    return (context) => read(context)?.param(param.name) ?? null;
  }
  const get = viaParts[part.name];
  if (get === undefined) return undefined;
  return (context) => {
    const via = read(context);
    return via === null ? null : get(via);
  };
}

function bindCseq(rest: readonly Part[]): Read | undefined {
  const part = rest[0]?.name;
  if (part === undefined) return (context) => header(context, "CSeq");
  if (part === "num") return (context) => context.msg.cseq?.number ?? null;
  if (part === "method") return (context) => context.msg.cseqMethod || null;
  return undefined;
}

const messageParts: Readonly<Record<string, Read>> = {
  first_line: (context) =>
    context.msg.text.slice(context.msg.firstLineStart, context.msg.firstLineEnd).trimEnd(),
  len: (context) => context.msg.text.length,
  // As Kamailio: 1 for requests, 2 for replies.
  type: (context) => (context.msg.isRequest ? 1 : 2),
  flags: (context) => context.flags,
  body: (context) => context.msg.body || null,
  buf: (context) => context.msg.text,
};

/** `@msg.len`, `@msg.header.Supported`, `@msg.supported`, `@msg["P-Charge"]`. */
function bindMessage(rest: readonly Part[], first: Part): Read | undefined {
  if (typeof first.index === "string") return bindHeader(first.index);
  const [part, name] = rest;
  if (part === undefined) return (context) => context.msg.text;
  if (part.name === "header" || part.name === "hf_value") {
    const chosen = typeof part.index === "string" ? part.index : name?.name;
    return chosen === undefined ? undefined : bindHeader(chosen);
  }
  return messageParts[part.name] ?? bindHeader(part.name);
}

/** Underscores stand for the dashes of header names. */
function bindHeader(name: string): Read {
  const dashed = name.replaceAll("_", "-");
  return (context) => header(context, dashed);
}

function bindPeer(rest: readonly Part[], isSource: boolean): Read | undefined {
  const address = (context: ScriptContext): string =>
    isSource ? context.sourceAddress : context.socket.address;
  const port = (context: ScriptContext): number =>
    isSource ? context.sourcePort : context.socket.port;
  const bracketed = (context: ScriptContext): string => {
    const text = address(context);
    return text.includes(":") ? `[${text}]` : text;
  };
  const found: Readonly<Record<string, Read>> = {
    ip: address,
    port,
    ip_port: (context) => `${bracketed(context)}:${port(context)}`,
    proto: (context) => context.socket.proto,
    proto_ip_port: (context) => `${context.socket.proto}:${bracketed(context)}:${port(context)}`,
  };
  const part = rest[0]?.name;
  return part === undefined ? undefined : found[part];
}

function bindCredentials(
  name: string,
  rest: readonly Part[],
  realm: number | string | undefined,
): Read | undefined {
  const part = rest[0]?.name;
  if (part === undefined) return (context) => header(context, name);
  return (context) => {
    const { msg } = context;
    for (let i = msg.findName(name); i >= 0; i = msg.findName(name, i)) {
      const credentials = parseAuth(msg.headerValue(i));
      if (credentials === undefined) continue;
      if (typeof realm === "string" && credentials.realm !== realm) continue;
      return credentials.param(part.toLowerCase()) ?? null;
    }
    return null;
  };
}

function bindSystem(rest: readonly Part[]): Read | undefined {
  const part = rest[0]?.name;
  if (part === "pid") return () => process.pid;
  if (part === "now") return (context) => Math.floor(context.services.clock.wallTime() / 1000);
  return undefined;
}
