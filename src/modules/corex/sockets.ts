/** Finding sockets of ours and destinations from texts. */
import { parseUri } from "../../sip/uri.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { RpcStruct } from "../../runtime/module.ts";
import type { ListenSocket, Proto } from "../../runtime/transport.ts";
import type { ResolvedTarget, ResolvedTargets } from "../../runtime/services.ts";

const SOCKET = /^(?:(udp|tcp|tls|sctp|ws|wss):)?(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i;

/** `proto:host:port` in its parts; proto and port may be left out (`""`, 0). */
export interface SocketText {
  readonly proto: string;
  readonly host: string;
  readonly port: number;
}

export function parseSocket(text: string): SocketText | undefined {
  const match = SOCKET.exec(text);
  if (match === null) return undefined;
  return {
    proto: match[1]?.toLowerCase() ?? "",
    host: match[2] as string,
    port: Number(match[3] ?? 0),
  };
}

export function withoutBrackets(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

export function findSocket(
  sockets: readonly ListenSocket[],
  text: string,
): ListenSocket | undefined {
  const wanted = parseSocket(text);
  if (wanted === undefined) return undefined;
  const host = withoutBrackets(wanted.host);
  return sockets.find(
    (socket) =>
      (wanted.proto === "" || socket.proto === wanted.proto) &&
      (wanted.port === 0 || socket.port === wanted.port) &&
      socket.address === host,
  );
}

/** Sends a text as one packet to the first address of a destination. 1, or -1 when that is not possible. */
export function sendText(
  context: ScriptContext,
  target: SocketText,
  text: string,
  from: ListenSocket | undefined,
): number | Promise<number> {
  const { services } = context;
  const found = services.resolver.resolve(
    withoutBrackets(target.host),
    target.port === 0 ? undefined : target.port,
    (target.proto || "udp") as Proto,
  );
  const send = (targets: ResolvedTargets): number => {
    const first = targets[0];
    return first === undefined ? -1 : sendTo(context, first, text, from);
  };
  return found instanceof Promise ? found.then(send) : send(found);
}

function sendTo(
  context: ScriptContext,
  target: ResolvedTarget,
  text: string,
  from: ListenSocket | undefined,
): number {
  const sender = context.services.sender;
  const socket = from ?? sender.socketFor(context, target.proto, target.address);
  if (socket === undefined) return -1;
  socket.send(text, target.port, target.address);
  return 1;
}

/** Host, port and transport of a SIP URI. */
export function targetOfUri(text: string): SocketText | undefined {
  const uri = parseUri(text);
  if (uri === undefined || uri.host === "") return undefined;
  return { proto: uri.transport?.toLowerCase() ?? "", host: uri.host, port: uri.port };
}

/** A socket as `corex.list_sockets` shows it. */
export function describeSocket(socket: ListenSocket): RpcStruct {
  const { advertisedHost, advertisedPort } = socket;
  const advertised =
    advertisedHost === undefined
      ? "-"
      : `${advertisedHost}:${String(advertisedPort ?? socket.port)}`;
  return new RpcStruct()
    .add("PROTO", socket.proto)
    .add("NAME", socket.address)
    .add("ADDRLIST", new RpcStruct().add("ADDR", socket.address))
    .add("PORT", String(socket.port))
    .add("MCAST", "no")
    .add("MHOMED", "no")
    .add("VIRTUAL", "no")
    .add("SOCKNAME", socket.name ?? "-")
    .add("ADVERTISE", advertised);
}
