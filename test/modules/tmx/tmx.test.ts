/** tmx: cancelling, replying and continuing by identity, and the variables of transactions. */
import { describe, expect, it } from "vitest";
import { testEngine } from "../../support/engine.ts";
import { callee, caller, config, find, reply, request, second, summary } from "../tm/messages.ts";

const modules = `loadmodule "xlog.so"\nloadmodule "corex.so"\nloadmodule "kex.so"`;

async function run(routes: string) {
  const e = await testEngine(config(modules, routes));
  return { e, lines: () => e.script.map((line) => line.trim()) };
}

describe("t_cancel_branches", () => {
  it.each([
    ["all", [callee, second]],
    ["others", [second]],
    ["this", [callee]],
  ])("cancels %s", async (which, cancelled) => {
    const { e } = await run(`
      request_route { append_branch("sip:c@10.0.0.3"); t_on_reply("R"); t_relay(); }
      onreply_route[R] { if (status == "183") t_cancel_branches("${which}"); }`);
    const sent = await e.send(request("INVITE"));
    const first = find(sent, `${callee} INVITE`);
    await e.send(reply(first, 180), callee);
    await e.send(reply(find(sent, `${second} INVITE`), 180), second);
    const after = await e.send(reply(first, 183), callee);
    const cancels = after.filter((one) => one.line.startsWith("CANCEL")).map((one) => one.to);
    expect(cancels).toEqual(cancelled);
  });
});

it("cancels and replies by Call-ID", async () => {
  const { e, lines } = await run(`request_route {
    if (method == "OPTIONS") { if (t_cancel_callid("c1", "1", "22", "480")) xlog("cancelled\\n"); exit; }
    if (method == "INFO") { if (t_reply_callid("c1", "1", "488", "Elsewhere")) xlog("replied\\n"); exit; }
    t_relay(); }`);
  const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
  await e.send(reply(invite, 180), callee);
  const sent = await e.send(request("OPTIONS", { branch: "z9hG4bKo", callId: "c2" }));
  expect(find(sent, `${callee} CANCEL`).header("Reason")).toBe("SIP;cause=480");
  const replied = await e.send(request("INFO", { branch: "z9hG4bKi", callId: "c3" }));
  expect(summary(replied)).toEqual([`${caller} 488`]);
  expect(lines()).toEqual(["cancelled", "replied"]);
});

describe("t_suspend and t_continue", () => {
  const routes = `request_route {
      if (method == "INFO") { if (!t_continue("$shv(i)", "$shv(l)", "GO")) xlog("no\\n"); exit; }
      if (t_suspend()) { $shv(i) = $T(id_index); $shv(l) = $T(id_label); } }
    route[GO] { if (t_is_failure_route()) xlog("go $rm\\n"); $du = "sip:10.0.0.3"; t_relay(); }`;

  it("keep a request past the end of the script and go on with it", async () => {
    const { e, lines } = await run(routes);
    expect(summary(await e.send(request("INVITE")))).toEqual([`${caller} 100`]);
    const sent = await e.send(request("INFO", { branch: "z9hG4bKi" }));
    expect(summary(sent)).toEqual([`${second} INVITE`]);
    const up = await e.send(reply(find(sent, `${second} INVITE`), 486), second);
    expect(summary(up)).toEqual([`${second} ACK`, `${caller} 486`]);
    await e.send(request("INFO", { branch: "z9hG4bKj" }));
    expect(lines()).toEqual(["go INVITE", "no"]);
  });

  it("let go of a request that nothing goes on with", async () => {
    const { e } = await run(routes);
    await e.send(request("OPTIONS"));
    await e.advance(40_000);
    expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0 }]);
  });

  it("give way to a CANCEL", async () => {
    const { e, lines } = await run(
      routes.replace("if (t_suspend", `if (method == "CANCEL") { t_relay(); exit; } if (t_suspend`),
    );
    await e.send(request("INVITE"));
    expect(summary(await e.send(request("CANCEL")))).toEqual([`${caller} 487`, `${caller} 200`]);
    expect(await e.send(request("INFO", { branch: "z9hG4bKi" }))).toEqual([]);
    expect(lines()).toEqual(["no"]);
  });
});

it("drops a transaction without a reply", async () => {
  const { e, lines } = await run(`
    request_route { t_on_failure("F"); t_relay(); }
    failure_route[F] { t_drop("603"); xlog("not reached\\n"); }`);
  const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
  expect(summary(await e.send(reply(invite, 404), callee))).toEqual([`${callee} ACK`]);
  expect(lines()).toEqual([]);
  expect(await e.rpc("tm.stats")).toMatchObject([{ "6xx": 1, waiting: 1 }]);
});

