/** Flows of registrations: what the 200 says, in which order, what is refused, where a call then goes. */
import type { Flow, RequestOptions, Stage } from "../flow.ts";

const route = `request_route {
  if (is_method("REGISTER")) {
    if (!save("location")) append_to_reply("X-Save: $rc\\r\\n");
    exit;
  }
  $var(rc) = lookup("location");
  if ($var(rc) < 0) { append_to_reply("X-Lookup: $var(rc)\\r\\n"); sl_send_reply("404", "Not registered"); exit; }
  append_hf("X-Lookup: $var(rc) $ru $du $branch(count)\\r\\n");
  t_relay();
}
`;

const aor: RequestOptions = {
  uri: "sip:example.com",
  from: "<sip:bob@example.com>",
  to: "<sip:bob@example.com>",
};

async function register(stage: Stage, options: RequestOptions): Promise<void> {
  await stage.ask("uac", "REGISTER", { ...aor, ...options });
}

const uas = (stage: Stage, user = "bob"): string =>
  `sip:${user}@127.0.0.1:${String(stage.agent("uas").port)}`;

export const registrarFlows: readonly Flow[] = [
  {
    name: "register, fetch, refresh, call, unregister",
    agents: ["uac", "uas"],
    config: route,
    async play(stage) {
      await register(stage, {
        id: "r",
        cseq: 1,
        contact: `<${uas(stage)}>`,
        headers: "Expires: 100\r\n",
      });
      await register(stage, { id: "f", cseq: 1, contact: null });
      await register(stage, {
        id: "r",
        cseq: 2,
        branch: "z9hG4bK-2",
        contact: `<${uas(stage)}>;expires=200;q=0.7`,
      });
      stage.send(
        "uac",
        stage.request("uac", "MESSAGE", { id: "m", uri: "sip:bob@example.com", contact: null }),
      );
      stage.reply("uas", await stage.take("uas", "MESSAGE"), 200);
      await stage.take("uac", "200");
      await register(stage, {
        id: "r",
        cseq: 3,
        branch: "z9hG4bK-3",
        contact: `<${uas(stage)}>;expires=0`,
      });
      await stage.ask("uac", "MESSAGE", { id: "m2", uri: "sip:bob@example.com", contact: null });
    },
  },
  {
    name: "several contacts, order by q, Contact: *",
    agents: ["uac", "uas"],
    config: route,
    async play(stage) {
      await register(stage, {
        id: "r",
        cseq: 1,
        contact: `"One" <${uas(stage, "one")}>;q=0.2;expires=60, <${uas(stage, "two")}>;q=0.9`,
      });
      await register(stage, {
        id: "s",
        cseq: 1,
        contact: `<${uas(stage, "three")};transport=udp>;+sip.instance="<urn:uuid:1>"`,
      });
      stage.send(
        "uac",
        stage.request("uac", "MESSAGE", { id: "m", uri: "sip:bob@example.com", contact: null }),
      );
      for (let count = 0; count < 3; count++)
        stage.reply("uas", await stage.take("uas", "MESSAGE"), 480);
      await stage.take("uac", "480");
      await register(stage, {
        id: "r",
        cseq: 5,
        branch: "z9hG4bK-s",
        contact: "*",
        headers: "Expires: 0\r\n",
      });
      await register(stage, { id: "f", contact: null });
    },
  },
  {
    name: "what a registrar refuses",
    agents: ["uac", "uas"],
    ownReasons: [400, 503, 500, 480],
    config: `modparam("registrar", "max_contacts", 2)\nmodparam("registrar", "min_expires", 60)\nmodparam("registrar", "max_expires", 3600)\n${route}`,
    async play(stage) {
      await register(stage, { id: "a", contact: "*", headers: "Expires: 10\r\n" });
      await register(stage, { id: "c", contact: `<${uas(stage)}>`, headers: "Expires: 5\r\n" });
      await register(stage, { id: "d", contact: `<${uas(stage, "x")}>;expires=99999` });
      await register(stage, { id: "e", contact: `<${uas(stage, "third")}>` });
      await register(stage, {
        id: "c",
        cseq: 1,
        branch: "z9hG4bK-old",
        contact: `<${uas(stage)}>`,
      });
      await register(stage, { id: "g", to: "<sip:example.com>", contact: `<${uas(stage)}>` });
    },
  },
  {
    name: "CSeq and Call-ID of later registrations",
    agents: ["uac", "uas"],
    ownReasons: [400, 500],
    config: route,
    async play(stage) {
      await register(stage, { id: "a", cseq: 5, contact: `<${uas(stage)}>;expires=100` });
      await register(stage, {
        id: "a",
        cseq: 4,
        branch: "z9hG4bK-b",
        contact: `<${uas(stage)}>;expires=100`,
      });
      await register(stage, {
        id: "a",
        cseq: 5,
        branch: "z9hG4bK-c",
        contact: `<${uas(stage)}>;expires=100`,
      });
      await register(stage, { id: "b", cseq: 1, contact: `<${uas(stage)}>;expires=100` });
      await register(stage, { id: "c", cseq: 2, contact: `<${uas(stage)};x=y>;expires=100` });
    },
  },
  {
    name: "Path: kept and used",
    agents: ["uac", "uas"],
    config: `modparam("registrar", "use_path", 1)\nmodparam("registrar", "path_mode", 0)\n${route}`,
    async play(stage) {
      const edge = `<sip:127.0.0.1:${String(stage.agent("uas").port)};lr>`;
      await register(stage, {
        id: "a",
        contact: "<sip:bob@192.0.2.55:5060>",
        headers: `Path: ${edge}\r\nSupported: path\r\n`,
      });
      stage.send(
        "uac",
        stage.request("uac", "MESSAGE", { id: "m", uri: "sip:bob@example.com", contact: null }),
      );
      stage.reply("uas", await stage.take("uas", "MESSAGE"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "received through an avp: a call goes to where the REGISTER came from",
    agents: ["uac", "uas"],
    config: `modparam("registrar", "received_avp", "$avp(rcv)")
request_route {
  if (is_method("REGISTER")) { $avp(rcv) = "sip:127.0.0.1:UAS_PORT"; save("location"); exit; }
  if (!lookup("location")) { sl_send_reply("404", "None"); exit; }
  t_relay();
}`,
    async play(stage) {
      await register(stage, { id: "a", contact: "<sip:bob@10.1.1.1:5060>;expires=30" });
      stage.send(
        "uac",
        stage.request("uac", "MESSAGE", { id: "m", uri: "sip:bob@example.com", contact: null }),
      );
      stage.reply("uas", await stage.take("uas", "MESSAGE"), 200);
      await stage.take("uac", "200");
    },
  },
  {
    name: "use_domain keeps the domains apart; flags of save; registered(); unregister()",
    agents: ["uac", "uas"],
    config: `modparam("usrloc", "use_domain", 1)
request_route {
  if (is_method("REGISTER")) {
    if ($tU == "quiet") { save("location", "0x02"); sl_send_reply("202", "Saved $rc"); exit; }
    if ($tU == "single") { save("location", "0x04"); exit; }
    save("location"); exit;
  }
  if ($rU == "quiet") { if (registered("location")) sl_send_reply("200", "Yes"); else sl_send_reply("404", "No"); exit; }
  if ($rU == "drop") { unregister("location", "sip:single@example.com"); sl_send_reply("200", "Gone $rc"); exit; }
  if (lookup("location")) sl_send_reply("200", "Found $ru"); else sl_send_reply("404", "None $rc");
}`,
    async play(stage) {
      await register(stage, { id: "a", contact: `<${uas(stage)}>;expires=30` });
      await stage.ask("uac", "OPTIONS", { id: "b", uri: "sip:bob@example.com" });
      await stage.ask("uac", "OPTIONS", { id: "c", uri: "sip:bob@other.org" });
      await register(stage, {
        id: "d",
        to: "<sip:quiet@example.com>",
        contact: `<${uas(stage, "q")}>;expires=30`,
      });
      await stage.ask("uac", "OPTIONS", { id: "e", uri: "sip:quiet@example.com" });
      await register(stage, {
        id: "f",
        to: "<sip:single@example.com>",
        contact: `<${uas(stage, "s1")}>;expires=30`,
      });
      await register(stage, {
        id: "g",
        to: "<sip:single@example.com>",
        contact: `<${uas(stage, "s2")}>;expires=30`,
      });
      await stage.ask("uac", "OPTIONS", { id: "h", uri: "sip:drop@example.com" });
      await stage.ask("uac", "OPTIONS", { id: "i", uri: "sip:single@example.com" });
    },
  },
];
