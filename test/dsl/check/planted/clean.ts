/** Configurations without faults: idioms that Kamailio accepts and the checker must not object to. */
import { loadAll } from "../catalog.ts";

/** A clean configuration: a title and its text. */
export type Clean = readonly [title: string, text: string];

function inRoute(title: string, body: string): Clean {
  return [title, `${loadAll}request_route {\n  ${body}\n}\n`];
}

function whole(title: string, text: string): Clean {
  return [title, `${loadAll}${text}\n`];
}

export const clean: readonly Clean[] = [
  inRoute("a reply", `sl_send_reply("404", "Not found");`),
  inRoute("a status as a number", `sl_send_reply(404, "Not found");`),
  inRoute("a status in a variable", `sl_send_reply("$var(code)", "$var(text)");`),
  inRoute("a reply with an exit", `if (!t_relay()) {\n sl_reply_error();\n }\n exit;`),
  inRoute("method lists", `if (is_method("INVITE|SUBSCRIBE|KDMQ")) { setflag(1); }`),
  inRoute(
    "comparison of methods",
    `if (method == "INVITE" || $rm == "BYE" || method == ACK) exit;`,
  ),
  inRoute("uri==myself", `if (uri == myself) exit; if (from_uri != myself) exit;`),
  inRoute("source addresses", `if (src_ip == 127.0.0.1 || src_ip == 10.0.0.0/8) exit;`),
  inRoute("source address and myself", `if (src_ip != myself) exit;`),
  inRoute("source address as a text", `if (src_ip == "10.0.0.1" || $si == "10.0.0.1") exit;`),
  inRoute("transports", `if (proto == UDP || proto == "tcp" || proto == WS) exit;`),
  inRoute("address family", `if (af == INET6) exit;`),
  inRoute("size", `if (msg:len >= 2048) exit;`),
  inRoute("status with text and number", `if (status == "200" || status == 200) exit;`),
  inRoute("status with a pattern", `if (status =~ "^[12][0-9][0-9]$") exit;`),
  inRoute("concatenation", `$ru = "sip:" + $rU + "@" + $rd + ":" + $rp;`),
  inRoute("null", `if ($rU == $null || $du != $null) exit; $du = $null;`),
  inRoute("negation of a comparison", `if (!($rU == "a")) exit; if (not ($rU == "a")) exit;`),
  inRoute("negation of a function and a variable", `if (!has_totag() && !$var(x)) exit;`),
  inRoute("truth of variables", `if ($var(x)) exit; if ($rU && $rd) exit;`),
  inRoute("a user that is a number", `if ($rU == 911 || $rU == "112") exit;`),
  inRoute("a header that is a number", `if ($hdr(Expires) == 0 || $avp(x) == 5) exit;`),
  inRoute("a status that is a text of digits", `if ($T_reply_code == "408" || $rs == "200") exit;`),
  inRoute("numbers", `$var(x) = 5 + 3 * (2 - 1) / 2; $var(y) = $var(x) mod 3;`),
  inRoute("bits", `if ($var(x) & 4) exit; $var(y) = ~$var(x) | 1 << 3;`),
  inRoute("text + number", `$var(x) = "a" + 5; $var(y) = $var(x) + "b";`),
  inRoute("strlen and strempty", `if (strlen($rU) > 5 || strempty($rd)) exit;`),
  inRoute("defined", `if (defined $avp(x) && !strempty($avp(x))) exit;`),
  inRoute("casts", `$var(x) = (int)$hdr(Expires) + 5; $var(y) = (str)$var(x) + "a";`),
  inRoute("function values", `$var(x) = is_method("INVITE"); if (t_relay() > 0) exit;`),
  inRoute("pattern with variables", `if ($rU =~ "^" + $var(p) || $rU =~ $var(q)) exit;`),
  inRoute("patterns", `if ($ru =~ "^sip:[0-9]{3,5}@(a|b)\\.com$" || $rU =~ "^\\+49") exit;`),
  inRoute("classes in patterns", `if ($rU =~ "^[[:digit:]]+$" || $ua =~ "friendly|scanner") exit;`),
  inRoute("substitutions", `subst("/^From: (.*)$/From: \\1;a=b/ig"); subst("#a#$var(x)#");`),
  inRoute("re.subst", `$var(x) = $(ru{re.subst,/^sip:(.*)@.*$/\\1/g});`),
  inRoute("transformations", `$var(x) = $(ru{uri.user}{s.len}) + $(var(y){s.substr,0,$var(n)});`),
  inRoute(
    "transformations in texts",
    `xlog("L_INFO", "[$(ru{uri.host})] $(hdr(Via)[1]) $$ $TV(s)\\n");`,
  ),
  inRoute("indexes", `$var(x) = $(avp(a)[0]); $(avp(a)[*]) = $null; $var(y) = $(hdr(Via)[-1]);`),
  inRoute("index in a variable", `$var(x) = $(avp(a)[$var(i)]);`),
  inRoute(
    "old names of avps",
    `$avp(s:x) = 1; $avp(i:5) = 2; $xavp(a=>b) = 3; $xavp(a[0]=>b) = 4;`,
  ),
  inRoute("evaluated text", `$var(x) = $_s(sip:$rU@$rd);`),
  inRoute("nested variables", `$var(x) = $T_req($hdr(X)) + $T_rpl($ct); $var(y) = $hdr($var(h));`),
  inRoute("texts without variables", `$var(x) = "costs 5 $"; $var(y) = 'a$b';`),
  inRoute(
    "log levels",
    `xlog("L_ERROR", "a\\n"); xlog("L_DEBUG", "b\\n"); xlog("$var(l)", "c\\n"); xlog("L_WARNING", "d\\n");`,
  ),
  inRoute("log", `log(1, "a\\n"); log("b\\n");`),
  inRoute("commands without parentheses", `force_rport;`),
  inRoute(
    "numbers as texts",
    `mf_process_maxfwd_header("10"); setbflag("6"); save("location", "0x04");`,
  ),
  inRoute("numbers in hexadecimal", `setflag(0x1f); $var(x) = 0x10;`),
  inRoute(
    "headers",
    `append_hf("P-X: $si\\r\\n"); remove_hf("P-X"); if (is_present_hf("Via")) exit;`,
  ),
  inRoute("selects", `if (@to.tag == "" || @via[1].host == "a" || @msg.supported == "x") exit;`),
  inRoute("status patterns", `if (t_check_status("486|408|[34][0-9][0-9]")) exit;`),
  inRoute("empty statements", `;; if (has_totag()) { exit; };`),
  inRoute(
    "exit and break",
    `switch ($rc) { case 1: exit; break; case -1: case 2: return; default: exit; }`,
  ),
  inRoute(
    "switch with texts",
    `switch ($rU) { case "a": exit; case "b": return; case /"^c.*": exit; }`,
  ),
  inRoute(
    "fall-through",
    `switch ($rm) { case "INVITE": setflag(1); case "BYE": setflag(2); break; }`,
  ),
  inRoute("loop with a counter", `$var(i) = 0; while ($var(i) < 5) { $var(i) = $var(i) + 1; }`),
  inRoute("loop that is left", `while (1) { if (has_totag()) { break; } xlog("a\\n"); }`),
  inRoute(
    "loop that is left by return",
    `while (1) { if (has_totag()) { return; } xlog("a\\n"); }`,
  ),
  inRoute("loop over something else", `while ($avp(x) != $null) { xlog("a\\n"); }`),
  inRoute("loop with a function", `while (is_int("$var(i)")) { xlog("a\\n"); }`),
  whole(
    "loop that calls a route",
    `request_route {\n while ($var(i) < 5) { route(A); }\n}\nroute[A] { $var(i) = $var(i) + 1; }`,
  ),
  inRoute("if without else", `if (has_totag()) exit; else if (is_request()) return; xlog("a\\n");`),
  whole(
    "recursion with an end",
    `request_route { route(A); }\nroute[A] { if ($var(i) > 5) return; $var(i) = $var(i) + 1; route(A); }`,
  ),
  whole(
    "arming routes",
    `request_route {\n t_on_failure("F"); t_on_branch("B"); t_on_reply("R"); t_on_branch_failure("x");\n t_relay();\n}\nfailure_route[F] { if (t_is_canceled()) exit; t_drop_replies(); t_relay(); }\nbranch_route[B] { t_on_reply("R"); }\nonreply_route[R] { xlog("a\\n"); }\nevent_route[tm:branch-failure:x] { t_relay(); }`,
  ),
  whole("taking routes back", `request_route { t_on_failure("0"); t_relay(); }`),
  whole(
    "computed routes",
    `request_route { route("A$var(x)"); route($var(y)); t_on_failure("$var(z)"); }\nroute[A1] { exit; }`,
  ),
  whole(
    "numbered routes",
    `request_route { route(1); }\nroute[1] { t_on_failure("2"); t_relay(); }\nfailure_route[2] { exit; }`,
  ),
  whole(
    "routes as conditions",
    `request_route { if (route(A)) exit; if (route(A) == 1) exit; $var(x) = route(A); }\nroute[A] { return -1; }`,
  ),
  whole(
    "event routes",
    `request_route { exit; }\nevent_route[tm:local-request] { xlog("$rm\\n"); }\nevent_route[usrloc:contact-expired] { exit; }\nevent_route[core:worker-one-init] { exit; }`,
  ),
  whole(
    "send words in onsend_route",
    `request_route { exit; }\nonsend_route { if (snd_ip == 1.2.3.4 && to_port == 5060) drop; }`,
  ),
  whole(
    "reply routes",
    `request_route { exit; }\nreply_route { if (status == "128") drop; }\nonreply_route[A] { exit; }`,
  ),
  whole(
    "a route shared by two kinds",
    `request_route { t_on_reply("R"); route(A); }\nonreply_route[R] { route(A); }\nroute[A] { if (is_request()) { t_relay(); } }`,
  ),
  whole(
    "flags with names",
    `flags ACC:1, NAT;\nrequest_route { setflag(ACC); if (isflagset(NAT)) resetflag(ACC); setflag("ACC"); }`,
  ),
  whole(
    "defines",
    `#!define FLT_ACC 1\n#!define CODE 404\n#!define TEXT "Not found"\nrequest_route { setflag(FLT_ACC); sl_send_reply(CODE, TEXT); if (FLT_ACC) exit; }`,
  ),
  whole(
    "switches of the author",
    `#!define WITH_AUTH\n#!ifdef WITH_IPAUTH\nport=5061\n#!endif\n#!ifdef WITH_AUTH\nport=5062\n#!endif\n#!ifdef WITH_NAT\nport=5063\n#!endif\nrequest_route { exit; }`,
  ),
  whole(
    "custom parameters",
    `voicemail.srv_ip = "10.0.0.1" desc "server"\nvoicemail.port = 5060 desc "port"\nrequest_route { $du = "sip:" + $sel(cfg_get.voicemail.srv_ip) + ":" + @cfg_get.voicemail.port; }`,
  ),
  whole(
    "module parameters",
    `modparam("usrloc|registrar", "db_mode", 0)\nrequest_route { exit; }`.replace("|registrar", ""),
  ),
  whole(
    "parameters for several modules",
    `modparam("tm|nosuchmodule", "fr_timer", 5)\nmodparam("registrar", "received_avp", "$avp(i:42)")\nmodparam("tm", "fr_timer_avp", "$avp(t)")\nmodparam("usrloc", "use_domain", 1)\nmodparam("usrloc", "use_domain", yes)\nrequest_route { exit; }`,
  ),
  [
    "global parameters",
    `debug=2\nlog_stderror=no\nmemdbg=5\nmemlog=5\nlog_facility=LOG_LOCAL0\nfork=yes\nchildren=4\ndisable_tcp=on\nauto_aliases=no\nalias="sip.example.com"\nalias=example.com:5060\nlisten=udp:127.0.0.1:5060\nlisten=udp:[::1]:5060 advertise 1.2.3.4:5080 name "a"\nport=5060\nserver_header="Server: X"\nserver_signature=no\nmax_branches=30\ntos=0x10\nudp_mtu=1300\nudp_mtu_try_proto=TCP\ndns_udp_pref=-1\nrequest_route { exit; }\n`,
  ],
  [
    "log_prefix",
    `loadmodule "pv.so"\nlog_prefix="{$mt $hdr(CSeq) $ci} "\nrequest_route { exit; }\n`,
  ],
  [
    "modules by path",
    `loadmodule "modules/tm/tm.so"\nloadmodule "/usr/lib/kamailio/modules/sl.so"\nloadmodule "pv"\nrequest_route { t_relay(); }\n`,
  ],
  [
    "a module that is not built does not spread",
    `loadmodule "pv.so"\nloadmodule "tm.so"\nrequest_route { t_relay(); $var(x) = 1; }\n`,
  ],
];
