/** Which transactions are accounted: lines and their order as a real Kamailio 5.6.3 wrote them for the same calls. */
import { afterEach, describe, expect, it } from "vitest";
import { caller, callee, find, request, second } from "../tm/messages.ts";
import { accounted, type AccountedEngine } from "./harness.ts";

let acc: AccountedEngine;
afterEach(() => acc.engine.stop());

describe("transactions", () => {
  it("that are answered", async () => {
    acc = await accounted("");
    await acc.reply(await acc.relay("INVITE"), "200 Okay");
    await acc.reply(await acc.relay("MESSAGE", { branch: "z9hG4bKm", callId: "c2" }), "202 Taken");
    expect(acc.engine.log.lines.map((line) => line.text)).toContain(
      "ACC: transaction answered: timestamp=1700000000;method=INVITE;from_tag=ft;to_tag=t9;call_id=c1;code=200;reason=Okay",
    );
    expect(acc.lines).toEqual([
      "transaction answered: method=INVITE;from_tag=ft;to_tag=t9;call_id=c1;code=200;reason=Okay",
      "transaction answered: method=MESSAGE;from_tag=ft;to_tag=t9;call_id=c2;code=202;reason=Taken",
    ]);
  });

  it("that fail: a call is missed first", async () => {
    acc = await accounted("");
    await acc.reply(await acc.relay("INVITE"), "486 Busy Here");
    await acc.reply(await acc.relay("MESSAGE", { branch: "z9hG4bKm", callId: "c2" }), "486 Busy");
    expect(acc.lines).toEqual([
      "call missed: method=INVITE;from_tag=ft;to_tag=t9;call_id=c1;code=486;reason=Busy Here",
      "transaction answered: method=INVITE;from_tag=ft;to_tag=t9;call_id=c1;code=486;reason=Busy Here",
      "transaction answered: method=MESSAGE;from_tag=ft;to_tag=t9;call_id=c2;code=486;reason=Busy",
    ]);
  });

  it("that nobody answers have the tag of our own reply", async () => {
    acc = await accounted("");
    await acc.relay("INVITE");
    const sent = find(await acc.engine.advance(900), `${caller} 408`);
    const tag = /;tag=(\S+)$/.exec(sent.header("To"))?.[1];
    expect(tag).toBeTruthy();
    expect(acc.lines).toEqual([
      `call missed: method=INVITE;from_tag=ft;to_tag=${tag};call_id=c1;code=408;reason=Request Timeout`,
      `transaction answered: method=INVITE;from_tag=ft;to_tag=${tag};call_id=c1;code=408;reason=Request Timeout`,
    ]);
  });

  it("that the script answers have the standard reason", async () => {
    acc = await accounted(
      "",
      `request_route { setflag(1); setflag(3); t_newtran(); t_reply("403", "Nope"); }`,
    );
    const [sent] = await acc.engine.send(request("INVITE"));
    const tag = /;tag=(\S+)$/.exec(sent?.header("To") ?? "")?.[1];
    expect(acc.lines).toEqual([
      `transaction answered: method=INVITE;from_tag=ft;to_tag=${tag};call_id=c1;code=403;reason=Forbidden`,
    ]);
  });

  it("without failed_transaction_flag are accounted when they succeed only", async () => {
    acc = await accounted("", `request_route { setflag(1); t_relay(); }`);
    await acc.reply(await acc.relay("INVITE"), "486 Busy");
    await acc.reply(await acc.relay("INVITE", { branch: "z9hG4bK2", callId: "c2" }), "200 OK");
    expect(acc.lines).toEqual([
      "transaction answered: method=INVITE;from_tag=ft;to_tag=t9;call_id=c2;code=200;reason=OK",
    ]);
  });

  it("without log_flag are not accounted", async () => {
    acc = await accounted("", `request_route { setflag(3); t_relay(); }`);
    await acc.reply(await acc.relay("INVITE"), "200 OK");
    expect(acc.lines).toEqual([]);
  });

  it("with a code of failed_filter are left out, but missed", async () => {
    acc = await accounted(`modparam("acc", "failed_filter", "404,407")`);
    await acc.reply(await acc.relay("INVITE"), "404 Nope");
    expect(acc.lines).toEqual([
      "call missed: method=INVITE;from_tag=ft;to_tag=t9;call_id=c1;code=404;reason=Nope",
    ]);
  });

  it("in parallel are accounted once, with the reply that was chosen", async () => {
    acc = await accounted(
      "",
      `request_route { setflag(1); setflag(2); setflag(3); append_branch("sip:b@10.0.0.3"); t_relay(); }`,
    );
    const sent = await acc.engine.send(request("INVITE"));
    await acc.reply(find(sent, `${second} INVITE`), "486 Busy");
    expect(acc.lines).toEqual([]);
    await acc.reply(find(sent, `${callee} INVITE`), "404 Nope");
    expect(acc.outcomes).toEqual([
      "call missed: code=404;reason=Nope",
      "transaction answered: code=404;reason=Nope",
    ]);
  });
});

