/** Further addresses of a name, branches that cannot be sent, and limits. */
import { expect, it } from "vitest";
import { TableDns } from "../../../src/runtime/dns-client.ts";
import { testEngine } from "../../support/engine.ts";
import { callee, caller, config, find, reply, request, second, summary } from "./messages.ts";

const uri = "sip:b@pair.example.com:5060";

async function pair(statement = "", globals = "use_dns_failover=on\n") {
  const dns = new TableDns();
  dns.a.set("pair.example.com", ["10.0.0.2", "10.0.0.3"]);
  const e = await testEngine(config(globals, `request_route { ${statement} t_relay(); }`), { dns });
  return { e, sent: await e.send(request("OPTIONS", { uri })) };
}

it("tries the next address when the first one does not answer", async () => {
  const { e, sent } = await pair();
  expect(summary(sent)).toEqual([`${callee} OPTIONS`]);
  const next = find(await e.advance(30_100), `${second} OPTIONS`);
  expect(next.header("Via")).toMatch(/\.1$/);
  expect(next.text.split("\r\n").slice(2)).toEqual(sent[0]?.text.split("\r\n").slice(2));
  expect(summary(await e.send(reply(next, 200), second))).toEqual([`${caller} 200`]);
});

it("tries the next address when the first one is busy", async () => {
  const { e, sent } = await pair();
  const after = await e.send(reply(find(sent, `${callee} OPTIONS`), 503), callee);
  expect(summary(after)).toEqual([`${second} OPTIONS`]);
  expect(summary(await e.send(reply(find(after, `${second} OPTIONS`), 503), second))).toEqual([
    `${caller} 500`,
  ]);
});

it.each([
  ["t_set_disable_failover(1);", "use_dns_failover=on\n"],
  ["", "use_dns_failover=off\n"],
])("does not when switched off: %s %s", async (statement, globals) => {
  const { e, sent } = await pair(statement, globals);
  const after = await e.send(reply(find(sent, `${callee} OPTIONS`), 503), callee);
  expect(summary(after)).toEqual([`${caller} 500`]);
});

it("gives up at the end of the lifetime", async () => {
  const { e } = await pair();
  const sent = await e.advance(40_000);
  expect(summary(sent).at(-1)).toBe(`${caller} 408`);
  expect(summary(sent)).toContain(`${second} OPTIONS`);
});

it("runs the failure_route for what cannot be sent, with failure_exec_mode", async () => {
  const routes = `request_route { t_on_failure("F"); if (!t_relay()) xlog("no\\n"); }
    failure_route[F] { xlog("F $T_reply_code\\n"); $ru = "sip:b@10.0.0.2"; t_relay(); }`;
  const params = `loadmodule "xlog.so"\nmodparam("tm", "failure_exec_mode", 1)`;
  const e = await testEngine(config(params, routes));
  await e.send(request("OPTIONS", { uri: "sip:b@nowhere.invalid" }));
  await e.advance(20);
  expect(summary(e.sent)).toEqual([`${callee} OPTIONS`]);
  expect(e.script).toEqual(["F 478"]);
});

it("refuses more transactions than max_transactions", async () => {
  const e = await testEngine(
    config(
      `modparam("tm", "max_transactions", 2)`,
      `request_route { if (!t_relay()) sl_reply_error(); }`,
    ),
  );
  const codes: string[] = [];
  for (const branch of ["a", "b", "c"]) {
    codes.push(...summary(await e.send(request("OPTIONS", { branch: `z9hG4bK${branch}` }))));
  }
  expect(codes).toEqual([`${callee} OPTIONS`, `${callee} OPTIONS`, `${caller} 503`]);
  await e.advance(40_000);
  expect(summary(await e.send(request("OPTIONS", { branch: "z9hG4bKd" })))).toEqual([
    `${callee} OPTIONS`,
  ]);
});

it("ends an unanswered call in silence without noisy_ctimer", async () => {
  const params = `modparam("tm", "noisy_ctimer", 0)`;
  const e = await testEngine(config(params, `request_route { t_relay(); }`));
  await e.send(request("INVITE"));
  const sent = await e.advance(40_000);
  expect(summary(sent).filter((line) => line.startsWith(caller))).toEqual([]);
  expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0 }]);
});

it("knows messages by their Call-ID too when told so", async () => {
  const params = `modparam("tm", "callid_matching", 1)`;
  const e = await testEngine(config(params, `request_route { t_relay(); }`));
  const sent = find(await e.send(request("OPTIONS")), `${callee} OPTIONS`);
  const foreign = reply(sent, 200).replace("Call-ID: c1", "Call-ID: c2");
  await e.send(foreign, callee);
  expect(await e.rpc("tm.stats")).toMatchObject([{ rpl_received: 0 }]);
});
