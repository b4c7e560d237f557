/** Several targets: in parallel, and one after the other in failure_routes. */
import { describe, expect, it } from "vitest";
import { testEngine, type TestEngine } from "../../support/engine.ts";
import { ack, callee, caller, config, find, reply, request, second, summary } from "./messages.ts";

const two = `append_branch("sip:c@10.0.0.3");`;

async function fork(params = "", routes = `request_route { ${two} t_relay(); }`) {
  const e = await testEngine(config(`loadmodule "corex.so"\n${params}`, routes));
  const sent = await e.send(request("INVITE"));
  return { e, first: find(sent, `${callee} INVITE`), other: find(sent, `${second} INVITE`) };
}

/** Has both branches fail, in this order. */
async function failBoth(e: TestEngine, replies: readonly [string, string][]) {
  const sent = [];
  for (const [text, from] of replies) sent.push(...(await e.send(text, from)));
  return sent;
}

describe("in parallel", () => {
  it("sends one branch to each target, numbered", async () => {
    const { first, other } = await fork();
    expect(first.line).toBe("INVITE sip:b@10.0.0.2 SIP/2.0");
    expect(other.line).toBe("INVITE sip:c@10.0.0.3 SIP/2.0");
    expect(first.header("Via").replace(/0$/, "1")).toBe(other.header("Via"));
  });

  it("sends the best negative reply when both have failed, whichever came first", async () => {
    for (const swap of [false, true]) {
      const { e, first, other } = await fork();
      const replies: [string, string][] = [
        [reply(first, 486), callee],
        [reply(other, 404), second],
      ];
      const sent = await failBoth(e, swap ? replies.toReversed() : replies);
      expect(summary(sent).filter((line) => line.startsWith(caller))).toEqual([`${caller} 404`]);
    }
  });

  it("cancels the others on a 2xx, with a Reason, and lets both 2xx through", async () => {
    const { e, first, other } = await fork();
    await e.send(reply(first, 180), callee);
    await e.send(reply(other, 180), second);
    const sent = await e.send(reply(first, 200), callee);
    expect(summary(sent)).toEqual([`${caller} 200`, `${second} CANCEL`]);
    const cancel = find(sent, `${second} CANCEL`);
    expect(cancel.header("Reason")).toBe('SIP;cause=200;text="Call completed elsewhere"');
    expect(cancel.headers("Via")).toEqual([other.header("Via")]);
    expect(cancel.header("CSeq")).toBe("1 CANCEL");
    expect(summary(await e.send(reply(other, 200), second))).toEqual([`${caller} 200`]);
  });

  it("leaves the Reason out when told so", async () => {
    const { e, first, other } = await fork(`modparam("tm", "local_cancel_reason", 0)`);
    await e.send(reply(other, 180), second);
    const sent = await e.send(reply(first, 200), callee);
    expect(find(sent, `${second} CANCEL`).headers("Reason")).toEqual([]);
  });

  it("ends all branches on a 6xx and sends it when they have ended", async () => {
    const { e, first, other } = await fork();
    await e.send(reply(other, 180), second);
    const sent = await e.send(reply(first, 603), callee);
    expect(summary(sent)).toEqual([`${callee} ACK`, `${second} CANCEL`]);
    expect(find(sent, `${second} CANCEL`).header("Reason")).toBe("SIP;cause=603");
    expect(summary(await e.send(reply(other, 487), second))).toEqual([
      `${second} ACK`,
      `${caller} 603`,
    ]);
  });

  it("treats a 6xx like others when told so", async () => {
    const { e, first } = await fork(`modparam("tm", "disable_6xx_block", 1)`);
    expect(summary(await e.send(reply(first, 603), callee))).toEqual([`${callee} ACK`]);
  });

  it("puts all challenges into one reply", async () => {
    const { e, first, other } = await fork();
    await e.send(reply(first, 401, 'WWW-Authenticate: Digest realm="1"\r\nX-A: 1\r\n'), callee);
    const challenge =
      'Proxy-Authenticate: Digest realm="2"\r\nProxy-Authenticate: Digest realm="3"\r\n';
    const sent = await e.send(reply(other, 407, challenge), second);
    const up = find(sent, `${caller} 401`);
    expect(up.headers("WWW-Authenticate")).toEqual(['Digest realm="1"']);
    expect(up.headers("Proxy-Authenticate")).toEqual(['Digest realm="2"', 'Digest realm="3"']);
    expect(up.headers("X-A")).toEqual([]);
  });

  it("sends only the winner's challenge when told so", async () => {
    const { e, first, other } = await fork(`modparam("tm", "aggregate_challenges", 0)`);
    await e.send(reply(first, 401, 'WWW-Authenticate: Digest realm="1"\r\n'), callee);
    const sent = await e.send(
      reply(other, 407, 'Proxy-Authenticate: Digest realm="2"\r\n'),
      second,
    );
    expect(find(sent, `${caller} 401`).headers("Proxy-Authenticate")).toEqual([]);
  });

  it("counts a timeout as 408, behind received replies when told so", async () => {
    const { e, first } = await fork(`modparam("tm", "faked_reply_prio", 2000)`);
    await e.send(reply(first, 580), callee);
    expect(summary(await e.advance(30_000))).toContain(`${caller} 580`);
    const { e: f, first: g } = await fork();
    await f.send(reply(g, 580), callee);
    expect(summary(await f.advance(30_000))).toContain(`${caller} 408`);
  });

  it("goes on without a branch whose branch_route dropped it", async () => {
    const routes = `request_route { ${two} t_on_branch("B"); t_relay(); }
      branch_route[B] { if ($ru =~ "^sip:b@") drop; }`;
    const e = await testEngine(config(`loadmodule "corex.so"`, routes));
    expect(summary(await e.send(request("OPTIONS")))).toEqual([`${second} OPTIONS`]);
  });

  it("sends no more than max_branches", async () => {
    const many = Array.from({ length: 14 }, (_, i) => `append_branch("sip:u@10.0.1.${i}");`).join(
      "\n",
    );
    const e = await testEngine(
      config(`loadmodule "corex.so"`, `request_route { ${many} t_relay(); }`),
    );
    const sent = await e.send(request("OPTIONS"));
    expect(sent).toHaveLength(12);
  });
});

