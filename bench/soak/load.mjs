/** What the users of the soak do: register, come and go, call, write, and watch each other's registrations. */
import { headerOf, headersOf } from "./agent.mjs";

const domain = "example.com";
const callSeconds = 2;
/** Users who come and go stay, or promise to stay, that long; so do watchers. */
const staySeconds = 10;
const promisedSeconds = 15;

/** When the generator was kept from running, it catches up with so much. */
const longestBurstSeconds = 0.02;
/** Requests without an answer (calls that ring are among them): beyond this the server does not keep up. */
const waitingAtMost = 1500;

/** How often each kind of thing is begun, relative to the others. */
const shares = {
  refresh: 40,
  visit: 8,
  call: 25,
  busyCall: 4,
  abandonedCall: 4,
  message: 14,
  watch: 5,
};

export class Load {
  /** What was begun, what ended as it should, and what did not, with an example of each. */
  counts = { begun: {}, ended: {}, unexpected: {}, notifies: 0, publishes: 0, heldBack: 0 };
  #agent;
  #users;
  #cseqs;
  #nextUser = 0;
  #turn = 0;
  #order = [];
  #credit = 0;
  #watches = new Map();
  /** By Call-ID: ACKs of calls that are up, and INVITEs that ring. */
  #acks = new Map();
  #ringing = new Map();
  /** Permanent users whose REGISTER is not answered. */
  #registering = new Set();
  /** Things a second. */
  rate = 100;

  constructor(agent, users) {
    this.#agent = agent;
    this.#users = users;
    this.#cseqs = new Uint32Array(users);
    // Kinds in turn, evenly mixed: the same load in each second.
    const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
    const credit = Object.fromEntries(Object.keys(shares).map((kind) => [kind, 0]));
    for (let i = 0; i < total; i++) {
      for (const kind of Object.keys(shares)) credit[kind] += shares[kind];
      const kind = Object.keys(credit).reduce((best, one) =>
        credit[one] > credit[best] ? one : best,
      );
      credit[kind] -= total;
      this.#order.push(kind);
    }
    Object.assign(agent.handlers, {
      INVITE: (text) => this.#invited(text),
      CANCEL: (text) => this.#cancelled(text),
      BYE: (text) => agent.answer(text, 200),
      MESSAGE: (text) => agent.answer(text, 200, "", "m"),
      NOTIFY: (text) => this.#notified(text),
      PUBLISH: (text) => this.#published(text),
    });
    // The 200 of a call that came again: its ACK was lost.
    agent.onStrayAnswer = (status, text) => {
      const ack =
        headerOf(text, "CSeq").endsWith("INVITE") && this.#acks.get(headerOf(text, "Call-ID"));
      if (ack) agent.send(ack);
    };
  }

  /** Registers all permanent users once. */
  async registerAll() {
    for (let user = 0; user < this.#users; user++) {
      this.refresh();
      while (this.#agent.waiting > 50) await new Promise((done) => setTimeout(done, 1));
    }
  }

  /** Begins what is due after that many seconds. What does not fit is left out: the load must not come in bursts. */
  pass(seconds) {
    this.#credit += seconds * this.rate;
    const atOnce = 1 + this.rate * longestBurstSeconds;
    if (this.#credit > atOnce) {
      this.counts.heldBack += Math.floor(this.#credit - atOnce);
      this.#credit = atOnce;
    }
    while (this.#credit >= 1) {
      this.#credit -= 1;
      if (this.#agent.waiting > waitingAtMost) this.counts.heldBack++;
      else this[this.#order[this.#turn++ % this.#order.length]]();
    }
  }

  #begin(kind) {
    this.counts.begun[kind] = (this.counts.begun[kind] ?? 0) + 1;
  }

  #end(kind, isExpected, what) {
    if (isExpected) this.counts.ended[kind] = (this.counts.ended[kind] ?? 0) + 1;
    else {
      const key = `${kind}: ${what}`;
      this.counts.unexpected[key] = (this.counts.unexpected[key] ?? 0) + 1;
    }
  }

  #user() {
    return this.#nextUser++ % this.#users;
  }

  #head(method, uri, parts) {
    const { from, to, callId, cseq, extra = "", via = this.#agent.via() } = parts;
    return (
      `${method} ${uri} SIP/2.0\r\n${via}Max-Forwards: 70\r\nFrom: ${from}\r\nTo: ${to}\r\n` +
      `Call-ID: ${callId}\r\nCSeq: ${cseq} ${method}\r\n${extra}User-Agent: soak\r\nContent-Length: 0\r\n\r\n`
    );
  }

  #contact(user, params = "") {
    return `Contact: <sip:${user}@127.0.0.1:${this.#agent.port}>${params}\r\n`;
  }

