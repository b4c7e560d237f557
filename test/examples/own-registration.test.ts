/** examples/own-registration: a phone hears what the operator does to its registration. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestEngine, testEngine } from "../support/engine.ts";
import { documentOf, summary, Watcher } from "../support/watcher.ts";

const ALICE = "sip:alice@example.com";

let net: TestEngine;
let folder = "";
let watcher: Watcher;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "olelo-own-"));
  net = await testEngine(undefined, {
    configPath: resolve(import.meta.dirname, "../../examples/own-registration/kamailio.cfg"),
    listen: ["udp:10.0.0.100:5060"],
    runDirectory: folder,
  });
  watcher = new Watcher(net, ALICE);
});

afterEach(async () => {
  const stopped = net.stop();
  await net.advance(60_000);
  await stopped;
  rmSync(folder, { recursive: true });
});

let cseq = 0;

async function register(): Promise<void> {
  const sent = await net.send(
    `REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKr${++cseq}\r\n` +
      `From: <${ALICE}>;tag=f\r\nTo: <${ALICE}>\r\nCall-ID: r\r\nCSeq: ${cseq} REGISTER\r\n` +
      `Contact: <sip:alice@10.0.0.1>\r\nContent-Length: 0\r\n\r\n`,
  );
  expect(sent.map((one) => one.line)).toContain("SIP/2.0 200 OK");
  await watcher.take(sent);
}

/** What the operator's command makes the phone hear; changes come at most every five seconds. */
async function heard(command: string, ...params: (string | number)[]): Promise<string[][]> {
  await watcher.wait(6000);
  await net.rpc(command, "location", "alice", ...params);
  const notifies = [...(await watcher.take(net.take())), ...(await watcher.wait(6000))];
  return notifies.map((one) => summary(one).slice(1));
}

describe("examples/own-registration", () => {
  it("is clean", () => {
    expect(net.engine.diagnostics.filter((one) => one.severity !== "info")).toEqual([]);
  });

  it("tells a phone its registration, and that it was removed", async () => {
    await register();
    const { reply, notifies } = await watcher.subscribe();
    expect(reply?.line).toBe("SIP/2.0 200 OK");
    expect(summary(notifies[0])).toEqual([
      "0 full",
      `${ALICE} active; registered sip:alice@10.0.0.1 600`,
    ]);
    expect(await heard("reginfo.deactivate")).toEqual([
      [`${ALICE} terminated; deactivated sip:alice@10.0.0.1 0`],
    ]);
    await register();
    expect(await heard("reginfo.reject")).toEqual([
      [`${ALICE} terminated; rejected sip:alice@10.0.0.1 0`],
    ]);
  });

  it("tells it when to come back, and that its time has been shortened", async () => {
    await register();
    await watcher.subscribe();
    const [shortened] = await heard("reginfo.shorten", 60);
    expect(shortened).toEqual([`${ALICE} active; shortened sip:alice@10.0.0.1 60`]);
    await heard("reginfo.probation", 300);
    const [contact] = documentOf(watcher.notifies.at(-1)).registrations[0]?.contacts ?? [];
    expect(contact).toMatchObject({ event: "probation", retryAfter: 300, isActive: false });
  });

  it("tells nobody about somebody else", async () => {
    const stranger = new Watcher(net, ALICE, "sip:eve@example.com");
    const { reply, notifies } = await stranger.subscribe();
    expect([reply?.message.statusCode, notifies.length]).toEqual([403, 0]);
    expect(net.script.join("\n")).toContain("sip:eve@example.com may not watch");
  });
});
