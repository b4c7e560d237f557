/** What accounting lines say, and which configurations are refused. */
import { afterEach, describe, expect, it } from "vitest";
import { request } from "../tm/messages.ts";
import { testEngine } from "../../support/engine.ts";
import { accounted, type AccountedEngine } from "./harness.ts";

let acc: AccountedEngine;
afterEach(() => acc.engine.stop());

describe("fields", () => {
  it("of log_extra are variables of the request", async () => {
    acc = await accounted(
      `modparam("acc", "log_extra", "fu=$fu;x=$hdr(X);none=$avp(x);sub=$(fu{s.substr,0,3})")`,
    );
    await acc.reply(await acc.relay("INVITE", { headers: "X: a\r\nX: b\r\n" }), "200 OK");
    expect(acc.lines[0]).toMatch(/reason=OK;fu=sip:a@example.com;x=a;none=;sub=sip$/);
  });

  it("of multi_leg_info come once for each leg, the newest first", async () => {
    acc = await accounted(
      `modparam("acc", "multi_leg_info", "leg1=$avp(l1);leg2=$avp(l2)")`,
      `request_route {
         setflag(1);
         if ($rm == "INVITE") { $avp(l1)="a"; $avp(l2)="b"; $avp(l1)="c"; $avp(l2)="d"; }
         t_relay();
       }`,
    );
    await acc.reply(await acc.relay("INVITE"), "200 OK");
    await acc.reply(await acc.relay("MESSAGE", { branch: "z9hG4bKm" }), "200 OK");
    expect(acc.lines[0]).toMatch(/reason=OK;leg1=c;leg2=d;leg1=a;leg2=b$/);
    expect(acc.lines[1]).toMatch(/reason=OK;leg1=;leg2=$/);
  });

  it.each([
    [`modparam("acc", "time_mode", 1)`, "time_exten=250000"],
    [`modparam("acc", "time_mode", 2)`, "time_attr=1700000001.250"],
    [`modparam("acc", "time_mode", 3)`, "time_attr=2023-11-14 22:13:21"],
    [`modparam("acc", "time_mode", 4)`, "time_attr=2023-11-14 22:13:21"],
    [
      `modparam("acc", "time_mode", 3)
       modparam("acc", "time_attr", "when")
       modparam("acc", "time_format", "%d/%m/%y %T")`,
      "when=14/11/23 22:13:21",
    ],
  ])("of %s", async (params, field) => {
    acc = await accounted(params);
    const invite = await acc.relay("INVITE");
    await acc.engine.advance(1250);
    await acc.reply(invite, "200 OK");
    const last = acc.engine.log.lines.map((line) => line.text).at(-1);
    expect(last).toContain(`timestamp=1700000001;${field};method=INVITE`);
  });

  it("have the reason of the Reason header with reason_from_hf", async () => {
    acc = await accounted(`modparam("acc", "reason_from_hf", 1)`);
    const headers = 'Reason: Q.850;cause=17;text="User busy"\r\n';
    await acc.reply(await acc.relay("INVITE"), "486 Busy Here", { headers });
    expect(acc.lines[1]).toMatch(/code=486;reason=Q.850;cause=17;text="User busy"$/);
    await acc.reply(await acc.relay("INVITE", { branch: "z9hG4bK2" }), "486 Busy Here");
    expect(acc.lines.at(-1)).toMatch(/reason=Busy Here$/);
  });

  it("From and To change places against the direction of the call", async () => {
    acc = await accounted(
      `modparam("acc", "detect_direction", 1)
       modparam("rr", "append_fromtag", 1)
       modparam("acc", "log_extra", "fu=$fu")`,
      `request_route { loose_route(); setflag(1); t_relay(); }`,
    );
    const up = "Route: <sip:10.0.0.100;lr;ftag=other>\r\n";
    const down = "Route: <sip:10.0.0.100;lr;ftag=ft>\r\n";
    await acc.reply(await acc.relay("BYE", { headers: up, toTag: "tt" }), "200 OK");
    await acc.reply(
      await acc.relay("BYE", { headers: down, toTag: "tt", branch: "z9hG4bKd" }),
      "200 OK",
    );
    expect(acc.lines.map((line) => line.replace(/call_id.*reason/, "reason"))).toEqual([
      "transaction answered: method=BYE;from_tag=tt;to_tag=ft;reason=OK;fu=sip:a@example.com",
      "transaction answered: method=BYE;from_tag=ft;to_tag=tt;reason=OK;fu=sip:a@example.com",
    ]);
  });
});

describe("acc_log_request()", () => {
  it.each([
    ["404 not here", "code=404;reason=not here"],
    ["no code", "code=;reason=no code"],
    ["200", "code=200;reason="],
    ["480$fU x", "code=480;reason=a x"],
    ["99 low", "code=;reason=99 low"],
    ["7000 big", "code=700;reason=0 big"],
  ])("%s", async (comment, fields) => {
    acc = await accounted("", `request_route { acc_log_request("${comment}"); drop; }`);
    await acc.engine.send(request("INVITE"));
    expect(acc.lines).toEqual([
      `request accounted: method=INVITE;from_tag=ft;to_tag=;call_id=c1;${fields}`,
    ]);
  });

  it("and acc_request() write lines without a transaction or flag", async () => {
    acc = await accounted("", `request_route { acc_request("500 a", "acc"); drop; }`);
    await acc.engine.send(request("MESSAGE", { toTag: "x" }));
    expect(acc.lines).toEqual([
      "request accounted: method=MESSAGE;from_tag=ft;to_tag=x;call_id=c1;code=500;reason=a",
    ]);
  });
});

describe("configurations", () => {
  it("write nothing below their level", async () => {
    acc = await accounted(`modparam("acc", "log_level", 2)`);
    await acc.reply(await acc.relay("INVITE"), "200 OK");
    expect(acc.engine.log.lines.filter((line) => line.text.startsWith("ACC"))).toEqual([]);
  });

  it.each([
    [`modparam("acc", "failed_filter", "404,40")`, /300 to 999/],
    [`modparam("acc", "failed_filter", "busy")`, /300 to 999/],
    [`modparam("acc", "log_extra", "x=y")`, /name=\$variable/],
    [`modparam("acc", "log_extra", "x=$nope")`, /nope/],
    [`modparam("acc", "multi_leg_info", "x=$var(y)")`, /avp/],
    [
      `modparam("acc", "acc_extra_size", 1)\nmodparam("acc", "log_extra", "x=$ru;y=$fu")`,
      /acc_extra_size/,
    ],
    [`modparam("acc", "time_mode", 5)`, /5/],
  ])("%s is refused", async (params, says) => {
    await expect(accounted(params)).rejects.toThrow(says);
  });

  it("an empty comment is refused", async () => {
    await expect(accounted("", `request_route { acc_log_request(""); }`)).rejects.toThrow(/reason/);
  });

  it("detect_direction without rr is warned about", async () => {
    const engine = await testEngine(`
      loadmodule "tm"
      loadmodule "acc"
      modparam("acc", "detect_direction", 1)
      request_route { drop; }`);
    expect(engine.engine.diagnostics.map((one) => one.message).join()).toMatch(/module rr/);
    await engine.stop();
  });
});
