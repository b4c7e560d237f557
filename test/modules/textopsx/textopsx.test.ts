/** Changes applied at once, the status of replies, patterns of file names, selects. */
import { describe, expect, it } from "vitest";
import { fileNameMatches } from "../../../src/modules/textopsx/fnmatch.ts";
import { testEngine } from "../../support/engine.ts";
import { request } from "../requests.ts";

const modules =
  'loadmodule "tm"\nloadmodule "sl"\nloadmodule "pv"\nloadmodule "xlog"\nloadmodule "textops"\nloadmodule "textopsx"\nloadmodule "rr"\n';

describe("msg_apply_changes", () => {
  it("makes changes visible", async () => {
    const net = await testEngine(
      `${modules}request_route {
        append_hf("X-New: 1\\r\\n");
        if (!is_present_hf("X-New")) xlog("L_ALERT", "not yet");
        msg_apply_changes();
        if (is_present_hf("X-New")) xlog("L_ALERT", "now");
      }\n`,
    );
    await net.send(request());
    expect(net.script).toEqual(["not yet", "now"]);
    await net.stop();
  });
  it("refuses behind a Record-Route", async () => {
    const net = await testEngine(
      `${modules}request_route { record_route(); msg_apply_changes(); xlog("L_ALERT", "$rc"); }\n`,
    );
    await net.send(request());
    expect(net.script).toEqual(["-1"]);
    await net.stop();
  });
});

describe("change_reply_status", () => {
  const relay = (change: string): string =>
    `${modules}request_route { $du = "sip:10.0.0.9"; t_relay(); exit; }\nreply_route { ${change} }\n`;
  async function relayed(change: string, status: string): Promise<string[]> {
    const net = await testEngine(relay(change));
    const sent = await net.send(request());
    const forwarded = sent.find((one) => one.to === "10.0.0.9:5060");
    const vias = forwarded?.headers("Via").map((via) => `Via: ${via}`) ?? [];
    const reply = [
      `SIP/2.0 ${status}`,
      ...vias,
      `From: ${forwarded?.header("From")}`,
      `To: ${forwarded?.header("To")};tag=x`,
      `Call-ID: ${forwarded?.header("Call-ID")}`,
      `CSeq: ${forwarded?.header("CSeq")}`,
      "Content-Length: 0",
      "",
      "",
    ].join("\r\n");
    const replies = await net.send(reply, "10.0.0.9:5060");
    await net.stop();
    return replies.filter((one) => one.to === "10.0.0.1:5060").map((one) => one.line);
  }
  it("changes what is sent on", async () => {
    expect(await relayed('change_reply_status(404, "Gone Away");', "603 Decline")).toEqual([
      "SIP/2.0 404 Gone Away",
    ]);
  });
  it("keeps the reason when only the code is changed", async () => {
    expect(await relayed('change_reply_status_code("486");', "603 Decline")).toEqual([
      "SIP/2.0 486 Decline",
    ]);
  });
  it("does not make a failure of a success", async () => {
    expect(await relayed('change_reply_status(404, "x");', "200 OK")).toEqual(["SIP/2.0 200 OK"]);
  });
});

describe("selects", () => {
  it("read values and parameters of headers", async () => {
    const net = await testEngine(
      `${modules}request_route {
        xlog("L_ALERT", "$sel(hf_value.x_list[2])|$sel(hf_value.x_list[-1])|$sel(hf_value.x_list)");
        xlog("L_ALERT", "$sel(hf_value.x_list[1].p)|$sel(hf_value2.x_auth.realm)");
        xlog("L_ALERT", "$sel(hf_value.x_addr.uri)|$sel(hf_value.x_addr[1].name)");
        xlog("L_ALERT", "$sel(hf_value_exists.x_list.b)$sel(hf_value_exists.x_list.z)");
      }\n`,
    );
    await net.send(
      request({
        headers:
          'X-List: a;p=1, b\r\nX-List: c\r\nX-Auth: Digest realm="r", nonce="n"\r\nX-Addr: "Al" <sip:a@b>, <sip:c@d>\r\n',
      }),
    );
    expect(net.script).toEqual(["b|c|a;p=1,b,c", "1|r", "sip:a@b,sip:c@d|Al", "10"]);
    await net.stop();
  });
});

describe("fnmatch", () => {
  it.each([
    ["abc", "a*", true],
    ["abc", "*c", true],
    ["abc", "a?c", true],
    ["abc", "a?d", false],
    ["abc", "[a-b]*", true],
    ["abc", "[!a]*", false],
    ["a/b", "a*b", true],
    ["a*c", "a\\*c", true],
    ["abc", "a\\*c", false],
    ["[x", "[x", true],
    ["", "*", true],
    ["", "?", false],
    ["abab", "*ab", true],
  ])("%s %s", (text, pattern, result) => {
    expect(fileNameMatches(text, pattern, false)).toBe(result);
  });
  it("takes no longer than text times pattern", () => {
    expect(fileNameMatches("a".repeat(5000), "*a".repeat(500) + "b", false)).toBe(false);
  });
});
