/** Whole engines: from a configuration to packets. */
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/runtime/errors.ts";
import { sip, testEngine } from "../support/engine.ts";

const options = (uri = "sip:bob@10.0.0.2:5070", via = "10.0.0.1:5060;branch=z9hG4bKabc") => sip`
  OPTIONS ${uri} SIP/2.0
  Via: SIP/2.0/UDP ${via}
  From: <sip:a@x.com>;tag=1
  To: <sip:b@x.com>
  Call-ID: c1
  CSeq: 1 OPTIONS
  Max-Forwards: 70
  Content-Length: 0
`;

describe("stateless forwarding", () => {
  const config = `
    request_route {
      forward();
    }
  `;

  it("puts a Via on top and sends to the Request-URI", async () => {
    const net = await testEngine(config);
    const [sent] = await net.send(options());
    expect(sent?.to).toBe("10.0.0.2:5070");
    expect(sent?.line).toBe("OPTIONS sip:bob@10.0.0.2:5070 SIP/2.0");
    const [own, other] = sent?.headers("Via") ?? [];
    expect(own).toMatch(/^SIP\/2\.0\/UDP 10\.0\.0\.100;branch=z9hG4bK[0-9a-f]{16}\.0$/);
    expect(other).toBe("SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKabc");
  });

  it("gives retransmissions the same branch and other requests another one", async () => {
    const net = await testEngine(config);
    const branch = async (packet: string) => (await net.send(packet))[0]?.message.via?.branch;
    const first = await branch(options());
    expect(await branch(options())).toBe(first);
    expect(await branch(options(undefined, "10.0.0.1:5060;branch=z9hG4bKother"))).not.toBe(first);
  });

  it("says in the Via where the request came from", async () => {
    const net = await testEngine(config);
    const [moved] = await net.send(options(undefined, "192.168.0.9;branch=z9hG4bKabc"));
    expect(moved?.headers("Via")[1]).toBe(
      "SIP/2.0/UDP 192.168.0.9;received=10.0.0.1;branch=z9hG4bKabc",
    );
    const [asked] = await net.send(options(undefined, "10.0.0.1:5060;rport;branch=z9hG4bKabc"));
    expect(asked?.headers("Via")[1]).toContain("rport=5060");
  });

  it("sends replies to where the second Via says", async () => {
    const net = await testEngine(config);
    const reply = (via: string) => sip`
      SIP/2.0 200 OK
      Via: SIP/2.0/UDP 10.0.0.100;branch=z9hG4bKx
      Via: SIP/2.0/UDP ${via}
      From: <sip:a@x.com>;tag=1
      To: <sip:b@x.com>;tag=2
      Call-ID: c1
      CSeq: 1 OPTIONS
    `;
    const to = async (via: string) => (await net.send(reply(via), "10.0.0.2:5070"))[0]?.to;
    expect(await to("10.0.0.1:5061;branch=z9hG4bKabc")).toBe("10.0.0.1:5061");
    expect(await to("10.9.9.9;received=10.0.0.1;branch=z9hG4bKabc")).toBe("10.0.0.1:5060");
    expect(await to("10.9.9.9;received=10.0.0.1;rport=1234")).toBe("10.0.0.1:1234");
    expect(await to("10.9.9.9;maddr=10.0.0.3")).toBe("10.0.0.3:5060");
  });

  it("waits for the name service, and gives up on names that do not exist", async () => {
    const net = await testEngine(config);
    net.dns.a.set("bob.example", ["10.0.0.7"]);
    const [sent] = await net.send(options("sip:bob@bob.example"));
    expect(sent?.to).toBe("10.0.0.7:5060");
    expect(await net.send(options("sip:bob@nobody.example"))).toEqual([]);
    expect(net.engine.services.statistics.read("core", "err_requests")).toBeGreaterThan(0);
  });

  it("ends a reply without a second Via", async () => {
    const net = await testEngine(config);
    const packet = sip`
      SIP/2.0 200 OK
      Via: SIP/2.0/UDP 10.0.0.100;branch=z9hG4bKx
      From: <sip:a@x.com>;tag=1
      To: <sip:b@x.com>;tag=2
      Call-ID: c1
      CSeq: 1 OPTIONS
    `;
    expect(await net.send(packet)).toEqual([]);
  });
});

