/** Opens and binds UDP sockets: through the C library where its descriptor is wanted, else through Node.js. */
import { createSocket, type Socket } from "node:dgram";
import { getSystemErrorName } from "node:util";
import { TransportError } from "./errors.ts";
import type { SocketOptions } from "./transport.ts";
import { Linux, type SystemCalls } from "./udp-calls.ts";
import { type NameCodec, nameStride } from "./udp-names.ts";

/** A bound socket of Node.js. */
export async function openWithNode(options: SocketOptions, ipv6Only: boolean): Promise<Socket> {
  const isIpv6 = options.address.includes(":");
  const socket = createSocket({
    type: isIpv6 ? "udp6" : "udp4",
    ipv6Only: isIpv6 && ipv6Only,
    lookup: literalLookup,
  });
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(bindError(options, error.code, error));
    };
    socket.once("error", failed);
    socket.bind({ address: options.address, port: options.port }, () => {
      socket.off("error", failed);
      resolve();
    });
  });
  return socket;
}

/** A bound socket whose descriptor is known. */
export async function openWithCalls(
  calls: SystemCalls,
  codec: NameCodec,
  options: SocketOptions,
  ipv6Only: boolean,
): Promise<{ readonly socket: Socket; readonly fd: number }> {
  const fd = bindWithCalls(calls, codec, { ...options, ipv6Only });
  const socket = await openDescriptor(fd, options).catch((error: unknown) => {
    calls.close(fd);
    throw error;
  });
  keepAlone(calls, fd);
  return { socket, fd };
}

/** Node.js allows others to bind to the address of a socket that it is given; we do not. */
export function keepAlone(calls: SystemCalls, fd: number): void {
  calls.setsockopt(fd, Linux.SOL_SOCKET, Linux.SO_REUSEADDR, new Int32Array(1), 4);
}

/** A socket of Node.js on a descriptor that is bound already. */
export async function openDescriptor(fd: number, options: SocketOptions): Promise<Socket> {
  const isIpv6 = options.address.includes(":");
  const socket = createSocket({ type: isIpv6 ? "udp6" : "udp4", lookup: literalLookup });
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(bindError(options, error.code, error));
    };
    socket.once("error", failed);
    socket.bind({ fd }, () => {
      socket.off("error", failed);
      resolve();
    });
  });
  return socket;
}

/** A bound descriptor; `beforeBinding` may set what must be set by then. */
export function bindWithCalls(
  calls: SystemCalls,
  codec: NameCodec,
  options: SocketOptions & { readonly ipv6Only: boolean },
  beforeBinding?: (fd: number) => void,
): number {
  const name = new Int32Array(nameStride / 4);
  if (!codec.put(name, 0, options.port, options.address)) {
    throw bindError(options, "EINVAL", undefined);
  }
  const fd = calls.socket(codec.family, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
  if (fd < 0) throw bindError(options, getSystemErrorName(-calls.errno()), undefined);
  if (codec.family === Linux.AF_INET6) {
    const only = Int32Array.of(options.ipv6Only ? 1 : 0);
    calls.setsockopt(fd, Linux.IPPROTO_IPV6, Linux.IPV6_V6ONLY, only, 4);
  }
  beforeBinding?.(fd);
  if (calls.bind(fd, new Uint8Array(name.buffer), codec.length) < 0) {
    const code = getSystemErrorName(-calls.errno());
    calls.close(fd);
    throw bindError(options, code, undefined);
  }
  return fd;
}

type LookupCallback = (error: Error | null, address: string, family: number) => void;

/** Destinations are literal addresses: hands them back at once, without a thread of the resolver. */
function literalLookup(host: string, _options: object, callback: LookupCallback): void {
  callback(null, host, host.includes(":") ? 6 : 4);
}

function bindError(
  options: SocketOptions,
  code: string | undefined,
  cause: Error | undefined,
): TransportError {
  const where = `udp:${options.address}:${options.port}`;
  const why = reasons[code ?? ""] ?? cause?.message ?? code;
  return new TransportError("TRANSPORT_BIND_FAILED", `cannot listen on ${where}: ${why}`, {
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use by another process",
  EADDRNOTAVAIL: "this machine does not have that address",
  EACCES: "not permitted (ports below 1024 need a privilege)",
};
