/** Publishing: what a REGISTER, an expiry and a removal put on the wire. */
import { describe, expect, it } from "vitest";
import { testEngine, type Sent } from "../../support/engine.ts";
import { probe } from "../registrar/harness.ts";
import { ALICE, ReginfoEngine, reginfoConfig, SERVER } from "./harness.ts";

const ok = (tag: string, expires = 3600) => `SIP-ETag: ${tag}\r\nExpires: ${expires}\r\n`;

/** Attributes of the contacts of a document, in its order. */
function contacts(publish: Sent | undefined): Record<string, string>[] {
  return [...(publish?.body ?? "").matchAll(/<contact ([^>]*)>.*?<uri>(.*?)<\/uri>/g)].map(
    (match) => {
      const attributes = [...(match[1] ?? "").matchAll(/([\w:-]+)="([^"]*)"/g)];
      return {
        ...Object.fromEntries(attributes.map(([, name = "", value = ""]) => [name, value])),
        uri: match[2] ?? "",
      };
    },
  );
}

const brief = (publish: Sent | undefined) =>
  contacts(publish).map(({ uri, state, event, expires }) => [uri, state, event, expires].join(" "));

describe("a registration", () => {
  it("is published with all that others need to reach it", async () => {
    const engine = await ReginfoEngine.start();
    const sent = await engine.register(
      '"Al" <sip:alice@1.1.1.1;x=a&b>;q=0.7;+sip.instance="<urn:uuid:1>";reg-id=1;+g.3gpp.smsip;expires=600',
      { extra: "User-Agent: U<1>\r\nPath: <sip:edge;lr>\r\nX-Rcv: sip:8.8.8.8:88\r\n" },
    );
    expect(sent.map((one) => [one.line, one.to])).toEqual([[`PUBLISH ${ALICE} SIP/2.0`, SERVER]]);
    const [publish] = sent;
    expect(publish?.header("Event")).toBe("reg");
    expect(publish?.header("Expires")).toBe("600");
    expect(publish?.header("Content-Type")).toBe("application/reginfo+xml");
    expect(publish?.header("Content-Length")).toBe(String(publish?.body.length));
    expect(publish?.header("To")).toBe(`<${ALICE}>`);
    expect(publish?.body.replace(/ id="\w+"/g, ' id=""').replace(/x:methods="-?\d+" /, "")).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" ' +
        'xmlns:x="urn:olelo:params:xml:ns:reginfo-ext" version="0" state="full">' +
        `<registration aor="${ALICE}" id="" state="active"><contact id="" state="active" event="registered" ` +
        'expires="600" duration-registered="0" q="0.7" callid="call-of-phone" cseq="1" x:received="sip:8.8.8.8:88" ' +
        'x:path="&lt;sip:edge;lr&gt;" x:user-agent="U&lt;1&gt;" x:socket="udp:10.0.0.100:5060"' +
        "><uri>sip:alice@1.1.1.1;x=a&amp;b</uri>" +
        "<display-name>Al</display-name>" +
        '<unknown-param name="+sip.instance">&quot;&lt;urn:uuid:1&gt;&quot;</unknown-param>' +
        '<unknown-param name="reg-id">1</unknown-param><unknown-param name="+g.3gpp.smsip"></unknown-param>' +
        "</contact></registration></reginfo>",
    );
  });

  it("row 20: has the public GRUU of clients that know GRUUs, and no temporary one", async () => {
    const engine = await ReginfoEngine.start();
    const contact = '<sip:alice@1.1.1.1>;+sip.instance="<urn:uuid:1>"';
    const [first] = await engine.register(contact);
    expect(first?.body).not.toContain("gruu");
    await engine.answer(first as Sent, 200, ok("e1"));
    const [second] = await engine.register(contact, { extra: "Supported: path, GRUU\r\n" });
    expect(second?.body).toContain('xmlns:gr="urn:ietf:params:xml:ns:gruuinfo"');
    expect(second?.body).toContain(`<gr:pub-gruu uri="${ALICE};gr=urn:uuid:1"/>`);
    expect(second?.body).not.toContain("temp-gruu");
  });

  it("is one PUBLISH, however many contacts it changes", async () => {
    const engine = await ReginfoEngine.start();
    const [first, ...others] = await engine.register("<sip:a@1.1.1.1>, <sip:b@1.1.1.1>;q=0.5");
    expect(others).toEqual([]);
    await engine.answer(first as Sent, 200, ok("e1"));
    const [second] = await engine.register("<sip:a@1.1.1.1>;expires=0, <sip:c@1.1.1.1>");
    expect(second?.header("SIP-If-Match")).toBe("e1");
    expect(brief(second)).toEqual([
      "sip:b@1.1.1.1 active registered 3600",
      "sip:c@1.1.1.1 active registered 3600",
      "sip:a@1.1.1.1 terminated unregistered 0",
    ]);
  });

  it("has ids that stay, and differ where URIs differ", async () => {
    const ids = async (): Promise<string[]> => {
      const engine = await ReginfoEngine.start();
      const [publish] = await engine.register("<sip:a@1.1.1.1>, <sip:b@1.1.1.1>");
      const registration = /<registration [^>]*id="(\w+)"/.exec(publish?.body ?? "")?.[1] ?? "";
      return [registration, ...contacts(publish).map((one) => one["id"] ?? "")];
    };
    const [one, two] = [await ids(), await ids()];
    expect(one).toEqual(two);
    expect(new Set(one).size).toBe(3);
  });

  it("row 24: waits for the request before it, and then goes out as it is by then", async () => {
    const engine = await ReginfoEngine.start();
    const [first] = await engine.register("<sip:a@1.1.1.1>");
    expect(await engine.register("<sip:b@1.1.1.1>")).toEqual([]);
    expect(await engine.register("<sip:a@1.1.1.1>")).toEqual([]);
    const sent = await engine.answer(first as Sent, 200, ok("e1"));
    expect(sent).toHaveLength(1);
    expect(brief(sent[0])).toEqual([
      "sip:a@1.1.1.1 active refreshed 3600",
      "sip:b@1.1.1.1 active registered 3600",
    ]);
  });

  it("is not published when the script says so, nor with publish_reginfo 0", async () => {
    const engine = await ReginfoEngine.start();
    expect(
      await engine.register("<sip:a@1.1.1.1>, <sip:b@1.1.1.1>", { extra: "X-Silent: 1\r\n" }),
    ).toEqual([]);
    expect(await engine.register("<sip:c@1.1.1.1>")).toHaveLength(1);
    const other = await ReginfoEngine.start({ "pua_reginfo.publish_reginfo": 0 });
    expect(await other.register("<sip:a@1.1.1.1>")).toEqual([]);
  });

  it("of a user with a domain is published under it", async () => {
    const engine = await ReginfoEngine.start({ "usrloc.use_domain": 1 });
    const [publish] = await engine.register("<sip:a@1.1.1.1>", { aor: "sip:bo%20b@other.test" });
    expect(publish?.line).toBe("PUBLISH sip:bo%20b@other.test SIP/2.0");
  });
});

