/** Variables on where the request goes: Request-URI, original URI, next hop, branches. */
import type { Value } from "../../dsl/value.ts";
import { withHost, withPort, withUser } from "../../sip/uri-rewrite.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";
import type { Via } from "../../sip/via.ts";
import { BranchTarget, type ScriptContext } from "../../runtime/context.ts";
import { reads, readsAndWrites, type VariableImplementation } from "../../runtime/module.ts";
import { contactSet, branchList } from "./destination-set.ts";
import { findSocket, findSocketByName } from "./sockets.ts";

type Part = (uri: SipUri) => Value;

/** The parts that `$rd`, `$od`, `$dd`, `$nh(d)` and their like read. */
export const uriParts = {
  user: (uri: SipUri): Value => (uri.user === "" ? null : uri.user),
  userLength: (uri: SipUri): Value => uri.user.length,
  domain: (uri: SipUri): Value => (uri.host === "" ? null : uri.host),
  /** As Kamailio: 5061 only for TLS, also when the scheme is sips. */
  port: (uri: SipUri): Value => {
    if (uri.port !== 0) return uri.port;
    return uri.transport?.toLowerCase() === "tls" ? 5061 : 5060;
  },
  transport: (uri: SipUri): Value => uri.transport || "UDP",
  scheme: (uri: SipUri): Value => uri.scheme,
} as const;

function ofRequestUri(part: Part): (context: ScriptContext) => Value {
  return (context) => {
    const uri = context.uriParts;
    return uri === null ? null : part(uri);
  };
}

function ofOriginalUri(part: Part): VariableImplementation {
  return reads((context) => {
    const uri = context.msg.uri;
    return uri === null ? null : part(uri);
  });
}

function ofNextHop(part: Part): VariableImplementation {
  return reads((context) => {
    const uri = context.dstUri === null ? undefined : parseUri(context.dstUri);
    return uri === undefined ? null : part(uri);
  });
}

/** Says that a value was refused; the variable keeps the old one, as in Kamailio. */
export function refuse(context: ScriptContext, variable: string, why: string): void {
  context.services.log.error(`${variable} keeps its value: ${why}`);
}

function setUri(context: ScriptContext, value: Value): void {
  if (typeof value !== "string") refuse(context, "$ru", "it must be text");
  else context.newUri = value;
}

function rewrite(context: ScriptContext, variable: string, text: string | undefined): void {
  if (text === undefined) refuse(context, variable, "the Request-URI cannot be read");
  else context.newUri = text;
}

function setUser(context: ScriptContext, value: Value): void {
  if (typeof value === "number") refuse(context, "$rU", "it must be text");
  else rewrite(context, "$rU", withUser(context.uri, value ?? ""));
}

function setDomain(context: ScriptContext, value: Value): void {
  if (typeof value !== "string") refuse(context, "$rd", "it must be text");
  else rewrite(context, "$rd", withHost(context.uri, value));
}

function setPort(context: ScriptContext, value: Value): void {
  rewrite(context, "$rp", withPort(context.uri, value === null ? "" : String(value)));
}

function setNextHop(context: ScriptContext, value: Value): void {
  if (typeof value === "number") refuse(context, "$du", "it must be text");
  else context.dstUri = value === "" ? null : value;
}

function setSocket(context: ScriptContext, value: Value): void {
  if (value === null) context.forcedSocket = null;
  else if (typeof value === "number") refuse(context, "$fs", "it must be text");
  else {
    const socket = findSocket(context.services.sockets, value);
    if (socket === undefined) refuse(context, "$fs", `${value} is not one of our sockets`);
    else context.forcedSocket = socket;
  }
}

function setSocketName(context: ScriptContext, value: Value): void {
  if (value === null) context.forcedSocket = null;
  else {
    const socket = findSocketByName(context.services.sockets, String(value));
    if (socket === undefined) refuse(context, "$fsn", `no socket is named ${value}`);
    else context.forcedSocket = socket;
  }
}

