/** Faults: modules, their order, their parameters; global parameters. */
import { bare, type Fault, whole } from "./fault.ts";

const route = `request_route {\n  exit;\n}`;

export const moduleFaults: readonly Fault[] = [
  bare("unknown module", "E501", `loadmodule "qwertz.so" #^\n${route}`),
  bare(
    "misspelt module",
    "E501",
    `loadmodule "tmm.so" #^\nmodparam("tm", "fr_timer", 5)\nrequest_route {\n  t_relay();\n}`,
  ),
  bare("misspelt module without .so", "E501", `loadmodule "usrlock" #^\n${route}`),
  bare("module with a path", "E501", `loadmodule "modules/tn/tn.so" #^\n${route}`),
  bare(
    "module that is not built",
    "E510",
    `loadmodule "dispatcher.so" #^\nmodparam("dispatcher", "flags", 2)\nrequest_route {\n  ds_select_dst("1", "4");\n}`,
  ),

  bare(
    "function of a module that is not loaded",
    "E502",
    `loadmodule "sl.so"\nrequest_route {\n  t_relay(); #^\n}`,
  ),
  bare(
    "many functions of one missing module",
    "E502",
    `loadmodule "sl.so"\nrequest_route {\n  t_newtran(); #^\n  t_relay();\n  t_release();\n}`,
  ),
  bare(
    "variable of a module that is not loaded",
    "E502",
    `loadmodule "xlog.so"\nrequest_route {\n  xlog("$ru\\n"); #^\n}`,
  ),
  bare(
    "variables of a module that is not loaded",
    "E502",
    `loadmodule "sl.so"\nrequest_route {\n  $var(x) = 1; #^\n  $var(y) = $ru;\n}`,
  ),
  bare(
    "transformation of a module that is not loaded",
    "E502",
    `loadmodule "pv.so"\nrequest_route {\n  $var(x) = $(ru{re.subst,/a/b/}); #^\n}`,
  ),
  bare(
    "function of a module that is not built",
    "E502",
    `loadmodule "sl.so"\nrequest_route {\n  dlg_manage(); #^\n}`,
  ),
  bare(
    "variable of a module that is not built",
    "E502",
    `loadmodule "pv.so"\nrequest_route {\n  $var(x) = $sht(a=>b); #^\n}`,
  ),
  bare(
    "parameter of a module that is not loaded",
    "E502",
    `loadmodule "sl.so"\nmodparam("tm", "fr_timer", 5) #^\n${route}`,
  ),
  bare(
    "misspelt module of a parameter",
    "E502",
    `loadmodule "usrloc.so"\nmodparam("usrlok", "db_mode", 0) #^\n${route}`,
  ),
  bare(
    "dependency that is not loaded",
    "E502",
    `loadmodule "sl.so"\nloadmodule "registrar.so" #^\n${route}`,
  ),
  bare(
    "one of two dependencies",
    "E502",
    `loadmodule "tm.so"\nloadmodule "pua.so"\nloadmodule "pua_reginfo.so" #^\n${route}`,
  ),

  bare(
    "module twice",
    "E503",
    `loadmodule "tm.so"\nloadmodule "sl.so"\nloadmodule "tm.so" #^\n${route}`,
  ),
  bare(
    "module twice, spelled differently",
    "E503",
    `loadmodule "tm.so"\nloadmodule "tm" #^\n${route}`,
  ),
  bare("tmx before tm", "E504", `loadmodule "tmx.so" #^\nloadmodule "tm.so"\n${route}`),
  bare(
    "registrar before usrloc",
    "E504",
    `loadmodule "registrar.so" #^\nloadmodule "usrloc.so"\n${route}`,
  ),
  bare(
    "parameter before its module",
    "E505",
    `modparam("usrloc", "db_mode", 0) #^\nloadmodule "usrloc.so"\n${route}`,
  ),
  bare(
    "route before its module",
    "E505",
    `request_route {\n  t_relay(); #^\n}\nloadmodule "tm.so"`,
  ),

  whole("unknown parameter", "E506", `modparam("tm", "fr_timerr", 5) #^\n${route}`),
  whole("parameter of another module", "E506", `modparam("sl", "fr_timer", 5) #^\n${route}`),
  whole("parameter that one of two lacks", "E506", `modparam("tm|sl", "fr_timer", 5) #^\n${route}`),
  whole("parameter that is not built", "E316", `modparam("tm", "relay_100", 1) #^\n${route}`),
  whole("text for a number", "E507", `modparam("tm", "fr_timer", "5") #^\n${route}`),
  whole("number for a text", "E507", `modparam("usrloc", "db_url", 5) #^\n${route}`),
  whole("text for a flag", "E507", `modparam("usrloc", "use_domain", "yes") #^\n${route}`),
  whole("number too low", "E508", `modparam("tm", "fr_timer", -5) #^\n${route}`),
  whole("number too high", "E508", `modparam("usrloc", "nat_bflag", 32) #^\n${route}`),
  whole("none of the values", "E508", `modparam("usrloc", "db_mode", 9) #^\n${route}`),
  whole("no variable", "E508", `modparam("registrar", "received_avp", "received") #^\n${route}`),
  whole("no avp", "E508", `modparam("tm", "fr_timer_avp", "$ru") #^\n${route}`),
  whole(
    "unknown variable for an avp",
    "E302",
    `modparam("tm", "fr_timer_avp", "$awp(x)") #^\n${route}`,
  ),
  whole("no URI", "E508", `modparam("pua_reginfo", "server_address", "example.com") #^\n${route}`),
  whole("status out of range", "E508", `modparam("sl", "default_code", 42) #^\n${route}`),
  whole(
    "misspelt module beside a right one",
    "W511",
    `modparam("registrar|usrlok", "default_expires", 60) #^\n${route}`,
  ),
];

