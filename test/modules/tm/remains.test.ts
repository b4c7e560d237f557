/** Finished transactions: what is left of them answers, absorbs, is listed, and goes away. */
import { describe, expect, it } from "vitest";
import { type Sent, type TestEngine, testEngine } from "../../support/engine.ts";
import { callee, caller, config, find, reply, request, summary } from "./messages.ts";

const plain = config("", "request_route { t_relay(); }");

/** Requests with branches and Call-IDs of their own. */
function numbered(i: number, method = "MESSAGE"): string {
  return request(method, { branch: `z9hG4bKn${i}`, callId: `call-${i}`, cseq: 7 });
}

/** Relays a request and its 200; the request as it was sent on, and the reply as it went back. */
async function finish(e: TestEngine, i: number): Promise<{ sent: Sent; answer: Sent }> {
  const sent = find(await e.send(numbered(i)), `${callee} MESSAGE`);
  const answer = find(await e.send(reply(sent, 200), callee), `${caller} 200`);
  return { sent, answer };
}

/** Only the newest finished transaction is still whole. */
async function finishTwo(e: TestEngine): Promise<{ sent: Sent; answer: Sent }> {
  const first = await finish(e, 1);
  await finish(e, 2);
  return first;
}

describe("a finished transaction", () => {
  it("answers its request again, however often", async () => {
    const e = await testEngine(plain);
    const { answer } = await finishTwo(e);
    for (let i = 0; i < 2; i++) {
      const again = await e.send(numbered(1));
      expect(again.map((one) => [one.to, one.text])).toEqual([[caller, answer.text]]);
    }
  });

  it("tells the script that the request came again, and what it was answered", async () => {
    const e = await testEngine(
      config(
        `loadmodule "xlog.so"`,
        `request_route {
           if (t_lookup_request()) { xlog("again $T_reply_code\\n"); t_retransmit_reply(); exit; }
           t_relay();
         }`,
      ),
    );
    await finishTwo(e);
    expect(summary(await e.send(numbered(1)))).toEqual([`${caller} 200`]);
    expect(e.script).toEqual(["again 200"]);
  });

  it("absorbs replies that come late, of its own branches only", async () => {
    const e = await testEngine(plain);
    const { sent } = await finishTwo(e);
    expect(await e.send(reply(sent, 200), callee)).toEqual([]);
    expect(await e.send(reply(sent, 180), callee)).toEqual([]);
    const strange = reply(sent, 200).replace(/(branch=z9hG4bK[^.]+\.[^.]+\.)0/, "$15");
    expect(summary(await e.send(strange, callee))).toEqual([`${caller} 200`]);
    expect(await e.rpc("tm.stats")).toMatchObject([{ rpl_received: 4, rpl_sent: 2 }]);
  });

  it("shows late replies to the reply_route, with the request", async () => {
    const e = await testEngine(
      config(
        `loadmodule "xlog.so"`,
        `request_route { setflag(3); t_on_reply("R"); t_relay(); }
         onreply_route[R] { xlog("R $rs $T_req($rU) $T_req($ci) $mF\\n"); }`,
      ),
    );
    const { sent } = await finishTwo(e);
    expect(await e.send(reply(sent, 200), callee)).toEqual([]);
    expect(e.script.at(-1)).toBe("R 200 b call-1 00000008");
  });

  it("shows late replies the lists, flags and branches of the transaction", async () => {
    const e = await testEngine(
      config(
        `loadmodule "xlog.so"
         loadmodule "kex.so"`,
        `request_route {
           $avp(a) = "one:two\xfc"; $avp(a) = 3; $avp(b) = $rU;
           if ($hdr(X-Tree) != $null) $xavp(t=>x) = "leaf";
           setbflag(2); t_on_reply("R"); t_relay();
         }
         onreply_route[R] { xlog("R $avp(a) $(avp(a)[1]) $avp(b) $xavp(t=>x) $bF $si:$sp\n"); }`,
      ),
    );
    const { sent } = await finishTwo(e);
    const early = e.script[0];
    expect(early).toMatch(/^R 3 one:two\S* b <null> 00000004 /);
    expect(await e.send(reply(sent, 200), callee)).toEqual([]);
    expect(e.script.at(-1)).toBe(early);
    const tree = numbered(9).replace("\r\n", "\r\nX-Tree: y\r\n");
    const third = find(await e.send(tree), `${callee} MESSAGE`);
    await e.send(reply(third, 200), callee);
    await finish(e, 10);
    await e.send(reply(third, 200), callee);
    expect(e.script.at(-1)).toContain(" leaf ");
  });

  it("is known to the global reply_route", async () => {
    const e = await testEngine(
      config(
        `loadmodule "xlog.so"`,
        `request_route { t_relay(); }
         reply_route { if (t_check_trans()) xlog("known $T_req($ci)\\n"); else xlog("stray\\n"); }`,
      ),
    );
    const { sent } = await finishTwo(e);
    expect(await e.send(reply(sent, 200), callee)).toEqual([]);
    expect(e.script).toEqual(["known call-1", "known call-2", "known call-1"]);
  });

  it("needs the same Call-ID with callid_matching", async () => {
    const e = await testEngine(
      config(`modparam("tm", "callid_matching", 1)`, "request_route { t_relay(); }"),
    );
    const { sent } = await finishTwo(e);
    expect(summary(await e.send(numbered(1)))).toEqual([`${caller} 200`]);
    expect(await e.send(reply(sent, 200), callee)).toEqual([]);
    const other = numbered(1).replace("call-1", "call-x");
    expect(summary(await e.send(other))).toEqual([`${callee} MESSAGE`]);
  });

  it("is listed and counted until wt_timer, then gone", async () => {
    const e = await testEngine(plain);
    await finishTwo(e);
    await e.advance(3000);
    await finish(e, 3);
    expect(await e.rpc("tm.stats")).toMatchObject([{ current: 3, waiting: 3, "2xx": 3 }]);
    const [first] = (await e.rpc("tm.list")) as object[];
    expect(first).toMatchObject({
      method: "MESSAGE",
      from: "<sip:a@example.com>;tag=ft",
      callid: "call-1",
      cseq: 7,
      uas_request: "yes",
      outgoings: 1,
    });
    await e.advance(2010);
    expect(await e.rpc("tm.stats")).toMatchObject([{ current: 1, waiting: 1, freed: 2 }]);
    expect(summary(await e.send(numbered(1)))).toEqual([`${callee} MESSAGE`]);
    await e.advance(3000);
    expect(await e.rpc("tm.stats")).toMatchObject([{ waiting: 0, freed: 3 }]);
  });

  it("leaves its place to others", async () => {
    const e = await testEngine(plain);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 5; i++) await finish(e, round * 5 + i);
      await e.advance(6000);
    }
    expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0, waiting: 0, freed: 15 }]);
    expect(await e.rpc("tm.hash_stats")).toMatchObject([{ hash_size: 5 }]);
  });
});

it("an INVITE that was cancelled before it came is still cancelled by what is left of the CANCEL", async () => {
  const e = await testEngine(
    config(`modparam("tm", "unmatched_cancel", 0)`, "request_route { t_relay(); }"),
  );
  const cancel = find(await e.send(numbered(1, "CANCEL")), `${callee} CANCEL`);
  await e.send(reply(cancel, 200), callee);
  await finish(e, 2);
  const sent = await e.send(numbered(1, "INVITE"));
  expect(summary(sent)).not.toContain(`${callee} INVITE`);
});
