/** Following registrations with two workers: subscriptions live with their users, and documents about many reach all. */
import { afterEach, describe, expect, it } from "vitest";
import type { MemoryNode, MemoryPacket } from "../../../src/runtime/memory-network.ts";
import { parseMessage, type SipMessage } from "../../../src/sip/message.ts";
import { type SeveralWorkers, startWorkers, userOf } from "./several.ts";

const config = `
  loadmodule "tm.so"
  loadmodule "sl.so"
  loadmodule "pv.so"
  loadmodule "usrloc.so"
  loadmodule "registrar.so"
  loadmodule "textops.so"
  loadmodule "pua.so"
  loadmodule "pua_reginfo.so"
  modparam("usrloc", "preload", "location")
  modparam("pua_reginfo", "server_address", "sip:watcher@10.0.0.100:5060")
  modparam("pua_reginfo", "outbound_proxy", "sip:10.0.0.9:5060")
  modparam("pua_reginfo", "domain_resource", "all")
  modparam("pua_reginfo", "publish_reginfo", 0)
  request_route {
    if (is_method("NOTIFY")) {
      if (reginfo_handle_notify("location")) sl_send_reply("200", "code $rc");
      else sl_send_reply("$reginfo(status)", "$reginfo(reason)");
      exit;
    }
    if (reginfo_subscribe("$hdr(X-Who)", "$(hdr(X-Expires){s.int})")) sl_send_reply("200", "OK");
    else sl_send_reply("400", "No");
  }
`;

let workers: SeveralWorkers | undefined;
afterEach(async () => {
  await workers?.stop();
  workers = undefined;
});

function ask(who: string, expires = 600): string {
  return [
    "OPTIONS sip:ask@example.com SIP/2.0",
    `Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK-${who}-${expires}`,
    "From: <sip:a@example.com>;tag=f",
    "To: <sip:ask@example.com>",
    `Call-ID: ask-${who}`,
    "CSeq: 1 OPTIONS",
    `X-Who: ${who}`,
    `X-Expires: ${expires}`,
    "Content-Length: 0",
    "\r\n",
  ].join("\r\n");
}

function parse(packet: MemoryPacket | undefined): SipMessage {
  const read = parseMessage(packet?.text ?? "");
  if (!read.ok) throw new Error(`nothing to read: ${read.problem}`);
  return read.message;
}

/** A reply of the notifier, and a NOTIFY in the dialog of a SUBSCRIBE. */
function accept(subscribe: SipMessage): string {
  const line = (name: string): string =>
    `${name}: ${subscribe.headerValue(subscribe.findName(name))}`;
  const lines = ["SIP/2.0 200 OK", line("Via"), line("From"), `${line("To")};tag=notifier`];
  lines.push(line("Call-ID"), line("CSeq"), "Contact: <sip:10.0.0.9:5060>", "Expires: 600");
  return [...lines, "Content-Length: 0", "\r\n"].join("\r\n");
}

function notify(subscribe: SipMessage, cseq: number, body: string): string {
  return [
    "NOTIFY sip:watcher@10.0.0.100:5060 SIP/2.0",
    `Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK-n${cseq}`,
    `From: <${subscribe.requestUri}>;tag=notifier`,
    `To: <sip:watcher@10.0.0.100:5060>;tag=${subscribe.fromTag}`,
    `Call-ID: ${subscribe.callId}`,
    `CSeq: ${cseq} NOTIFY`,
    "Max-Forwards: 70",
    "Event: reg",
    "Subscription-State: active;expires=600",
    "Contact: <sip:10.0.0.9:5060>",
    "Content-Type: application/reginfo+xml",
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

function document(users: readonly string[], version = 0): string {
  const registrations = users.map(
    (user) =>
      `<registration aor="sip:${user}@example.com" id="r-${user}" state="active">` +
      `<contact id="c-${user}" state="active" event="registered" expires="600">` +
      `<uri>sip:${user}@10.0.0.7:5060</uri></contact></registration>`,
  );
  return (
    '<?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:reginfo" ' +
    `version="${version}" state="full">${registrations.join("")}</reginfo>`
  );
}

function contacts({ engines }: SeveralWorkers): (number | undefined)[] {
  return engines.map((engine) => engine.services.statistics.read("usrloc", "location_contacts"));
}

/** Subscribes through worker 0; the SUBSCRIBE that the notifier got. */
async function subscribed(who: string): Promise<{ notifier: MemoryNode; subscribe: SipMessage }> {
  workers = await startWorkers(config);
  const { peer, send } = workers;
  const phone = peer(1);
  const notifier = peer(9);
  await send(0, phone, ask(who));
  expect(phone.packets.at(-1)?.text).toContain("SIP/2.0 200 OK");
  const subscribe = parse(notifier.packets[0]);
  expect(subscribe.method).toBe("SUBSCRIBE");
  await send(0, notifier, accept(subscribe));
  return { notifier, subscribe };
}

describe("with two workers", () => {
  it.each([0, 1])("a subscription lives in the worker of its user (%i)", async (owner) => {
    const user = userOf(owner);
    const { notifier, subscribe } = await subscribed(`sip:${user}@example.com`);
    const group = workers as SeveralWorkers;
    expect(subscribe.via?.branch).toContain(`z9hG4bKw0${owner}`);
    expect(subscribe.fromTag).toMatch(new RegExp(`-${owner}-`));
    for (const got of [0, 1]) {
      await group.send(got, notifier, notify(subscribe, 1 + got, document([user])));
      expect(notifier.packets.at(-1)?.text).toContain("SIP/2.0 200 code 1");
    }
    const expected = [0, 0];
    expected[owner] = 1;
    expect(contacts(group)).toEqual(expected);
  });

  it("a document about a whole domain reaches the owners of all its users", async () => {
    const { notifier, subscribe } = await subscribed("sip:all@example.com");
    const group = workers as SeveralWorkers;
    const users = [userOf(0), userOf(1)];
    await group.send(0, notifier, notify(subscribe, 1, document(users)));
    expect(notifier.packets.at(-1)?.text).toContain("SIP/2.0 200 code 1");
    expect(contacts(group)).toEqual([1, 1]);
    await group.send(0, notifier, notify(subscribe, 2, document([userOf(0)], 1)));
    expect(contacts(group)).toEqual([1, 0]);
    await group.send(1, notifier, notify(subscribe, 3, document(users, 2)));
    expect(contacts(group)).toEqual([1, 1]);
    await group.send(0, group.peer(2), ask("sip:all@example.com", 0));
    await group.clock.advance(64_000);
    await group.settle();
    expect(contacts(group)).toEqual([0, 0]);
  });
});
