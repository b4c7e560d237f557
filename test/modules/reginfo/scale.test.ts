/** A whole domain followed by another server: how many messages it takes, how large they are, how long with losses. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UsrlocApi } from "../../../src/modules/usrloc/spec.ts";
import type { MemoryNode } from "../../../src/runtime/memory-network.ts";
import { unpackBody } from "../../../src/runtime/body-coding.ts";
import { seededRandom } from "../../support/engine.ts";
import { Site, type SiteEngine } from "../../support/site.ts";
import { documentOf } from "../../support/watcher.ts";
import { params } from "../registrar/harness.ts";

const USERS = 2000;
const LOSS = 0.1;

const modules = ["tm", "sl", "pv", "textops", "usrloc", "registrar"];

function config(port: number, own: readonly string[], settings: string, routes: string): string {
  const load = [...modules, ...own].map((name) => `loadmodule "${name}.so"\n`).join("");
  return `listen=udp:127.0.0.1:${port}\nalias="example.com"\n${load}${settings}request_route {\n${routes}\n}\n`;
}

const source = (settings: Record<string, string | number>): string =>
  config(
    5060,
    ["reginfo"],
    params({ "reginfo.domain_resource": "all", "reginfo.extension": 2, ...settings }),
    `if (method == "REGISTER") { save("location"); exit; }
     if (method == "SUBSCRIBE") { reginfo_allow_watcher(); reginfo_handle_subscribe("location"); exit; }`,
  );

const mirror = config(
  5070,
  ["pua", "pua_reginfo"],
  params({
    "pua_reginfo.publish_reginfo": 0,
    "pua_reginfo.server_address": "sip:mirror@127.0.0.1:5070",
    "pua_reginfo.outbound_proxy": "sip:127.0.0.1:5060",
  }),
  `if (method == "MESSAGE") { reginfo_subscribe("$ru", "3600"); sl_send_reply("200", "OK"); }
   if (method == "NOTIFY") {
     if (reginfo_handle_notify("location")) sl_send_reply("200", "OK");
     else sl_send_reply("$reginfo(status)", "$reginfo(reason)");
   }`,
);

let site: Site;
let phone: MemoryNode;
let serial = 0;

beforeEach(() => {
  site = new Site();
  phone = site.node("10.0.0.1", 5060);
});

afterEach(() => site.stopAll());

function request(method: string, uri: string, user: string, headers: string): string {
  const id = ++serial;
  return (
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK${id}\r\n` +
    `From: <${user}>;tag=f\r\nTo: <${user}>\r\nCall-ID: call-of-some-phone-${id}@10.0.0.1\r\n` +
    `CSeq: 1 ${method}\r\n${headers}Content-Length: 0\r\n\r\n`
  );
}

function register(user: number, expires = 3600): void {
  const contact =
    `<sip:u${user}@10.1.${user >> 8}.${user & 255}>;expires=${expires};reg-id=1;` +
    `+sip.instance="<urn:uuid:00000000-0000-1000-8000-${user}>"`;
  const headers = `User-Agent: Phone 1.0\r\nContact: ${contact}\r\n`;
  const aor = `sip:u${user}@example.com`;
  phone.send(request("REGISTER", "sip:example.com", aor, headers), "127.0.0.1", 5060);
}

function follow(): void {
  const text = request("MESSAGE", "sip:all@example.com", "sip:x@example.com", "");
  phone.send(text, "127.0.0.1", 5070);
}

function contacts(member: SiteEngine): number {
  const location = member.engine.services.api("usrloc") as UsrlocApi;
  return location.table("location").contacts;
}

/** NOTIFYs among what was sent since: different ones, all, and the longest. */
function notifies(since: number): { different: number; sent: number; longest: number } {
  const texts = site.network.packets
    .slice(since)
    .map(({ text }) => text)
    .filter((text) => text.startsWith("NOTIFY"));
  const numbers = new Set(texts.map((text) => /^CSeq: .*$/m.exec(text)?.[0]));
  const bodies = texts.map((text) => text.length - text.indexOf("\r\n\r\n") - 4);
  return { different: numbers.size, sent: texts.length, longest: Math.max(...bodies, 0) };
}