describe("core statements on the wire", () => {
  const forwarded = async (statements: string, uri = "sip:bob@10.0.0.2:5070", more = "") => {
    const net = await testEngine(`${more}\nrequest_route { ${statements} forward(); }`);
    const [sent] = await net.send(options(uri));
    return sent;
  };

  it.each([
    ["", "sip:bob@10.0.0.2:5070"],
    ['sethost("10.0.0.3");', "sip:bob@10.0.0.3:5070"],
    ['sethostport("10.0.0.3:99");', "sip:bob@10.0.0.3:99"],
    ['sethostport("10.0.0.3");', "sip:bob@10.0.0.3"],
    ['setport("77");', "sip:bob@10.0.0.2:77"],
    ['setuser("carol");', "sip:carol@10.0.0.2:5070"],
    ['setuser("");', "sip:10.0.0.2:5070"],
    ['setuserpass("u:p");', "sip:u:p@10.0.0.2:5070"],
    ['prefix("00");', "sip:00bob@10.0.0.2:5070"],
    ["strip(1);", "sip:ob@10.0.0.2:5070"],
    ["strip(9);", "sip:10.0.0.2:5070"],
    ["strip_tail(1);", "sip:bo@10.0.0.2:5070"],
    ["userphone();", "sip:bob@10.0.0.2:5070;user=phone"],
    ['seturi("sip:x@10.0.0.4");', "sip:x@10.0.0.4"],
    ['seturi("sip:x@10.0.0.4"); revert_uri();', "sip:bob@10.0.0.2:5070"],
    ['rewritehostport("10.0.0.3:99");', "sip:bob@10.0.0.3:99"],
  ])("%s sends %s", async (statements, uri) => {
    expect((await forwarded(statements))?.line).toBe(`OPTIONS ${uri} SIP/2.0`);
  });

  it("makes a SIP URI of a telephone number with a host", async () => {
    const sent = await forwarded('sethostport("10.0.0.3");', "tel:+123;x=1");
    expect(sent?.line).toBe("OPTIONS sip:+123;x=1@10.0.0.3;user=phone SIP/2.0");
  });

  it("forwards to a host given in the script", async () => {
    const net = await testEngine('request_route { forward("10.0.0.9", 5099); }');
    expect((await net.send(options()))[0]?.to).toBe("10.0.0.9:5099");
  });

  it("sets flags of the message", async () => {
    const net = await testEngine(`
      flags GOOD:4, FREE;
      request_route {
        setflag(3);
        if (isflagset(GOOD)) exit;
        if (!isflagset(3)) exit;
        setflag(GOOD);
        setflag(FREE);
        resetflag(3);
        if (isflagset(3)) exit;
        if (isflagset(GOOD) && isflagset(0)) forward();
      }
    `);
    expect(await net.send(options())).toHaveLength(1);
  });

  it("asks for rport, advertises, and sends from another socket", async () => {
    const two = "listen=udp:10.0.0.100:5060\nlisten=udp:10.0.0.100:5080 advertise 5.5.5.5:99";
    expect((await forwarded("add_local_rport();"))?.header("Via")).toMatch(/;rport$/);
    expect((await forwarded('set_advertised_address("1.2.3.4");'))?.header("Via")).toContain(
      "UDP 1.2.3.4;branch",
    );
    expect(
      (await forwarded('set_advertised_address("1.2.3.4"); set_advertised_port(77);'))?.header(
        "Via",
      ),
    ).toContain("UDP 1.2.3.4:77;branch");
    const other = await forwarded("force_send_socket(udp:10.0.0.100:5080);", undefined, two);
    expect(other?.from).toBe("10.0.0.100:5080");
    expect(other?.header("Via")).toContain("UDP 5.5.5.5:99;branch");
  });

  it("logs a line as it stands, at its level", async () => {
    const net = await testEngine(
      'debug=1\nrequest_route { log(1, "one $ru\\n"); log("four\\n"); }',
    );
    await net.send(options());
    expect(net.script).toEqual(["one $ru"]);
  });
});

