/** Reads the places where control sockets listen. */
import { isAbsolute, join } from "node:path";

export type ControlAddress =
  | { readonly kind: "unixs"; readonly path: string }
  | { readonly kind: "udp" | "tcp"; readonly host: string; readonly port: number };

/** Port of a network address that names none, as Kamailio's. */
const DEFAULT_PORT = 2049;

/** Reads `unixs:PATH`, `udp:HOST:PORT`...; a sentence when it cannot be used. Relative paths are below `directory`. */
export function parseControlAddress(text: string, directory: string): ControlAddress | string {
  const match = /^(unixd|unixs|unix|udp|tcp):([\s\S]*)$/.exec(text);
  const scheme = match?.[1];
  const rest = match?.[2] ?? text;
  if (scheme === "unixd")
    return "Unix datagram sockets do not exist in Node.js; use unixs:PATH (a stream), which kamcmd speaks too";
  if (scheme === "unix" || scheme === "unixs" || (scheme === undefined && rest.includes("/"))) {
    if (rest === "") return "the path of the socket is missing";
    return { kind: "unixs", path: isAbsolute(rest) ? rest : join(directory, rest) };
  }
  return networkAddress(scheme === "tcp" ? "tcp" : "udp", rest);
}

function networkAddress(kind: "udp" | "tcp", text: string): ControlAddress | string {
  const match = /^(?:(\*|\[[0-9a-fA-F:.]+\]|[^:[\]]+):?)?(?::?(\d+))?$/.exec(text);
  if (match === null) return `"${text}" is no address and port`;
  let [, host = "*"] = match;
  let port = match[2] === undefined ? undefined : Number(match[2]);
  if (port === undefined && /^\d+$/.test(host)) {
    port = Number(host);
    host = "*";
  }
  const number = port ?? DEFAULT_PORT;
  if (number < 1 || number > 65535) return `${String(number)} is no port`;
  return { kind, host: host === "*" ? "0.0.0.0" : host.replace(/^\[|\]$/g, ""), port: number };
}
