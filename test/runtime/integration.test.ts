/** All parts together: the configuration of the benchmark, as a user agent sees it. */
import { beforeEach, describe, expect, it } from "vitest";
import { sip, type TestEngine, testEngine } from "../support/engine.ts";

const config = `
debug=1
children=1
auto_aliases=no
disable_tcp=yes
alias="example.com"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "sanity.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_contacts", 10)

request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	if (!sanity_check("1511", "7")) {
		exit;
	}
	if (is_method("REGISTER")) {
		save("location");
		exit;
	}
	if (is_method("OPTIONS") && $rU == $null) {
		sl_send_reply("200", "Keepalive");
		exit;
	}
	if (is_method("INVITE|SUBSCRIBE")) record_route();
	if ($rd == "example.com") {
		if (!lookup("location")) {
			t_newtran();
			t_reply("404", "Not Found");
			exit;
		}
	}
	t_relay();
}
`;

let net: TestEngine;

beforeEach(async () => {
  net = await testEngine(config);
});

const request = (method: string, uri: string, more = "Max-Forwards: 70") => sip`
  ${method} ${uri} SIP/2.0
  Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK${method}1
  From: <sip:alice@example.com>;tag=a1
  To: <sip:bob@example.com>
  Call-ID: call-${method}
  CSeq: 7 ${method}
  ${more}
  Content-Length: 0
`;

describe("a small server", () => {
  it("answers OPTIONS", async () => {
    const [reply] = await net.send(request("OPTIONS", "sip:10.0.0.100"));
    expect(reply?.line).toBe("SIP/2.0 200 Keepalive");
    expect(reply?.to).toBe("10.0.0.1:5060");
    expect(reply?.header("To")).toMatch(/^<sip:bob@example\.com>;tag=\S+$/);
    expect(reply?.header("Server")).toMatch(/^olelo \(/);
  });

  it("refuses what has gone too far, and what is insane", async () => {
    const far = await net.send(request("OPTIONS", "sip:10.0.0.100", "Max-Forwards: 0"));
    expect(far.map((one) => one.line)).toEqual(["SIP/2.0 483 Too Many Hops"]);
    const odd = request("OPTIONS", "sip:10.0.0.100").replace("CSeq: 7 OPTIONS", "CSeq: 7 INFO");
    expect((await net.send(odd)).map((one) => one.message.statusCode)).toEqual([400]);
  });

  it("registers, and relays to the contact", async () => {
    const register = request(
      "REGISTER",
      "sip:example.com",
      "Contact: <sip:bob@10.0.0.50:5099>\r\nExpires: 600",
    ).replaceAll("alice", "bob");
    const [ok] = await net.send(register);
    expect(ok?.line).toMatch(/^SIP\/2\.0 200 /);
    expect(ok?.header("Contact")).toMatch(/<sip:bob@10\.0\.0\.50:5099>;expires=600/);

    const relayed = await net.send(request("MESSAGE", "sip:bob@example.com"));
    const out = relayed.find((one) => one.to === "10.0.0.50:5099");
    expect(out?.line).toBe("MESSAGE sip:bob@10.0.0.50:5099 SIP/2.0");
    expect(out?.header("Max-Forwards")).toBe("69");
    expect(out?.headers("Via")).toHaveLength(2);

    const vias = (out?.headers("Via") ?? []).map((via) => `Via: ${via}`).join("\r\n");
    const [back] = await net.send(
      sip`
        SIP/2.0 200 OK
        ${vias}
        From: <sip:alice@example.com>;tag=a1
        To: <sip:bob@example.com>;tag=b1
        Call-ID: call-MESSAGE
        CSeq: 7 MESSAGE
        Content-Length: 0
      `,
      "10.0.0.50:5099",
    );
    expect(back?.to).toBe("10.0.0.1:5060");
    expect(back?.line).toBe("SIP/2.0 200 OK");
    expect(back?.headers("Via")).toEqual(["SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKMESSAGE1"]);
  });

  it("knows nobody else", async () => {
    const replies = await net.send(request("MESSAGE", "sip:nobody@example.com"));
    expect(replies.map((one) => one.line)).toEqual(["SIP/2.0 404 Not Found"]);
  });

  it("repeats a relayed request until it gives up", async () => {
    await net.send(request("MESSAGE", "sip:x@10.0.0.60"));
    const later = await net.advance(40_000);
    const repeated = later.filter((one) => one.to === "10.0.0.60:5060");
    expect(repeated.length).toBeGreaterThan(4);
    const last = later.at(-1);
    expect(last?.message.statusCode).toBe(408);
    expect(last?.to).toBe("10.0.0.1:5060");
  });

  it("forgets everything about a call in time", async () => {
    await net.send(request("MESSAGE", "sip:x@10.0.0.60"));
    await net.advance(120_000);
    const [stats] = (await net.rpc("tm.stats")) as { current: number; created: number }[];
    expect(stats).toMatchObject({ current: 0, created: 1 });
  });
});
