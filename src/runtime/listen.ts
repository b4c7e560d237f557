/** Which sockets to open: from `listen` lines, `-l` options or the machine's interfaces. */
import type { NetworkInterfaceInfo } from "node:os";
import type { Span } from "../dsl/source.ts";
import type { Config } from "../dsl/syntax/ast.ts";
import type { DnsClient } from "./dns-client.ts";
import { literalAddress } from "./resolver.ts";
import type { Proto, SocketOptions } from "./transport.ts";

/** One `listen` as written. */
export interface ListenLine {
  readonly proto?: string;
  readonly hosts: readonly string[];
  readonly port?: number;
  readonly advertise?: { readonly host: string; readonly port?: number };
  readonly socketName?: string;
  /** Where it is written, if in a configuration. */
  readonly span?: Span;
}

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Why a line cannot be listened on. */
export interface ListenProblem {
  readonly line: ListenLine;
  readonly message: string;
  /** The rest goes on without it: a transport that is not there yet. */
  readonly isWarning: boolean;
}

export interface ListenPlan {
  readonly sockets: readonly SocketOptions[];
  readonly problems: readonly ListenProblem[];
}

export interface ListenContext {
  readonly interfaces: Interfaces;
  readonly dns: DnsClient;
  /** For lines without a port. */
  readonly defaultPort: number;
  /** Without any line, IPv6 addresses are taken as well (`auto_bind_ipv6`). */
  readonly takesIpv6?: boolean;
}

/** Turns lines into sockets; no line at all means each address of each interface. */
export async function planSockets(
  lines: readonly ListenLine[],
  context: ListenContext,
): Promise<ListenPlan> {
  const sockets: SocketOptions[] = [];
  const problems: ListenProblem[] = [];
  const all: readonly ListenLine[] = lines.length > 0 ? lines : [{ hosts: ["*"] }];
  for (const line of all) {
    const proto = (line.proto ?? "udp") as Proto;
    if (proto !== "udp") {
      const message = `${proto} is not implemented in olelo yet: this socket is left out`;
      problems.push({ line, message, isWarning: true });
      continue;
    }
    for (const host of line.hosts) {
      const addresses = await addressesOf(host, line, context);
      if (addresses.length === 0) {
        problems.push({ line, message: `there is no address for ${host}`, isWarning: false });
      }
      for (const address of addresses)
        sockets.push(socketOptions(line, address, sockets.length, context));
    }
  }
  return { sockets: withoutDoubles(sockets), problems };
}

function socketOptions(
  line: ListenLine,
  address: string,
  index: number,
  context: ListenContext,
): SocketOptions {
  return {
    proto: "udp",
    address,
    port: line.port ?? context.defaultPort,
    index,
    ...(line.socketName === undefined ? {} : { name: line.socketName }),
    ...(line.advertise === undefined ? {} : { advertisedHost: line.advertise.host }),
    ...(line.advertise?.port === undefined ? {} : { advertisedPort: line.advertise.port }),
  };
}

function withoutDoubles(sockets: readonly SocketOptions[]): SocketOptions[] {
  const seen = new Set<string>();
  const kept: SocketOptions[] = [];
  for (const socket of sockets) {
    const key = `${socket.address}|${socket.port}`;
    if (seen.has(key) && socket.port !== 0) continue;
    seen.add(key);
    kept.push({ ...socket, index: kept.length });
  }
  return kept;
}

async function addressesOf(
  host: string,
  line: ListenLine,
  context: ListenContext,
): Promise<string[]> {
  const { interfaces } = context;
  const literal = literalAddress(host);
  if (literal !== undefined) {
    const all = wildcardFamily(literal);
    if (all === undefined || line.advertise !== undefined) return [literal];
    // Departs from Kamailio, which writes 0.0.0.0 into Via and Record-Route: a socket for each own address.
    const own = ownAddresses(interfaces, all);
    return own.length === 0 ? [literal] : own;
  }
  if (host === "*") {
    const ipv6 = context.takesIpv6 === true ? ownAddresses(interfaces, "IPv6") : [];
    return [...ownAddresses(interfaces, "IPv4"), ...ipv6];
  }
  const named = interfaces[host];
  if (named !== undefined) {
    return named.map((entry) => entry.address).filter((address) => !isLinkLocal(address));
  }
  return resolveHost(host, context.dns);
}

