/** Requests of the engine itself: by script, by remote command, and by other modules. */
import { describe, expect, it } from "vitest";
import type { TmApi } from "../../../src/modules/tm/spec.ts";
import { testEngine } from "../../support/engine.ts";
import { callee, caller, config, find, reply, request, second, summary } from "./messages.ts";

const nothing = `request_route { exit; }`;

async function engine(routes = nothing, params = "") {
  const e = await testEngine(config(`loadmodule "xlog.so"\n${params}`, routes));
  return { e, tm: e.engine.services.api("tm") as TmApi };
}

const options = {
  method: "OPTIONS",
  uri: "sip:b@10.0.0.2",
  from: "<sip:me@example.com>;tag=1",
  to: "<sip:b@example.com>",
  callId: "own-1",
  cseq: 7,
};

describe("request()", () => {
  it("sends headers in their order, and hands over the final reply once", async () => {
    const { e, tm } = await engine();
    const replies: (number | string)[] = [];
    tm.request({
      ...options,
      headers: "Event: reg\r\n",
      body: "abc",
      onFinal: (code, message) => replies.push(code, message?.reason ?? "none"),
    });
    const sent = find(e.take(), `${callee} OPTIONS`);
    const names = sent.text.split("\r\n").map((line) => line.split(":")[0]);
    expect(names.slice(1, 10)).toEqual([
      "Via",
      "To",
      "From",
      "CSeq",
      "Call-ID",
      "Max-Forwards",
      "Content-Length",
      "User-Agent",
      "Event",
    ]);
    expect(sent.headers("Via")).toHaveLength(1);
    expect(sent.body).toBe("abc");
    await e.send(reply(sent, 100), callee);
    expect(replies).toEqual([]);
    await e.send(reply(sent, 202), callee);
    await e.send(reply(sent, 202), callee);
    expect(replies).toEqual([202, "Reason202"]);
    await e.advance(40_000);
    expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0, total_local: 1 }]);
  });

  it.each([
    ["no route looks at it", nothing],
    ["a route looks at it", `${nothing}\nevent_route[tm:local-request] { xlog("x"); }`],
  ])("is there for whoever asks, as it was sent, when %s", async (_when, routes) => {
    const { e, tm } = await engine(routes);
    const seen: unknown[] = [];
    tm.addListener({
      requestOut: (transaction, branch) => {
        const { msg, uri, transaction: own } = tm.requestOf(transaction);
        seen.push(msg.callId, msg.method, uri, own === transaction, branch.uri);
      },
    });
    tm.request({ ...options, nextHop: "sip:10.0.0.3", headers: "Event: reg\r\n", body: "abc" });
    const sent = find(e.take(), `${second} OPTIONS`);
    const { uri } = options;
    expect(seen).toEqual(["own-1", "OPTIONS", uri, true, uri]);
    expect(sent.header("Event")).toBe("reg");
    expect(sent.header("Via")).toMatch(/^SIP\/2\.0\/UDP 10\.0\.0\.100;branch=z9hG4bK/);
  });

  it("is the same whether a route looks at it or not", async () => {
    const texts = await Promise.all(
      [nothing, `${nothing}\nevent_route[tm:local-request] { xlog("x"); }`].map(async (routes) => {
        const { e, tm } = await engine(routes);
        tm.request({ ...options, headers: "Event: reg\r\n", body: "abc" });
        return find(e.take(), `${callee} OPTIONS`).text.replace(/branch=[^\r]+/, "branch");
      }),
    );
    expect(texts[0]).toBe(texts[1]);
  });

  it("goes out again, and gives 408 without a reply in the end", async () => {
    const { e, tm } = await engine();
    const codes: unknown[] = [];
    tm.request({
      ...options,
      timeoutMs: 4000,
      onFinal: (code, message) => codes.push(code, message),
    });
    expect(summary(e.take())).toEqual([`${callee} OPTIONS`]);
    expect(await e.advance(3900)).toHaveLength(3);
    await e.advance(200);
    expect(codes).toEqual([408, undefined]);
  });

  it.each([
    [{ nextHop: "sip:10.0.0.3" }, second],
    [{ headers: "Route: <sip:10.0.0.3;lr>\r\n" }, second],
    [{}, callee],
  ])("goes to the next hop, the first Route or the Request-URI: %j", async (extra, to) => {
    const { e, tm } = await engine();
    tm.request({ ...options, ...extra });
    expect(summary(e.take())).toEqual([`${to} OPTIONS`]);
  });

  it("tells later what could not be sent", async () => {
    const { e, tm } = await engine();
    const codes: number[] = [];
    tm.request({ ...options, uri: "sip:b@nowhere.invalid", onFinal: (code) => codes.push(code) });
    expect(codes).toEqual([]);
    await e.advance(20);
    expect(codes).toEqual([478]);
    expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0 }]);
  });

  it("is abandoned", async () => {
    const { e, tm } = await engine();
    const codes: number[] = [];
    tm.request({ ...options, onFinal: (code) => codes.push(code) }).abandon();
    e.take();
    expect(await e.advance(60_000)).toEqual([]);
    expect(codes).toEqual([]);
  });

  it("acknowledges the 2xx of an INVITE by its route set, and cancels", async () => {
    const { e, tm } = await engine();
    const call = tm.request({
      ...options,
      method: "INVITE",
      headers: "Contact: <sip:me@10.0.0.100>\r\n",
    });
    const invite = find(e.take(), `${callee} INVITE`);
    const routes = "Record-Route: <sip:10.0.0.3;lr>\r\nContact: <sip:deep@10.0.0.9>\r\n";
    const [sent] = await e.send(reply(invite, 200, routes), callee);
    expect(sent?.to).toBe(second);
    expect(sent?.line).toBe("ACK sip:deep@10.0.0.9 SIP/2.0");
    expect(sent?.header("Route")).toBe("<sip:10.0.0.3;lr>");
    expect(sent?.header("CSeq")).toBe("7 ACK");
    call.cancel();
    expect(e.take()).toEqual([]);
    const ringing = tm.request({ ...options, method: "INVITE", callId: "own-2" });
    const second_ = find(e.take(), `${callee} INVITE`);
    await e.send(reply(second_, 180), callee);
    ringing.cancel();
    expect(summary(e.take())).toEqual([`${callee} CANCEL`]);
    expect(summary(await e.send(reply(second_, 487), callee))).toEqual([`${callee} ACK`]);
  });
});