describe("one after the other", () => {
  const serial = (body: string) => `request_route { t_on_failure("F"); t_relay(); }
    failure_route[F] { ${body} }`;

  async function start(body: string, params = "") {
    const e = await testEngine(config(params, serial(body)));
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    return { e, invite };
  }

  it("sends the chosen reply when the failure_route does nothing", async () => {
    const { e, invite } = await start(`append_hf("X: 1\\r\\n");`);
    expect(summary(await e.send(reply(invite, 404), callee))).toEqual([
      `${callee} ACK`,
      `${caller} 404`,
    ]);
  });

  it.each([
    [`$ru = "sip:v@10.0.0.3";`, "sip:v@10.0.0.3"],
    [`$du = "sip:10.0.0.3";`, "sip:b@10.0.0.2"],
  ])("relays after %s", async (change, uri) => {
    const { e, invite } = await start(`${change} t_relay();`);
    const sent = await e.send(reply(invite, 404), callee);
    expect(summary(sent)).toEqual([`${callee} ACK`, `${second} INVITE`]);
    expect(find(sent, `${second} INVITE`).line).toBe(`INVITE ${uri} SIP/2.0`);
  });

  it("has no target left when nothing was changed", async () => {
    const { e, invite } = await start(`if (!t_relay()) t_reply("480", "None left");`);
    expect(summary(await e.send(reply(invite, 404), callee))).toEqual([
      `${callee} ACK`,
      `${caller} 480`,
    ]);
  });

  it("forgets the replies of earlier steps, unless told to keep them", async () => {
    const body = `$ru = "sip:v@10.0.0.3"; t_relay();`;
    for (const [mode, winner] of [
      [3, 486],
      [0, 404],
    ]) {
      const { e, invite } = await start(body, `modparam("tm", "failure_reply_mode", ${mode})`);
      const next = find(await e.send(reply(invite, 404), callee), `${second} INVITE`);
      expect(summary(await e.send(reply(next, 486), second))).toContain(`${caller} ${winner}`);
    }
  });

  it("forgets or keeps replies as t_drop_replies() says", async () => {
    for (const [word, mode, winner] of [
      ["n", 3, 404],
      ["a", 0, 486],
    ]) {
      const body = `t_drop_replies("${word}"); $ru = "sip:v@10.0.0.3"; t_relay();`;
      const { e, invite } = await start(body, `modparam("tm", "failure_reply_mode", ${mode})`);
      const next = find(await e.send(reply(invite, 404), callee), `${second} INVITE`);
      expect(summary(await e.send(reply(next, 486), second))).toContain(`${caller} ${winner}`);
    }
  });

  it("runs the failure_route once unless it is set again", async () => {
    const again = `$ru = "sip:v@10.0.0.3"; t_relay(); xlog("failed $T_reply_code\\n");`;
    const { e, invite } = await start(again, `loadmodule "xlog.so"`);
    const next = find(await e.send(reply(invite, 404), callee), `${second} INVITE`);
    await e.send(reply(next, 486), second);
    expect(e.script.map((line) => line.trim())).toEqual(["failed 404"]);
  });

  it("starts from the message and the URI as they were when the transaction was made", async () => {
    const routes = `request_route { append_hf("X-Before: 1\\r\\n"); t_on_failure("F"); t_newtran(); $ru = "sip:n@10.0.0.2"; t_on_branch("B"); t_relay(); append_hf("X-After: 1\\r\\n"); }
      branch_route[B] { append_hf("X-Branch: 1\\r\\n"); }
      failure_route[F] { append_hf("X-Failure: $ru\\r\\n"); $du = "sip:10.0.0.3"; t_relay(); }`;
    const e = await testEngine(config("", routes));
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    expect(invite.header("X-Branch")).toBe("1");
    const next = find(await e.send(reply(invite, 404), callee), `${second} INVITE`);
    expect(next.header("X-Before")).toBe("1");
    expect(next.header("X-Branch")).toBe("");
    expect(next.header("X-After")).toBe("");
    expect(next.header("X-Failure")).toBe("sip:b@10.0.0.2");
  });

  it("ends with the script's reply", async () => {
    const { e, invite } = await start(`t_reply("480", "Mine");`);
    const sent = await e.send(reply(invite, 404), callee);
    expect(summary(sent)).toEqual([`${callee} ACK`, `${caller} 480`]);
    expect(await e.send(ack())).toEqual([]);
  });

  it("does not forward a call that was cancelled", async () => {
    const { e, invite } = await start(`$ru = "sip:v@10.0.0.3"; t_relay();`);
    await e.send(reply(invite, 180), callee);
    const routed = await e.send(request("CANCEL"));
    expect(summary(routed)).toEqual([`${callee} CANCEL`, `${caller} 200`]);
    expect(summary(await e.send(reply(invite, 487), callee))).toEqual([
      `${callee} ACK`,
      `${caller} 487`,
    ]);
  });
});