async function resolveHost(host: string, dns: DnsClient): Promise<string[]> {
  try {
    const ipv4 = await dns.addresses(host, 4);
    if (ipv4.records.length > 0) return [...ipv4.records];
    return [...(await dns.addresses(host, 6)).records];
  } catch {
    return [];
  }
}

/** The family of an address that stands for all own addresses. */
function wildcardFamily(address: string): "IPv4" | "IPv6" | undefined {
  if (address === "0.0.0.0") return "IPv4";
  return address === "::" ? "IPv6" : undefined;
}

/** All addresses of that family that others could be told. */
function ownAddresses(interfaces: Interfaces, family: "IPv4" | "IPv6"): string[] {
  return Object.values(interfaces)
    .flatMap((entries) => entries ?? [])
    .filter((entry) => entry.family === family && !isLinkLocal(entry.address))
    .map((entry) => entry.address);
}

/** Such addresses need a zone and are no use in a Via. */
function isLinkLocal(address: string): boolean {
  return address.toLowerCase().startsWith("fe80:");
}

const protoWords = /^(udp|tcp|tls|sctp|ws|wss)$/i;

/** Reads `[proto:]addr|(addr, addr)[:port][/advertised[:port]]`, as `-l` takes it. */
export function parseListen(text: string): ListenLine | undefined {
  const slash = text.indexOf("/");
  const own = slash < 0 ? text : text.slice(0, slash);
  const advertised = slash < 0 ? undefined : splitPort(text.slice(slash + 1));
  let rest = own.trim();
  let proto: string | undefined;
  const colon = rest.indexOf(":");
  if (colon > 0 && protoWords.test(rest.slice(0, colon))) {
    proto = rest.slice(0, colon).toLowerCase();
    rest = rest.slice(colon + 1);
  }
  const hosts = splitHosts(rest);
  if (hosts === undefined || (slash >= 0 && advertised === undefined)) return undefined;
  return {
    ...hosts,
    ...(proto === undefined ? {} : { proto }),
    ...(advertised === undefined ? {} : { advertise: advertised }),
  };
}

function splitHosts(text: string): { hosts: string[]; port?: number } | undefined {
  if (!text.startsWith("(")) {
    const one = splitPort(text);
    if (one === undefined) return undefined;
    return { hosts: [one.host], ...(one.port === undefined ? {} : { port: one.port }) };
  }
  const end = text.indexOf(")");
  if (end < 0) return undefined;
  const hosts = text
    .slice(1, end)
    .split(",")
    .map((host) => host.trim())
    .filter((host) => host !== "");
  const tail = text.slice(end + 1);
  if (hosts.length === 0 || !/^(:\d{1,5})?$/.test(tail)) return undefined;
  return { hosts, ...(tail === "" ? {} : { port: Number(tail.slice(1)) }) };
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`. */
export function splitPort(text: string): { host: string; port?: number } | undefined {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text.trim());
  const host = match?.[1];
  if (host === undefined) return undefined;
  const port = match?.[2];
  if (port === undefined) return { host };
  return Number(port) > 65_535 ? undefined : { host, port: Number(port) };
}

/** All `listen` lines of a configuration. */
export function listenLines(config: Config): ListenLine[] {
  const lines: ListenLine[] = [];
  for (const item of config.items) {
    if (item.kind !== "global" || item.name.text !== "listen") continue;
    for (const value of item.values) {
      if (value.kind === "socket") {
        lines.push(value);
        continue;
      }
      const line = parseListen(String(value.value));
      if (line !== undefined) lines.push({ ...line, span: value.span });
    }
  }
  return lines;
}
