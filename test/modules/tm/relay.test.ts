/** t_relay() to one target: what goes out, what comes back, and when it goes out again. */
import { describe, expect, it } from "vitest";
import { testEngine } from "../../support/engine.ts";
import { ack, callee, caller, config, find, reply, request, summary } from "./messages.ts";

const plain = config(
  "",
  `request_route { if (method=="ACK") { t_relay(); exit; } if (!t_relay()) sl_reply_error(); }`,
);

it("answers 479 to a Request-URI that cannot be read", async () => {
  const e = await testEngine(plain);
  const sent = await e.send(request("OPTIONS", { uri: "sip:b@10.0.0.2:99999" }));
  expect(summary(sent)).toEqual([`${caller} 479`]);
});

describe("an INVITE", () => {
  it("is answered with 100 and sent on with a Via of its own", async () => {
    const e = await testEngine(plain);
    const sent = await e.send(request("INVITE"));
    expect(summary(sent)).toEqual([`${caller} 100`, `${callee} INVITE`]);
    const invite = find(sent, `${callee} INVITE`);
    expect(invite.headers("Via")).toHaveLength(2);
    expect(invite.header("Via")).toMatch(
      /^SIP\/2\.0\/UDP 10\.0\.0\.100;branch=z9hG4bK[0-9a-f]+\.[0-9a-z]{8,}\.0$/,
    );
    expect(find(sent, `${caller} 100`).header("To")).toBe("<sip:b@example.com>");
  });

  it("goes out again at T1, doubling up to T2, until something comes", async () => {
    const e = await testEngine(plain);
    const [, invite] = await e.send(request("INVITE"));
    const counts: number[] = [];
    for (const ms of [499, 20, 980, 30, 1970, 40, 3960, 50, 4000]) {
      counts.push((await e.advance(ms)).length);
    }
    expect(counts).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 1]);
    expect(e.sent.filter((one) => one.text === invite?.text)).toHaveLength(6);
    if (invite === undefined) throw new Error("nothing was sent");
    await e.send(reply(invite, 100), callee);
    expect(await e.advance(20_000)).toEqual([]);
  });

  it("gets 408 when nothing comes in fr_timer", async () => {
    const e = await testEngine(plain);
    await e.send(request("INVITE"));
    const sent = await e.advance(30_000);
    const last = sent.at(-1);
    expect(last?.line).toBe("SIP/2.0 408 Request Timeout");
    expect(last?.to).toBe(caller);
    expect(last?.header("To")).toMatch(/;tag=/);
  });

  it("rings for fr_inv_timer, is cancelled then and gets 408", async () => {
    const e = await testEngine(plain);
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    expect(summary(await e.send(reply(invite, 180), callee))).toEqual([`${caller} 180`]);
    await e.advance(60_000);
    await e.send(reply(invite, 180), callee);
    expect(await e.advance(119_000)).toEqual([]);
    expect(summary(await e.advance(1100)).slice(0, 2)).toEqual([
      `${caller} 408`,
      `${callee} CANCEL`,
    ]);
  });

  it("does not restart fr_inv_timer on the same reply when told so", async () => {
    const params = `modparam("tm", "restart_fr_on_each_reply", 0)`;
    const e = await testEngine(config(params, `request_route { t_relay(); }`));
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    await e.send(reply(invite, 180), callee);
    await e.advance(60_000);
    await e.send(reply(invite, 180), callee);
    expect(summary(await e.advance(60_100))).toContain(`${caller} 408`);
  });

  it("lives no longer than max_inv_lifetime", async () => {
    const e = await testEngine(plain);
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    for (let i = 0; i < 3; i++) {
      await e.send(reply(invite, 180), callee);
      await e.advance(59_000);
    }
    await e.send(reply(invite, 180), callee);
    expect(summary(await e.advance(4000))).toContain(`${caller} 408`);
  });

  it("has its negative reply acknowledged on both sides", async () => {
    const e = await testEngine(plain);
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    const sent = await e.send(reply(invite, 486), callee);
    expect(summary(sent)).toEqual([`${callee} ACK`, `${caller} 486`]);
    const acknowledged = find(sent, `${callee} ACK`);
    expect(acknowledged.header("Via")).toBe(invite.header("Via"));
    expect(acknowledged.header("CSeq")).toBe("1 ACK");
    expect(acknowledged.header("To")).toBe("<sip:b@example.com>;tag=t486");
    expect(summary(await e.advance(1600))).toEqual([`${caller} 486`, `${caller} 486`]);
    expect(await e.send(ack())).toEqual([]);
    expect(await e.advance(4000)).toEqual([]);
    expect(summary(await e.send(request("INVITE")))).toEqual([`${caller} 486`]);
    await e.advance(1500);
    expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0, waiting: 0, "4xx": 1, freed: 1 }]);
  });

  it("stops sending a negative reply that is never acknowledged after fr_timer", async () => {
    const e = await testEngine(plain);
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    await e.send(reply(invite, 486), callee);
    await e.advance(30_000);
    expect(await e.advance(60_000)).toEqual([]);
    expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0 }]);
  });

  it("has its 2xx and the retransmissions of it passed on, and the ACK sent without state", async () => {
    const e = await testEngine(plain);
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    expect(summary(await e.send(reply(invite, 200), callee))).toEqual([`${caller} 200`]);
    expect(summary(await e.send(reply(invite, 200), callee))).toEqual([`${caller} 200`]);
    expect(await e.advance(3000)).toEqual([]);
    const acks = await e.send(ack({ branch: "z9hG4bKother" }));
    expect(summary(acks)).toEqual([`${callee} ACK`]);
  });

  it("is absorbed when it comes again", async () => {
    const e = await testEngine(plain);
    const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
    expect(summary(await e.send(request("INVITE")))).toEqual([`${caller} 100`]);
    await e.send(reply(invite, 183), callee);
    expect(summary(await e.send(request("INVITE")))).toEqual([`${caller} 183`]);
  });
});

