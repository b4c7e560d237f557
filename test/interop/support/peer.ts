/** A SIP endpoint on loopback for tests with real servers: sends texts, waits for what comes, remembers all of it. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** One datagram that came in. */
export interface Received {
  readonly text: string;
  readonly port: number;
  readonly address: string;
}

/** The value of the first header of this name (full form), or "". */
export function header(text: string, name: string): string {
  return headers(text, name)[0] ?? "";
}

/** The values of all headers of this name. */
export function headers(text: string, name: string): string[] {
  const head = text.split("\r\n\r\n", 1)[0] ?? "";
  return head
    .split("\r\n")
    .slice(1)
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(line.indexOf(":") + 1).trim());
}

/** `INVITE`, or the status code as text for a reply. */
export function kindOf(text: string): string {
  const [first = "", second = ""] = text.split(" ", 2);
  return first === "SIP/2.0" ? second : first;
}

export class Peer {
  readonly received: Received[] = [];
  readonly port: number;
  readonly name: string;
  readonly #socket: Socket;
  #next = 0;
  #waiters: (() => void)[] = [];
  #handler: ((packet: Received) => void) | undefined;

  private constructor(name: string, socket: Socket) {
    this.name = name;
    this.#socket = socket;
    this.port = socket.address().port;
    socket.on("message", (data, from) => {
      const text = data.toString("latin1");
      const packet = { text, port: from.port, address: from.address };
      this.received.push(packet);
      this.#handler?.(packet);
      for (const wake of this.#waiters.splice(0)) wake();
    });
  }

  /** Opens an endpoint on 127.0.0.1, on a free port unless one is given. */
  static async open(name = "peer", port = 0): Promise<Peer> {
    const socket = createSocket("udp4");
    socket.bind(port, "127.0.0.1");
    await once(socket, "listening");
    return new Peer(name, socket);
  }

  /** Calls back for everything that comes from now on, at once. */
  onArrival(handler: (packet: Received) => void): void {
    this.#handler = handler;
  }

  send(text: string, port: number): void {
    this.#socket.send(Buffer.from(text, "latin1"), port, "127.0.0.1");
  }

  /** The next datagram not yet taken that is of this kind (`INVITE`, `200`) or satisfies the test. */
  async take(wanted: string | ((text: string) => boolean), withinMs = 5000): Promise<Received> {
    const fits =
      typeof wanted === "string" ? (text: string): boolean => kindOf(text) === wanted : wanted;
    const signal = AbortSignal.timeout(withinMs);
    for (;;) {
      for (; this.#next < this.received.length; this.#next++) {
        const packet = this.received[this.#next];
        if (packet !== undefined && fits(packet.text)) {
          this.#next++;
          return packet;
        }
      }
      await this.#arrival(signal, String(wanted));
    }
  }

  #arrival(signal: AbortSignal, wanted: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        const seen = this.received.map((packet) => packet.text.split("\r\n", 1)[0]).join(" | ");
        reject(new Error(`${this.name}: no ${wanted} came; what came: ${seen || "nothing"}`));
      };
      if (signal.aborted) return fail();
      signal.addEventListener("abort", fail, { once: true });
      this.#waiters.push(() => {
        signal.removeEventListener("abort", fail);
        resolve();
      });
    });
  }

  /** Answers a request as a user agent does: Via, From, To (with this tag), Call-ID, CSeq and Record-Route copied. */
  reply(request: Received, status: number, extra: ReplyOptions = {}): void {
    this.send(replyTo(request.text, status, extra), request.port);
  }

  close(): void {
    this.#socket.close();
  }
}

export interface ReplyOptions {
  readonly reason?: string;
  readonly tag?: string;
  /** Further header lines, each with CRLF. */
  readonly headers?: string;
  readonly body?: string;
}

/** The reply that a user agent would send. */
export function replyTo(request: string, status: number, options: ReplyOptions = {}): string {
  const to = header(request, "To");
  const tag = options.tag ?? "uastag";
  const body = options.body ?? "";
  const lines = [
    `SIP/2.0 ${String(status)} ${options.reason ?? "Reason"}`,
    ...headers(request, "Via").map((value) => `Via: ${value}`),
    ...headers(request, "Record-Route").map((value) => `Record-Route: ${value}`),
    `From: ${header(request, "From")}`,
    `To: ${to.includes(";tag=") || status === 100 ? to : `${to};tag=${tag}`}`,
    `Call-ID: ${header(request, "Call-ID")}`,
    `CSeq: ${header(request, "CSeq")}`,
  ];
  return `${lines.join("\r\n")}\r\n${options.headers ?? ""}Content-Length: ${String(body.length)}\r\n\r\n${body}`;
}
