/** Flows about routes: Record-Route, loose and strict routing, NAT, hops, checks of the message. */
import type { Flow } from "../flow.ts";

const withinDialog = `request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (has_totag()) {
    if (loose_route()) { append_hf("X-Route: loose $rc\\r\\n"); t_relay(); exit; }
    if (is_method("ACK")) { t_check_trans(); exit; }
    sl_send_reply("404", "Not here");
    exit;
  }
  remove_hf("Route");
  if (is_method("INVITE|SUBSCRIBE")) record_route();
  t_relay();
}
`;

export const routingFlows: readonly Flow[] = [
  {
    name: "a dialog along Record-Route",
    agents: ["uac", "uas"],
    ownReasons: [100],
    config: `modparam("rr", "append_fromtag", 1)\n${withinDialog}`,
    async play(stage) {
      const invite = stage.request("uac", "INVITE");
      stage.send("uac", invite);
      const arrived = await stage.take("uas", "INVITE");
      stage.reply("uas", arrived, 200, {
        headers: `Contact: <sip:bob@127.0.0.1:${String(stage.agent("uas").port)}>\r\n`,
      });
      stage.ack("uac", invite, await stage.take("uac", "200"));
      await stage.take("uas", "ACK");
      const route = `Route: <sip:127.0.0.1:${String(stage.server.port)};lr=on;ftag=from1>\r\n`;
      stage.send(
        "uac",
        stage.request("uac", "BYE", {
          cseq: 2,
          to: "<sip:bob@example.com>;tag=uastag",
          headers: route,
        }),
      );
      stage.reply("uas", await stage.take("uas", "BYE"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "loose routing through two of our own routes and one more",
    agents: ["uac", "uas"],
    config: withinDialog,
    async play(stage) {
      const self = `sip:127.0.0.1:${String(stage.server.port)}`;
      const next = `sip:127.0.0.1:${String(stage.agent("uas").port)}`;
      const headers = `Route: <${self};lr;r2=on>, <${self};lr;r2=on>\r\nRoute: <${next};lr>, <sip:last.example.org;lr>\r\n`;
      stage.send(
        "uac",
        stage.request("uac", "INFO", {
          to: "<sip:bob@example.com>;tag=uastag",
          uri: "sip:target@192.0.2.9",
          headers,
        }),
      );
      stage.reply("uas", await stage.take("uas", "INFO"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "strict routing: our address in the Request-URI",
    agents: ["uac", "uas"],
    config: withinDialog,
    async play(stage) {
      const next = `sip:127.0.0.1:${String(stage.agent("uas").port)}`;
      stage.send(
        "uac",
        stage.request("uac", "INFO", {
          to: "<sip:bob@example.com>;tag=uastag",
          uri: `sip:127.0.0.1:${String(stage.server.port)};lr`,
          headers: `Route: <${next};lr>, <sip:final@192.0.2.9>\r\n`,
        }),
      );
      stage.reply("uas", await stage.take("uas", "INFO"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "the next hop is a strict router",
    agents: ["uac", "uas"],
    config: withinDialog,
    async play(stage) {
      const headers = `Route: <sip:127.0.0.1:${String(stage.server.port)};lr>, <sip:strict@127.0.0.1:${String(stage.agent("uas").port)}>\r\n`;
      stage.send(
        "uac",
        stage.request("uac", "INFO", {
          to: "<sip:bob@example.com>;tag=uastag",
          uri: "sip:target@192.0.2.9",
          headers,
        }),
      );
      stage.reply("uas", await stage.take("uas", "INFO"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "Max-Forwards: counted down, added, used up, malformed",
    agents: ["uac", "uas"],
    ownReasons: [400],
    config: withinDialog,
    async play(stage) {
      stage.send("uac", stage.request("uac", "OPTIONS", { id: "a", maxForwards: 11 }));
      stage.reply("uas", await stage.take("uas", "OPTIONS"), 200);
      await stage.take("uac", "200");
      await stage.ask("uac", "OPTIONS", { id: "b", maxForwards: 0 });
      stage.send(
        "uac",
        stage.request("uac", "OPTIONS", { id: "c" }).replace(/Max-Forwards: 70\r\n/, ""),
      );
      stage.reply("uas", await stage.take("uas", "OPTIONS"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "behind a NAT: rport and received",
    agents: ["uac", "uas"],
    config: `request_route {
  if ($rU == "forced") force_rport();
  if ($rU == "plain") { sl_send_reply("200", "Plain"); exit; }
  t_relay();
}`,
    async play(stage) {
      const port = String(stage.agent("uac").port);
      const uas = String(stage.agent("uas").port);
      const via = (id: string, end: string): string =>
        `Via: SIP/2.0/UDP 10.1.2.3:5060;branch=z9hG4bK-uac-nat${id}${end}`;
      stage.send(
        "uac",
        stage.request("uac", "OPTIONS", {
          id: "1",
          via: via("1", ";rport"),
          uri: "sip:plain@127.0.0.1",
        }),
      );
      await stage.take("uac", "200");
      stage.send(
        "uac",
        stage.request("uac", "OPTIONS", {
          id: "2",
          via: via("2", ""),
          uri: `sip:forced@127.0.0.1:${uas}`,
        }),
      );
      stage.reply("uas", await stage.take("uas", "OPTIONS"), 200);
      await stage.take("uac", "200");
      stage.send(
        "uac",
        stage.request("uac", "OPTIONS", {
          id: "3",
          via: `Via: SIP/2.0/UDP nat.example.org:${port};branch=z9hG4bK-uac-nat3;rport`,
          uri: `sip:x@127.0.0.1:${uas}`,
        }),
      );
      stage.reply("uas", await stage.take("uas", "OPTIONS"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "sanity failures",
    agents: ["uac"],
    ownReasons: [400, 416, 420, 505],
    config: `request_route {
  if (!sanity_check("17895", "7")) { exit; }
  sl_send_reply("200", "Sane");
}`,
    async play(stage) {
      const port = String(stage.agent("uac").port);
      const base = (id: string): string =>
        stage.request("uac", "OPTIONS", { id, uri: `sip:bob@127.0.0.1:${port}` });
      const broken: readonly ((text: string) => string)[] = [
        (text) => text,
        (text) => text.replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"),
        (text) => text.replace("CSeq: 1 OPTIONS", "CSeq: 99999999999 OPTIONS"),
        (text) => text.replace("OPTIONS sip:bob", "OPTIONS http:bob"),
        (text) => text.replace("Content-Length: 0", "Content-Length: 50"),
        (text) => text.replace("Content-Length", "Expires: abc\r\nContent-Length"),
        (text) => text.replace("Content-Length", "Proxy-Require: unheard-of\r\nContent-Length"),
        (text) => text.replace(/Call-ID: .*\r\n/, ""),
      ];
      for (const [index, breaks] of broken.entries()) {
        const text = breaks(base(`s${String(index)}`));
        stage.send("uac", text);
        if (text.includes("Call-ID"))
          await stage.agent("uac").take((reply) => /^SIP\/2.0 [2-6]/.test(reply));
      }
    },
  },
  {
    name: "$du, force_send_socket and parameters of the Request-URI",
    agents: ["uac", "uas"],
    config: `request_route {
  $du = "sip:127.0.0.1:UAS_PORT;transport=udp";
  force_send_socket(udp:127.0.0.1:PORT);
  $rU = "changed";
  $rd = "new.example.org";
  $rp = "5099";
  t_relay();
}`,
    async play(stage) {
      stage.send(
        "uac",
        stage.request("uac", "OPTIONS", { uri: "sip:bob:pw@old.example.org:5070;x=1;lr?h=v" }),
      );
      stage.reply("uas", await stage.take("uas", "OPTIONS"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "core functions on the Request-URI",
    agents: ["uac", "uas"],
    config: `request_route {
  $du = "sip:127.0.0.1:UAS_PORT";
  if ($rU == "12345") strip(2);
  if ($rU == "345") { prefix("9"); strip_tail(1); }
  if ($rU == "host") { sethostport("h.example.org:5077"); setuser("user"); }
  if ($rU == "pass") setuserpass("u:p");
  if ($rU == "uri") seturi("sip:whole@new.example.org;a=b");
  if ($rU == "revert") { seturi("sip:gone@example.org"); revert_uri(); }
  if ($rU == "port") setport("1234");
  if ($rU == "hosttrans") sethostporttrans("h2.example.org:5078;transport=udp");
  t_relay();
}`,
    async play(stage) {
      for (const user of ["12345", "host", "pass", "uri", "revert", "port", "hosttrans"]) {
        stage.send(
          "uac",
          stage.request("uac", "OPTIONS", {
            id: user,
            uri: `sip:${user}@old.example.org:5070;x=1`,
          }),
        );
        stage.reply("uas", await stage.take("uas", "OPTIONS"), 200);
        await stage.take("uac", "200");
      }
    },
  },
];
