/** What the routes of a transaction see and change: flags, lists, replies, branches. */
import { describe, expect, it } from "vitest";
import { TableDns } from "../../../src/runtime/dns-client.ts";
import { testEngine } from "../../support/engine.ts";
import { callee, caller, config, find, reply, request, second, summary } from "./messages.ts";

const xlog = `loadmodule "xlog.so"\nloadmodule "corex.so"\nloadmodule "kex.so"`;

async function run(routes: string, params = "") {
  const e = await testEngine(config(`${xlog}\n${params}`, routes));
  const sent = await e.send(request("INVITE"));
  const lines = () => e.script.map((line) => line.trim());
  return { e, sent, invite: find(sent, `${callee} INVITE`), lines };
}

it("shares flags and lists from the request to the failure_route", async () => {
  const { e, invite, lines } = await run(`
    request_route { setflag(3); setbflag(2); $avp(a) = "A"; t_on_branch("B"); t_on_reply("R"); t_on_failure("F"); t_relay(); }
    branch_route[B] { xlog("B $mF $bF $avp(a)\\n"); setflag(6); setbflag(5); $avp(b) = "B"; }
    onreply_route[R] { xlog("R $rs $mF $bF $avp(b)\\n"); setflag(8); setbflag(7); }
    failure_route[F] { xlog("F $mF $bF $avp(a) $avp(b)\\n"); }`);
  await e.send(reply(invite, 180), callee);
  await e.send(reply(invite, 404), callee);
  expect(lines()).toEqual([
    "B 00000008 00000004 A",
    "R 180 00000048 00000024 B",
    "R 404 00000148 000000a4 B",
    "F 00000148 000000a4 A B",
  ]);
});

it("keeps what one branch_route does from the other branches", async () => {
  const e = await testEngine(
    config(
      xlog,
      `request_route { append_branch("sip:c@10.0.0.3"); $var(n) = 0; t_on_branch("B"); t_relay(); }
       branch_route[B] { $var(n) = $var(n) + 1; append_hf("X-N: $var(n) $T_branch_idx\\r\\n"); if ($T_branch_idx == 0) $du = "sip:10.0.0.9"; }`,
    ),
  );
  const sent = await e.send(request("OPTIONS"));
  expect(summary(sent)).toEqual(["10.0.0.9:5060 OPTIONS", `${second} OPTIONS`]);
  expect(sent.map((one) => one.headers("X-N"))).toEqual([["1 0"], ["2 1"]]);
});

it("sets reply and failure routes for one branch in its branch_route", async () => {
  const { e, sent, invite, lines } = await run(`
    request_route { append_branch("sip:c@10.0.0.3"); t_on_branch("B"); t_on_reply("R"); t_relay(); }
    branch_route[B] { if ($T_branch_idx == 1) { t_on_reply("R1"); t_on_failure("F1"); } }
    onreply_route[R] { xlog("R $rs\\n"); }
    onreply_route[R1] { xlog("R1 $rs\\n"); }
    failure_route[F1] { xlog("F1 $T_reply_code\\n"); }`);
  await e.send(reply(invite, 486), callee);
  await e.send(reply(find(sent, `${second} INVITE`), 404), second);
  expect(lines()).toEqual(["R 486", "R1 404", "F1 404"]);
});

describe("reply_route", () => {
  it("drops provisional replies only", async () => {
    const { e, invite } = await run(`
      request_route { t_on_reply("R"); t_relay(); }
      onreply_route[R] { drop; }`);
    expect(await e.send(reply(invite, 180), callee)).toEqual([]);
    expect(summary(await e.send(reply(invite, 404), callee))).toEqual([
      `${callee} ACK`,
      `${caller} 404`,
    ]);
  });

  it("changes the reply that goes up, after the global one", async () => {
    const { e, invite } = await run(`
      request_route { t_on_reply("R"); t_relay(); }
      reply_route { append_hf("X-Global: 1\\r\\n"); if (t_check_trans()) append_hf("X-Known: 1\\r\\n"); }
      onreply_route[R] { append_hf("X-Own: $T_req($rU)\\r\\n"); }`);
    const up = find(await e.send(reply(invite, 180), callee), `${caller} 180`);
    expect([up.header("X-Global"), up.header("X-Known"), up.header("X-Own")]).toEqual([
      "1",
      "1",
      "b",
    ]);
  });

  it("replies in the place of what came", async () => {
    const { e, invite } = await run(`
      request_route { t_on_reply("R"); t_relay(); }
      onreply_route[R] { if (status == "486") t_reply("600", "Mine"); }`);
    expect(summary(await e.send(reply(invite, 486), callee))).toEqual([
      `${callee} ACK`,
      `${caller} 600`,
    ]);
  });

  it("is asked about replies of no transaction by on_sl_reply", async () => {
    const { e, invite } = await run(
      `request_route { t_relay(); }
       onreply_route[SL] { xlog("stray $rs\\n"); drop; }`,
      `modparam("tm", "on_sl_reply", "SL")`,
    );
    const stray = reply(invite, 200).replace(/branch=z9hG4bK[^\r]*/, "branch=z9hG4bKunknown");
    expect(await e.send(stray, callee)).toEqual([]);
    expect(e.script).toEqual(["stray 200"]);
  });
});