function addBranch(context: ScriptContext, value: Value): void {
  if (typeof value !== "string") refuse(context, "$br", "it must be text");
  else context.branches.push(new BranchTarget(value));
}

/** `sip:host:port;transport=x` of where a reply goes (RFC 3261, 18.2.2). */
export function viaUri(via: Via): string {
  const host = via.received === "" ? via.host : via.received;
  const port = via.rport > 0 ? via.rport : via.port;
  const transport = via.transport.toLowerCase();
  return `sip:${host}${port === 0 ? "" : `:${port}`};transport=${transport}`;
}

function nextHopText(context: ScriptContext): string | null {
  if (context.msg.isRequest) return context.dstUri ?? context.uri;
  const via = context.msg.secondVia;
  return via ? viaUri(via) : null;
}

const nextHop: VariableImplementation = (reference) => {
  const parts: Record<string, Part> = {
    U: uriParts.user,
    d: uriParts.domain,
    // As Kamailio: 5060 also for TLS.
    p: (uri) => uri.port || 5060,
    P: uriParts.transport,
  };
  const key = reference.inner ?? "u";
  if (key === "u") return { get: nextHopText };
  const part = parts[key];
  return {
    get: (context) => {
      const text = nextHopText(context);
      const uri = text === null ? undefined : parseUri(text);
      return uri === undefined || part === undefined ? null : part(uri);
    },
  };
};

const requestUri = readsAndWrites((context) => {
  if (context.newUri === null) {
    const msg = context.msg;
    return msg.isRequest && msg.uri !== null ? msg.requestUri : null;
  }
  return context.uriParts === null ? null : context.newUri;
}, setUri);
const requestUser = readsAndWrites(ofRequestUri(uriParts.user), setUser);
const requestDomain = readsAndWrites(ofRequestUri(uriParts.domain), setDomain);
const originalUri = reads(({ msg }) => (msg.uri === null ? null : msg.requestUri));
const nextHopUri = readsAndWrites((context) => context.dstUri, setNextHop);

/** The scheme; a SIP URI with `user=phone` counts as a telephone number, as in Kamailio. */
function kindOf(uri: SipUri): string {
  const isPhone = uri.userParam?.toLowerCase() === "phone";
  if (isPhone && uri.scheme === "sip") return "tel";
  return isPhone && uri.scheme === "sips" ? "tels" : uri.scheme;
}

export const uriVariables = {
  ru: requestUri,
  ruri: requestUri,
  rU: requestUser,
  "ruri.user": requestUser,
  rUl: reads(ofRequestUri(uriParts.userLength)),
  rd: requestDomain,
  "ruri.domain": requestDomain,
  rp: readsAndWrites(ofRequestUri(uriParts.port), setPort),
  rP: reads(ofRequestUri(uriParts.transport)),
  rz: reads((context) => {
    const uri = context.uriParts;
    return uri ? kindOf(uri) : null;
  }),
  ou: originalUri,
  ouri: originalUri,
  oU: ofOriginalUri(uriParts.user),
  oUl: ofOriginalUri(uriParts.userLength),
  od: ofOriginalUri(uriParts.domain),
  op: ofOriginalUri(uriParts.port),
  oP: ofOriginalUri(uriParts.transport),
  du: nextHopUri,
  duri: nextHopUri,
  dd: ofNextHop(uriParts.domain),
  dp: ofNextHop(uriParts.port),
  dP: ofNextHop(uriParts.transport),
  ds: reads((context) => contactSet(context)),
  nh: nextHop,
  fs: readsAndWrites((context) => context.forcedSocket?.text ?? null, setSocket),
  fsn: readsAndWrites((context) => context.forcedSocket?.name ?? null, setSocketName),
  fsp: reads((context) => context.forcedSocket?.port ?? 0),
  br: readsAndWrites((context) => context.branches[0]?.uri ?? null, addBranch),
  bR: reads((context) => branchList(context.branches)),
  ruid: reads((context) => context.ruid),
  location_ua: reads((context) => context.locationUa),
} as const;