describe("another request", () => {
  it("goes out again at T1 to T2, and slower after a provisional reply", async () => {
    const e = await testEngine(plain);
    const sent = await e.send(request("OPTIONS"));
    expect(summary(sent)).toEqual([`${callee} OPTIONS`]);
    await e.send(reply(find(sent, `${callee} OPTIONS`), 100), callee);
    expect(await e.advance(3900)).toEqual([]);
    expect(summary(await e.advance(200))).toEqual([`${callee} OPTIONS`]);
  });

  it("gets the last reply again, and nothing while there is none", async () => {
    const e = await testEngine(plain);
    const sent = await e.send(request("OPTIONS"));
    expect(await e.send(request("OPTIONS"))).toEqual([]);
    const reply200 = reply(find(sent, `${callee} OPTIONS`), 200);
    expect(summary(await e.send(reply200, callee))).toEqual([`${caller} 200`]);
    expect(await e.send(reply200, callee)).toEqual([]);
    expect(summary(await e.send(request("OPTIONS")))).toEqual([`${caller} 200`]);
    await e.advance(5100);
    expect(summary(await e.send(request("OPTIONS")))).toEqual([`${callee} OPTIONS`]);
  });

  it("gets 408 when nothing comes", async () => {
    const e = await testEngine(plain);
    await e.send(request("OPTIONS"));
    expect(summary(await e.advance(30_100)).at(-1)).toBe(`${caller} 408`);
  });
});

describe("what cannot be sent", () => {
  it.each([
    ["sip:b@nowhere.invalid", "478"],
    ["sip:b@10.0.0.2;transport=tcp", "500"],
  ])("%s gets %s once", async (uri, code) => {
    const e = await testEngine(plain);
    expect(summary(await e.send(request("OPTIONS", { uri })))).toEqual([`${caller} ${code}`]);
  });

  it("gets the script's reply if it sends one", async () => {
    const routes = `request_route { if (!t_relay()) { t_reply("404", "Mine"); } }`;
    const e = await testEngine(config("", routes));
    const sent = await e.send(request("OPTIONS", { uri: "sip:b@nowhere.invalid" }));
    expect(summary(sent)).toEqual([`${caller} 404`]);
  });

  it("is left to the script when tm shall not reply", async () => {
    const routes = `request_route { t_set_disable_internal_reply(1); if (!t_relay()) sl_send_reply("480", "x"); }`;
    const e = await testEngine(config("", routes));
    const sent = await e.send(request("OPTIONS", { uri: "sip:b@nowhere.invalid" }));
    expect(summary(sent)).toEqual([`${caller} 480`]);
  });
});

it("maps 503 to 500 unless told otherwise", async () => {
  const e = await testEngine(plain);
  const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
  expect(summary(await e.send(reply(invite, 503), callee))).toEqual([
    `${callee} ACK`,
    `${caller} 500`,
  ]);
  const kept = config(`modparam("tm", "remap_503_500", 0)`, `request_route { t_relay(); }`);
  const f = await testEngine(kept);
  const other = find(await f.send(request("INVITE")), `${callee} INVITE`);
  expect(summary(await f.send(reply(other, 503), callee))).toEqual([
    `${callee} ACK`,
    `${caller} 503`,
  ]);
});

it("lets a late 200 through after a timeout", async () => {
  const e = await testEngine(plain);
  const invite = find(await e.send(request("INVITE")), `${callee} INVITE`);
  await e.advance(30_000);
  expect(summary(await e.send(reply(invite, 200), callee))).toEqual([`${caller} 200`]);
});