describe("event_route[tm:local-request]", () => {
  it("changes what is sent, and where to", async () => {
    const { e, tm } = await engine(`${nothing}
      event_route[tm:local-request] { xlog("$rm $ru $du\\n"); append_hf("X-L: 1\\r\\n"); $du = "sip:10.0.0.3"; }`);
    tm.request(options);
    const sent = find(e.take(), `${second} OPTIONS`);
    expect(sent.header("X-L")).toBe("1");
    expect(sent.headers("Via")).toHaveLength(1);
    expect(e.script).toEqual(["OPTIONS sip:b@10.0.0.2 sip:b@10.0.0.2"]);
  });

  it("keeps it back", async () => {
    const { e, tm } = await engine(`${nothing} event_route[tm:local-request] { drop; }`);
    const codes: number[] = [];
    tm.request({ ...options, onFinal: (code) => codes.push(code) });
    await e.advance(20);
    expect(e.take()).toEqual([]);
    expect(codes).toEqual([403]);
  });
});

it("is sent by t_uac_send()", async () => {
  const send = (headers: string) =>
    `request_route { if (!t_uac_send("OPTIONS", "sip:u@10.0.0.3", "", "", "${headers}", "")) xlog("bad\\n"); }`;
  const { e } = await engine(send("From: <sip:x@y>\\r\\nTo: <sip:z@y>\\r\\nX-H: 1\\r\\n"));
  const sent = find(await e.send(request("MESSAGE")), `${second} OPTIONS`);
  expect(sent.header("From")).toMatch(/^<sip:x@y>;tag=[0-9a-z]+$/);
  expect(sent.header("CSeq")).toBe("10 OPTIONS");
  expect(sent.header("X-H")).toBe("1");
  const { e: f } = await engine(send("From: <sip:x@y>\\r\\n"));
  expect(await f.send(request("MESSAGE"))).toEqual([]);
  expect(f.script).toEqual(["bad"]);
});

describe("remote commands", () => {
  const headers = "From: <sip:x@y>\r\nTo: <sip:z@y>";

  it("send a request and give back its reply", async () => {
    const { e } = await engine();
    const answer = e.rpc("tm.t_uac_wait", "OPTIONS", "sip:u@10.0.0.2", ".", ".", headers);
    const sent = find(e.take(), `${callee} OPTIONS`);
    await e.send(reply(sent, 200), callee);
    expect(await answer).toEqual(["200 Reason200", expect.stringMatching(/^SIP\/2\.0 200/)]);
    await expect(
      e.rpc("tm.t_uac_wait", "OPTIONS", "sip:u@10.0.0.2", ".", ".", "X: 1"),
    ).rejects.toThrow("From and To");
  });

  it("list, reply to and cancel transactions", async () => {
    const { e } = await engine(`request_route { t_newtran(); t_reply("180", "Ringing"); }`);
    await e.send(request("INVITE"));
    const [one] = (await e.rpc("tm.list")) as { tindex: number; tlabel: number; method: string }[];
    expect(one?.method).toBe("INVITE");
    await e.rpc("tm.reply", 486, "Busy", `${one?.tindex}:${one?.tlabel}`, "mytag", "X-R: 1\r\n");
    const sent = find(e.take(), `${caller} 486`);
    expect(sent.header("To")).toMatch(/;tag=mytag$/);
    expect(sent.header("X-R")).toBe("1");
    await expect(e.rpc("tm.reply_callid", 486, "Busy", "c1", 1, ".", ".")).rejects.toThrow("final");
    await expect(e.rpc("tm.cancel", "none", 1)).rejects.toThrow("no such");
  });
});
