/** The checks of sanity_check() and their answers. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testEngine, type TestEngine } from "../../support/engine.ts";
import { request, type RequestParts } from "../requests.ts";

const modules = 'loadmodule "sl"\nloadmodule "pv"\nloadmodule "xlog"\nloadmodule "sanity"\n';
const digest = 'Digest username="a", realm="r", nonce="n", uri="sip:x", response="00"';

/** What is wrong, and the status of the answer. */
const usual: readonly (readonly [string, RequestParts, number])[] = [
  ["nothing", {}, 200],
  ["a scheme of the web", { uri: "http://x" }, 400],
  ["a telephone number is fine", { uri: "tel:+1" }, 200],
  ["a URN is fine", { uri: "urn:service:sos" }, 200],
  ["another method in CSeq", { cseq: "1 INVITE" }, 400],
  ["the largest number in CSeq is fine", { cseq: "4294967295 OPTIONS" }, 200],
  ["a body shorter than announced", { contentLength: "10", body: "abc" }, 400],
  ["a body longer than announced", { contentLength: "1", body: "abc" }, 400],
  ["Expires without number", { headers: "Expires: abc\r\n" }, 400],
  ["a negative Expires", { headers: "Expires: -1\r\n" }, 400],
  ["an unknown extension", { headers: "Proxy-Require: foo, bar\r\n" }, 420],
  ["credentials", { headers: `Authorization: ${digest}\r\n` }, 200],
  ["incomplete credentials", { headers: 'Authorization: Digest username="a"\r\n' }, 400],
  [
    "credentials without user",
    { headers: `Authorization: ${digest.replace('"a"', '""')}\r\n` },
    400,
  ],
  ["a From that cannot be read is not looked at", { from: "<foo:a>;tag=1" }, 200],
];

/** With all checks. */
const all: typeof usual = [
  ["an unknown scheme in From", { from: "<foo:a>;tag=1" }, 400],
  ["an unknown scheme in To", { to: "<http:c@d>" }, 400],
  ["two tags", { from: "<sip:a@b>;tag=1;tag=2" }, 400],
  ["an open bracket in Contact", { headers: "Contact: <foo\r\n" }, 400],
  ["an unknown scheme in Contact", { headers: "Contact: <foo:bar>\r\n" }, 400],
  ["From without tag is fine", { from: "<sip:a@b>" }, 200],
];

describe.each([
  ["sanity_check()", usual],
  ['sanity_check("32767", "15")', all],
])("%s", (call, cases) => {
  let net: TestEngine;
  beforeAll(async () => {
    net = await testEngine(`${modules}request_route { ${call}; sl_send_reply("200", "OK"); }\n`);
  });
  afterAll(() => net.stop());

  it.each(cases)("answers %s", async (_what, parts, status) => {
    const sent = await net.send(request(parts));
    expect(sent.map((one) => one.message.statusCode)).toEqual([status]);
  });
});

describe("parameters", () => {
  it("names the extension that is not supported", async () => {
    const net = await testEngine(
      `${modules}modparam("sanity", "proxy_require", "foo")\nrequest_route { sanity_check(); }\n`,
    );
    const [reply] = await net.send(request({ headers: "Proxy-Require: foo, bar\r\n" }));
    expect(reply?.header("Unsupported")).toBe("bar");
    await net.stop();
  });

  it("goes on with the script without autodrop", async () => {
    const net = await testEngine(
      `${modules}modparam("sanity", "autodrop", 0)\nrequest_route { sanity_check(); xlog("L_ALERT", "$rc"); }\n`,
    );
    await net.send(request({ cseq: "1 BYE" }));
    expect(net.script).toEqual(["-1"]);
    await net.stop();
  });

  it("leaves the answer to sanity_reply() with noreply", async () => {
    const net = await testEngine(
      `${modules}modparam("sanity", "autodrop", 0)\nmodparam("sanity", "noreply", 1)\n` +
        'request_route { if (!sanity_check()) { xlog("L_ALERT", "bad"); sanity_reply(); } }\n',
    );
    const sent = await net.send(request({ cseq: "1 BYE" }));
    expect(sent.map((one) => one.message.statusCode)).toEqual([400]);
    expect(net.script).toEqual(["bad"]);
    await net.stop();
  });

  it("never answers an ACK", async () => {
    const net = await testEngine(`${modules}request_route { sanity_check(); }\n`);
    expect(await net.send(request({ method: "ACK", cseq: "1 BYE" }))).toEqual([]);
    await net.stop();
  });
});
