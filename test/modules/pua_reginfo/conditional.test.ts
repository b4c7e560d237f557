/** Refreshes that spare the notifier a document when nothing has changed (RFC 5839). */
import { describe, expect, it } from "vitest";
import { REGINFO } from "../../../src/runtime/reginfo/document.ts";
import type { Sent } from "../../support/engine.ts";
import { ALICE, ReginfoEngine } from "./harness.ts";

function documentOf(version: number, kind = "full", expires = ' expires="3000"'): string {
  return (
    `<?xml version="1.0"?><reginfo xmlns="${REGINFO}" version="${version}" state="${kind}">` +
    `<registration aor="${ALICE}" id="r" state="active"><contact id="c1" state="active" ` +
    `event="registered"${expires} callid="c" cseq="1"><uri>sip:a@9.9.9.9</uri></contact>` +
    "</registration></reginfo>"
  );
}

const tagged = (tag: string): string => `SIP-ETag: ${tag}\r\n`;

/** A subscription whose notifier names its states; `body` is the first one. */
async function followed(body = documentOf(0), extra = tagged("s1")) {
  const engine = await ReginfoEngine.start();
  const subscribe = (await engine.subscribe(ALICE)) as Sent;
  await engine.accept(subscribe);
  await engine.notify(subscribe, body, { cseq: 1, extra });
  engine.net.take();
  return { engine, subscribe };
}

const isSubscribe = (one: Sent): boolean => one.line.startsWith("SUBSCRIBE");

async function nextSubscribe(engine: ReginfoEngine): Promise<Sent> {
  for (let i = 0; i < 1000; i++) {
    const found = (await engine.net.advance(5000)).find(isSubscribe);
    if (found !== undefined) return found;
  }
  throw new Error("nobody subscribes any more");
}

const conditionOf = (request: Sent): string => request.header("Suppress-If-Match");

describe("a refresh", () => {
  it("row 42: names the state that is known here, and takes 204 as an answer", async () => {
    const { engine } = await followed();
    for (let i = 0; i < 3; i++) {
      const refresh = await nextSubscribe(engine);
      expect(conditionOf(refresh)).toBe("s1");
      await engine.answer(refresh, 204, "Expires: 600\r\n");
    }
    expect((await engine.lookup())[1]).toContain("sip:a@9.9.9.9");
  });

  it("names the last state", async () => {
    const { engine, subscribe } = await followed();
    await engine.notify(subscribe, documentOf(1, "partial"), { cseq: 2, extra: tagged("s2") });
    expect(conditionOf(await nextSubscribe(engine))).toBe("s2");
  });

  const whole: [string, string, string][] = [
    ["the notifier names none", documentOf(0), ""],
    ["the first document was not the full state", documentOf(0, "partial"), tagged("s1")],
    ["contacts live as long as the subscription", documentOf(0, "full", ""), tagged("s1")],
    ["the document could not be read", "<reginfo", tagged("s1")],
  ];
  it.each(whole)("names no state when %s", async (_why, body, extra) => {
    const { engine } = await followed(body, extra);
    expect(conditionOf(await nextSubscribe(engine))).toBe("");
  });

  it("names no state when documents are missing", async () => {
    const { engine, subscribe } = await followed();
    await engine.notify(subscribe, documentOf(5, "partial"), { cseq: 2, extra: tagged("s2") });
    const [, refresh, ...more] = engine.net.sent.filter(isSubscribe);
    expect([conditionOf(refresh as Sent), more.length]).toEqual(["", 0]);
  });

  it("names no state when what it brought is not all here any more", async () => {
    const { engine } = await followed();
    await engine.register("<sip:a@9.9.9.9>;expires=600");
    expect(conditionOf(await nextSubscribe(engine))).toBe("");
  });

  it("that the script asks for brings the full state", async () => {
    const { engine } = await followed();
    const again = await engine.subscribe(ALICE);
    expect(conditionOf(again as Sent)).toBe("");
  });

  it("that ends the subscription has no condition", async () => {
    const { engine } = await followed();
    const end = (await engine.subscribe(ALICE, 0)) as Sent;
    expect([end.header("Expires"), conditionOf(end)]).toEqual(["0", ""]);
  });
});
