/** Flows with several branches, at once and one after the other. */
import type { Flow } from "../flow.ts";

const fork = `request_route {
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("ACK")) { t_check_trans(); exit; }
  $ru = "sip:one@127.0.0.1:U1_PORT";
  append_branch("sip:two@127.0.0.1:U2_PORT");
  t_on_branch("EACH");
  t_on_reply("BACK");
  t_relay();
}
branch_route[EACH] { append_hf("X-Branch: $T_branch_idx\\r\\n"); }
onreply_route[BACK] { append_hf("X-Reply: $rs from $T_branch_idx\\r\\n"); }
`;

const serial = `request_route {
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("ACK")) { t_check_trans(); exit; }
  $avp(tries) = 1;
  setflag(5);
  t_on_failure("NEXT");
  $ru = "sip:one@127.0.0.1:U1_PORT";
  t_relay();
}
failure_route[NEXT] {
  if (t_is_canceled()) exit;
  if (isflagset(5)) append_hf("X-Flag: set\\r\\n");
  if (t_check_status("486|408|5..") && $avp(tries) == 1) {
    $avp(tries) = 2;
    append_hf("X-After: $T_reply_code\\r\\n");
    $ru = "sip:two@127.0.0.1:U2_PORT";
    t_on_failure("NEXT");
    t_relay();
    exit;
  }
  if (t_check_status("404")) t_reply("480", "Changed by failure route");
}
`;