describe("marks set in a failure_route", () => {
  const serial = (mark: string): string => `
    request_route { ${mark} t_on_failure("F"); t_relay(); }
    failure_route[F] { setflag(1); setflag(2); setflag(3); }`;
  const missed = "call missed: method=INVITE;from_tag=ft;to_tag=t9;call_id=c1;code=486;reason=Busy";
  const answered = missed.replace("call missed", "transaction answered");

  it("count for transactions that are prepared", async () => {
    acc = await accounted("", serial("setflag(5);"));
    await acc.reply(await acc.relay("INVITE"), "486 Busy");
    expect(acc.lines).toEqual([missed, answered]);
  });

  it("count for all with acc_prepare_always", async () => {
    acc = await accounted(`modparam("acc", "acc_prepare_always", 1)`, serial(""));
    await acc.reply(await acc.relay("INVITE"), "486 Busy");
    expect(acc.lines).toEqual([missed, answered]);
  });

  it("do not count for others", async () => {
    acc = await accounted("", serial(""));
    await acc.reply(await acc.relay("INVITE"), "486 Busy");
    expect(acc.lines).toEqual([]);
  });

  it("count a missed call for each attempt", async () => {
    acc = await accounted(
      `modparam("acc", "log_extra", "ruri=$ru")`,
      `request_route { setflag(1); setflag(2); setflag(3); t_on_failure("F"); t_relay(); }
       failure_route[F] { setflag(2); $ru = "sip:b@10.0.0.3"; t_relay(); }`,
    );
    const again = await acc.reply(await acc.relay("INVITE"), "404 Nope");
    await acc.reply(find(again, `${second} INVITE`), "486 Busy");
    expect(acc.outcomes).toEqual([
      "call missed: code=404;reason=Nope;ruri=sip:b@10.0.0.2",
      "call missed: code=486;reason=Busy;ruri=sip:b@10.0.0.3",
      "transaction answered: code=486;reason=Busy;ruri=sip:b@10.0.0.3",
    ]);
  });
});

describe("early media", () => {
  const progress = { headers: "Content-Type: application/sdp\r\n", body: "v=0\r\n" };

  it("is accounted when it is asked for, each time", async () => {
    acc = await accounted(`modparam("acc", "early_media", 1)`);
    const invite = await acc.relay("INVITE");
    await acc.reply(invite, "180 Ringing");
    await acc.reply(invite, "183 Progress", progress);
    await acc.reply(invite, "183 Progress", progress);
    await acc.reply(invite, "200 Okay");
    expect(acc.outcomes).toEqual([
      "transaction answered: code=183;reason=Progress",
      "transaction answered: code=183;reason=Progress",
      "transaction answered: code=200;reason=Okay",
    ]);
  });

  it("is not accounted otherwise", async () => {
    acc = await accounted("");
    await acc.reply(await acc.relay("INVITE"), "183 Progress", progress);
    expect(acc.lines).toEqual([]);
  });
});

describe("ACK and CANCEL", () => {
  const routes = `
    request_route {
      if (is_method("CANCEL|ACK")) {
        setflag(1);
        if (is_method("ACK") || t_check_trans()) t_relay();
        exit;
      }
      setflag(1); setflag(2); setflag(3);
      $avp(who) = "caller";
      t_relay();
    }`;

  it("the ACK of a 2xx is accounted with the attributes of its INVITE", async () => {
    acc = await accounted(
      `modparam("acc", "report_ack", 1)
       modparam("acc", "log_extra", "ruri=$ru;who=$avp(who)")`,
      routes,
    );
    await acc.reply(await acc.relay("INVITE"), "200 Okay");
    const [ack] = await acc.engine.send(
      request("ACK", { branch: "z9hG4bKack", toTag: "t9", uri: "sip:b@10.0.0.3" }),
    );
    expect(ack?.to).toBe(second);
    expect(acc.lines).toEqual([
      "transaction answered: method=INVITE;from_tag=ft;to_tag=t9;call_id=c1;code=200;reason=Okay;ruri=sip:b@10.0.0.2;who=caller",
      "request acknowledged: method=ACK;from_tag=ft;to_tag=t9;call_id=c1;code=200;reason=OK;ruri=sip:b@10.0.0.3;who=caller",
    ]);
  });

  it("an ACK is not accounted without report_ack", async () => {
    acc = await accounted("", routes);
    await acc.reply(await acc.relay("INVITE"), "200 Okay");
    await acc.engine.send(request("ACK", { branch: "z9hG4bKack", toTag: "t9" }));
    expect(acc.lines).toHaveLength(1);
  });

  it.each([
    [1, ["transaction answered: method=CANCEL;from_tag=ft;to_tag=;call_id=c1;code=200;reason=OK"]],
    [0, []],
  ])("a CANCEL is accounted with report_cancels (%i), its INVITE as failed", async (on, cancel) => {
    acc = await accounted(`modparam("acc", "report_cancels", ${on})`, routes);
    const invite = await acc.relay("INVITE");
    await acc.reply(invite, "180 Ringing");
    await acc.engine.send(request("CANCEL"));
    await acc.reply(invite, "487 Request Terminated");
    const common =
      "method=INVITE;from_tag=ft;to_tag=t9;call_id=c1;code=487;reason=Request Terminated";
    expect(acc.lines).toEqual([
      ...cancel,
      `call missed: ${common}`,
      `transaction answered: ${common}`,
    ]);
  });
});
