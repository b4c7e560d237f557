/** Two worker processes on one port: calls of many users, each dealt with by one of them; one that is killed comes back. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { control, eventually } from "./support/commands.ts";
import { header, Peer, type Received } from "./support/peer.ts";
import { type Server, startOlelo } from "./support/servers.ts";

/** Calls that are begun together. */
const AT_ONCE = 10;
const users = Array.from({ length: 60 }, (_, i) => `user${i}`);

const config = `
listen=udp:127.0.0.1:PORT
workers=2
debug=1
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "kex.so"
loadmodule "ctl.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
request_route {
  if (is_method("OPTIONS") && $rU == $null) {
    sl_send_reply("200", "Alive");
    exit;
  }
  if (is_method("REGISTER")) {
    save("location");
    exit;
  }
  if (has_totag()) {
    if (!loose_route() && is_method("ACK")) {
      t_check_trans();
      exit;
    }
    t_relay();
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  t_check_trans();
  record_route();
  # Another user's contact: it may be the other worker's.
  if ($rU =~ "^alias-") $rU = $(rU{s.substr,6,0});
  if (!lookup("location")) {
    t_newtran();
    t_reply("404", "Not Found");
    exit;
  }
  t_relay();
}
`;

let server: Server;
let phones: Peer;
let caller: Peer;
/** INVITEs that the phones got, by Call-ID. */
const invites = new Map<string, number>();

beforeAll(async () => {
  server = await startOlelo(config);
  await server.logged(/ 0\(\d+\) .*ready: /);
  phones = await Peer.open("phones");
  caller = await Peer.open("caller");
  phones.onArrival((packet) => answer(packet));
});
afterAll(async () => {
  phones.close();
  caller.close();
  await server.stop();
});

/** Calls whose Call-ID starts with `busy` ring until they are cancelled. */
function answer(packet: Received): void {
  const [method = ""] = packet.text.split(" ", 1);
  const callId = header(packet.text, "Call-ID");
  if (method === "INVITE") {
    invites.set(callId, (invites.get(callId) ?? 0) + 1);
    phones.reply(packet, 180, { tag: "phone" });
    if (!callId.startsWith("busy")) phones.reply(packet, 200, { tag: "phone" });
  } else if (method === "CANCEL") {
    phones.reply(packet, 200, { tag: "phone" });
    const invite = phones.received.find(
      ({ text }) => text.startsWith("INVITE ") && header(text, "Call-ID") === callId,
    );
    if (invite !== undefined) phones.reply(invite, 487, { tag: "phone" });
  } else if (method === "BYE") phones.reply(packet, 200, { tag: "phone" });
}

function request(method: string, user: string, callId: string, more = ""): string {
  const uri = method === "REGISTER" ? "sip:example.com" : `sip:${user}@example.com`;
  return (
    `${method} ${uri} SIP/2.0\r\n` +
    `Via: SIP/2.0/UDP 127.0.0.1:${caller.port};branch=z9hG4bK-${callId}\r\n` +
    `From: <sip:caller@example.com>;tag=f\r\nTo: <sip:${user}@example.com>\r\n` +
    `Call-ID: ${callId}\r\nCSeq: 1 ${method}\r\nMax-Forwards: 70\r\n` +
    `Contact: <sip:${user}@127.0.0.1:${phones.port}>\r\n${more}Content-Length: 0\r\n\r\n`
  );
}

/** How often each final reply came for each call. */
function finals(prefix: string): string[] {
  const seen: string[] = [];
  for (const { text } of caller.received) {
    const status = text.slice(8, 11);
    const callId = header(text, "Call-ID");
    if (status >= "200" && callId.startsWith(prefix)) {
      seen.push(`${callId} ${status} ${header(text, "CSeq")}`);
    }
  }
  return seen.sort();
}

async function registerAll(prefix: string): Promise<void> {
  for (const user of users)
    caller.send(request("REGISTER", user, `${prefix}-${user}`), server.port);
  for (const user of users) {
    await came((text) => header(text, "Call-ID") === `${prefix}-${user}`);
  }
}

/** Waits for a packet at the caller, in whatever order they come. */
async function came(fits: (text: string) => boolean): Promise<string> {
  const find = (): string => caller.received.find(({ text }) => fits(text))?.text ?? "";
  return eventually(
    async () => find(),
    (text) => text !== "",
  );
}

function pidOf(worker: number): number {
  const all = [...server.log().matchAll(new RegExp(` ${worker}\\((\\d+)\\) .*ready: `, "g"))];
  return Number(all.at(-1)?.[1]);
}

