/** A UDP relay between two servers, A and B, that counts what passes and can be told to lose packets. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { Random } from "../../support/random.ts";
import { header } from "./peer.ts";
import type { Wiring } from "./reg-event-configs.ts";

/** More than so many packets in a row are not lost in one direction, unless all are: retransmissions grow slow. */
const MOST_IN_A_ROW = 2;

/** One direction of the link. */
interface Direction {
  /** Where packets go out, so that answers come back to it. */
  readonly out: Socket;
  readonly to: number;
  /** `NOTIFY` to the Call-ID and CSeq of each request that came in. */
  readonly requests: Map<string, Set<string>>;
  inARow: number;
}

/** Both servers send to the link and are reached through it; their ports are known before they start. */
export class LossyLink {
  /** Ports of A and B themselves. */
  readonly ports: readonly [number, number];
  /** Where A reaches B. */
  readonly portOfB: number;
  /** Where B reaches A. */
  readonly portOfA: number;
  /** Packets that did not arrive. */
  lost = 0;
  readonly #sockets: readonly [Socket, Socket];
  readonly #fromA: Direction;
  readonly #fromB: Direction;
  #share = 0;
  #random = new Random(1);

  private constructor(sockets: readonly [Socket, Socket], servers: readonly [number, number]) {
    const [forA, forB] = sockets;
    this.#sockets = sockets;
    this.ports = servers;
    this.portOfA = forA.address().port;
    this.portOfB = forB.address().port;
    this.#fromA = { out: forA, to: servers[1], requests: new Map(), inARow: 0 };
    this.#fromB = { out: forB, to: servers[0], requests: new Map(), inARow: 0 };
    forB.on("message", (data, from) => this.#pass(this.#fromA, data, from));
    forA.on("message", (data, from) => this.#pass(this.#fromB, data, from));
  }

  /** A link between the servers on these ports. */
  static async open(portA: number, portB: number): Promise<LossyLink> {
    const sockets = [createSocket("udp4"), createSocket("udp4")] as const;
    for (const socket of sockets) {
      socket.bind(0, "127.0.0.1");
      await once(socket, "listening");
    }
    return new LossyLink(sockets, [portA, portB]);
  }

  /** What a server's config has to know when it talks to the other one over the link. */
  wiringOf(server: "a" | "b"): Wiring {
    return server === "a"
      ? { peer: this.portOfB, self: this.portOfA }
      : { peer: this.portOfA, self: this.portOfB };
  }

  /** From now on this share (0 to 1) of the packets is lost in each direction; which ones, the seed says. */
  lose(share: number, seed = 1): void {
    this.#share = share;
    this.#random = new Random(seed);
  }

  /** Whether nothing passes. */
  get isCut(): boolean {
    return this.#share >= 1;
  }

  /** Different requests of this method that a server has sent, retransmissions not counted. */
  requests(from: "a" | "b", method: string): number {
    const direction = from === "a" ? this.#fromA : this.#fromB;
    return direction.requests.get(method)?.size ?? 0;
  }

  /** Call-IDs that a server has used in requests of this method. */
  dialogs(from: "a" | "b", method: string): number {
    const direction = from === "a" ? this.#fromA : this.#fromB;
    const requests = [...(direction.requests.get(method) ?? [])];
    return new Set(requests.map((request) => request.split(" ", 1)[0])).size;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #pass(direction: Direction, data: Buffer, from: RemoteInfo): void {
    const other = direction === this.#fromA ? this.#fromB : this.#fromA;
    // Only the two servers talk here.
    if (from.port !== other.to) return;
    count(direction.requests, data.toString("latin1"));
    const isSpared = this.#share < 1 && direction.inARow >= MOST_IN_A_ROW;
    if (!isSpared && this.#random.share() < this.#share) {
      direction.inARow++;
      this.lost++;
      return;
    }
    direction.inARow = 0;
    direction.out.send(data, direction.to, "127.0.0.1");
  }
}

function count(requests: Map<string, Set<string>>, text: string): void {
  const method = text.slice(0, text.indexOf(" "));
  if (method === "SIP/2.0") return;
  const seen = requests.get(method) ?? new Set<string>();
  requests.set(method, seen.add(`${header(text, "Call-ID")} ${header(text, "CSeq")}`));
}
