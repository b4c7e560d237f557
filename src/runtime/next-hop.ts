/** Reads where a request goes from its destination address or Request-URI. */
import { parseUri } from "../sip/uri.ts";
import type { ScriptContext } from "./context.ts";
import type { Proto } from "./transport.ts";

/** A host to be resolved. Without port and protocol, the name service says them (RFC 3263). */
export interface NextHop {
  readonly host: string;
  readonly port?: number;
  readonly proto?: Proto;
}

/** Where a request goes as it stands: `$du` if set, else the current Request-URI. None: the URI cannot be used. */
export function targetOf(context: ScriptContext): NextHop | undefined {
  return nextHop(context.dstUri ?? context.uri);
}

/** The host, port and transport that a SIP URI names (RFC 3263, 4.1; maddr as RFC 3261, 19.1.1). */
export function nextHop(uriText: string): NextHop | undefined {
  const uri = parseUri(uriText);
  if (uri === undefined || (uri.scheme !== "sip" && uri.scheme !== "sips") || uri.host === "") {
    return undefined;
  }
  if (uri.port > 65_535) return undefined;
  const host = uri.maddr === undefined || uri.maddr === "" ? uri.host : uri.maddr;
  const proto = protoOf(uri.transport, uri.scheme);
  return {
    host,
    ...(uri.port > 0 ? { port: uri.port } : {}),
    ...(proto === undefined ? {} : { proto }),
  };
}

const protos = new Set<string>(["udp", "tcp", "tls", "sctp", "ws", "wss"]);

/** The protocol of a `transport` parameter; `sips` makes TLS of it (RFC 3261, 26.2.2). */
function protoOf(transport: string | undefined, scheme: string): Proto | undefined {
  const word = transport?.toLowerCase();
  if (scheme === "sips") return word === "ws" || word === "wss" ? "wss" : "tls";
  return word !== undefined && protos.has(word) ? (word as Proto) : undefined;
}