describe("two workers", () => {
  it("keep all registrations, and show them together", async () => {
    await registerAll("reg");
    expect(finals("reg-")).toEqual(users.map((user) => `reg-${user} 200 1 REGISTER`).sort());
    const dump = await control(server, "ul.dump", "brief");
    expect([...dump.matchAll(/AoR: (\w+)/g)].map(([, aor]) => aor).sort()).toEqual(
      users.toSorted(),
    );
    expect(await control(server, "stats.get_statistics", "usrloc:registered_users")).toContain(
      `registered_users = ${users.length}`,
    );
    for (const user of ["user3", "user4", "user5", "user6"]) {
      expect(await control(server, "ul.lookup", "location", user)).toContain(
        `sip:${user}@127.0.0.1`,
      );
    }
  });

  it("relay calls, answer each once, and find contacts of each other", async () => {
    const targets = users.map((user, i) => (i % 2 === 0 ? user : `alias-${user}`));
    for (const [i, target] of targets.entries()) {
      // No more at once than a socket has room for: what is lost at the caller would not come again.
      if (i % AT_ONCE === 0) {
        for (const [k, other] of targets.slice(i, i + AT_ONCE).entries()) {
          const text = request("INVITE", other, `call-${i + k}`);
          caller.send(text, server.port);
          caller.send(text, server.port);
        }
      }
      const ok = await came(
        (text) => text.startsWith("SIP/2.0 200") && header(text, "Call-ID") === `call-${i}`,
      );
      const route = header(ok, "Record-Route");
      const user = users[i] ?? "";
      const inDialog = (method: string, cseq: number): string =>
        `${method} sip:${user}@127.0.0.1:${phones.port} SIP/2.0\r\n` +
        `Via: SIP/2.0/UDP 127.0.0.1:${caller.port};branch=z9hG4bK-${method}-${i}\r\n` +
        `Route: ${route}\r\nFrom: <sip:caller@example.com>;tag=f\r\n` +
        `To: <sip:${target}@example.com>;tag=phone\r\nCall-ID: call-${i}\r\n` +
        `CSeq: ${cseq} ${method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n`;
      caller.send(inDialog("ACK", 1), server.port);
      caller.send(inDialog("BYE", 2), server.port);
      await came(
        (text) => header(text, "Call-ID") === `call-${i}` && header(text, "CSeq") === "2 BYE",
      );
    }
    const expected = users.flatMap((_, i) => [`call-${i} 200 1 INVITE`, `call-${i} 200 2 BYE`]);
    // The phone's 200 may have been sent on again for the second INVITE.
    expect([...new Set(finals("call-"))]).toEqual(expected.sort());
    expect([...invites.values()].every((count) => count === 1)).toBe(true);
    expect(invites.size).toBe(users.length);
  });

  it("cancel calls", async () => {
    const cancelled = users.slice(0, 3 * AT_ONCE);
    for (const user of cancelled) caller.send(request("INVITE", user, `busy-${user}`), server.port);
    for (const user of cancelled) {
      await came(
        (text) => text.startsWith("SIP/2.0 180") && header(text, "Call-ID") === `busy-${user}`,
      );
      caller.send(request("CANCEL", user, `busy-${user}`), server.port);
    }
    for (const user of cancelled) {
      const ended = await came(
        (text) => text.startsWith("SIP/2.0 487") && header(text, "Call-ID") === `busy-${user}`,
      );
      const to = header(ended, "To");
      const ack = request("ACK", user, `busy-${user}`).replace(/To: .*\r\n/, `To: ${to}\r\n`);
      caller.send(ack, server.port);
    }
    const expected = cancelled.flatMap((user) => [
      `busy-${user} 200 1 CANCEL`,
      `busy-${user} 487 1 INVITE`,
    ]);
    expect(finals("busy-")).toEqual(expected.sort());
    expect(await control(server, "stats.get_statistics", "workers:dropped")).toContain(
      "dropped = 0",
    );
    // Acknowledged: no transaction repeats its 487.
    await eventually(
      () => control(server, "tm.stats"),
      (stats) => /current: (\d+)/.exec(stats)?.[1] === /waiting: (\d+)/.exec(stats)?.[1],
    );
  });

  it("one that is killed is started again, and the server goes on", async () => {
    const before = pidOf(1);
    process.kill(before, "SIGKILL");
    await server.logged(/worker 1 was started again/);
    await eventually(
      async () => String(pidOf(1)),
      (pid) => pid !== String(before),
    );
    await registerAll("again");
    expect(finals("again-")).toHaveLength(users.length);
    const dump = await control(server, "ul.dump", "brief");
    expect([...dump.matchAll(/AoR: /g)]).toHaveLength(users.length);
  });

  it("stop together", async () => {
    const pids = [pidOf(0), pidOf(1)];
    expect(await server.stop()).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("the others end when the first one is killed", async () => {
    const doomed = await startOlelo(config);
    await doomed.logged(/ 0\(\d+\) .*ready: /);
    const log = doomed.log();
    const [first = 0, second = 0] = [0, 1].map((worker) =>
      Number(new RegExp(` ${worker}\\((\\d+)\\)`).exec(log)?.[1]),
    );
    process.kill(first, "SIGKILL");
    await eventually(
      async () => {
        try {
          process.kill(second, 0);
          return "there";
        } catch {
          return "gone";
        }
      },
      (state) => state === "gone",
    );
    await doomed.stop("SIGKILL");
  });
});
