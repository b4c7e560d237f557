/** event_route[pua_reginfo:registered]: who comes online at the server that is followed. */
import { describe, expect, it } from "vitest";
import { REGINFO } from "../../../src/runtime/reginfo/document.ts";
import { type Sent, testEngine } from "../../support/engine.ts";
import { probe } from "../registrar/harness.ts";
import { reginfoConfig, SERVER } from "./harness.ts";

interface State {
  readonly user: string;
  readonly expires?: number;
  readonly state?: string;
  readonly uri?: string;
  readonly cseq?: number;
}

function documentOf(version: number, kind: "full" | "partial", states: readonly State[]): string {
  const registrations = states.map(
    ({ user, expires = 600, state = "active", uri = `sip:${user}@10.0.0.9`, cseq = 1 }) =>
      `<registration aor="sip:${user}@example.test" id="${user}" state="${state}">` +
      `<contact id="${uri}" state="${state}" event="${state === "active" ? "registered" : "expired"}" expires="${expires}" callid="c" cseq="${cseq}"><uri>${uri}</uri></contact></registration>`,
  );
  return `<?xml version="1.0"?><reginfo xmlns="${REGINFO}" version="${version}" state="${kind}">${registrations.join("")}</reginfo>`;
}

/** An engine that follows the domain; `hear` gives what its route notes after a NOTIFY. */
async function follower(route: string, notes: string[] = []) {
  const text = `${reginfoConfig()}\nevent_route[pua_reginfo:registered] { ${route} }\n`;
  const net = await testEngine(text, { modules: [probe(notes)] });
  const [subscribe] = (
    await net.send(
      "MESSAGE sip:x@example.test SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n" +
        "From: <sip:x@example.test>;tag=1\r\nTo: <sip:x@example.test>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\n" +
        "X-Sub: sip:all@example.test\r\nContent-Length: 0\r\n\r\n",
    )
  ).filter((one) => one.line.startsWith("SUBSCRIBE"));
  if (subscribe === undefined) throw new Error("nobody subscribed");
  const peer = `;tag=server`;
  await net.send(
    `SIP/2.0 200 OK\r\nVia: ${subscribe.header("Via")}\r\nFrom: ${subscribe.header("From")}\r\n` +
      `To: ${subscribe.header("To")}${peer}\r\nCall-ID: ${subscribe.header("Call-ID")}\r\n` +
      `CSeq: ${subscribe.header("CSeq")}\r\nContact: <sip:${SERVER}>\r\nExpires: 600\r\nContent-Length: 0\r\n\r\n`,
    SERVER,
  );
  let cseq = 0;
  const hear = async (kind: "full" | "partial", states: State[]): Promise<string[]> => {
    const body = documentOf(cseq++, kind, states);
    notes.length = 0;
    const sent: Sent[] = await net.send(
      `NOTIFY sip:reginfo@10.0.0.100:5060 SIP/2.0\r\nVia: SIP/2.0/UDP ${SERVER};branch=z9hG4bKn${cseq}\r\n` +
        `From: ${subscribe.header("To")}${peer}\r\nTo: ${subscribe.header("From")}\r\n` +
        `Call-ID: ${subscribe.header("Call-ID")}\r\nCSeq: ${cseq} NOTIFY\r\nContact: <sip:${SERVER}>\r\n` +
        `Event: reg\r\nSubscription-State: active;expires=600\r\n` +
        `Content-Type: application/reginfo+xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      SERVER,
    );
    expect(sent.map((one) => one.line)).toContain("SIP/2.0 200 OK");
    // The NOTIFY has been answered before the route runs.
    expect(notes.filter((one) => !one.startsWith("notify"))).toEqual([]);
    await net.advance(10);
    return notes.filter((one) => !one.startsWith("notify"));
  };
  return { net, hear };
}

describe("event_route[pua_reginfo:registered]", () => {
  it("runs for each user of the first document, with $ru", async () => {
    const { hear } = await follower('note("$ru $rU $rd");');
    expect(await hear("full", [{ user: "a" }, { user: "b%20c" }])).toEqual([
      "sip:a@example.test a example.test",
      "sip:b%20c@example.test b%20c example.test",
    ]);
  });

  it("runs once for a user with several new contacts", async () => {
    const { hear } = await follower('note("$rU");');
    const twice = [{ user: "a" }, { user: "a", uri: "sip:a@10.0.0.8" }];
    expect(await hear("full", twice)).toEqual(["a"]);
  });

  it("runs again for a refresh, a new contact, and who was gone; not for what only is repeated", async () => {
    const { net, hear } = await follower('note("$rU");');
    expect(await hear("full", [{ user: "a" }, { user: "b" }])).toEqual(["a", "b"]);
    await net.advance(60_000);
    const repeated = [
      { user: "a", expires: 541 },
      { user: "b", expires: 539 },
    ];
    expect(await hear("full", repeated)).toEqual([]);
    expect(await hear("partial", [{ user: "b", expires: 600 }])).toEqual(["b"]);
    expect(await hear("partial", [{ user: "a", uri: "sip:a@10.0.0.8" }])).toEqual(["a"]);
    const gone = { user: "b", state: "terminated", expires: 0 };
    expect(await hear("partial", [gone])).toEqual([]);
    expect(await hear("partial", [{ user: "b", expires: 30 }])).toEqual(["b"]);
    // Registered once more at once, and shortened.
    expect(await hear("partial", [{ user: "b", expires: 30, cseq: 2 }])).toEqual(["b"]);
    expect(await hear("partial", [{ user: "a", expires: 60 }])).toEqual([]);
  });

  it("is of no concern for phones that register here", async () => {
    const { net, hear } = await follower('note("$rU");');
    await net.send(
      "REGISTER sip:example.test SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2\r\n" +
        "From: <sip:x@example.test>;tag=1\r\nTo: <sip:x@example.test>\r\nCall-ID: 2\r\nCSeq: 1 REGISTER\r\n" +
        "Contact: <sip:x@10.0.0.1>\r\nContent-Length: 0\r\n\r\n",
    );
    expect(await hear("full", [])).toEqual([]);
  });

  it("a fault in it stops neither the others nor later ones", async () => {
    class Notes extends Array<string> {
      override push(text: string): number {
        if (text === "a") throw new Error("a fault");
        return super.push(text);
      }
    }
    const { hear } = await follower('note("$rU");', new Notes());
    expect(await hear("full", [{ user: "a" }, { user: "b" }])).toEqual(["b"]);
    expect(await hear("partial", [{ user: "c" }])).toEqual(["c"]);
  });
});