export const forkFlows: readonly Flow[] = [
  {
    name: "parallel fork: one answers, the other is cancelled",
    agents: ["uas", "u1", "u2"],
    ownReasons: [100],
    config: fork,
    async play(stage) {
      const invite = stage.request("uas", "INVITE");
      stage.send("uas", invite);
      const first = await stage.take("u1", "INVITE");
      const second = await stage.take("u2", "INVITE");
      stage.reply("u1", first, 180, { tag: "u1" });
      await stage.take("uas", "180");
      stage.reply("u2", second, 180, { tag: "u2" });
      await stage.take("uas", "180");
      stage.reply("u2", second, 200, { tag: "u2" });
      await stage.take("uas", "200");
      const cancel = await stage.take("u1", "CANCEL");
      stage.reply("u1", cancel, 200, { tag: "u1" });
      stage.reply("u1", first, 487, { tag: "u1" });
      await stage.take("u1", "ACK");
    },
  },
  {
    name: "parallel fork: the best of the refusals wins",
    agents: ["uas", "u1", "u2"],
    ownReasons: [100],
    config: fork,
    async play(stage) {
      const invite = stage.request("uas", "INVITE");
      stage.send("uas", invite);
      const first = await stage.take("u1", "INVITE");
      const second = await stage.take("u2", "INVITE");
      stage.reply("u1", first, 503, { tag: "u1" });
      await stage.take("u1", "ACK");
      stage.reply("u2", second, 404, { tag: "u2" });
      await stage.take("u2", "ACK");
      stage.ack("uas", invite, await stage.take("uas", "404"));
    },
  },
  {
    name: "parallel fork: a 6xx stops all",
    agents: ["uas", "u1", "u2"],
    ownReasons: [100],
    config: fork,
    async play(stage) {
      const invite = stage.request("uas", "INVITE");
      stage.send("uas", invite);
      const first = await stage.take("u1", "INVITE");
      const second = await stage.take("u2", "INVITE");
      stage.reply("u1", first, 180, { tag: "u1" });
      await stage.take("uas", "180");
      stage.reply("u2", second, 603, { tag: "u2" });
      await stage.take("u2", "ACK");
      const cancel = await stage.take("u1", "CANCEL");
      stage.reply("u1", cancel, 200, { tag: "u1" });
      stage.reply("u1", first, 487, { tag: "u1" });
      stage.ack("uas", invite, await stage.take("uas", "603"));
    },
  },
  {
    name: "serial fork on busy",
    agents: ["uas", "u1", "u2"],
    ownReasons: [100],
    config: serial,
    async play(stage) {
      const invite = stage.request("uas", "INVITE");
      stage.send("uas", invite);
      const first = await stage.take("u1", "INVITE");
      stage.reply("u1", first, 486, { tag: "u1" });
      await stage.take("u1", "ACK");
      const second = await stage.take("u2", "INVITE");
      stage.reply("u2", second, 180, { tag: "u2" });
      await stage.take("uas", "180");
      stage.reply("u2", second, 200, { tag: "u2" });
      await stage.take("uas", "200");
    },
  },
  {
    name: "serial fork on timeout, and a failure route that changes the reply",
    agents: ["uas", "u1", "u2"],
    ownReasons: [100, 408],
    config: `modparam("tm", "fr_timer", 500)\n${serial}`,
    async play(stage) {
      const invite = stage.request("uas", "INVITE");
      stage.send("uas", invite);
      await stage.take("u1", "INVITE");
      const second = await stage.take("u2", "INVITE");
      stage.reply("u2", second, 404, { tag: "u2" });
      await stage.take("u2", "ACK");
      stage.ack("uas", invite, await stage.take("uas", "480"));
    },
  },
  {
    name: "a redirect is passed to the caller",
    agents: ["uas", "u1"],
    ownReasons: [100],
    config: `request_route { if (is_method("ACK")) { t_check_trans(); exit; } $ru = "sip:one@127.0.0.1:U1_PORT"; t_relay(); }`,
    async play(stage) {
      const invite = stage.request("uas", "INVITE");
      stage.send("uas", invite);
      const first = await stage.take("u1", "INVITE");
      stage.reply("u1", first, 302, {
        tag: "u1",
        headers: "Contact: <sip:new@192.0.2.1>;q=0.5, <sip:other@192.0.2.2>\r\n",
      });
      await stage.take("u1", "ACK");
      stage.ack("uas", invite, await stage.take("uas", "302"));
    },
  },
  {
    name: "a redirect is followed: contacts become branches",
    agents: ["uas", "u1", "u2"],
    ownReasons: [100],
    config: `request_route { if (is_method("ACK")) { t_check_trans(); exit; } t_on_failure("F"); $ru = "sip:one@127.0.0.1:U1_PORT"; t_relay(); }
failure_route[F] { if (t_check_status("3..")) { $ru = $(T_rpl($ct){nameaddr.uri}); t_relay(); exit; } }`,
    async play(stage) {
      stage.send("uas", stage.request("uas", "INVITE"));
      const first = await stage.take("u1", "INVITE");
      stage.reply("u1", first, 302, {
        tag: "u1",
        headers: `Contact: <sip:new@127.0.0.1:${String(stage.agent("u2").port)}>\r\n`,
      });
      await stage.take("u1", "ACK");
      const second = await stage.take("u2", "INVITE");
      stage.reply("u2", second, 200, { tag: "u2" });
      await stage.take("uas", "200");
    },
  },
  {
    name: "branches tried in order of q: t_load_contacts, t_next_contacts",
    agents: ["uas", "u1", "u2"],
    ownReasons: [100],
    config: `modparam("tm", "contacts_avp", "tm_contacts")
modparam("tm", "contact_flows_avp", "tm_contact_flows")
request_route {
  if (is_method("ACK")) { t_check_trans(); exit; }
  $ru = "sip:one@127.0.0.1:U1_PORT";
  append_branch("sip:two@127.0.0.1:U2_PORT", "0.5");
  t_load_contacts();
  t_next_contacts();
  t_on_failure("N");
  t_relay();
}
failure_route[N] { if (t_next_contacts()) { t_on_failure("N"); t_relay(); } }`,
    async play(stage) {
      const invite = stage.request("uas", "INVITE");
      stage.send("uas", invite);
      const waiting = [stage.take("u1", "INVITE"), stage.take("u2", "INVITE")] as const;
      const first = await Promise.race(
        waiting.map(async (one, index) => ({
          agent: index === 0 ? "u1" : "u2",
          packet: await one,
        })),
      );
      stage.reply(first.agent, first.packet, 480, { tag: first.agent });
      const other = first.agent === "u1" ? "u2" : "u1";
      const second = await (other === "u1" ? waiting[0] : waiting[1]);
      stage.reply(other, second, 200, { tag: other });
      await stage.take("uas", "200");
    },
  },
];