  #register(kind, user, { callId, cseq, seconds, finished, over }) {
    const aor = `<sip:${user}@${domain}>`;
    const text = this.#head("REGISTER", `sip:${domain}`, {
      from: `${aor};tag=${this.#agent.fresh()}`,
      to: aor,
      callId,
      cseq,
      extra: this.#contact(user, `;expires=${seconds}`),
    });
    this.#agent.request(text, (status) => {
      over?.();
      const isFine = status === 200;
      if (isFine && finished !== undefined) finished();
      else this.#end(kind, isFine, status);
    });
  }

  refresh() {
    const number = this.#user();
    // A phone waits for the answer to its REGISTER before it sends another one.
    if (this.#registering.has(number)) return;
    this.#begin("refresh");
    this.#registering.add(number);
    const cseq = ++this.#cseqs[number];
    this.#register("refresh", `u${number}`, {
      callId: `reg-u${number}`,
      cseq,
      seconds: 3600,
      over: () => this.#registering.delete(number),
    });
  }

  /** A user who was never here before; every second one leaves without a word. */
  visit() {
    this.#begin("visit");
    const user = `v${this.#agent.fresh()}`;
    const callId = `reg-${user}`;
    const isPolite = this.#turn % 2 === 0;
    this.#register("visit", user, {
      callId,
      cseq: 1,
      seconds: promisedSeconds,
      finished: () => {
        if (!isPolite) return this.#end("visit", true);
        setTimeout(
          () => this.#register("visit", user, { callId, cseq: 2, seconds: 0 }),
          staySeconds * 1000,
        );
      },
    });
  }

  message() {
    this.#begin("message");
    const to = `sip:u${this.#user()}@${domain}`;
    const text = this.#head("MESSAGE", to, {
      from: `<sip:writer@${domain}>;tag=${this.#agent.fresh()}`,
      to: `<${to}>`,
      callId: this.#agent.fresh(),
      cseq: 1,
    });
    this.#agent.request(text, (status) => this.#end("message", status === 200, status));
  }

  call() {
    this.#call("call", "answer", 200);
  }

  busyCall() {
    this.#call("busyCall", "busy", 486);
  }

  abandonedCall() {
    this.#call("abandonedCall", "ring", 487);
  }

  #call(kind, behaviour, expected) {
    this.#begin(kind);
    const uri = `sip:u${this.#user()}@${domain}`;
    const via = this.#agent.via();
    const parts = {
      from: `<sip:caller@${domain}>;tag=${this.#agent.fresh()}`,
      to: `<${uri}>`,
      via,
      callId: this.#agent.fresh(),
      cseq: 1,
      extra: `${this.#contact("caller")}X-Soak: ${behaviour}\r\n`,
    };
    if (behaviour === "ring") {
      setTimeout(() => {
        const cancel = this.#head("CANCEL", uri, { ...parts, extra: "" });
        this.#agent.request(cancel, (status) => {
          if (status !== 200) this.#end("cancel", false, status);
        });
      }, 1000);
    }
    this.#agent.request(this.#head("INVITE", uri, parts), (status, text) => {
      if (status >= 300) {
        this.#agent.send(this.#head("ACK", uri, { ...parts, to: headerOf(text, "To"), extra: "" }));
      }
      if (status === 200) return this.#talk(kind, parts, text);
      this.#end(kind, status === expected, status);
    });
  }

  /** Acknowledges, talks and hangs up, along the route that the call was set up on. */
  #talk(kind, { from, callId }, text) {
    const target = /<([^>]+)>/.exec(headerOf(text, "Contact"))?.[1] ?? "";
    const routes = headersOf(text, "Record-Route").toReversed();
    const extra = routes.map((route) => `Route: ${route}\r\n`).join("");
    const parts = { from, to: headerOf(text, "To"), callId, extra };
    const ack = this.#head("ACK", target, { ...parts, cseq: 1, via: this.#agent.via() });
    // The 200 may come again as long as its sender has seen no ACK (RFC 3261, 13.3.1.4).
    this.#acks.set(callId, ack);
    setTimeout(() => this.#acks.delete(callId), 40_000);
    this.#agent.send(ack);
    setTimeout(() => {
      this.#agent.request(this.#head("BYE", target, { ...parts, cseq: 2 }), (status) => {
        this.#end(kind, status === 200, `BYE ${status}`);
      });
    }, callSeconds * 1000);
  }

  #invited(text) {
    const behaviour = headerOf(text, "X-Soak");
    const tag = this.#agent.fresh();
    if (behaviour === "busy") return this.#agent.answer(text, 486, "", tag);
    this.#agent.answer(text, 180, "", tag);
    if (behaviour === "answer") return this.#agent.answer(text, 200, this.#contact("callee"), tag);
    this.#ringing.set(headerOf(text, "Call-ID"), { text, tag });
  }

  #cancelled(text) {
    this.#agent.answer(text, 200, "", "c");
    const callId = headerOf(text, "Call-ID");
    const ringing = this.#ringing.get(callId);
    this.#ringing.delete(callId);
    if (ringing) this.#agent.answer(ringing.text, 487, "", ringing.tag);
  }

  /** Watches somebody's registrations: refreshes once, then says good-bye, or just goes away. */
  watch() {
    this.#begin("watch");
    const uri = `sip:u${this.#user()}@${domain}`;
    const watch = {
      from: `<sip:watcher@${domain}>;tag=${this.#agent.fresh()}`,
      to: `<${uri}>`,
      target: uri,
      callId: this.#agent.fresh(),
      cseq: 0,
      isPolite: this.#turn % 2 === 0,
    };
    this.#watches.set(watch.callId, watch);
    this.#subscribe(watch, promisedSeconds, (text) => {
      watch.to = headerOf(text, "To");
      watch.target = /<([^>]+)>/.exec(headerOf(text, "Contact"))?.[1] ?? uri;
      setTimeout(() => this.#subscribe(watch, promisedSeconds, () => undefined), staySeconds * 400);
      if (watch.isPolite)
        setTimeout(() => this.#subscribe(watch, 0, () => undefined), staySeconds * 1000);
    });
  }

  #subscribe(watch, seconds, finished) {
    watch.cseq++;
    const extra = `Event: reg\r\nExpires: ${seconds}\r\n${this.#contact("watcher")}`;
    const text = this.#head("SUBSCRIBE", watch.target, { ...watch, extra });
    this.#agent.request(text, (status, answer) => {
      if (status === 200 || status === 202) return finished(answer);
      this.#watches.delete(watch.callId);
      this.#end("watch", false, `SUBSCRIBE ${status}`);
    });
  }

  #notified(text) {
    this.counts.notifies++;
    this.#agent.answer(text, 200);
    if (!headerOf(text, "Subscription-State").startsWith("terminated")) return;
    const wasThere = this.#watches.delete(headerOf(text, "Call-ID"));
    this.#end("watch", wasThere, "NOTIFY after the end");
  }

  #published(text) {
    this.counts.publishes++;
    const expires = headerOf(text, "Expires") || "3600";
    this.#agent.answer(
      text,
      200,
      `SIP-ETag: ${this.#agent.fresh()}\r\nExpires: ${expires}\r\n`,
      "p",
    );
  }
}