describe("the end of a registration", () => {
  it("row 27: is published, and then the publication is removed", async () => {
    const engine = await ReginfoEngine.start();
    const [first] = await engine.register("<sip:a@1.1.1.1>");
    await engine.answer(first as Sent, 200, ok("e1"));
    const [second] = await engine.register("<sip:a@1.1.1.1>;expires=0");
    expect(second?.body).toContain('state="terminated"><contact');
    expect(brief(second)).toEqual(["sip:a@1.1.1.1 terminated unregistered 0"]);
    await engine.answer(second as Sent, 200, ok("e2"));
    expect(await engine.net.advance(31_000)).toEqual([]);
    const [third] = await engine.net.advance(2000);
    expect([third?.header("Expires"), third?.header("SIP-If-Match"), third?.body]).toEqual([
      "0",
      "e2",
      "",
    ]);
    await engine.answer(third as Sent, 200, "Expires: 0\r\n");
    expect(await engine.net.advance(3_600_000)).toEqual([]);
  });

  it("by expiry shows the contact as expired", async () => {
    const engine = await ReginfoEngine.start();
    const [first] = await engine.register(
      "<sip:a@1.1.1.1>;expires=60, <sip:b@1.1.1.1>;expires=600",
    );
    await engine.answer(first as Sent, 200, ok("e1"));
    const [second] = await engine.net.advance(61_000);
    expect(brief(second)).toEqual([
      expect.stringMatching(/^sip:b@1.1.1.1 active registered 5\d\d$/),
      "sip:a@1.1.1.1 terminated expired 0",
    ]);
  });

  it("by the operator shows the event that is set", async () => {
    const engine = await ReginfoEngine.start({ "pua_reginfo.admin_event": "deactivated" });
    await engine.net.rpc("ul.add", "location", "alice", "sip:a@1.1.1.1", 0, "1", ".", 0, 0, -1);
    const [first] = engine.net.take();
    expect(brief(first)).toEqual(["sip:a@1.1.1.1 active created 31536000"]);
    await engine.answer(first as Sent, 200, ok("e1"));
    await engine.net.rpc("ul.rm", "location", "alice");
    expect(brief(engine.net.take()[0])).toEqual(["sip:a@1.1.1.1 terminated deactivated 0"]);
  });

  it("row 27: of the engine takes everything back", async () => {
    const engine = await ReginfoEngine.start();
    const [first] = await engine.register("<sip:a@1.1.1.1>");
    await engine.answer(first as Sent, 200, ok("e1"));
    const stopped = engine.net.stop();
    const [last] = await engine.net.advance(1);
    expect([last?.header("Expires"), last?.header("SIP-If-Match")]).toEqual(["0", "e1"]);
    await engine.answer(last as Sent, 200, "Expires: 0\r\n");
    await stopped;
  });
});

