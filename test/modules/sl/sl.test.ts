/** sl: replies without a transaction and the ACKs of such replies. */
import { describe, expect, it } from "vitest";
import { testEngine } from "../../support/engine.ts";
import { caller, callee, config, find, reply, request, summary } from "../tm/messages.ts";

const modules = `loadmodule "xlog.so"\nloadmodule "corex.so"`;

async function run(routes: string, params = "") {
  const e = await testEngine(config(`${modules}\n${params}`, routes));
  return { e, lines: () => e.script.map((line) => line.trim()) };
}

describe("sl_send_reply", () => {
  it("replies with the same tag to each retransmission, keeping no state", async () => {
    const { e } = await run(`request_route { sl_send_reply("404", "Not here"); }`);
    const [first] = await e.send(request("OPTIONS"));
    const [again] = await e.send(request("OPTIONS"));
    expect(first?.line).toBe("SIP/2.0 404 Not here");
    expect(first?.header("To")).toMatch(/^<sip:b@example\.com>;tag=[0-9a-z.]{20,}$/);
    expect(again?.text).toBe(first?.text);
    expect(await e.rpc("tm.stats")).toMatchObject([{ created: 0 }]);
  });

  it("offers the targets as Contacts of a 3xx", async () => {
    const { e } = await run(`request_route {
      append_branch("sip:q@1.2.3.4", "0.5"); append_branch("sip:r@1.2.3.4;x=y"); $ru = "sip:new@4.4.4.4"; sl_send_reply("302", "Moved"); }`);
    const [sent] = await e.send(request("INVITE"));
    expect(sent?.headers("Contact")).toEqual([
      "<sip:new@4.4.4.4>, <sip:q@1.2.3.4>;q=0.5, <sip:r@1.2.3.4;x=y>",
    ]);
  });

  it("carries what append_to_reply() gave", async () => {
    const { e } = await run(
      `request_route { append_to_reply("X-A: 1\\r\\n"); sl_send_reply("200", "OK"); }`,
    );
    const [sent] = await e.send(request("OPTIONS"));
    expect(sent?.header("X-A")).toBe("1");
  });

  it("does not answer an ACK", async () => {
    const { e, lines } = await run(
      `request_route { if (!sl_send_reply("404", "x")) xlog("no\\n"); }`,
    );
    expect(await e.send(request("ACK"))).toEqual([]);
    expect(lines()).toEqual(["no"]);
  });
});

describe("the ACK of a stateless reply", () => {
  const routes = `request_route { if (method == "ACK") { xlog("ACK\\n"); exit; } sl_send_reply("404", "x"); }
    event_route[sl:filtered-ack] { xlog("filtered\\n"); }`;

  it("is absorbed", async () => {
    const { e, lines } = await run(routes);
    const [sent] = await e.send(request("INVITE"));
    const toTag = /;tag=(.*)$/.exec(sent?.header("To") ?? "")?.[1] ?? "";
    expect(await e.send(request("ACK", { toTag }))).toEqual([]);
    expect(lines()).toEqual(["filtered"]);
    expect(e.engine.services.statistics.read("sl", "received_ACKs")).toBe(1);
  });

  it("is not taken for another's", async () => {
    const { e, lines } = await run(routes);
    const [sent] = await e.send(request("INVITE"));
    const toTag = /;tag=(.*)$/.exec(sent?.header("To") ?? "")?.[1] ?? "";
    await e.send(request("ACK", { toTag: "other" }));
    await e.send(request("ACK", { toTag, callId: "another" }));
    expect(lines()).toEqual(["ACK", "ACK"]);
  });
});

describe("send_reply", () => {
  it("is stateful when there is a transaction", async () => {
    const { e } = await run(
      `request_route { if (method == "INVITE") t_newtran(); send_reply("404", "x"); }`,
    );
    await e.send(request("INVITE"));
    expect(summary(await e.advance(600))).toEqual([`${caller} 404`]);
    const f = await run(`request_route { send_reply("404", "x"); }`);
    await f.e.send(request("INVITE"));
    expect(await f.e.advance(600)).toEqual([]);
  });

  it("stays stateless when told so", async () => {
    const { e } = await run(
      `request_route { t_newtran(); send_reply("404", "x"); t_release(); }`,
      `modparam("sl", "bind_tm", 0)`,
    );
    await e.send(request("INVITE"));
    expect(await e.advance(600)).toEqual([]);
  });

  it("works in failure routes and with a mode", async () => {
    const { e } = await run(
      `request_route { t_on_failure("F"); t_relay(); } failure_route[F] { send_reply_mode("480", "Mine", "3"); }`,
    );
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    expect(summary(await e.send(reply(invite, 404), callee))).toEqual([
      `${callee} ACK`,
      `${caller} 480`,
    ]);
  });
});

it("tells errors once", async () => {
  const { e } = await run(`request_route { if (!t_relay()) sl_reply_error(); }`);
  const uri = "sip:b@nowhere.invalid";
  expect(summary(await e.send(request("OPTIONS", { uri })))).toEqual([`${caller} 478`]);
  const f = await run(`request_route { sl_reply_error(); }`);
  expect(summary(await f.e.send(request("OPTIONS")))).toEqual([`${caller} 500`]);
});

it("forwards a received reply with another code of its class", async () => {
  const { e, lines } = await run(`
    request_route { forward(); }
    reply_route { if (status == "408") { sl_forward_reply("404", "Not here"); if (!sl_forward_reply("500", "x")) xlog("no\\n"); drop; } }`);
  const sent = find(await e.send(request("OPTIONS")), `${callee} OPTIONS`);
  const up = await e.send(reply(sent, 408), callee);
  expect(up.map((one) => one.line)).toEqual(["SIP/2.0 404 Not here"]);
  expect(lines()).toEqual(["no"]);
});

it("runs an event route after its replies and counts them", async () => {
  const { e, lines } = await run(`
    request_route { if (method == "INFO") sl_send_reply("488", "x"); else sl_send_reply("404", "x"); xlog("after\\n"); }
    event_route[sl:local-response] { xlog("sent\\n"); drop; }`);
  await e.send(request("OPTIONS"));
  await e.send(request("INFO", { branch: "z9hG4bKi" }));
  expect(lines()).toEqual(["sent", "after", "sent", "after"]);
  const read = (name: string) => e.engine.services.statistics.read("sl", name);
  expect([read("404_replies"), read("4xx_replies"), read("sent_replies")]).toEqual([1, 1, 2]);
});