it("sends the failed branch again", async () => {
  const { e } = await run(`
    request_route { $ru = "sip:again@10.0.0.3"; t_on_branch_failure("BF"); t_relay(); }
    event_route[tm:branch-failure:BF] { if (t_check_status("503")) { t_reuse_branch(); t_relay(); } }`);
  const first = find(await e.send(request("INVITE")), `${second} INVITE`);
  const sent = await e.send(reply(first, 503), second);
  expect(summary(sent)).toEqual([`${second} ACK`, `${second} INVITE`]);
  expect(find(sent, `${second} INVITE`).line).toBe(first.line);
});

it("shows the request as it was received", async () => {
  const { e, lines } = await run(`
    request_route { if (method == "CANCEL") { xlog("C $T_inv($ru) $T_inv($du)\\n"); t_relay(); exit; }
      $ru = "sip:new@10.0.0.9"; $du = "sip:10.0.0.2"; t_on_reply("R"); t_relay(); }
    onreply_route[R] { xlog("R $T_req($ru) $T_req($du)\\n"); }`);
  const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
  await e.send(reply(invite, 180), callee);
  await e.send(request("CANCEL"));
  expect(lines()).toEqual(["R sip:b@10.0.0.2 <null>", "C sip:b@10.0.0.2 <null>"]);
});

it("shows transactions in variables", async () => {
  const { e, lines } = await run(`
    request_route { if (method == "CANCEL") { xlog("C $T_inv($ru)\\n"); t_relay(); exit; }
      t_on_branch("B"); t_on_reply("R"); t_on_failure("F"); t_newtran(); $var(i) = $T(id_index); t_relay();
      xlog("Q $T_branch_idx $T_reply_code $(T_reply_reason)\\n"); }
    branch_route[B] { xlog("B $T_branch_idx\\n"); }
    onreply_route[R] { xlog("R $T_branch_idx $T_reply_code $T_reply_reason $T_reply_last $T_req($rU) $T_req($si) $T_branch(uri) $T(reply_type)\\n"); setbflag(3); }
    failure_route[F] { xlog("F $T_branch_idx $T_reply_code $T_reply_reason $T_rpl($rs) $T_rpl($si) $T_branch(flags) $T(reply_type)\\n"); }`);
  const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
  await e.send(reply(invite, 180), callee);
  await e.send(request("CANCEL"));
  await e.send(reply(invite, 487), callee);
  expect(lines()).toEqual([
    "B 0",
    "Q 0 100 <null>",
    "R 0 180 Reason180 180 b 10.0.0.1 sip:b@10.0.0.2 0",
    "C sip:b@10.0.0.2",
    "R 0 487 Reason487 487 b 10.0.0.1 sip:b@10.0.0.2 0",
    "F 1 487 Reason487 487 10.0.0.2 8 0",
  ]);
});

it("shows a timeout as a reply made here", async () => {
  const { e, lines } = await run(`
    request_route { t_on_failure("F"); t_relay(); }
    failure_route[F] { xlog("$T_reply_code $T_reply_reason $T_rpl($rs) $T(reply_type)\\n"); }`);
  await e.send(request("OPTIONS"));
  await e.advance(30_100);
  expect(lines()).toEqual(["408 Request Timeout <null> 1"]);
});

it("counts in its statistics", async () => {
  const { e } = await run(`request_route { t_relay(); }`);
  const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
  await e.send(reply(invite, 180), callee);
  await e.send(reply(invite, 200), callee);
  const read = (name: string) => e.engine.services.statistics.read("tmx", name);
  expect(read("UAS_transactions")).toBe(1);
  expect(read("2xx_transactions")).toBe(1);
  expect(read("rpl_received")).toBe(2);
  expect(read("rpl_relayed")).toBe(2);
  expect(read("inuse_transactions")).toBe(1);
  expect(read("active_transactions")).toBe(0);
});

it("tells a retransmission of a request that has no transaction yet", async () => {
  const { e, lines } = await run(`
    request_route { if (t_precheck_trans()) { xlog("again\\n"); exit; } xlog("first\\n"); t_newtran(); t_reply("200", "OK"); }`);
  await e.send(request("OPTIONS"));
  await e.send(request("OPTIONS", { branch: "z9hG4bKother" }));
  expect(lines()).toEqual(["first", "first"]);
});
