#!/usr/bin/env node
/**
 * The other side of a follower or publisher of registration state: a closed loop over UDP on loopback, and one line of JSON.
 *
 *   notify    lets the server follow as many users as the window is wide, and sends each of them one NOTIFY after the other
 *   register  registers users, one after the other, and answers the PUBLISH that each REGISTER brings, when `--publishes 1`
 */
import { createSocket } from "node:dgram";
import { parseArgs } from "node:util";
import { groupProcessorSeconds } from "./lib/processes.mjs";

const { values: given } = parseArgs({
  options: {
    mode: { type: "string", default: "notify" },
    server: { type: "string" },
    port: { type: "string" },
    group: { type: "string" },
    window: { type: "string", default: "32" },
    users: { type: "string", default: "5000" },
    contacts: { type: "string", default: "1" },
    seconds: { type: "string", default: "2" },
    warmup: { type: "string", default: "1" },
    publishes: { type: "string", default: "0" },
  },
});
const serverPort = Number(given.server);
const port = Number(given.port);
const window = Number(given.window);
const users = Number(given.users);
const publishes = given.publishes === "1";
const run = Date.now().toString(36);

const socket = createSocket("udp4");
socket.once("error", (error) => {
  console.error(`port ${port}: ${error.message}`);
  process.exit(1);
});
await new Promise((done) => socket.bind(port, "127.0.0.1", done));
socket.setRecvBufferSize(8 << 20);
const send = (text) => socket.send(Buffer.from(text, "latin1"), serverPort, "127.0.0.1");

const header = (text, name) => {
  const at = text.indexOf(`\r\n${name}: `);
  return at < 0 ? "" : text.slice(at + name.length + 4, text.indexOf("\r\n", at + 2));
};

/** Nothing new is begun any more. */
let isOver = false;
const counts = { done: 0, failed: 0, lost: 0, published: 0 };
/** By branch: what is on its way. */
const pending = new Map();
let serial = 0;

/** Sends a request; `finished` gets the status of its final answer. */
function request(text, finished) {
  const branch = `z9hG4bK${run}${++serial}`;
  const packet = text.replace("BRANCH", branch);
  pending.set(branch, { finished, packet, at: performance.now() });
  send(packet);
}

/** Packets may be lost on a busy machine: they are sent again, and counted. */
const retransmit = setInterval(() => {
  for (const one of pending.values()) {
    if (performance.now() - one.at < 500) continue;
    counts.lost++;
    one.at = performance.now();
    send(one.packet);
  }
}, 100);

socket.on("message", (bytes) => {
  const text = bytes.latin1Slice();
  if (text.startsWith("SIP/2.0 ")) {
    const status = Number(text.slice(8, 11));
    const branch = /branch=([^;\r,]+)/.exec(text)?.[1];
    const one = pending.get(branch);
    if (status < 200 || one === undefined) return;
    pending.delete(branch);
    one.finished(status);
    return;
  }
  if (text.startsWith("SUBSCRIBE ")) subscribed(text);
  else if (text.startsWith("PUBLISH ")) published(text);
});

/** A reply to a request of the server. */
function reply(text, extra) {
  const line = (name) => `${name}: ${header(text, name)}\r\n`;
  const to = header(text, "To");
  const tag = to.includes(";tag=") ? "" : ";tag=sink";
  send(
    `SIP/2.0 200 OK\r\n${line("Via")}${line("From")}To: ${to}${tag}\r\n${line("Call-ID")}${line("CSeq")}${extra}Content-Length: 0\r\n\r\n`,
  );
}

/** Dialogs of subscriptions, by user. */
const dialogs = new Map();

function subscribed(text) {
  reply(text, `Expires: 3600\r\nContact: <sip:notifier@127.0.0.1:${port}>\r\n`);
  const user = /<sip:([^@]+)@/.exec(header(text, "To"))[1];
  if (dialogs.has(user)) return;
  const dialog = { user, callId: header(text, "Call-ID"), to: header(text, "From"), cseq: 0 };
  dialogs.set(user, dialog);
  notify(dialog);
}

function documentOf(dialog) {
  const contacts = Array.from(
    { length: Number(given.contacts) },
    (_all, i) =>
      `    <contact id="0x7f7754ac${i}" state="active" event="refreshed" expires="${600 + (dialog.cseq % 60)}" q="0.700" ` +
      `callid="cid${i}-${dialog.user}@192.0.2.7" cseq="${dialog.cseq}" received="" path="" user_agent="Phone/1.0">\n` +
      `      <uri>sip:${dialog.user}@192.0.2.${i};transport=udp</uri>\n    </contact>\n`,
  );
  return (
    `<?xml version="1.0"?>\n<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="full">\n` +
    `  <registration aor="sip:${dialog.user}@example.com" id="0x7f7754ac87b8" state="active">\n${contacts.join("")}` +
    `  </registration>\n</reginfo>\n`
  );
}

