/** Variables on addresses and sockets: where the message came from, which socket got it, where it is sent. */
import type { Value } from "../../dsl/value.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { reads, type VariableImplementation } from "../../runtime/module.ts";
import type { ListenSocket, Proto } from "../../runtime/transport.ts";

/** Numbers of the transports (`$prid`, `$K(UDP)`). */
export const protocolIds: Readonly<Record<string, number>> = {
  udp: 1,
  tcp: 2,
  tls: 3,
  sctp: 4,
  ws: 5,
  wss: 6,
};

/** Constants of `$K(...)`. */
const CONSTANTS: Readonly<Record<string, number>> = {
  IPv4: 2,
  INET: 2,
  IPv6: 10,
  INET6: 10,
  UDP: 1,
  TCP: 2,
  TLS: 3,
  SCTP: 4,
  WS: 5,
  WSS: 6,
};

/** An address as it stands in a URI: IPv6 in brackets. */
export function bracketed(address: string): string {
  return address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
}

function sourceUri(context: ScriptContext, always: boolean): string {
  const proto = context.socket.proto;
  const uri = `sip:${bracketed(context.sourceAddress)}:${context.sourcePort}`;
  return transportSuffix(uri, proto, always);
}

function transportSuffix(uri: string, proto: Proto, always: boolean): string {
  if (proto === "udp" && !always) return uri;
  // RFC 7118, 5.2.1: both WebSocket transports are written `ws`.
  return `${uri};transport=${proto === "wss" ? "ws" : proto}`;
}

function socketUri(socket: ListenSocket, always: boolean): string {
  const uri = `sip:${bracketed(socket.address)}:${socket.port}`;
  return transportSuffix(uri, socket.proto, always);
}

function advertisedUri(socket: ListenSocket, always: boolean): string {
  return transportSuffix(`sip:${socket.viaHost}:${socket.viaPort}`, socket.proto, always);
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly proto: Proto;
  readonly text: string;
}

function endpointAttribute(endpoint: Endpoint, name: string): Value {
  switch (name) {
    case "ip":
      return endpoint.address;
    case "port":
      return endpoint.port;
    case "af":
      return endpoint.address.includes(":") ? 10 : 2;
    case "proto":
      return protocolIds[endpoint.proto] ?? 0;
    case "sproto":
      return endpoint.proto;
    case "buf":
      return endpoint.text;
    case "len":
      return endpoint.text.length;
    default:
      return null;
  }
}

/** `$snd(...)`, `$sndto(...)` (the other side) and `$sndfrom(...)` (our socket); null outside onsend_route. */
function outgoing(ours: boolean): VariableImplementation {
  return (reference) => {
    const name = reference.inner ?? "ip";
    return {
      get: (context) => {
        const packet = context.sending;
        if (packet === null) return null;
        const { address, port, proto } = ours ? packet.send.socket : packet.send;
        return endpointAttribute({ address, port, proto, text: packet.text }, name);
      },
    };
  };
}

const constant: VariableImplementation = (reference) => {
  const value = CONSTANTS[reference.inner ?? ""] ?? null;
  return { get: () => value };
};

const protocol = reads((context) => context.socket.proto);
const sourceIp = reads((context) => context.sourceAddress);

export const networkVariables = {
  si: sourceIp,
  src_ip: sourceIp,
  siz: reads((context) => bracketed(context.sourceAddress)),
  sp: reads((context) => context.sourcePort),
  su: reads((context) => sourceUri(context, false)),
  sut: reads((context) => sourceUri(context, true)),
  sas: reads(
    (context) =>
      `${context.socket.proto}:${bracketed(context.sourceAddress)}:${context.sourcePort}`,
  ),
  pr: protocol,
  proto: protocol,
  prid: reads((context) => protocolIds[context.socket.proto] ?? 0),
  conid: reads(() => null),
  Ri: reads((context) => context.socket.address),
  Rp: reads((context) => context.socket.port),
  Rn: reads((context) => context.socket.name ?? null),
  Ras: reads((context) => context.socket.text),
  Ru: reads((context) => socketUri(context.socket, false)),
  Rut: reads((context) => socketUri(context.socket, true)),
  RAi: reads((context) => context.socket.advertisedHost ?? context.socket.address),
  RAp: reads((context) => context.socket.viaPort),
  RAu: reads((context) => advertisedUri(context.socket, false)),
  RAut: reads((context) => advertisedUri(context.socket, true)),
  snd: outgoing(false),
  sndto: outgoing(false),
  sndfrom: outgoing(true),
  K: constant,
} as const;
