/** A watcher of the event package reg: subscribes, refreshes, answers NOTIFYs, and keeps the last document. */
import { header, kindOf, Peer, type Received } from "./peer.ts";
import { DOMAIN } from "./phone.ts";

export class RegWatcher {
  /** The last document; "" before the first. */
  document = "";
  /** NOTIFYs that came so far, and how many of them had a document. */
  notifies = 0;
  documents = 0;
  readonly #user: string;
  readonly #port: number;
  readonly #peer: Peer;
  #cseq = 0;
  #dialogs = 0;
  #toTag = "";
  #timer: NodeJS.Timeout | undefined;

  private constructor(user: string, port: number, peer: Peer) {
    this.#user = user;
    this.#port = port;
    this.#peer = peer;
    peer.onArrival((packet) => this.#arrived(packet));
  }

  /** Starts to watch a user at the server on this port. */
  static async open(user: string, port: number): Promise<RegWatcher> {
    const watcher = new RegWatcher(user, port, await Peer.open(`watcher of ${user}`));
    watcher.#subscribe();
    return watcher;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#peer.close();
  }

  #subscribe(): void {
    const aor = `sip:${this.#user}@${DOMAIN}`;
    const own = `127.0.0.1:${String(this.#peer.port)}`;
    const cseq = String(++this.#cseq);
    const dialog = `${String(this.#dialogs)}-${own}`;
    this.#peer.send(
      `SUBSCRIBE ${aor} SIP/2.0\r\nVia: SIP/2.0/UDP ${own};branch=z9hG4bK-w${cseq}-${own}\r\nMax-Forwards: 70\r\n` +
        `From: <sip:watcher@${DOMAIN}>;tag=w${dialog}\r\nTo: <${aor}>${this.#toTag}\r\nCall-ID: watch-${dialog}\r\n` +
        `CSeq: ${cseq} SUBSCRIBE\r\nContact: <sip:watcher@${own}>\r\nEvent: reg\r\nAccept: application/reginfo+xml\r\n` +
        `Expires: 600\r\nContent-Length: 0\r\n\r\n`,
      this.#port,
    );
    // Nobody has to answer: the server may be down just now.
    this.#again(1000);
  }

  #arrived(packet: Received): void {
    const { text } = packet;
    const kind = kindOf(text);
    if (kind === "NOTIFY") this.#notified(packet);
    else if (header(text, "CSeq") !== `${String(this.#cseq)} SUBSCRIBE`) return;
    else if (kind === "200" || kind === "202") {
      this.#toTag = /;tag=[^;]*/.exec(header(text, "To"))?.[0] ?? "";
      this.#again(Number(header(text, "Expires")) * 500);
    } else {
      this.#toTag = "";
      this.#dialogs++;
      this.#again(200);
    }
  }

  #notified(packet: Received): void {
    this.#peer.reply(packet, 200);
    const body = packet.text.slice(packet.text.indexOf("\r\n\r\n") + 4);
    this.notifies++;
    // Without a document it says nothing new: a publication was refreshed or taken back.
    if (body === "") return;
    this.documents++;
    this.document = body;
  }

  #again(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#subscribe(), delayMs);
  }
}
