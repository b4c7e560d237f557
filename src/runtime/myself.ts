/** Which hosts are this engine itself: sockets, aliases, and what modules add. */
import type { ListenSocket, Proto } from "./transport.ts";

interface Own {
  /** 0: any. */
  readonly port: number;
  readonly proto: Proto | undefined;
}

/** One `alias`. */
export interface Alias {
  readonly host: string;
  /** 0: any port. */
  readonly port: number;
  /** None: any. */
  readonly proto: Proto | undefined;
}

type Check = (host: string, port: number, proto: Proto | undefined) => boolean;

/** A table by host name in lower case. */
export class OwnHosts {
  readonly #hosts = new Map<string, Own[]>();
  readonly #checks: Check[] = [];
  /** As given, for `core.aliases_list`. */
  readonly aliases: Alias[] = [];

  addSocket(socket: ListenSocket): void {
    this.#add(socket.address, socket.port, socket.proto);
    if (socket.name !== undefined) this.#add(socket.name, socket.port, socket.proto);
    if (socket.advertisedHost !== undefined) {
      this.#add(socket.advertisedHost, socket.viaPort, socket.proto);
    }
  }

  addAlias(alias: Alias): void {
    this.aliases.push(alias);
    this.#add(alias.host, alias.port, alias.proto);
  }

  addCheck(check: Check): void {
    this.#checks.push(check);
  }

  /** `host` may be a name, an address, an IPv6 address with or without brackets. Port 0 and no protocol: any. */
  has(host: string, port: number, proto: Proto | undefined): boolean {
    const own = this.#hosts.get(host) ?? this.#hosts.get(normalize(host));
    if (own !== undefined) {
      for (const { port: ownPort, proto: ownProto } of own) {
        const portFits = port === 0 || ownPort === 0 || ownPort === port;
        if (portFits && (proto === undefined || ownProto === undefined || ownProto === proto)) {
          return true;
        }
      }
    }
    for (const check of this.#checks) {
      if (check(host, port, proto)) return true;
    }
    return false;
  }

  #add(host: string, port: number, proto: Proto | undefined): void {
    const key = normalize(host);
    const own = this.#hosts.get(key);
    if (own === undefined) this.#hosts.set(key, [{ port, proto }]);
    else own.push({ port, proto });
  }
}

/** Lower case, without brackets; IPv6 addresses in their shortest form. */
function normalize(host: string): string {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  const lower = bare.toLowerCase();
  if (!lower.includes(":")) return lower;
  const url = URL.canParse(`http://[${lower}]/`) ? new URL(`http://[${lower}]/`) : undefined;
  return url === undefined ? lower : url.hostname.slice(1, -1);
}
