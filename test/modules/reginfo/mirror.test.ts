/** Another engine that follows this one: its table is the same after each change. */
import { describe, expect, it } from "vitest";
import type { UsrlocApi } from "../../../src/modules/usrloc/spec.ts";
import { type Sent, type TestEngine, testEngine } from "../../support/engine.ts";
import { NotifierEngine, type RegisterFields, type Settings } from "./harness.ts";

const NOTIFIER = "10.0.0.100:5060";
const MIRROR = "10.0.0.200:5060";

const mirrorConfig = `
listen=udp:10.0.0.200:5060
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "pua.so"
loadmodule "pua_reginfo.so"
modparam("pua_reginfo", "publish_reginfo", 0)
modparam("pua_reginfo", "server_address", "sip:mirror@10.0.0.200:5060")
modparam("pua_reginfo", "outbound_proxy", "sip:10.0.0.100:5060")
request_route {
  if (method == "MESSAGE") { reginfo_subscribe("$ru", "600"); sl_send_reply("200", "OK"); }
  if (method == "NOTIFY") {
    if (reginfo_handle_notify("location")) sl_send_reply("200", "OK");
    else sl_send_reply("$reginfo(status)", "$reginfo(reason)");
  }
}
`;

/** Two engines with a wire between them. */
class Pair {
  readonly source: NotifierEngine;
  readonly mirror: TestEngine;
  /** NOTIFYs that went over the wire. */
  notifies = 0;

  private constructor(source: NotifierEngine, mirror: TestEngine) {
    this.source = source;
    this.mirror = mirror;
  }

  static async start(resource: string, settings: Settings = {}): Promise<Pair> {
    const source = await NotifierEngine.start({ "reginfo.policy": "any", ...settings });
    const pair = new Pair(source, await testEngine(mirrorConfig));
    const sent = await pair.mirror.send(
      `MESSAGE ${resource} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKm\r\n` +
        `From: <sip:x@y>;tag=1\r\nTo: <${resource}>\r\nCall-ID: m\r\nCSeq: 1 MESSAGE\r\n\r\n`,
    );
    await pair.carry([], sent);
    return pair;
  }

  /** Carries packets to and fro until there are none. */
  async carry(fromSource: readonly Sent[], fromMirror: readonly Sent[] = []): Promise<void> {
    let there = fromSource.filter((one) => one.to === MIRROR);
    let back = fromMirror.filter((one) => one.to === NOTIFIER);
    while (there.length > 0 || back.length > 0) {
      const replies: Sent[] = [];
      for (const one of there) {
        if (one.line.startsWith("NOTIFY")) this.notifies++;
        replies.push(...(await this.mirror.send(one.text, NOTIFIER)));
      }
      const further: Sent[] = [];
      for (const one of back) further.push(...(await this.source.net.send(one.text, MIRROR)));
      there = further.filter((one) => one.to === MIRROR);
      back = replies.filter((one) => one.to === NOTIFIER);
    }
  }

  async register(contacts: string, fields: RegisterFields = {}): Promise<void> {
    await this.carry(await this.source.register(contacts, fields));
  }

  async advance(ms: number): Promise<void> {
    const sent = await this.source.net.advance(ms);
    await this.mirror.clock.advance(ms);
    await this.carry(sent, this.mirror.take());
  }

  /** Contacts in both tables. */
  tables(aor = "alice"): { source: string[]; mirror: string[] } {
    return { source: contacts(this.source.net, aor), mirror: contacts(this.mirror, aor) };
  }
}

function contacts(net: TestEngine, aor: string): string[] {
  const location = net.engine.services.api("usrloc") as UsrlocApi;
  const list: string[] = [];
  let contact = location.table("location").first(aor) ?? null;
  for (; contact !== null; contact = contact.next) {
    const { uri, q, expires, path, instance } = contact;
    list.push(`${uri} q=${q} until=${expires} path=${path} instance=${instance}`);
  }
  return list.sort();
}

describe("a mirror", () => {
  it("has what is registered here: at first, after changes, after the end", async () => {
    const pair = await Pair.start("sip:alice@example.test", { "reginfo.extension": 2 });
    const same = (count: number): void => {
      const { source, mirror } = pair.tables();
      expect(mirror).toEqual(source);
      expect(source).toHaveLength(count);
    };
    expect(pair.notifies).toBe(1);
    same(0);
    await pair.register('<sip:a@10.0.0.1>;q=0.5;+sip.instance="<urn:uuid:1>"');
    same(1);
    await pair.register("<sip:b@10.0.0.1;x=a&b>, <sip:c@10.0.0.1>");
    same(3);
    await pair.register("<sip:b@10.0.0.1;x=a&b>", { expires: 0 });
    same(2);
    await pair.register('<sip:a@10.0.0.9>;q=0.7;+sip.instance="<urn:uuid:1>"');
    same(2);
    await pair.source.net.rpc("ul.rm_contact", "location", "alice", "sip:c@10.0.0.1");
    await pair.carry(pair.source.net.take());
    same(1);
    await pair.register("*", { expires: 0 });
    same(0);
    // One NOTIFY for each change.
    expect(pair.notifies).toBe(7);
  });

  it("has what lasts on, and not what ran out", async () => {
    const pair = await Pair.start("sip:alice@example.test");
    await pair.register("<sip:a@10.0.0.1>", { expires: 100 });
    await pair.register("<sip:b@10.0.0.1>", { expires: 400 });
    await pair.advance(102_000);
    const { source, mirror } = pair.tables();
    expect(source).toHaveLength(1);
    expect(mirror).toEqual(source);
  });

  it("follows changes that were put together", async () => {
    const pair = await Pair.start("sip:alice@example.test", { "reginfo.notify_interval": 5 });
    for (let i = 0; i < 30; i++) {
      await pair.register(`<sip:c${i % 4}@10.0.0.1>`, { expires: i % 3 === 2 ? 0 : 600 });
    }
    await pair.advance(5200);
    expect(pair.notifies).toBe(2);
    const { source, mirror } = pair.tables();
    expect(source.length).toBeGreaterThan(0);
    expect(mirror).toEqual(source);
  });
});