describe("global parameters on the message path", () => {
  it("force_rport and local_rport", async () => {
    const net = await testEngine("force_rport=yes\nlocal_rport=yes\nrequest_route { forward(); }");
    const [sent] = await net.send(options(), "10.0.0.1:7777");
    expect(sent?.headers("Via")[0]).toMatch(/;rport$/);
    expect(sent?.headers("Via")[1]).toContain("rport=7777");
  });

  it("check_via drops replies that are for others", async () => {
    const net = await testEngine("check_via=yes\nrequest_route { exit; }");
    const reply = (own: string) => sip`
      SIP/2.0 200 OK
      Via: SIP/2.0/UDP ${own};branch=z9hG4bKx
      Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKy
      From: <sip:a@x.com>;tag=1
      To: <sip:b@x.com>;tag=2
      Call-ID: c1
      CSeq: 1 OPTIONS
    `;
    expect(await net.send(reply("10.0.0.100"))).toHaveLength(1);
    expect(await net.send(reply("10.9.9.9"))).toHaveLength(0);
  });

  it("sip_warning and server_header in replies", async () => {
    const net = await testEngine(`
      sip_warning=yes
      server_header="Server: mine"
      loadmodule "sl.so"
      request_route { sl_send_reply("404", "Not Here"); }
    `);
    const [reply] = await net.send(options());
    expect(reply?.header("Server")).toBe("mine");
    expect(reply?.header("Warning")).toMatch(/^392 10\.0\.0\.100:5060 "source=10\.0\.0\.1:5060 /);
  });

  it("server_signature=no leaves the Server header out", async () => {
    const net = await testEngine(
      'server_signature=no\nloadmodule "sl.so"\nrequest_route { sl_send_reply("404", "Gone"); }',
    );
    expect((await net.send(options()))[0]?.header("Server")).toBe("");
  });

  it("log_prefix stands in front of the script's lines", async () => {
    const net = await testEngine(
      'debug=1\nlog_prefix="{$ci} "\nloadmodule "pv.so"\nrequest_route { log(1, "here\\n"); }',
    );
    await net.send(options());
    expect(net.script).toEqual(["{c1} here"]);
  });

  it("corelog: unreadable packets are told of once in a while", async () => {
    const net = await testEngine("request_route { exit; }");
    for (let i = 0; i < 5; i++) await net.send("junk");
    await net.clock.advance(1000);
    await net.send("junk");
    const lines = net.log.lines.filter((one) => one.text.includes("not understood"));
    expect(lines).toHaveLength(2);
    expect(lines[1]?.text).toContain("4 more");
  });

  it("replies go to where the request came from, or to its Via", async () => {
    const config = (more: string) =>
      `${more}\nloadmodule "sl.so"\nrequest_route { sl_send_reply("200", "OK"); }`;
    const request = options(undefined, "10.0.0.8:5090;branch=z9hG4bKx");
    const [toSource] = await (await testEngine(config(""))).send(request);
    expect(toSource?.to).toBe("10.0.0.1:5090");
    const [toVia] = await (await testEngine(config("reply_to_via=yes"))).send(request);
    expect(toVia?.to).toBe("10.0.0.8:5090");
  });
});

describe("packets that are no messages", () => {
  it("get no answer, are counted, and stop nothing", async () => {
    const net = await testEngine("request_route { forward(); }");
    const junk = [
      "",
      "\r\n\r\n",
      "\0\0",
      "hello",
      "GET / HTTP/1.0\r\n\r\n",
      "OPTIONS sip:a SIP/2.0\r\n\r\n",
      options().replace("SIP/2.0\r\nVia", "SIP/3.0\r\nVia"),
      options().replace(/Via: .*\r\n/, "Via: garbage\r\n"),
      "x".repeat(70_000),
    ];
    for (const packet of junk) expect(await net.send(packet)).toEqual([]);
    expect(net.engine.services.statistics.read("core", "bad_msg_hdr")).toBe(6);
    expect(await net.send(options())).toHaveLength(1);
  });

  it.each([
    ["From", /From: .*\r\n/, ""],
    ["To", /To: .*\r\n/, ""],
    ["Call-ID", /Call-ID: .*\r\n/, ""],
    ["CSeq", /CSeq: .*\r\n/, ""],
    ["a number in CSeq", "1 OPTIONS", "x OPTIONS"],
  ])("are requests and replies without %s", async (_what, part, instead) => {
    const net = await testEngine(`
      request_route { log(0, "seen"); forward(); }
      reply_route { log(0, "seen"); }
    `);
    const reply = options().replace(
      /^.*\r\n/,
      "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.100;branch=z9hG4bKx\r\n",
    );
    for (const packet of [options(), reply])
      expect(await net.send(packet.replace(part, instead))).toEqual([]);
    expect(net.script).toEqual([]);
    expect(net.engine.services.statistics.read("core", "bad_msg_hdr")).toBe(2);
    expect(await net.send(reply)).toHaveLength(1);
    expect(net.script).toEqual(["seen"]);
  });

  it("are shown to event_route[core:receive-parse-error]", async () => {
    const net = await testEngine(
      `
      request_route { forward(); }
      event_route[core:receive-parse-error] { log(-1 + 0, "seen"); }
    `.replace("-1 + 0", "0"),
    );
    await net.send("hello there");
    expect(net.script).toEqual(["seen"]);
  });
});

describe("drop in reply_route", () => {
  it("keeps the reply from being sent on", async () => {
    const net = await testEngine("request_route { exit; }\nreply_route { drop; }");
    const reply = sip`
      SIP/2.0 200 OK
      Via: SIP/2.0/UDP 10.0.0.100;branch=z9hG4bKx
      Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKy
      From: <sip:a@x.com>;tag=1
      To: <sip:b@x.com>;tag=2
      Call-ID: c1
      CSeq: 1 OPTIONS
    `;
    expect(await net.send(reply)).toEqual([]);
    expect(net.engine.services.statistics.read("core", "drop_replies")).toBe(1);
  });
});

describe("onsend_route", () => {
  it("sees each request that is sent and can drop it", async () => {
    const net = await testEngine(`
      request_route { forward(); }
      onsend_route { if (method == "OPTIONS") drop; }
    `);
    expect(await net.send(options())).toEqual([]);
  });
});

describe("configurations with errors", () => {
  it("make an engine that tells them and does not start", async () => {
    const net = await testEngine("request_route { no_such_function(); }", { allowErrors: true });
    expect(net.engine.hasErrors).toBe(true);
    await expect(net.engine.start()).rejects.toBeInstanceOf(ConfigError);
  });

  it("are told for what the command line adds, too", async () => {
    const net = await testEngine("request_route { exit; }", {
      allowErrors: true,
      loadModules: ["no_such_module.so"],
    });
    const [first] = net.engine.diagnostics.filter((one) => one.severity === "error");
    expect(first?.message).toContain("no_such_module");
    expect(first?.span.source.name).toBe("<command line>");
  });
});

describe("life of an engine", () => {
  it("gives back what an injected packet made it send", async () => {
    const net = await testEngine("request_route { forward(); }");
    const sent = await net.engine.inject(options(), { from: "10.0.0.1:5060" });
    expect(sent.map((packet) => packet.to)).toEqual(["10.0.0.2:5070"]);
    expect(net.network.packets).toEqual([]);
  });

  it("answers remote commands", async () => {
    const net = await testEngine("alias=foo.com:5080\nrequest_route { exit; }", {
      defines: ["WITH_X=1"],
    });
    expect(await net.rpc("core.echo", "a", 1)).toEqual(["a", 1]);
    expect(await net.rpc("core.ppdefines")).toContain("WITH_X");
    expect(net.engine.services.isMyself("FOO.com", 5080, "udp")).toBe(true);
    const methods = (await net.rpc("system.listMethods")) as string[];
    expect(methods).toEqual([...methods].sort());
    await expect(net.rpc("core.printi", "x")).rejects.toThrow("number");
    await net.clock.advance(90_000);
    const [uptime] = (await net.rpc("core.uptime")) as { entries: [string, unknown][] }[];
    expect(uptime?.entries.at(-1)).toEqual(["uptime", 90]);
  });

  it("listens on several sockets and knows its own names", async () => {
    const net = await testEngine(`
      listen=udp:10.0.0.100:5060
      listen=udp:10.0.0.101:5070 name "second"
      alias="foo.com"
      request_route { if (uri == myself) forward("10.0.0.9", 5060); }
    `);
    expect(net.engine.sockets.map((socket) => socket.text)).toEqual([
      "udp:10.0.0.100:5060",
      "udp:10.0.0.101:5070",
    ]);
    expect(await net.send(options("sip:a@FOO.com"))).toHaveLength(1);
    expect(await net.send(options("sip:a@10.0.0.101:5070"))).toHaveLength(1);
    expect(await net.send(options("sip:a@10.0.0.101:5071"))).toHaveLength(0);
  });

  it("stops once, and sends nothing afterwards", async () => {
    const net = await testEngine("request_route { forward(); }");
    await net.stop();
    await net.stop();
    expect(net.network.packets).toEqual([]);
  });
});
