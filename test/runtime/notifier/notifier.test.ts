/** The registry of subscriptions: which are known when, also while their last NOTIFY is on its way. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import type { ScriptContext } from "../../../src/runtime/context.ts";
import { Notifier } from "../../../src/runtime/notifier/notifier.ts";
import type { NotifyRequest, WatchedPackage } from "../../../src/runtime/notifier/package.ts";
import { parseMessage, type SipMessage } from "../../../src/sip/message.ts";

function message(text: string): SipMessage {
  const read = parseMessage(text);
  if (!read.ok) throw new Error(read.problem);
  return read.message;
}

/** A notifier of a package whose document is always `state`, with what it sends. */
function makeNotifier() {
  const clock = new VirtualClock();
  const sent: NotifyRequest[] = [];
  const replies: number[] = [];
  const notifier = new Notifier(
    {
      minExpires: 0,
      raisesExpires: false,
      maxExpires: 0,
      removesOnTimeout: true,
      acceptedStatus: 200,
      cseqOffset: 0,
      maxSubscriptions: 10,
    },
    {
      clock,
      sender: {
        request: (request) => {
          sent.push(request);
          return { abandon: () => undefined };
        },
      },
      replies: {
        reply: (_context, status) => replies.push(status),
        replyTag: () => "local",
      },
      contact: () => "sip:us@10.0.0.100",
    },
  );
  const watched: WatchedPackage = {
    name: "test",
    contentType: "text/plain",
    defaultExpires: 100,
    notifyIntervalMs: 0,
    admit: () => ({ ok: true, state: "active", data: null }),
    document: () => ({ contentType: "text/plain", body: "state", hasMore: false }),
  };
  notifier.add(watched);
  const subscribe = (callId: string, expires: number) => {
    const msg = message(
      `SUBSCRIBE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:w@b>;tag=w\r\n` +
        `To: <sip:a@b>\r\nCall-ID: ${callId}\r\nCSeq: 1 SUBSCRIBE\r\nContact: <sip:w@h>\r\n` +
        `Event: test\r\nExpires: ${expires}\r\n\r\n`,
    );
    const context = { msg, uri: "sip:a@b", socket: {}, replyHeaders: [] };
    const handled = notifier.handle(context as unknown as ScriptContext, undefined);
    const subscription = handled instanceof Promise ? undefined : handled.subscription;
    if (subscription === undefined) throw new Error("it was refused");
    return subscription;
  };
  /** The subscription that a NOTIFY is found to belong to. */
  const ofNotify = (callId: string) =>
    notifier.ofNotify(
      message(
        `NOTIFY sip:w@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK2\r\nFrom: <sip:a@b>;tag=local\r\n` +
          `To: <sip:w@b>;tag=w\r\nCall-ID: ${callId}\r\nCSeq: 1 NOTIFY\r\n\r\n`,
      ),
    );
  const answer = (code: number) => sent.at(-1)?.onFinal(code, undefined, undefined);
  return { clock, notifier, sent, replies, subscribe, ofNotify, answer };
}

describe("a subscription", () => {
  it("is known from the SUBSCRIBE to the answer to its last NOTIFY", () => {
    const { notifier, subscribe, ofNotify, answer, sent } = makeNotifier();
    const one = subscribe("c1", 100);
    expect(notifier.size).toBe(1);
    expect(ofNotify("c1")).toBe(one);
    answer(200);
    one.end("noresource");
    expect(notifier.size).toBe(0);
    expect(ofNotify("c1")).toBe(one);
    expect(sent).toHaveLength(2);
    answer(200);
    expect(ofNotify("c1")).toBeUndefined();
  });

  it("that is only a look is known as long", () => {
    const { notifier, subscribe, ofNotify, answer } = makeNotifier();
    const one = subscribe("c1", 0);
    expect(notifier.size).toBe(0);
    expect(ofNotify("c1")).toBe(one);
    answer(200);
    expect(ofNotify("c1")).toBeUndefined();
  });

  it("that the watcher denies is forgotten, also when it has just ended", () => {
    const { clock, notifier, subscribe, ofNotify, answer, sent } = makeNotifier();
    const one = subscribe("c1", 100);
    one.end("noresource");
    expect(sent).toHaveLength(1);
    answer(481);
    expect(sent).toHaveLength(1);
    expect(ofNotify("c1")).toBeUndefined();
    expect(notifier.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it("leaves no timer behind when it is forgotten", () => {
    const { clock, subscribe, answer } = makeNotifier();
    subscribe("c1", 100);
    subscribe("c2", 100);
    expect(clock.pending).toBe(2);
    answer(404);
    expect(clock.pending).toBe(1);
  });
});