it("runs branch-failure routes for each branch that fails, before the failure_route", async () => {
  const { e, sent, invite, lines } = await run(`
    request_route { append_branch("sip:c@10.0.0.3"); t_on_branch_failure("BF"); t_on_failure("F"); t_relay(); }
    event_route[tm:branch-failure:BF] { xlog("BF $T_branch_idx $T_reply_code $ru\\n"); if (t_is_failure_route()) xlog("no\\n"); }
    failure_route[F] { xlog("F $T_branch_idx $T_reply_code\\n"); }`);
  await e.send(reply(invite, 404), callee);
  expect(lines()).toEqual(["BF 0 404 sip:b@10.0.0.2"]);
  await e.send(reply(find(sent, `${second} INVITE`), 486), second);
  expect(lines().slice(1)).toEqual(["BF 1 486 sip:b@10.0.0.2", "F 2 404"]);
});

it("adds a branch in a branch-failure route, as for the next flow of a contact", async () => {
  const { e, invite } = await run(`
    request_route { t_on_branch_failure("BF"); t_relay(); }
    event_route[tm:branch-failure:BF] { if (t_check_status("430")) { $du = "sip:10.0.0.3"; t_relay(); } }`);
  const sent = await e.send(reply(invite, 430), callee);
  expect(summary(sent)).toEqual([`${callee} ACK`, `${second} INVITE`]);
  expect(summary(await e.send(reply(find(sent, `${second} INVITE`), 200), second))).toEqual([
    `${caller} 200`,
  ]);
});

it("tells what became of the branches in the failure_route", async () => {
  const asks = [
    "t_branch_timeout",
    "t_branch_replied",
    "t_any_timeout",
    "t_any_replied",
    "t_is_canceled",
    "t_is_expired",
  ];
  const lines = asks.map((name) => `if (${name}()) xlog("${name}\\n");`).join(" ");
  const routes = `request_route { t_on_failure("F"); t_relay(); } failure_route[F] { ${lines} }`;
  const timedOut = await run(routes);
  await timedOut.e.advance(30_100);
  expect(timedOut.lines()).toEqual(["t_branch_timeout", "t_any_timeout"]);
  const rang = await run(routes);
  await rang.e.send(reply(rang.invite, 180), callee);
  await rang.e.send(reply(rang.invite, 404), callee);
  expect(rang.lines()).toEqual(["t_branch_replied", "t_any_replied"]);
  const expired = await run(routes, `modparam("tm", "max_inv_lifetime", 10000)`);
  await expired.e.advance(10_100);
  expect(expired.lines()).toEqual(["t_branch_timeout", "t_any_timeout", "t_is_expired"]);
});

it("answers a retransmission in t_check_trans() and ends the script", async () => {
  const e = await testEngine(
    config(
      xlog,
      `request_route { if (t_check_trans()) xlog("known\\n"); xlog("new\\n"); t_newtran(); t_reply("404", "x"); }`,
    ),
  );
  expect(summary(await e.send(request("OPTIONS")))).toEqual([`${caller} 404`]);
  expect(summary(await e.send(request("OPTIONS")))).toEqual([`${caller} 404`]);
  expect(e.script).toEqual(["new"]);
});

it("lets go of a transaction that nothing was done with", async () => {
  const e = await testEngine(config("", `request_route { t_newtran(); }`));
  await e.send(request("OPTIONS"));
  expect(await e.rpc("tm.stats")).toMatchObject([{ current: 1, waiting: 1 }]);
  await e.advance(5100);
  expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0, waiting: 0 }]);
});

