/** Looks at a server from outside while something else goes on: how long it is silent, and what its garbage collector says. */
import { createSocket } from "node:dgram";
import { connect } from "node:net";

/** A request this often, in milliseconds. */
const EVERY = 5;

/** Sends OPTIONS to a server all the time and notes how long the answers take. */
export class Probe {
  #socket = createSocket("udp4");
  #port;
  #timer;
  #serial = 0;
  #sent = new Map();
  #times = [];
  #longestOfServer = 0;
  /** How late timers of this process were, all together: what of an answer's time is its own. */
  #late = 0;
  #dueAt = 0;

  constructor(port) {
    this.#port = port;
    this.#socket.on("message", (bytes) => {
      const id = Number(/;branch=z9hG4bKp(\d+)/.exec(bytes.toString("latin1"))?.[1]);
      const sent = this.#sent.get(id);
      if (sent === undefined) return;
      this.#sent.delete(id);
      const { at, late } = sent;
      const now = performance.now();
      this.#times.push(now - at);
      // When a timer is overdue at this moment, this process has been away until now.
      const own = this.#late + Math.max(0, now - this.#dueAt) - late;
      this.#longestOfServer = Math.max(this.#longestOfServer, now - at - own);
    });
  }

  async start() {
    await new Promise((done) => this.#socket.bind(0, "127.0.0.1", done));
    this.#dueAt = performance.now() + EVERY;
    this.#timer = setInterval(() => this.#send(), EVERY);
  }

  stop() {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  /** What was seen since the last time, in milliseconds; `server` is the longest answer without the delays of this process itself. */
  take() {
    const times = this.#times.sort((a, b) => a - b);
    const result = {
      answers: times.length,
      p99: round(times[Math.floor(times.length * 0.99)] ?? 0),
      longest: round(times.at(-1) ?? 0),
      over50: times.filter((time) => time > 50).length,
      unanswered: this.#sent.size,
      server: round(this.#longestOfServer),
    };
    this.#times = [];
    this.#sent.clear();
    this.#longestOfServer = 0;
    return result;
  }

  #send() {
    const now = performance.now();
    this.#late += Math.max(0, now - this.#dueAt);
    this.#dueAt = now + EVERY;
    const id = ++this.#serial;
    const { port } = this.#socket.address();
    this.#sent.set(id, { at: now, late: this.#late });
    this.#socket.send(
      `OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKp${id};rport\r\n` +
        `Max-Forwards: 70\r\nFrom: <sip:probe@example.com>;tag=p\r\nTo: <sip:example.com>\r\n` +
        `Call-ID: probe-${id}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`,
      this.#port,
      "127.0.0.1",
    );
  }
}

/** Reads what `node --trace-gc` writes. */
export class GarbageTrace {
  #rest = "";
  #seen = empty();

  read(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** Collections since the last time: their number, and the longest stop in milliseconds. */
  take() {
    const seen = this.#seen;
    this.#seen = empty();
    return seen;
  }

  #line(line) {
    const stop = /: (Scavenge|Mark-Compact)\b.* MB, ([\d.]+) \/ /.exec(line);
    if (stop === null) return;
    const kind = stop[1] === "Scavenge" ? this.#seen.young : this.#seen.old;
    kind.count++;
    kind.longest = Math.max(kind.longest, Number(stop[2]));
    const step = /biggest step ([\d.]+) ms/.exec(line);
    if (step !== null) kind.longestStep = Math.max(kind.longestStep ?? 0, Number(step[1]));
  }
}

function empty() {
  return { young: { count: 0, longest: 0 }, old: { count: 0, longest: 0, longestStep: 0 } };
}

/** Asks a JSON-RPC socket; what came, as it comes. Resolves with the number of bytes and the last of them. */
export function ask(path, method, params, onText = () => undefined) {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let bytes = 0;
    let last = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      const text = chunk.toString("latin1");
      onText(text);
      last = (last + text).slice(-4096);
      if (!text.endsWith("\n")) return;
      socket.destroy();
      resolve({ bytes, last });
    });
    socket.write(JSON.stringify({ jsonrpc: "2.0", method, params, id: 1 }));
  });
}

export function round(value) {
  return Math.round(value * 100) / 100;
}
