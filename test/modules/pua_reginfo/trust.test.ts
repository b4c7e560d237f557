/** Whom the engine believes: the notifier of a subscription, about what was asked for. */
import { describe, expect, it } from "vitest";
import { REGINFO } from "../../../src/runtime/reginfo/document.ts";
import type { Sent } from "../../support/engine.ts";
import { ALICE, notifyText, ReginfoEngine, SERVER } from "./harness.ts";

const EVIL = "10.6.6.6:5060";

function documentOf(aor: string, uri = "sip:x@9.9.9.9"): string {
  return (
    `<?xml version="1.0"?><reginfo xmlns="${REGINFO}" version="0" state="full">` +
    `<registration aor="${aor}" id="${aor}" state="active"><contact id="c1" state="active" ` +
    `event="registered" expires="3000" callid="c" cseq="1"><uri>${uri}</uri></contact>` +
    "</registration></reginfo>"
  );
}

/** What comes back for a NOTIFY from an address. */
async function from(
  engine: ReginfoEngine,
  address: string,
  subscribe: Sent,
  cseq: number,
): Promise<[string | undefined, string | undefined]> {
  const text = notifyText(subscribe.message, documentOf(ALICE), { cseq });
  const sent = await engine.net.send(text, address);
  return [sent[0]?.line.split(" ")[1], engine.notes.at(-1)];
}

async function answered(settings = {}, contact = `<sip:${SERVER}>`, route = "") {
  const engine = await ReginfoEngine.start(settings);
  const subscribe = (await engine.subscribe(ALICE)) as Sent;
  await engine.answer(subscribe, 200, `Expires: 3600\r\nContact: ${contact}\r\n${route}`);
  return { engine, subscribe };
}

describe("the source of a NOTIFY", () => {
  it("row 34: is that of the answer, or it changes nothing", async () => {
    const { engine, subscribe } = await answered();
    expect(await from(engine, EVIL, subscribe, 1)).toEqual(["481", "notify -2 481 wrong-source|"]);
    expect(await engine.lookup()).toEqual(["lookup -1"]);
    expect((await from(engine, SERVER, subscribe, 2))[0]).toBe("200");
    expect((await from(engine, EVIL, subscribe, 3))[0]).toBe("481");
    expect((await engine.lookup())[0]).toBe("lookup 1");
  });

  it("may be where the notifier's Contact points", async () => {
    const { engine, subscribe } = await answered({}, "<sip:10.0.0.77:5070>");
    expect((await from(engine, EVIL, subscribe, 1))[0]).toBe("481");
    expect((await from(engine, "10.0.0.77:9999", subscribe, 2))[0]).toBe("200");
  });

  it("may be the last proxy of the route set", async () => {
    const route = "Record-Route: <sip:10.0.0.8;lr>, <sip:10.0.0.9;lr>\r\n";
    const { engine, subscribe } = await answered({}, "<sip:10.0.0.77>", route);
    expect((await from(engine, "10.0.0.8:5060", subscribe, 1))[0]).toBe("481");
    expect((await from(engine, "10.0.0.9:5060", subscribe, 2))[0]).toBe("200");
  });

  it("that made the dialog before the answer came is heard from then on", async () => {
    const engine = await ReginfoEngine.start();
    const subscribe = (await engine.subscribe(ALICE)) as Sent;
    expect((await from(engine, "10.0.0.66:5060", subscribe, 1))[0]).toBe("200");
    await engine.accept(subscribe);
    expect((await from(engine, "10.0.0.66:5060", subscribe, 2))[0]).toBe("200");
    expect((await from(engine, EVIL, subscribe, 3))[0]).toBe("481");
  });

  it("does not matter when check_source is off, but the dialog does", async () => {
    const { engine, subscribe } = await answered({ "pua_reginfo.check_source": 0 });
    expect((await from(engine, EVIL, subscribe, 1))[0]).toBe("200");
    const other = notifyText(subscribe.message, documentOf(ALICE), { cseq: 2, callId: "guess" });
    expect((await engine.net.send(other, EVIL))[0]?.line).toMatch(/^SIP\/2\.0 481 /);
  });
});

describe("a document", () => {
  async function told(followed: string, aor: string, settings = {}): Promise<boolean> {
    const engine = await ReginfoEngine.start({ "usrloc.use_domain": 1, ...settings });
    const subscribe = (await engine.subscribe(followed)) as Sent;
    await engine.accept(subscribe);
    expect((await engine.notify(subscribe, documentOf(aor)))[0]).toBe(200);
    return (await engine.lookup(aor))[0] === "lookup 1";
  }

  it("row 34: speaks of the user that was asked for, and of nobody else", async () => {
    expect(await told(ALICE, ALICE)).toBe(true);
    expect(await told(ALICE, "sip:bob@example.test")).toBe(false);
    expect(await told(ALICE, "sip:alice@other.test")).toBe(false);
    expect(await told(ALICE, "sip:bob@example.test", { "pua_reginfo.accept_any_aor": 1 })).toBe(
      true,
    );
  });

  it("speaks of all users of a domain that was asked for, and of no others", async () => {
    for (const followed of ["sip:all@example.test", "sip:example.test"]) {
      expect(await told(followed, "sip:bob@example.test")).toBe(true);
      expect(await told(followed, "sip:bob@other.test")).toBe(false);
    }
    const settings = { "pua_reginfo.domain_resource": "everyone" };
    expect(await told("sip:all@example.test", "sip:bob@example.test", settings)).toBe(false);
    expect(await told("sip:everyone@example.test", "sip:bob@example.test", settings)).toBe(true);
  });
});

describe("an operator who trusts everybody", () => {
  it("is warned", async () => {
    const { net } = await ReginfoEngine.start({ "pua_reginfo.trust_any_notify": 1 });
    const found = net.engine.diagnostics.filter((one) => one.message.includes("trust_any_notify"));
    expect(found.map((one) => one.severity)).toEqual(["warning"]);
  });
});
