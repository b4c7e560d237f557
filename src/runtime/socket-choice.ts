/** Which socket a message leaves through. */
import type { ScriptContext } from "./context.ts";
import type { ListenSocket, Proto } from "./transport.ts";

/** A network that this machine is directly in. */
export interface LocalNetwork {
  /** An own address in it. */
  readonly address: string;
  readonly netmask: string;
}

/** Chooses as Kamailio: forced, then (with `mhomed`) by network, then the receiving one, then the first that fits. */
export class SocketChoice {
  readonly #sockets: readonly ListenSocket[];
  readonly #networks: () => readonly LocalNetwork[];
  readonly #isMultihomed: () => boolean;

  constructor(
    sockets: readonly ListenSocket[],
    isMultihomed: () => boolean,
    networks: () => readonly LocalNetwork[],
  ) {
    this.#sockets = sockets;
    this.#isMultihomed = isMultihomed;
    this.#networks = networks;
  }

  find(
    context: ScriptContext | undefined,
    proto: Proto,
    address: string,
  ): ListenSocket | undefined {
    const family = address.includes(":") ? 6 : 4;
    if (context !== undefined) {
      const forced = context.forcedSocket;
      if (forced !== null && forced.proto === proto && forced.family === family) return forced;
      if (this.#isMultihomed()) {
        const near = this.#inNetworkOf(proto, address, family);
        if (near !== undefined) return near;
      }
      const received = context.socket;
      if (received.proto === proto && received.family === family) return received;
    }
    return this.#first(proto, family);
  }

  /** The first of that kind that is not a loopback address, else the first. */
  #first(proto: Proto, family: 4 | 6): ListenSocket | undefined {
    let loopback: ListenSocket | undefined;
    for (const socket of this.#sockets) {
      if (socket.proto !== proto || socket.family !== family) continue;
      if (!isLoopback(socket.address)) return socket;
      loopback ??= socket;
    }
    return loopback;
  }

  /** As near as can be without asking the system's routing table: a socket whose network the address is in. */
  #inNetworkOf(proto: Proto, address: string, family: 4 | 6): ListenSocket | undefined {
    if (family === 6) return undefined;
    for (const network of this.#networks()) {
      if (network.address.includes(":") || !sameNetwork(network, address)) continue;
      for (const socket of this.#sockets) {
        if (socket.proto === proto && socket.address === network.address) return socket;
      }
    }
    return undefined;
  }
}

export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

function sameNetwork(network: LocalNetwork, address: string): boolean {
  const mask = toNumber(network.netmask);
  return (toNumber(network.address) & mask) === (toNumber(address) & mask);
}

function toNumber(address: string): number {
  let value = 0;
  for (const part of address.split(".")) value = (value << 8) | (Number(part) & 0xff);
  return value;
}
