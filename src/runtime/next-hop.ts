/** Reads where a request goes from its destination address or Request-URI. */
import { parseUri, type SipUri } from "../sip/uri.ts";
import type { ScriptContext } from "./context.ts";
import type { Proto } from "./transport.ts";

/** A host to be resolved. Without port and protocol, the name service says them (RFC 3263). */
export interface NextHop {
  readonly host: string;
  readonly port?: number | undefined;
  readonly proto?: Proto | undefined;
}

/** Where a request goes as it stands: `$du` if set, else the current Request-URI. None: the URI cannot be used. */
export function targetOf(context: ScriptContext): NextHop | undefined {
  return nextHop(context.dstUri ?? context.uri);
}

/** The host, port and transport that a SIP URI names (RFC 3263, 4.1; maddr as RFC 3261, 19.1.1). */
export function nextHop(uriText: string): NextHop | undefined {
  const uri = parseUri(uriText);
  return uri === undefined ? undefined : nextHopOf(uri);
}

/** The same of a URI that has been read. */
export function nextHopOf(uri: SipUri): NextHop | undefined {
  if ((uri.scheme !== "sip" && uri.scheme !== "sips") || uri.host === "") {
    return undefined;
  }
  if (uri.port > 65_535) return undefined;
  const { maddr } = uri;
  return {
    host: maddr === undefined || maddr === "" ? uri.host : maddr,
    port: uri.port > 0 ? uri.port : undefined,
    proto: protoOf(uri.transport, uri.scheme),
  };
}

const protos = new Set<string>(["udp", "tcp", "tls", "sctp", "ws", "wss"]);

/** The protocol of a `transport` parameter; `sips` makes TLS of it (RFC 3261, 26.2.2). */
function protoOf(transport: string | undefined, scheme: string): Proto | undefined {
  const word = transport?.toLowerCase();
  if (scheme === "sips") return word === "ws" || word === "wss" ? "wss" : "tls";
  return word !== undefined && protos.has(word) ? (word as Proto) : undefined;
}
