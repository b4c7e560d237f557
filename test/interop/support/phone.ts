/** A phone for tests with real servers: registers contacts, and sends the requests that make servers do something. */
import { header, Peer } from "./peer.ts";

/** The domain of all tests. */
export const DOMAIN = "example.test";

export class Phone {
  readonly user: string;
  readonly peer: Peer;
  #cseq = 0;

  private constructor(user: string, peer: Peer) {
    this.user = user;
    this.peer = peer;
  }

  static async open(user: string): Promise<Phone> {
    return new Phone(user, await Peer.open(`phone of ${user}`));
  }

  /** Sends a request and waits for the answer; `extra` are further header lines, each with CRLF. */
  async ask(port: number, method: string, extra = "", body = ""): Promise<string> {
    const cseq = `${String(++this.#cseq)} ${method}`;
    const own = String(this.peer.port);
    const aor = `sip:${this.user}@${DOMAIN}`;
    this.peer.send(
      `${method} ${method === "REGISTER" ? `sip:${DOMAIN}` : aor} SIP/2.0\r\n` +
        `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK-${own}-${String(this.#cseq)}\r\n` +
        `Max-Forwards: 70\r\nFrom: <${aor}>;tag=${own}\r\nTo: <${aor}>\r\n` +
        `Call-ID: ${this.user}-${method}-${own}\r\nCSeq: ${cseq}\r\n${extra}` +
        `Content-Length: ${String(body.length)}\r\n\r\n${body}`,
      port,
    );
    const isFinal = (text: string): boolean =>
      header(text, "CSeq") === cseq && /^SIP\/2\.0 [2-6]/.test(text);
    return (await this.peer.take(isFinal, 10_000)).text;
  }

  /** Registers a contact of this name for so many seconds; 0 takes it back. */
  async register(port: number, name: string, seconds: number, params = ""): Promise<void> {
    const contact = `<sip:${name}@127.0.0.1:${String(this.peer.port)}>;expires=${String(seconds)}${params}`;
    await this.#accepted(port, "REGISTER", `Contact: ${contact}\r\n`);
  }

  /** Takes all contacts back. */
  async unregisterAll(port: number): Promise<void> {
    await this.#accepted(port, "REGISTER", "Contact: *\r\nExpires: 0\r\n");
  }

  /** Has a server follow this user (its script does so on MESSAGE with X-Sub). */
  async haveFollowed(port: number): Promise<void> {
    await this.#accepted(port, "MESSAGE", `X-Sub: sip:${this.user}@${DOMAIN}\r\n`);
  }

  async #accepted(port: number, method: string, extra: string): Promise<void> {
    const reply = await this.ask(port, method, extra);
    if (!reply.startsWith("SIP/2.0 200")) throw new Error(`${method} was not accepted: ${reply}`);
  }
}