export const globalFaults: readonly Fault[] = [
  bare("text for a number", "E420", `children="4" #^\n${route}`),
  bare("word for yes or no", "E420", `auto_aliases=maybe #^\n${route}`),
  bare("YES in capital letters", "E420", `disable_tcp=YES #^\n${route}`),
  bare("quoted yes", "E420", `disable_tcp="yes" #^\n${route}`),
  bare("number for a text", "E420", `server_header=5 #^\n${route}`),
  bare("word for a text", "E420", `log_name=proxy #^\n${route}`),
  bare("unknown facility", "E420", `log_facility=LOG_LOCAL9 #^\n${route}`),
  bare("quoted facility", "E420", `log_facility="LOG_LOCAL0" #^\n${route}`),
  bare("unknown transport", "E420", `udp_mtu_try_proto=FOO #^\n${route}`),
  bare("port out of range", "E421", `port=70000 #^\n${route}`),
  bare("too many branches", "E421", `max_branches=31 #^\n${route}`),
  bare("no branches", "E421", `max_branches=0 #^\n${route}`),
  bare("unknown style", "E421", `ipv6_hex_style="x" #^\n${route}`),
  bare("header without its name", "E421", `server_header="My Proxy" #^\n${route}`),
  bare("advertised port out of range", "E421", `advertised_port=99999 #^\n${route}`),
  bare("port to listen on", "E422", `listen=udp:127.0.0.1:99999 #^\n${route}`),
  bare("address to listen on", "E219", `listen=udp:127.0.0.300:5060 #^\n${route}`),
  bare(
    "advertised port of a socket",
    "E422",
    `listen=udp:127.0.0.1:5060 advertise 1.2.3.4:99999 #^\n${route}`,
  ),
  bare("alias with a port out of range", "E422", `alias=example.com:70000 #^\n${route}`),
  bare("alias with a port in a string", "W430", `alias="example.org:5080" #^\n${route}`),
  bare("alias with a blank", "W430", `alias="my host" #^\n${route}`),
  bare("custom parameter twice", "E614", `a.b = 1 desc "x"\na.b = 2 desc "y" #^\n${route}`),
  bare("flag declared twice", "E615", `flags A:1, B:2;\nflags A:3; #^\n${route}`),
];
