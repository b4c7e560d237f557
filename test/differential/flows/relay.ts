/** Flows of one request and its replies through the transaction layer. */
import type { Flow } from "../flow.ts";

const simple = `request_route {
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("ACK")) { if (t_check_trans()) { t_relay(); exit; } t_relay(); exit; }
  if (!t_newtran()) { exit; }
  t_relay();
}
`;

export const relayFlows: readonly Flow[] = [
  {
    name: "relay of an INVITE with provisional and final reply, ACK and BYE",
    agents: ["uac", "uas"],
    ownReasons: [100],
    config: simple,
    async play(stage) {
      const invite = stage.request("uac", "INVITE", {
        body: "v=0\r\n",
        headers: "Content-Type: application/sdp\r\n",
      });
      stage.send("uac", invite);
      const arrived = await stage.take("uas", "INVITE");
      stage.reply("uas", arrived, 100);
      stage.reply("uas", arrived, 180);
      await stage.take("uac", "180");
      stage.reply("uas", arrived, 200, {
        headers: `Contact: <sip:bob@127.0.0.1:${String(stage.agent("uas").port)}>\r\n`,
      });
      const ok = await stage.take("uac", "200");
      stage.ack("uac", invite, ok);
      await stage.take("uas", "ACK");
      stage.send(
        "uac",
        stage.request("uac", "BYE", { cseq: 2, id: "1", to: "<sip:bob@example.com>;tag=uastag" }),
      );
      stage.reply("uas", await stage.take("uas", "BYE"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "a MESSAGE and an error reply",
    agents: ["uac", "uas"],
    config: simple,
    async play(stage) {
      stage.send(
        "uac",
        stage.request("uac", "MESSAGE", {
          body: "hello",
          headers: "Content-Type: text/plain\r\nX-Unknown:  odd   spacing ;x\r\n",
        }),
      );
      const arrived = await stage.take("uas", "MESSAGE");
      stage.reply("uas", arrived, 415, {
        headers: "Accept: text/html\r\nX-More: 1\r\n",
        reason: "Unsupported",
      });
      await stage.take("uac", "415");
    },
  },
  {
    name: "an INVITE refused: the ACK is made here and the caller's is taken here",
    agents: ["uac", "uas"],
    ownReasons: [100],
    config: simple,
    async play(stage) {
      const invite = stage.request("uac", "INVITE");
      stage.send("uac", invite);
      const arrived = await stage.take("uas", "INVITE");
      stage.reply("uas", arrived, 486, { reason: "Busy" });
      await stage.take("uas", "ACK");
      stage.ack("uac", invite, await stage.take("uac", "486"));
    },
  },
  {
    name: "CANCEL while ringing",
    agents: ["uac", "uas"],
    ownReasons: [100, 200, 487],
    config: simple,
    async play(stage) {
      const invite = stage.request("uac", "INVITE");
      stage.send("uac", invite);
      const arrived = await stage.take("uas", "INVITE");
      stage.reply("uas", arrived, 180);
      await stage.take("uac", "180");
      stage.send("uac", stage.request("uac", "CANCEL", { contact: null }));
      const cancel = await stage.take("uas", "CANCEL");
      stage.reply("uas", cancel, 200);
      stage.reply("uas", arrived, 487, { reason: "Terminated" });
      await stage.take("uas", "ACK");
      stage.ack("uac", invite, await stage.take("uac", "487"));
    },
  },
  {
    name: "CANCEL before any provisional reply",
    agents: ["uac", "uas"],
    ownReasons: [100, 200, 487],
    config: `modparam("tm", "cancel_b_method", 1)\n${simple}`,
    async play(stage) {
      const invite = stage.request("uac", "INVITE");
      stage.send("uac", invite);
      const arrived = await stage.take("uas", "INVITE");
      stage.send(
        "uac",
        stage.request("uac", "CANCEL", { contact: null, headers: "Reason: SIP;cause=200\r\n" }),
      );
      await stage.take("uac", "200");
      stage.reply("uas", arrived, 180);
      const cancel = await stage.take("uas", "CANCEL");
      stage.reply("uas", cancel, 200);
      stage.reply("uas", arrived, 487);
      await stage.take("uas", "ACK");
      stage.ack("uac", invite, await stage.take("uac", "487"));
    },
  },
  {
    name: "CANCEL of an unknown call",
    agents: ["uac", "uas"],
    config: `request_route {
  if (is_method("CANCEL")) { t_relay_cancel(); sl_send_reply("481", "No such call"); exit; }
  t_relay();
}`,
    async play(stage) {
      stage.send("uac", stage.request("uac", "CANCEL", { contact: null }));
      await stage.take("uac", "481");
    },
  },
  {
    name: "retransmitted requests are answered here, and not sent on again",
    agents: ["uac", "uas"],
    ownReasons: [100],
    config: simple,
    async play(stage) {
      const invite = stage.request("uac", "INVITE");
      stage.send("uac", invite);
      const arrived = await stage.take("uas", "INVITE");
      stage.send("uac", invite);
      stage.reply("uas", arrived, 183);
      await stage.take("uac", "183");
      stage.send("uac", invite);
      await stage.take("uac", "183");
      stage.reply("uas", arrived, 404);
      const final = await stage.take("uac", "404");
      stage.send("uac", invite);
      await stage.take("uac", "404");
      stage.ack("uac", invite, final);
    },
  },
  {
    name: "retransmitted replies: a final one is acknowledged again, a 200 passes again",
    agents: ["uac", "uas"],
    ownReasons: [100],
    config: simple,
    async play(stage) {
      const refused = stage.request("uac", "INVITE", { id: "a" });
      stage.send("uac", refused);
      const first = await stage.take("uas", "INVITE");
      stage.reply("uas", first, 500);
      await stage.take("uas", "ACK");
      stage.reply("uas", first, 500);
      await stage.take("uas", "ACK");
      stage.ack("uac", refused, await stage.take("uac", "500"));
      stage.send("uac", stage.request("uac", "INVITE", { id: "b" }));
      const second = await stage.take("uas", "INVITE");
      stage.reply("uas", second, 200);
      await stage.take("uac", "200");
      stage.reply("uas", second, 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "nobody answers: 408 after fr_timer, and requests are retransmitted until then",
    agents: ["uac", "uas"],
    ownReasons: [100, 408],
    config: `modparam("tm", "fr_timer", 900)\nmodparam("tm", "retr_timer1", 300)\n${simple}`,
    async play(stage) {
      const invite = stage.request("uac", "INVITE");
      stage.send("uac", invite);
      await stage.take("uas", "INVITE");
      stage.ack("uac", invite, await stage.take("uac", "408"));
    },
  },
  {
    name: "ringing for too long: CANCEL and 408 after fr_inv_timer",
    agents: ["uac", "uas"],
    ownReasons: [100, 408, 487],
    config: `modparam("tm", "fr_inv_timer", 700)\n${simple}`,
    async play(stage) {
      const invite = stage.request("uac", "INVITE");
      stage.send("uac", invite);
      const arrived = await stage.take("uas", "INVITE");
      stage.reply("uas", arrived, 180);
      const cancel = await stage.take("uas", "CANCEL");
      stage.reply("uas", cancel, 200);
      stage.reply("uas", arrived, 487);
      stage.ack("uac", invite, await stage.take("uac", "408"));
    },
  },
  {
    name: "replies made by the script: t_reply, send_reply, sl_send_reply with added headers",
    agents: ["uac", "uas"],
    ownReasons: [100],
    config: `request_route {
  append_to_reply("X-Added: yes\\r\\n");
  if ($rU == "t") { t_newtran(); t_reply("404", "Not here"); exit; }
  if ($rU == "s") { send_reply("403", "Stateless"); exit; }
  if ($rU == "ts") { t_newtran(); send_reply("480", "Stateful"); exit; }
  if ($rU == "p") { t_newtran(); t_reply("182", "Queued"); t_reply("486", "Busy"); exit; }
  if (is_method("ACK")) exit;
  sl_send_reply("200", "Fine $rU");
}`,
    async play(stage) {
      for (const user of ["t", "s", "ts", "p", "x"]) {
        const invite = stage.request("uac", "INVITE", { id: user, uri: `sip:${user}@127.0.0.1` });
        stage.send("uac", invite);
        const final = await stage.agent("uac").take((text) => /^SIP\/2.0 [2-6]/.test(text));
        if (user !== "x") stage.ack("uac", invite, final);
      }
    },
  },
  {
    name: "stateless forwarding both ways",
    agents: ["uac", "uas"],
    config: "request_route { forward(); }",
    async play(stage) {
      stage.send("uac", stage.request("uac", "OPTIONS"));
      const arrived = await stage.take("uas", "OPTIONS");
      stage.reply("uas", arrived, 200, { headers: "Allow: INVITE\r\n" });
      await stage.take("uac", "200");
    },
  },
];