it("tries the highest q first, equal ones at once, and goes on in failure_routes", async () => {
  const params = `loadmodule "corex.so"
    modparam("tm", "contacts_avp", "tm_contacts")
    modparam("tm", "contact_flows_avp", "tm_flows")`;
  const routes = `request_route {
      append_branch("sip:c@10.0.0.3", "0.5"); append_branch("sip:d@10.0.0.4", "0.9"); append_branch("sip:e@10.0.0.5", "0.9");
      t_load_contacts(); t_next_contacts(); t_on_failure("F"); t_relay(); }
    failure_route[F] { if (!t_next_contacts()) exit; t_on_failure("F"); t_relay(); }`;
  const e = await testEngine(config(params, routes));
  const targets: string[] = [];
  let sent = await e.send(request("INVITE"));
  for (let i = 0; i < 3; i++) {
    const invites = sent.filter((one) => one.line.startsWith("INVITE"));
    targets.push(invites.map((one) => one.to.slice(0, 8)).join("+"));
    sent = [];
    for (const one of invites) sent.push(...(await e.send(reply(one, 480), one.to)));
  }
  expect(targets).toEqual(["10.0.0.5+10.0.0.4", "10.0.0.3", "10.0.0.2"]);
  expect(summary(sent)).toContain(`${caller} 480`);
});