describe("a publication that fails", () => {
  it("row 25: is repaired from what is registered by then", async () => {
    const engine = await ReginfoEngine.start();
    const [first] = await engine.register("<sip:a@1.1.1.1>");
    await engine.answer(first as Sent, 200, ok("e1"));
    const [second] = await engine.register("<sip:b@1.1.1.1>");
    const [third] = await engine.answer(second as Sent, 412);
    expect(third?.header("SIP-If-Match")).toBe("");
    expect(brief(third)).toEqual([
      "sip:a@1.1.1.1 active registered 3600",
      "sip:b@1.1.1.1 active registered 3600",
    ]);
  });

  it("row 25: is tried again when the server does not answer at all", async () => {
    const engine = await ReginfoEngine.start();
    await engine.register("<sip:a@1.1.1.1>");
    const sent = await engine.net.advance(60_000);
    const bodies = sent.filter((one) => one.line.startsWith("PUBLISH"));
    expect(new Set(bodies.map((one) => one.message.callId)).size).toBeGreaterThan(1);
  });
});

describe("the start", () => {
  it("needs default_domain when it publishes", async () => {
    const text = reginfoConfig().replace(/modparam\("pua_reginfo", "default_domain".*\n/, "");
    const net = await testEngine(text, { modules: [probe([])], allowErrors: true });
    const messages = net.engine.diagnostics.map((one) => `${one.severity} ${one.message}`);
    expect(messages).toContainEqual(expect.stringMatching(/^error .*default_domain/));
  });

  it("makes up server_address, and says so", async () => {
    const text = reginfoConfig().replace(/modparam\("pua_reginfo", "server_address".*\n/, "");
    const net = await testEngine(text, { modules: [probe([])] });
    const messages = net.engine.diagnostics.map((one) => `${one.severity} ${one.message}`);
    expect(messages).toContainEqual(expect.stringMatching(/^warning .*server_address/));
  });
});
