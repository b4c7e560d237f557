/** Finding one of the engine's sockets by `proto:address:port` or by its name. */
import type { ListenSocket } from "../../runtime/transport.ts";

const PROTOS = ["udp", "tcp", "tls", "sctp", "ws", "wss"];

/** The parts of `proto:host:port`; proto and port may be left out (`""`, 0). Undefined when it is no such text. */
export function splitSocket(
  text: string,
): { proto: string; host: string; port: number } | undefined {
  let rest = text;
  let proto = "";
  const colon = text.indexOf(":");
  if (colon > 0 && PROTOS.includes(text.slice(0, colon).toLowerCase())) {
    proto = text.slice(0, colon).toLowerCase();
    rest = text.slice(colon + 1);
  }
  const hostEnd = rest.startsWith("[") ? rest.indexOf("]") + 1 : rest.indexOf(":");
  if (rest.startsWith("[") && hostEnd === 0) return undefined;
  const host = hostEnd < 0 ? rest : rest.slice(0, hostEnd);
  const tail = hostEnd < 0 ? "" : rest.slice(hostEnd);
  if (host === "") return undefined;
  if (tail === "") return { proto, host, port: 0 };
  if (!/^:\d{1,5}$/.test(tail)) return undefined;
  return { proto, host, port: Number(tail.slice(1)) };
}

/** The socket of that address; without protocol or port any of that address. */
export function findSocket(
  sockets: readonly ListenSocket[],
  text: string,
): ListenSocket | undefined {
  const wanted = splitSocket(text);
  if (wanted === undefined) return undefined;
  const host = wanted.host.startsWith("[") ? wanted.host.slice(1, -1) : wanted.host;
  return sockets.find(
    (socket) =>
      (wanted.proto === "" || socket.proto === wanted.proto) &&
      (wanted.port === 0 || socket.port === wanted.port) &&
      socket.address === host,
  );
}

export function findSocketByName(
  sockets: readonly ListenSocket[],
  name: string,
): ListenSocket | undefined {
  return sockets.find((socket) => socket.name === name);
}
