/** What a server that is followed can make this engine keep. */
import { describe, expect, it } from "vitest";
import { REGINFO } from "../../../src/runtime/reginfo/document.ts";
import type { Sent } from "../../support/engine.ts";
import { ALICE, notifyText, ReginfoEngine, SERVER } from "./harness.ts";

const contact = (id: string, expires = 600): string =>
  `<contact id="${id}" state="active" event="registered" expires="${expires}"><uri>sip:${id}@10.0.0.1</uri></contact>`;

function documentOf(contacts: readonly string[], version = 0, kind = "full"): string {
  return (
    `<reginfo xmlns="${REGINFO}" version="${version}" state="${kind}">` +
    `<registration aor="${ALICE}" id="r" state="active">${contacts.join("")}</registration></reginfo>`
  );
}

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_all, i) => contact(`c${from + i}`));

async function follower(settings: Record<string, string | number>) {
  const engine = await ReginfoEngine.start(settings);
  const subscribe = (await engine.subscribe(ALICE)) as Sent;
  await engine.accept(subscribe);
  return { engine, subscribe };
}

/** Contacts that lookup finds. */
async function found(engine: ReginfoEngine): Promise<number> {
  return (await engine.lookup()).length - 1;
}

describe("row 40: contacts from elsewhere", () => {
  it("are as many for one user as max_user_contacts says", async () => {
    const { engine, subscribe } = await follower({ "pua_reginfo.max_user_contacts": 3 });
    const [status, note] = await engine.notify(subscribe, documentOf(range(0, 5)));
    expect([status, note]).toEqual([200, `notify 1 200 too-many-contacts|${ALICE}`]);
    expect(await found(engine)).toBe(3);
    await engine.notify(subscribe, documentOf(range(3, 8), 1, "partial"));
    expect(await found(engine)).toBe(3);
    const warnings = engine.net.log.lines.filter((line) => line.text.includes("more contacts"));
    expect(warnings.map((line) => line.text)).toEqual([
      `pua_reginfo: subscription to ${ALICE}: there are more contacts than are kept here`,
    ]);
    // What a full document does not name any more makes room.
    const [, after] = await engine.notify(subscribe, documentOf(range(6, 8), 2));
    expect(after).toBe(`notify 1 200 |${ALICE}`);
    expect(await found(engine)).toBe(2);
  });

  it("are as many for one subscription as max_held_contacts says", async () => {
    const { engine, subscribe } = await follower({ "pua_reginfo.max_held_contacts": 4 });
    const [, note] = await engine.notify(subscribe, documentOf(range(0, 5)));
    expect(note).toContain("too-many-contacts");
    expect(await found(engine)).toBe(4);
  });

  it("that have run out make room", async () => {
    const { engine, subscribe } = await follower({ "pua_reginfo.max_held_contacts": 2 });
    await engine.notify(subscribe, documentOf([contact("a", 5), contact("b", 5)]));
    await engine.net.advance(70_000);
    const [, note] = await engine.notify(
      subscribe,
      documentOf([contact("c"), contact("d")], 1, "partial"),
    );
    expect(note).toBe(`notify 1 200 |${ALICE}`);
    expect(await found(engine)).toBe(2);
  });

  it("come from as many peers without a subscription as max_strangers says", async () => {
    const { engine, subscribe } = await follower({
      "pua_reginfo.trust_any_notify": 1,
      "pua_reginfo.max_strangers": 2,
    });
    const stranger = async (callId: string, id: string, cseq: number) => {
      const body = documentOf([contact(id)]);
      const text = notifyText(subscribe.message, body, { callId, cseq });
      const sent = await engine.net.send(text, SERVER);
      return sent.find((one) => one.line.startsWith("SIP/2.0"))?.message.statusCode;
    };
    expect(await stranger("one", "a", 1001)).toBe(200);
    expect(await stranger("two", "b", 1002)).toBe(200);
    expect(await stranger("three", "c", 1003)).toBe(503);
    expect(await stranger("two", "d", 1004)).toBe(200);
    expect(await found(engine)).toBe(2);
    await engine.net.advance(700_000);
    expect(await stranger("three", "c", 1005)).toBe(200);
  });
});
