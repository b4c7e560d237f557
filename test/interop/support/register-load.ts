/** Many phones that register at two servers at a steady rate, and repeat what is not answered. */
import { once } from "node:events";
import { Random } from "../../support/random.ts";
import { DOMAIN } from "./phone.ts";
import { header, Peer } from "./peer.ts";

/** Time in milliseconds after which a REGISTER is sent again, as often as it takes: servers may be away. */
const AGAIN_MS = 500;
/** REGISTERs without an answer at one time while everybody registers at first. */
const WINDOW = 200;
/** Phones of one user. */
const PHONES = 3;

interface Waiting {
  readonly text: string;
  readonly port: number;
  sentAt: number;
}

export class RegisterLoad {
  /** REGISTERs that were answered with 200. */
  accepted = 0;
  /** Other final answers; there should be none. */
  readonly refused: string[] = [];
  readonly #peer: Peer;
  readonly #users: number;
  readonly #registered = new Map<string, Set<string>>();
  readonly #waiting = new Map<string, Waiting>();
  #serial = 0;
  readonly #random = new Random(1);

  private constructor(peer: Peer, users: number) {
    this.#peer = peer;
    this.#users = users;
    peer.onArrival(({ text }) => this.#answered(text));
  }

  static async open(users: number): Promise<RegisterLoad> {
    return new RegisterLoad(await Peer.open("phones"), users);
  }

  get unanswered(): number {
    return this.#waiting.size;
  }

  /** One phone of each user registers, at one server or the other; resolves when all are answered. */
  async registerAll(ports: readonly [number, number]): Promise<void> {
    for (let user = 0; user < this.#users; user++) {
      this.#change(ports[user % 2] ?? 0, user, 0);
      while (this.#waiting.size >= WINDOW) await this.#moment();
    }
    await this.answered();
  }

  /** `rate` changes a second at each server, for so many seconds. */
  async run(ports: readonly [number, number], rate: number, seconds: number): Promise<void> {
    const start = performance.now();
    for (let done = 0; done < rate * seconds;) {
      const due = Math.min(((performance.now() - start) * rate) / 1000, rate * seconds);
      for (; done < due; done++) {
        for (const port of ports) {
          this.#change(port, this.#random.below(this.#users), this.#random.below(PHONES));
        }
      }
      await this.#moment();
    }
  }

  /** Resolves when nothing waits for an answer. */
  async answered(): Promise<void> {
    while (this.#waiting.size > 0) await this.#moment();
  }

  close(): void {
    this.#peer.close();
  }

  /** A phone that is not there registers; one that is there refreshes, or goes. */
  #change(port: number, user: number, phone: number): void {
    const key = `${String(port)}|${String(user)}`;
    const known = this.#registered.get(key) ?? new Set<string>();
    this.#registered.set(key, known);
    const uri = `sip:p${String(phone)}-${String(port)}@127.0.0.1:${String(this.#peer.port)}`;
    const goes = known.has(uri) && this.#random.below(10) < 4;
    if (goes) known.delete(uri);
    else known.add(uri);
    const serial = String(++this.#serial);
    const aor = `sip:u${String(user)}@${DOMAIN}`;
    const text =
      `REGISTER sip:${DOMAIN} SIP/2.0\r\n` +
      `Via: SIP/2.0/UDP 127.0.0.1:${String(this.#peer.port)};branch=z9hG4bKload${serial}\r\n` +
      `Max-Forwards: 70\r\nFrom: <${aor}>;tag=load\r\nTo: <${aor}>\r\nCall-ID: load${serial}\r\n` +
      `CSeq: 1 REGISTER\r\nContact: <${uri}>;expires=${goes ? "0" : "3600"}\r\nContent-Length: 0\r\n\r\n`;
    const waiting = { text, port, sentAt: performance.now() };
    this.#waiting.set(`load${serial}`, waiting);
    this.#peer.send(text, port);
  }

  #answered(text: string): void {
    // What came is looked at once; the peer need not keep all of it.
    this.#peer.received.length = 0;
    if (text.startsWith("SIP/2.0 1") || !this.#waiting.delete(header(text, "Call-ID"))) return;
    if (text.startsWith("SIP/2.0 200")) this.accepted++;
    else this.refused.push(text);
  }

  /** Lets packets come in, and sends again what is overdue. */
  async #moment(): Promise<void> {
    await once(AbortSignal.timeout(2), "abort");
    const now = performance.now();
    for (const waiting of this.#waiting.values()) {
      if (now - waiting.sentAt < AGAIN_MS) continue;
      waiting.sentAt = now;
      this.#peer.send(waiting.text, waiting.port);
    }
  }
}