it("lets go of a transaction that the script never finishes when its lifetime is over", async () => {
  const e = await testEngine(config("", `request_route { t_newtran(); t_reply("183", "Wait"); }`));
  await e.send(request("INVITE"));
  await e.advance(179_000);
  expect(await e.rpc("tm.stats")).toMatchObject([{ current: 1, waiting: 0 }]);
  await e.advance(7000);
  expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0 }]);
});

it("absorbs the ACK of a 2xx that the script sent, whatever its branch", async () => {
  const e = await testEngine(
    config(
      xlog,
      `request_route { if (method == "ACK") { t_check_trans(); xlog("stray\\n"); exit; } t_newtran(); t_reply("200", "OK"); }`,
    ),
  );
  await e.send(request("INVITE"));
  expect(summary(await e.advance(600))).toEqual([`${caller} 200`]);
  await e.send(request("ACK", { branch: "z9hG4bKnew", toTag: "x" }));
  expect(await e.advance(4000)).toEqual([]);
  expect(e.script).toEqual([]);
});

it("sends no 100 when told so", async () => {
  const e = await testEngine(config("", `request_route { t_set_auto_inv_100(0); t_relay(); }`));
  expect(summary(await e.send(request("INVITE")))).toEqual([`${callee} INVITE`]);
  const f = await testEngine(config("", `request_route { t_relay_to("0x01"); }`));
  expect(summary(await f.send(request("INVITE")))).toEqual([`${callee} INVITE`]);
});

it("sets timers for the transaction before and after it is made", async () => {
  const before = await testEngine(config("", `request_route { t_set_fr(5000, 1000); t_relay(); }`));
  await before.send(request("INVITE"));
  expect(summary(await before.advance(1050))).toContain(`${caller} 408`);
  const after = await testEngine(
    config(
      "",
      `request_route { t_on_reply("R"); t_relay(); } onreply_route[R] { t_set_fr(2000); }`,
    ),
  );
  const invite = find(await after.send(request("INVITE")), `${callee} INVITE`);
  await after.send(reply(invite, 180), callee);
  expect(await after.advance(1900)).toEqual([]);
  expect(summary(await after.advance(200))).toContain(`${caller} 408`);
  const avp = await testEngine(
    config(
      `modparam("tm", "fr_timer_avp", "$avp(fr)")`,
      `request_route { $avp(fr) = 2; t_relay(); }`,
    ),
  );
  await avp.send(request("OPTIONS"));
  expect(summary(await avp.advance(2050))).toContain(`${caller} 408`);
});

it("sends copies whose replies go nowhere", async () => {
  const e = await testEngine(
    config("", `request_route { t_replicate("sip:10.0.0.3"); sl_send_reply("200", "OK"); }`),
  );
  const sent = await e.send(request("OPTIONS"));
  expect(summary(sent)).toEqual([`${second} OPTIONS`, `${caller} 200`]);
  expect(await e.send(reply(find(sent, `${second} OPTIONS`), 404), second)).toEqual([]);
});

it("holds back the replies of a transaction while a route waits", async () => {
  const answers = new SlowDns();
  const e = await testEngine(
    config(
      `loadmodule "xlog.so"`,
      `request_route { t_on_reply("R"); t_on_failure("F"); t_relay(); }
       onreply_route[R] { xlog("R $rs\\n"); }
       failure_route[F] { $ru = "sip:x@slow.example.com"; xlog("before\\n"); t_relay(); xlog("after\\n"); }`,
    ),
    { dns: answers },
  );
  const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
  await e.send(reply(invite, 404), callee);
  expect(await e.send(reply(invite, 404), callee)).toEqual([]);
  expect(e.script).toEqual(["R 404", "before"]);
  answers.release();
  await e.clock.settle();
  await e.clock.settle();
  expect(summary(e.take())).toEqual([`${second} INVITE`, `${callee} ACK`]);
  expect(e.script).toEqual(["R 404", "before", "after", "R 404"]);
});

/** A name service that answers when told to. */
class SlowDns extends TableDns {
  readonly #waiting: (() => void)[] = [];

  override async addresses(name: string, family: 4 | 6) {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return { records: family === 4 && name === "slow.example.com" ? ["10.0.0.3"] : [], ttl: 60 };
  }

  release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
