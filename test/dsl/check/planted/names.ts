/** Faults: names that do not exist. */
import { bare, type Fault, inRoute, whole } from "./fault.ts";

export const names: readonly Fault[] = [
  inRoute("unknown function", "E301", `foo_bar();`),
  inRoute("misspelt function", "E301", `t_realy();`),
  inRoute("misspelt function in a condition", "E301", `if (!t_relai()) { exit; }`),
  inRoute(
    "misspelt function beside others",
    "E301",
    `if (is_method("INVITE") && has_totg()) exit;`,
  ),
  inRoute("function in capital letters", "E301", `XLOG("a");`),
  inRoute("misspelt core function", "E301", `set_flag(1);`),
  inRoute("unknown function as a value", "E301", `$var(x) = foo_bar();`),
  inRoute("unknown function in an argument", "E301", `$var(x) = 1 + foo_bar();`),
  whole(
    "unknown function in a sub-route",
    "E301",
    `request_route {\n  route(A);\n}\nroute[A] {\n  lokup("location"); #^\n}`,
  ),
  whole(
    "unknown function in a failure route",
    "E301",
    `request_route {\n  t_on_failure("F");\n}\nfailure_route[F] {\n  t_chek_status("408"); #^\n}`,
  ),
  inRoute("function that is not built", "E316", `t_uac_send("OPTIONS");`),

  inRoute("unknown variable", "E302", `$var(x) = $zzq;`),
  inRoute("misspelt variable", "E302", `$var(x) = $retcod;`),
  inRoute("unknown variable with a name", "E302", `$vat(x) = 1;`),
  inRoute("unknown variable in a text", "E302", `xlog("call from $fx\\n");`),
  inRoute("unknown variable with a name in a text", "E302", `xlog("$hrd(From)\\n");`),
  inRoute("unknown variable in parentheses in a text", "E302", `xlog("$(rux{s.len})\\n");`),
  inRoute("unknown variable in a condition", "E302", `if ($sii == "1.2.3.4") exit;`),
  inRoute("unknown variable in a switch", "E302", `switch ($rmm) { case "INVITE": exit; }`),
  inRoute("unknown variable inside another", "E302", `$var(x) = $hdr($vsr(h));`),
  inRoute("unknown variable in $T_req", "E302", `$var(x) = $T_req($rux);`),
  inRoute("unknown variable in the index", "E302", `$var(x) = $(avp(a)[$vra(i)]);`),
  inRoute("unknown variable in a transformation", "E302", `$var(x) = $(ru{s.substr,0,$vra(i)});`),
  inRoute("unknown variable in a reason", "E302", `sl_send_reply("404", "Not $vxr(a)");`),
  inRoute("unknown variable in a header", "E302", `append_hf("X-A: $avb(x)\\r\\n");`),
  inRoute("unknown variable in a substitution", "E302", `subst("/a/$vat(x)/g");`),
  inRoute("unknown variable behind a text", "E302", `$ru = "sip:" + $rUU + "@a.com";`),
  inRoute("unknown variable in $_s", "E302", `$var(x) = $_s(a $vra(b));`),
  bare(
    "unknown variable in log_prefix",
    "E302",
    `log_prefix="{$mtt $ci} " #^\nloadmodule "pv.so"\nrequest_route {\n  exit;\n}`,
  ),
  bare(
    "unknown variable in a parameter",
    "E302",
    `loadmodule "usrloc.so"\nloadmodule "registrar.so"\nloadmodule "pv.so"\nmodparam("registrar", "received_avp", "$awp(rcv)") #^\nrequest_route {\n  save("location");\n}`,
  ),

  inRoute("unknown transformation", "E303", `$var(x) = $(ru{s.lenght});`),
  inRoute("unknown class of transformations", "E303", `$var(x) = $(ru{str.len});`),
  inRoute("unknown transformation in a text", "E303", `xlog("$(ru{uri.usr})\\n");`),
  inRoute("second transformation unknown", "E303", `$var(x) = $(ru{uri.user}{s.tolowr});`),
  inRoute(
    "unknown transformation in an argument",
    "E303",
    `append_hf("X: $(fu{nameaddr.uir})\\r\\n");`,
  ),

  inRoute("unknown route", "E304", `route(NOPE);`),
  whole(
    "misspelt route",
    "E304",
    `request_route {\n  route(RELAYY); #^\n  route(RELAY);\n}\nroute[RELAY] {\n  t_relay();\n}`,
  ),
  whole(
    "route in another case",
    "E304",
    `request_route {\n  route(relay); #^\n  route(RELAY);\n}\nroute[RELAY] {\n  t_relay();\n}`,
  ),
  whole(
    "quoted route",
    "E304",
    `request_route {\n  route("RELAYX"); #^\n  route(RELAY);\n}\nroute[RELAY] {\n  t_relay();\n}`,
  ),
  inRoute("route with a number", "E304", `route(7);`),
  inRoute("unknown route in a condition", "E304", `if (route(CHECK)) exit;`),
  whole(
    "unknown route called twice is one fault",
    "E304",
    `request_route {\n  route(AUTH); #^\n  route(X);\n}\nroute[X] {\n  route(AUTH);\n}`,
  ),
  whole(
    "misspelt definition of a route called twice",
    "E304",
    `request_route {\n  route(NATDETECT);\n  route(X);\n}\nroute[X] {\n  route(NATDETECT);\n}\nroute[NATDETCT] { #^\n  force_rport();\n}`,
  ),
  whole(
    "route that is a failure route",
    "E304",
    `request_route {\n  t_on_failure("F");\n  route(F); #^\n}\nfailure_route[F] {\n  exit;\n}`,
  ),

  inRoute("t_on_failure of nothing", "E305", `t_on_failure("MANAGE_FAILURE");`),
  inRoute("t_on_branch of nothing", "E305", `t_on_branch("MANAGE_BRANCH");`),
  inRoute("t_on_reply of nothing", "E305", `t_on_reply("MANAGE_REPLY");`),
  inRoute("t_on_branch_failure of nothing", "E305", `t_on_branch_failure("bf");`),
  inRoute("t_on_failure with a number", "E305", `t_on_failure("1");`),
  whole(
    "t_on_failure of an onreply_route",
    "E305",
    `request_route {\n  t_on_reply("R");\n  t_on_failure("R"); #^\n}\nonreply_route[R] {\n  exit;\n}`,
  ),
  whole(
    "t_on_failure of a sub-route",
    "E305",
    `request_route {\n  route(R);\n  t_on_failure("R"); #^\n}\nroute[R] {\n  exit;\n}`,
  ),
  whole(
    "misspelt failure route",
    "E305",
    `request_route {\n  t_on_failure("FAILL"); #^\n  t_on_failure("FAIL");\n}\nfailure_route[FAIL] {\n  exit;\n}`,
  ),

  whole("unknown global parameter", "E306", `childrn=4 #^\nrequest_route {\n  exit;\n}`),
  whole(
    "unknown global parameter with a text",
    "E306",
    `log_nam="a" #^\nrequest_route {\n  exit;\n}`,
  ),
  whole("global parameter of the past", "E306", `syn_branch=0 #^\nrequest_route {\n  exit;\n}`),

  inRoute("undeclared flag", "E307", `setflag(FLT_ACC);`),
  whole("misspelt flag", "E307", `flags FLT_ACC:1;\nrequest_route {\n  setflag(FLT_AC); #^\n}`),
  inRoute("undeclared flag in a condition", "E307", `if (isflagset(FLT_NATS)) exit;`),
  inRoute("quoted flag name", "E307", `setflag("NAT");`),

  whole(
    "unknown custom parameter",
    "E308",
    `pstn.gw = "1.2.3.4" desc "gateway"\nrequest_route {\n  $var(x) = $sel(cfg_get.pstn.gateway); #^\n}`,
  ),
  whole(
    "unknown custom parameter in a text",
    "E308",
    `pstn.gw = "1.2.3.4" desc "gateway"\nrequest_route {\n  xlog("$sel(cfg_get.psnt.gw)\\n"); #^\n}`,
  ),
  inRoute("unknown custom parameter in a select", "E308", `$var(x) = @cfg_get.voicemail.srv;`),

  inRoute("unknown select", "E309", `$var(x) = @foo.bar;`),
  inRoute("misspelt part of a select", "E309", `if (@to.tagg == "") exit;`),
  inRoute("unknown select in $sel", "E309", `$var(x) = $sel(form.uri);`),

  inRoute("unknown name in $TV", "E310", `$var(x) = $TV(zz);`),
  inRoute("unknown name in $T", "E310", `$var(x) = $T(replycode);`),
  inRoute("no variable in $T_req", "E310", `$var(x) = $T_req(ru);`),

  inRoute("bare word as an argument", "E218", `xlog(L_INFO, "a\\n");`),
  inRoute("bare word for a method", "E218", `if (is_method(INVITE)) exit;`),
  inRoute("undefined name as an argument", "E218", `sl_send_reply(CODE, "a");`),

  whole(
    "unknown event",
    "W312",
    `event_route[tm:local-requests] { #^\n  exit;\n}\nrequest_route {\n  exit;\n}`,
  ),
  whole(
    "event of no module",
    "W312",
    `event_route[xyz:start] { #^\n  exit;\n}\nrequest_route {\n  exit;\n}`,
  ),
  bare(
    "event of a module that is not loaded",
    "W312",
    `event_route[tm:local-request] { #^\n  exit;\n}\nrequest_route {\n  exit;\n}`,
  ),

  inRoute("unknown method", "W313", `if (is_method("FROBNICATE")) exit;`),
  inRoute("misspelt method", "E314", `if (is_method("INVTE")) exit;`),
  inRoute("misspelt method in a list", "E314", `if (is_method("INVITE|SUBSRCIBE")) exit;`),
  inRoute("method in small letters", "E314", `if (is_method("invite")) exit;`),
  inRoute("misspelt method compared", "E314", `if (method == "REGISTR") exit;`),
  inRoute("misspelt method compared without quotes", "E314", `if (method == REGISTR) exit;`),
  inRoute("misspelt method compared with $rm", "E314", `if ($rm == "OPTION") exit;`),
  inRoute("misspelt method compared with !=", "E314", `if ($rm != "CANCLE") exit;`),

  inRoute("unknown log level", "E317", `xlog("L_FOO", "a\\n");`),
  inRoute("misspelt log level", "W320", `xlog("L_INF", "a\\n");`),
  inRoute("log level without L_", "E317", `xlog("INFO", "a\\n");`),
  inRoute("log level in small letters", "E317", `xlog("l_info", "a\\n");`),

  whole(
    "misspelt name in #!ifdef",
    "W315",
    `#!define WITH_NATS\n#!ifdef WITH_NATS\nport=5062\n#!endif\n#!ifdef WITH_NTAS /*^*/\nport=5061\n#!endif\nrequest_route {\n  exit;\n}`,
  ),
  whole(
    "misspelt name in #!ifndef",
    "W315",
    `#!define WITH_ALIASDB\n#!ifdef WITH_ALIASDB\nport=5062\n#!endif\n#!ifndef WITH_ALISDB /*^*/\nport=5061\n#!endif\nrequest_route {\n  exit;\n}`,
  ),
  whole(
    "misspelt #!define",
    "W315",
    `#!define WITH_AUHT /*^*/\n#!ifdef WITH_AUTH\nport=5062\n#!endif\n#!ifdef WITH_AUTH\nport=5061\n#!endif\nrequest_route {\n  exit;\n}`,
  ),
  bare(
    "misspelt #!ifdef that leaves out a module",
    "E321",
    `#!define WITH_NAT\n#!ifdef WITH_NTA /*^*/\nloadmodule "tm.so"\n#!endif\n#!ifdef WITH_NAT\nport=5062\n#!endif\nrequest_route {\n  t_relay();\n}`,
  ),
];
