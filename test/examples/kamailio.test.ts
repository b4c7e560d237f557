/** examples/kamailio.cfg: nothing to be said against it, and it does what its head promises. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkText } from "../../src/modules/check-text.ts";
import { type Sent, type TestEngine, sip, testEngine } from "../support/engine.ts";
import { find, reply, summary } from "../modules/tm/messages.ts";

const configPath = resolve(import.meta.dirname, "../../examples/kamailio.cfg");
const alice = "10.0.0.1:5060";
const bob = "10.0.0.2:5060";
const presence = "127.0.0.1:5080";

let engine: TestEngine;
let folder = "";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "olelo-example-"));
  engine = await testEngine(undefined, {
    configPath,
    listen: ["udp:10.0.0.100:5060"],
    runDirectory: folder,
  });
});

afterEach(async () => {
  // Publications are withdrawn at the stop; nobody answers.
  const stopped = engine.stop();
  await engine.advance(60_000);
  await stopped;
  rmSync(folder, { recursive: true });
});

interface Parts {
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly callId?: string;
  readonly cseq?: number;
  /** Where it is sent from, and the host of its Via. */
  readonly at?: string;
  readonly more?: string;
}

function message(method: string, parts: Parts): string {
  const at = parts.at ?? alice;
  const id = parts.callId ?? `${method}-${parts.from}`;
  return sip`
    ${method} ${parts.uri} SIP/2.0
    Via: SIP/2.0/UDP ${at};branch=z9hG4bK${id}${parts.cseq ?? 1}
    Max-Forwards: 70
    From: <sip:${parts.from}@example.com>;tag=f1
    To: ${parts.to}
    Call-ID: ${id}
    CSeq: ${parts.cseq ?? 1} ${method}
    Contact: <sip:${parts.from}@${at}>
    ${parts.more ?? "User-Agent: test"}
    Content-Length: 0
  `;
}

function register(user: string, at: string): Promise<Sent[]> {
  const parts = { uri: "sip:example.com", from: user, to: `<sip:${user}@example.com>`, at };
  return engine.send(message("REGISTER", { ...parts, more: "Expires: 600" }), at);
}

const invite = (user: string, more?: string): string =>
  message("INVITE", {
    uri: `sip:${user}@example.com`,
    from: "alice",
    to: `<sip:${user}@example.com>`,
    ...(more === undefined ? {} : { more }),
  });

describe("examples/kamailio.cfg", () => {
  it("is clean", () => {
    const text = readFileSync(configPath, "utf8");
    const found = checkText(text, { name: "kamailio.cfg" }).map((one) => one.message);
    expect(found).toEqual([]);
    expect(engine.engine.diagnostics.filter((one) => one.severity !== "info")).toEqual([]);
  });

  it("registers a phone and publishes its registration", async () => {
    const sent = await register("bob", bob);
    expect(find(sent, `${bob} 200`).header("Contact")).toContain("<sip:bob@10.0.0.2:5060>");
    const publish = find([...sent, ...(await engine.advance(1000))], `${presence} PUBLISH`);
    expect(publish.line).toBe("PUBLISH sip:bob@example.com SIP/2.0");
    expect(publish.header("Event")).toBe("reg");
    expect(publish.header("Content-Type")).toBe("application/reginfo+xml");
    expect(publish.body).toContain("sip:bob@10.0.0.2:5060");
    expect(publish.body).toContain('state="active"');
  });

  it("carries a call from one phone to the other, and its BYE back along the route", async () => {
    await register("bob", bob);
    const out = find(await engine.send(invite("bob")), `${bob} INVITE`);
    expect(out.line).toBe("INVITE sip:bob@10.0.0.2:5060 SIP/2.0");
    const back = await engine.send(reply(out, 200, "Contact: <sip:bob@10.0.0.2:5060>\r\n"), bob);
    expect(summary(back)).toEqual([`${alice} 200`]);
    const routes = out.headers("Record-Route");
    expect(routes).toHaveLength(1);
    const bye = message("BYE", {
      uri: "sip:bob@10.0.0.2:5060",
      from: "alice",
      to: "<sip:bob@example.com>;tag=t200",
      callId: "INVITE-alice",
      cseq: 2,
      more: `Route: ${routes[0] ?? ""}`,
    });
    expect(find(await engine.send(bye), `${bob} BYE`).headers("Route")).toEqual([]);
  });

  it("cancels a call that rings", async () => {
    await register("bob", bob);
    const out = find(await engine.send(invite("bob")), `${bob} INVITE`);
    await engine.send(reply(out, 180), bob);
    const cancel = invite("bob")
      .replaceAll("INVITE sip", "CANCEL sip")
      .replace("1 INVITE", "1 CANCEL");
    const sent = [...(await engine.send(cancel)), ...(await engine.advance(100))];
    expect(summary(sent)).toEqual(expect.arrayContaining([`${alice} 200`, `${bob} CANCEL`]));
    const ended = await engine.send(reply(out, 487), bob);
    expect(summary(ended)).toEqual(expect.arrayContaining([`${alice} 487`, `${bob} ACK`]));
  });

  it("says that nobody answers when a phone does not", async () => {
    await register("bob", bob);
    await engine.send(invite("bob"));
    const late = await engine.advance(11_000);
    expect(late.map((one) => one.line)).toContain("SIP/2.0 480 Nobody Answers");
  });

  it("answers 404 for who is not here, and watches them for a user of ours", async () => {
    expect(summary(await engine.send(invite("carol")))).toEqual([`${alice} 404`]);
    await register("alice", alice);
    engine.take();
    const again = invite("carol")
      .replace("Call-ID: INVITE", "Call-ID: again")
      .replace("z9hG4bK", "z9hG4bKx");
    const sent = [...(await engine.send(again)), ...(await engine.advance(1000))];
    expect(summary(sent)).toContain(`${alice} 404`);
    const subscribe = find(sent, `${presence} SUBSCRIBE`);
    expect(subscribe.line).toBe("SUBSCRIBE sip:carol@example.com SIP/2.0");
    expect(subscribe.header("Event")).toBe("reg");
  });

  it("answers 481 to a NOTIFY that nobody asked for", async () => {
    const notify = message("NOTIFY", {
      uri: "sip:registrar@10.0.0.100",
      from: "bob",
      to: "<sip:registrar@127.0.0.1:5060>;tag=none",
      more: "Event: reg\r\nSubscription-State: active;expires=600\r\nContent-Type: application/reginfo+xml",
    });
    const body =
      '<?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="full"/>';
    const text = notify.replace("Content-Length: 0", `Content-Length: ${body.length}`) + body;
    const [sent] = await engine.send(text, presence);
    expect(sent?.line).toBe("SIP/2.0 481 Subscription Does Not Exist");
  });

  it("is alive, and refuses requests that go in circles", async () => {
    const options = (more: string): string =>
      message("OPTIONS", { uri: "sip:example.com", from: "alice", to: "<sip:example.com>", more });
    expect((await engine.send(options("User-Agent: x")))[0]?.line).toBe("SIP/2.0 200 Alive");
    const tired = options("User-Agent: x").replace("Max-Forwards: 70", "Max-Forwards: 0");
    expect((await engine.send(tired))[0]?.line).toBe("SIP/2.0 483 Too Many Hops");
  });
});
