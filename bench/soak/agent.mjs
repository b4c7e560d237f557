/** A SIP user agent for all users at once: one UDP socket, client and server transactions with their repetitions. */
import { createSocket } from "node:dgram";

const firstRepeatMs = 500;
const longestRepeatMs = 4000;
/** RFC 3261, timers B, F and H: nobody waits longer. */
const giveUpMs = 32_000;
/**
 * Requests are looked through that often, and at most so many sent again: all at once would fill the server's buffer, and most of them
 * would be lost again.
 */
const repeatEveryMs = 20;
const repeatsAtOnce = 40;
/** How long answers to requests are kept for repetitions of these. */
const keepMs = 10_000;

/** The value of the first header line of that name, or "". */
export function headerOf(text, name) {
  const at = text.indexOf(`\r\n${name}: `);
  return at < 0 ? "" : text.slice(at + name.length + 4, text.indexOf("\r\n", at + 2));
}

/** The values of all header lines of that name. */
export function headersOf(text, name) {
  const values = [];
  const mark = `\r\n${name}: `;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 2))
    values.push(text.slice(at + mark.length, text.indexOf("\r\n", at + 2)));
  return values;
}

const branchOf = (text) => /^Via: [^\r]*?branch=([^;,\r]+)/m.exec(text)?.[1] ?? "";

export class Agent {
  /** Transactions without a final answer after 32 s, requests sent again, and requests received again. */
  counts = {
    lost: 0,
    repeated: 0,
    repeatedByServer: 0,
    refusalsWithoutAck: 0,
    requests: 0,
    answered: 0,
  };
  /** By method: what happens with a request of the server. */
  handlers = {};
  /** Final answers that come again. */
  onStrayAnswer = () => undefined;
  #socket = createSocket({ type: "udp4", lookup: (host, _options, done) => done(null, host, 4) });
  #server;
  #run = Date.now().toString(36);
  #serial = 0;
  /** By branch and method, oldest first: requests without a final answer. */
  #open = new Map();
  /** By Call-ID: answers to INVITE that wait for their ACK. */
  #unacknowledged = new Map();
  /** By branch and method: answers given lately. */
  #given = new Map();
  #timer;

  constructor(port, server) {
    this.port = port;
    this.#server = server;
  }

  async open() {
    await new Promise((done, failed) => {
      this.#socket.once("error", failed);
      this.#socket.bind(this.port, "127.0.0.1", done);
    });
    this.#socket.setRecvBufferSize(8 << 20);
    this.#socket.on("message", (bytes) => this.#receive(bytes.latin1Slice()));
    this.#timer = setInterval(() => this.#repeat(performance.now()), repeatEveryMs);
  }

  close() {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  /** Requests that wait for an answer. */
  get waiting() {
    return this.#open.size;
  }

  /** A text that no other call gives: for Call-IDs, tags and names. */
  fresh() {
    return `${this.#run}${(++this.#serial).toString(36)}`;
  }

  send(text) {
    this.#socket.send(Buffer.from(text, "latin1"), this.#server, "127.0.0.1");
  }

  via(branch = `z9hG4bK${this.fresh()}`) {
    return `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=${branch}\r\n`;
  }

  /** Sends a request whose text holds a Via line; `finished` gets the status and text of its final answer. */
  request(text, finished) {
    const method = text.slice(0, text.indexOf(" "));
    this.counts.requests++;
    const at = performance.now();
    const key = `${branchOf(text)} ${method}`;
    this.#open.set(key, {
      text,
      finished,
      begun: at,
      due: at + firstRepeatMs,
      wait: firstRepeatMs,
    });
    this.send(text);
  }

  /** Answers a request; `extra` are header lines. An answer to INVITE is repeated until its ACK comes. */
  answer(request, status, extra = "", toTag = "") {
    const to = headerOf(request, "To");
    const tag = to.includes(";tag=") || toTag === "" ? "" : `;tag=${toTag}`;
    const vias = headersOf(request, "Via").map((via) => `Via: ${via}\r\n`);
    const routes = headersOf(request, "Record-Route").map((route) => `Record-Route: ${route}\r\n`);
    const text =
      `SIP/2.0 ${status} Answer\r\n${vias.join("")}${routes.join("")}From: ${headerOf(request, "From")}\r\n` +
      `To: ${to}${tag}\r\nCall-ID: ${headerOf(request, "Call-ID")}\r\nCSeq: ${headerOf(request, "CSeq")}\r\n` +
      `${extra}Content-Length: 0\r\n\r\n`;
    const method = request.slice(0, request.indexOf(" "));
    const at = performance.now();
    this.#given.set(`${branchOf(request)} ${method}`, { text, at });
    if (method === "INVITE" && status >= 200) {
      this.#unacknowledged.set(headerOf(request, "Call-ID"), {
        text,
        begun: at,
        due: at + firstRepeatMs,
        wait: firstRepeatMs,
      });
    }
    this.send(text);
  }

  #receive(text) {
    if (text.startsWith("SIP/2.0 ")) return this.#receiveAnswer(text);
    const method = text.slice(0, text.indexOf(" "));
    if (method === "ACK") return void this.#unacknowledged.delete(headerOf(text, "Call-ID"));
    const given = this.#given.get(`${branchOf(text)} ${method}`);
    if (given !== undefined) {
      this.counts.repeatedByServer++;
      return this.send(given.text);
    }
    this.handlers[method]?.(text);
  }

  #receiveAnswer(text) {
    const status = Number(text.slice(8, 11));
    const cseq = headerOf(text, "CSeq");
    const key = `${branchOf(text)} ${cseq.slice(cseq.indexOf(" ") + 1)}`;
    const open = this.#open.get(key);
    if (open === undefined) {
      if (status >= 200) this.onStrayAnswer(status, text);
      return;
    }
    if (status < 200) {
      // A provisional answer stops the repetitions of INVITE; the final one may take as long as a call rings.
      if (key.endsWith("INVITE")) open.due = Infinity;
      return;
    }
    this.#open.delete(key);
    this.counts.answered++;
    open.finished(status, text);
  }

  #repeat(now) {
    let left = repeatsAtOnce;
    for (const [key, one] of this.#open) {
      if (now - one.begun > giveUpMs) {
        this.#open.delete(key);
        this.counts.lost++;
        one.finished(0, "");
      } else if (now >= one.due && left-- > 0) this.#again(one, now);
    }
    for (const [key, one] of this.#unacknowledged) {
      if (now - one.begun > giveUpMs) {
        this.#unacknowledged.delete(key);
        // The ACK of a refusal goes one hop only: when it was lost and that transaction is over, nobody sends another one.
        if (one.text.startsWith("SIP/2.0 2")) this.counts.lost++;
        else this.counts.refusalsWithoutAck++;
      } else if (now >= one.due && left-- > 0) this.#again(one, now);
    }
    for (const [key, { at }] of this.#given) {
      if (now - at < keepMs) break;
      this.#given.delete(key);
    }
  }

  #again(one, now) {
    this.counts.repeated++;
    one.wait = Math.min(2 * one.wait, longestRepeatMs);
    one.due = now + one.wait;
    this.send(one.text);
  }
}
