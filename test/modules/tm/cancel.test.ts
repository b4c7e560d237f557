/** CANCEL: from the caller, before and after replies, and racing with them. */
import { describe, expect, it } from "vitest";
import { testEngine } from "../../support/engine.ts";
import { callee, caller, config, find, reply, request, summary } from "./messages.ts";

const routes = `request_route {
  if (method == "CANCEL") { if (t_check_trans()) t_relay(); exit; }
  t_relay();
}`;

async function ringing(params = "") {
  const e = await testEngine(config(params, routes));
  const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
  await e.send(reply(invite, 180), callee);
  return { e, invite };
}

describe("of a ringing call", () => {
  it("is answered, and sent on with the Reason it has", async () => {
    const { e, invite } = await ringing();
    const sent = await e.send(request("CANCEL", { headers: 'Reason: SIP;cause=200;text="x"\r\n' }));
    expect(summary(sent)).toEqual([`${callee} CANCEL`, `${caller} 200`]);
    const cancel = find(sent, `${callee} CANCEL`);
    expect(cancel.header("Reason")).toBe('SIP;cause=200;text="x"');
    expect(cancel.header("Via")).toBe(invite.header("Via"));
    expect(summary(await e.send(reply(cancel, 200), callee))).toEqual([]);
    expect(summary(await e.send(reply(invite, 487), callee))).toEqual([
      `${callee} ACK`,
      `${caller} 487`,
    ]);
  });

  it.each([
    [`modparam("tm", "e2e_cancel_reason", 0)`, ""],
    ["", "t_set_no_e2e_cancel_reason(1);"],
  ])("loses its Reason by %s%s", async (params, statement) => {
    const e = await testEngine(
      config(params, routes.replace("t_relay();\n}", `${statement} t_relay(); }`)),
    );
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    await e.send(reply(invite, 180), callee);
    const sent = await e.send(request("CANCEL", { headers: "Reason: SIP;cause=200\r\n" }));
    expect(find(sent, `${callee} CANCEL`).headers("Reason")).toEqual([]);
  });

  it("goes out again until it is answered", async () => {
    const { e } = await ringing();
    const sent = await e.send(request("CANCEL"));
    expect(summary(await e.advance(1600))).toEqual([`${callee} CANCEL`, `${callee} CANCEL`]);
    await e.send(reply(find(sent, `${callee} CANCEL`), 200), callee);
    expect(await e.advance(20_000)).toEqual([]);
  });

  it("is absorbed when it comes again", async () => {
    const { e } = await ringing();
    await e.send(request("CANCEL"));
    expect(summary(await e.send(request("CANCEL")))).toEqual([`${caller} 200`]);
  });

  it("gives 487 when the callee never answers", async () => {
    const { e } = await ringing();
    await e.send(request("CANCEL"));
    expect(summary(await e.advance(120_100))).toContain(`${caller} 487`);
  });

  it("does nothing to a call that was answered just before", async () => {
    const { e, invite } = await ringing();
    await e.send(reply(invite, 200), callee);
    expect(summary(await e.send(request("CANCEL")))).toEqual([`${caller} 200`]);
  });

  it("loses against a 200 that is on its way", async () => {
    const { e, invite } = await ringing();
    await e.send(request("CANCEL"));
    expect(summary(await e.send(reply(invite, 200), callee))).toEqual([`${caller} 200`]);
  });
});

describe("before any reply", () => {
  async function calling(method: number) {
    const params = `modparam("tm", "cancel_b_method", ${method})`;
    const e = await testEngine(config(params, routes));
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    return { e, invite };
  }

  it("waits for a provisional reply (1)", async () => {
    const { e, invite } = await calling(1);
    expect(summary(await e.send(request("CANCEL")))).toEqual([`${caller} 200`]);
    expect(summary(await e.advance(600))).toEqual([`${callee} INVITE`]);
    expect(summary(await e.send(reply(invite, 180), callee))).toEqual([`${callee} CANCEL`]);
    expect(summary(await e.send(reply(invite, 487), callee))).toEqual([
      `${callee} ACK`,
      `${caller} 487`,
    ]);
  });

  it("ends the branch at once (0)", async () => {
    const { e } = await calling(0);
    expect(summary(await e.send(request("CANCEL"))).toSorted()).toEqual([
      `${caller} 200`,
      `${caller} 487`,
    ]);
    expect(summary(await e.advance(400))).toEqual([]);
  });

  it("sends it at once (2)", async () => {
    const { e } = await calling(2);
    expect(summary(await e.send(request("CANCEL")))).toEqual([`${callee} CANCEL`, `${caller} 200`]);
    expect(summary(await e.advance(600))).toEqual([`${callee} CANCEL`]);
  });
});

describe("for an unknown INVITE", () => {
  const relayed = `request_route { t_relay(); }`;

  it("is sent on with a transaction, and the INVITE that follows is not", async () => {
    const e = await testEngine(config("", relayed));
    expect(summary(await e.send(request("CANCEL")))).toEqual([`${callee} CANCEL`]);
    expect(summary(await e.send(request("INVITE")))).toEqual([`${caller} 100`, `${caller} 487`]);
  });

  it("is sent on without one, or not at all, when told so", async () => {
    const stateless = await testEngine(config(`modparam("tm", "unmatched_cancel", 1)`, relayed));
    expect(summary(await stateless.send(request("CANCEL")))).toEqual([`${callee} CANCEL`]);
    expect(await stateless.rpc("tm.stats")).toMatchObject([{ created: 0 }]);
    const dropped = await testEngine(config(`modparam("tm", "unmatched_cancel", 2)`, relayed));
    expect(await dropped.send(request("CANCEL"))).toEqual([]);
  });
});

it("replies 487 to an INVITE that has no branches yet", async () => {
  const e = await testEngine(
    config(
      "",
      `request_route { if (method == "CANCEL") { t_relay(); exit; } t_newtran(); t_reply("183", "Wait"); }`,
    ),
  );
  await e.send(request("INVITE"));
  expect(summary(await e.send(request("CANCEL")))).toEqual([`${caller} 487`, `${caller} 200`]);
});

it("is sent on by t_relay_cancel(), which ends the script", async () => {
  const e = await testEngine(
    config(
      "",
      `request_route { if (method == "CANCEL") { t_relay_cancel(); sl_send_reply("481", "x"); exit; } t_relay(); }`,
    ),
  );
  expect(summary(await e.send(request("CANCEL")))).toEqual([`${caller} 481`]);
  const invite = find(await e.send(request("INVITE", { branch: "z9hG4bKb" })), `${callee} INVITE`);
  await e.send(reply(invite, 180), callee);
  const sent = await e.send(request("CANCEL", { branch: "z9hG4bKb" }));
  expect(summary(sent)).toEqual([`${callee} CANCEL`, `${caller} 200`]);
});

it("takes headers with the given prefix from the INVITE", async () => {
  const { e } = await ringing(`modparam("tm", "ac_extra_hdrs", "x-keep-")`);
  await e.send(request("CANCEL"));
  const f = await testEngine(config(`modparam("tm", "ac_extra_hdrs", "x-keep-")`, routes));
  const headers = "X-Keep-A: 1\r\nX-Other: 2\r\n";
  const invite = find(await f.send(request("INVITE", { headers })), `${callee} INVITE`);
  await f.send(reply(invite, 180), callee);
  const cancel = find(await f.send(request("CANCEL")), `${callee} CANCEL`);
  expect(cancel.header("X-Keep-A")).toBe("1");
  expect(cancel.headers("X-Other")).toEqual([]);
});