/** Lets time pass until it holds; the milliseconds. */
async function until(holds: () => boolean): Promise<number> {
  const start = site.clock.now();
  while (!holds()) {
    if (site.clock.now() - start > 60_000) throw new Error("it takes too long");
    await site.clock.advance(5);
  }
  return site.clock.now() - start;
}

async function startBoth(settings: Record<string, string | number> = {}) {
  const a = await site.start({ configText: source(settings), configName: "a.cfg" });
  const b = await site.start({ configText: mirror, configName: "b.cfg" });
  for (let user = 0; user < USERS; user++) register(user);
  await site.settle();
  site.network.delayMs = () => 1;
  return { a, b };
}

function loseSome(): void {
  const random = seededRandom(7);
  site.network.drop = () => random(4).readUInt32LE() / 2 ** 32 < LOSS;
}

describe("a domain that is followed", () => {
  it("is told in packed documents, a full one and then partial ones", async () => {
    const { a, b } = await startBoth();
    expect([contacts(a), contacts(b)]).toEqual([USERS, 0]);
    const since = site.network.packets.length;
    follow();
    await until(() => contacts(b) === USERS);
    const { different, sent, longest } = notifies(since);
    expect(sent).toBe(different);
    expect(longest).toBeLessThan(8000);
    // About 500 bytes for each user before they are packed.
    expect(different).toBeLessThan((USERS * 600) / 48_000);
    const documents = site.network.packets
      .slice(since)
      .filter(({ text }) => text.startsWith("NOTIFY"))
      .map(({ text }) => {
        expect(text).toMatch(/^Content-Encoding: gzip\r$/m);
        const unpacked = unpackBody(text.slice(text.indexOf("\r\n\r\n") + 4), 48_000);
        if (!unpacked.ok) throw new Error(unpacked.problem);
        return unpacked.body;
      });
    expect(documents.map((body) => documentOf({ body } as never).isFull)).toEqual(
      documents.map((_body, index) => index === 0),
    );
    expect(documents.map((body) => body.includes(' x:more="1"'))).toEqual(
      documents.map((_body, index) => index < documents.length - 1),
    );
  });

  it("is told in documents that fit into datagrams to those who cannot unpack", async () => {
    const a = await site.start({ configText: source({}), configName: "a.cfg" });
    for (let user = 0; user < 100; user++) register(user);
    await site.settle();
    const since = site.network.packets.length;
    const all = "sip:all@example.com";
    const headers =
      "Event: reg\r\nContact: <sip:w@10.0.0.1>\r\nAccept-Encoding: gzip;q=0, identity\r\n";
    const text = request("SUBSCRIBE", all, all, headers);
    phone.send(text, "127.0.0.1", 5060);
    await site.settle();
    expect(contacts(a)).toBe(100);
    const { longest } = notifies(since);
    expect(longest).toBeLessThan(16_000);
    expect(longest).toBeGreaterThan(12_000);
  });

  it("arrives with losses, too: what is lost is repeated soon", async () => {
    const { b } = await startBoth();
    loseSome();
    const since = site.network.packets.length;
    follow();
    const quick = await until(() => contacts(b) === USERS);
    const { different, sent } = notifies(since);
    expect(sent).toBeGreaterThan(different + 2);
    expect(quick).toBeLessThan(1200);
  });

  it("waits as long as tm does when it is told to", async () => {
    const { b } = await startBoth({ "reginfo.domain_repeat": 0 });
    loseSome();
    follow();
    expect(await until(() => contacts(b) === USERS)).toBeGreaterThan(2000);
  });

  it("takes few NOTIFYs for many changes, and each change is there soon", async () => {
    const { a, b } = await startBoth({ "reginfo.notify_interval": 1 });
    follow();
    await until(() => contacts(b) === USERS);
    loseSome();
    const since = site.network.packets.length;
    const changes = 1000;
    for (let i = 0; i < changes; i++) {
      register((i * 7919) % USERS, i % 3 === 0 ? 0 : 3600);
      await site.clock.advance(5);
    }
    site.network.drop = () => false;
    expect(await until(() => contacts(a) === contacts(b))).toBeLessThan(2000);
    const { different } = notifies(since);
    expect(different / changes).toBeLessThan(0.1);
  });
});
