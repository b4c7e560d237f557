/** Transformations of the classes `uri`, `nameaddr`, `tobody` and `urialias`. */
import type { Value } from "../../dsl/value.ts";
import { parseNameAddr, type NameAddr } from "../../sip/name-addr.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";
import type { TransformationImplementation } from "../../runtime/module.ts";
import { protocolIds } from "./network-variables.ts";
import { onText, textArgument } from "./transformation-arguments.ts";

/** A part of an address; null when the text is no address. A part that is not there is "". */
function ofUri(part: (uri: SipUri) => Value): TransformationImplementation {
  return onText((text) => {
    const uri = parseUri(text);
    return uri === undefined ? null : part(uri);
  });
}

const uriParam: TransformationImplementation = (args, node) => {
  const name = textArgument(args[0], node.raw);
  return (value, context) => {
    const word = name(context);
    const uri = value === null || word === null ? undefined : parseUri(String(value));
    return uri === undefined || word === null ? null : (uri.param(word) ?? "");
  };
};

/** `proto:host:port` of a SIP address with a port; "" without one. */
function toSocket(uri: SipUri): string {
  if (uri.port === 0) return "";
  const proto = uri.transport?.toLowerCase() || (uri.scheme === "sips" ? "tls" : "udp");
  return `${proto}:${uri.host}:${uri.port}`;
}

/** Scheme, host and port, with user and transport where asked for. */
function shortUri(uri: SipUri, withUser: boolean, withAddress: boolean): string {
  const user = withUser && uri.hasUser ? uri.user : "";
  if (uri.scheme !== "sip" && uri.scheme !== "sips") return uri.text.split(";", 1)[0] as string;
  const host = withAddress ? uri.hostPort : uri.host;
  const transport = withAddress ? uri.transport : undefined;
  const suffix = transport ? `;transport=${transport}` : "";
  return `${uri.scheme}:${user === "" ? "" : `${user}@`}${host}${suffix}`;
}

export const uriTransformations = {
  user: ofUri((uri) => uri.user),
  host: ofUri((uri) => uri.host),
  domain: ofUri((uri) => uri.host),
  passwd: ofUri((uri) => uri.password),
  port: ofUri((uri) => (uri.port === 0 ? "" : uri.port)),
  params: ofUri((uri) => (uri.scheme === "tel" || uri.scheme === "tels" ? "" : uri.params)),
  param: uriParam,
  headers: ofUri((uri) => uri.headers),
  transport: ofUri((uri) => uri.transport ?? ""),
  ttl: ofUri((uri) => uri.ttl ?? ""),
  uparam: ofUri((uri) => uri.userParam ?? ""),
  maddr: ofUri((uri) => uri.maddr ?? ""),
  method: ofUri((uri) => uri.methodParam ?? ""),
  lr: ofUri((uri) => uri.param("lr") ?? ""),
  r2: ofUri((uri) => uri.r2 ?? ""),
  scheme: ofUri((uri) => uri.scheme),
  tosocket: ofUri(toSocket),
  duri: ofUri((uri) => shortUri(uri, false, true)),
  saor: ofUri((uri) => shortUri(uri, true, false)),
  suri: ofUri((uri) => shortUri(uri, true, true)),
} as const;

/** `name <uri>`: the range of the name, the address, and the length of both. Lenient, as Kamailio. */
function splitNameAddr(text: string): { name: string; uri: string; length: number } | null {
  if (text === "") return null;
  const quoteEnd = text.startsWith('"') ? text.indexOf('"', 1) : -1;
  const open = text.indexOf("<", quoteEnd + 1);
  const close = open < 0 ? -1 : text.indexOf(">", open);
  const isOpenQuote = text.startsWith('"') && quoteEnd < 0;
  if (close < 0 || isOpenQuote) return { name: "", uri: text, length: text.length };
  return { name: text.slice(0, open), uri: text.slice(open + 1, close), length: close + 1 };
}

export const nameAddrTransformations = {
  name: onText((text) => splitNameAddr(text)?.name ?? null),
  uri: onText((text) => splitNameAddr(text)?.uri ?? null),
  len: onText((text) => splitNameAddr(text)?.length ?? null),
} as const;

function ofAddress(part: (address: NameAddr) => Value): TransformationImplementation {
  return onText((text) => {
    const address = parseNameAddr(text);
    return address === undefined ? null : part(address);
  });
}

export const toBodyTransformations = {
  uri: ofAddress((a) => a.uriText),
  display: ofAddress((a) => a.display),
  tag: ofAddress((a) => a.tag),
  user: ofAddress((a) => a.uri?.user ?? null),
  host: ofAddress((a) => a.uri?.host ?? null),
  params: ofAddress((a) => a.params),
} as const;

/** `host~port~protocol`, as the parameter `alias` of contacts has it. */
function encodeAlias(text: string): Value {
  const uri = parseUri(text);
  if (uri === undefined || uri.host === "") return null;
  const proto = uri.transport?.toLowerCase() || (uri.scheme === "sips" ? "tls" : "udp");
  return `${uri.host}~${uri.effectivePort}~${protocolIds[proto] ?? 0}`;
}

function decodeAlias(text: string): Value {
  const match = /^([^~]+)~(\d{1,5})~(\d)$/.exec(text);
  if (match === null) return null;
  const proto = Object.keys(protocolIds).find((name) => protocolIds[name] === Number(match[3]));
  if (proto === undefined) return null;
  return `sip:${match[1]}:${match[2]}${proto === "udp" ? "" : `;transport=${proto}`}`;
}

export const aliasTransformations = {
  encode: onText(encodeAlias),
  decode: onText(decodeAlias),
} as const;
