/** Variables in onsend_route and reply_route, on From and To, and what modparam sets. */
import { describe, expect, it } from "vitest";
import { RpcError, type RpcStruct } from "../../../src/runtime/module.ts";
import { testEngine } from "../../support/engine.ts";
import { request } from "../requests.ts";

const modules = 'loadmodule "tm"\nloadmodule "pv"\nloadmodule "xlog"\nloadmodule "corex"\n';

describe("onsend_route", () => {
  it("knows both ends", async () => {
    const net = await testEngine(
      `${modules}onsend_route { xlog("L_ALERT", "$snd(ip):$snd(port) $sndfrom(ip):$sndfrom(port) $sndto(sproto) $sndto(proto) $sndto(af)"); }
      request_route { xlog("L_ALERT", "$snd(ip)"); $du = "sip:10.0.0.9:5070"; t_relay(); }\n`,
    );
    await net.send(request());
    expect(net.script).toEqual(["<null>", "10.0.0.9:5070 10.0.0.100:5060 udp 1 2"]);
    await net.stop();
  });
});

describe("replies", () => {
  it("know where they go", async () => {
    const net = await testEngine(
      `${modules}reply_route { xlog("L_ALERT", "$rm $rs $rsi $rr $mt $nh(u) $rpl(dhost) $rpl(dport) $rpl(cntvia)|$ru|$ou|$branch(count)"); }
      request_route { $du = "sip:10.0.0.9"; t_relay(); }\n`,
    );
    const [sent] = await net.send(request());
    const vias = sent?.headers("Via").map((via) => `Via: ${via}\r\n`) ?? [];
    await net.send(
      `SIP/2.0 183 In Progress\r\n${vias.join("")}From: ${sent?.header("From")}\r\nTo: ${sent?.header("To")};tag=t\r\nCall-ID: ${sent?.header("Call-ID")}\r\nCSeq: ${sent?.header("CSeq")}\r\nContent-Length: 0\r\n\r\n`,
      "10.0.0.9:5060",
    );
    expect(net.script).toEqual([
      "OPTIONS 183 183 In Progress 2 sip:10.0.0.1:5060;transport=udp 10.0.0.1 5060 2|<null>|<null>|<null>",
    ]);
    await net.stop();
  });
});

describe("From and To", () => {
  async function relayed(statements: string): Promise<[string, string, string[]]> {
    const net = await testEngine(
      `${modules}request_route { ${statements} $du = "sip:10.0.0.9"; t_relay(); }\n`,
    );
    const [sent] = await net.send(
      request({
        from: '"Alice A" <sip:alice:pw@atlanta.com:5062;tag1=z>;tag=ft1;x=y',
        to: "Bob <sip:bob@biloxi.com>",
      }),
    );
    await net.stop();
    return [sent?.header("From") ?? "", sent?.header("To") ?? "", net.script];
  }
  it("change on the wire, not in the variable", async () => {
    const [from, to, log] = await relayed(
      '$fu = "sip:new@f.com"; $tU = "newto"; $fn = "New"; xlog("L_ALERT", "$fu $tU");',
    );
    expect(from).toBe("New <sip:new@f.com>;tag=ft1;x=y");
    expect(to).toBe("Bob <sip:newto@biloxi.com>");
    expect(log).toEqual(["sip:alice:pw@atlanta.com:5062;tag1=z bob"]);
  });
  it("change in parts", async () => {
    const [from, to] = await relayed('$fU = "uu"; $fd = "dd.com"; $tn = "Disp"; $td = "tt.com";');
    expect(from).toBe('"Alice A" <sip:uu:pw@dd.com:5062;tag1=z>;tag=ft1;x=y');
    expect(to).toBe("Disp <sip:bob@tt.com>");
  });
});

describe("variables of the script", () => {
  it("start with what modparam says, for every message", async () => {
    const net = await testEngine(
      `${modules}modparam("pv", "varset", "gw=s:sip:1.2.3.4")\nmodparam("pv", "varset", "n=i:5")\nmodparam("pv", "shvset", "s=i:7")
      request_route { $var(n) = $var(n) + 1; $shv(s) = $shv(s) + 1; xlog("L_ALERT", "$var(gw) $var(n) $shv(s) $var(other) $vn(other)"); }\n`,
    );
    await net.send(request());
    await net.send(request());
    expect(net.script).toEqual(["sip:1.2.3.4 6 8 0 <null>", "sip:1.2.3.4 6 9 0 <null>"]);
    await net.stop();
  });
  it("can be shared with RPC", async () => {
    const net = await testEngine(`${modules}request_route { xlog("L_ALERT", "$shv(debug)"); }\n`);
    await net.rpc("pv.shvSet", "debug", "int", "3");
    await net.send(request());
    expect(net.script).toEqual(["3"]);
    const [one] = (await net.rpc("pv.shvGet", "debug")) as RpcStruct[];
    expect(one?.entries).toEqual([
      ["name", "debug"],
      ["type", "int"],
      ["value", 3],
    ]);
    await expect(net.rpc("pv.shvSet", "debug", "int", "x")).rejects.toThrow(RpcError);
    await expect(net.rpc("pv.shvGet", "nosuch")).rejects.toThrow(RpcError);
    await net.stop();
  });
  it("are refused when modparam cannot be read", async () => {
    const net = await testEngine(
      `${modules}modparam("pv", "varset", "x=y")\nrequest_route { exit; }\n`,
      {
        allowErrors: true,
      },
    );
    expect(net.engine.hasErrors).toBe(true);
    expect(net.engine.diagnostics.map((one) => one.message).join()).toContain("name=i:number");
  });
});

describe("aliases of avps", () => {
  it("name the same avp", async () => {
    const net = await testEngine(
      `${modules}modparam("pv", "avp_aliases", "email=s:mail;num=i:7")
      request_route { $avp(email) = "a"; $avp(num) = 2; xlog("L_ALERT", "$avp(mail) $avp(i:7)"); }\n`,
    );
    await net.send(request());
    expect(net.script).toEqual(["a 2"]);
    await net.stop();
  });
});

describe("times", () => {
  it("stay the same throughout a message where they say so", async () => {
    const net = await testEngine(
      `${modules}request_route { xlog("L_ALERT", "$Ts $TS $TV(s) $Tf|$utimef(%Y-%m-%d %H:%M:%S)|$utime(mon) $utime(wday) $utime(yday)"); }\n`,
    );
    await net.send(request());
    expect(net.script).toEqual([
      "1700000000 1700000000 1700000000 Tue Nov 14 22:13:20 2023|2023-11-14 22:13:20|11 3 318",
    ]);
    await net.stop();
  });
});