function notify(dialog) {
  if (isOver) return;
  dialog.cseq++;
  const body = documentOf(dialog);
  request(
    `NOTIFY sip:reginfo@127.0.0.1:${serverPort} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${port};branch=BRANCH\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${dialog.user}@example.com>;tag=sink\r\nTo: ${dialog.to}\r\n` +
      `Call-ID: ${dialog.callId}\r\nCSeq: ${dialog.cseq} NOTIFY\r\nContact: <sip:notifier@127.0.0.1:${port}>\r\n` +
      `Event: reg\r\nSubscription-State: active;expires=3500\r\nContent-Type: application/reginfo+xml\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
    (status) => {
      finish(status);
      notify(dialog);
    },
  );
}

/** What a REGISTER still waits for, by user. */
const waiting = new Map();
let nextUser = 0;
const sequences = new Uint32Array(users);

function register() {
  if (isOver) return;
  const index = nextUser++ % users;
  const user = `u${index}`;
  const cseq = ++sequences[index];
  const open = { replied: false, told: !publishes };
  waiting.set(user, open);
  request(
    `REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${port};branch=BRANCH\r\nMax-Forwards: 70\r\n` +
      `From: <sip:${user}@example.com>;tag=f${run}${cseq}\r\nTo: <sip:${user}@example.com>\r\n` +
      `Call-ID: r${run}-${user}@127.0.0.1\r\nCSeq: ${cseq} REGISTER\r\n` +
      `Contact: <sip:${user}@127.0.0.1:${port}>;expires=3600\r\nUser-Agent: Phone/1.0\r\nContent-Length: 0\r\n\r\n`,
    (status) => {
      open.replied = true;
      counts.failed += status < 300 ? 0 : 1;
      settle(user, open);
    },
  );
}

function published(text) {
  reply(text, `Expires: 3600\r\nSIP-ETag: e${++serial}\r\n`);
  counts.published++;
  const user = /^PUBLISH sip:([^@]+)@/.exec(text)?.[1];
  const open = waiting.get(user);
  if (open === undefined) return;
  open.told = true;
  settle(user, open);
}

function settle(user, open) {
  if (!open.replied || !open.told || waiting.get(user) !== open) return;
  waiting.delete(user);
  counts.done++;
  register();
}

function finish(status) {
  counts.done++;
  if (status >= 300) counts.failed++;
}

/** A REGISTER whose PUBLISH never comes must not stop the loop. */
const abandoned = setInterval(() => {
  for (const [user, open] of waiting) {
    if (!open.replied || open.age !== undefined) {
      if (open.age !== undefined && open.replied) {
        counts.lost++;
        waiting.delete(user);
        register();
      }
      continue;
    }
    open.age = 1;
  }
}, 1000);

for (let i = 0; i < window; i++) {
  if (given.mode === "register") register();
  else {
    request(
      `MESSAGE sip:127.0.0.1:${serverPort} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${port};branch=BRANCH\r\nMax-Forwards: 70\r\n` +
        `From: <sip:t@example.com>;tag=t\r\nTo: <sip:t@example.com>\r\nCall-ID: t${run}-${i}\r\nCSeq: 1 MESSAGE\r\n` +
        `X-Sub: sip:n${run}${i}@example.com\r\nContent-Length: 0\r\n\r\n`,
      () => undefined,
    );
  }
}
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
await pause(Number(given.warmup));
const before = { ...counts };
const started = performance.now();
const used = groupProcessorSeconds(given.group);
await pause(Number(given.seconds));
const seconds = (performance.now() - started) / 1000;
const processor = groupProcessorSeconds(given.group) - used;
const done = counts.done - before.done;
console.log(
  JSON.stringify({
    done,
    per_second: done / seconds,
    cpu_us: done === 0 ? 0 : (processor * 1e6) / done,
    failed: counts.failed - before.failed,
    lost: counts.lost - before.lost,
    publish_per_register: done === 0 ? 0 : (counts.published - before.published) / done,
  }),
);
// What is left open would be sent again into the next measurement.
isOver = true;
for (let i = 0; i < 40 && pending.size + waiting.size > 0; i++) await pause(0.05);
clearInterval(retransmit);
clearInterval(abandoned);
socket.close();
process.exit(0);
