/** Damaged SUBSCRIBE, PUBLISH and answers to NOTIFY: nothing breaks, nothing is sent that cannot be read. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Sent, TestEngine } from "../../support/engine.ts";
import { isNotify, replyText, Watcher } from "../../support/watcher.ts";
import { NotifierEngine } from "../reginfo/harness.ts";
import { ALICE, PresenceServer, published } from "./harness.ts";

/** Pieces that do harm in the wrong place. */
const pieces = fc.constantFrom(
  "",
  "\r\n",
  "\r\n ",
  "\0",
  "<",
  ">",
  '"',
  ";",
  ",",
  "%",
  "*",
  "99999999999999999999",
  "-1",
  "&x;",
  "]]>",
  ";tag=x",
  "Contact: <sip:x@10.9.9.9>\r\n",
  "Event: reg;id=\r\n",
  "Expires: 0\r\n",
  "Require: x\r\n",
  "\xff\xfe",
);

/** Some cuts and insertions: where (from 0 to 1), how much is cut, what is put there. */
const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), pieces), {
  minLength: 1,
  maxLength: 4,
});

function damaged(text: string, places: readonly (readonly [number, number, string])[]): string {
  let result = text;
  for (const [where, cut, piece] of places) {
    const at = Math.floor(where * result.length);
    result = result.slice(0, at) + piece + result.slice(at + cut);
  }
  return result;
}

function expectSound(net: TestEngine, sent: readonly Sent[]): void {
  // Reading a message throws when it cannot be read.
  for (const one of sent) expect(one.message.headerProblem).toBeUndefined();
  const faults = net.log.lines.filter(
    (line) => line.origin !== "script" && line.level < 0 && !line.text.includes("not understood"),
  );
  expect(faults).toEqual([]);
}

describe("the presence server", () => {
  it("survives damaged requests", async () => {
    const server = await PresenceServer.start();
    const { net } = server;
    let serial = 0;
    await fc.assert(
      fc.asyncProperty(damage, fc.boolean(), async (places, isPublish) => {
        const watcher = new Watcher(net, ALICE, "sip:w@example.test", "10.0.2.1:5060");
        const body = published(["c1 sip:a@10.0.0.1 registered 500"]);
        const publish =
          `PUBLISH ${ALICE} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.2.1:5060;branch=z9hG4bKh${++serial}\r\n` +
          `From: <${ALICE}>;tag=p\r\nTo: <${ALICE}>\r\nCall-ID: h${serial}\r\nCSeq: 1 PUBLISH\r\n` +
          `Event: reg\r\nExpires: 60\r\nContent-Type: application/reginfo+xml\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body}`;
        const text = damaged(isPublish ? publish : watcher.request(), places);
        const sent = await net.send(text, watcher.address);
        expectSound(net, sent);
        for (const one of sent) {
          if (isNotify(one)) await net.send(replyText(one, 200), watcher.address);
        }
        net.take();
      }),
      { numRuns: 400, seed: 7 },
    );
    expect((await server.watcher().subscribe()).notifies).toHaveLength(1);
  });
});

describe("the notifier of registrations", () => {
  it("survives damaged requests and answers", async () => {
    const engine = await NotifierEngine.start({ "reginfo.policy": "any" });
    const { net } = engine;
    const healthy = engine.watcher();
    await healthy.subscribe({ expires: 3000 });
    await fc.assert(
      fc.asyncProperty(damage, fc.boolean(), async (places, isAnswer) => {
        const watcher = new Watcher(net, ALICE, ALICE, "10.0.2.1:5060");
        const request = watcher.request();
        const sent = await net.send(isAnswer ? request : damaged(request, places), watcher.address);
        expectSound(net, sent);
        for (const one of sent) {
          if (!isNotify(one)) continue;
          const answer = replyText(one, 503, "Retry-After: 5\r\n");
          expectSound(net, await net.send(damaged(answer, places), watcher.address));
          await net.send(replyText(one, 481), watcher.address);
        }
        net.take();
      }),
      { numRuns: 400, seed: 8 },
    );
    expect(await engine.told(healthy, "<sip:a@10.0.0.1>")).toHaveLength(1);
  });
});
